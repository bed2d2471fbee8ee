"""When to start: start years of a portfolio under yearly budgets (model.md 10).

A candidate may start up to some years later than planned; its costs move with it. Its effect is whole from its start year
to the last year (ramp-up is left to the appraisal). The objective is the sum over years of what is active together,
discounted: index-point-years, or million.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.engine.bundles import Outcome
from planner.engine.portfolio import Portfolio, Portfolios
from planner.engine.portfolio_program import NOT_TAKEN, NoPortfolio, Program, optimise
from planner.engine.portfolio_rules import InvalidPortfolio
from planner.engine.portfolio_search import improve
from planner.engine.types import Array

KEPT_INTERACTION = 0.999  # share of all interaction that the program of a plan over years looks at


@dataclass(frozen=True)
class Calendar:
    """Years of a plan.

    starts: year in which each candidate's effect begins if nothing is put off; most_delay: years by which any may be put
    off; discount_rate: per year, to first_year.
    """

    starts: Mapping[str, int]
    first_year: int
    last_year: int
    most_delay: int = 5
    discount_rate: float = 0.0

    @property
    def years(self) -> list[int]:
        """All years, first to last."""
        return list(range(self.first_year, self.last_year + 1))


@dataclass(frozen=True)
class Phased:
    """A portfolio with start years; by_year: joint outcome in each year at full effect of what is active then."""

    portfolio: Portfolio
    by_year: Mapping[int, Outcome]


def plan_starts(portfolios: Portfolios, calendar: Calendar) -> Phased:
    """Which to take and when to start each, within total and yearly budgets. Raises InvalidPortfolio, NoPortfolio."""
    _check(portfolios.ids, calendar)
    program, merged = _program(portfolios, calendar)
    main, effects = portfolios.main, portfolios.effects
    optimum = optimise(program, main, _largest(portfolios.pairs))
    found = improve(program, optimum.choice, effects, portfolios.objective, main, portfolios.pairs)
    if not np.isfinite(found.value):
        raise NoPortfolio("the chosen plan has no joint solution in some year")
    delays = {number: option for number, option in enumerate(found.choice) if option != NOT_TAKEN}
    sets = program.active_sets(found.choice)
    outcomes = effects.outcomes(sets)
    final = frozenset(delays)
    last = effects.outcomes([final])[0]
    members = tuple(
        replace(
            member, start_year=calendar.starts[member.intervention] + delays[portfolios.number[member.intervention]]
        )
        for member in portfolios.members(final, last)
    )
    worth = program.worth
    portfolio = Portfolio(
        objective=portfolios.objective,
        budget=float(program.limit[0]),
        members=tuple(sorted(members, key=lambda member: (member.start_year, -member.marginal, member.intervention))),
        cost_by_year=portfolios.cost_by_year(delays),
        value=found.value,
        predicted=program.predicted(found.choice, main, portfolios.pairs),
        sum_alone=float(sum(main[number] * worth[number, option] for number, option in delays.items())),
        outcome=last,
        gap=optimum.gap,
        exchanges=found.steps,
        shadow_price=float("nan"),
    )
    return Phased(portfolio, {year: outcomes[merged[year]] for year in calendar.years})


def _check(ids: Sequence[str], calendar: Calendar) -> None:
    problems = [f"{name}: no start year; give one" for name in ids if name not in calendar.starts]
    if calendar.last_year < calendar.first_year:
        problems.append(f"years {calendar.first_year} to {calendar.last_year}; expected the last not before the first")
    if calendar.most_delay < 0:
        problems.append(f"delay of {calendar.most_delay} years; expected 0 or more")
    if not calendar.discount_rate > -1:
        problems.append(f"discount rate {calendar.discount_rate:g}; expected a number above -1")
    if problems:
        raise InvalidPortfolio(problems)


def _program(portfolios: Portfolios, calendar: Calendar) -> tuple[Program, dict[int, int]]:
    """The program over years, and the period of each year: years in which the same options are active are one period."""
    years = np.array(calendar.years)
    delays = np.arange(calendar.most_delay + 1)
    starts = np.array([calendar.starts[name] for name in portfolios.ids])
    active = years[None, None, :] >= (starts[:, None] + delays[None, :])[:, :, None]
    weight = (1 + calendar.discount_rate) ** -(years - calendar.first_year).astype(float)
    new = np.concatenate([[True], (active[..., 1:] != active[..., :-1]).any(axis=(0, 1))])
    period = np.cumsum(new) - 1
    rules, rows = portfolios.rules, portfolios.rules.rows()
    cost = [
        [[rules.spending(portfolios.costs[name], row, int(delay)) for row in rows] for delay in delays]
        for name in portfolios.ids
    ]
    base = portfolios.program(rules.budget)
    program = replace(
        base,
        active=active[..., new],
        weight=np.asarray(np.bincount(period, weight), dtype=float),
        cost=np.array(cost).reshape(len(portfolios.ids), len(delays), len(rows)),
    )
    return program, {int(year): int(number) for year, number in zip(years, period, strict=True)}


def _largest(pairs: Array) -> Array:
    """The largest interactions that make up nearly all of it; the rest is left to the joint solves."""
    size = np.abs(pairs)
    order = np.argsort(-size, axis=None)
    kept = np.cumsum(size.ravel()[order]) <= KEPT_INTERACTION * size.sum()
    flat = np.zeros(pairs.size, dtype=bool)
    flat[order[kept]] = True
    mask = flat.reshape(pairs.shape)
    return np.where(mask | mask.T, pairs, 0.0)
