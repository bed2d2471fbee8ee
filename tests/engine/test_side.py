"""Measures beside the balance: by hand, against loops, and where theory says that nothing moves."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engine.baseline import build_baseline
from planner.engine.equilibrium import solve
from planner.engine.network import central_wait_hours
from planner.engine.shock import Shock
from planner.engine.short_run import solve_short_run
from planner.engine.side import (
    external_position,
    jobs_by_sector,
    queueing_co2,
    side_measures,
    terms_of_trade,
    theil,
    trucks_after,
    trucks_before,
)
from tests.engine import oracle
from tests.engine.small_case import central_shock, channel, fixed_parameters, small_baseline, small_facts
from tests.engine.worlds import examples, make_world, random_change, samples, shock_of

approx = pytest.approx
A1, A2, B1 = range(3)
X, Y = range(2)
THETA = np.full(4, 5.0)


@pytest.fixture(scope="module")
def baseline():
    return small_baseline()


@pytest.fixture(scope="module")
def before(baseline):
    return solve(baseline.accounts, Shock.none(3), THETA)


def test_without_a_shock(baseline, before):
    """Everything stays: ratios of one, jobs as given, no revenue, ten years of today's deficit."""
    jobs = np.arange(12.0).reshape(3, 4)
    found = side_measures(baseline, before, horizon_years=10, jobs=jobs)
    for ratio in (found.consumer_price, found.real_wage, found.terms_of_trade):
        assert ratio == approx(np.ones((3, 1)))
    assert found.jobs[..., 0] == approx(jobs)
    assert not found.revenue_musd.any()
    assert found.external_position_musd[:, 0] == approx(-10 * baseline.accounts.deficit)
    assert found.dependence.exports[A1, 0] == approx(1)
    assert side_measures(baseline, before, horizon_years=1).jobs is None
    with pytest.raises(ValueError, match="horizon of 0 years"):
        side_measures(baseline, before, horizon_years=0)


def test_revenue(baseline):
    """A's tariff on B's cars: 20 % of what comes in after it; prices in A rise against B's."""
    shock = central_shock(baseline, channel("tariff", 0.2, origin="B", destination="A", sector="cars")).shock
    after = solve(baseline.accounts, shock, THETA)
    found = side_measures(baseline, after, horizon_years=1)
    assert found.revenue_musd[:, 0] == approx([0.2 * after.flows()[B1, A1, 1, 0], 0, 0])
    assert found.revenue_musd[A1, 0] < 0.2 * 5000
    assert found.terms_of_trade[A1, 0] > 1 > found.terms_of_trade[B1, 0]


# Jobs ---------------------------------------------------------------------------------------------------------------


@examples(10)
@given(sample=samples())
def test_jobs_only_move_where_wages_are_flexible(sample):
    """Jobs in proportion to value added keep their number in every place, and follow Y'/w^ by sector."""
    accounts = sample.accounts
    change = random_change(sample)
    after = solve(accounts, shock_of(sample.world, [change]), sample.world.theta)
    jobs = accounts.value_added_share * accounts.output
    found = jobs_by_sector(after, jobs)[..., 0]
    assert found.sum(axis=1) == approx(jobs.sum(axis=1), rel=1e-9)
    expected = oracle.solve(sample.world, change)
    output = expected["flows"].sum(axis=1)
    assert found == approx(accounts.value_added_share * output / expected["wage"][:, None], rel=1e-8)


@pytest.mark.parametrize("inputs", [False, True])
def test_no_pass_through_no_jobs(inputs):
    """Where buyers' prices stay in their own money, a revaluation moves margins, not quantities: no job is lost or won.

    With inputs the costs of what is bought abroad stay as well, in the buyer's money.
    """
    sample = make_world(5, 4, 2, inputs=inputs, tariffs=True)
    value = np.where(np.array(sample.world.economy) == 0, 1.15, 1.0)
    change = oracle.Change(currency=value, pass_through=0.0)
    after = solve_short_run(sample.accounts, shock_of(sample.world, [change]), sample.world.theta, sigma=0.0)
    jobs = np.full(sample.accounts.output.shape, 100.0)
    assert jobs_by_sector(after, jobs)[..., 0] == approx(jobs, rel=1e-9)
    through = oracle.Change(currency=value, pass_through=1.0)
    after = solve_short_run(sample.accounts, shock_of(sample.world, [through]), sample.world.theta, sigma=0.0)
    moved = jobs_by_sector(after, jobs)[..., 0].sum(axis=1)
    assert (moved[value > 1] < 200).all()


def test_jobs_that_cannot_be(before):
    with pytest.raises(ValueError, match=r"of shape \(3, 4\)"):
        jobs_by_sector(before, np.ones((4, 3)))
    with pytest.raises(ValueError, match="numbers >= 0"):
        jobs_by_sector(before, np.full((3, 4), -1.0))


# Terms of trade -----------------------------------------------------------------------------------------------------


@examples(10)
@given(sample=samples(inputs=False))
def test_terms_of_trade_are_relative_wages(sample):
    """Without inputs and productivity changes a unit costs a wage: own wage over partners', weighted by imports."""
    accounts, world = sample.accounts, sample.world
    change = random_change(sample, kinds=("cost", "tariff"))
    after = solve(accounts, shock_of(world, [change]), world.theta)
    found = terms_of_trade(after)[:, 0]
    for place in range(len(accounts.places)):
        bought, weighted = 0.0, 0.0
        sold = 0.0
        for other in range(len(accounts.places)):
            if world.crosses(place, other):
                bought += world.flows[other, place].sum()
                sold += world.flows[place, other].sum()
                weighted += world.flows[other, place].sum() * np.log(after.wage[other, 0])
        expected = np.log(after.wage[place, 0]) * (sold > 0) - (weighted / bought if bought else 0.0)
        assert np.log(found[place]) == approx(expected, abs=1e-10)


def test_terms_of_trade_of_two_places():
    """One's export price is the other's import price; an export tax is in it, and productivity lowers it."""
    sample = make_world(4, 2, 1, inputs=False, tariffs=False)
    tax = np.zeros(sample.world.flows.shape)
    tax[0, 1] = 0.1
    better = np.ones((2, 1))
    better[0] = 1.1
    changes = [oracle.Change(export_tax=tax), oracle.Change(productivity=better)]
    after = solve(sample.accounts, shock_of(sample.world, changes), sample.world.theta)
    found = terms_of_trade(after)
    assert found.prod(axis=0) == approx([1, 1])
    assert found[0, 0] == approx(1.1 * after.wage[0, 0] / after.wage[1, 0])
    assert found[0, 1] == approx(after.wage[0, 1] / 1.1 / after.wage[1, 1])
    assert found[0, 0] > 1 > found[0, 1]


def test_terms_of_trade_with_margins():
    """Without pass-through a dearer currency brings exporters no better price in the buyer's money, nor dearer imports."""
    sample = make_world(4, 2, 1, inputs=False, tariffs=False)
    change = oracle.Change(currency=np.array([1.2, 1.0]), pass_through=0.0)
    after = solve_short_run(sample.accounts, shock_of(sample.world, [change]), sample.world.theta)
    # Exports at the buyer's unchanged price; imports at a price raised with the own currency, in the common unit.
    assert terms_of_trade(after)[:, 0] == approx([1 / 1.2, 1.2])


# External position --------------------------------------------------------------------------------------------------


def test_external_position_by_hand():
    """100 x 1.05 - 10 = 95; 95 x 1.05 - 20 = 79.75; the partner has the opposite."""
    deficit = np.array([[[10.0], [-10.0]], [[20.0], [-20.0]]])
    opening = np.array([[100.0], [-100.0]])
    found = external_position(deficit, opening=opening, interest_rate=0.05)
    assert found[:, 0, 0] == approx([95, 79.75])
    assert found.sum(axis=1) == approx(np.zeros((2, 1)))
    assert external_position(deficit)[-1, 0, 0] == approx(-30)


# Theil --------------------------------------------------------------------------------------------------------------


def test_theil_by_hand(baseline, before):
    """Shares of income against shares of people, split into the economies' own and the rest."""
    income = baseline.accounts.income * baseline.gdp / baseline.accounts.value_added
    share = income / income.sum()
    total = sum(part * np.log(part * 3) for part in share)  # a third of the people in each place
    in_a = share[:2].sum()
    between = in_a * np.log(in_a * 3 / 2) + share[2] * np.log(share[2] * 3)
    found = theil(baseline, before)
    assert found.total == approx([total])
    assert found.between == approx([between])
    assert found.within == approx([total - between])


def test_theil_of_equals(baseline, before):
    """People in proportion to income: no spread, whatever the places' sizes."""
    income = baseline.accounts.income * baseline.gdp / baseline.accounts.value_added
    alike = replace(baseline, facts=replace(baseline.facts, places=baseline.facts.places.assign(population=income)))
    found = theil(alike, before)
    for part in (found.total, found.between, found.within):
        assert part == approx([0], abs=1e-12)
    empty = baseline.facts.places.assign(population=[1e6, 0.0, np.nan])
    with pytest.raises(ValueError, match="population of A2, B1"):
        theil(replace(baseline, facts=replace(baseline.facts, places=empty)), before)
    assert theil(replace(baseline, facts=replace(baseline.facts, places=empty)), before, np.array([A1])).total == 0


@examples(5)
@given(cheaper=st.floats(-0.05, 0.05))
def test_theil_follows_real_income(cheaper):
    """After a shock: the spread of baseline income times the change of real income, never negative."""
    baseline = small_baseline()
    shock = central_shock(baseline, channel("trade_cost", cheaper, origin="A1", destination="B1")).shock
    after = solve(baseline.accounts, shock, THETA)
    found = theil(baseline, after)
    income = baseline.accounts.income * baseline.money_scale * after.real_income[:, 0]
    share = income / income.sum()
    assert found.total == approx([(share * np.log(3 * share)).sum()])
    assert found.total >= 0


# CO2 ----------------------------------------------------------------------------------------------------------------


def test_co2_by_hand(baseline):
    """8 kg an hour. X: 1000 trucks each way, half an hour into A (in B1), a third into B (in A1); Y: 500, 12 minutes."""
    waits = central_wait_hours(baseline.network, baseline.parameters, ["A", "B"])
    found = queueing_co2(baseline, trucks_before(baseline), waits, 8.0)
    assert found.by_crossing[..., 0] == approx(np.array([[4.0, 8 / 3], [0.8, 0.8]]))
    assert found.by_place[:, 0] == approx([8 / 3, 0.8, 4.8])
    twice = queueing_co2(baseline, trucks_before(baseline), waits, np.array([8.0, 16.0]))
    assert twice.by_place[:, 1] == approx(2 * twice.by_place[:, 0])


def with_loaded(*share):
    facts = small_facts()
    return build_baseline(
        replace(facts, crossings=facts.crossings.assign(truck_loaded_share=share)), fixed_parameters()
    )


def test_empties_go_the_other_way(baseline):
    """Trade into A up 10 % at X, 80 % of trucks loaded: into A 1000 x (0.8 x 1.1 + 0.2), into B 1000 x (0.8 + 0.2 x 1.1)."""
    trade = np.array([[4500.0, 3000.0], [2400.0, 0.0]])
    after = trade[..., None] * np.array([1.1, 1.0])[None, :, None]
    assert trucks_after(with_loaded(0.8, 0.5), trade, after)[X, :, 0] == approx([1080, 1020])
    # Not counted at Y: as at the other crossings; no trade into B there: those trucks stay.
    assert trucks_after(with_loaded(0.8, np.nan), trade, after)[Y, :, 0] == approx([540, 510])
    # Counted nowhere: all loaded.
    assert trucks_after(baseline, trade, after)[X, :, 0] == approx([1100, 1000])
    assert trucks_after(baseline, trade, trade[..., None])[..., 0] == approx(trucks_before(baseline))
