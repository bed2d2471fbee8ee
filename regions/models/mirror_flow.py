"""What one side recorded of a flow between two places: both sides' records are kept."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regions.models.choices import LARGEST_AMOUNT, EvidenceGrade, Valuation
from regions.models.flow import Flow


class MirrorFlow(Flow):
    """One economy's record of a flow. The value of the case is the `SectorFlow`, chosen by the rule of the case."""

    sector = models.ForeignKey("regions.Sector", models.PROTECT, related_name="+", verbose_name=_("sector"))
    reporter = models.ForeignKey("regions.Economy", models.PROTECT, related_name="+", verbose_name=_("reporter"))
    valuation = models.CharField(_("valuation"), max_length=3, choices=Valuation.choices)
    cif_factor = models.FloatField(
        _("CIF over FOB"), null=True, blank=True, help_text=_("What a CIF record is divided by to compare it.")
    )
    source = models.TextField(_("source"))
    grade = models.CharField(_("grade"), max_length=1, choices=EvidenceGrade.choices)

    class Meta:
        verbose_name = _("mirror record")
        verbose_name_plural = _("mirror records")
        ordering = ("case", "origin", "destination", "sector", "reporter")
        constraints = (
            models.UniqueConstraint(
                fields=("case", "origin", "destination", "sector", "reporter"), name="regions_mirrorflow_once"
            ),
            models.CheckConstraint(
                condition=Q(value_usd__gte=0, value_usd__lte=LARGEST_AMOUNT), name="regions_mirrorflow_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(valuation__in=Valuation.values), name="regions_mirrorflow_valuation_known"
            ),
            models.CheckConstraint(condition=Q(grade__in=EvidenceGrade.values), name="regions_mirrorflow_grade_known"),
            models.CheckConstraint(
                condition=Q(cif_factor__isnull=True) | Q(cif_factor__gte=1, cif_factor__lte=3),
                name="regions_mirrorflow_cif_factor_plausible",
            ),
        )

    def __str__(self) -> str:
        return f"{self.origin_id} -> {self.destination_id}, sector {self.sector_id}, by {self.reporter_id}"

    @property
    def comparable_usd(self) -> float:
        """The record with freight taken off where the factor is known."""
        return self.value_usd / (self.cif_factor or 1.0)
