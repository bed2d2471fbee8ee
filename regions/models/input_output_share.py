"""Input-output coefficients."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regions.models.base import Imported


class InputOutputShare(Imported):
    """Share of one input sector in the cost of one sector at one place."""

    place = models.ForeignKey("regions.Region", models.PROTECT, related_name="input_shares", verbose_name=_("place"))
    input = models.ForeignKey("regions.Sector", models.PROTECT, related_name="+", verbose_name=_("input"))
    sector = models.ForeignKey("regions.Sector", models.PROTECT, related_name="+", verbose_name=_("sector"))
    share = models.FloatField(_("share of cost"))

    class Meta:
        verbose_name = _("input share")
        verbose_name_plural = _("input shares")
        ordering = ("place", "sector", "input")
        constraints = (
            models.UniqueConstraint(fields=("place", "input", "sector"), name="regions_inputoutputshare_once"),
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=1), name="regions_inputoutputshare_in_unit"),
        )

    def __str__(self) -> str:
        return f"{self.place_id} {self.input_id} -> {self.sector_id}"
