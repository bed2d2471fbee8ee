"""Drivers of bilateral imbalances: brute force over all orders, worlds with one known cause, adding up."""

import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import given

from planner.engine.accounts import build_accounts
from planner.engine.baseline import build_baseline
from planner.engine.cells import Cells, cell_key
from planner.engine.diagnosis import DRIVERS, diagnose, diagnose_accounts, logistics_to_mean, seller_terms, shapley
from planner.engine.equilibrium import solve
from planner.engine.shock import Shock
from planner.engine.uncertainty import Draws
from tests.engine import oracle
from tests.engine.shipped_case import shipped_baseline
from tests.engine.small_case import fixed_parameters, frame, small_baseline, small_facts
from tests.engine.worlds import FLEXIBLE, accounts_of, examples, make_world, samples

approx = pytest.approx
THETA = np.array([5.0])


def everything(accounts):
    """All places are border regions, all sectors goods."""
    return {"border": np.arange(len(accounts.places)), "goods": np.arange(len(accounts.sectors))}


def one_sector(flows, tariff=None):
    places = [f"p{place}" for place in range(len(flows))]
    return build_accounts(
        places=places, sectors=["goods"], flows=flows[:, :, None],
        tariff=None if tariff is None else tariff[:, :, None],
    )  # fmt: skip


def lonely(accounts, **options):
    """The diagnosis of a one-sector world as {driver: parts of each pair}, and the remainder."""
    found = diagnose_accounts(accounts, THETA, **everything(accounts), **options)
    return dict(zip(found.drivers, found.pairs.parts, strict=True)), found


# Brute force ----------------------------------------------------------------------------------------------------------


def neutral_change(world, accounts, names, logistics, fair, pass_through):
    """The state with the drivers of `names` neutral, from model.md 6 in loops."""
    n, s = len(world.economy), world.flows.shape[2]
    pi, theta = accounts.trade_share, world.theta
    even = np.zeros_like(world.flows)
    for i, b, k in np.ndindex(*world.flows.shape):
        even[i, b, k] = math.sqrt((1 + world.tariff[i, b, k]) * (1 + world.tariff[b, i, k])) - 1
    terms, wedge = np.zeros((n, s)), np.zeros_like(world.flows)
    for k in range(s):
        rows, sides = [], []
        for i, b in itertools.combinations(range(n), 2):
            if pi[i, b, k] > 0 and pi[b, i, k] > 0:

                def level(x, y, k=k):
                    """L of the pair with tariffs, hours and fees at the mean of both directions."""
                    factor = (1 + even[x, y, k]) / (1 + world.tariff[x, y, k]) * math.exp(logistics[x, y, k])
                    return math.log(pi[x, y, k] / pi[y, y, k] * factor ** -theta[k])

                rows.append([(1 if j == i else -1 if j == b else 0) for j in range(n)])
                sides.append(((level(i, b) - level(b, i)) / 2, i, b))
        assert len(rows) >= n - 1, "the test's world should link all its places in each sector"
        terms[:, k] = np.linalg.lstsq(np.array(rows), np.array([side[0] for side in sides]), rcond=None)[0]
        for value, i, b in sides:
            left = value - (terms[i, k] - terms[b, k])
            wedge[i, b, k], wedge[b, i, k] = left / theta[k], -left / theta[k]
    cost = np.ones_like(world.flows)
    if "logistics" in names:
        cost = cost * np.exp(logistics)
    if "wedge" in names:
        cost = cost * np.exp(wedge)
    change = {"cost": cost}
    if "structure" in names:
        productivity = np.ones((n, s))
        for i, k in np.ndindex(n, s):
            target = terms[:, k].mean() + sum(terms[i, j] for j in range(s)) / s
            productivity[i, k] = math.exp((target - terms[i, k]) / theta[k])
        world_share = np.zeros(s)
        for i, k in np.ndindex(n, s):
            world_share[k] += accounts.final_share[i, k] * accounts.income[i] / accounts.income.sum()
        change |= {"productivity": productivity, "final_share": np.tile(world_share, (n, 1))}
    if "policy" in names:
        change["tariff"] = even
    if "aggregate" in names:
        change["deficit"] = np.zeros(n)
    if "currency" in names:
        change |= {"currency": fair, "pass_through": pass_through}
    return oracle.Change(**change)


@pytest.mark.parametrize("closure", ["world_share", "absorption", "short_run"])
def test_shapley_by_brute_force(closure):
    """Three places, two sectors, tariffs, inputs in the short run: the mean over all orders of loop-written equilibria."""
    sample = make_world(3, 3, 2, inputs=closure == "short_run", tariffs=True)
    world, accounts = sample.world, sample.accounts
    rng = np.random.default_rng(5)
    across = np.array(world.economy)[:, None] != np.array(world.economy)[None, :]
    logistics = rng.normal(0, 0.02, world.flows.shape) * across[:, :, None]
    fair, through, sigma = np.where(np.array(world.economy) == 0, 1 / 1.1, 1.0), 0.6, 0.4
    found = diagnose_accounts(
        accounts, world.theta, **everything(accounts), closure=closure, logistics=logistics,
        currency=fair, pass_through=through, sigma=sigma,
    )  # fmt: skip
    assert found.drivers == (DRIVERS if closure == "short_run" else DRIVERS[:-1])

    known = {}

    def balance(names):
        names = frozenset(names)
        if names not in known:
            change = neutral_change(world, accounts, names, logistics, fair, through)
            settled = closure == "absorption" and "aggregate" in names  # D' = 0
            flows = oracle.solve(world, change, "balanced" if settled else closure, sigma)["flows"].sum(axis=2) * across
            known[names] = flows - flows.T
        return known[names]

    expected = dict.fromkeys(found.drivers, 0.0)
    orders = list(itertools.permutations(found.drivers))
    for order in orders:
        for position, driver in enumerate(order):
            lost = balance(order[:position]) - balance(order[: position + 1])
            expected[driver] = expected[driver] + lost / len(orders)
    scale = found.trade.max()
    for driver, part in zip(found.drivers, found.pairs.parts, strict=True):
        assert np.abs(part - expected[driver]).max() < 1e-9 * scale, driver
    assert np.abs(found.pairs.remainder - balance(found.drivers)).max() < 1e-9 * scale


def test_shapley_of_a_known_game():
    """v = 5 without a, less 2 without b, less 6 more without both: a gets 5 + 3, b gets 2 + 3."""
    values = np.array([13.0, 13.0 - 5, 13.0 - 2, 13.0 - 5 - 2 - 6])
    assert shapley(values) == approx([8.0, 5.0])
    with pytest.raises(ValueError, match="power of two"):
        shapley(np.ones(3))


# Worlds with one cause ----------------------------------------------------------------------------------------------


def symmetric_kernel(rng, count):
    kernel = np.exp(-rng.uniform(1, 3, (count, count)))
    kernel = (kernel + kernel.T) / 2
    np.fill_diagonal(kernel, rng.uniform(0.5, 1.5, count))
    return kernel


def test_only_deficits():
    """One sector, symmetric costs: with D = 0 trade is balanced in every pair, whatever sizes and sellers."""
    rng = np.random.default_rng(1)
    attraction = symmetric_kernel(rng, 5) * np.exp(rng.normal(0, 1, 5))[:, None]
    accounts = one_sector(attraction / attraction.sum(axis=0) * rng.uniform(50, 200, 5))
    assert np.abs(accounts.deficit).max() > 10
    parts, found = lonely(accounts)
    assert parts["aggregate"] == approx(found.pairs.total, abs=1e-9)
    for driver in ("structure", "wedge"):
        assert np.abs(parts[driver]).max() < 1e-9
    assert np.abs(found.pairs.remainder).max() < 1e-9


def solved_flows(flows, *, log_cost=None, tariff=None):
    """Flows of a one-sector world after a shock, without deficits."""
    accounts = one_sector(flows)
    origin, destination, sector = np.nonzero(accounts.flows)
    cells = Cells.from_keys(np.sort(cell_key(origin, destination, sector, len(flows))), len(flows))
    shock = Shock(
        1, cells,
        log_cost=None if log_cost is None else cells.gather(log_cost[:, :, None])[:, None],
        tariff=None if tariff is None else cells.gather(tariff[:, :, None])[:, None],
    )  # fmt: skip
    return solve(accounts, shock, THETA, "balanced").flows()[:, :, 0, 0]


def balanced_flows(seed):
    """Symmetric flows of four places: no imbalance at all."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(1, 4, 4)
    return 100 * symmetric_kernel(rng, 4) * size[:, None] * size[None]


def without_own(values):
    values = values.copy()
    np.fill_diagonal(values, 0.0)
    return values


def test_no_cause():
    """Symmetric trade has no parts."""
    _, found = lonely(one_sector(balanced_flows(2)))
    assert np.abs(found.pairs.parts).max() < 1e-10
    assert np.abs(found.pairs.remainder).max() < 1e-10
    assert found.headline.total == approx(0, abs=1e-14)


def test_only_costs_that_differ_by_direction():
    """Random one-way costs on balanced trade are wedge where unmeasured and logistics where measured."""
    cost = without_own(np.random.default_rng(3).normal(0, 0.05, (4, 4)))
    accounts = one_sector(solved_flows(balanced_flows(2), log_cost=cost))
    parts, found = lonely(accounts)
    assert np.abs(found.pairs.total).max() > 1
    assert parts["wedge"] == approx(found.pairs.total, abs=1e-8)
    to_mean = ((cost + cost.T) / 2 - cost)[:, :, None]
    parts, found = lonely(accounts, logistics=to_mean)
    assert parts["logistics"] == approx(found.pairs.total, abs=1e-8)
    assert np.abs(parts["wedge"]).max() < 1e-8


def test_only_tariffs():
    """Random tariffs on balanced trade are policy, none of it seller terms or wedge."""
    tariff = without_own(np.random.default_rng(4).uniform(0, 0.3, (4, 4)))
    accounts = one_sector(solved_flows(balanced_flows(2), tariff=tariff), tariff)
    parts, found = lonely(accounts)
    assert np.abs(found.pairs.total).max() > 1
    assert parts["policy"] == approx(found.pairs.total, abs=1e-8)
    for driver in ("structure", "wedge"):
        assert np.abs(parts[driver]).max() < 1e-8


def test_only_comparative_advantage():
    """Two sectors, each place better in one of them, tastes alike: all is structure but a small remainder."""
    rng = np.random.default_rng(6)
    count = 4
    better = rng.normal(0, 1.5, (count, 2))
    better -= better.mean(axis=1, keepdims=True) + better.mean(axis=0, keepdims=True) - better.mean()
    kernel = symmetric_kernel(rng, count)
    share = kernel[:, :, None] * np.exp(better)[:, None]
    flows = share / share.sum(axis=0) * np.array([60.0, 40.0])
    start = build_accounts(places=list("abcd"), sectors=["food", "cars"], flows=flows)
    theta = np.array([4.0, 6.0])
    settled = solve(start, Shock.none(count), theta, "balanced")
    accounts = build_accounts(places=list("abcd"), sectors=["food", "cars"], flows=settled.flows()[..., 0])
    found = diagnose_accounts(accounts, theta, **everything(accounts))
    parts = dict(zip(found.drivers, found.pairs.parts, strict=True))
    assert np.abs(found.pairs.total / found.trade.clip(1e-9)).max() > 0.05
    assert np.abs(parts["wedge"]).max() < 1e-8
    assert np.abs(parts["aggregate"]).max() < 1e-8
    assert parts["structure"] + found.pairs.remainder == approx(found.pairs.total, abs=1e-8)
    assert np.abs(found.pairs.remainder).max() < 0.05 * np.abs(found.pairs.total).max()


# Adding up and invariances ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("closure", [*FLEXIBLE, "short_run"])
@examples(5)
@given(sample=samples())
def test_parts_add_up(closure, sample):
    """Totals are the accounts' balances (where the closure keeps them), parts add up for pairs, places and headline."""
    accounts = sample.accounts
    found = diagnose_accounts(accounts, sample.world.theta, **everything(accounts), closure=closure, sigma=0.4)
    across = accounts.economy[:, None] != accounts.economy[None]
    flows = accounts.flows.sum(axis=2) * across
    if closure not in ("balanced", "balanced_economy"):
        assert found.pairs.total == approx(flows - flows.T, abs=1e-9 * flows.max())
    assert found.pairs.parts == approx(-found.pairs.parts.transpose(0, 2, 1), abs=1e-9 * flows.max())
    for split in (found.pairs, found.regions, found.indices, found.headline):
        gap = split.total - split.parts.sum(axis=0) - split.remainder
        assert np.abs(gap).max() <= 1e-9 * max(1.0, np.abs(split.total).max())
    gross = found.trade.sum(axis=1)
    absolute = np.abs(found.pairs.total).sum(axis=1)
    assert found.indices.total == approx(np.divide(absolute, gross, out=np.zeros_like(gross), where=gross > 0))
    assert found.headline.total == approx(absolute.sum() / gross.sum())


def test_unit_of_money_and_order_of_places():
    """Parts scale with the unit and move with the places."""
    sample = make_world(8, 4, 2, inputs=True, tariffs=True)
    accounts, theta = sample.accounts, sample.world.theta
    plain = diagnose_accounts(accounts, theta, **everything(accounts))
    order = np.array([2, 0, 3, 1])
    moved = build_accounts(
        places=[accounts.places[place] for place in order], sectors=accounts.sectors,
        flows=1000 * accounts.flows[np.ix_(order, order)], tariff=accounts.tariff[np.ix_(order, order)],
        value_added_share=accounts.value_added_share[order], input_share=accounts.input_share[order],
        economies=accounts.economies, economy=accounts.economy[order],
    )  # fmt: skip
    other = diagnose_accounts(moved, theta, **everything(moved))
    scale = np.abs(plain.pairs.total).max()
    assert other.pairs.parts / 1000 == approx(plain.pairs.parts[:, order][:, :, order], abs=1e-8 * scale)


def test_columns_in_blocks_give_the_same(monkeypatch):
    sample = make_world(8, 4, 2, inputs=False, tariffs=True)
    accounts, theta = sample.accounts, sample.world.theta
    whole = diagnose_accounts(accounts, theta, **everything(accounts))
    monkeypatch.setattr("planner.engine.diagnosis.BLOCK_NUMBERS", 60)
    cut = diagnose_accounts(accounts, theta, **everything(accounts))
    assert cut.pairs.parts == approx(whole.pairs.parts, abs=1e-9 * np.abs(whole.pairs.total).max())


def test_seller_terms_of_a_world_that_fits():
    """Differences that are exactly additive are found; a place without a matched pair has none."""
    truth = np.array([0.5, -0.2, 0.1, 3.0])
    ratio = (truth[:, None] - truth[None])[:, :, None]
    matched = np.zeros((4, 4, 1), dtype=bool)
    for i, n in ((0, 1), (1, 2)):
        matched[i, n] = matched[n, i] = True
    found = seller_terms(ratio, matched)[:, 0]
    assert found[:3] == approx(truth[:3] - truth[:3].mean())
    assert np.isnan(found[3])


def test_trade_one_way_is_named():
    """A pair that trades in one direction only stays out of the wedge; its share of trade is told."""
    flows = balanced_flows(2)
    flows[0, 1] = 0.0
    _, found = lonely(one_sector(flows))
    assert found.one_way[0, 1] == 1.0
    assert found.one_way[2, 3] == 0.0
    gap = found.pairs.total - found.pairs.parts.sum(axis=0) - found.pairs.remainder
    assert np.abs(gap).max() < 1e-9


# A case -------------------------------------------------------------------------------------------------------------


def test_logistics_by_hand():
    """Half an hour of waiting into A at X, twenty minutes into B; truck hour 60 USD, truck 40000 USD, 0.001 per hour.

    Into A: h = 2 h, 40130 USD; into B: h = 11/6 h, 40120 USD. Half the way: ln d^ = -(0.001/6 + ln(40130/40120))/2.
    """
    baseline = small_baseline()
    found = logistics_to_mean(baseline, Draws(baseline.parameters, 0, 0))
    half = (0.001 / 6 + math.log(40130 / 40120)) / 2
    into_a = -math.log(9 / 13 * math.exp(400 * half) + 4 / 13) / 400  # by X 4500 of 6500
    by_truck = -math.log(3 / 4 * math.exp(-400 * half) + 1 / 4) / 400  # by X 3000 of 4000
    into_b = -math.log(4 / 5 * math.exp(-5 * by_truck) + 1 / 5) / 5  # by truck 4000 of 5000
    assert found[2, 0, :2] == approx(into_a, rel=1e-9)
    assert found[0, 2, :2] == approx(into_b, rel=1e-9)
    assert not found[1, 2].any()  # at Y both directions wait the default
    assert not found[:, :, 2:].any()


def test_case():
    """The case's balances, no tariffs, no currency with flexible wages."""
    baseline = small_baseline()
    found = diagnose(baseline, baseline.parameters)
    assert found.drivers == ("aggregate", "structure", "logistics", "wedge")
    assert found.missing["policy"] == "no data: the case has no tariffs"
    assert "neutral" in found.missing["currency"]
    assert found.pairs.total[0, 2] == approx(5000 - 6500)
    assert found.regions.total == approx([-1500, 400, 1100])
    assert found.headline.total == approx(1900 / 12700)
    gap = found.regions.total - found.regions.parts.sum(axis=0) - found.regions.remainder
    assert np.abs(gap).max() < 1e-9


def test_case_with_tariffs_and_currency():
    """Policy has a part once there are tariffs, the currency once there is a valuation and wages are fixed.

    An economy whose currency is too cheap sells too much: neutral value, smaller surplus.
    """
    facts = small_facts(tariffs=frame("origin destination sector rate", ("A", "B", "cars", 0.1)))
    baseline = build_baseline(facts, fixed_parameters())
    found = diagnose(baseline, baseline.parameters, closure="short_run", valuation={"B": -0.1})
    assert found.drivers == DRIVERS
    parts = dict(zip(found.drivers, found.pairs.parts, strict=True))
    assert parts["currency"][2, 0] > 0
    assert parts["policy"][2, 0] > 0  # B's tariff on A's cars
    without = diagnose(baseline, baseline.parameters, closure="short_run")
    assert without.missing == {"currency": "no data: no valuation of the currencies given"}


def test_a_case_without_crossings_has_no_logistics():
    facts = small_facts(
        crossing_flows=frame(
            "origin destination crossing mode value_musd",
            ("A1", "B1", "OTHER", "truck", 5000.0), ("B1", "A1", "OTHER", "truck", 6500.0),
            ("A2", "B1", "OTHER", "truck", 800.0), ("B1", "A2", "OTHER", "truck", 400.0),
        )
    )  # fmt: skip
    baseline = build_baseline(facts, fixed_parameters())
    found = diagnose(baseline, baseline.parameters, closure="balanced")
    assert found.missing["logistics"].startswith("no data")
    assert found.missing["aggregate"] == "the closure already has no deficits"


def test_bad_input():
    baseline = small_baseline()
    with pytest.raises(ValueError, match="unknown closure 'open'"):
        diagnose(baseline, baseline.parameters, closure="open")
    with pytest.raises(ValueError, match=r"unknown economies \['C'\].*\['A -1'\]"):
        diagnose(baseline, baseline.parameters, closure="short_run", valuation={"C": 0.1, "A": -1})
    accounts = accounts_of(make_world(1, 3, 1, inputs=False, tariffs=False).world)
    with pytest.raises(ValueError, match="trade elasticity"):
        diagnose_accounts(accounts, np.array([-1.0]), **everything(accounts))


def test_shipped_case_within_two_seconds():
    """Michigan buys more than it sells; the parts add up to 1e-9 of its trade; the time of the second call counts."""
    baseline = shipped_baseline()
    diagnose(baseline, baseline.parameters)  # compiles what is compiled once
    start = time.process_time()
    found = diagnose(baseline, baseline.parameters)
    assert time.process_time() - start < 2
    michigan = found.places.index("US-MI")
    regions = found.regions
    assert regions.total[michigan] < -20000
    for split in (found.pairs, regions):
        gap = split.total - split.parts.sum(axis=0) - split.remainder
        assert np.abs(gap).max() < 1e-9 * found.trade.max()
    assert found.headline.parts.sum() + found.headline.remainder == approx(found.headline.total, abs=1e-12)
    assert abs(found.headline.remainder) < 0.1 * found.headline.total
