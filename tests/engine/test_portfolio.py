"""Portfolios: joint effects, the best set against all sets, budgets, rules, frontier, phasing."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from planner.engine.bundles import JointEffects, joint_shock
from planner.engine.estimate import study
from planner.engine.phasing import Calendar, plan_starts
from planner.engine.portfolio import Portfolios
from planner.engine.portfolio_program import NOT_TAKEN, NoPortfolio, Program, optimise, shadow_prices
from planner.engine.portfolio_rules import InvalidPortfolio, Rules, UnknownCost
from planner.engine.portfolio_search import improve
from planner.engine.types import Intervention
from planner.engine.uncertainty import Draws
from tests.engine.small_case import channel, plan, small_baseline

BASELINE = small_baseline()
# Two directions: A1 buys more from B1 than it sells, A2 sells more than it buys.
TWELVE = (
    plan(channel("wait_minutes", -12, crossing="X", direction="B"), id="booths-x"),
    plan(channel("wait_share", -0.5, crossing="X", direction="B"), id="booking-x"),
    plan(channel("road_hours", -0.05, crossing="X", direction="*"), id="road-x"),
    plan(channel("wait_share", -0.5, crossing="Y", direction="*"), id="booths-y"),
    plan(channel("handling_hours", -0.2, crossing="*", direction="B", sector="food"), id="documents"),
    plan(channel("handling_share", -0.6, crossing="*", direction="B", sector="*"), id="window"),
    plan(channel("fee_usd", -5, crossing="X", direction="*"), id="toll-x"),
    plan(channel("rail_hours", -10, crossing="X", direction="*"), id="rail-x"),
    plan(channel("log_trade", 0.02, origin="A", destination="B", sector="food"), id="recognition"),
    plan(channel("trade_cost", -0.002, origin="A1", destination="B", sector="cars"), id="exporters"),
    plan(channel("productivity", 0.003, place="A1", sector="cars"), id="training"),
    plan(channel("visitors", 0.05, origin="B", destination="A1"), id="festival"),
)
COSTS = {
    "booths-x": {2026: 30.0, 2027: 2.0},
    "booking-x": {2026: 8.0},
    "road-x": {2027: 40.0},
    "booths-y": {2026: 12.0},
    "documents": {2026: 3.0, 2027: 3.0},
    "window": {2026: 20.0, 2027: 10.0},
    "toll-x": {2027: 15.0},
    "rail-x": {2028: 25.0},
    "recognition": {2027: 9.0},
    "exporters": {2026: 7.0},
    "training": {2026: 10.0, 2027: 10.0, 2028: 10.0},
    "festival": {2027: 5.0},
}
# Of welfare, a difference of incomes of 1e5 million, and of the index, of about one: where a measure hardly has an effect,
# what is left of it hangs on the company it was solved in.
ROUNDING = {"imbalance": 1e-12, "welfare": 1e-9}
COST = {name: sum(rows.values()) for name, rows in COSTS.items()}


def portfolios(rules: Rules, objective: str = "imbalance", chosen=TWELVE, closure: str = "world_share") -> Portfolios:
    prepared = study(BASELINE, BASELINE.parameters, draws=0, seed=1, closure=closure)
    return Portfolios(prepared, chosen, {one.id: COSTS[one.id] for one in chosen}, rules, objective=objective)


@pytest.fixture(scope="module")
def effects() -> JointEffects:
    prepared = study(BASELINE, BASELINE.parameters, draws=0, seed=1, closure="world_share")
    return JointEffects(prepared, sorted(TWELVE, key=lambda one: one.id), BASELINE.border)


@pytest.fixture(scope="module")
def all_sets(effects) -> dict[frozenset[str], dict[str, float]]:
    """Joint values of all 4096 sets of the twelve."""
    ids = [one.id for one in effects.interventions]
    bundles = [frozenset(chosen) for size in range(13) for chosen in combinations(range(12), size)]
    return {
        frozenset(ids[number] for number in bundle): {
            "imbalance": found.narrowing,
            "welfare": found.welfare_musd,
        }
        for bundle, found in zip(bundles, effects.outcomes(bundles), strict=True)
    }


def best_of(all_sets, objective: str, allowed) -> float:
    return max(values[objective] for ids, values in all_sets.items() if allowed(ids))


def money(ids) -> float:
    return sum(COST[name] for name in ids)


def within(budget: float):
    return lambda ids: money(ids) <= budget + 1e-9


# Joint effects ---------------------------------------------------------------------------------------------------------


def test_a_bundle_of_one_is_its_estimate(effects):
    prepared = effects.study
    for number, intervention in enumerate(effects.interventions):
        arrays = prepared.estimate(intervention).arrays
        found = effects.outcomes([frozenset({number})])[0]
        assert found.narrowing == pytest.approx(-arrays["full.index_change"][0], rel=1e-9, abs=1e-15)
        assert found.welfare_musd == pytest.approx(arrays["full.ev_musd"][BASELINE.border].sum(), rel=1e-7, abs=1e-9)


def test_a_bundle_does_not_hang_on_its_company_in_the_batch(effects):
    alone = JointEffects(effects.study, effects.interventions, BASELINE.border)
    bundle = frozenset({0, 3, 4, 8})
    effects.outcomes([frozenset(couple) for couple in combinations(range(12), 2)] + [bundle])
    assert alone.outcomes([bundle])[0].narrowing == pytest.approx(effects.known[bundle].narrowing, rel=1e-9)


def log_costs(*interventions: Intervention) -> dict:
    shock = joint_shock(BASELINE, interventions, Draws(BASELINE.parameters, 0, 0)).shock
    keys = zip(shock.cells.origin, shock.cells.destination, shock.cells.sector, strict=True)
    return {tuple(map(int, key)): float(value) for key, value in zip(keys, shock.log_cost[:, 0], strict=True)}


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (
            channel("wait_minutes", -12, crossing="X", direction="B"),  # of 20 minutes: 8 left, then half of them
            channel("wait_share", -0.5, crossing="X", direction="B"),
            channel("wait_minutes", -16, crossing="X", direction="B"),
        ),
        (
            channel("handling_hours", -0.2, crossing="X", direction="B", sector="food"),  # of half an hour
            channel("handling_share", -0.5, crossing="*", direction="B", sector="food"),
            None,
        ),
        (
            channel("fee_usd", -5, crossing="X", direction="*"),
            channel("fee_usd", -8, crossing="X", direction="A"),
            None,
        ),
        (
            channel("fee_usd", 5, crossing="X", direction="*"),
            channel("fee_usd", 7, crossing="X", direction="*"),
            channel("fee_usd", 12, crossing="X", direction="*"),
        ),
        (
            channel("rail_hours", -24, crossing="X", direction="*"),
            channel("rail_hours", -24, crossing="X", direction="*"),
            channel("rail_hours", -36, crossing="X", direction="*"),
        ),
    ],
)
def test_cuts_multiply_and_increases_add(first, second, together):
    one, other = plan(first, id="one"), plan(second, id="other")
    joint = log_costs(one, other)
    assert joint == log_costs(other, one)
    if together is not None:
        assert joint == pytest.approx(log_costs(plan(together)), rel=1e-12)
    elif first.type == "handling_hours":
        # At X 0.5 h x 0.6 x 0.5 = 0.15 h stay; at Y, which only the second reaches, 0.25 h.
        by_hand = plan(
            channel("handling_hours", -0.35, crossing="X", direction="B", sector="food"),
            channel("handling_hours", -0.25, crossing="Y", direction="B", sector="food"),
        )
        assert joint == pytest.approx(log_costs(by_hand), rel=1e-12)
    else:
        # 10 USD: half and a fifth stay into A, half into B.
        by_hand = plan(
            channel("fee_usd", -9, crossing="X", direction="A"), channel("fee_usd", -5, crossing="X", direction="B")
        )
        assert joint == pytest.approx(log_costs(by_hand), rel=1e-12)


def test_nothing_falls_below_zero_however_much_is_cut():
    whole = [plan(channel("wait_share", -1, crossing="X", direction="B"), id=f"plan-{number}") for number in range(3)]
    assert log_costs(*whole) == pytest.approx(log_costs(whole[0]), rel=1e-12)


def test_over_draws_the_rules_hold_too(effects):
    spread = [
        plan(channel("wait_share", -0.4, low=-0.6, high=-0.1, crossing="X", direction="B"), id=name)
        for name in ("one", "other")
    ]
    draws = Draws(BASELINE.parameters, 40, 7)
    built = joint_shock(BASELINE, spread, draws)
    cuts = [draws.channel(one.channels[0]) for one in spread]
    ((station, change),) = built.change.waits
    assert len(station) == 1
    assert change[0] == pytest.approx(((1 + cuts[0]) * (1 + cuts[1]) - 1) * 20 / 60)
    pair = JointEffects(effects.study, spread, BASELINE.border)
    narrowing, welfare = pair.over_draws(frozenset({0, 1}), 40, 7)
    assert narrowing.shape == welfare.shape == (40,)
    assert narrowing.std() > 0


def test_closures_and_limits_are_there_in_some_bundles_only():
    closing = plan(channel("closure", 1, crossing="Y", direction="*"), id="close")
    limit = plan(channel("certificates", 1, place="A"), id="limit")
    other = plan(channel("wait_share", -0.5, crossing="Y", direction="*"), id="other")
    prepared = study(BASELINE, BASELINE.parameters, draws=0, seed=1, closure="world_share")
    joint = JointEffects(prepared, (closing, limit, other), BASELINE.border)
    found = joint.outcomes([frozenset({0}), frozenset({1}), frozenset({2}), frozenset({0, 2}), frozenset({0, 1, 2})])
    for number, intervention in enumerate((closing, limit, other)):
        expected = -prepared.estimate(intervention).arrays["full.index_change"][0]
        assert found[number].narrowing == pytest.approx(expected, rel=1e-9)
    assert found[3].narrowing == pytest.approx(found[0].narrowing, rel=1e-9), "a closed crossing's wait is nobody's"
    assert found[4].reason == ""


@pytest.mark.parametrize(
    ("one", "other", "objective"),
    [
        ("booths-x", "booking-x", "imbalance"),
        ("booths-x", "booking-x", "welfare"),
        ("documents", "window", "welfare"),  # faster papers for food let a surplus grow
    ],
)
def test_two_upgrades_of_one_crossing_are_substitutes(effects, one, other, objective):
    main, pairs = effects.main_and_pairs(objective)
    ids = [one.id for one in effects.interventions]
    alone = main[ids.index(one)], main[ids.index(other)]
    assert min(alone) > 0
    assert pairs[ids.index(one), ids.index(other)] < -0.05 * min(alone)
    assert np.array_equal(pairs, pairs.T)
    assert not pairs.diagonal().any()


# The best set ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("objective", ["imbalance", "welfare"])
@pytest.mark.parametrize("budget", [0, 6, 15, 30, 50, 80, 120, 200, 400])
def test_the_best_of_all_4096_sets(all_sets, objective, budget):
    found = portfolios(Rules(budget=budget), objective).best()
    assert found.value == pytest.approx(best_of(all_sets, objective, within(budget)), rel=1e-8)
    assert found.value == pytest.approx(all_sets[frozenset(found.ids)][objective], rel=1e-9)
    assert found.cost_musd == pytest.approx(money(found.ids))
    assert found.cost_musd <= budget
    assert sum(found.cost_by_year.values()) == pytest.approx(found.cost_musd)
    assert found.gap == 0


def test_members_say_what_the_set_would_lose(all_sets):
    found = portfolios(Rules(budget=80)).best()
    for member in found.members:
        rest = frozenset(found.ids) - {member.intervention}
        assert member.marginal == pytest.approx(found.value - all_sets[rest]["imbalance"], rel=1e-6)
    assert found.sum_alone == pytest.approx(sum(member.alone for member in found.members))


def test_exclusions(all_sets):
    free = portfolios(Rules(budget=120)).best()
    group = free.ids[:3]
    found = portfolios(Rules(budget=120, exclusions=(group,))).best()
    assert len(set(found.ids) & set(group)) <= 1
    best = best_of(all_sets, "imbalance", lambda ids: within(120)(ids) and len(ids & set(group)) <= 1)
    assert found.value == pytest.approx(best, rel=1e-8)


def test_prerequisites(all_sets):
    free = portfolios(Rules(budget=60)).best()
    needs = (("exporters", "window"), ("booking-x", "documents"))
    assert {"exporters", "booking-x"} <= set(free.ids)
    assert not {"window", "documents"} & set(free.ids)
    found = portfolios(Rules(budget=60, prerequisites=needs)).best()

    def allowed(chosen):
        return within(60)(chosen) and all(other in chosen for one, other in needs if one in chosen)

    assert allowed(frozenset(found.ids))
    assert found.value == pytest.approx(best_of(all_sets, "imbalance", allowed), rel=1e-8)


def test_what_is_required_is_in(all_sets):
    found = portfolios(Rules(budget=60, required=("road-x",))).best()
    assert "road-x" in found.ids
    best = best_of(all_sets, "imbalance", lambda ids: within(60)(ids) and "road-x" in ids)
    assert found.value == pytest.approx(best, rel=1e-8)
    with pytest.raises(NoPortfolio, match="required costs more"):
        portfolios(Rules(budget=39, required=("road-x",))).best()


@pytest.mark.parametrize("carry_over", [False, True])
def test_yearly_budgets(all_sets, carry_over):
    yearly = {2026: 30.0, 2027: 12.0, 2028: 10.0}
    found = portfolios(Rules(yearly=yearly, carry_over=carry_over)).best()

    def allowed(ids):
        spent = np.array([sum(COSTS[name].get(year, 0) for name in ids) for year in yearly])
        limit = np.array(list(yearly.values()))
        return (np.cumsum(spent) <= np.cumsum(limit) + 1e-9).all() if carry_over else (spent <= limit + 1e-9).all()

    assert allowed(frozenset(found.ids))
    assert found.value == pytest.approx(best_of(all_sets, "imbalance", allowed), rel=1e-8)
    assert set(found.yearly_prices) == set(yearly)


@pytest.mark.parametrize("objective", ["imbalance", "welfare"])
def test_more_budget_is_never_worse(all_sets, objective):
    budgets = [0, 3, 5, 7, 10, 12.5, 15, 20, 25, 30, 40, 50, 65, 80, 100, 130, 170, 219, 500]
    frontier = portfolios(Rules(), objective).frontier(budgets)
    assert [found.budget for found in frontier] == budgets
    values = [found.value for found in frontier]
    assert all(later >= earlier for earlier, later in pairwise(values))
    for found in frontier:
        assert found.cost_musd <= found.budget + 1e-9
        best = best_of(all_sets, objective, within(found.budget))
        assert found.value == pytest.approx(best, rel=1e-8, abs=ROUNDING[objective])
    prices = [found.shadow_price for found in frontier]
    assert prices[1] > prices[-1]
    assert frontier[-1].shadow_price == 0, "money that nobody needs is worth nothing"


def test_the_shadow_price_is_the_gain_of_more_budget():
    """Where measures can be bought in part and do not interact, it is the value per million of the marginal one."""
    value, cost = np.array([6.0, 4.0, 1.0]), np.array([2.0, 4.0, 5.0])
    program = Program(
        active=np.ones((3, 1, 1), dtype=bool), weight=np.ones(1), cost=cost.reshape(3, 1, 1), limit=np.array([4.0])
    )
    assert shadow_prices(program, value, np.zeros((3, 3))) == pytest.approx([1.0], rel=1e-6)


def test_the_program_by_pairwise_effects_against_all_sets():
    """Random main and pairwise effects, budgets and rules: the program alone must find the best."""
    rng = np.random.default_rng(5)
    for _ in range(12):
        count = 8
        main = rng.normal(1, 1, count)
        pairs = np.triu(rng.normal(0, 0.7, (count, count)), 1)
        pairs = pairs + pairs.T
        cost = rng.uniform(1, 5, (count, 1, 2))
        program = Program(
            active=np.ones((count, 1, 1), dtype=bool), weight=np.ones(1), cost=cost, limit=np.array([12.0, 14.0]),
            groups=((0, 1, 2),), needs=((3, 4), (5, 0)),
        )  # fmt: skip
        every = [tuple(0 if bits >> k & 1 else NOT_TAKEN for k in range(count)) for bits in range(2**count)]
        best = max(program.predicted(choice, main, pairs) for choice in every if program.feasible(choice))
        found = optimise(program, main, pairs)
        assert program.feasible(found.choice)
        assert program.predicted(found.choice, main, pairs) == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize("budget", [15, 50, 120])
def test_exchange_steps_mend_a_poor_start(all_sets, budget):
    """From the empty set by joint solves alone, without the program: never worse, feasible, and here the best."""
    chosen = portfolios(Rules(budget=budget))
    program = chosen.program(budget)
    start = (NOT_TAKEN,) * 12
    found = improve(program, start, chosen.effects, "imbalance", chosen.main, chosen.pairs)
    assert found.steps > 0
    assert program.feasible(found.choice)
    assert found.value == pytest.approx(best_of(all_sets, "imbalance", within(budget)), rel=1e-8)


# Over years ------------------------------------------------------------------------------------------------------------


def test_start_years_against_all_plans():
    four = tuple(one for one in TWELVE if one.id in ("booths-x", "booking-x", "window", "exporters"))
    rules = Rules(yearly={2026: 20.0, 2027: 20.0, 2028: 20.0, 2029: 20.0, 2030: 20.0})
    costs = {
        "booths-x": {2026: 18.0},
        "booking-x": {2026: 8.0},
        "window": {2026: 10.0, 2027: 10.0},
        "exporters": {2026: 7.0},
    }
    prepared = study(BASELINE, BASELINE.parameters, draws=0, seed=1, closure="world_share")
    chosen = Portfolios(prepared, four, costs, rules)
    calendar = Calendar(dict.fromkeys(chosen.ids, 2027), 2026, 2031, most_delay=3, discount_rate=0.05)
    found = plan_starts(chosen, calendar)
    weights = {year: 1.05 ** (2026 - year) for year in calendar.years}
    best = -np.inf
    for code in range(5**4):
        delays = {name: code // 5**k % 5 for k, name in enumerate(chosen.ids)}  # 4: not taken
        taken = {name: delay for name, delay in delays.items() if delay < 4}
        spent = {year: sum(costs[name].get(year - delay, 0) for name, delay in taken.items()) for year in rules.yearly}
        if any(spent[year] > rules.yearly[year] for year in spent):
            continue
        value = sum(
            weight * chosen.value([name for name, delay in taken.items() if 2027 + delay <= year])
            for year, weight in weights.items()
        )
        best = max(best, value)
    assert found.portfolio.value == pytest.approx(best, rel=1e-8)
    assert len({member.start_year for member in found.portfolio.members}) > 1, "the yearly budget spreads the starts"
    by_hand = sum(weights[year] * outcome.narrowing for year, outcome in found.by_year.items())
    assert found.portfolio.value == pytest.approx(by_hand, rel=1e-9)
    for year, limit in rules.yearly.items():
        assert found.portfolio.cost_by_year.get(year, 0) <= limit


def test_a_prerequisite_starts_first():
    rules = Rules(prerequisites=(("exporters", "window"),), yearly={2026: 20.0, 2027: 20.0})
    chosen = portfolios(rules, chosen=tuple(one for one in TWELVE if one.id in ("window", "exporters")))
    calendar = Calendar({"window": 2029, "exporters": 2026}, 2026, 2032, most_delay=4)
    starts = {member.intervention: member.start_year for member in plan_starts(chosen, calendar).portfolio.members}
    assert starts == {"window": 2029, "exporters": 2029}


# What is refused -------------------------------------------------------------------------------------------------------


def test_a_cost_that_is_unknown_is_refused_by_name():
    prepared = study(BASELINE, BASELINE.parameters, draws=0, seed=1, closure="world_share")
    costs = {name: rows for name, rows in COSTS.items() if name not in ("festival", "training")}
    with pytest.raises(UnknownCost, match="festival: cost unknown") as refused:
        Portfolios(prepared, TWELVE, costs, Rules(budget=50))
    assert refused.value.interventions == ["festival", "training"]
    free = Portfolios(prepared, TWELVE, costs, Rules(budget=0, free=frozenset({"festival", "training"})))
    assert set(free.best().ids) <= {"festival", "training"}


def test_everything_wrong_is_said_at_once():
    rules = Rules(
        budget=-1,
        yearly={2026: -5.0},
        exclusions=(("booths-x", "nobody"), ("road-x", "road-x")),
        prerequisites=(("toll-x", "toll-x"),),
        required=("booths-x", "ghost"),
    )
    with pytest.raises(InvalidPortfolio) as refused:
        portfolios(rules)
    text = "\n".join(refused.value.problems)
    for part in ("budget -1", "budget of 2026", "'nobody'", "'ghost'", "needs itself", "two or more different"):
        assert part in text


def test_an_intervention_without_meaning_is_named():
    dear = plan(channel("revaluation", 0.05, place="B"), id="dearer")
    prepared = study(BASELINE, BASELINE.parameters, draws=0, seed=1, closure="world_share")
    with pytest.raises(InvalidPortfolio, match="dearer: channel revaluation has meaning only under short_run"):
        Portfolios(prepared, (dear,), {"dearer": {2026: 1.0}}, Rules(budget=5))
    with pytest.raises(ValueError, match="unknown objective"):
        Portfolios(prepared, (dear,), {"dearer": {2026: 1.0}}, Rules(budget=5), objective="fame")


def test_faults_of_a_calendar_are_said_at_once():
    chosen = portfolios(Rules(budget=20), chosen=TWELVE[:2])
    with pytest.raises(InvalidPortfolio) as refused:
        plan_starts(chosen, Calendar({"booths-x": 2026}, 2030, 2026, most_delay=-1, discount_rate=-2))
    assert len(refused.value.problems) == 4


@pytest.mark.parametrize("closure", ["own_income", "balanced", "balanced_economy", "absorption", "short_run"])
def test_every_closure(closure):
    found = portfolios(Rules(budget=50), closure=closure, chosen=TWELVE[:6], objective="welfare").best()
    assert np.isfinite(found.value)
    assert found.cost_musd <= 50
