"""Concentration over partners and crossings, the largest supplier, trade over crossings: by hand and by brute force."""

import numpy as np
import pytest

from planner.engine.dependence import crossing_trade, dependence, herfindahl
from planner.engine.equilibrium import solve
from planner.engine.imbalance import TradeView
from planner.engine.routes import RouteChange, Routes
from planner.engine.shock import Shock
from planner.engine.uncertainty import Draws
from tests.engine.small_case import central_shock, channel, small_baseline

approx = pytest.approx
A1, A2, B1 = range(3)
FOOD, CARS, SERVICES, TRAVEL = range(4)
X, Y = range(2)
INTO_A, INTO_B = range(2)


@pytest.fixture(scope="module")
def baseline():
    return small_baseline()


@pytest.fixture(scope="module")
def before(baseline):
    return solve(baseline.accounts, Shock.none(3), np.full(4, 5.0))


def test_herfindahl():
    """Quarters: 4/16; one partner: 1; no trade: 0."""
    values = np.array([[2.0, 2, 2, 2], [0, 5, 0, 0], [0, 0, 0, 0]])
    assert herfindahl(values, axis=1) == approx([0.25, 1, 0])


def test_baseline_by_hand(baseline, before):
    """A1 and A2 trade with B1 only; B1 sells 6500 to A1 and 400 to A2.

    Over X go 4500 + 3000 + 1000 of A1's trade, over Y 2000 + 1000; over Y all 1200 of A2's; B1 has both.
    """
    found = dependence(baseline, before)
    assert found.exports[:, 0] == approx([1, 1, (6500**2 + 400**2) / 6900**2])
    assert found.imports[:, 0] == approx([1, 1, (5000**2 + 800**2) / 5800**2])
    assert found.crossings[:, 0] == approx([(8500**2 + 3000**2) / 11500**2, 1, (8500**2 + 4200**2) / 12700**2])
    assert found.known[:, 0] == approx([1, 1, 1])
    spent = baseline.accounts.expenditure
    assert found.supplier_share[A1, CARS, 0] == approx(5000 / spent[A1, CARS])
    assert found.supplier[A1, CARS, 0] == B1
    assert found.supplier_share[B1, FOOD, 0] == approx(2000 / spent[B1, FOOD])
    assert found.supplier[B1, FOOD, 0] == A1
    assert found.supplier[A2, CARS, 0] == -1
    assert not found.supplier_share[:, SERVICES:].any()


def test_trade_over_crossings_by_hand(baseline, before):
    view = TradeView(baseline)
    sales = before.sales(view.goods_cells)
    found = crossing_trade(baseline, view, sales)[..., 0]
    assert found[X] == approx([4500, 4000])
    assert found[Y] == approx([2400, 1800])
    by_truck = crossing_trade(baseline, view, sales, trucks_only=True)[..., 0]
    assert by_truck[X] == approx([4500, 3000])


def changed_routes(baseline, change):
    draws = Draws(baseline.parameters, 0, 0)
    return Routes(baseline, draws).costs(change, shares=True)


def test_a_closed_crossing_carries_nothing(baseline, before):
    """All rows over X closed, sales held: Y takes the whole trade, and every place depends on one crossing."""
    rows = np.flatnonzero(baseline.network.row_crossing == X)
    routes = changed_routes(baseline, RouteChange(closed=[rows]))
    view = TradeView(baseline)
    found = crossing_trade(baseline, view, before.sales(view.goods_cells), routes)[..., 0]
    assert found[X] == approx([0, 0], abs=1e-9)
    assert found[Y] == approx([6500 + 400, 5000 + 800])
    assert dependence(baseline, before, routes).crossings[:, 0] == approx([1, 1, 1])


def test_moved_shares_against_loops(baseline):
    """A longer wait at X into A: trade over each crossing as the sum of sales x q' over routes, sector by sector."""
    draws = Draws(baseline.parameters, 0, 0)
    network = baseline.network
    rows = np.flatnonzero((network.row_crossing == X) & (network.entered == A1))
    routes = changed_routes(baseline, RouteChange(hours=[(rows, np.array([[0.25]]))]))
    shock = central_shock(baseline, channel("wait_minutes", 15, crossing="X", direction="A")).shock
    after = solve(baseline.accounts, shock, draws.theta(baseline))
    view = TradeView(baseline)
    found = crossing_trade(baseline, view, after.sales(view.goods_cells), routes)[..., 0]
    flows = after.flows()[..., 0]
    expected = np.zeros((2, 2))
    for row in range(len(network.row_pair)):
        origin, destination = network.pair_origin[network.row_pair[row]], network.entered[row]
        for position, good in enumerate(baseline.goods):
            share = network.share[row, good]
            if row in routes.rows:
                share *= np.exp(routes.log_share_change[list(routes.rows).index(row), position, 0])
            into = baseline.accounts.economy[destination]
            expected[network.row_crossing[row], into] += share * flows[origin, destination, good]
    assert found == approx(expected, rel=1e-10)
    assert found.sum(axis=0) == approx([flows[B1, :2, :2].sum(), flows[:2, B1, :2].sum()], rel=1e-10)
    assert found[X, INTO_A] < 4500
    assert found[Y, INTO_A] > 2400
    assert found[X, INTO_B] == approx(4000, rel=1e-3)


def test_supplier_shares_after_a_tariff(baseline):
    """The share at purchaser prices, X' (1 + t') / E', with a new tariff of 20 % in one column and none in the other."""
    shock = central_shock(baseline, channel("tariff", 0.2, origin="B", destination="A", sector="cars")).shock
    after = solve(baseline.accounts, shock, np.full(4, 5.0))
    found = dependence(baseline, after)
    flows = after.flows()[..., 0]
    taxed = flows[:, A1, CARS] * np.array([1, 1, 1.2])
    assert found.supplier_share[A1, CARS, 0] == approx(taxed[B1] / taxed.sum())
    assert found.supplier_share[A1, CARS, 0] < 5000 / baseline.accounts.expenditure[A1, CARS]
