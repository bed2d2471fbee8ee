"""A border crossing: where two regions of different economies are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.gis.db import models
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from regions.models.base import Imported, Versioned
from regions.querysets import CrossingQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HOUR = (MinValueValidator(0), MaxValueValidator(24))


def _count(label: StrOrPromise) -> models.PositiveBigIntegerField:
    return models.PositiveBigIntegerField(label, null=True, blank=True)


class Crossing(Versioned, Imported):
    """A crossing. Yearly counts are of those entering the economy of `region_a`; empty = not reported, not zero."""

    case = models.ForeignKey("regions.Case", models.PROTECT, related_name="crossings", verbose_name=_("case"))
    code = models.CharField(_("code"), max_length=40, help_text=_("Keep leading zeros."))
    name = models.CharField(_("name"), max_length=200)
    point = models.PointField(_("position"), srid=4326)
    region_a = models.ForeignKey(
        "regions.Region",
        models.PROTECT,
        related_name="crossings_as_a",
        verbose_name=_("region on the side that counts"),
    )
    region_b = models.ForeignKey(
        "regions.Region", models.PROTECT, related_name="crossings_as_b", verbose_name=_("region it faces")
    )
    opens_hour = models.FloatField(_("opens, hour of the day"), null=True, blank=True, validators=HOUR)
    closes_hour = models.FloatField(_("closes, hour of the day"), null=True, blank=True, validators=HOUR)
    truck_booths = models.PositiveSmallIntegerField(_("truck booths"), null=True, blank=True)
    trucks_inbound = _count(_("trucks inbound"))
    truck_containers_loaded_inbound = _count(_("loaded truck containers inbound"))
    truck_containers_empty_inbound = _count(_("empty truck containers inbound"))
    trains_inbound = _count(_("trains inbound"))
    rail_containers_loaded_inbound = _count(_("loaded rail containers inbound"))
    personal_vehicles_inbound = _count(_("personal vehicles inbound"))
    personal_vehicle_passengers_inbound = _count(_("people in personal vehicles inbound"))
    pedestrians_inbound = _count(_("pedestrians inbound"))
    bus_passengers_inbound = _count(_("bus passengers inbound"))
    months_reported = models.PositiveSmallIntegerField(
        _("months reported"), null=True, blank=True, validators=[MaxValueValidator(12)]
    )

    objects = CrossingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("crossing")
        verbose_name_plural = _("crossings")
        ordering = ("case", "code")
        constraints = (
            models.UniqueConstraint(fields=("case", "code"), name="regions_crossing_code_once_per_case"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(code="OTHER"), name="regions_crossing_code_not_reserved"),
            models.CheckConstraint(condition=~Q(region_a=F("region_b")), name="regions_crossing_joins_two_regions"),
            models.CheckConstraint(
                condition=Q(months_reported__isnull=True) | Q(months_reported__lte=12),
                name="regions_crossing_months_in_year",
            ),
            models.CheckConstraint(
                condition=Q(opens_hour__isnull=True) | Q(opens_hour__gte=0, opens_hour__lte=24),
                name="regions_crossing_opens_in_day",
            ),
            models.CheckConstraint(
                condition=Q(closes_hour__isnull=True) | Q(closes_hour__gte=0, closes_hour__lte=24),
                name="regions_crossing_closes_in_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        if not (self.region_a_id and self.region_b_id):
            return
        if self.region_a.economy_id == self.region_b.economy_id:
            raise ValidationError({"region_b": _("Choose a region of another economy than the first one.")})
        if self.case_id and {self.region_a.case_id, self.region_b.case_id} != {self.case_id}:
            raise ValidationError({"region_a": _("Choose regions of the same case as the crossing.")})
