"""Puts the rows back that an import changed, exactly as they were; refuses where something else changed them since."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.gis.db.models.fields import BaseSpatialField
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection, models
from django.utils import timezone
from guardian.models import GroupObjectPermission, UserObjectPermission

from regions.importing.journal import Model, digest, kept_fields, plain
from regions.models import Case, ImportBatch, ImportChange

BATCH_SIZE = 500


class UndoRefused(Exception):
    """The batch cannot be taken back; nothing was changed."""


@dataclass
class Recorded:
    """The changes of one table as they were kept."""

    created: dict[int, str] = field(default_factory=dict)
    updated: dict[int, tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)
    deleted: dict[int, list[Any]] = field(default_factory=dict)


def recorded_changes(batch: ImportBatch) -> dict[Model, Recorded]:
    """Everything that was kept of an import, by table, in the order in which it was kept."""
    found: dict[Model, Recorded] = {}
    for change in ImportChange.objects.filter(import_batch=batch).order_by("pk").iterator(chunk_size=20):
        one = found.setdefault(apps.get_model(change.table), Recorded())
        if change.action == ImportChange.Action.CREATED:
            one.created.update(dict(change.rows))
        elif change.action == ImportChange.Action.UPDATED:
            one.updated.update({pk: (before, after) for pk, before, after in change.rows})
        else:
            one.deleted.update(dict(change.rows))
    return found


def restore(batch: ImportBatch) -> int:
    """Takes the batch's changes back, inside the caller's transaction; the number of rows that changed."""
    tables = recorded_changes(batch)
    if not tables and any(count for counts in batch.changes.values() for count in counts.values()):
        raise UndoRefused(f"Batch {batch.pk} was imported before changes were kept.")
    for model, one in tables.items():
        refuse_later_changes(batch, model, one)
    for model, one in reversed(tables.items()):
        delete_created(batch, model, one)
    # What was deleted may be unique together with what is updated: first the rows, then their values.
    for model, one in tables.items():
        create_deleted(batch, model, one)
        update_back(batch, model, one)
    for model, one in tables.items():
        refuse_users(batch, model, set(one.created))
    connection.check_constraints()
    return sum(len(one.created) + len(one.updated) + len(one.deleted) for one in tables.values())


def refuse_later_changes(batch: ImportBatch, model: Model, one: Recorded) -> None:
    """Rows must be as the import left them."""
    names = [each.attname for each in kept_fields(model)]
    places = {name: place for place, name in enumerate(names)}
    wanted = [*one.created, *one.updated]
    rows = current_rows(model, wanted, names)
    for pk in wanted:
        values = rows.get(pk)
        if values is None:
            raise changed_since(batch, model, f"row {pk} is gone", None)
        if pk in one.created:
            same = digest(values) == one.created[pk]
        else:
            same = all(values[places[name]] == value for name, value in one.updated[pk][1].items())
        if not same:
            later = values[places["batch_id"]] if "batch_id" in places else None
            row = model._default_manager.get(pk=pk)
            raise changed_since(batch, model, str(row), later if later != batch.pk else None)
    if current_rows(model, list(one.deleted), names):
        raise changed_since(batch, model, "rows that it deleted are there again", None)


def current_rows(model: Model, pks: list[int], names: list[str]) -> dict[int, tuple[Any, ...]]:
    """The kept values of some rows as they are now."""
    found: dict[int, tuple[Any, ...]] = {}
    for start in range(0, len(pks), BATCH_SIZE):
        rows = model._default_manager.filter(pk__in=pks[start : start + BATCH_SIZE]).order_by()
        found.update({pk: tuple(map(plain, values)) for pk, *values in rows.values_list("pk", *names)})
    return found


def changed_since(batch: ImportBatch, model: Model, what: str, later: int | None) -> UndoRefused:
    """The refusal, with the batch to undo first where there is one."""
    table = model._meta.verbose_name_plural
    advice = f"batch {later} changed it: undo that one first" if later else "it was changed by hand since"
    return UndoRefused(f"Batch {batch.pk} cannot be taken back: {table}, {what}: {advice}. Nothing was undone.")


def delete_created(batch: ImportBatch, model: Model, one: Recorded) -> None:
    """Deletes what the import made; the constraints are looked at when everything is back."""
    pks = list(one.created)
    for start in range(0, len(pks), BATCH_SIZE):
        rows = model._default_manager.filter(pk__in=pks[start : start + BATCH_SIZE])
        keep_history(model, list(rows), "-", batch)
        if model is Case:
            leave_case(rows)
        rows._raw_delete(rows.db)


def leave_case(rows: models.QuerySet) -> None:
    """The record of undone imports outlives the case that they had made; roles on it do not."""
    for case in rows:
        batches = ImportBatch.objects.filter(case=case)
        if batches.exclude(status=ImportBatch.Status.UNDONE).exists():
            raise UndoRefused(f"Other imports into the case {case.name} were not taken back. Nothing was undone.")
        batches.update(case=None)
        for permissions in (UserObjectPermission, GroupObjectPermission):
            permissions.objects.filter(
                object_pk=str(case.pk), content_type__app_label="regions", content_type__model="case"
            ).delete()


def create_deleted(batch: ImportBatch, model: Model, one: Recorded) -> None:
    """Rows come back under their old numbers."""
    fields = kept_fields(model)
    rows = []
    for pk, values in one.deleted.items():
        row = model(pk=pk)
        for each, value in zip(fields, values, strict=True):
            setattr(row, each.attname, typed(each, value))
        rows.append(row)
    model._default_manager.bulk_create(rows, batch_size=BATCH_SIZE)
    keep_history(model, rows, "+", batch)


def update_back(batch: ImportBatch, model: Model, one: Recorded) -> None:
    """The values from before; rows that change in the same fields go together."""
    fields = {each.attname: each for each in kept_fields(model)}
    versioned = any(each.name == "version" for each in model._meta.concrete_fields)
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for pk, (before, _) in one.updated.items():
        groups[tuple(before)].append(pk)
    for names, pks in groups.items():
        facts = names != ("batch_id",)
        for start in range(0, len(pks), BATCH_SIZE):
            rows = list(model._default_manager.filter(pk__in=pks[start : start + BATCH_SIZE]))
            for row in rows:
                for name in names:
                    setattr(row, name, typed(fields[name], one.updated[row.pk][0][name]))
            changed = [fields[name].name for name in names]
            if versioned and facts:
                for row in rows:
                    row.version += 1  # type: ignore[attr-defined]
                changed.append("version")
            model._default_manager.bulk_update(rows, changed)
            if facts:
                keep_history(model, rows, "~", batch)


def typed(each: models.Field, value: Any) -> Any:
    """A kept value as the field has it."""
    if value is None:
        return None
    if isinstance(each, BaseSpatialField):
        return GEOSGeometry(value)
    if isinstance(each, models.DateTimeField):
        return datetime.datetime.fromisoformat(value)
    return datetime.date.fromisoformat(value) if isinstance(each, models.DateField) else value


def keep_history(model: Model, rows: list[Any], kind: str, batch: ImportBatch) -> None:
    """A record in the history of each object that keeps one."""
    if not rows or not hasattr(model, "history"):
        return
    record = model.history.model
    record.objects.bulk_create(
        (
            record(
                history_date=timezone.now(),
                history_change_reason=f"import undone: {batch}"[:100],
                history_type=kind,
                **{each.attname: getattr(row, each.attname) for each in record.tracked_fields},
            )
            for row in rows
        ),
        batch_size=BATCH_SIZE,
    )


def refuse_users(batch: ImportBatch, model: Model, gone: set[int]) -> None:
    """Nothing may still point at a row that goes."""
    if not gone:
        return
    links: list[Any] = model._meta.get_fields(include_hidden=True)
    for link in links:
        if not (link.auto_created and not link.concrete and (link.one_to_many or link.one_to_one)):
            continue
        user: Any = link.related_model
        if hasattr(user, "history_type"):
            continue
        name = link.field.name
        pks = list(gone)
        for start in range(0, len(pks), BATCH_SIZE):
            # Ordered by its own key: what it points at is gone already.
            found = (
                user._default_manager.filter(**{f"{name}__in": pks[start : start + BATCH_SIZE]}).order_by("pk").first()
            )
            if found is not None:
                raise UndoRefused(
                    f"Batch {batch.pk} cannot be taken back: {user._meta.verbose_name_plural} use what it brought "
                    f"(number {found.pk}). Nothing was undone."
                )
