"""Crossing shares and costs: the nested choice against its formula in loops, diversion, closures, larger responses."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engine.interventions import build_shock
from planner.engine.network import great_circle_km
from planner.engine.routes import Routes
from planner.engine.uncertainty import Draws
from tests.engine.shipped_case import shipped_baseline
from tests.engine.small_case import central_shock, channel, log_costs, plan, small_baseline
from tests.engine.worlds import examples

PAIRS = {("A1", "B1"), ("B1", "A1"), ("A2", "B1"), ("B1", "A2")}


@pytest.fixture(scope="module")
def small():
    return small_baseline()


@pytest.fixture(scope="module")
def shipped():
    return shipped_baseline()


def shares_after(baseline, *channels):
    """(rows, q before, q after), both (row, good), at central values."""
    built = central_shock(baseline, *channels)
    costs = built.route_costs()
    before = baseline.network.share[costs.rows][:, baseline.goods]
    return costs.rows, before, before * np.exp(np.broadcast_to(costs.log_share_change[..., 0], before.shape))


def by_loops(baseline, rows, cost_of_row, kappa_of_row, mu, good):
    """ln dbar and new shares of one pair's rows, straight from model.md 2."""
    network = baseline.network
    share = {row: network.share[row, good] for row in rows}
    modes = sorted({int(network.row_mode[row]) for row in rows})
    level = {}
    for mode in modes:
        mine = [row for row in rows if network.row_mode[row] == mode]
        total = sum(share[row] for row in mine)
        kappa = kappa_of_row(mine[0])
        inside = sum(share[row] / total * cost_of_row(row) ** -kappa for row in mine) if total else 0.0
        level[mode] = (total, inside ** (-1 / kappa) if inside > 0 else math.inf, kappa)
    whole = sum(total * mean**-mu for total, mean, _ in level.values())
    dbar = whole ** (-1 / mu) if whole > 0 else math.inf
    after = {}
    for row in rows:
        _, mean, kappa = level[int(network.row_mode[row])]
        if math.isinf(mean) or math.isinf(cost_of_row(row)):
            after[row] = 0.0
        else:
            after[row] = share[row] * (cost_of_row(row) / mean) ** -kappa * (mean / dbar) ** -mu
    return dbar, after


@pytest.mark.parametrize("minutes", [-25.0, -3.0, 40.0, 600.0])
def test_shipped_costs_and_shares_match_the_formula(shipped, minutes):
    """Minutes at Detroit and Blaine, both directions: every pair's dbar and every route's new share."""
    routes = Routes(shipped, Draws(shipped.parameters, 0, 0))
    network, parameters = shipped.network, shipped.parameters
    value = {e: parameters.central(f"truck_value_usd:{e}") for e in shipped.accounts.economies}
    hour, mu = parameters.central("truck_cost_per_hour"), parameters.central("mode_elasticity")
    day = parameters.central("goods_time_value_per_day")
    crossings = [network.crossings.index(code) for code in ("3801", "3004")]
    touched = routes.truck & np.isin(network.row_crossing, crossings)

    def cut(row):
        wait = routes.waits(network.row_crossing[[row]], routes.entered[[row]])[0, 0]
        return max(minutes / 60, -wait)

    def cost(row):
        if not touched[row]:
            return 1.0
        wait = routes.waits(network.row_crossing[[row]], routes.entered[[row]])[0, 0]
        before = routes.road(np.array([row]))[0, 0] + wait + parameters.central("handling_hours_default")
        fee = routes.fees(network.row_crossing[[row]])[0, 0]
        worth = value[shipped.accounts.economies[routes.entered[row]]]
        time = math.exp(day * cut(row) / 24)
        return time * (1 + (hour * (before + cut(row)) + fee) / worth) / (1 + (hour * before + fee) / worth)

    def kappa(row):
        worth = value[shipped.accounts.economies[routes.entered[row]]]
        slope = day / 24 + (hour / worth if routes.by_truck[row] else 0.0)
        return max(parameters.central("logit_response_per_hour") / slope, mu)

    low = channel("wait_minutes", minutes, crossing="3801;3004", direction="*")
    built = build_shock(shipped, plan(low), Draws(parameters, 0, 0))
    costs = built.route_costs()
    assert costs is not None
    goods = list(shipped.goods)
    found = {
        (int(o), int(d), int(s)): float(v)
        for o, d, s, v in zip(
            costs.cells.origin, costs.cells.destination, costs.cells.sector, costs.log_cost[:, 0], strict=True
        )
    }
    moved = np.broadcast_to(costs.log_share_change[..., 0], (len(costs.rows), len(goods)))
    for pair in np.unique(network.row_pair[touched]):
        rows = np.flatnonzero(network.row_pair == pair)
        for good in (goods[0], goods[-1]):
            dbar, after = by_loops(shipped, rows, cost, kappa, mu, good)
            key = (int(network.pair_origin[pair]), int(network.pair_destination[pair]), int(good))
            assert found[key] == pytest.approx(math.log(dbar), rel=1e-7, abs=1e-12)
            assert sum(after.values()) == pytest.approx(1, rel=1e-9)
            for row in rows:
                position = int(np.searchsorted(costs.rows, row))
                change = moved[position, goods.index(good)]
                assert network.share[row, good] * math.exp(change) == pytest.approx(after[row], rel=1e-7, abs=1e-15)


def test_only_touched_pairs_change(small):
    """X serves A1 and B1: A2's trade keeps its cost."""
    assert {key[:2] for key in log_costs(small, channel("wait_minutes", 5, crossing="X", direction="*"))} == {
        ("A1", "B1"), ("B1", "A1"),
    }  # fmt: skip
    assert {key[:2] for key in log_costs(small, channel("wait_minutes", 5, crossing="Y", direction="*"))} == PAIRS


@pytest.mark.parametrize("crossing", ["X", "Y"])
def test_closing_costs_less_the_larger_the_response(crossing):
    """Closing a crossing raises the cost of the pairs that used it: less the larger kappa is (logit response)."""
    last = None
    for response in (0.25, 0.5, 1.0, 2.0, 4.0):
        found = log_costs(
            small_baseline(logit_response_per_hour=response), channel("closure", 1, crossing=crossing, direction="A")
        )
        into_a1 = found["B1", "A1", "food"]
        assert into_a1 > 0
        assert last is None or into_a1 < last
        last = into_a1


def test_closing_costs_more_where_there_is_no_alternative(small):
    """Of Y's users A2 has no other crossing: its trade ends, A1's goes on at a higher cost."""
    found = log_costs(small, channel("closure", 1, crossing="Y", direction="A"))
    assert 0 < found["B1", "A1", "food"] < math.inf
    assert found["B1", "A2", "food"] == math.inf


def test_closing_the_larger_crossing_costs_more(small):
    at_x = log_costs(small, channel("closure", 1, crossing="X", direction="A"))["B1", "A1", "food"]
    at_y = log_costs(small, channel("closure", 1, crossing="Y", direction="A"))["B1", "A1", "food"]
    assert at_x > at_y > 0


@pytest.mark.parametrize("code", ["3801", "0901", "3004"])
def test_closing_a_shipped_crossing_never_cheapens(shipped, code):
    """Every pair that used it pays more, and nobody uses it any more."""
    closure = channel("closure", 1, crossing=code, direction="*")
    assert min(log_costs(shipped, closure).values()) >= 0
    rows, _, after = shares_after(shipped, closure)
    closed = (shipped.network.row_crossing[rows] == shipped.network.crossings.index(code)) & np.isin(
        shipped.network.row_mode[rows], [shipped.network.modes.index(mode) for mode in ("truck", "rail")]
    )
    assert closed.any()
    assert (after[closed] == 0).all()
    open_pairs = np.isin(rows, rows[~closed])
    assert (after[open_pairs & ~closed] >= 0).all()


@examples(12)
@given(cut=st.floats(0.1, 29.0), crossing=st.sampled_from(["X", "X;Y"]), direction=st.sampled_from(["A", "B", "*"]))
def test_a_cheaper_route_never_loses_traffic(cut, crossing, direction):
    """A cut at X raises X's share in every pair it serves, lowers no pair's trade and takes from the dearer routes."""
    small = small_baseline()
    limit = {"A": 29.0, "B": 19.0, "*": 19.0}[direction] if crossing == "X" else 11.0
    shorter = channel("wait_minutes", -min(cut, limit), crossing=crossing, direction=direction)
    assert max(log_costs(small, shorter).values()) <= 0
    if crossing == "X":
        rows, before, after = shares_after(small, shorter)
        network = small.network
        at_x = (network.row_crossing[rows] == 0) & (network.row_mode[rows] == network.modes.index("truck"))
        side = {"A": 0, "B": 1}.get(direction)
        entered = small.accounts.economy[network.entered[rows]]
        reached = at_x if side is None else at_x & (entered == side)
        assert (after[reached] > before[reached]).all()
        others = ~at_x & np.isin(network.row_pair[rows], network.row_pair[rows][reached])
        assert (after[others] <= before[others] * (1 + 1e-12)).all()


def test_two_equal_roads_share_their_traffic_equally(small):
    """The same minutes at every crossing leave shares where they were, up to the hours that differ already."""
    rows, before, after = shares_after(small, channel("fee_usd", 4, crossing="*", direction="A"))
    pair = small.network.row_pair[rows]
    for one in np.unique(pair):
        assert after[pair == one].sum(axis=0) == pytest.approx(np.ones(2), rel=1e-12)
    assert np.abs(after - before).max() < 0.01


def test_pipelines_carry_energy(shipped):
    """Energy is what pipelines carry; other goods do so hardly at all."""
    network = shipped.network
    if "pipeline" not in network.modes:
        pytest.fail("the shipped case has pipelines")
    rows = network.row_mode == network.modes.index("pipeline")
    energy = list(shipped.accounts.sectors).index("energy_minerals")
    value = shipped.accounts.flows[network.pair_origin, network.pair_destination][network.row_pair] * network.share
    by_sector = value[rows].sum(axis=0)
    assert by_sector[energy] > 0.97 * by_sector.sum()


def test_a_degree_of_latitude():
    assert great_circle_km(np.array(45.0), np.array(-80.0), np.array(46.0), np.array(-80.0)) == pytest.approx(
        math.pi * 6371 / 180, rel=1e-12
    )
