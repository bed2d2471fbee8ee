"""Rankings at central values, many at once: every intervention alone, or on top of something that happens anyway."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import kendalltau

from planner.analyses.work import Work
from planner.engine.bundles import JointEffects
from planner.engine.types import Intervention


@dataclass(frozen=True)
class Central:
    """Central effects by intervention: (change of the index, welfare in million a year); and who has none, with why."""

    effects: dict[str, tuple[float, float]]
    not_applicable: dict[str, str]
    failed: dict[str, str]


def central_effects(work: Work, closure: str, background: Intervention | None = None) -> Central:
    """What every intervention changes at central values, on top of `background` where there is one.

    Raises what the solve of the background raises.
    """
    study = work.central_study(closure)
    reasons = {one.id: study.without_meaning(one) for one in work.interventions}
    not_applicable = {name: reason for name, reason in reasons.items() if reason}
    chosen = [one for one in work.interventions if one.id not in not_applicable]
    joint = JointEffects(study, chosen if background is None else [*chosen, background], work.standing)
    under = frozenset[int]() if background is None else frozenset({len(chosen)})
    before, *after = joint.outcomes([under, *(under | {number} for number in range(len(chosen)))])
    if before.reason:
        raise ValueError(before.reason)
    effects, failed = {}, {}
    for one, outcome in zip(chosen, after, strict=True):
        if outcome.reason:
            failed[one.id] = outcome.reason
        else:
            effects[one.id] = (
                before.narrowing - outcome.narrowing,
                outcome.welfare_musd - before.welfare_musd,
            )
    return Central(effects, not_applicable, failed)


def ordered(effects: dict[str, tuple[float, float]], criterion: str, without: Iterable[str] = ()) -> list[str]:
    """Ids best first: the largest fall of the index, or the largest gain of welfare; then by id.

    Numbers are compared at ten digits, so that the order does not hang on rounding.
    """
    left_out = set(without)

    def key(name: str) -> tuple[float, str]:
        index, welfare = effects[name]
        return float(f"{index if criterion == 'imbalance' else -welfare:.9e}"), name

    return sorted((name for name in effects if name not in left_out), key=key)


def agreement(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Kendall's tau of two orderings over what is in both; None with fewer than two."""
    both = [name for name in one if name in set(other)]
    if len(both) < 2:
        return None
    tau = float(kendalltau(range(len(both)), [list(other).index(name) for name in both]).statistic)
    return tau if math.isfinite(tau) else None


def ordering_rows(central: Central, work: Work) -> list[dict[str, Any]]:
    """Rows by id: effects and ranks; restrictive measures are ranked among all only."""
    everybody = ordered(central.effects, work.run.criterion)
    proposed = ordered(central.effects, work.run.criterion, work.restrictive)
    return [
        {
            "intervention": name,
            "index_change": index,
            "ev_musd": welfare,
            "rank": proposed.index(name) + 1 if name in proposed else None,
            "rank_among_all": everybody.index(name) + 1,
        }
        for name, (index, welfare) in sorted(central.effects.items())
    ]
