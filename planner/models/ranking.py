"""Rankings of a run's effects: order, ties and how often a rank held over the draws."""

from collections.abc import Sequence
from itertools import pairwise

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from planner.models.run import Run
from planner.models.vocabulary import Criterion, choice_constraint


class Ranking(models.Model):
    """The ranking of a run by one criterion."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="rankings", verbose_name=_("run"))
    criterion = models.CharField(_("criterion"), max_length=20, choices=Criterion.choices)

    class Meta:
        ordering = ["run", "criterion"]
        verbose_name = _("ranking")
        verbose_name_plural = _("rankings")
        constraints = [
            models.UniqueConstraint(fields=["run", "criterion"], name="planner_ranking_criterion_once_per_run"),
            choice_constraint("ranking", "criterion", Criterion),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.get_criterion_display()}"


class RankingRow(models.Model):
    """Order is by score, best first, then by id; the tie group joins what is not settled at 90 %."""

    ranking = models.ForeignKey(Ranking, on_delete=models.CASCADE, related_name="rows", verbose_name=_("ranking"))
    rank = models.PositiveIntegerField(_("rank"))
    intervention = models.CharField(_("intervention"), max_length=80)
    score_mean = models.FloatField(_("score"))
    q05 = models.FloatField(_("5 %"))
    q50 = models.FloatField(_("50 %"))
    q95 = models.FloatField(_("95 %"))
    p_best = models.FloatField(_("P(best)"))
    p_top3 = models.FloatField(_("P(top 3)"))
    rank_low = models.PositiveIntegerField(_("rank, low"))
    rank_high = models.PositiveIntegerField(_("rank, high"))
    tie_group = models.PositiveIntegerField(_("tie group"))
    settled_above = models.BooleanField(_("settled against the next"))

    class Meta:
        ordering = ["ranking", "rank"]
        verbose_name = _("ranking row")
        verbose_name_plural = _("ranking rows")
        constraints = [
            models.UniqueConstraint(fields=["ranking", "rank"], name="planner_ranking_row_rank_once"),
            models.UniqueConstraint(fields=["ranking", "intervention"], name="planner_ranking_row_intervention_once"),
            models.CheckConstraint(
                condition=Q(rank__gte=1, rank_low__gte=1, tie_group__gte=1) & Q(rank_low__lte=F("rank_high")),
                name="planner_ranking_row_ranks_positive_and_ordered",
            ),
            models.CheckConstraint(
                condition=Q(q05__lte=F("q50")) & Q(q50__lte=F("q95")), name="planner_ranking_row_quantiles_ordered"
            ),
            models.CheckConstraint(
                condition=Q(p_best__gte=0, p_best__lte=F("p_top3")) & Q(p_top3__lte=1),
                name="planner_ranking_row_probabilities",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.intervention}"


def ranking_problems(rows: Sequence[RankingRow]) -> list[str]:
    """What a row's own constraints cannot see: ranks run 1, 2, 3 ...; tie groups never go back."""
    problems = []
    if [row.rank for row in rows] != list(range(1, len(rows) + 1)):
        problems.append(f"ranks are not consecutive from 1: {[row.rank for row in rows]}")
    groups = [row.tie_group for row in rows]
    if groups and (groups[0] != 1 or any(after - before not in (0, 1) for before, after in pairwise(groups))):
        problems.append(f"tie groups do not rise by 0 or 1 down the ranking: {groups}")
    return problems
