"""Every format that can be imported, behind one interface: detect, look at the columns, dry-run, load, undo.

    formats()                                     all formats, in the order of a menu; each says whether it needs a case,
                                                  whether its columns can be mapped, its fields and options
    detect(path)                                  which formats a file can be, the likeliest first
    read_columns(path, options)                   header, first rows, sheets or layers, coordinate system
    suggest_mapping("tariffs", path)              {field: column of the file}, by names and synonyms
    dry_run("tariffs", path, case, mapping)       everything but storing: problems, quality, what would change
    load("tariffs", path, case, mapping)          the same, stored in one transaction as a batch
    undo(batch_id)                                takes a batch back; raises UndoRefused

`mapping` is {field: column of the file}; a value that begins with `=` stands for every row ("=truck"). Fields that are
not in it are found by their own names and synonyms. `options` are those that the format lists. `progress(done, total,
what)` is called often and is cheap to ignore; raising from it stops the import, and nothing is stored.

A refused input raises ImportRefused, whose `problems` hold every fault (`problems.as_json()`: counts by kind and the
first 50); nothing was changed then. Both calls return a Report (`as_json()` for pages and jobs). A load that would
change nothing returns the outcome "unchanged" and makes no batch. Permissions are the caller's business: planning on
the case where there is one, on all cases where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from regions.importing import case_format, official_formats, table_formats
from regions.importing.columnar import plain_name
from regions.importing.format import Detection, Format
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.requests import FileColumns, Progress, Report, Request
from regions.importing.sniffing import look_at
from regions.importing.undo import Undone, UndoRefused, undo_import
from regions.models import Case

__all__ = [
    "UndoRefused",
    "detect",
    "dry_run",
    "formats",
    "get_format",
    "load",
    "read_columns",
    "suggest_mapping",
    "undo",
]

FORMATS: tuple[Format, ...] = (*case_format.FORMATS, *table_formats.FORMATS, *official_formats.FORMATS)


def formats() -> tuple[Format, ...]:
    """All formats, in the order of a menu."""
    return FORMATS


def get_format(format_id: str) -> Format:
    """One format; KeyError where there is none of that id."""
    for one in FORMATS:
        if one.id == format_id:
            return one
    raise KeyError(format_id)


def read_columns(path: Path | str, options: Mapping[str, Any] | None = None) -> FileColumns:
    """Header and first rows; raises ImportRefused where the file is nothing that can be imported."""
    return look_at(Path(path), options or {})


def detect(path: Path | str) -> list[Detection]:
    """The formats that the file can be, the likeliest first; none where it is something else."""
    seen = read_columns(path)
    found = [Detection(one, one.likeness(seen)) for one in FORMATS]
    return sorted((one for one in found if one.likeness > 0), key=lambda one: -one.likeness)


def suggest_mapping(format_id: str, path: Path | str, options: Mapping[str, Any] | None = None) -> dict[str, str]:
    """For each field the column of the file that has its name or a synonym of it."""
    written = {plain_name(name): name for name in reversed(read_columns(path, options).names)}
    mapping = {}
    for one in get_format(format_id).fields:
        for name in (one.name, *one.synonyms):
            if plain_name(name) in written:
                mapping[one.name] = written[plain_name(name)]
                break
    return mapping


def dry_run(
    format_id: str,
    paths: Path | str | Iterable[Path | str],
    case: Case | None = None,
    mapping: Mapping[str, str] | None = None,
    *,
    options: Mapping[str, Any] | None = None,
    user: Any = None,
    progress: Progress | None = None,
) -> Report:
    """Reads and checks everything, and says what would change; nothing is stored."""
    return run(format_id, paths, case, mapping, options, user, progress, dry=True)


def load(
    format_id: str,
    paths: Path | str | Iterable[Path | str],
    case: Case | None = None,
    mapping: Mapping[str, str] | None = None,
    *,
    options: Mapping[str, Any] | None = None,
    user: Any = None,
    progress: Progress | None = None,
) -> Report:
    """Imports one file (official formats: one or more) in one transaction."""
    return run(format_id, paths, case, mapping, options, user, progress, dry=False)


def run(
    format_id: str,
    paths: Path | str | Iterable[Path | str],
    case: Case | None,
    mapping: Mapping[str, str] | None,
    options: Mapping[str, Any] | None,
    user: Any,
    progress: Progress | None,
    dry: bool,
) -> Report:
    """The request, checked against what the format can do, handed to its importer."""
    found = get_format(format_id)
    files = (Path(paths),) if isinstance(paths, (str, Path)) else tuple(map(Path, paths))
    problems = Problems()

    def refuse(value: str, expectation: str, kind: str) -> None:
        problems.add(Problem(files[0].name if files else "", 0, "", value, expectation, kind))

    if not files or (len(files) > 1 and not found.several_files):
        refuse(f"{len(files)} files", "expected one file", "several_files")
    if found.needs_case and case is None:
        refuse("", "expected a case to import into", "no_case")
    for name in sorted(set(mapping or {}) - {one.name for one in found.fields}):
        refuse(name, "expected a mapping of columns that the format knows", "unknown_column")
    for name in sorted(set(options or {}) - {one.name for one in found.options}):
        refuse(name, "expected options that the format knows", "unknown_option")
    if problems.errors:
        raise ImportRefused(problems)
    return found.run(Request(files, case, mapping or {}, options or {}, dry, user, progress))


def undo(batch_id: int) -> Undone:
    """Takes a batch back; raises UndoRefused with the reason where that is not possible."""
    return undo_import(batch_id)
