"""Stored rows brought in line with the rows of a file, by natural key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from regions.importing.problems import Problem
from regions.models import ImportBatch

BATCH_SIZE = 1000


@dataclass
class Synced:
    """The stored objects by key, what was done, and the stored rows that the file no longer has."""

    objects: dict[Any, Any]
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    stale: list[Any] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """For the batch."""
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "deleted": len(self.stale),
        }


def sync(
    stored: models.QuerySet,
    key: Callable[[Any], Any],
    wanted: Iterable[Any],
    fields: tuple[str, ...],
    batch: ImportBatch,
    *,
    partial: bool = False,
) -> Synced:
    """Creates, updates and keeps rows so that each of `wanted` is stored; primary keys of kept rows do not change.

    `stored`: the rows of the case so far; `wanted`: unsaved objects; `fields`: attributes to compare and update.
    Rows entered by hand (without a batch) that the file does not have are left alone; imported ones are returned
    as stale, to be deleted once nothing of the new files can still point at them. A `partial` file is one of several
    that make the case: rows that stay as they are keep their batch, and all rows that it does not have are stale.
    """
    model = stored.model
    before = {key(row): row for row in stored}
    result = Synced(objects={})
    new, changed = [], []
    for row in wanted:
        row_key = key(row)
        old = before.pop(row_key, None)
        if old is None:
            row.batch = batch
            new.append(row)
            result.objects[row_key] = row
            continue
        result.objects[row_key] = old
        if any(getattr(old, name) != getattr(row, name) for name in fields):
            for name in fields:
                setattr(old, name, getattr(row, name))
            changed.append(old)
        else:
            result.unchanged += 1
            if old.batch_id is None and not partial:
                changed.append(old)
    result.created, result.updated = len(new), len(result.objects) - len(new) - result.unchanged
    result.stale = [row for row in before.values() if partial or row.batch_id is not None]
    create(model, new, batch)
    update(model, changed, fields, batch)
    if partial:
        return result
    stale_ids = [row.pk for row in result.stale]
    stored.filter(batch__isnull=False).exclude(pk__in=stale_ids).exclude(batch=batch).update(batch=batch)
    return result


def create(model: type[models.Model], rows: list[Any], batch: ImportBatch) -> None:
    """Stores new rows, with a first history record where the model keeps history."""
    if hasattr(model, "history"):
        bulk_create_with_history(
            rows, model, batch_size=BATCH_SIZE, default_user=batch.user, default_change_reason=str(batch)[:100]
        )
    else:
        model._default_manager.bulk_create(rows, batch_size=BATCH_SIZE)


def update(model: type[models.Model], rows: list[Any], fields: tuple[str, ...], batch: ImportBatch) -> None:
    """Stores changed rows; the version rises where the model has one."""
    names = [*fields, "batch"]
    versioned = hasattr(model, "version")
    now = timezone.now()
    for row in rows:
        row.batch = batch
        if versioned:
            row.version += 1
            row.updated_at = now
    if versioned:
        names += ["version", "updated_at"]
    if not rows:
        return
    if hasattr(model, "history"):
        bulk_update_with_history(
            rows,
            model,
            names,
            batch_size=BATCH_SIZE,
            default_user=batch.user,
            default_change_reason=str(batch)[:100],
        )
    else:
        model._default_manager.bulk_update(rows, names, batch_size=BATCH_SIZE)


def delete_stale(stale: list[Any], file: str, column: str) -> list[Problem]:
    """Deletes rows that the new files no longer have; a problem for each that something else still needs."""
    problems = []
    for row in stale:
        try:
            row.delete()
        except (ProtectedError, RestrictedError) as error:
            users = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
            kinds = sorted({str(user._meta.verbose_name_plural) for user in users})
            expectation = f"expected to be still there, since {', '.join(kinds)} use it; change or remove those first"
            problems.append(Problem(file, 0, column, str(getattr(row, column, row)), expectation, "still_used"))
    return problems


def delete_stale_in_bulk(model: type[models.Model], stale: list[Any]) -> None:
    """Deletes many rows that nothing points at."""
    ids = [row.pk for row in stale]
    for start in range(0, len(ids), BATCH_SIZE):
        model._default_manager.filter(pk__in=ids[start : start + BATCH_SIZE]).delete()
