"""An economy: the country or customs territory a place belongs to."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from regions.models.base import Imported, Versioned


class Economy(Versioned, Imported):
    """A country or customs territory of one case."""

    case = models.ForeignKey("regions.Case", models.PROTECT, related_name="economies", verbose_name=_("case"))
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("economy")
        verbose_name_plural = _("economies")
        ordering = ("case", "code")
        constraints = (
            models.UniqueConstraint(fields=("case", "code"), name="regions_economy_code_once_per_case"),
            models.CheckConstraint(condition=~Q(code=""), name="regions_economy_has_code"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}" if self.name not in ("", self.code) else self.code
