"""What both tables of flows share."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from regions.models.base import Imported


class Flow(Imported):
    """Goods sold from a place to a place in the year of the case, in USD at the border."""

    case = models.ForeignKey("regions.Case", models.PROTECT, related_name="+", verbose_name=_("case"))
    origin = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name=_("origin"))
    destination = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name=_("destination"))
    value_usd = models.FloatField(_("value, USD"))

    class Meta:
        abstract = True

    def clean(self) -> None:
        for name in ("origin", "destination"):
            place = getattr(self, name, None) if getattr(self, f"{name}_id") else None
            if place is not None and self.case_id and place.case_id != self.case_id:
                raise ValidationError({name: _("Choose a place of the same case.")})
