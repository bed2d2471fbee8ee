"""Official files into the database: every file of one call in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.db import models, transaction

from regions.importing.batches import (
    FileResult,
    Progress,
    Status,
    batch_of,
    close_batch,
    coverage_conflicts,
    one_import_at_a_time,
    open_batch,
    superseded_problem,
)
from regions.importing.bulk import bulk_writer
from regions.importing.columnar import Chunk, ColumnarFile
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.streams import DataFile, inspect
from regions.models import ImportBatch


class OfficialFile(Protocol):
    """A reader of one file: `check` goes through it once, `rows` then gives what is to be stored."""

    source: DataFile
    file: ColumnarFile

    def check(self, progress: Progress | None = None) -> Problems: ...

    def rows(self) -> Iterator[Chunk]: ...


class FileQuality(Protocol):
    """What is counted over the rows of one file."""

    rows: int

    def add(self, chunk: Chunk) -> None: ...

    def coverage(self) -> list[str]: ...

    def as_json(self) -> dict[str, Any]: ...

    def problems(self) -> list[Problem]: ...


@dataclass(frozen=True)
class Format:
    """One kind of official file: how it is read, what is counted, and where its rows go."""

    kind: str
    model: type[models.Model]
    read: Callable[[DataFile], Any]
    quality: Callable[[Any], FileQuality]
    columns: Callable[[Any, Chunk, ImportBatch], dict[str, Any]]


def import_official(
    format: Format,
    paths: Iterable[Path | str],
    *,
    replace: bool = False,
    dry_run: bool = False,
    user: Any = None,
    progress: Progress | None = None,
) -> list[FileResult]:
    """Imports files of one format, one batch for each; raises ImportRefused, and then nothing has changed.

    A file that was imported before is left alone. What another file covers is refused unless `replace`;
    the rows it replaces are kept and come back when the new batch is undone. A dry run stores and undoes nothing.
    """
    problems = Problems()
    files = []
    for path in paths:
        try:
            file: OfficialFile = format.read(inspect(path))
            found = file.check(progress)
        except ImportRefused as refusal:
            problems.merge(refusal.problems)
            continue
        if found.error_count:
            problems.merge(found)
        files.append((file, found))
    problems.extend(twice_given([file.source for file, _ in files]))
    if problems.error_count:
        raise ImportRefused(problems)
    with transaction.atomic():
        one_import_at_a_time()
        results = [load_file(format, file, found, replace, dry_run, user, progress) for file, found in files]
        for result in results:
            problems.extend(problem for problem in result.problems if problem.severity == "error")
        if problems.error_count:
            raise ImportRefused(problems)
        if dry_run:
            transaction.set_rollback(True)
    return results


def twice_given(sources: list[DataFile]) -> list[Problem]:
    """The same content under two names in one call."""
    seen: dict[str, str] = {}
    problems = []
    for source in sources:
        if source.sha256 in seen:
            expectation = f"expected each file once; it holds the same bytes as {seen[source.sha256]}"
            problems.append(Problem(source.name, 0, "", "", expectation, "same_file_twice"))
        seen.setdefault(source.sha256, source.name)
    return problems


def load_file(
    format: Format,
    file: OfficialFile,
    problems: Problems,
    replace: bool,
    dry_run: bool,
    user: Any,
    progress: Progress | None,
) -> FileResult:
    """One checked file, inside the caller's transaction; conflicts are errors of the result."""
    source = file.source
    known = batch_of(format.kind, source)
    if known is not None and known.status == Status.LOADED:
        return FileResult(source.name, "unchanged", sum(known.rows.values()), known.quality, problems, known)
    result = FileResult(source.name, "checked" if dry_run else "loaded", problems=problems)
    if known is not None:
        problems.add(superseded_problem(known, source))
        return result
    batch = open_batch(format.kind, source, user)
    quality = format.quality(file)
    write = bulk_writer(format.model)
    for chunk in file.rows():
        quality.add(chunk)
        if chunk.size and not dry_run:
            write(format.columns(file, chunk, batch))
        if progress:
            progress(file.file.records, source.lines, f"{'reading' if dry_run else 'storing'} {source.name}")
    coverage = quality.coverage()
    replaced, conflicts = coverage_conflicts(format.kind, source, coverage, replace)
    problems.extend(conflicts)
    problems.extend(quality.problems())
    result.rows, result.quality, result.replaced = quality.rows, quality.as_json(), replaced
    close_batch(batch, result, coverage, replaced)
    # The record of a dry run goes with its transaction.
    result.batch = None if dry_run else batch
    return result
