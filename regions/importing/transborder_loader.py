"""TransBorder files into the database: every file of one call in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import transaction

from regions.importing import transborder
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
from regions.importing.columnar import Chunk
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.streams import DataFile, inspect
from regions.importing.transborder import TransBorderFile
from regions.importing.transborder_quality import Quality, name_of
from regions.models import ImportBatch, TransBorderFlow

KIND = ImportBatch.Kind.TRANSBORDER


def import_transborder(
    paths: Iterable[Path | str],
    *,
    replace: bool = False,
    dry_run: bool = False,
    user: Any = None,
    progress: Progress | None = None,
) -> list[FileResult]:
    """Imports TransBorder files, one batch for each; raises ImportRefused, and then nothing has changed.

    A file that was imported before is left alone. A month that another file brought is refused unless `replace`;
    the rows it replaces are kept and come back when the new batch is undone. A dry run stores and undoes nothing.
    """
    problems = Problems()
    files = []
    for path in paths:
        try:
            file = TransBorderFile(inspect(path))
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
        results = [load_file(file, found, replace, dry_run, user, progress) for file, found in files]
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
    file: TransBorderFile, problems: Problems, replace: bool, dry_run: bool, user: Any, progress: Progress | None
) -> FileResult:
    """One checked file, inside the caller's transaction; conflicts are errors of the result."""
    source = file.source
    known = batch_of(KIND, source)
    if known is not None and known.status == Status.LOADED:
        return FileResult(source.name, "unchanged", sum(known.rows.values()), known.quality, problems, known)
    result = FileResult(source.name, "checked" if dry_run else "loaded", problems=problems)
    if known is not None:
        problems.add(superseded_problem(known, source))
        return result
    batch = open_batch(KIND, source, user)
    quality = Quality(file)
    write = bulk_writer(TransBorderFlow)
    for chunk in file.rows():
        quality.add(chunk)
        if chunk.size and not dry_run:
            write(database_columns(file, chunk, batch))
        if progress:
            progress(file.file.records, source.lines, f"{'reading' if dry_run else 'storing'} {source.name}")
    coverage = [f"{file.dataset} {name_of(period)}" for period in quality.periods()]
    replaced, conflicts = coverage_conflicts(KIND, source, coverage, replace)
    problems.extend(conflicts)
    problems.extend(Problem(source.name, 0, "", "", words, kind, "warning") for kind, words in quality.warnings())
    result.rows, result.quality, result.replaced = quality.rows, quality.as_json(), replaced
    close_batch(batch, result, coverage, replaced)
    # The record of a dry run goes with its transaction.
    result.batch = None if dry_run else batch
    return result


def database_columns(file: TransBorderFile, chunk: Chunk, batch: ImportBatch) -> dict[str, Any]:
    """A chunk as columns of the table."""
    return {
        "batch": batch.pk,
        "dataset": file.dataset,
        "year": file.values(transborder.YEAR, chunk),
        "month": file.values(transborder.MONTH, chunk, absent=transborder.WHOLE_YEAR),
        "trade_type": file.values(transborder.TRADE_TYPE, chunk),
        "us_state": file.values(transborder.STATE, chunk),
        "port": file.values(transborder.PORT, chunk),
        "commodity": file.values(transborder.COMMODITY, chunk),
        "mode": file.values(transborder.MODE, chunk),
        "mexican_state": file.values(transborder.MEXICAN_STATE, chunk),
        "canadian_province": file.values(transborder.PROVINCE, chunk),
        "country": file.values(transborder.COUNTRY, chunk),
        "goods_origin": file.values(transborder.ORIGIN, chunk),
        "container": file.values(transborder.CONTAINER, chunk),
        "value_usd": file.numbers(transborder.VALUE, chunk),
        "weight_kg": file.numbers(transborder.WEIGHT, chunk),
        "freight_charges_usd": file.numbers(transborder.CHARGES, chunk),
    }
