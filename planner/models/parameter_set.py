"""Parameter sets: dated, sourced values of the model's parameters; a run copies the set that it used."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from planner.models.vocabulary import choice_constraint, triangular_constraint
from regions.models.base import Imported, Versioned
from regions.models.choices import EvidenceGrade


class ParameterSet(Versioned, Imported):
    """A named set of parameter values for one case."""

    case = models.ForeignKey(
        "regions.Case", on_delete=models.PROTECT, related_name="parameter_sets", verbose_name=_("case")
    )
    name = models.CharField(_("name"), max_length=80)
    as_of = models.DateField(_("as of"), help_text=_("The day for which the values were collected."))
    source = models.TextField(
        _("source"), help_text=_("Where the set comes from as a whole; each row names its own source.")
    )
    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("Used when nothing else is chosen; one per case.")
    )
    notes = models.TextField(_("notes"), blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["case", "name"]
        verbose_name = _("parameter set")
        verbose_name_plural = _("parameter sets")
        constraints = [
            models.UniqueConstraint(fields=["case", "name"], name="planner_parameter_set_name_once_per_case"),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(is_default=True), name="planner_parameter_set_one_default_per_case"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.as_of})"


class Parameter(models.Model):
    """One number that the data do not hold, as a triangular distribution with its source."""

    parameter_set = models.ForeignKey(
        ParameterSet, on_delete=models.CASCADE, related_name="parameters", verbose_name=_("parameter set")
    )
    key = models.CharField(_("key"), max_length=60)
    sector = models.CharField(_("sector"), max_length=60, blank=True, help_text=_("Blank: for all sectors."))
    low = models.FloatField(_("low"))
    central = models.FloatField(_("central"))
    high = models.FloatField(_("high"))
    unit = models.CharField(_("unit"), max_length=60)
    source = models.TextField(_("source"))
    grade = models.CharField(_("evidence grade"), max_length=1, choices=EvidenceGrade.choices)
    as_of = models.CharField(_("as of"), max_length=20, blank=True, help_text=_("Year or date of the value."))

    history = HistoricalRecords()

    class Meta:
        ordering = ["parameter_set", "key", "sector"]
        verbose_name = _("parameter")
        verbose_name_plural = _("parameters")
        constraints = [
            models.UniqueConstraint(fields=["parameter_set", "key", "sector"], name="planner_parameter_once_per_set"),
            triangular_constraint("parameter"),
            choice_constraint("parameter", "grade", EvidenceGrade),
            models.CheckConstraint(condition=~models.Q(source=""), name="planner_parameter_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.sector}".strip()
