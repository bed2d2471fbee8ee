"""The best set of a run's interventions under a budget, with its frontier, interactions and start years (model.md 10).

The document of a run's own analysis is that of docs/portfolio.md, and
  default: {budget, total_cost_musd, most_delay}: how the budget was set where nobody named one: what the cheaper half of
    the candidates cost together, rounded to one digit, and not less than the cheapest of them; total: of all candidates
  plan_refused: why there are no start years, empty where there are
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from planner.analyses.work import NoAnalysis, Work, finite
from planner.engine.effect import DONE
from planner.engine.parameters import lookup
from planner.engine.phasing import Calendar, Phased, plan_starts
from planner.engine.portfolio import Portfolio, Portfolios
from planner.engine.portfolio_program import NoFeasiblePortfolio, NoPortfolio
from planner.engine.portfolio_rules import InvalidPortfolio, Rules
from planner.engine.uncertainty import quantities
from planner.engine.version import ENGINE_VERSION
from planner.snapshot import engine_intervention

CAPITAL, OPERATING = "capital", "operating"
COUNTED = {"all": (CAPITAL, OPERATING), "capital": (CAPITAL,)}
DEFAULT_DELAY = 2
MOST_DRAWS = 200  # of the chosen set, in a run's own analysis
FRONTIER_SHARES = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
SHOWN_INTERACTIONS = 20
PLAN_YEARS = 20

Progress = Callable[[int, int, str], None]


class PortfolioFailed(Exception):
    """No set was found although the rules allow one."""


class PortfolioRefused(Exception):
    """The request cannot be met; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems[:50]))


@dataclass(frozen=True)
class PortfolioRequest:
    """What is asked of a run; ids are those of its interventions.

    yearly: {year: million}, or one amount for every year in which something costs; frontier: budgets, () for a default
    grid, None for no frontier; free: ids taken as free where no cost is known, `*` for all of them; most_delay: None for
    no start years.
    """

    budget: float
    objective: str = "imbalance"
    yearly: Mapping[int, float] | float | None = None
    carry_over: bool = False
    frontier: Sequence[float] | None = None
    exclusions: tuple[tuple[str, ...], ...] = ()
    prerequisites: tuple[tuple[str, str], ...] = ()
    required: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    counted: str = "all"
    restrictive: bool = False
    most_delay: int | None = None
    first_year: int | None = None
    last_year: int | None = None
    discount_rate: float | None = None
    draws: int | None = None


@dataclass
class _Candidates:
    """Who may be chosen, what it costs, and why others may not."""

    documents: list[Mapping[str, Any]] = field(default_factory=list)
    costs: dict[str, dict[int, float]] = field(default_factory=dict)
    free: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def portfolio(work: Work) -> dict[str, Any]:
    """The run's own analysis: a default budget, its frontier and start years."""
    work.done()
    open_budget = PortfolioRequest(budget=math.inf, objective=work.run.criterion)
    costs = [sum(rows.values()) for rows in choose_candidates(work, open_budget).costs.values()]
    if not costs or max(costs) <= 0:
        raise NoAnalysis("no measure that may be proposed has a known cost, so that no budget can be set")
    budget = default_budget(costs)
    request = PortfolioRequest(
        budget=budget,
        objective=work.run.criterion,
        frontier=(),
        most_delay=DEFAULT_DELAY,
        draws=min(work.run.draws, MOST_DRAWS),
    )
    refused = ""
    try:
        document = best_set(work, request)
    except (PortfolioRefused, PortfolioFailed) as error:
        # Without start years of all candidates there is still a best set.
        refused = str(error)
        try:
            document = best_set(work, replace(request, most_delay=None))
        except (PortfolioRefused, PortfolioFailed) as again:
            raise NoAnalysis(str(again)) from again
    default = {
        "budget": budget,
        "total_cost_musd": sum(costs),
        "most_delay": DEFAULT_DELAY,
    }
    return document | {"default": default, "plan_refused": refused}


def default_budget(costs: Sequence[float]) -> float:
    """What the cheaper half costs together, rounded to one digit; not less than the cheapest, rounded up."""
    positive = sorted(cost for cost in costs if cost > 0)
    half = sum(positive[: max(1, len(positive) // 2)])
    step = 10.0 ** math.floor(math.log10(half))
    return float(max(round(half / step) * step, math.ceil(positive[0])))


def best_set(work: Work, request: PortfolioRequest, progress: Progress | None = None) -> dict[str, Any]:
    """The document of docs/portfolio.md. Raises PortfolioRefused with everything wrong in the request, PortfolioFailed."""
    tell = progress or (lambda done, total, label: None)
    candidates = choose_candidates(work, request)
    refuse_names(work, request, candidates)
    budgets = frontier_budgets(request)
    steps = 3 + len(budgets) + (request.most_delay is not None)
    tell(0, steps, "each alone and in pairs")
    try:
        portfolios = Portfolios(
            work.central_study(),
            [engine_intervention(document) for document in candidates.documents],
            candidates.costs,
            rules_of(request, candidates),
            objective=request.objective,
            standing=work.standing,
        )
        tell(1, steps, "best sets")
        frontier = portfolios.frontier([*budgets, request.budget], lambda done: tell(1 + done, steps, "best sets"))
        best = next(found for found in frontier if found.budget == request.budget)
        plan = None
        if request.most_delay is not None:
            tell(steps - 2, steps, "start years")
            plan = plan_starts(portfolios, calendar_of(work, request, candidates))
        tell(steps - 1, steps, "draws")
        draws = work.run.draws if request.draws is None else request.draws
        spread = portfolios.over_draws(best, draws, work.run.seed) if draws else None
    except InvalidPortfolio as error:
        raise PortfolioRefused(error.problems) from error
    except NoFeasiblePortfolio as error:
        raise PortfolioRefused([str(error)]) from error
    except NoPortfolio as error:
        raise PortfolioFailed(str(error)) from error
    tell(steps, steps, "")
    return dict(finite(document_of(work, request, candidates, portfolios, best, frontier, plan, spread, draws)))


def choose_candidates(work: Work, request: PortfolioRequest) -> _Candidates:
    """The run's interventions that may be chosen; each other one with the reason why not."""
    unfit = {name: effect.reason for name, effect in work.effects.items() if effect.status != DONE}
    found = _Candidates()
    for document in work.run.interventions:
        name = document["id"]
        rows = [row for row in document["costs"] if row["category"] in COUNTED[request.counted]]
        if name in request.left_out:
            found.refused[name] = "left out on request"
        elif name in unfit:
            found.refused[name] = unfit[name]
        elif name in work.restrictive and not request.restrictive:
            found.refused[name] = "restrictive, to compare with; --restrictive makes it a candidate"
        elif not document["costs"] and name not in request.free and "*" not in request.free:
            found.refused[name] = "cost unknown; --free takes it as free"
        else:
            found.documents.append(document)
            if not document["costs"]:
                found.free.append(name)
            found.costs[name] = {}
            for row in rows:
                found.costs[name][row["year"]] = found.costs[name].get(row["year"], 0.0) + row["amount_musd"]
            if document["costs"] and not rows:
                # Its costs are known, none of them is of the categories counted: it takes nothing of this budget.
                found.free.append(name)
    return found


def refuse_names(work: Work, request: PortfolioRequest, candidates: _Candidates) -> None:
    """Every id in the request must be a candidate, or at least be known where it is left out."""
    known = list(work.documents)
    problems = []
    named = {
        "exclude": [name for group in request.exclusions for name in group],
        "needs": [name for couple in request.prerequisites for name in couple],
        "with": list(request.required),
        "without": list(request.left_out),
        "free": [name for name in request.free if name != "*"],
    }
    for option, names in named.items():
        for name in dict.fromkeys(names):
            if name not in known:
                problems.append(f"--{option}: no intervention {name!r} in this run; expected one of {', '.join(known)}")
            elif option in ("exclude", "needs", "with") and name in candidates.refused:
                problems.append(f"--{option}: {name!r} cannot be chosen: {candidates.refused[name]}")
    if not candidates.documents and not problems:
        problems = [f"{name}: {reason}" for name, reason in candidates.refused.items()]
    if problems:
        raise PortfolioRefused(problems)


def rules_of(request: PortfolioRequest, candidates: _Candidates) -> Rules:
    """The engine's rules; one yearly amount is spread over all years in which something may cost."""
    yearly = request.yearly
    if isinstance(yearly, float | int):
        years = [year for rows in candidates.costs.values() for year in rows]
        last = max(years, default=0) + (request.most_delay or 0)
        yearly = dict.fromkeys(range(min(years), last + 1), float(yearly)) if years else {}
    return Rules(
        budget=request.budget,
        yearly=dict(yearly or {}),
        carry_over=request.carry_over,
        exclusions=request.exclusions,
        prerequisites=request.prerequisites,
        required=request.required,
        free=frozenset(candidates.free),
    )


def frontier_budgets(request: PortfolioRequest) -> list[float]:
    """Budgets of the frontier, the one asked for among them."""
    if request.frontier is None:
        return []
    given = [float(budget) for budget in request.frontier]
    return sorted(set(given or [request.budget * share for share in FRONTIER_SHARES]) - {request.budget})


def calendar_of(work: Work, request: PortfolioRequest, candidates: _Candidates) -> Calendar:
    """Start years of the candidates; 20 years from the first start unless said otherwise."""
    starts = {document["id"]: start_year(document) for document in candidates.documents}
    known = {name: year for name, year in starts.items() if year is not None}
    first = request.first_year or min(known.values(), default=work.run.case_document["year"])
    last = request.last_year or first + PLAN_YEARS - 1
    rate = request.discount_rate
    if rate is None:
        rate = lookup(work.parameters, "discount_rate").central
    return Calendar(known, first, last, request.most_delay or 0, rate)


def start_year(document: Mapping[str, Any]) -> int | None:
    """Year in which an intervention's effect begins: its own, else its first channel's, else the year after its capital."""
    if document["start_year"]:
        return int(document["start_year"])
    years = [row["start_year"] for row in document["channels"] if row["start_year"]]
    if years:
        return int(min(years))
    spent = [row["year"] for row in document["costs"] if row["category"] == CAPITAL]
    if spent:
        return int(max(spent)) + 1
    return min((int(row["year"]) for row in document["costs"]), default=None)


# --- The document ----------------------------------------------------------------------------------------------------


def document_of(
    work: Work,
    request: PortfolioRequest,
    candidates: _Candidates,
    portfolios: Portfolios,
    best: Portfolio,
    frontier: Sequence[Portfolio],
    plan: Phased | None,
    spread: tuple[np.ndarray, np.ndarray] | None,
    draws: int,
) -> dict[str, Any]:
    """Everything that was found, raw numbers; no time and no path, so that equal requests give equal documents."""
    run = work.run
    names = {document["id"]: document["name"] for document in run.interventions}
    money = f"million {run.case_document['currency']} of {run.case_document['price_year']}"
    interactions = [
        {"first": found.first, "second": found.second, "joint": found.joint, "interaction": found.interaction}
        for found in portfolios.interactions()
    ]
    chosen = set(best.ids)
    rules = portfolios.rules
    return {
        "format": "border-trade-planner/portfolio/1",
        "case": {name: run.case_document[name] for name in ("name", "title", "year", "currency", "price_year")},
        "run": {
            "closure": run.closure,
            "standing": work.standing_words,
            "seed": run.seed,
            "draws": draws,
            "engine_version": ENGINE_VERSION,
            "input_digest": run.input_digest,
        },
        "objective": request.objective,
        "unit": "index points by which the imbalance narrows"
        if request.objective == "imbalance"
        else f"{money} a year",
        "money": money,
        "costs_counted": request.counted,
        "rules": {
            "budget": rules.budget,
            "yearly": {str(year): amount for year, amount in sorted(rules.yearly.items())},
            "carry_over": rules.carry_over,
            "exclusions": [list(group) for group in rules.exclusions],
            "prerequisites": [list(couple) for couple in rules.prerequisites],
            "required": list(rules.required),
            "free": sorted(rules.free),
        },
        "candidates": [
            {
                "id": name,
                "name": names[name],
                "cost_musd": sum(portfolios.costs[name].values()),
                "alone": float(portfolios.main[number]),
            }
            for name, number in portfolios.number.items()
        ],
        "not_considered": [
            {"id": name, "name": names[name], "reason": reason} for name, reason in sorted(candidates.refused.items())
        ],
        "portfolio": {
            **portfolio_document(best, names),
            "over_draws": None
            if spread is None
            else {"narrowing": quantities(spread[0]), "welfare_musd": quantities(spread[1])},
            "interactions_inside": [row for row in interactions if row["first"] in chosen and row["second"] in chosen][
                :SHOWN_INTERACTIONS
            ],
        },
        "interactions": interactions[:SHOWN_INTERACTIONS],
        "frontier": [frontier_row(found, before) for before, found in zip([None, *frontier], frontier, strict=False)]
        if request.frontier is not None
        else [],
        "plan": None if plan is None else plan_document(plan, names, calendar_of(work, request, candidates)),
        "joint_solves": portfolios.effects.solved,
    }


def portfolio_document(found: Portfolio, names: Mapping[str, str]) -> dict[str, Any]:
    """One set with its members."""
    return {
        "budget": found.budget,
        "cost_musd": found.cost_musd,
        "cost_by_year": {str(year): amount for year, amount in found.cost_by_year.items()},
        "value": found.value,
        "predicted_by_pairs": found.predicted,
        "sum_alone": found.sum_alone,
        "interaction": found.value - found.sum_alone,
        "narrowing": found.outcome.narrowing,
        "welfare_musd": found.outcome.welfare_musd,
        "gap": found.gap,
        "exchanges": found.exchanges,
        "shadow_price": found.shadow_price,
        "yearly_prices": {str(year): price for year, price in found.yearly_prices.items()},
        "members": [
            {
                "id": member.intervention,
                "name": names[member.intervention],
                "cost_musd": member.cost_musd,
                "alone": member.alone,
                "marginal": member.marginal,
                "start_year": member.start_year,
            }
            for member in found.members
        ],
    }


def frontier_row(found: Portfolio, before: Portfolio | None) -> dict[str, Any]:
    """One budget of the frontier; the gain per million since the budget before it."""
    step = found.budget - before.budget if before is not None else 0.0
    return {
        "budget": found.budget,
        "cost_musd": found.cost_musd,
        "value": found.value,
        "narrowing": found.outcome.narrowing,
        "welfare_musd": found.outcome.welfare_musd,
        "gain_per_million": (found.value - before.value) / step if before is not None and step > 0 else None,
        "shadow_price": found.shadow_price,
        "members": list(found.ids),
    }


def plan_document(plan: Phased, names: Mapping[str, str], calendar: Calendar) -> dict[str, Any]:
    """Start years, money and effect by year."""
    return {
        **portfolio_document(plan.portfolio, names),
        "first_year": calendar.first_year,
        "last_year": calendar.last_year,
        "most_delay": calendar.most_delay,
        "discount_rate": calendar.discount_rate,
        "by_year": [
            {"year": year, "narrowing": outcome.narrowing, "welfare_musd": outcome.welfare_musd}
            for year, outcome in plan.by_year.items()
        ],
    }
