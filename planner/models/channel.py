"""A channel: one way in which an intervention changes an input of the model, as a sourced distribution."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from planner.models.channel_rules import TARGET_FIELDS, ChannelType, ChannelVehicle, channel_faults
from planner.models.intervention import Intervention
from planner.models.vocabulary import choice_constraint, triangular_constraint
from regions.models.case import Case
from regions.models.choices import EvidenceGrade


class Channel(models.Model):
    """A triangular distribution (low, central, high) of one change, aimed at crossings, flows or places."""

    intervention = models.ForeignKey(
        Intervention, on_delete=models.CASCADE, related_name="channels", verbose_name=_("intervention")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Order within the intervention."))
    type = models.CharField(_("type"), max_length=20, choices=ChannelType.choices)
    crossing = models.TextField(_("crossings"), blank=True, help_text=_("Crossing codes separated by ';', * for all."))
    direction = models.CharField(_("direction"), max_length=20, blank=True, help_text=_("Economy entered, * for both."))
    origin = models.TextField(_("origins"), blank=True, help_text=_("Places or economies separated by ';', * for all."))
    destination = models.TextField(
        _("destinations"), blank=True, help_text=_("Places or economies separated by ';', * for all.")
    )
    sector = models.TextField(_("sectors"), blank=True, help_text=_("Sectors separated by ';', * for all."))
    place = models.TextField(_("places"), blank=True, help_text=_("Places or economies separated by ';'."))
    vehicle = models.CharField(
        _("vehicles"),
        max_length=5,
        blank=True,
        default="",
        db_default="",
        choices=ChannelVehicle.choices,
        help_text=_("Whose lanes change at a crossing (blank: trucks), or how visitors come (blank: as today)."),
    )
    low = models.FloatField(_("low"))
    central = models.FloatField(_("central"))
    high = models.FloatField(_("high"))
    unit = models.CharField(_("unit"), max_length=40)
    source = models.TextField(_("source"))
    grade = models.CharField(_("evidence grade"), max_length=1, choices=EvidenceGrade.choices)
    start_year = models.PositiveSmallIntegerField(_("start year"), null=True, blank=True)
    ramp_years = models.FloatField(_("ramp-up, years"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["intervention", "position", "id"]
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [
            triangular_constraint("channel"),
            choice_constraint("channel", "type", ChannelType),
            choice_constraint("channel", "grade", EvidenceGrade),
            models.CheckConstraint(
                condition=Q(vehicle__in=["", *ChannelVehicle.values]), name="planner_channel_vehicle_known"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="planner_channel_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.central:g} {self.unit}"

    def targets(self) -> dict[str, str]:
        """The target columns that are filled in."""
        return {field: getattr(self, field) for field in TARGET_FIELDS if getattr(self, field)}

    def clean(self) -> None:
        """Unit and targets fit the type, and the targets are of the intervention's case."""
        case = getattr(getattr(self, "intervention", None), "case", None)
        if case is None or self.type not in ChannelType.values:
            return
        aims = {field: getattr(self, field) for field in TARGET_FIELDS}
        faults: dict[str, list[str]] = {}
        for field, expectation, _kind in channel_faults(self.type, self.unit, aims, target_ids(case)):
            faults.setdefault(field, []).append(expectation)
        if faults:
            raise ValidationError(faults)


def target_ids(case: Case) -> dict[str, set[str]]:
    """The ids of the case that each target column may name."""
    economies = set(case.economies.values_list("code", flat=True))
    places = economies | set(case.regions.values_list("code", flat=True))
    return {
        "crossing": set(case.crossings.values_list("code", flat=True)),
        "direction": economies,
        "origin": places,
        "destination": places,
        "sector": set(case.sectors.values_list("code", flat=True)),
        "place": places,
        "vehicle": set(ChannelVehicle.values),
    }
