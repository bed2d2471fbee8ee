"""The best set of interventions under budgets, exclusions and prerequisites, verified by joint solves (model.md 10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from planner.engine.bundles import JointEffects, Outcome
from planner.engine.estimate import Study
from planner.engine.portfolio_program import NOT_TAKEN, Choice, NoPortfolio, Program, optimise, shadow_prices
from planner.engine.portfolio_rules import InvalidPortfolio, Rules, UnknownCost, rule_problems
from planner.engine.portfolio_search import Verified, improve, joint_value
from planner.engine.types import Array, Intervention

OBJECTIVES = ("imbalance", "welfare")
Costs = Mapping[str, Mapping[int, float]]


@dataclass(frozen=True)
class Member:
    """One chosen intervention: its cost over all years, its effect alone, and what the set would lose without it.

    alone, marginal: in the objective's unit, a year at full effect; start_year: only in a phased plan.
    """

    intervention: str
    cost_musd: float
    alone: float
    marginal: float
    start_year: int | None = None


@dataclass(frozen=True)
class Portfolio:
    """A set of interventions and what it does together, at central values, a year at full effect.

    value: the objective by a joint solve (in a phased plan the weighted sum over years); predicted: by main and pairwise
    effects; sum_alone: effects added up as if there were no interaction; outcome: both objectives by the joint solve;
    gap: distance of the program's choice to its proven bound; exchanges: steps that joint solves added to it;
    shadow_price: gain of the objective per million more of the total budget, yearly_prices likewise by year.
    """

    objective: str
    budget: float
    members: tuple[Member, ...]
    cost_by_year: Mapping[int, float]
    value: float
    predicted: float
    sum_alone: float
    outcome: Outcome
    gap: float
    exchanges: int
    shadow_price: float
    yearly_prices: Mapping[int, float] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """Who is in it, by name."""
        return tuple(member.intervention for member in self.members)

    @property
    def cost_musd(self) -> float:
        """Money over all years."""
        return float(sum(member.cost_musd for member in self.members))


@dataclass(frozen=True)
class Interaction:
    """Joint effect of two interventions less the sum of both: negative for substitutes, positive for complements."""

    first: str
    second: str
    joint: float
    interaction: float


class Portfolios:
    """One set of candidates with their main and pairwise effects, of which the best sets are asked.

    costs: intervention -> {year: million in one currency and price year}; a candidate without any is refused
    (`UnknownCost`) unless `rules.free` names it. objective: `imbalance` (index points by which the headline narrows) or
    `welfare` (equivalent variation of the places in `standing`, million a year). Raises InvalidPortfolio with everything
    that is wrong, a candidate that cannot be solved among it.
    """

    def __init__(
        self,
        study: Study,
        interventions: Sequence[Intervention],
        costs: Costs,
        rules: Rules,
        *,
        objective: str = "imbalance",
        standing: Sequence[int] | None = None,
    ) -> None:
        if objective not in OBJECTIVES:
            raise ValueError(f"unknown objective {objective!r}; expected one of {', '.join(OBJECTIVES)}")
        self.interventions = tuple(sorted(interventions, key=lambda one: one.id))
        self.ids = tuple(one.id for one in self.interventions)
        self.rules, self.objective = rules, objective
        unknown = [name for name in self.ids if not costs.get(name) and name not in rules.free]
        if unknown:
            raise UnknownCost(unknown)
        self.costs = {name: dict(costs.get(name, {})) for name in self.ids}
        self.number = {name: number for number, name in enumerate(self.ids)}
        places = [int(place) for place in study.baseline.border] if standing is None else standing
        self.effects = JointEffects(study, self.interventions, places)
        problems = rule_problems(self.ids, self.costs, rules)
        problems += [f"{name}: {reason}" for name, reason in self.effects.problems().items()]
        if problems:
            raise InvalidPortfolio(problems)
        self.main, self.pairs = self.effects.main_and_pairs(objective)
        failed = [
            f"{name}: {self.effects.outcomes([frozenset({number})])[0].reason}"
            for name, number in self.number.items()
            if not np.isfinite(self.main[number])
        ]
        if failed:
            raise InvalidPortfolio(failed)
        # Two that have no joint solution cannot be taken together.
        first, second = np.nonzero(np.triu(~np.isfinite(self.pairs), 1))
        self.unsolved = tuple((int(one), int(other)) for one, other in zip(first, second, strict=True))
        self.pairs = np.where(np.isfinite(self.pairs), self.pairs, 0.0)

    def best(self, budget: float | None = None) -> Portfolio:
        """The best set within the rules; `budget` in place of the rules' total. Raises NoPortfolio."""
        program = self.program(self.rules.budget if budget is None else budget)
        optimum = optimise(program, self.main, self.pairs)
        found = improve(program, optimum.choice, self.effects, self.objective, self.main, self.pairs)
        return self.describe(program, found, optimum.gap)

    def frontier(self, budgets: Sequence[float], report: Callable[[int], None] | None = None) -> list[Portfolio]:
        """The best set at each budget, by budget; more money is never worse: a set stays open to every larger budget.

        report: told how many budgets are done.
        """
        found = []
        for budget in sorted(set(budgets)):
            found.append(self.best(budget))
            if report is not None:
                report(len(found))
        for position in range(1, len(found)):
            program = self.program(found[position].budget)
            affordable = [other for other in found if program.feasible(self.choice(other.ids))]
            best = max(affordable, key=lambda other: (other.value, -other.cost_musd))
            if best.value > found[position].value:
                kept = found[position]
                found[position] = replace(
                    best, budget=kept.budget, shadow_price=kept.shadow_price, yearly_prices=kept.yearly_prices
                )
        # A set found with more money may fit a smaller budget; then it is the answer there as well.
        for position in reversed(range(len(found) - 1)):
            program = self.program(found[position].budget)
            larger = found[position + 1]
            if larger.value > found[position].value and program.feasible(self.choice(larger.ids)):
                kept = found[position]
                found[position] = replace(
                    larger, budget=kept.budget, shadow_price=kept.shadow_price, yearly_prices=kept.yearly_prices
                )
        return found

    def interactions(self, count: int | None = None) -> list[Interaction]:
        """Pairs by the size of their interaction, largest first."""
        first, second = np.triu_indices(len(self.ids), 1)
        order = np.argsort(-np.abs(self.pairs[first, second]), kind="stable")[:count]
        return [
            Interaction(
                self.ids[one],
                self.ids[other],
                float(self.main[one] + self.main[other] + self.pairs[one, other]),
                float(self.pairs[one, other]),
            )
            for one, other in zip(first[order], second[order], strict=True)
        ]

    def choice(self, ids: Sequence[str]) -> Choice:
        """A set as the program's choice, everything at its first option."""
        return tuple(0 if name in ids else NOT_TAKEN for name in self.ids)

    def value(self, ids: Sequence[str]) -> float:
        """The objective of any set by a joint solve."""
        return joint_value(self.program(np.inf), self.choice(ids), self.effects, self.objective)

    @cached_property
    def cost_years(self) -> list[int]:
        """Years in which something costs."""
        return sorted({year for rows in self.costs.values() for year in rows})

    def program(self, budget: float) -> Program:
        """The program without phasing: one option, one period."""
        rows = self.rules.rows()
        cost = np.array([[self.rules.spending(self.costs[name], row) for row in rows] for name in self.ids])
        return Program(
            active=np.ones((len(self.ids), 1, 1), dtype=bool),
            weight=np.ones(1),
            cost=cost.reshape(len(self.ids), 1, len(rows)),
            limit=np.array([budget, *(self.rules.limit(row) for row in rows[1:])]),
            groups=self.groups,
            needs=tuple((self.number[one], self.number[other]) for one, other in self.rules.prerequisites),
            required=tuple(self.number[name] for name in self.rules.required),
        )

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Candidates of which at most one is taken: by the rules, and pairs without a joint solution."""
        return (*(tuple(self.number[name] for name in group) for group in self.rules.exclusions), *self.unsolved)

    def describe(self, program: Program, found: Verified, gap: float) -> Portfolio:
        """The record of a verified choice of a program without phasing. Raises NoPortfolio where it has no solution."""
        inside = frozenset(number for number, option in enumerate(found.choice) if option != NOT_TAKEN)
        outcome = self.effects.outcomes([inside])[0]
        if outcome.reason:
            raise NoPortfolio(f"the chosen set has no joint solution: {outcome.reason}")
        prices = shadow_prices(program, self.main, self.pairs)
        return Portfolio(
            objective=self.objective,
            budget=float(program.limit[0]),
            members=self.members(inside, outcome),
            cost_by_year=self.cost_by_year(dict.fromkeys(inside, 0)),
            value=found.value,
            predicted=program.predicted(found.choice, self.main, self.pairs),
            sum_alone=float(self.main[sorted(inside)].sum()),
            outcome=outcome,
            gap=gap,
            exchanges=found.steps,
            shadow_price=float(prices[0]),
            yearly_prices=dict(zip(self.rules.rows()[1:], prices[1:].tolist(), strict=True)),  # type: ignore[arg-type]
        )

    def members(self, inside: frozenset[int], outcome: Outcome) -> tuple[Member, ...]:
        """The chosen with what the set loses without each, largest loss first."""
        without = self.effects.outcomes([inside - {number} for number in sorted(inside)])
        together = outcome.value(self.objective)
        members = [
            Member(
                intervention=self.ids[number],
                cost_musd=float(sum(self.costs[self.ids[number]].values())),
                alone=float(self.main[number]),
                marginal=together - rest.value(self.objective),
            )
            for number, rest in zip(sorted(inside), without, strict=True)
        ]
        return tuple(sorted(members, key=lambda member: (-member.marginal, member.intervention)))

    def cost_by_year(self, delays: Mapping[int, int]) -> dict[int, float]:
        """Money by year of the chosen, each delayed by some years: number -> years."""
        total: dict[int, float] = {}
        for number, delay in sorted(delays.items()):
            for year, amount in self.costs[self.ids[number]].items():
                total[year + delay] = total.get(year + delay, 0.0) + amount
        return dict(sorted(total.items()))

    def over_draws(self, portfolio: Portfolio, draws: int, seed: int) -> tuple[Array, Array]:
        """Narrowing and welfare of a set over draws of all uncertain numbers, (draw,) each."""
        return self.effects.over_draws(frozenset(self.number[name] for name in portfolio.ids), draws, seed)
