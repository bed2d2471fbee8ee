"""A solve that cannot succeed ends in a named error with place and advice, never in NaN; one bad draw or plan fails alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engine.accounts import build_accounts
from planner.engine.baseline import build_baseline
from planner.engine.equilibrium import solve
from planner.engine.errors import EngineError, InvalidBaseline, NegativeSpending, SolveFailed
from planner.engine.estimate import baseline_outcomes, estimate_effect
from planner.engine.shock import Shock
from planner.engine.short_run import solve_short_run
from planner.engine.types import Parameters
from tests.engine.oracle import Change, World
from tests.engine.small_case import channel, fixed_parameters, plan, small_baseline, small_facts
from tests.engine.worlds import FLEXIBLE, accounts_of, examples, make_world, random_change, samples, shock_of


@pytest.fixture(scope="module")
def sample():
    return make_world(4, 4, 2, inputs=True, tariffs=True)


@pytest.mark.parametrize("theta", [0.0, -2.0, float("nan"), float("inf")])
def test_elasticities_must_be_positive_numbers(sample, theta):
    for solver in (solve, solve_short_run):
        with pytest.raises(ValueError, match="trade elasticity of sector s1"):
            solver(sample.accounts, Shock.none(4), np.array([4.0, theta]))


@pytest.mark.parametrize("sigma", [-0.1, 1.0, 1.5])
def test_propensity_of_the_short_run_is_below_one(sample, sigma):
    with pytest.raises(ValueError, match="sigma"):
        solve_short_run(sample.accounts, Shock.none(4), sample.world.theta, sigma=sigma)


def test_unknown_closure(sample):
    with pytest.raises(ValueError, match="world_share"):
        solve(sample.accounts, Shock.none(4), sample.world.theta, "laissez_faire")
    small = small_baseline()
    with pytest.raises(ValueError, match="unknown closure"):
        estimate_effect(small, small.parameters, plan(channel("trade_cost", -0.1)), draws=0, seed=1, closure="none")


@pytest.mark.parametrize("closure", FLEXIBLE)
def test_a_place_that_nobody_can_buy_from_ends_in_a_named_error(closure):
    """Every buyer of place 0, itself included, is cut off: there is no wage at which it sells its work."""
    world = make_world(4, 3, 1, inputs=False, tariffs=False).world
    cost = np.ones(world.flows.shape)
    cost[0] = np.inf
    with pytest.raises(SolveFailed) as raised:
        solve(accounts_of(world), shock_of(world, [Change(cost=cost)]), world.theta, closure)
    assert raised.value.worst_place in ("p0", "p1", "p2")
    assert "open partners" in str(raised.value)
    assert raised.value.iterations > 0


@pytest.mark.parametrize("closure", ["world_share", "own_income"])
def test_spending_that_nothing_can_be_bought_for_ends_in_a_named_error(closure):
    """Place 0 spends on a good that no open seller offers: its price is infinite."""
    world = make_world(4, 3, 1, inputs=False, tariffs=False).world
    cost = np.ones(world.flows.shape)
    cost[:, 0] = np.inf
    with pytest.raises(EngineError):
        solve(accounts_of(world), shock_of(world, [Change(cost=cost)]), world.theta, closure)


@pytest.mark.parametrize("closure", [*FLEXIBLE, "short_run"])
@examples(5)
@given(seed=st.integers(0, 10**6), size=st.sampled_from([1.0, 3.0, 10.0]))
def test_absurd_shocks_give_finite_numbers_or_a_named_error(closure, seed, size):
    """Costs by factors up to thousands: a solution that clears every market, or `SolveFailed`; never NaN."""
    sample = make_world(seed, 4, 2, inputs=bool(seed % 2), tariffs=True)
    shock = shock_of(sample.world, [random_change(sample, size, kinds=("cost",))])
    try:
        if closure == "short_run":
            found = solve_short_run(sample.accounts, shock, sample.world.theta, sigma=0.3)
        else:
            found = solve(sample.accounts, shock, sample.world.theta, closure, sigma=0.5)
    except (SolveFailed, NegativeSpending):
        return
    for name in ("wage", "price", "income", "value_added"):
        assert np.isfinite(getattr(found, name)).all()
    flows = found.flows()[..., 0]
    assert abs(found.deficit.sum()) < 1e-9 * found.value_added.sum()
    balance = flows.sum(axis=(0, 2)) - flows.sum(axis=(1, 2))
    np.testing.assert_allclose(balance, found.deficit[:, 0], atol=1e-8 * found.value_added.sum())


def test_spending_below_nothing_is_no_equilibrium():
    """Short run: b keeps a surplus of 50 of its 100, so that 0.9 of a fall of its sales by more than 56 is more than it spends.

    Its good four times as dear abroad (theta 4) loses nearly all of the 75 sold there: 50 + 0.9 (25 - 100) < 0.
    """
    flows = np.array([[[175.0], [25.0]], [[75.0], [25.0]]])
    accounts = build_accounts(places=["a", "b"], sectors=["g"], flows=flows)
    world = World([0, 1], flows, np.zeros_like(flows), np.ones((2, 1)), np.zeros((2, 1, 1)), np.array([4.0]))
    cost = np.ones_like(flows)
    cost[1, 0] = 4.0
    shock = shock_of(world, [Change(cost=cost)])
    assert (solve_short_run(accounts, shock, world.theta, sigma=0.2).income > 0).all()
    with pytest.raises(NegativeSpending, match="final spending of b"):
        solve_short_run(accounts, shock, world.theta, sigma=0.9)


@examples(6)
@given(sample=samples(), data=st.data())
def test_the_solution_does_not_hang_on_the_way_to_it(sample, data):
    """One equilibrium from several starts: straight from the baseline, and by way of another equilibrium's accounts."""
    closure = data.draw(st.sampled_from(["world_share", "own_income", "absorption"]))
    world, target, detour = sample.world, random_change(sample, 0.3), random_change(sample, 0.6)
    straight = solve(sample.accounts, shock_of(world, [target]), world.theta, closure, sigma=0.6, tolerance=1e-13)
    away = solve(sample.accounts, shock_of(world, [detour]), world.theta, closure, sigma=0.6, tolerance=1e-13)
    there = replace(world, flows=away.flows()[..., 0], tariff=detour.tariff)
    back = Change(
        cost=target.cost / detour.cost, tariff=target.tariff, productivity=target.productivity / detour.productivity
    )
    again = solve(accounts_of(there), shock_of(there, [back]), world.theta, closure, sigma=0.6, tolerance=1e-13)
    np.testing.assert_allclose(again.wage * away.wage, straight.wage, rtol=1e-9)
    np.testing.assert_allclose(again.income, straight.income, rtol=1e-9)


def test_accounts_name_a_place_without_own_sales_or_partners():
    flows = np.ones((3, 3, 1))
    flows[2] = 0
    with pytest.raises(InvalidBaseline, match="place c sells nothing"):
        build_accounts(places=["a", "b", "c"], sectors=["g"], flows=flows)
    flows = np.ones((3, 3, 1))
    flows[:, 1] = 0
    with pytest.raises(InvalidBaseline, match="place b buys nothing"):
        build_accounts(places=["a", "b", "c"], sectors=["g"], flows=flows)


def test_accounts_name_a_place_cut_off_from_the_others():
    """Its wage relative to the others' would not be determined."""
    flows = np.ones((3, 3, 1))
    flows[2, :2] = flows[:2, 2] = 0
    with pytest.raises(InvalidBaseline, match="place c has no trade with a"):
        build_accounts(places=["a", "b", "c"], sectors=["g"], flows=flows)


def test_accounts_check_cost_shares_and_final_spending():
    flows = np.array([[[5.0, 1.0], [1.0, 1.0]], [[1.0, 1.0], [5.0, 1.0]]])
    inputs = np.zeros((2, 2, 2))
    inputs[0, 1, 0] = 0.9
    with pytest.raises(InvalidBaseline, match=r"cost shares of a, sector g add up to 1\.4"):
        build_accounts(
            places=["a", "b"], sectors=["g", "h"], flows=flows, value_added_share=np.array([[0.5, 1], [1, 1.0]]),
            input_share=inputs,
        )  # fmt: skip
    with pytest.raises(InvalidBaseline, match="final spending of a on sector h is negative"):
        build_accounts(places=["a", "b"], sectors=["g", "h"], flows=flows, input_share=inputs)
    with pytest.raises(InvalidBaseline, match="tariff is -1"):
        build_accounts(places=["a", "b"], sectors=["g", "h"], flows=flows, tariff=np.full((2, 2, 2), -1.0))
    with pytest.raises(InvalidBaseline, match="shape"):
        build_accounts(places=["a"], sectors=["g", "h"], flows=flows)


def test_one_bad_plan_fails_alone():
    """Its effect says why; the next one is done."""
    small = small_baseline()
    options = {"draws": 3, "seed": 1, "closure": "world_share"}
    bad = estimate_effect(
        small, small.parameters, plan(channel("wait_minutes", -99, crossing="X", direction="A")), **options
    )
    good = estimate_effect(small, small.parameters, plan(channel("trade_cost", -0.01)), **options)
    assert bad.status == "failed"
    assert "99" in bad.reason
    assert good.status == "done"


def test_a_hopeless_plan_fails_with_a_reason():
    """Productivity down by 90 % and trade ten times as dear is still an economy; what is not ends as `failed`."""
    small = small_baseline()
    for one in (channel("trade_cost", 10), channel("productivity", -0.9, place="A1"), channel("tariff", 100)):
        found = estimate_effect(small, small.parameters, plan(one), draws=0, seed=1, closure="world_share")
        assert found.status in ("done", "failed")
        assert found.status == "failed" or all(np.isfinite(array).all() for array in found.arrays.values())
        assert found.status == "done" or found.reason


def test_reference_of_every_closure_is_given():
    """Outcomes before any intervention: observed for all, re-solved where the closure moves the baseline."""
    small = small_baseline()
    for closure in (*FLEXIBLE, "short_run"):
        found = baseline_outcomes(small, small.parameters, draws=3, seed=1, closure=closure)
        assert found["observed"].headline[0] == pytest.approx(3800 / 25400)
        assert found["reference_index"].shape == (3,)
        moved = closure in ("balanced", "balanced_economy")
        assert bool(abs(found["reference_index"][0] - 3800 / 25400) > 1e-6) == moved


def test_parameters_out_of_range_are_named():
    rows = tuple(
        replace(row, low=-1.0, central=-1.0, high=-1.0) if row.key == "theta" else row for row in fixed_parameters()
    )
    with pytest.raises(InvalidBaseline, match="theta: -1 to -1 is outside"):
        build_baseline(small_facts(), Parameters(rows))
