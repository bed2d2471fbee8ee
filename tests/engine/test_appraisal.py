"""An appraisal worked by hand, and what must hold for every one."""

import numpy as np
import pytest

from planner.engine.appraisal import (
    CostRow,
    InvalidAppraisal,
    MixedMoney,
    Stream,
    Terms,
    appraise,
    common_ramp,
)
from planner.engine.appraisal_summary import summarise
from planner.engine.types import Channel

DRAWS = 200


def stream(name, full, *, half=None, start=2025, **options):
    return Stream(name, np.asarray(full) / 2 if half is None else half, full, "USD", 2023, start, **options)


def cost(year, category, amount, currency="USD", price_year=2023):
    return CostRow(year, category, amount, currency, price_year)


def terms(rate=0.1, bias=0.0, base=2024, horizon=4, **options):
    return Terms("USD", 2023, base, horizon, rate, bias, **options)


@pytest.fixture
def random_case():
    rng = np.random.default_rng(4)
    benefits = [
        stream("welfare", rng.normal(30, 8, DRAWS), half=rng.normal(16, 4, DRAWS), ramp_years=2),
        stream("time of cars", rng.normal(3, 1, DRAWS), start=2026),
    ]
    costs = [cost(2024, "capital", 100), cost(2025, "operating", 3), cost(2034, "residual", -20)]
    rules = terms(rng.uniform(0.03, 0.08, DRAWS), rng.uniform(0, 0.5, DRAWS), horizon=11)
    return benefits, costs, rules


def test_by_hand():
    found = appraise(
        [stream("welfare", 60.0)],
        [cost(2024, "capital", 80), cost(2025, "operating", 10), cost(2027, "residual", -13.31)],
        terms(bias=0.25),
        transfers=[stream("tariff revenue", 7.0)],
    )
    # Capital 80 * 1.25 = 100; benefits 60 and operating cost 10 in 2025-2027; 13.31 left at 1.1^-3.
    annuity = 1 / 1.1 + 1 / 1.21 + 1 / 1.331
    assert found.npv == pytest.approx([-100 + 50 * annuity + 10])
    assert found.bcr == pytest.approx([60 * annuity / (100 + 10 * annuity - 10)])
    assert found.payback == pytest.approx([2])
    assert found.discounted_payback == pytest.approx([2 + (100 - 50 / 1.1 - 50 / 1.21) / ((50 + 13.31) / 1.331)])
    assert found.net[:, 0] == pytest.approx([-100, 50, 50, 63.31])
    assert found.present_transfers["tariff revenue"] == pytest.approx([7 * annuity])
    assert found.switching["welfare"] == pytest.approx(-found.npv / (60 * annuity))
    assert found.p_npv_positive == 1.0
    assert found.continued_musd == 20


def test_switching_values_bring_the_net_present_value_to_zero(random_case):
    benefits, costs, rules = random_case
    before = appraise(benefits, costs, rules)
    for position, item in enumerate(benefits):
        scale = 1 + before.switching[item.name]
        changed = list(benefits)
        changed[position] = stream(
            item.name, item.full * scale, half=item.half * scale, start=item.start_year, ramp_years=item.ramp_years
        )
        assert appraise(changed, costs, rules).npv == pytest.approx(0, abs=1e-9)
    for row in costs:
        scale = 1 + before.switching_at_means[row.category]
        changed = [cost(one.year, one.category, one.amount_musd * (scale if one == row else 1)) for one in costs]
        if row.amount_musd * scale * (1 if row.category != "residual" else -1) >= 0:
            assert appraise(benefits, changed, rules).npv.mean() == pytest.approx(0, abs=1e-9)


def test_draws_are_appraised_one_by_one(random_case):
    benefits, costs, rules = random_case
    whole = appraise(benefits, costs, rules)
    for draw in (0, 17, DRAWS - 1):
        single = appraise(
            [
                stream(one.name, one.full[draw], half=one.half[draw], start=one.start_year, ramp_years=one.ramp_years)
                for one in benefits
            ],
            costs,
            terms(rules.discount_rate[draw], rules.optimism_bias[draw], horizon=11),
        )
        for name in ("npv", "bcr", "eirr", "payback", "discounted_payback"):
            assert getattr(single, name)[0] == pytest.approx(getattr(whole, name)[draw], rel=1e-12), name


def test_unit_of_money_changes_no_ratio(random_case):
    benefits, costs, rules = random_case
    before = appraise(benefits, costs, rules)
    scaled = [
        stream(one.name, one.full * 7, half=one.half * 7, start=one.start_year, ramp_years=one.ramp_years)
        for one in benefits
    ]
    after = appraise(scaled, [cost(one.year, one.category, one.amount_musd * 7) for one in costs], rules)
    assert after.npv == pytest.approx(7 * before.npv)
    for name in ("bcr", "eirr", "payback", "discounted_payback"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), nan_ok=True), name


def test_revenue_is_shown_and_not_added(random_case):
    benefits, costs, rules = random_case
    found = appraise(benefits, costs, rules, transfers=[stream("tariff revenue", 1e6)])
    assert np.array_equal(found.npv, appraise(benefits, costs, rules).npv)
    assert (found.present_transfers["tariff revenue"] > 1e6).all()


def test_unknown_cost_is_not_zero():
    found = appraise([stream("welfare", np.array([5.0, -1.0]))], [], terms())
    assert not found.cost_known
    for name in ("npv", "bcr", "bcr_at_means", "eirr", "payback", "discounted_payback", "p_npv_positive"):
        assert getattr(found, name) is None, name
    assert found.switching == {}
    assert found.present_benefits["welfare"].shape == (2,)
    document = summarise(found)
    assert document["npv_musd"] is None
    assert document["present_benefits_musd"]["welfare"]["mean"] > 0
    assert "net_musd" not in document["by_year"][0]


def test_a_known_cost_of_nothing_has_a_value_but_no_ratio():
    found = appraise([stream("welfare", 5.0)], [cost(2024, "capital", 0)], terms())
    assert found.npv[0] > 0
    assert np.isnan(found.bcr[0])
    assert found.bcr_at_means is None


def test_sunk_and_later_costs_are_left_out_and_named():
    rows = [cost(2020, "capital", 40), cost(2024, "capital", 10), cost(2040, "residual", -5)]
    found = appraise([stream("welfare", 6.0)], rows, terms())
    assert (found.sunk_musd, found.beyond_musd) == (40, -5)
    assert found.present_costs["capital"] == pytest.approx([10])


def test_operating_cost_goes_on_while_effects_last():
    rows = [cost(2024, "operating", 2), cost(2025, "operating", 3)]
    assert appraise([stream("welfare", 6.0)], rows, terms()).costs["operating"][:, 0] == pytest.approx([2, 3, 3, 3])
    ended = appraise([stream("welfare", 6.0, end_year=2026)], rows, terms())
    assert ended.costs["operating"][:, 0] == pytest.approx([2, 3, 3, 0])
    assert ended.benefits["welfare"][:, 0] == pytest.approx([0, 6, 6, 0])
    assert ended.continued_musd == 3
    off = appraise([stream("welfare", 6.0)], rows, terms(operating_continues=False))
    assert off.costs["operating"][:, 0] == pytest.approx([2, 3, 0, 0])
    assert off.continued_musd == 0


def test_optimism_bias_is_on_capital_alone():
    rows = [cost(2024, "capital", 10), cost(2024, "operating", 10), cost(2024, "residual", -4)]
    found = appraise([], rows, terms(bias=np.array([0.0, 0.5])))
    assert found.npv == pytest.approx([-16, -21])


def test_mixed_money_is_refused_with_everything_concerned():
    benefits = [stream("welfare", 1.0), Stream("time", 1.0, 2.0, "CAD", 2023, 2025)]
    rows = [
        cost(2024, "capital", 3, price_year=2018),
        cost(2025, "operating", 1, currency="CAD"),
        cost(2026, "capital", 1),
    ]
    with pytest.raises(MixedMoney) as caught:
        appraise(benefits, rows, terms())
    assert caught.value.problems == [
        "stream time: CAD at prices of 2023; expected USD at prices of 2023",
        "capital cost of 2024: USD at prices of 2018; expected USD at prices of 2023",
        "operating cost of 2025: CAD at prices of 2023; expected USD at prices of 2023",
    ]


def test_all_faults_at_once():
    benefits = [
        stream("welfare", np.ones(3), ramp_years=-1),
        stream("welfare", np.ones(2)),
        stream("capital", np.nan, end_year=2000),
    ]
    rows = [
        cost(2024, "grant", 1),
        cost(2024, "capital", -1),
        cost(2024, "residual", 1),
        cost(2024, "operating", np.inf),
    ]
    with pytest.raises(InvalidAppraisal) as caught:
        appraise(benefits, rows, terms(rate=-1.0, horizon=0))
    text = str(caught.value)
    for part in (
        "horizon: 0 years",
        "stream welfare, full: shape (2,); expected one number or (3,)",
        "stream capital, full: not a finite number",
        "discount rate: -1; expected more than -1",
        "stream welfare: the name is taken",
        "stream capital: the name is taken",
        "stream welfare: ramp of -1 years",
        "stream capital: ends in 2000",
        "category 'grant'",
        "capital cost of 2024: -1",
        "residual cost of 2024: 1",
        "operating cost of 2024: inf",
    ):
        assert part in text


def test_summary_adds_up_and_has_no_number_that_json_lacks(random_case):
    benefits, costs, rules = random_case
    found = appraise(benefits, costs, rules)
    document = summarise(found)
    assert sum(row["discounted_net_musd"] for row in document["by_year"]) == pytest.approx(document["npv_musd"]["mean"])
    present = sum(part["mean"] for part in document["present_benefits_musd"].values())
    charges = sum(part["mean"] for part in document["present_costs_musd"].values())
    assert document["bcr_at_means"] == pytest.approx(present / charges)
    assert sum(document["eirr_status"].values()) == pytest.approx(1)

    def numbers(part):
        if isinstance(part, dict):
            return [value for one in part.values() for value in numbers(one)]
        if isinstance(part, list):
            return [value for one in part for value in numbers(one)]
        return [part] if isinstance(part, float) else []

    hopeless = summarise(appraise([stream("welfare", -1.0)], costs[:2], rules))
    assert hopeless["eirr"] is None
    assert hopeless["eirr_status"] == {"no change of sign": 1.0}
    assert hopeless["payback_years"] == {"q05": None, "q50": None, "q95": None, "share_reached": 0.0}
    assert np.isfinite(numbers(document) + numbers(hopeless)).all()


def test_common_ramp_spans_all_channels():
    def channel(start, ramp):
        return Channel("c", "wait_minutes", -1, -1, -1, "minutes", "s", "D", start_year=start, ramp_years=ramp)

    assert common_ramp([channel(2027, 1), channel(2026, 3), channel(None, 0)], 2028) == (2026, 3.0)
    assert common_ramp([channel(2027, 1)], 2024) == (2027, 1.0)
    assert common_ramp([], 2024) == (2024, 0.0)
