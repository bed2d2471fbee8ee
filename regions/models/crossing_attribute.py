"""A sourced property of a crossing: booths, hours, toll, structure."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from regions.models.base import Imported, Versioned
from regions.models.choices import EvidenceGrade


class CrossingAttribute(Versioned, Imported):
    """One property of one crossing with unit, source, grade and date; `number` is the value where it is numeric."""

    crossing = models.ForeignKey(
        "regions.Crossing", models.PROTECT, related_name="attributes", verbose_name=_("crossing")
    )
    attribute = models.CharField(
        _("attribute"),
        max_length=60,
        help_text=_("truck_booths, car_booths, opens, closes, truck_fee_usd, structure ..."),
    )
    value = models.CharField(_("value"), max_length=500)
    number = models.FloatField(_("value as a number"), null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=60, blank=True)
    source = models.TextField(_("source"), blank=True)
    grade = models.CharField(_("evidence grade"), max_length=1, choices=EvidenceGrade.choices, blank=True)
    as_of = models.CharField(_("as of"), max_length=40, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("crossing attribute")
        verbose_name_plural = _("crossing attributes")
        ordering = ("crossing", "attribute")
        constraints = (
            models.UniqueConstraint(fields=("crossing", "attribute"), name="regions_crossingattribute_once"),
            models.CheckConstraint(
                condition=Q(grade="") | Q(grade__in=EvidenceGrade.values),
                name="regions_crossingattribute_grade_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.crossing_id} {self.attribute} = {self.value}"
