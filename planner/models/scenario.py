"""A scenario: under which parameters, closure, criterion and baseline the interventions are compared."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from planner.models.parameter_set import ParameterSet
from planner.models.vocabulary import BaselineVariant, Closure, Criterion, Standing, choice_constraint
from regions.models.base import Versioned

# Fewer draws give no 90 % interval worth the name; more than this do not fit a part's memory.
LEAST_DRAWS, MOST_DRAWS = 1, 20_000
MOST_SEED = 2**31 - 1


class ScenarioSettings(models.Model):
    """The settings that a scenario keeps and a run copies."""

    closure = models.CharField(_("closure"), max_length=20, choices=Closure.choices, default=Closure.WORLD_SHARE)
    criterion = models.CharField(_("criterion"), max_length=20, choices=Criterion.choices, default=Criterion.IMBALANCE)
    standing = models.CharField(
        _("whose welfare counts"), max_length=20, choices=Standing.choices, default=Standing.BORDER
    )
    draws = models.PositiveIntegerField(
        _("draws"), default=500, validators=[MinValueValidator(LEAST_DRAWS), MaxValueValidator(MOST_DRAWS)]
    )
    seed = models.PositiveIntegerField(_("seed"), default=1, validators=[MaxValueValidator(MOST_SEED)])
    variant = models.CharField(
        _("baseline"), max_length=10, choices=BaselineVariant.choices, default=BaselineVariant.CENTRAL
    )
    stress = models.JSONField(_("stress"), default=dict, blank=True)

    class Meta:
        abstract = True


SETTING_FIELDS = ("closure", "criterion", "standing", "draws", "seed", "variant", "stress")


def settings_constraints(model_name: str) -> list[models.CheckConstraint]:
    """What the settings must keep in any table that has them."""
    return [
        choice_constraint(model_name, "closure", Closure),
        choice_constraint(model_name, "criterion", Criterion),
        choice_constraint(model_name, "standing", Standing),
        choice_constraint(model_name, "variant", BaselineVariant),
        models.CheckConstraint(
            condition=Q(draws__gte=LEAST_DRAWS, draws__lte=MOST_DRAWS), name=f"planner_{model_name}_draws_in_range"
        ),
        models.CheckConstraint(
            condition=Q(seed__gte=0, seed__lte=MOST_SEED), name=f"planner_{model_name}_seed_in_range"
        ),
    ]


class Scenario(Versioned, ScenarioSettings):
    """A named choice of settings and parameters, kept to be used again."""

    case = models.ForeignKey("regions.Case", on_delete=models.PROTECT, related_name="scenarios", verbose_name=_("case"))
    name = models.CharField(_("name"), max_length=80)
    parameter_set = models.ForeignKey(
        ParameterSet, on_delete=models.PROTECT, related_name="scenarios", verbose_name=_("parameter set")
    )
    description = models.TextField(_("description"), blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["case", "name"]
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        constraints = [
            models.UniqueConstraint(fields=["case", "name"], name="planner_scenario_name_once_per_case"),
            *settings_constraints("scenario"),
        ]

    def __str__(self) -> str:
        return self.name
