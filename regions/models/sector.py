"""A sector: a group of goods, services, or travel."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from regions.models.base import Imported, Versioned


class Sector(Versioned, Imported):
    """What is traded; `theta` is the sector's own trade elasticity where one is known."""

    class Kind(models.TextChoices):
        GOODS = "goods", _("goods")
        SERVICES = "services", _("services")
        TRAVEL = "travel", _("travel")

    case = models.ForeignKey("regions.Case", models.PROTECT, related_name="sectors", verbose_name=_("case"))
    code = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.GOODS)
    description = models.TextField(_("description"), blank=True)
    theta = models.FloatField(_("trade elasticity"), null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        ordering = ("case", "code")
        constraints = (
            models.UniqueConstraint(fields=("case", "code"), name="regions_sector_code_once_per_case"),
            models.CheckConstraint(condition=~Q(code=""), name="regions_sector_has_code"),
            models.CheckConstraint(
                condition=Q(kind__in=("goods", "services", "travel")), name="regions_sector_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(theta__isnull=True) | Q(theta__gt=0, theta__lte=1000),
                name="regions_sector_theta_positive",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}" if self.name not in ("", self.code) else self.code
