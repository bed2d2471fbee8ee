"""Ranks with their uncertainty: intervals, probabilities of being best, ties, both orderings (model.md 9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import kendalltau

from planner.engine.effect import DONE, Effect
from planner.engine.types import Array, Index

SETTLED = 0.9
CRITERIA = ("imbalance", "welfare")


@dataclass(frozen=True)
class Row:
    """One ranked intervention. Smaller `score` is better under `imbalance`, larger under `welfare`.

    rank_low, rank_high: 5 % and 95 % quantiles of its rank over draws; tie_group: interventions of one group are not
    told apart from the group's first at 90 %; settled_above: whether it is told apart from the one ranked just above.
    """

    rank: int
    intervention: str
    score_mean: float
    q05: float
    q50: float
    q95: float
    p_best: float
    p_top3: float
    rank_low: int
    rank_high: int
    tie_group: int
    settled_above: bool


@dataclass(frozen=True)
class Ranking:
    """Interventions from best to worst; `not_ranked` holds those without an effect to rank, with the reason.

    rank_probability: (ranked intervention, rank), share of draws in which it takes the rank.
    """

    criterion: str
    rows: tuple[Row, ...]
    not_ranked: tuple[tuple[str, str, str], ...]
    rank_probability: Array

    @property
    def order(self) -> list[str]:
        """Ids from best to worst."""
        return [row.intervention for row in self.rows]


def imbalance_score(effect: Effect) -> Array:
    """Change of the headline index, (draw,): smaller is better."""
    return effect.arrays["full.index_change"]


def welfare_score(effect: Effect, standing: Sequence[int] | None) -> Array:
    """Equivalent variation of the places whose welfare counts (None: all), (draw,): larger is better."""
    money = effect.arrays["full.ev_musd"]
    return np.asarray((money if standing is None else money[list(standing)]).sum(axis=0))


def rank_effects(
    effects: Sequence[Effect], criterion: str = "imbalance", *, standing: Sequence[int] | None = None
) -> Ranking:
    """Rank by the mean over draws, then by id; ValueError for an unknown criterion.

    standing: numbers of the places whose welfare counts, for criterion `welfare`.
    """
    if criterion not in CRITERIA:
        raise ValueError(f"unknown criterion {criterion!r}; expected one of {', '.join(CRITERIA)}")
    score: Callable[[Effect], Array] = imbalance_score
    sign = 1.0
    if criterion == "welfare":
        score, sign = (lambda effect: welfare_score(effect, standing)), -1.0
    done = sorted((effect for effect in effects if effect.status == DONE), key=lambda effect: effect.intervention)
    rest = tuple((effect.intervention, effect.status, effect.reason) for effect in effects if effect.status != DONE)
    if not done:
        return Ranking(criterion, (), rest, np.zeros((0, 0)))
    scores = np.stack([score(effect) for effect in done])
    return rank_scores(
        criterion, [effect.intervention for effect in done], scores, larger_is_better=sign < 0, rest=rest
    )


def rank_scores(
    criterion: str,
    names: Sequence[str],
    scores: Array,
    *,
    larger_is_better: bool,
    rest: tuple[tuple[str, str, str], ...] = (),
) -> Ranking:
    """Rank options by the mean of their scores (option, draw), then by name; `rest` are those without a score."""
    sign = -1.0 if larger_is_better else 1.0
    # Means within rounding of each other are ties, settled by name, so that the order does not hang on the last digit.
    means = [float(f"{value:.9e}") for value in scores.mean(axis=1)]
    order = sorted(range(len(names)), key=lambda position: (sign * means[position], names[position]))
    losses = sign * scores[order]
    return Ranking(criterion, _rows([names[k] for k in order], losses, sign), rest, rank_probability(losses))


def draw_ranks(losses: Array) -> Index:
    """Rank of each intervention in each draw, 1 = smallest loss, ties by row order: (intervention, draw)."""
    order = np.argsort(losses, axis=0, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, len(losses) + 1)[:, None], axis=0)
    return ranks


def rank_probability(losses: Array) -> Array:
    """Share of draws in which each intervention takes each rank, (intervention, rank)."""
    ranks = draw_ranks(losses)
    count = len(losses)
    return np.stack([(ranks == rank).mean(axis=1) for rank in range(1, count + 1)], axis=1)


def _rows(names: list[str], losses: Array, sign: float) -> tuple[Row, ...]:
    ranks = draw_ranks(losses)
    scores = sign * losses
    rows: list[Row] = []
    group, leader = 0, 0
    for position, name in enumerate(names):
        better = float((losses[leader] < losses[position]).mean())
        if position == 0 or better >= SETTLED:
            group, leader = group + 1, position
        above = position == 0 or float((losses[position - 1] < losses[position]).mean()) >= SETTLED
        low, middle, high = np.quantile(scores[position], (0.05, 0.5, 0.95))
        rank_low, rank_high = np.quantile(ranks[position], (0.05, 0.95), method="inverted_cdf")
        rows.append(
            Row(
                rank=position + 1,
                intervention=name,
                score_mean=float(scores[position].mean()),
                q05=float(low),
                q50=float(middle),
                q95=float(high),
                p_best=float((ranks[position] == 1).mean()),
                p_top3=float((ranks[position] <= 3).mean()),
                rank_low=int(rank_low),
                rank_high=int(rank_high),
                tie_group=group,
                settled_above=bool(above),
            )
        )
    return tuple(rows)


@dataclass(frozen=True)
class Orderings:
    """Both orderings side by side: ids by imbalance and by welfare, Kendall's tau, and the pairs ordered oppositely.

    reversals: pairs settled at 90 % both ways; narrows_and_lowers: interventions whose whole 90 % interval narrows the
    gap and whose whole 90 % interval of welfare is a loss.
    """

    imbalance: list[str]
    welfare: list[str]
    kendall_tau: float
    reversals: list[tuple[str, str]]
    narrows_and_lowers: list[str]


def compare_orderings(effects: Sequence[Effect], *, standing: Sequence[int] | None = None) -> Orderings:
    """How far narrowing the gap and raising welfare agree."""
    by_gap = rank_effects(effects, "imbalance", standing=standing).order
    by_welfare = rank_effects(effects, "welfare", standing=standing).order
    done = {effect.intervention: effect for effect in effects if effect.status == DONE}
    tau = float("nan")
    if len(by_gap) > 1:
        tau = float(
            kendalltau([by_gap.index(name) for name in by_gap], [by_welfare.index(name) for name in by_gap]).statistic
        )
    gap = {name: imbalance_score(effect) for name, effect in done.items()}
    welfare = {name: welfare_score(effect, standing) for name, effect in done.items()}
    reversals = [
        (one, other)
        for position, one in enumerate(by_gap)
        for other in by_gap[position + 1 :]
        if (gap[one] < gap[other]).mean() >= SETTLED and (welfare[one] < welfare[other]).mean() >= SETTLED
    ]
    both = [name for name in by_gap if np.quantile(gap[name], 0.95) < 0 and np.quantile(welfare[name], 0.95) < 0]
    return Orderings(by_gap, by_welfare, tau, reversals, both)
