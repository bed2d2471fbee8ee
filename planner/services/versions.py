"""Earlier states of what has rows of its own: an intervention with its channels and costs, a set with its parameters."""

from datetime import datetime
from typing import Any

from django.db import models, transaction

from planner.models import Channel, Cost, Intervention, Parameter, ParameterSet

PARTS: dict[type[models.Model], tuple[type[models.Model], ...]] = {
    Intervention: (Channel, Cost),
    ParameterSet: (Parameter,),
}


def link_to(part: type[models.Model], whole: type[models.Model]) -> str:
    """The name of the column by which a part belongs to its whole."""
    return next(one.attname for one in part._meta.concrete_fields if one.related_model is whole)


def part_records(row: Any, part: Any) -> dict[int, list[Any]]:
    """What the history knows of the row's parts of one kind: their records by id, oldest first."""
    records: dict[int, list[Any]] = {}
    own = part.history.filter(**{link_to(part, type(row)): row.pk}).select_related("history_user")
    for record in own.order_by("history_date", "history_id"):
        records.setdefault(record.id, []).append(record)
    return records


def parts_at(row: Any, part: Any, moment: datetime) -> dict[int, Any]:
    """Parts of one kind as they were at a moment, by id.

    Rows that came with an import before there was a history have no record until somebody edits or deletes them: they
    are taken as they are now, or as they were when they went.
    """
    current = {one.pk: one for one in part.objects.filter(**{link_to(part, type(row)): row.pk})}
    records: dict[int, list[Any]] = {pk: [] for pk in current} | part_records(row, part)
    then: dict[int, Any] = {}
    for pk, kept in records.items():
        before = [one for one in kept if one.history_date <= moment]
        if before:
            if before[-1].history_type != "-":
                then[pk] = before[-1].instance
        elif kept and kept[0].history_type == "-":
            then[pk] = kept[0].instance
        elif pk in current and not (kept and kept[0].history_type == "+"):
            then[pk] = current[pk]
    return then


def restore_parts(row: Any, moment: datetime, reason: str = "") -> None:
    """Make all parts what they were at a moment; the caller restores the row's own fields."""
    with transaction.atomic():
        for part in PARTS[type(row)]:
            restore_kind(row, part, moment, reason)


def restore_kind(row: Any, part: Any, moment: datetime, reason: str) -> None:
    """Parts of one kind: those that came later go before those that were there come back, since keys must stay unique."""
    then = parts_at(row, part, moment)
    rows = list(part.objects.filter(**{link_to(part, type(row)): row.pk}))
    for one in rows:
        if one.pk not in then:
            one._change_reason = reason
            one.delete()
    stored = {one.pk: one for one in rows if one.pk}
    for pk, old in then.items():
        if pk in stored and same_values(stored[pk], old):
            continue
        old._change_reason = reason
        old._state.adding = pk not in stored
        old.save()


def same_values(first: models.Model, second: models.Model) -> bool:
    """Whether two states of a row hold the same."""
    return all(getattr(first, one.attname) == getattr(second, one.attname) for one in first._meta.concrete_fields)
