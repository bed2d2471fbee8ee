"""Ad-valorem tariffs."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regions.models.base import Imported


class Tariff(Imported):
    """Ad-valorem rate that the destination charges on goods of a sector from the origin."""

    origin = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name=_("origin"))
    destination = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name=_("destination"))
    sector = models.ForeignKey("regions.Sector", models.PROTECT, related_name="+", verbose_name=_("sector"))
    rate = models.FloatField(_("rate, share of value"))
    source = models.TextField(_("source"), blank=True)

    class Meta:
        verbose_name = _("tariff")
        verbose_name_plural = _("tariffs")
        ordering = ("origin", "destination", "sector")
        constraints = (
            models.UniqueConstraint(fields=("origin", "destination", "sector"), name="regions_tariff_once"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=100), name="regions_tariff_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.origin_id} -> {self.destination_id}, sector {self.sector_id}: {self.rate:g}"
