"""Each kind of intervention on a case of three places: sign and size worked out by hand, in the comments beside them.

Throughout: theta = 5, so that first-round trade moves by K = cost^-5; a day is worth 2.4 % (0.001 per hour), a truck hour
60 USD, a truck 40,000 USD, hence kappa = 1 / (60/40000 + 0.001) = 400 for trucks and 1 / 0.001 = 1000 for trains.
"""

import numpy as np
import pytest

from planner.engine.certificates import solve_with_certificates
from planner.engine.equilibrium import solve
from planner.engine.estimate import estimate_effect
from planner.engine.shock import Shock
from planner.engine.short_run import solve_short_run
from planner.engine.types import Intervention
from tests.engine.oracle import World
from tests.engine.small_case import central_shock, channel, log_costs, plan, small_baseline
from tests.engine.worlds import accounts_of

approx = pytest.approx
A1, A2, B1 = range(3)
FOOD, CARS, SERVICES, TRAVEL = range(4)


@pytest.fixture(scope="module")
def baseline():
    return small_baseline()


def effect_of(baseline, *channels, closure="world_share", **options):
    """Outcomes at central values, without the axis of draws."""
    found = estimate_effect(baseline, baseline.parameters, plan(*channels, **options), draws=0, seed=1, closure=closure)
    assert found.status == "done", found.reason
    return {name: array[..., 0] for name, array in found.arrays.items()}


def test_index_before(baseline):
    """A1-B1: |5000 - 6500| = 1500 of 11500; A2-B1: 400 of 1200; both seen from both sides: 1900 / 12700."""
    effect = effect_of(baseline, channel("wait_minutes", -10, crossing="X", direction="A"))
    after = effect["partial.index_change"] + 1900 / 12700
    bought = 6500 * 1.00147674  # by the test below
    assert after == approx((bought - 5000 + 400) / (bought + 5000 + 1200), rel=1e-8)


# Trade facilitation and infrastructure ------------------------------------------------------------------------------


def test_facilitation_shorter_wait(baseline):
    """Ten minutes off the half hour at X into A.

    h = 1 (road) + 0.5 (wait) + 0.5 (handling) = 2 h; 40000 + 60 x 2 + 10 = 40130 USD, ten minutes less: 40120.
    ln d^ = -0.001/6 + ln(40120/40130) = -1.66667e-4 - 2.49221e-4 = -4.15888e-4
    B1 -> A1 goes 4500/6500 by X:  ln dbar = -ln(9/13 exp(400 x 4.15888e-4) + 4/13) / 400 = -2.951296e-4
    K = exp(5 x 2.951296e-4) = 1.00147674: A1 buys 6500 x 0.00147674 = 9.59884 more, B1 -> A2 by Y is untouched.
    """
    cut = channel("wait_minutes", -10, crossing="X", direction="A")
    assert log_costs(baseline, cut) == approx(
        {("B1", "A1", "food"): -2.951296e-4, ("B1", "A1", "cars"): -2.951296e-4}, rel=1e-6
    )
    effect = effect_of(baseline, cut)
    assert effect["partial.imports_change_musd"] == approx([9.59884, 0, 0], rel=1e-5, abs=1e-9)
    assert effect["partial.balance_change_musd"] == approx([-9.59884, 0, 9.59884], rel=1e-5, abs=1e-9)
    # A1 already buys more than it sells: the gap opens, and the cheaper good is worth having.
    assert effect["full.index_change"] > 0
    assert effect["full.welfare_pct"][A1] > 0
    # An envelope argument gives the size: welfare rises by about the cost saved, 6500 x 2.951e-4 = 1.918.
    assert effect["full.ev_musd"].sum() == approx(6500 * 2.951296e-4, rel=0.01)


def test_facilitation_share_of_wait_is_the_same_cut(baseline):
    """A third off 30 minutes is 10 minutes."""
    minutes = log_costs(baseline, channel("wait_minutes", -10, crossing="X", direction="A"))
    share = log_costs(baseline, channel("wait_share", -1 / 3, crossing="X", direction="A"))
    assert share == approx(minutes, rel=1e-12)


def test_facilitation_road(baseline):
    """0.1 h less road from B1 to A2, whose trucks all take Y.

    Road 46 -> 45 -> 44 degrees = 2 h, wait 0.2 h (default 12 minutes), handling 0.5 h: 2.7 h; fee 10 by default.
    ln dbar = ln d^ = -0.0001 + ln((40000 + 60 x 2.6 + 10) / (40000 + 60 x 2.7 + 10)) = -0.0001 - 1.493651e-4
    """
    cut = channel("road_hours", -0.1, crossing="Y", direction="*", origin="B1", destination="A2")
    cost = -1e-4 + np.log(40166 / 40172)
    assert log_costs(baseline, cut) == approx({("B1", "A2", good): cost for good in ("food", "cars")}, rel=1e-9)
    assert effect_of(baseline, cut)["partial.imports_change_musd"][A2] == approx(400 * np.expm1(-5 * cost), rel=1e-9)


def test_facilitation_lower_toll(baseline):
    """The toll of 10 USD at X goes, both ways; no time changes: ln d^ = ln(40120 / 40130) into A.

    Into B the wait is 20 minutes: 40000 + 60 x (1 + 1/3 + 0.5) + 10 = 40120, so that ln d^ = ln(40110 / 40120). There X
    has 3/4 of the trucks and trucks 4/5 of trade: dbar_truck = (3/4 d^-400 + 1/4)^(-1/400), dbar^-5 = 4/5 dbar_truck^-5 + 1/5.
    """
    found = log_costs(baseline, channel("fee_usd", -10, crossing="X", direction="*"))
    into_a = -np.log(9 / 13 * (40120 / 40130) ** -400 + 4 / 13) / 400
    truck = -np.log(0.75 * (40110 / 40120) ** -400 + 0.25) / 400
    into_b = -np.log(0.8 * np.exp(-5 * truck) + 0.2) / 5
    assert found == approx(
        {
            ("B1", "A1", "food"): into_a,
            ("B1", "A1", "cars"): into_a,
            ("A1", "B1", "food"): into_b,
            ("A1", "B1", "cars"): into_b,
        },
        rel=1e-9,
    )
    assert into_a < into_b < 0  # the railway does not pay the toll, and more of A1's sales cross by X


# Diversification and competitiveness --------------------------------------------------------------------------------


def test_diversification_productivity(baseline):
    """Food of A2 one per cent more productive: every sale of it is 1 % cheaper, 800 x (1.01^5 - 1) = 40.808 more."""
    effect = effect_of(baseline, channel("productivity", 0.01, place="A2", sector="food"), kind="diversification")
    assert effect["partial.exports_change_musd"] == approx([0, 40.8080402, 0], abs=1e-6)
    # Hulten: world welfare rises by about 1 % of the output concerned, all of A2's food.
    output = baseline.accounts.output[A2, FOOD]
    assert effect["full.ev_musd"].sum() == approx(0.01 * output, rel=0.03)
    assert effect["full.welfare_pct"][A2] == max(effect["full.welfare_pct"])


# Regional and bilateral cooperation ---------------------------------------------------------------------------------


def test_cooperation_agreement(baseline):
    """A direct effect of 0.05 log points on trade in food between the economies is exactly exp(0.05) at first."""
    effect = effect_of(
        baseline, channel("log_trade", 0.05, origin="A", destination="B", sector="food"), kind="cooperation"
    )
    gain = np.exp(0.05) - 1
    assert effect["partial.exports_change_musd"] == approx([2000 * gain, 800 * gain, 0], abs=1e-9)
    assert effect["partial.imports_change_musd"] == approx([0, 0, 2800 * gain], abs=1e-9)
    # Only one direction is freed, and B sells more than it buys: the gap of the case narrows.
    assert effect["partial.index_change"] < 0
    assert effect["full.exports_change_musd"][A1] > 0


def test_cooperation_trade_cost(baseline):
    """One per cent off the cost of trading both ways: every pair's first-round trade times 0.99^-5."""
    effect = effect_of(baseline, channel("trade_cost", -0.01), kind="cooperation")
    gain = 0.99**-5 - 1
    assert effect["partial.exports_change_musd"] == approx([5000 * gain, 800 * gain, 6900 * gain], abs=1e-9)
    assert effect["partial.index_change"] == approx(0, abs=1e-12)  # all flows in proportion
    # The cost saved on 12700 of trade is 127; A2 trades little and loses some of its sales to A1.
    assert effect["full.ev_musd"].sum() == approx(127, rel=0.04)
    assert effect["full.ev_musd"][A1] > 0 < effect["full.ev_musd"][B1]


# Sustainable development and innovation -----------------------------------------------------------------------------


def test_sustainability_faster_railway(baseline):
    """Ten hours less by rail from A1 to B1: ln d^ = -0.01 for its only railway, a fifth of the trade.

    dbar^-5 = 4/5 + 1/5 exp(0.05) = 1.010254, which with theta = 5 is K itself: sales rise by 5000 x 0.010254 = 51.27.
    """
    effect = effect_of(baseline, channel("rail_hours", -10, crossing="X", direction="B"), kind="sustainability")
    assert effect["partial.exports_change_musd"] == approx([5000 * 0.2 * np.expm1(0.05), 0, 0], abs=1e-9)
    assert 5000 * 0.2 * np.expm1(0.05) == approx(51.27, abs=0.005)
    assert effect["full.welfare_pct"][B1] > 0


# Knowledge exchange and capacity building ---------------------------------------------------------------------------


def test_capacity_faster_release_of_food(baseline):
    """A fifth off the half hour of handling food into B at Y: 0.1 h; cars are not touched.

    A2 -> B1, all by Y: road 2 h + wait 0.2 h + handling 0.5 h = 2.7 h, so that ln d^ = -0.0001 + ln(40166/40172).
    A1 -> B1: Y is 1/4 of the trucks, 46 - 45 - 45 degrees: 1 + 0.2 + 0.5 = 1.7 h: ln d^ = -0.0001 + ln(40106/40112).
    """
    found = log_costs(baseline, channel("handling_share", -0.2, crossing="Y", direction="B", sector="food"))
    far, near = -1e-4 + np.log(40166 / 40172), -1e-4 + np.log(40106 / 40112)
    truck = -np.log(0.75 + 0.25 * np.exp(-400 * near)) / 400
    assert {key: value for key, value in found.items() if value} == approx(
        {("A2", "B1", "food"): far, ("A1", "B1", "food"): -np.log(0.8 * np.exp(-5 * truck) + 0.2) / 5}, rel=1e-9
    )
    hours = log_costs(baseline, channel("handling_hours", -0.1, crossing="Y", direction="B", sector="food"))
    assert hours == approx(found, rel=1e-12)


# Digital and e-commerce ---------------------------------------------------------------------------------------------


def test_digital_online_share(baseline):
    """Five points more sold online from A1 to B1.

    Without outlines a place's own distance is half of that to its nearest neighbour: dist_in / dist_nn = 2.
    R = 2^(0.9 x 0.65) = 1.50005;  K = (0.90 + 0.10 R) / (0.95 + 0.05 R) = 1.05000 / 1.02500 = 1.02439
    """
    effect = effect_of(
        baseline, channel("online_share", 0.05, origin="A1", destination="B1", sector="cars"), kind="digital"
    )
    gain = 2 ** (0.9 * 0.65)
    factor = (0.9 + 0.1 * gain) / (0.95 + 0.05 * gain)
    assert factor == approx(1.02439, abs=1e-5)
    assert effect["partial.exports_change_musd"] == approx([3000 * (factor - 1), 0, 0], abs=1e-9)
    # Seen from A1 and from B1 the gap of 1500 falls by what is sold more.
    assert effect["partial.gap_change_musd"] == approx(-2 * 3000 * (factor - 1), abs=1e-9)
    assert effect["full.index_change"] < 0  # A1 sells less than it buys


# Culture and tourism ------------------------------------------------------------------------------------------------


def test_tourism_visitors(baseline):
    """A fifth more visitors from B1 to A1.

    100,000 people enter A at X; half are visitors who spend 100 USD: A1 sells 5 million of travel to B1, and as much
    the other way round. First round: 1 million more. B1's spending on travel rises by 20 % of the host's share in it:
    alpha' = alpha (1 + 0.2 x 5 / (5 + 1600)), 1600 being 2 % of its GDP; the others make room in proportion.
    """
    assert baseline.accounts.flows[A1, B1, TRAVEL] == approx(5)
    assert baseline.accounts.flows[B1, A1, TRAVEL] == approx(5)
    visitors = channel("visitors", 0.2, origin="B1", destination="A1")
    share = central_shock(baseline, visitors).shock.final_share[:, B1, 0]
    before = baseline.accounts.final_share[B1]
    assert share[TRAVEL] == approx(before[TRAVEL] * (1 + 0.2 * 5 / 1605), rel=1e-12)
    assert share.sum() == approx(1, rel=1e-12)
    assert share[FOOD] / share[SERVICES] == approx(before[FOOD] / before[SERVICES], rel=1e-12)
    effect = effect_of(baseline, visitors, kind="tourism")
    assert effect["partial.index_change"] == 0  # goods do not move at first, the index with travel does
    # 5 sold, 6 after: pairs with travel were |5005 - 6505| + |800 - 400| of 12710, and are 1499 + 400 of 12711.
    assert effect["partial.index_with_travel_change"] == approx(1899 / 12711 - 1900 / 12710, rel=1e-9)
    assert effect["full.welfare_pct"][A1] > 0  # its travel is wanted more
    # Spending on travel is all the visitors bring: 1 million, a little less as A1's prices rise.
    assert abs(effect["full.ev_musd"]).max() < 1


# Restrictive and macro measures, to compare with --------------------------------------------------------------------


def test_restrictive_tariff(baseline):
    """10 % of A on all goods of B: at border prices K = 1.1^-5 / 1.1 = 1.1^-6, a first-round fall of 43.553 %."""
    tariff = channel("tariff", 0.1, origin="B", destination="A")
    effect = effect_of(baseline, tariff, kind="restrictive")
    fall = 1.1**-6 - 1
    assert fall == approx(-0.43553, abs=1e-5)
    assert effect["partial.imports_change_musd"] == approx([6500 * fall, 400 * fall, 0], abs=1e-8)
    # Revenue is a tenth of what is still imported.
    imports = 6900 + effect["full.imports_change_musd"][:B1].sum()
    assert effect["full.revenue_change_musd"][:B1].sum() == approx(0.1 * imports, rel=1e-9)
    assert effect["full.revenue_change_musd"][B1] == 0
    assert effect["full.welfare_pct"][B1] < 0
    assert effect["full.price_pct"][A1] > effect["full.price_pct"][B1]
    assert effect["full.ev_musd"].sum() < 0


def test_restrictive_countervailing_duty(baseline):
    """The same on cars alone leaves food out of the first round."""
    effect = effect_of(baseline, channel("tariff", 0.1, origin="B", destination="A", sector="cars"), kind="restrictive")
    assert effect["partial.imports_change_musd"] == approx([5000 * (1.1**-6 - 1), 0, 0], abs=1e-8)


def test_restrictive_export_tax(baseline):
    """5 % of B on cars to A: buyers pay 1.05 at the border, K = 1.05^-5; proceeds are B's: 0.05/1.05 of border value."""
    tax = channel("export_tax", 0.05, origin="B1", destination="A1", sector="cars")
    effect = effect_of(baseline, tax, kind="restrictive")
    assert effect["partial.imports_change_musd"] == approx([5000 * (1.05**-5 - 1), 0, 0], abs=1e-8)
    found = solve(baseline.accounts, central_shock(baseline, tax).shock, np.full(4, 5.0), "world_share")
    cars = found.flows()[B1, A1, CARS, 0]
    # The queue answers to the trucks that no longer come, which this solve leaves out.
    assert effect["full.revenue_change_musd"] == approx([0, 0, 0.05 / 1.05 * cars], rel=1e-6)
    assert effect["full.balance_change_musd"][A1] > 0


def test_restrictive_subsidy_costs_its_payer(baseline):
    """A subsidy is a negative tax: B's revenue falls, and so does its welfare."""
    effect = effect_of(baseline, channel("export_tax", -0.05, origin="B1", destination="A1", sector="cars"))
    assert effect["full.revenue_change_musd"][B1] < 0
    assert effect["full.welfare_pct"][B1] < 0 < effect["full.welfare_pct"][A1]


def test_restrictive_limit_on_flows(baseline):
    """Half of A's deficit of 1100: 550 less, shared by VA (2 : 1) in A and borne by B's surplus."""
    effect = effect_of(baseline, channel("flow_cap", 0.5, place="A"), kind="restrictive")
    assert effect["full.overall_balance_change_musd"] == approx([550 * 2 / 3, 550 / 3, -550], rel=1e-8)
    assert not effect["partial.imports_change_musd"].any()  # no cost has moved
    assert effect["full.welfare_pct"][B1] > 0 > effect["full.welfare_pct"][A1]


def test_restrictive_certificates_with_flexible_wages(baseline):
    """They bring A's overall balance to zero: 1100 dearer than before, shared by VA."""
    effect = effect_of(baseline, channel("certificates", 1, place="A"), kind="restrictive")
    assert effect["full.overall_balance_change_musd"] == approx([1100 * 2 / 3, 1100 / 3, -1100], rel=1e-8)


def two_places(sold, bought, theta):
    """One place per economy and one good; each spends 100: A buys `bought` abroad and sells `sold`."""
    flows = np.array([[100 - bought, sold], [bought, 100 - sold]], dtype=float)[:, :, None]
    ones, none = np.ones((2, 1)), np.zeros((2, 1, 1))
    return accounts_of(World([0, 1], flows, np.zeros_like(flows), ones, none, np.array([theta])))


def test_restrictive_certificate_price_in_closed_form():
    """Fixed wages, theta = 1: spending stays 100 at both places, so that with c = 1 + chi

    imports at the border = 100 m / (c^2 (1 - m) + m c),   exports = 100 s c / (1 - s + s c).
    With m = 0.4 and c = 5/4 imports are 40 / 1.4375 = 640/23; exports are the same for s = 128/543. So A, which buys 40
    and sells 12800/543 = 23.57, balances at a certificate price of exactly 1/4.
    """
    accounts = two_places(sold=12800 / 543, bought=40.0, theta=1.0)
    found = solve_with_certificates(accounts, Shock.none(2), np.array([1.0]), 0)
    assert found.certificate_price[0] == approx(0.25, abs=1e-10)
    assert found.flows()[1, 0, 0, 0] == approx(640 / 23, rel=1e-10)
    assert found.flows()[0, 1, 0, 0] == approx(640 / 23, rel=1e-10)


def test_restrictive_revaluation_in_closed_form():
    """Fixed wages, full pass-through, theta = 2: A's currency 10 % up.

    A spends 110. A's good costs 1.1, so that B's share of it falls from 0.3 to 0.3 x 1.1^-2 / (0.7 + 0.3 x 1.1^-2), and
    A's own share from 0.6 to 0.6 x 1.1^-2 / (0.4 + 0.6 x 1.1^-2).
    """
    accounts = two_places(sold=30.0, bought=40.0, theta=2.0)
    currency = np.array([[1.1], [1.0]])
    found = solve_short_run(accounts, Shock(1, Shock.none(2).cells, currency=currency), np.array([2.0]))
    weight = 1.1**-2
    flows = found.flows()[..., 0, 0]
    assert flows[0, 1] == approx(100 * 0.3 * weight / (0.7 + 0.3 * weight), rel=1e-10)
    assert flows[0, 0] == approx(110 * 0.6 * weight / (0.4 + 0.6 * weight), rel=1e-10)
    assert flows[1, 0] - flows[0, 1] == approx(found.deficit[0, 0], rel=1e-10)
    assert found.deficit[0, 0] > 10


def test_restrictive_revaluation_of_the_case(baseline):
    """First round, pass-through 0.6: A's border price is 1.05^0.6 abroad, B's 1.05^-0.4 x ... in A, here 1.05^0.4 on top.

    A sells at w = 1.05 times (1/1.05)^0.4: K = 1.05^(-5 x 0.6). B sells to A at 1.05^0.4: K = 1.05^(-5 x 0.4).
    """
    revaluation = channel("revaluation", 0.05, place="A")
    effect = effect_of(baseline, revaluation, closure="short_run", kind="restrictive")
    assert effect["partial.exports_change_musd"][A1] == approx(5000 * (1.05**-3 - 1), rel=1e-9)
    assert effect["partial.exports_change_musd"][B1] == approx(6900 * (1.05**-2 - 1), rel=1e-9)
    assert effect["full.overall_balance_change_musd"].sum() == approx(0, abs=1e-6)
    assert effect["full.overall_balance_change_musd"][B1] > 0  # the dearer currency buys more abroad
    assert effect["full.welfare_pct"][A1] > 0
    neutral = estimate_effect(baseline, baseline.parameters, plan(revaluation), draws=0, seed=1, closure="world_share")
    assert neutral.status == "not_applicable"
    assert "short_run" in neutral.reason


def test_spending_at_one_place(baseline):
    """1 % of A1's absorption more, paid for by A2, the rest of its economy: nobody else's overall balance moves."""
    effect = effect_of(baseline, channel("spending", 0.01, place="A1"))
    extra = 0.01 * baseline.accounts.income[A1]
    assert effect["full.overall_balance_change_musd"] == approx([-extra, extra, 0], rel=1e-8, abs=1e-6)
    assert effect["full.welfare_pct"][A1] > 0 > effect["full.welfare_pct"][A2]


# A closed crossing --------------------------------------------------------------------------------------------------


def test_closing_one_of_two_crossings(baseline):
    """X shut for A1 -> B1 leaves the quarter of the trucks at Y: dbar_truck = (1/4)^(-1/400).

    The railway at X is shut too: dbar^-5 = 4/5 dbar_truck^-5 = 4/5 x 4^(-1/80) = 0.786256.
    Into A 4/13 of the trucks are left: dbar = (4/13)^(-1/400).
    """
    found = log_costs(baseline, channel("closure", 1, crossing="X", direction="*"))
    assert found[("A1", "B1", "food")] == approx(-np.log(0.8 * 4 ** (-1 / 80)) / 5, rel=1e-9)
    assert found[("B1", "A1", "cars")] == approx(np.log(13 / 4) / 400, rel=1e-9)
    assert ("A2", "B1", "food") not in found  # Y is open
    effect = effect_of(baseline, channel("closure", 1, crossing="X", direction="*"))
    assert effect["partial.exports_change_musd"][A1] == approx(5000 * (0.8 * 4 ** (-1 / 80) - 1), rel=1e-9)


def test_closing_both_crossings_ends_trade(baseline):
    """No route is left: cross-border goods trade is zero, travel goes on."""
    effect = effect_of(baseline, channel("closure", 1, crossing="X;Y", direction="*"))
    assert effect["full.exports_change_musd"] == approx([-5000, -800, -6900], rel=1e-9)
    assert (effect["full.welfare_pct"] < 0).all()


def test_a_very_long_delay_is_dear_but_no_closure(baseline):
    """Handling into A takes 100 hours more at every crossing: ln d^ = 0.1 + ln((40000 + 60 x 102 + 10) / 40130) at X.

    Y is a little dearer in hours, so that dbar lies between the two.
    """
    found = log_costs(baseline, channel("handling_hours", 100, crossing="X;Y", direction="A"))
    at_x, at_y = 0.1 + np.log(46130 / 40130), 0.1 + np.log(46112 / 40112)
    assert min(at_x, at_y) <= found[("B1", "A1", "cars")] <= max(at_x, at_y)
    assert found[("B1", "A2", "food")] == approx(0.1 + np.log(46172 / 40172), rel=1e-6)


# What a case may say ------------------------------------------------------------------------------------------------


def test_effects_of_two_channels_add_up_at_first(baseline):
    """Two channels of one plan multiply in the first round: exp(0.05) by agreement, 1.01^5 by productivity."""
    effect = effect_of(
        baseline,
        channel("log_trade", 0.05, origin="A2", destination="B1", sector="food"),
        channel("productivity", 0.01, place="A2", sector="food"),
    )
    assert effect["partial.exports_change_musd"][A2] == approx(800 * (np.exp(0.05) * 1.01**5 - 1), rel=1e-9)


def test_a_null_shock_is_no_change(baseline):
    """Reference and effect are the same economy."""
    found = solve(baseline.accounts, Shock.none(3), np.full(4, 5.0), "world_share")
    assert found.wage == approx(np.ones((3, 1)), abs=1e-12)


def test_an_intervention_may_limit_its_closures(baseline):
    """Elsewhere it is not applicable: neither zero nor ranked."""
    limited = plan(channel("trade_cost", -0.01))
    limited = Intervention(**(vars(limited) | {"closures": ("balanced",)}))
    found = estimate_effect(baseline, baseline.parameters, limited, draws=0, seed=1, closure="world_share")
    assert found.status == "not_applicable"
    assert "balanced" in found.reason
