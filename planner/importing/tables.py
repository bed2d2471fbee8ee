"""The plans' tables of a case folder: read without a database, loaded inside the import's transaction."""

import datetime
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model
from simple_history.utils import bulk_create_with_history

from planner import snapshot
from planner.importing.checks import Plans, run_checks
from planner.importing.schema import CHANNELS, COSTS, INTERVENTIONS, PARAMETERS, TABLES
from planner.models import TARGET_FIELDS, Channel, Cost, Intervention, Parameter, ParameterSet
from regions.importing.case_tables import CaseContext
from regions.importing.folder import CaseFolder
from regions.importing.problems import Problem
from regions.importing.readers import read_table
from regions.importing.schema import Row, Table
from regions.models import Case, ImportBatch

Edited = TypeVar("Edited", Intervention, ParameterSet)
IMPORTED_SET = "imported"
DEFAULTS_SET = "engine defaults"
# As long as the column of the history.
LONGEST_REASON = 100

INTERVENTION_COLUMNS = (
    "name", "kind", "description", "maturity", "competence", "legal_test", "closures", "start_year", "source",
    "source_url", "notes",
)  # fmt: skip
CHANNEL_COLUMNS = (
    *TARGET_FIELDS, "low", "central", "high", "unit", "source", "grade", "start_year", "ramp_years", "note",
)  # fmt: skip
COST_COLUMNS = ("year", "category", "amount_musd", "source", "grade", "note")
PARAMETER_COLUMNS = ("key", "sector", "low", "central", "high", "unit", "source", "grade", "as_of")


class PlannerTables:
    """interventions.csv, channels.csv, costs.csv and parameters.csv. All optional."""

    tables: tuple[Table, ...] = TABLES
    files = tuple(table.file for table in TABLES)
    models: tuple[type[Model], ...] = (Intervention, Channel, Cost, ParameterSet, Parameter)

    def read(self, folder: CaseFolder, context: CaseContext) -> tuple[Plans, list[Problem]]:
        """Typed rows and every problem; the checks see the rows that could be read."""
        problems: list[Problem] = []
        rows: dict[str, list[Row]] = {}
        for table in TABLES:
            rows[table.file], faults = read_table(folder, table)
            problems += faults
        plans = Plans(
            interventions=rows[INTERVENTIONS.file],
            channels=rows[CHANNELS.file],
            costs=rows[COSTS.file],
            parameters=rows[PARAMETERS.file] if folder.has(PARAMETERS.file) else None,
            faulty=frozenset(fault.file for fault in problems if fault.severity == "error"),
        )
        problems += run_checks(plans, context)
        if plans.parameters is None:
            words = "not in the folder: the engine's documented defaults are used, all graded D (assumptions)"
            problems.append(Problem(PARAMETERS.file, 0, "", "", words, "defaults_used", "warning"))
        return plans, problems

    def load(self, case: Case, rows: Plans, batch: ImportBatch) -> dict[str, int]:
        """Store the rows; interventions of an earlier import that the files no longer have are deleted."""
        load_parameters(case, rows.parameters, batch)
        if rows.interventions:
            load_interventions(case, rows, batch)
        counts = {
            INTERVENTIONS.file: len(rows.interventions),
            CHANNELS.file: len(rows.channels),
            COSTS.file: len(rows.costs),
            PARAMETERS.file: len(rows.parameters or ()),
        }
        return {file: count for file, count in counts.items() if count}


def load_interventions(case: Case, rows: Plans, batch: ImportBatch) -> None:
    """Interventions by slug; their channels and costs are those of the files, in the files' order."""
    stored: dict[str, Intervention] = {}
    for row in rows.interventions:
        key = {"case": case, "slug": row["id"]}
        stored[row["id"]] = store_edited(Intervention, key, picked(row, INTERVENTION_COLUMNS), batch)
    gone = Intervention.objects.filter(case=case, batch__isnull=False).exclude(slug__in=stored)
    gone.delete()
    ours = list(stored.values())
    Channel.objects.filter(intervention__in=ours).delete()
    channels = [
        Channel(
            intervention=stored[row["intervention"]],
            position=position,
            type=row["channel"],
            **picked(row, CHANNEL_COLUMNS),
        )
        for position, row in enumerate(rows.channels, start=1)
    ]
    bulk_create_with_history(channels, Channel, default_change_reason=str(batch)[:LONGEST_REASON])
    Cost.objects.filter(intervention__in=ours).delete()
    costs = [Cost(intervention=stored[row["intervention"]], **picked(row, COST_COLUMNS)) for row in rows.costs]
    bulk_create_with_history(costs, Cost, default_change_reason=str(batch)[:LONGEST_REASON])


def load_parameters(case: Case, rows: list[Row] | None, batch: ImportBatch) -> None:
    """The imported set, or one of the engine's defaults where the folder has none. A set chosen as default stays it."""
    if rows is None:
        name, source = DEFAULTS_SET, "The engine's documented defaults; the case folder has no parameters.csv"
        values: Iterable[dict[str, Any]] = snapshot.default_parameters()
    else:
        name, source = IMPORTED_SET, f"{PARAMETERS.file} of {batch.label}"
        values = [picked(row, PARAMETER_COLUMNS) for row in rows]
    values = list(values)
    described: dict[str, Any] = {"as_of": latest_date(values, case.year), "source": source}
    chosen = ParameterSet.objects.filter(case=case, is_default=True).first()
    if chosen is None or (chosen.name == DEFAULTS_SET and rows is not None):
        ParameterSet.objects.filter(case=case).update(is_default=False)
        described["is_default"] = True
    parameter_set = store_edited(ParameterSet, {"case": case, "name": name}, described, batch)
    parameter_set.parameters.all().delete()
    new = [Parameter(parameter_set=parameter_set, **row) for row in values]
    bulk_create_with_history(new, Parameter, default_change_reason=str(batch)[:LONGEST_REASON])


def store_edited(model: type[Edited], key: dict[str, Any], values: dict[str, Any], batch: ImportBatch) -> Edited:
    """Make or update one row that people edit too: a real change raises its version and enters its history."""
    row = model._default_manager.filter(**key).first()
    if row is None:
        row = model(**key, **values, batch=batch)
        save_told(row, batch)
        return row
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.version += 1
        row.batch = batch
        save_told(row, batch)
    else:
        model._default_manager.filter(pk=row.pk).update(batch=batch)
    return row


def save_told(row: Any, batch: ImportBatch) -> None:
    """Save with the batch as the reason in the history."""
    row._change_reason = str(batch)[:LONGEST_REASON]
    row.save()


def picked(row: Row, columns: Iterable[str]) -> dict[str, Any]:
    """The row's values for the columns of the same name."""
    return {name: row[name] for name in columns}


def latest_date(values: Iterable[dict[str, Any]], year: int) -> datetime.date:
    """The newest date of the rows, else the end of the case's year: what is known was known then."""
    dates = []
    for row in values:
        try:
            dates.append(datetime.date.fromisoformat(row["as_of"]))
        except ValueError:  # a bare year or nothing
            continue
    return max(dates, default=datetime.date(year, 12, 31))
