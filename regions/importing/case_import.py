"""One table into a case that is there: checked, stored and kept with its changes in one transaction, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from regions.importing.batches import one_import_at_a_time, operating_system_user
from regions.importing.journal import Journal, Model
from regions.importing.mapped import MappedRows, read_mapped
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.requests import Report, Request
from regions.importing.schema import Row, Table
from regions.importing.sniffing import open_table
from regions.importing.streams import digest_of
from regions.importing.sync import sync
from regions.models import Case, Crossing, Economy, ImportBatch, Region, Sector

PORT_DIGITS = 4
SHOWN_CODES = 6


@dataclass
class CaseCodes:
    """What the rows of a file may refer to, by code."""

    case: Case
    economies: dict[str, Economy]
    places: dict[str, Region]
    sectors: dict[str, Sector]
    crossings: dict[str, Crossing]

    @classmethod
    def of(cls, case: Case) -> CaseCodes:
        """Everything that the case has."""
        regions = Region.objects.filter(case=case).select_related("economy")
        crossings = Crossing.objects.filter(case=case).select_related("region_a__economy", "region_b__economy")
        return cls(
            case,
            {row.code: row for row in Economy.objects.filter(case=case)},
            {row.code: row for row in regions},
            {row.code: row for row in Sector.objects.filter(case=case)},
            {row.code: row for row in crossings},
        )


@dataclass(frozen=True)
class StoredTable:
    """Rows of one model to be stored: `stored` are the case's rows so far, `wanted` unsaved objects."""

    stored: models.QuerySet
    key: Callable[[Any], Any]
    wanted: list[Any]
    fields: tuple[str, ...]
    # Rows of the case that the file does not have go too: all, or those for which the function says so.
    only_these: bool | Callable[[Any], bool] = False


@dataclass
class Work:
    """An import on its way: what was read, what it may refer to, what is to be stored, what is to be said."""

    request: Request
    read: MappedRows
    codes: CaseCodes
    store: list[StoredTable] = field(default_factory=list)
    quality: dict[str, Any] = field(default_factory=dict)

    def option(self, name: str) -> Any:
        """An option as it was given, or nothing."""
        return self.request.options.get(name)

    def resolve(self, row: Row, column: str, known: dict[str, Any], what: str) -> Any:
        """What a code refers to; a problem where it is unknown. Zeros that a spreadsheet took off are put back."""
        code = row[column]
        if code in known:
            return known[code]
        padded = str(code).zfill(PORT_DIGITS)
        if str(code).isdigit() and padded in known:
            restored = self.quality.setdefault("leading_zeros_restored", {})
            restored[column] = restored.get(column, 0) + 1
            return known[padded]
        some = ", ".join(sorted(known)[:SHOWN_CODES]) + (", ..." if len(known) > SHOWN_CODES else "")
        expectation = f"expected {what} of the case {self.codes.case.name} ({some or 'it has none'})"
        self.read.problem(row, column, expectation, "unknown_code")
        return None

    def implausible(self, row: Row | None, column: str, expectation: str, value: str = "") -> None:
        """A number that is most likely in another unit: an error, unless the person says that it is right."""
        severity = "warning" if self.option("accept_implausible") else "error"
        hint = "" if severity == "warning" else "; if it is right, accept implausible numbers"
        self.read.problem(row, column, expectation + hint, "implausible_unit", severity, value)


@dataclass(frozen=True)
class CaseImporter:
    """How one kind of table is imported. `plan` checks the rows and says what to store; `verify` looks at the result."""

    id: str
    kind: ImportBatch.Kind
    table: Table
    models: tuple[Model, ...]
    plan: Callable[[Work], None]
    verify: Callable[[Work], Iterable[Problem]] | None = None
    # Columns beside the required ones of which the file must have at least one.
    one_of: tuple[str, ...] = ()
    # How the file is read, where it is not a table that fits in memory.
    read: Callable[[Request], MappedRows] | None = None

    def run(self, request: Request) -> Report:
        """Imports one file; raises ImportRefused, and then nothing has changed."""
        if self.read:
            read = self.read(request)
        else:
            source = open_table(request.path, request.options)
            read = read_mapped(source, self.table, request.mapping, request.progress)
        if self.one_of and not read.given & set(self.one_of) and not read.shapes and not read.problems.errors:
            read.problem(None, "", f"expected one of the columns {', '.join(self.one_of)}", "missing_column")
        assert request.case is not None
        with transaction.atomic():
            one_import_at_a_time()
            case = Case.objects.select_for_update().get(pk=request.case.pk)
            work = Work(replace(request, case=case), read, CaseCodes.of(case))
            self.plan(work)
            refuse_errors(read.problems)
            journal = Journal(case, self.models)
            batch = begin(self.kind, work)
            for position, one in enumerate(work.store):
                if request.progress:
                    request.progress(position, len(work.store), f"storing {request.path.name}")
                store(one, batch)
            for problem in self.verify(work) if self.verify else ():
                read.problems.add(problem)
            refuse_errors(read.problems)
            journal.compare(case)
            report = self.report(work, journal)
            if request.dry_run or not journal.anything:
                transaction.set_rollback(True)
            else:
                finish(batch, work, journal)
                report.batches = (batch,)
        return report

    def report(self, work: Work, journal: Journal) -> Report:
        """What was done, or would be."""
        outcome = "checked" if work.request.dry_run else "loaded" if journal.anything else "unchanged"
        if work.quality.get("leading_zeros_restored"):
            for column, count in work.quality["leading_zeros_restored"].items():
                words = f"leading zero of the code lost in {count} rows, put back"
                work.read.problem(None, column, words, "zero_restored", "warning")
        return Report(
            self.id,
            outcome,  # type: ignore[arg-type]
            rows={work.read.file: work.read.count},
            changes=journal.counts(),
            differences=journal.differences(),
            quality=work.quality,
            problems=work.read.problems,
            case_name=work.codes.case.name,
        )


def refuse_errors(problems: Problems) -> None:
    """Ends the import where anything is wrong."""
    if problems.error_count:
        raise ImportRefused(problems)


def begin(kind: ImportBatch.Kind, work: Work) -> ImportBatch:
    """The record of an import that begins."""
    request = work.request
    known = getattr(request.user, "pk", None) is not None
    sha256 = digest_of(request.path)
    return ImportBatch.objects.create(
        case=request.case,
        kind=kind,
        label=request.path.name[:200],
        files={request.path.name: sha256},
        digest=sha256,
        user=request.user if known else None,
        user_name=request.user.get_username() if known else operating_system_user(),
    )


def finish(batch: ImportBatch, work: Work, journal: Journal) -> None:
    """The import is complete."""
    journal.store(batch)
    batch.rows = {work.read.file: work.read.count}
    batch.changes = journal.counts()
    batch.quality = {
        **work.quality,
        "mapping": dict(work.request.mapping),
        "options": json.loads(json.dumps(dict(work.request.options), default=str)),
    }
    batch.problems = work.read.problems.as_json()
    batch.status = ImportBatch.Status.LOADED
    batch.finished_at = timezone.now()
    batch.save()


def store(one: StoredTable, batch: ImportBatch) -> None:
    """Creates and updates rows; rows that the file does not have stay, unless only its own are wanted."""
    synced = sync(one.stored, one.key, one.wanted, one.fields, batch, partial=True)
    if one.only_these:
        model = one.stored.model
        gone = [row.pk for row in synced.stale if one.only_these is True or one.only_these(row)]
        for start in range(0, len(gone), 1000):
            model._default_manager.filter(pk__in=gone[start : start + 1000]).delete()
