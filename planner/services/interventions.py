"""Write interventions with their channels and costs, whole or not at all, checked as a form would check them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from planner.models import Channel, Cost, Intervention
from planner.services.audit import audit


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
    faults: list[Any] = [{} for _ in rows]
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
