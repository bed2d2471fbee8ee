"""A case: one border and one year."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from regions.models.base import Versioned
from regions.models.choices import MirrorRule


class Case(Versioned):
    """One border in one year: places, crossings and flows that belong together."""

    name = models.SlugField(_("name"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=200)
    year = models.PositiveSmallIntegerField(
        _("year of the flows"), validators=[MinValueValidator(1900), MaxValueValidator(2200)]
    )
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    price_year = models.PositiveSmallIntegerField(_("price year of costs"))
    description = models.TextField(_("description"), blank=True)
    sources = models.JSONField(
        _("sources"), default=list, blank=True, help_text=_("A list of objects with what, who, title, url, note.")
    )
    making = models.JSONField(
        _("how it was made"), default=dict, blank=True, help_text=_("The record of make_case: files, checks, left out.")
    )
    mirror_rule = models.CharField(
        _("rule for mirror records"),
        max_length=10,
        choices=MirrorRule.choices,
        blank=True,
        help_text=_("Which of two records of one flow is the value of the case."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ("name",)
        permissions = (("plan_case", "Can plan in the case"), ("approve_case", "Can approve runs of the case"))
        constraints = (
            models.CheckConstraint(
                condition=Q(year__gte=1900, year__lte=2200, price_year__gte=1900, price_year__lte=2200),
                name="regions_case_years_plausible",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="regions_case_has_name"),
            models.CheckConstraint(
                condition=Q(mirror_rule__in=("", *MirrorRule.values)), name="regions_case_mirror_rule_known"
            ),
        )

    def __str__(self) -> str:
        return self.name
