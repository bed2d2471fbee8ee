"""What an import changes in a case: the rows before and after, kept with the batch, and put back when it is undone."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import models

from regions.access import case_path
from regions.importing.requests import SHOWN_DIFFERENCES
from regions.models import (
    Case,
    Crossing,
    CrossingAttribute,
    CrossingFlow,
    CrossingMode,
    Delay,
    Economy,
    ImportBatch,
    ImportChange,
    InputOutputShare,
    MirrorFlow,
    Region,
    Sector,
    SectorFlow,
    Tariff,
    ValueAddedShare,
    WaitCell,
)

Model = type[models.Model]
Values = tuple[Any, ...]
# primary key -> values of the kept fields
Image = dict[int, Values]

# Those that others point at come first.
FACT_MODELS: tuple[Model, ...] = (
    *(Case, Economy, Region, Sector, Crossing, CrossingAttribute, CrossingMode),
    *(SectorFlow, MirrorFlow, CrossingFlow, Delay, WaitCell, InputOutputShare, ValueAddedShare, Tariff),
)
# These count edits; they rise with an undo as with every other edit.
COUNTERS = ("version", "updated_at", "created_at")
ROWS_IN_A_RECORD = 2000


def kept_fields(model: Model) -> list[models.Field]:
    """The fields whose values make a row what it is."""
    return [one for one in model._meta.concrete_fields if not one.primary_key and one.name not in COUNTERS]


def plain(value: Any) -> Any:
    """A value as JSON has it, without loss."""
    if isinstance(value, GEOSGeometry):
        return value.hexewkb.decode()
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return value


def image(model: Model, case: Case | None) -> Image:
    """All rows of a case in one table."""
    path = case_path(model)
    if case is None or path is None:
        return {}
    names = [one.attname for one in kept_fields(model)]
    rows = model._default_manager.filter(**{path or "pk": case.pk}).order_by().values_list("pk", *names)
    return {pk: tuple(map(plain, values)) for pk, *values in rows.iterator(chunk_size=10_000)}


def digest(values: Values) -> str:
    """A short digest of a row."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


@dataclass
class TableChanges:
    """What happened to one table."""

    model: Model
    created: Image = field(default_factory=dict)
    updated: dict[int, tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)
    deleted: Image = field(default_factory=dict)
    unchanged: int = 0

    @property
    def table(self) -> str:
        """The model's label, as it is stored."""
        return self.model._meta.label

    @property
    def really_updated(self) -> list[int]:
        """Rows of which more than the batch changed."""
        return [pk for pk, (before, _) in self.updated.items() if before.keys() - {"batch_id"}]

    @property
    def counts(self) -> dict[str, int]:
        """For the batch and the report; a row that only belongs to another batch now is unchanged."""
        updated = len(self.really_updated)
        return {
            "created": len(self.created),
            "updated": updated,
            "unchanged": self.unchanged + len(self.updated) - updated,
            "deleted": len(self.deleted),
        }

    def records(self) -> Iterator[tuple[str, list[Any]]]:
        """The changes as they are stored, in pieces."""
        everything: tuple[tuple[str, list[Any]], ...] = (
            ("created", [[pk, digest(values)] for pk, values in self.created.items()]),
            ("updated", [[pk, before, after] for pk, (before, after) in self.updated.items()]),
            ("deleted", [[pk, list(values)] for pk, values in self.deleted.items()]),
        )
        for action, rows in everything:
            for start in range(0, len(rows), ROWS_IN_A_RECORD):
                yield action, rows[start : start + ROWS_IN_A_RECORD]


class Journal:
    """Takes the picture of some tables of a case before an import, and tells afterwards what it changed."""

    def __init__(self, case: Case | None, tables: tuple[Model, ...]) -> None:
        self.tables = tables
        self.before = {model: image(model, case) for model in tables}
        self.changes: list[TableChanges] = []

    def compare(self, case: Case) -> None:
        """The picture afterwards, and the differences."""
        self.changes = [self.compared(model, image(model, case)) for model in self.tables]

    def compared(self, model: Model, after: Image) -> TableChanges:
        """The differences of one table."""
        before = self.before[model]
        names = [one.attname for one in kept_fields(model)]
        found = TableChanges(model)
        for pk, values in after.items():
            old = before.get(pk)
            if old is None:
                found.created[pk] = values
            elif old == values:
                found.unchanged += 1
            else:
                changed = [place for place, value in enumerate(values) if value != old[place]]
                found.updated[pk] = (
                    {names[place]: old[place] for place in changed},
                    {names[place]: values[place] for place in changed},
                )
        found.deleted = {pk: values for pk, values in before.items() if pk not in after}
        return found

    @property
    def anything(self) -> bool:
        """Whether the import changed any fact."""
        return any(one.created or one.deleted or one.really_updated for one in self.changes)

    def counts(self) -> dict[str, dict[str, int]]:
        """Rows created, updated, unchanged and deleted, by table; tables in which nothing is are left out."""
        return {str(one.model._meta.model_name): one.counts for one in self.changes if any(one.counts.values())}

    def store(self, batch: ImportBatch) -> None:
        """Keeps the changes with the batch."""
        ImportChange.objects.bulk_create(
            ImportChange(import_batch=batch, table=one.table, action=action, count=len(rows), rows=rows)
            for one in self.changes
            for action, rows in one.records()
        )

    def differences(self, most: int = SHOWN_DIFFERENCES) -> list[dict[str, Any]]:
        """The first rows that differ, with codes in the place of row numbers."""
        names = Codes()
        found: list[dict[str, Any]] = []
        for one in self.changes:
            columns = [each.attname for each in kept_fields(one.model)]
            for action, rows in (("created", one.created), ("deleted", one.deleted)):
                for values in list(rows.values())[: most - len(found)]:
                    row = dict(zip(columns, values, strict=True))
                    shown = names.readable(one.model, row)
                    key, rest = names.key(one.model, row), {n: v for n, v in shown.items() if v not in (None, "")}
                    before, after = ({}, rest) if action == "created" else (rest, {})
                    found.append(difference(one, key, action, before, after))
            for pk in one.really_updated[: most - len(found)]:
                before, after = one.updated[pk]
                columns_before = self.before[one.model][pk]
                key = names.key(one.model, dict(zip(columns, columns_before, strict=True)))
                shown_before, shown_after = names.readable(one.model, before), names.readable(one.model, after)
                found.append(difference(one, key, "updated", shown_before, shown_after))
        return found


def difference(
    one: TableChanges, key: str, action: str, before: dict[str, Any], after: dict[str, Any]
) -> dict[str, Any]:
    """One row of the list of differences."""
    name = str(one.model._meta.model_name)
    return {"table": name, "key": key, "action": action, "before": before, "after": after}


# Fields of a row that say nothing to a reader of differences.
SILENT = ("batch_id", "case_id")
LONGEST_SHOWN = 60


class Codes:
    """Codes of the rows that others point at, read once for each table."""

    def __init__(self) -> None:
        self.known: dict[Model, dict[int, str]] = {}

    def of(self, model: Model, pk: int | None) -> str:
        """The code of a row; its number where it has none."""
        if pk is None:
            return ""
        if model not in self.known:
            has_code = any(one.name == "code" for one in model._meta.concrete_fields)
            self.known[model] = dict(model._default_manager.values_list("pk", "code")) if has_code else {}
        return self.known[model].get(pk, str(pk))

    def readable(self, model: Model, row: dict[str, Any]) -> dict[str, Any]:
        """A row with the names of fields and the codes of what it points at; geometries only by their size."""
        shown = {}
        for one in model._meta.concrete_fields:
            if one.attname not in row or one.attname in SILENT:
                continue
            value = row[one.attname]
            if isinstance(one, models.ForeignKey) and isinstance(one.related_model, type):
                value = self.of(one.related_model, value)
            elif isinstance(value, str) and len(value) > LONGEST_SHOWN:
                value = f"{value[: LONGEST_SHOWN - 3]}..."
            shown[one.name] = value
        return shown

    def key(self, model: Model, row: dict[str, Any]) -> str:
        """What tells the row from others, in words."""
        if "code" in row:
            return str(row["code"])
        unique = next((one for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)), None)
        wanted = [name for name in (unique.fields if unique else ()) if name != "case"]
        shown = self.readable(model, row)
        return ", ".join(str(shown.get(name, "")) for name in wanted)
