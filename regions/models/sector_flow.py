"""Trade between two places by sector."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regions.models.choices import LARGEST_AMOUNT, How
from regions.models.flow import Flow


class SectorFlow(Flow):
    """Sales of one sector from origin to destination."""

    sector = models.ForeignKey("regions.Sector", models.PROTECT, related_name="+", verbose_name=_("sector"))
    how = models.CharField(_("how it was got"), max_length=10, choices=How.choices, default=How.OBSERVED)

    class Meta:
        verbose_name = _("flow by sector")
        verbose_name_plural = _("flows by sector")
        ordering = ("case", "origin", "destination", "sector")
        # The largest first, page by page.
        indexes = (models.Index(fields=("value_usd",), name="regions_sectorflow_value"),)
        constraints = (
            models.UniqueConstraint(fields=("case", "origin", "destination", "sector"), name="regions_sectorflow_once"),
            models.CheckConstraint(
                condition=Q(value_usd__gte=0, value_usd__lte=LARGEST_AMOUNT),
                name="regions_sectorflow_not_negative",
            ),
            models.CheckConstraint(condition=Q(how__in=How.values), name="regions_sectorflow_how_known"),
        )

    def __str__(self) -> str:
        return f"{self.origin_id} -> {self.destination_id}, sector {self.sector_id}"
