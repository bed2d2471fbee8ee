"""What an intervention costs in one year, in the case's one currency and price year."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from planner.models.intervention import Intervention
from planner.models.vocabulary import CostCategory, choice_constraint
from regions.models.choices import LARGEST_AMOUNT, EvidenceGrade


class Cost(models.Model):
    """In the case's currency and price year: without columns of its own for them, amounts cannot be mixed."""

    intervention = models.ForeignKey(
        Intervention, on_delete=models.CASCADE, related_name="costs", verbose_name=_("intervention")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    category = models.CharField(_("category"), max_length=20, choices=CostCategory.choices)
    amount_musd = models.FloatField(
        _("amount, million"), help_text=_("Million, in the currency and price year of the case.")
    )
    source = models.TextField(_("source"))
    grade = models.CharField(_("evidence grade"), max_length=1, choices=EvidenceGrade.choices)
    note = models.TextField(
        _("note"), blank=True, help_text=_("Original amount and currency, and how it was converted.")
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["intervention", "year", "category", "id"]
        verbose_name = _("cost")
        verbose_name_plural = _("costs")
        constraints = [
            choice_constraint("cost", "category", CostCategory),
            choice_constraint("cost", "grade", EvidenceGrade),
            models.CheckConstraint(
                condition=models.Q(year__gte=1900, year__lte=2200), name="planner_cost_year_plausible"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_musd__gte=-LARGEST_AMOUNT, amount_musd__lte=LARGEST_AMOUNT),
                name="planner_cost_amount_finite",
            ),
            models.CheckConstraint(condition=~models.Q(source=""), name="planner_cost_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.get_category_display()}: {self.amount_musd:g}"

    @property
    def currency(self) -> str:
        """The currency of the case."""
        return self.intervention.case.currency

    @property
    def price_year(self) -> int:
        """The price year of the case."""
        return self.intervention.case.price_year
