"""Write interventions with their channels and costs, whole or not at all, checked as a form would check them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from planner.models import Channel, Cost, Intervention
from planner.services.audit import audit

# Room for what a copy's name, id and reason add.
NAME_LENGTH, SLUG_LENGTH, REASON_LENGTH = 180, 70, 100


def intervention_save(row: Intervention, values: Mapping[str, Any], by: User, way: str = "") -> Intervention:
    """Set the values and save; 'channels' and 'costs' replace all that there were. Raises ValidationError."""
    nested = {name: values[name] for name in ("channels", "costs") if name in values}
    adding = row.pk is None
    with transaction.atomic():
        for name, value in values.items():
            if name not in nested:
                setattr(row, name, value)
        row.full_clean()
        if not adding:
            row.version += 1
        row.save()
        faults: dict[str, Any] = {}
        for name, model in (("channels", Channel), ("costs", Cost)):
            if name in nested and (problems := replace_rows(row, model, nested[name])):
                faults[name] = problems
        if faults:
            raise InvalidParts(faults)
        audit(by, row, "added" if adding else "changed", way)
    return row


class InvalidParts(Exception):
    """Faults of channels or costs: by name, for each row in order, its messages by field."""

    def __init__(self, faults: dict[str, Any]) -> None:
        self.faults = faults
        super().__init__(str(faults))


def replace_rows(row: Intervention, model: type[Channel] | type[Cost], rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Delete what there was and save the new rows; the faults of each row, or nothing where there are none."""
    for old in model.objects.filter(intervention=row):
        old.delete()
    faults: list[Any] = [{} for __ in rows]
    for number, values in enumerate(rows):
        place = {"position": number + 1} if model is Channel else {}
        new = model(intervention=row, **place, **values)
        try:
            new.full_clean()
        except ValidationError as error:
            faults[number] = error.message_dict
        else:
            new.save()
    return faults if any(faults) else []


def intervention_delete(row: Intervention, by: User, way: str = "") -> None:
    """Remove an intervention; runs keep their copies of it."""
    with transaction.atomic():
        audit(by, row, "deleted", way)
        row.delete()


def intervention_clone(row: Intervention, by: User, way: str = "") -> Intervention:
    """A copy with its channels and costs under a free id; it belongs to no import, and its history starts here."""
    parts: list[Any] = [*row.channels.order_by("position", "pk"), *row.costs.order_by("pk")]
    with transaction.atomic():
        copy: Any = Intervention.objects.get(pk=row.pk)
        copy.pk, copy.batch, copy.version = None, None, 1
        copy._state.adding = True
        copy.slug = free_slug(row)
        copy.name = _("%(name)s (copy)") % {"name": row.name[:NAME_LENGTH]}
        copy._change_reason = f"copy of {row.slug}"[:REASON_LENGTH]
        copy.save()
        for one in parts:
            one.pk, one.intervention = None, copy
            one._state.adding = True
            one.save()
        audit(by, copy, "added", way or f"copy of {row.slug}")
    return copy


def free_slug(row: Intervention) -> str:
    """'booths' -> 'booths-copy', 'booths-copy-2' and so on."""
    taken = set(Intervention.objects.filter(case=row.case_id).values_list("slug", flat=True))
    stem = f"{row.slug[:SLUG_LENGTH]}-copy"
    return next(name for name in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)
