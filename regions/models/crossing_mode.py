"""A mode that a crossing serves."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regions.models.base import Imported
from regions.models.choices import Mode


class CrossingMode(Imported):
    """A mode of goods transport for which the crossing has traffic or trade."""

    crossing = models.ForeignKey("regions.Crossing", models.CASCADE, related_name="modes", verbose_name=_("crossing"))
    mode = models.CharField(_("mode"), max_length=10, choices=Mode.choices)

    class Meta:
        verbose_name = _("mode of a crossing")
        verbose_name_plural = _("modes of crossings")
        ordering = ("crossing", "mode")
        constraints = (
            models.UniqueConstraint(fields=("crossing", "mode"), name="regions_crossingmode_once"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="regions_crossingmode_known"),
        )

    def __str__(self) -> str:
        return f"{self.crossing_id} {self.mode}"
