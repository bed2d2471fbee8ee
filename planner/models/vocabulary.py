"""Words that several models share: closures, criteria, kinds, states; and the constraints on them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regions.models.choices import LARGEST_AMOUNT


class Closure(models.TextChoices):
    """What aggregate balances may do."""

    WORLD_SHARE = "world_share", _("World share: balances keep their share of world income")
    OWN_INCOME = "own_income", _("Own income: balances follow each place's own income")
    BALANCED = "balanced", _("Balanced: no place has an overall balance")
    BALANCED_ECONOMY = "balanced_economy", _("Balanced economy: transfers inside an economy stay")
    ABSORPTION = "absorption", _("Absorption: spending follows value added")
    SHORT_RUN = "short_run", _("Short run: wages fixed in own currency")


class Criterion(models.TextChoices):
    """By what a ranking orders."""

    IMBALANCE = "imbalance", _("Imbalance: the largest fall of the headline index first")
    WELFARE = "welfare", _("Welfare: the largest gain of those who have standing first")


class Standing(models.TextChoices):
    """Whose welfare counts."""

    BORDER = "border", _("Border regions")
    CASE = "case", _("Both sides: border regions and hinterlands")
    WORLD = "world", _("World")


class BaselineVariant(models.TextChoices):
    """Which ratios the baseline builder takes where data are missing."""

    LOW = "low", _("Low builder ratios")
    CENTRAL = "central", _("Central builder ratios")
    HIGH = "high", _("High builder ratios")


class InterventionKind(models.TextChoices):
    """The seven kinds of the field, and the restrictive measures to compare them with."""

    FACILITATION = "facilitation", _("Trade facilitation and infrastructure")
    DIVERSIFICATION = "diversification", _("Diversification and competitiveness")
    COOPERATION = "cooperation", _("Regional and bilateral cooperation")
    SUSTAINABILITY = "sustainability", _("Sustainable development and innovation")
    CAPACITY = "capacity", _("Knowledge exchange and capacity building")
    DIGITAL = "digital", _("Digital and e-commerce")
    TOURISM = "tourism", _("Culture and tourism")
    RESTRICTIVE = "restrictive", _("Restrictive and macro measures, to compare with")


class Maturity(models.TextChoices):
    """How far an intervention has come."""

    IDEA = "idea", _("Idea")
    STUDY = "study", _("Under study")
    APPROVED = "approved", _("Approved")
    CONSTRUCTION = "construction", _("Under construction")
    OPERATING = "operating", _("Operating")


class CostCategory(models.TextChoices):
    """What an amount is spent on, or left at the end."""

    CAPITAL = "capital", _("Capital")
    OPERATING = "operating", _("Operating")
    RESIDUAL = "residual", _("Residual value")


class RunState(models.TextChoices):
    """States of a run and of its parts."""

    PENDING = "pending", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Review(models.TextChoices):
    """How far the results of a run have been accepted."""

    DRAFT = "draft", pgettext_lazy("review", "Draft")
    APPROVED = "approved", _("Approved")
    FROZEN = "frozen", _("Frozen: approved for good")


class EffectStatus(models.TextChoices):
    """How an estimate ended."""

    DONE = "done", _("Estimated")
    NOT_APPLICABLE = "not_applicable", _("Has no meaning under this closure")
    FAILED = "failed", _("Failed")


class AnalysisKind(models.TextChoices):
    """What a run computes beside the effect of each intervention; the shapes are in `planner.models.analysis`."""

    DIAGNOSIS = "diagnosis", _("Why there is an imbalance")
    MINUTE_VALUES = "minute_values", _("The worth of one minute at every crossing")
    CLOSURES = "closures", _("The ranking under each closure")
    STRESS = "stress", _("The ranking under stress")
    SIDE = "side", _("What else each intervention does")
    APPRAISAL = "appraisal", _("Appraisal by year")
    CRITERIA = "criteria", _("Ranking by several criteria")
    VARIANCE = "variance", _("Where the spread comes from, and regret")
    PORTFOLIO = "portfolio", _("The best set under a budget")
    VARIANTS = "variants", _("The ranking under other imputations")
    WAITS = "waits", _("Waits of trucks before and after")


# Analyses that read the run's effects: they are made anew where an effect comes anew.
AFTER_EFFECTS = (
    AnalysisKind.APPRAISAL, AnalysisKind.CRITERIA, AnalysisKind.VARIANCE, AnalysisKind.PORTFOLIO, AnalysisKind.WAITS,
)  # fmt: skip

# Analyses by how long they take, so that no worker is left with the longest one at a run's end; the rest follow.
LONGEST_FIRST = (
    AnalysisKind.PORTFOLIO, AnalysisKind.VARIANTS, AnalysisKind.STRESS, AnalysisKind.APPRAISAL, AnalysisKind.CLOSURES,
)  # fmt: skip

ACTIVE_STATES = (RunState.PENDING, RunState.RUNNING)
FINISHED_STATES = (RunState.DONE, RunState.FAILED, RunState.CANCELLED)


def split_list(value: str) -> list[str]:
    """'a; b' -> ['a', 'b']: how lists stand in the files and in the text columns."""
    return [part.strip() for part in value.split(";") if part.strip()]


def triangular_constraint(model_name: str) -> models.CheckConstraint:
    """A triangular distribution in a row: low <= central <= high; low = high means a fixed value."""
    return models.CheckConstraint(
        condition=Q(low__gte=-LARGEST_AMOUNT, high__lte=LARGEST_AMOUNT)
        & Q(low__lte=F("central"))
        & Q(central__lte=F("high")),
        name=f"planner_{model_name}_low_central_high",
        violation_error_message=_("The values must keep low <= central <= high."),
    )


def choice_constraint(model_name: str, field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    """The column holds one of the listed words, whoever writes it."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": list(choices.values)}), name=f"planner_{model_name}_{field}_known"
    )
