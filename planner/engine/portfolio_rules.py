"""The rules of a portfolio: budgets, exclusions, prerequisites; what is wrong with them, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from planner.engine.errors import EngineError


class InvalidPortfolio(EngineError):
    """Rules that contradict themselves or candidates that cannot be solved; `problems` lists all."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems[:50]))


class UnknownCost(InvalidPortfolio):
    """Candidates whose cost is unknown; `interventions` lists them."""

    def __init__(self, interventions: Sequence[str]) -> None:
        self.interventions = list(interventions)
        super().__init__(
            [f"{name}: cost unknown; give its costs, leave it out, or say that it is free" for name in interventions]
        )


@dataclass(frozen=True)
class Rules:
    """What a set must keep.

    budget: million over all years; yearly: {year: million}, years that are not named are bound by the total alone;
    carry_over: what a named year leaves may be spent in later named years; exclusions: at most one of each group;
    prerequisites: (id, the id that it needs); required: must be in; free: cost nothing though no cost is known.
    """

    budget: float = np.inf
    yearly: Mapping[int, float] = field(default_factory=dict)
    carry_over: bool = False
    exclusions: tuple[tuple[str, ...], ...] = ()
    prerequisites: tuple[tuple[str, str], ...] = ()
    required: tuple[str, ...] = ()
    free: frozenset[str] = frozenset()

    def rows(self) -> list[int | None]:
        """Budget rows: None is the total, then the named years."""
        return [None, *sorted(self.yearly)]

    def _years(self, row: int) -> list[int]:
        return [year for year in self.yearly if year <= row] if self.carry_over else [row]

    def spending(self, costs: Mapping[int, float], row: int | None, delay: int = 0) -> float:
        """What an intervention's costs, delayed by some years, take of a budget row."""
        if row is None:
            return float(sum(costs.values()))
        return float(sum(costs.get(year - delay, 0.0) for year in self._years(row)))

    def limit(self, row: int | None) -> float:
        """The money of a budget row."""
        return float(self.budget if row is None else sum(self.yearly[year] for year in self._years(row)))


def rule_problems(ids: Iterable[str], costs: Mapping[str, Mapping[int, float]], rules: Rules) -> list[str]:
    """Everything that is wrong with rules and costs for these candidates."""
    known = set(ids)
    problems = [] if known else ["no candidate: there is nothing to choose from"]
    if np.isnan(rules.budget) or rules.budget < 0:
        problems.append(f"budget {rules.budget:g}; expected an amount of at least 0")
    problems += [
        f"budget of {year}: {amount:g}; expected an amount of at least 0"
        for year, amount in rules.yearly.items()
        if not amount >= 0
    ]
    problems += [
        f"{name}: cost {amount} in {year}; expected a number"
        for name, rows in costs.items()
        for year, amount in rows.items()
        if not np.isfinite(amount)
    ]
    named = [
        *(("exclusion", name) for group in rules.exclusions for name in group),
        *(("prerequisite", name) for couple in rules.prerequisites for name in couple),
        *(("required", name) for name in rules.required),
        *(("free", name) for name in sorted(rules.free)),
    ]
    problems += [
        f"{what}: {name!r} is not a candidate; expected one of {', '.join(sorted(known))}"
        for what, name in named
        if name not in known
    ]
    problems += [
        f"exclusion of {', '.join(group)}: expected two or more different ids"
        for group in rules.exclusions
        if len(set(group)) < 2
    ]
    problems += [f"prerequisite: {one!r} needs itself" for one, other in rules.prerequisites if one == other]
    for group in rules.exclusions:
        both = sorted(set(group) & set(rules.required))
        if len(both) > 1:
            problems.append(f"{' and '.join(both)} are required but exclude each other")
    return problems
