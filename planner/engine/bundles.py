"""Several interventions at once: one joint shock, many bundles solved as columns of one batch (model.md 10).

Rules of combination, for what two interventions do to the same thing:
  wait, handling hours, fee, road hours, rail hours   cuts multiply (each takes its share of what the others leave, so
                                                      that nothing falls below zero); increases add
  trade cost, agreement, productivity, visitors       factors multiply
  tariff, export tax, spending                        points add
  closure                                             closed is closed
  limits on flows, certificates                       apply to what the other channels leave of the deficit
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from planner.engine.baseline import Baseline
from planner.engine.channels import check_intervention
from planner.engine.errors import EngineError
from planner.engine.estimate import BLOCK, Study
from planner.engine.interventions import Built, ShockBuilder
from planner.engine.routes import RouteChange, Routes
from planner.engine.types import Array, Channel, Index, Intervention, Mask
from planner.engine.uncertainty import Draws

ON_WHAT_IS_LEFT = ("flow_cap", "certificates")  # channels that act on deficits as other channels leave them
WHOLE = ("closure", "certificates")  # channels without a size: there in all columns of a shock, or in none
NEUTRAL = {"flow_cap": 1.0}  # the value that changes nothing; 0 for all other types
COMBINED = ("waits", "hours", "rail_hours", "fee", "handling")
FAULTS = (EngineError, ValueError, FloatingPointError, np.linalg.LinAlgError)

Bundle = frozenset[int]
Entry = tuple[Index, Array]


def joint_shock(
    baseline: Baseline, interventions: Sequence[Intervention], draws: Draws, member: Mask | None = None
) -> Built:
    """The shock of several checked interventions together, by the rules of combination above.

    member: (intervention, column), in which columns each takes part; None: everywhere. Interventions with a closure or
    certificates take part in all columns or in none.
    """
    builder = ShockBuilder(baseline, draws)
    if member is None:
        member = np.ones((len(interventions), draws.columns), dtype=bool)
    taken = [number for number in range(len(interventions)) if member[number].any()]
    taken.sort(key=lambda number: interventions[number].id)
    changes = []
    for number in taken:
        builder.change = RouteChange()
        for channel in interventions[number].channels:
            if channel.type not in ON_WHAT_IS_LEFT:
                _add(builder, channel, member[number], draws)
        changes.append(builder.change)
    for number in taken:
        for channel in interventions[number].channels:
            if channel.type in ON_WHAT_IS_LEFT:
                _add(builder, channel, member[number], draws)
    builder.change = combine_changes(builder.routes, changes)
    return builder.finish()


def _add(builder: ShockBuilder, channel: Channel, member: Mask, draws: Draws) -> None:
    neutral = NEUTRAL.get(channel.type, 0.0)
    builder.add(channel, np.where(member, draws.channel(channel), neutral))


def combine_changes(routes: Routes, changes: Sequence[RouteChange]) -> RouteChange:
    """Changes of routes by several interventions as one: cuts multiply, increases add."""
    joint = RouteChange()
    for name in (field.name for field in fields(RouteChange)):
        if name not in COMBINED:
            getattr(joint, name).extend(entry for change in changes for entry in getattr(change, name))
    crossing = routes.baseline.network.row_crossing
    joint.waits = _combine([change.waits for change in changes], lambda at: routes.wait[at])
    joint.hours = _combine([change.hours for change in changes], routes.road)
    joint.fee = _combine([change.fee for change in changes], lambda at: routes.fees(crossing[at]))
    joint.rail_hours = _combine_uniform([change.rail_hours for change in changes], routes.rail_hours())
    # Sectors reached by the same entries are combined together.
    reached: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for sector in routes.baseline.goods:
        by = tuple(
            (one, number)
            for one, change in enumerate(changes)
            for number, (_, sectors, _) in enumerate(change.handling)
            if sector in sectors
        )
        reached.setdefault(by, []).append(int(sector))
    for by, members in reached.items():
        parts: list[list[Entry]] = [[] for _ in changes]
        for one, number in by:
            rows, _, value = changes[one].handling[number]
            parts[one].append((rows, value))
        sectors = np.array(members, dtype=np.intp)
        joint.handling += [(rows, sectors, value) for rows, value in _combine_uniform(parts, routes.handling())]
    return joint


def _combine(parts: Sequence[list[Entry]], base_at: Callable[[Index], Array]) -> list[Entry]:
    """Changes (where, value) by intervention as one entry; base_at(where): what is there to be cut, (where, column)."""
    entries = [entry for own in parts for entry in own]
    if sum(bool(own) for own in parts) < 2:
        return entries
    where = np.unique(np.concatenate([at for at, _ in entries]))
    base = base_at(where)
    columns = max(base.shape[-1], *(value.shape[-1] for _, value in entries))
    left, added = np.ones((len(where), columns)), np.zeros((len(where), columns))
    for own in parts:
        if not own:
            continue
        reach = np.unique(np.concatenate([at for at, _ in own]))
        change = np.zeros((len(reach), columns))
        for at, value in own:
            change[np.searchsorted(reach, at)] += value
        at = np.searchsorted(where, reach)
        there = base[at]
        left[at] *= np.maximum(1 + np.minimum(change, 0) / np.where(there > 0, there, np.inf), 0)
        added[at] += np.maximum(change, 0)
    return [(where, base * (left - 1) + added)]


def _combine_uniform(parts: Sequence[list[Entry]], base: Array) -> list[Entry]:
    """As `_combine` where base and values (column,) are the same on all rows: rows in the same entries are one."""
    entries = [(one, at, value) for one, own in enumerate(parts) for at, value in own]
    if sum(bool(own) for own in parts) < 2:
        return [(at, value) for _, at, value in entries]
    rows = np.unique(np.concatenate([at for _, at, _ in entries]))
    reached = np.stack([np.isin(rows, at) for _, at, _ in entries])
    patterns, group = np.unique(reached, axis=1, return_inverse=True)
    merged: list[list[Entry]] = [[] for _ in parts]
    for (one, _, value), at in zip(entries, patterns, strict=True):
        merged[one].append((np.flatnonzero(at), value[None]))
    ((where, values),) = _combine(merged, lambda at: np.broadcast_to(base, (len(at), len(base))))
    return [(rows[group.ravel() == number], value) for number, value in zip(where, values, strict=True)]


@dataclass(frozen=True)
class Outcome:
    """What a bundle does at central values: index points by which the imbalance narrows, and welfare.

    narrowing: fall of the headline index; welfare_musd: equivalent variation of the places with standing, a year;
    reason: why there is no solution, and the numbers are then NaN.
    """

    narrowing: float
    welfare_musd: float
    reason: str = ""

    def value(self, objective: str) -> float:
        """The number that the objective asks for: larger is better under both."""
        return self.narrowing if objective == "imbalance" else self.welfare_musd


NOTHING = Outcome(0.0, 0.0)


class JointEffects:
    """Joint outcomes of bundles of interventions, each bundle solved once; a bundle is a set of numbers of interventions."""

    def __init__(self, study: Study, interventions: Sequence[Intervention], standing: Iterable[int]) -> None:
        self.study, self.interventions = study, tuple(interventions)
        self.standing = np.array(sorted(standing), dtype=np.intp)
        self.known: dict[Bundle, Outcome] = {frozenset(): NOTHING}
        self.solved = 0
        self._whole = frozenset(
            number
            for number, intervention in enumerate(self.interventions)
            if any(channel.type in WHOLE for channel in intervention.channels)
        )

    def problems(self) -> dict[str, str]:
        """Interventions that cannot be part of a bundle: id -> what is wrong, or why it has no meaning here."""
        found = {}
        for intervention in self.interventions:
            faults = check_intervention(self.study.baseline, intervention)
            reason = "; ".join(faults) or self.study.without_meaning(intervention)
            if reason:
                found[intervention.id] = reason
        return found

    def outcomes(self, bundles: Sequence[Bundle]) -> list[Outcome]:
        """The joint outcome of each bundle; one without a solution has NaN and the reason."""
        missing = sorted({bundle for bundle in bundles if bundle not in self.known}, key=sorted)
        groups: dict[Bundle, list[Bundle]] = {}
        for bundle in missing:
            groups.setdefault(bundle & self._whole, []).append(bundle)
        for group in groups.values():
            for start in range(0, len(group), BLOCK):
                self._solve(group[start : start + BLOCK])
        return [self.known[bundle] for bundle in bundles]

    def _solve(self, bundles: list[Bundle]) -> None:
        member = np.zeros((len(self.interventions), len(bundles)), dtype=bool)
        for column, bundle in enumerate(bundles):
            member[sorted(bundle), column] = True
        draws = Draws(self.study.baseline.parameters, 0, self.study.seed, (0, len(bundles)))
        try:
            changes = self._changes(draws, member)
        except FAULTS as error:
            if len(bundles) == 1:
                self.known[bundles[0]] = Outcome(np.nan, np.nan, str(error))
                return
            # One bundle without a solution must not take the others with it: those named are solved alone.
            for part in _apart(bundles, getattr(error, "bad", ())):
                self._solve(part)
            return
        self.solved += len(bundles)
        narrowing = -changes["index_change"]
        welfare = changes["ev_musd"][self.standing].sum(axis=0)
        for bundle, gap, money in zip(bundles, narrowing, welfare, strict=True):
            reason = (
                "" if np.isfinite(gap) and np.isfinite(money) else "no finite number: the joint shock is out of range"
            )
            self.known[bundle] = Outcome(float(gap), float(money), reason)

    def _changes(self, draws: Draws, member: Mask | None = None, chosen: Bundle | None = None) -> dict[str, Array]:
        numbers = sorted(chosen) if chosen is not None else range(len(self.interventions))
        built = joint_shock(self.study.baseline, [self.interventions[number] for number in numbers], draws, member)
        return self.study.outcome(built, draws)

    def over_draws(self, bundle: Bundle, draws: int, seed: int) -> tuple[Array, Array]:
        """Narrowing and welfare of one bundle over draws of all uncertain numbers, (draw,) each. Raises EngineError."""
        if not bundle:
            return np.zeros(draws), np.zeros(draws)
        parts = []
        for start in range(0, draws, BLOCK):
            window = (start, min(start + BLOCK, draws))
            parts.append(self._changes(Draws(self.study.baseline.parameters, draws, seed, window), chosen=bundle))
        gap = np.concatenate([part["index_change"] for part in parts])
        money = np.concatenate([part["ev_musd"][self.standing].sum(axis=0) for part in parts])
        return -gap, money

    def main_and_pairs(self, objective: str) -> tuple[Array, Array]:
        """Effect of each intervention alone, (i,), and of each pair jointly less their sum, symmetric (i, i).

        NaN where there is no solution.
        """
        count = len(self.interventions)
        alone = [frozenset({one}) for one in range(count)]
        couples = [(one, other) for one in range(count) for other in range(one + 1, count)]
        values = [
            found.value(objective) for found in self.outcomes([*alone, *(frozenset(couple) for couple in couples)])
        ]
        main, pairs = np.array(values[:count]), np.zeros((count, count))
        for (one, other), value in zip(couples, values[count:], strict=True):
            pairs[one, other] = pairs[other, one] = value - main[one] - main[other]
        return main, pairs


def _apart(bundles: list[Bundle], bad: Sequence[int]) -> list[list[Bundle]]:
    """The bundles that may have a solution together, and each of those that had none; halves where none is named."""
    if not bad:
        half = len(bundles) // 2
        return [bundles[:half], bundles[half:]]
    others = [bundle for number, bundle in enumerate(bundles) if number not in set(bad)]
    return [part for part in (others, *([bundles[number]] for number in bad)) if part]
