"""Value-added shares."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regions.models.base import Imported


class ValueAddedShare(Imported):
    """Share of value added in the output of one sector at one place."""

    place = models.ForeignKey(
        "regions.Region", models.PROTECT, related_name="value_added_shares", verbose_name=_("place")
    )
    sector = models.ForeignKey("regions.Sector", models.PROTECT, related_name="+", verbose_name=_("sector"))
    share = models.FloatField(_("share of output"))

    class Meta:
        verbose_name = _("value-added share")
        verbose_name_plural = _("value-added shares")
        ordering = ("place", "sector")
        constraints = (
            models.UniqueConstraint(fields=("place", "sector"), name="regions_valueaddedshare_once"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="regions_valueaddedshare_in_unit"),
        )

    def __str__(self) -> str:
        return f"{self.place_id} {self.sector_id}"
