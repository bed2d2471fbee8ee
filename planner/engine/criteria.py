"""Ranking by one or several criteria: weighted sum, TOPSIS, Pareto front, agreement of orderings, regret (model.md 9).

Method. A table holds every option's value of every criterion in every draw; an option without a number somewhere (an
unknown cost, a ratio not defined) is left out with the reason, never given a zero. The weighted sum adds criteria on a
common scale: by default 0 is the worst and 1 the best mean among the options ranked, one scale for all draws, so that a
weight is what going from the worst to the best is worth, and the mean score is the score of the means; the other scale
divides by the root of the sum of squared means. TOPSIS (Hwang & Yoon 1981) is done in each draw: criteria divided by
their Euclidean norm over options and weighted, closeness = distance from the worst point / (distance from the worst +
distance from the best). Both depend on which options are in the table. The Pareto front needs no weight: an option is on
it if none is at least as good in every criterion and better in one, at the means and as a share of draws. Along each
weight, the others keeping their proportions, scores are straight lines, so the weights at which the first place changes
are exact: the corners of their upper envelope. Regret is the loss against the best option of the same draw. Agreement of
two orderings is Kendall's tau (tau-b where there are ties).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import kendalltau

from planner.engine.ranking import Ranking, rank_scores
from planner.engine.types import Array, Mask

NORMALISATIONS = ("range", "vector")
NO_VALUE = "no_value"
SHORTEST_SPAN = 1e-12


@dataclass(frozen=True)
class Criterion:
    """What options are judged by, and which way is better."""

    name: str
    larger_is_better: bool


STANDARD = {
    criterion.name: criterion
    for criterion in (
        Criterion("imbalance", False),
        Criterion("welfare", True),
        Criterion("npv", True),
        Criterion("bcr", True),
        Criterion("revenue", True),
        Criterion("co2", False),
    )
}


@dataclass(frozen=True)
class Table:
    """Values (criterion, option, draw) of the options that have a number everywhere; `left_out` says who has none, and why."""

    criteria: tuple[Criterion, ...]
    options: tuple[str, ...]
    values: Array
    left_out: tuple[tuple[str, str], ...] = ()

    def losses(self, name: str) -> Array:
        """Values of one criterion, turned so that smaller is better, (option, draw); ValueError for an unknown one."""
        for number, criterion in enumerate(self.criteria):
            if criterion.name == name:
                return np.asarray(-self.values[number] if criterion.larger_is_better else self.values[number])
        raise ValueError(f"unknown criterion {name!r}; expected one of {', '.join(one.name for one in self.criteria)}")

    @property
    def benefits(self) -> Array:
        """All values, turned so that larger is better, (criterion, option, draw)."""
        sign = np.array([1.0 if criterion.larger_is_better else -1.0 for criterion in self.criteria])
        return np.asarray(sign[:, None, None] * self.values)


def build_table(criteria: Sequence[Criterion], values: Mapping[str, Mapping[str, Array | None]]) -> Table:
    """A table from option -> criterion -> values (draw,), None where there is none; options are sorted by name.

    ValueError where options have different numbers of draws or a criterion is given twice.
    """
    names = [criterion.name for criterion in criteria]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"criteria {', '.join(names) or 'none'}; expected at least one, each once")
    rows: dict[str, Array] = {}
    left_out: list[tuple[str, str]] = []
    for option in sorted(values):
        reasons, columns = [], []
        for name in names:
            column = values[option].get(name)
            if column is None:
                reasons.append(f"{name} unknown")
            elif not np.isfinite(column).all():
                missing = np.size(column) - int(np.isfinite(column).sum())
                reasons.append(f"{name} not defined in {missing} of {np.size(column)} draws")
            else:
                columns.append(np.asarray(column, dtype=float))
        if reasons:
            left_out.append((option, "; ".join(reasons)))
        elif len({column.shape for column in [*columns, *(row[0] for row in rows.values())]}) > 1:
            raise ValueError(f"option {option}: another number of draws than the others")
        else:
            rows[option] = np.stack(columns)
    stacked = np.stack(list(rows.values()), axis=1) if rows else np.zeros((len(names), 0, 0))
    return Table(tuple(criteria), tuple(rows), stacked, tuple(left_out))


def rank_by(table: Table, name: str) -> Ranking:
    """Ranking by one criterion; scores keep the criterion's own sign and unit."""
    losses = table.losses(name)
    larger = next(one.larger_is_better for one in table.criteria if one.name == name)
    return _ranking(table, name, -losses if larger else losses, larger_is_better=larger)


def rank_weighted(table: Table, weights: Mapping[str, float], normalisation: str = "range") -> Ranking:
    """Ranking by the weighted sum."""
    return _ranking(table, "weighted_sum", weighted_sum(table, weights, normalisation), larger_is_better=True)


def rank_topsis(table: Table, weights: Mapping[str, float]) -> Ranking:
    """Ranking by the mean closeness of TOPSIS."""
    return _ranking(table, "topsis", topsis(table, weights), larger_is_better=True)


def weighted_sum(table: Table, weights: Mapping[str, float], normalisation: str = "range") -> Array:
    """Scores (option, draw), larger is better; weights are scaled to add up to 1."""
    return np.asarray(np.tensordot(check_weights(table, weights), normalise(table, normalisation), axes=1))


def normalise(table: Table, normalisation: str = "range") -> Array:
    """Criteria on a common scale, larger is better, (criterion, option, draw); the scale comes from means over draws.

    range: 0 = worst mean, 1 = best mean; vector: divided by the root of the sum of squared means. A criterion in which
    all options are alike is 0 for all. ValueError for another name.
    """
    if normalisation not in NORMALISATIONS:
        raise ValueError(f"unknown normalisation {normalisation!r}; expected one of {', '.join(NORMALISATIONS)}")
    benefits = table.benefits
    if not table.options:
        return benefits
    means = benefits.mean(axis=2)
    if normalisation == "range":
        floor, width = means.min(axis=1), np.ptp(means, axis=1)
    else:
        floor, width = np.zeros(len(means)), np.sqrt((means**2).sum(axis=1))
    shifted = benefits - floor[:, None, None]
    scaled = np.divide(shifted, width[:, None, None], out=np.zeros_like(shifted), where=width[:, None, None] > 0)
    return np.asarray(scaled)


def topsis(table: Table, weights: Mapping[str, float]) -> Array:
    """Closeness to the ideal in each draw, (option, draw), in [0, 1]; 0.5 where all options are alike."""
    share = check_weights(table, weights)
    benefits = table.benefits
    if not table.options:
        return np.asarray(benefits.sum(axis=0))
    norm = np.sqrt((benefits**2).sum(axis=1, keepdims=True))
    placed = share[:, None, None] * np.divide(benefits, norm, out=np.zeros_like(benefits), where=norm > 0)
    to_best = np.sqrt(((placed - placed.max(axis=1, keepdims=True)) ** 2).sum(axis=0))
    to_worst = np.sqrt(((placed - placed.min(axis=1, keepdims=True)) ** 2).sum(axis=0))
    total = to_best + to_worst
    return np.asarray(np.divide(to_worst, total, out=np.full_like(total, 0.5), where=total > 0))


def check_weights(table: Table, weights: Mapping[str, float]) -> Array:
    """Weights in the table's order, adding up to 1, (criterion,); ValueError with all that is wrong with them."""
    names = [criterion.name for criterion in table.criteria]
    problems = [
        f"weight of {name}: unknown criterion; expected one of {', '.join(names)}"
        for name in weights
        if name not in names
    ]
    problems += [f"weight of {name}: missing" for name in names if name not in weights]
    problems += [
        f"weight of {name}: {value:g}; expected a finite number of at least 0"
        for name, value in weights.items()
        if not (np.isfinite(value) and value >= 0)
    ]
    if not problems and sum(weights.values()) <= 0:
        problems.append("weights: all zero; expected at least one above 0")
    if problems:
        raise ValueError("; ".join(problems))
    found = np.array([weights[name] for name in names], dtype=float)
    return np.asarray(found / found.sum())


@dataclass(frozen=True)
class ParetoFront:
    """Who is on the front: at the means (option,), as a share of draws (option,), and by whom the others are dominated at the means."""

    criteria: tuple[str, ...]
    options: tuple[str, ...]
    at_means: Mask
    share: Array
    dominated_by: tuple[tuple[str, ...], ...]


def pareto_front(table: Table, names: Sequence[str] = ("imbalance", "welfare")) -> ParetoFront:
    """The front in some criteria; options with equal values share their place on it."""
    losses = np.stack([table.losses(name) for name in names])
    means = losses.mean(axis=2, keepdims=True) if table.options else losses
    count = len(table.options)
    share = np.array([1 - dominators(losses, option).any(axis=0).mean() for option in range(count)])
    masters = [np.flatnonzero(dominators(means, option)[:, 0]) for option in range(count)]
    return ParetoFront(
        tuple(names),
        table.options,
        np.array([len(found) == 0 for found in masters], dtype=bool),
        share,
        tuple(tuple(table.options[one] for one in found) for found in masters),
    )


def dominators(losses: Array, option: int) -> Mask:
    """Which options dominate one, in each draw, (option, draw), from losses (criterion, option, draw)."""
    own = losses[:, option : option + 1]
    return np.asarray((losses <= own).all(axis=0) & (losses < own).any(axis=0))


def order_agreement(first: Sequence[str], second: Sequence[str]) -> float:
    """Kendall's tau between two orderings, over the options in both; NaN for fewer than two of them."""
    common = [name for name in first if name in set(second)]
    if len(common) < 2:
        return float("nan")
    place = {name: position for position, name in enumerate(second)}
    return float(kendalltau(range(len(common)), [place[name] for name in common]).statistic)


def agreement_table(orders: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], float]:
    """Kendall's tau for every pair of named orderings."""
    names = list(orders)
    return {
        (one, other): order_agreement(orders[one], orders[other])
        for position, one in enumerate(names)
        for other in names[position + 1 :]
    }


def agreement_by_draw(table: Table, first: str, second: str) -> Array:
    """Kendall's tau-b between the orders by two criteria in each draw, (draw,), 1 = they agree; NaN where one of them ties all."""
    one, other = table.losses(first), table.losses(second)
    both, own, others = (np.zeros(one.shape[1:]) for _ in range(3))
    for option in range(len(table.options) - 1):
        left, right = np.sign(one[option] - one[option + 1 :]), np.sign(other[option] - other[option + 1 :])
        both += (left * right).sum(axis=0)
        own += np.abs(left).sum(axis=0)
        others += np.abs(right).sum(axis=0)
    scale = np.sqrt(own * others)
    return np.divide(both, scale, out=np.full_like(both, np.nan), where=scale > 0)


@dataclass(frozen=True)
class Regret:
    """Loss against the best option of the same draw, in the criterion's unit: mean, 90 % quantile and largest, (option,)."""

    options: tuple[str, ...]
    mean: Array
    q90: Array
    largest: Array

    @property
    def least(self) -> str:
        """The option with the smallest 90 % quantile of regret, then the smallest mean, then by name."""
        return min(zip(self.q90, self.mean, self.options, strict=True))[2]


def regret(options: Sequence[str], losses: Array) -> Regret:
    """Regret from losses (option, draw), such as `table.losses(name)` or minus a weighted sum."""
    lost = losses - losses.min(axis=0, keepdims=True)
    return Regret(tuple(options), lost.mean(axis=1), np.quantile(lost, 0.9, axis=1), lost.max(axis=1))


def _ranking(table: Table, criterion: str, scores: Array, *, larger_is_better: bool) -> Ranking:
    rest = tuple((option, NO_VALUE, reason) for option, reason in table.left_out)
    if not table.options:
        return Ranking(criterion, (), rest, np.zeros((0, 0)))
    return rank_scores(criterion, table.options, scores, larger_is_better=larger_is_better, rest=rest)
