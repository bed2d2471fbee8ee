"""Batches of official files: the same file changes nothing, what is covered is covered once, all of it or nothing."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import connection
from django.utils import timezone

from regions.importing.problems import Problem, Problems
from regions.importing.streams import DataFile
from regions.models import Case, ImportBatch

Outcome = Literal["loaded", "unchanged", "checked"]
Progress = Callable[[int, int, str], None]
Status = ImportBatch.Status

# Any number, the same in every process: imports of official files wait for each other.
IMPORT_LOCK = 7_320_211


@dataclass
class FileResult:
    """What became of one file."""

    name: str
    outcome: Outcome
    rows: int = 0
    quality: dict[str, Any] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)
    batch: ImportBatch | None = None
    replaced: list[ImportBatch] = field(default_factory=list)


def one_import_at_a_time() -> None:
    """Held to the end of the transaction; SQLite's transactions are alone by themselves."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])


def batch_of(kind: str, source: DataFile, case: Case | None = None) -> ImportBatch | None:
    """The batch that brought this very file, if its rows are still there."""
    batches = ImportBatch.objects.filter(kind=kind, digest=source.sha256, case=case)
    return batches.filter(status__in=(Status.LOADED, Status.SUPERSEDED)).order_by("status").first()


def superseded_problem(batch: ImportBatch, source: DataFile) -> Problem:
    """An older issue that comes again after a newer one replaced it."""
    later = batch.superseded_by_id
    expectation = f"expected a file that was not replaced yet; batch {later} replaced it: undo that one to go back"
    return Problem(source.name, 0, "", "", expectation, "superseded_file")


def coverage_conflicts(
    kind: str, source: DataFile, coverage: Iterable[str], replace: bool, case: Case | None = None
) -> tuple[list[ImportBatch], list[Problem]]:
    """Loaded batches that cover some of the same; problems where they may not be replaced or would leave a hole."""
    wanted = set(coverage)
    replaced: list[ImportBatch] = []
    problems: list[Problem] = []
    for batch in ImportBatch.objects.filter(kind=kind, status=Status.LOADED, case=case).order_by("pk"):
        shared = sorted(wanted.intersection(batch.coverage))
        if not shared:
            continue
        lost = sorted(set(batch.coverage) - wanted)
        words = f"{some(shared)} came with batch {batch.pk} ({batch.label})"
        if not replace:
            expectation = f"expected what is not imported yet; {words}: give --replace, or undo that batch first"
            problems.append(Problem(source.name, 0, "", "", expectation, "already_covered"))
        elif lost:
            expectation = f"expected to cover all of what it replaces; {words}, and this file lacks {some(lost)}"
            problems.append(Problem(source.name, 0, "", "", expectation, "leaves_a_hole"))
        else:
            replaced.append(batch)
    return replaced, problems


def some(names: list[str], shown: int = 6) -> str:
    """The first names and how many more."""
    text = ", ".join(names[:shown])
    return text if len(names) <= shown else f"{text} and {len(names) - shown} more"


def open_batch(kind: str, source: DataFile, user: Any = None, case: Case | None = None) -> ImportBatch:
    """The record of an import that begins."""
    known = getattr(user, "pk", None) is not None
    return ImportBatch.objects.create(
        case=case,
        kind=kind,
        label=source.name[:200],
        files={source.name: source.sha256},
        digest=source.sha256,
        user=user if known else None,
        user_name=user.get_username() if known else operating_system_user(),
    )


def close_batch(batch: ImportBatch, result: FileResult, coverage: list[str], replaced: list[ImportBatch]) -> None:
    """The import is complete: what it covers counts from now on, and what it replaced no longer does."""
    batch.rows = {result.name: result.rows}
    batch.changes = {}
    batch.quality = result.quality
    batch.problems = result.problems.as_json()
    batch.coverage = coverage
    batch.status = Status.LOADED
    batch.finished_at = timezone.now()
    batch.save()
    ImportBatch.objects.filter(pk__in=[old.pk for old in replaced]).update(
        status=Status.SUPERSEDED, superseded_by=batch
    )


def operating_system_user() -> str:
    """Who ran the command; empty where the system does not say."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
