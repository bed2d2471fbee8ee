"""A place: a border region, the hinterland of an economy, or a partner economy."""

from django.contrib.gis.db import models
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from regions.models.base import Imported, Versioned
from regions.models.choices import LARGEST_AMOUNT
from regions.querysets import RegionQuerySet


class Region(Versioned, Imported):
    """A place of the case, with its size and where it lies."""

    class Kind(models.TextChoices):
        BORDER = "border", _("border region")
        HINTERLAND = "hinterland", _("hinterland")
        PARTNER = "partner", _("partner economy")

    case = models.ForeignKey("regions.Case", models.PROTECT, related_name="regions", verbose_name=_("case"))
    code = models.CharField(_("code"), max_length=40, help_text=_("ISO 3166-2 where one exists."))
    name = models.CharField(_("name"), max_length=200)
    economy = models.ForeignKey("regions.Economy", models.PROTECT, related_name="regions", verbose_name=_("economy"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    gdp_musd = models.FloatField(_("GDP, million USD"))
    population = models.PositiveBigIntegerField(_("population"))
    jobs = models.PositiveBigIntegerField(_("jobs"), null=True, blank=True, help_text=_("Empty = not known."))
    point = models.PointField(_("point inside"), srid=4326)
    outline = models.MultiPolygonField(_("outline"), srid=4326, null=True, blank=True)

    objects = RegionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ("case", "code")
        constraints = (
            models.UniqueConstraint(fields=("case", "code"), name="regions_region_code_once_per_case"),
            models.CheckConstraint(condition=~Q(code=""), name="regions_region_has_code"),
            models.CheckConstraint(
                condition=Q(kind__in=("border", "hinterland", "partner")), name="regions_region_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(gdp_musd__gt=0, gdp_musd__lte=LARGEST_AMOUNT), name="regions_region_gdp_positive"
            ),
            models.CheckConstraint(condition=Q(population__gte=1), name="regions_region_has_people"),
        )
        indexes = (models.Index(fields=("case", "kind"), name="regions_region_case_kind"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        if self.economy_id and self.case_id and self.economy.case_id != self.case_id:
            raise ValidationError({"economy": _("Choose an economy of the same case.")})
