"""A case folder into the database: all of it in one transaction, or nothing."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from regions.importing import mirrors, place_checks, tables
from regions.importing.archive import CaseArchive
from regions.importing.batches import operating_system_user
from regions.importing.case_reader import CaseRows, read_case
from regions.importing.case_tables import CaseTables, registered_case_tables
from regions.importing.checks import run_checks
from regions.importing.facts import FactsLoader
from regions.importing.folder import CaseFolder
from regions.importing.journal import FACT_MODELS, Journal
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.models import Case, ImportBatch

Progress = Callable[[int, int, str], None]
Outcome = Literal["loaded", "unchanged", "checked"]

DATA_SUFFIXES = (".csv", ".json", ".geojson")


@dataclass(frozen=True)
class ImportResult:
    """What an import did. `checked`: a dry run, nothing stored."""

    outcome: Outcome
    case_name: str
    problems: Problems
    missing_optional: tuple[str, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)
    changes: dict[str, dict[str, int]] = field(default_factory=dict)
    batch: ImportBatch | None = None


@dataclass(frozen=True)
class ReadFolder:
    """A folder that was read and checked, with the rows of every registered loader."""

    case: CaseRows
    further: list[tuple[CaseTables, Any]]
    digests: dict[str, str]
    problems: Problems
    missing_optional: tuple[str, ...]
    label: str


class CaseExists(Exception):
    """A case of this name was imported from other files; the caller did not ask to replace it."""

    def __init__(self, name: str, differences: list[str]) -> None:
        super().__init__(
            f'The case "{name}" is already there and the files differ ({"; ".join(differences)}). '
            "Nothing was changed. Give --replace to update it, or --name for a second case."
        )


def read_folder(path: Path | str, name: str | None = None) -> ReadFolder:
    """Reads and checks a case folder without a database; raises ImportRefused with every problem found."""
    folder = open_case(path)
    loaders = registered_case_tables()
    further_files = tuple(file for loader in loaders for file in loader.files)
    problems = Problems(unknown_files(folder, (*tables.FACT_FILES, *further_files)))
    case, faults = read_case(folder, name)
    problems.extend(faults)
    problems.extend(folder.unreadable(further_files))
    if case is None or folder.unreadable(further_files):
        raise ImportRefused(problems)
    problems.extend(run_checks(case))
    problems.extend(place_checks.run_checks(case))
    problems.extend(mirrors.run_checks(case))
    further = []
    for loader in loaders:
        rows, faults_further = loader.read(folder, case.context())
        problems.extend(faults_further)
        further.append((loader, rows))
    if problems.errors:
        raise ImportRefused(problems)
    files = (*tables.FACT_FILES, *further_files)
    missing = (*case.missing_optional, *(file for file in further_files if not folder.has(file)))
    return ReadFolder(case, further, folder.digests(files), problems, missing, folder.name)


def open_case(path: Path | str) -> CaseFolder:
    """The files of a directory or of a zip file; raises ImportRefused where it is neither."""
    path = Path(path)
    if path.is_dir():
        return CaseFolder(path)
    if zipfile.is_zipfile(path):
        return CaseArchive(path)
    expectation = "expected a directory, or a zip file, with the files of a case"
    raise ImportRefused(Problems([Problem(str(path), 0, "", "", expectation, "missing_folder")]))


def unknown_files(folder: CaseFolder, known: tuple[str, ...]) -> list[Problem]:
    """Data files that nobody reads: most likely a slip in the name."""
    expectation = f"not a known file, ignored; known are {', '.join(sorted(known))}"
    return [
        Problem(file, 0, "", "", expectation, "unknown_file", "warning")
        for file in folder.names()
        if file.endswith(DATA_SUFFIXES) and file not in known
    ]


def import_case(
    path: Path | str,
    *,
    name: str | None = None,
    replace: bool = False,
    dry_run: bool = False,
    user: Any = None,
    progress: Progress | None = None,
) -> ImportResult:
    """Imports a case folder; raises ImportRefused or CaseExists, and then nothing has changed.

    A case that was imported from the very same files is left alone, unless `replace` is given.
    """
    read = read_folder(path, name)
    case_name = read.case.description.name
    with transaction.atomic():
        case = Case.objects.select_for_update().filter(name=case_name).first()
        if case is not None and not replace:
            before = current_digests(case)
            if before == read.digests:
                return ImportResult("unchanged", case_name, read.problems, read.missing_optional)
            raise CaseExists(case_name, differences(before, read.digests))
        batch, changes = load(read, case, read.label, user, progress)
        if dry_run:
            transaction.set_rollback(True)
    return ImportResult(
        outcome="checked" if dry_run else "loaded",
        case_name=case_name,
        problems=read.problems,
        missing_optional=read.missing_optional,
        rows=batch.rows,
        changes=changes,
        batch=None if dry_run else batch,
    )


def load(
    read: ReadFolder, case: Case | None, label: str, user: Any, progress: Progress | None
) -> tuple[ImportBatch, dict[str, dict[str, int]]]:
    """Stores everything that was read, inside the caller's transaction."""
    journal = Journal(case, (*FACT_MODELS, *(model for loader, _ in read.further for model in loader.models)))
    case = store_case(read.case, case)
    earlier = ImportBatch.objects.filter(case=case, kind=ImportBatch.Kind.CASE_FOLDER, status=ImportBatch.Status.LOADED)
    earlier_ids = list(earlier.values_list("pk", flat=True))
    batch = ImportBatch.objects.create(
        case=case,
        label=label,
        files=read.digests,
        digest=hashlib.sha256(json.dumps(read.digests, sort_keys=True).encode()).hexdigest(),
        problems=read.problems.as_json(),
        user=user if getattr(user, "pk", None) else None,
        user_name=user.get_username() if getattr(user, "pk", None) else operating_system_user(),
    )
    facts = FactsLoader(read.case, case, batch, progress)
    facts.store()
    rows = facts.row_counts()
    for loader, further_rows in read.further:
        rows.update(loader.load(case, further_rows, batch))
    problems = facts.delete_stale()
    if problems:
        raise ImportRefused(Problems([*read.problems, *problems]))
    journal.compare(case)
    journal.store(batch)
    ImportBatch.objects.filter(pk__in=earlier_ids).update(status=ImportBatch.Status.SUPERSEDED, superseded_by=batch)
    batch.rows = rows
    batch.changes = facts.changes()
    batch.status = ImportBatch.Status.LOADED
    batch.finished_at = timezone.now()
    batch.save()
    return batch, batch.changes


def store_case(rows: CaseRows, case: Case | None) -> Case:
    """The case itself, created or brought in line with its description."""
    described = rows.description
    values = {
        "title": described.title,
        "year": described.year,
        "currency": described.currency,
        "price_year": described.price_year,
        "description": described.description,
        "sources": [dict(source) for source in described.sources],
        "mirror_rule": described.mirror_rule,
        "making": rows.making,
    }
    if case is None:
        return Case.objects.create(name=described.name, **values)
    if any(getattr(case, field_name) != value for field_name, value in values.items()):
        for field_name, value in values.items():
            setattr(case, field_name, value)
        case.version += 1
        case.save()
    return case


def current_digests(case: Case) -> dict[str, str]:
    """Digests of the files that the case was last imported from."""
    batch = ImportBatch.objects.filter(
        case=case, kind=ImportBatch.Kind.CASE_FOLDER, status=ImportBatch.Status.LOADED
    ).first()
    return dict(batch.files) if batch else {}


def differences(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Which files changed, came or went, in words."""
    changed = sorted(file for file in before.keys() & now.keys() if before[file] != now[file])
    words = (
        ("changed", changed),
        ("new", sorted(now.keys() - before.keys())),
        ("gone", sorted(before.keys() - now.keys())),
    )
    return [f"{word}: {', '.join(files)}" for word, files in words if files]
