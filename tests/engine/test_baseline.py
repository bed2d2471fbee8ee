"""The baseline builder: observed flows kept, accounts that add up, provenance, and what the shipped case shows."""

import numpy as np
import pytest

from planner.engine.baseline import IMPUTED, NONE, OBSERVED, SCALED, build_baseline
from planner.engine.errors import InvalidBaseline
from planner.engine.estimate import baseline_outcomes
from planner.engine.imbalance import TradeView, balance_tag, measure, near_zero_pairs
from planner.engine.ipf import fit_groups, fit_margins
from planner.engine.types import Parameter, Parameters
from tests.engine.shipped_case import shipped_baseline, shipped_facts, shipped_parameters
from tests.engine.small_case import fixed_parameters, frame, small_baseline, small_facts

A1, A2, B1 = range(3)
FOOD, CARS, SERVICES, TRAVEL = range(4)


@pytest.fixture(scope="module", params=["central", "low", "high"])
def shipped(request):
    return shipped_baseline(request.param)


@pytest.fixture(scope="module")
def small():
    return small_baseline()


def observed_flows(baseline):
    """Observed sector flows by a plain loop over the table."""
    flows = np.zeros(baseline.accounts.flows.shape)
    places, sectors = list(baseline.accounts.places), list(baseline.accounts.sectors)
    for row in baseline.facts.sector_flows.itertuples():
        flows[places.index(row.origin), places.index(row.destination), sectors.index(row.sector)] += row.value_musd
    return flows


# The shipped case ---------------------------------------------------------------------------------------------------


def test_shipped_headline_and_michigan(shipped):
    """0.3480009 on observed flows; Michigan sells 26.65 and buys 49.54 billion; whatever the builder's ratios."""
    before = baseline_outcomes(shipped, shipped.parameters, draws=0, seed=1, closure="world_share")["observed"]
    assert before.headline[0] == pytest.approx(0.3480009, abs=5e-8)
    michigan = shipped.accounts.places.index("US-MI")
    assert before.exports[michigan, 0] == pytest.approx(26650, abs=5)
    assert before.imports[michigan, 0] == pytest.approx(49540, abs=5)


def test_shipped_observed_flows_are_kept_exactly(shipped):
    observed = observed_flows(shipped)
    goods = shipped.goods
    foreign = shipped.accounts.economy[:, None] != shipped.accounts.economy[None, :]
    assert (shipped.accounts.flows[foreign][:, goods] == observed[foreign][:, goods]).all()
    assert (shipped.provenance[observed > 0] == OBSERVED).all()


def test_shipped_accounts_add_up(shipped):
    """To 1e-9: spending, income, balances, final shares; every place earns and absorbs."""
    accounts = shipped.accounts
    scale = accounts.flows.sum()
    assert abs(accounts.deficit.sum()) < 1e-9 * scale
    np.testing.assert_allclose(accounts.trade_share.sum(axis=0)[accounts.expenditure > 0], 1, rtol=1e-12)
    np.testing.assert_allclose(accounts.income, accounts.expenditure.sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(accounts.final_share.sum(axis=1), 1, rtol=1e-12)
    assert (accounts.value_added + accounts.deficit > 0).all()
    assert (shipped.gdp >= 0.99 * accounts.value_added * shipped.money_scale).all()


def test_shipped_domestic_sums(shipped):
    """Domestic sales and purchases are what output and absorption leave, by economy and sector; none is negative."""
    accounts, observed = shipped.accounts, observed_flows(shipped)
    ratio = shipped.parameters.central("goods_output_per_gdp", variant=shipped.variant)
    least = shipped.parameters.central("least_domestic_share", variant=shipped.variant)
    for economy in range(2):
        inside = accounts.economy == economy
        for good in shipped.goods:
            domestic = accounts.flows[np.ix_(inside, inside, [good])][:, :, 0]
            exports = observed[inside][:, :, good].sum(axis=1)
            imports = observed[:, inside, good].sum(axis=0)
            assert (domestic > 0).all()
            # The least domestic share of output and of absorption holds at every place.
            assert (domestic.sum(axis=1) >= least / (1 - least) * exports * (1 - 1e-9)).all()
            assert (domestic.sum(axis=0) >= least / (1 - least) * imports * (1 - 1e-9)).all()
            floor = ratio * shipped.gdp[inside].sum() * _sector_mix(shipped, good)
            assert domestic.sum() + exports.sum() >= floor * (1 - 1e-9)


def _sector_mix(baseline, good):
    """Half equal shares, half the case's own (by the weight in force)."""
    case = observed_flows(baseline).sum(axis=(0, 1))[baseline.goods]
    weight = baseline.parameters.central("case_share_weight", variant=baseline.variant)
    return (1 - weight) / len(baseline.goods) + weight * case[list(baseline.goods).index(good)] / case.sum()


def test_shipped_domestic_trade_is_the_kernel_scaled(shipped):
    """Proportional fitting changes rows and columns only: odds ratios stay those of GDP_i GDP_n / distance."""
    accounts = shipped.accounts
    inside = np.flatnonzero(accounts.economy == 0)
    block = accounts.flows[np.ix_(inside, inside, [int(shipped.goods[0])])][:, :, 0]
    odds = np.log(block * shipped.distance[np.ix_(inside, inside)])
    residue = odds - odds.mean(axis=0) - odds.mean(axis=1)[:, None] + odds.mean()
    assert np.abs(residue).max() < 1e-6


def test_shipped_energy_of_alberta_is_raised():
    """Alberta sells more oil to the south than goods output per GDP allows: the builder says so."""
    raised = {(row.place, row.sector, row.what) for row in shipped_baseline().raised}
    assert ("CA-AB", "energy_minerals", "output") in raised
    assert all(row.factor > 1 for row in shipped_baseline().raised)


def test_shipped_provenance_adds_up(shipped):
    shares = shipped.provenance_shares()
    assert sum(shares.values()) == pytest.approx(1, rel=1e-9)
    assert shares["imputed"] > 0.1
    assert shares["observed"] > 0.01
    assert ((shipped.provenance == NONE) == (shipped.accounts.flows == 0)).all()


def test_shipped_routes_spread_every_pair(shipped):
    """Shares of routes add up to one over each pair, and to the observed use of each crossing."""
    network = shipped.network
    total = np.zeros((len(network.pair_origin), network.share.shape[1]))
    np.add.at(total, network.row_pair, network.share)
    np.testing.assert_allclose(total, 1, rtol=1e-9)
    assert network.miss < 1e-6


# A case of three places ---------------------------------------------------------------------------------------------


def test_small_builder_by_hand(small):
    """Food is 4700 of 12700 traded: share = (1/2)/2 + (1/2) 4700/12700 = 0.4350394.

    A: output 0.33 x GDP x share: A1 14356.3, A2 7178.1; sales at home are 12356.3 and 6378.1, purchases (after 1500 and 400
    of imports) 12856.3 and 6778.1. Purchases are more by 900: A's output is raised until the sums agree.
    """
    share = 0.25 + 0.5 * 4700 / 12700
    plain = 0.33 * np.array([100000, 50000]) * share
    flows = small.accounts.flows
    domestic = flows[:B1, :B1, FOOD]
    np.testing.assert_allclose(domestic.sum(axis=0), plain - [1500, 400], rtol=1e-9)
    factor = (plain.sum() - 1900) / (plain.sum() - 2800)
    np.testing.assert_allclose(domestic.sum(axis=1), (plain - [2000, 800]) * factor, rtol=1e-9)
    # B has one place: what it sells at home it buys there.
    assert flows[B1, B1, FOOD] == pytest.approx(max(0.33 * 80000 * share - 1900, 0.33 * 80000 * share - 2800))
    assert any("food" in warning and "B" in warning for warning in small.warnings)


def test_small_services_and_travel(small):
    """Services take what goods and travel leave of GDP; travel at home is 2 % of GDP; both are marked."""
    flows, gdp = small.accounts.flows, small.gdp
    np.testing.assert_allclose(small.accounts.value_added, gdp, rtol=1e-9)
    assert flows[A2, A2, TRAVEL] == pytest.approx(0.02 * 50000)
    assert small.provenance[A1, A1, SERVICES] == SCALED
    assert small.provenance[A1, B1, TRAVEL] == IMPUTED
    assert not flows[A1, B1, SERVICES]


def test_small_output_is_raised_to_keep_a_share_at_home():
    """Sales of 40000 abroad need 50000 of output at a least domestic share of 0.2."""
    facts = small_facts()
    flows = facts.sector_flows.copy()
    flows.loc[1, "value_musd"] = 40000.0
    crossing = facts.crossing_flows.copy()
    crossing.loc[0, "value_musd"] = 40000.0
    built = build_baseline(small_facts(sector_flows=flows, crossing_flows=crossing), fixed_parameters())
    raised = {(row.place, row.sector, row.what): row.factor for row in built.raised}
    share = 0.25 + 0.5 * 48200 / 49700 - 0.5 * (48200 - 45000) / 49700  # cars are 45000 of 49700
    plain = 0.33 * 100000 * share
    assert raised["A1", "cars", "output"] == pytest.approx(50000 / plain, rel=1e-9)
    assert built.accounts.flows[A1, B1, CARS] == 40000.0
    assert built.accounts.flows[A1, :B1, CARS].sum() >= 10000 * (1 - 1e-9)


def test_small_travel_by_hand(small):
    """100,000 people into A at X, half of them visitors, 100 USD each: 5 million sold by A1 to B1, 5 the other way."""
    flows = small.accounts.flows[:, :, TRAVEL]
    assert flows[A1, B1] == pytest.approx(5)
    assert flows[B1, A1] == pytest.approx(5)
    assert flows[A2, B1] == 0
    more = small_baseline(visitor_share=0.6)
    assert more.accounts.flows[A1, B1, TRAVEL] == pytest.approx(6)
    assert more.accounts.flows[B1, A1, TRAVEL] == pytest.approx(4)


def test_small_case_with_tariffs():
    """Rates are given between places or economies, and apply to cross-border trade alone."""
    tariffs = frame("origin destination sector rate", ("B", "A", "cars", 0.1), ("A1", "B1", "food", 0.05))
    built = build_baseline(small_facts(tariffs=tariffs), fixed_parameters())
    assert built.accounts.tariff[B1, A1, CARS] == built.accounts.tariff[B1, A2, CARS] == 0.1
    assert built.accounts.tariff[A1, B1, FOOD] == 0.05
    assert built.accounts.tariff[A2, B1, FOOD] == 0
    assert built.accounts.tariff_revenue[A1] == pytest.approx(500)


def test_faults_are_all_named():
    """Unknown place, sector and economy, a GDP that is no number, a negative flow and wrong parameters, at once."""
    facts = small_facts()
    places = facts.places.copy()
    places.loc[0, "gdp_musd"] = -1.0
    places.loc[1, "economy"] = "C"
    flows = frame(
        "origin destination sector value_musd", ("A1", "B9", "food", 10.0), ("A1", "B1", "toys", 5.0),
        ("A1", "B1", "food", -3.0),
    )  # fmt: skip
    wrong = Parameters(
        (Parameter("theta", "", 6, 5, 7, "elasticity", "x", "D"), Parameter("thta", "", 1, 1, 1, "", "", "D"))
    )
    with pytest.raises(InvalidBaseline) as raised:
        build_baseline(small_facts(places=places, sector_flows=flows), wrong)
    text = "\n".join(raised.value.problems)
    for piece in ("place A1: GDP", "unknown economy 'C'", "unknown destination 'B9'", "unknown sector 'toys'", ">= 0",
                  "theta: 6, 5, 7", "thta: unknown key"):  # fmt: skip
        assert piece in text, piece


def test_no_flows_is_refused():
    with pytest.raises(InvalidBaseline, match="at least one cross-border flow"):
        build_baseline(small_facts(sector_flows=small_facts().sector_flows.iloc[:0]), fixed_parameters())


# Measures and fitting -----------------------------------------------------------------------------------------------


def test_index_by_hand(small):
    """sum_p |X_rp - X_pr| / sum_p (X_rp + X_pr): A1 1500/11500, A2 400/1200, B1 (1500 + 400)/12700."""
    view = TradeView(small)
    found = measure(view.goods_pairs(view.goods_cells.gather(small.accounts.flows)[:, None]), view.border)
    assert found.index[:, 0] == pytest.approx([1500 / 11500, 400 / 1200, 1900 / 12700])
    assert found.headline[0] == pytest.approx(3800 / 25400)
    assert found.balance[:, 0] == pytest.approx([-1500, 400, 1100])
    assert found.normalised[:, 0] == pytest.approx([-1500 / 11500, 400 / 1200, 1100 / 12700])


def test_index_is_between_zero_and_one():
    """All one way: 1. Balanced pair by pair: 0. Balanced only over partners: not 0."""
    border = np.arange(3)
    one_way = np.zeros((3, 3, 1))
    one_way[0, 1] = 5
    assert measure(one_way, border).headline[0] == 1
    even = np.ones((3, 3, 1)) - np.eye(3)[:, :, None]
    assert measure(even, border).headline[0] == 0
    circle = np.zeros((3, 3, 1))
    circle[0, 1] = circle[1, 2] = circle[2, 0] = 1
    assert measure(circle, border).balance.max() == 0
    assert measure(circle, border).headline[0] == 1


@pytest.mark.parametrize(
    ("exports", "imports", "tag"),
    [(1, 1, "expansion"), (1, -1, "export-led"), (-1, -1, "import compression"), (-1, 1, "diversion")],
)
def test_balance_tags(exports, imports, tag):
    assert balance_tag(exports, imports) == tag


def test_pairs_near_balance_are_listed():
    pairs = np.zeros((2, 2))
    pairs[0, 1], pairs[1, 0] = 100, 99
    assert near_zero_pairs(pairs, np.array([0])) == [(0, 1, pytest.approx(1 / 199))]
    assert not near_zero_pairs(pairs, np.array([0]), threshold=0.001)


def test_fitting_keeps_margins_and_odds():
    kernel = np.array([[1.0, 2.0], [3.0, 4.0]])
    fitted = fit_margins(kernel, np.array([3.0, 7.0]), np.array([6.0, 4.0]))
    np.testing.assert_allclose(fitted.sum(axis=0), [6, 4], rtol=1e-12)
    np.testing.assert_allclose(fitted.sum(axis=1), [3, 7], rtol=1e-12)
    assert fitted[0, 0] * fitted[1, 1] / fitted[0, 1] / fitted[1, 0] == pytest.approx(4 / 6)
    with pytest.raises(ValueError, match="expected the same"):
        fit_margins(kernel, np.array([1.0, 1.0]), np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="cannot be met"):
        fit_margins(np.eye(2), np.array([1.0, 2.0]), np.array([2.0, 1.0]))


def test_fitting_in_groups():
    """Two tables at once: rows by route, columns by sector."""
    seed = np.ones((4, 2)) * np.array([2.0, 3.0, 1.0, 4.0])[:, None]
    rows, group = np.array([2.0, 3.0, 1.0, 4.0]), np.array([0, 0, 1, 1])
    sums = np.array([[4.0, 1.0], [2.0, 3.0]])
    table, miss = fit_groups(seed, rows, group, sums)
    np.testing.assert_allclose(table.sum(axis=1), rows, rtol=1e-9)
    np.testing.assert_allclose(table[:2].sum(axis=0), sums[0], rtol=1e-12)
    assert miss < 1e-12


def test_shipped_facts_are_read():
    """The loader of these tests sees the whole case."""
    assert len(shipped_facts().places) == 21
    assert shipped_parameters().central("theta") == 5
