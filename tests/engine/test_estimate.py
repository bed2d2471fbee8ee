"""Effects of whole interventions: three stages, what each closure lets balances do, money, and the chain of steps."""

import numpy as np
import pytest

from planner.engine.channels import AT_THE_BOOTH, TYPES
from planner.engine.estimate import estimate_effect
from planner.engine.types import CLOSURES
from tests.engine.shipped_case import shipped_baseline, shipped_interventions, shipped_parameters
from tests.engine.small_case import channel, plan, small_baseline

MOVES_BALANCES = {"certificates", "flow_cap", "spending"}


def central(baseline, intervention, closure="world_share", parameters=None):
    return estimate_effect(baseline, parameters or baseline.parameters, intervention, draws=0, seed=1, closure=closure)


@pytest.fixture(scope="module")
def effects():
    """Every shipped intervention at central values under the default closure."""
    baseline = shipped_baseline()
    return [(one, central(baseline, one, parameters=shipped_parameters())) for one in shipped_interventions()]


def test_every_shipped_intervention_is_done_or_says_why(effects):
    for intervention, effect in effects:
        types = {one.type for one in intervention.channels}
        if effect.status == "not_applicable":
            assert any("world_share" not in TYPES[type].closures for type in types) or intervention.closures
            assert effect.reason
        else:
            assert effect.status == "done", (intervention.id, effect.reason)


def test_under_world_share_only_given_deficits_move_overall_balances(effects):
    """Certificates, limits on flows and public spending set D; no cost, tariff, toll or minute does."""
    scale = shipped_baseline().accounts.value_added.max()
    for intervention, effect in effects:
        if effect.status != "done":
            continue
        moved = np.abs(effect.arrays["full.overall_balance_change_musd"]).max() > 1e-9 * scale
        assert moved == any(one.type in MOVES_BALANCES for one in intervention.channels), intervention.id


def test_every_intervention_has_an_effect(effects):
    """Its index or somebody's real income moves."""
    for intervention, effect in effects:
        if effect.status == "done":
            moved = abs(effect.arrays["full.index_with_travel_change"][0])
            moved = max(moved, np.abs(effect.arrays["full.real_income_pct"]).max())
            assert moved > 1e-9, intervention.id


def test_no_two_interventions_have_the_same_effect(effects):
    values = [
        np.r_[e.arrays["full.index_change"], e.arrays["full.ev_musd"][:, 0]] for _, e in effects if e.status == "done"
    ]
    assert len({value.round(12).tobytes() for value in values}) == len(values)


def test_facilitation_is_worth_something(effects):
    """Every measure that only shortens waits or roads raises world welfare."""
    found = [
        effect.arrays["full.ev_musd"].sum()
        for intervention, effect in effects
        if {one.type for one in intervention.channels}
        <= {"wait_minutes", "wait_share", "road_hours", "handling_hours", "traveller_share", *AT_THE_BOOTH}
        and all(one.high <= 0 or one.type in ("traveller_share", *AT_THE_BOOTH) for one in intervention.channels)
    ]
    assert len(found) >= 12
    assert min(found) > 0


def test_measures_agree_with_each_other(effects):
    """Balance is exports less imports; changes of cross-border exports and imports add up to the same."""
    for intervention, effect in effects:
        if effect.status != "done":
            continue
        for stage in ("partial", "conditional", "full"):
            exports, imports, balance = (
                effect.arrays[f"{stage}.{name}_change_musd"] for name in ("exports", "imports", "balance")
            )
            np.testing.assert_allclose(exports - imports, balance, atol=1e-6)
            assert exports.sum() == pytest.approx(imports.sum(), abs=1e-6), intervention.id


def test_conditional_stage_keeps_what_places_sell_and_buy():
    """With sales and purchases of all places kept, an economy's exports fall by what its imports fall by."""
    small = small_baseline()
    found = central(small, plan(channel("trade_cost", 0.05, sector="food")))
    exports = found.arrays["conditional.exports_change_musd"][:, 0]
    imports = found.arrays["conditional.imports_change_musd"][:, 0]
    assert (exports < 0).all()
    assert exports[:2].sum() == pytest.approx(imports[:2].sum(), rel=1e-9)
    partial = found.arrays["partial.exports_change_musd"][:, 0]
    assert partial[:2].sum() == pytest.approx(2800 * (1.05**-5 - 1), rel=1e-9)
    assert partial[2] == pytest.approx(1900 * (1.05**-5 - 1), rel=1e-9)


@pytest.mark.parametrize("closure", CLOSURES)
def test_money_is_real_income_at_baseline_prices(closure):
    """EV = income (W^ - 1), at GDP scale; where D' is omega D, welfare and real income are the same."""
    small = small_baseline()
    found = central(small, plan(channel("trade_cost", -0.02)), closure).arrays
    if closure not in ("balanced", "balanced_economy"):
        income = small.accounts.income * small.money_scale
        np.testing.assert_allclose(
            found["full.ev_musd"][:, 0], income * found["full.real_income_pct"][:, 0] / 100, rtol=1e-9
        )
    same = np.abs(found["full.real_income_pct"] - found["full.welfare_pct"]).max() < 1e-9
    assert same == (closure == "world_share")


def test_short_run_effects_are_first_round():
    """Wages stay: cheaper imports lower prices, and nobody's wage moves relative to another's."""
    small = small_baseline()
    found = central(small, plan(channel("trade_cost", -0.02)), "short_run").arrays
    np.testing.assert_allclose(
        1 + found["full.real_wage_pct"] / 100, 1 / (1 + found["full.price_pct"] / 100), rtol=1e-9
    )
    assert (found["full.price_pct"] < 0).all()


def test_chain_from_minutes_to_welfare():
    """Ten minutes off X: 30 to 20 minutes, cost of 2.951e-4, trade, index and welfare, in that order."""
    small = small_baseline()
    found = central(small, plan(channel("wait_minutes", -10, crossing="X", direction="A")))
    steps = {}
    for step in found.chain:
        steps.setdefault(step["step"], step)
    assert list(steps) == sorted(steps, key=list(steps).index)
    assert steps["input"]["after"] == -10
    assert steps["input"]["unit"] == "minutes"
    assert (steps["wait"]["before"], steps["wait"]["grade"]) == (pytest.approx(30), "A")
    assert steps["wait_at_once"]["after"] == pytest.approx(20)
    assert 20 < steps["wait"]["after"] < 20.1  # a few trucks more, and nearly all of this wait is no queue
    assert steps["trade_cost"]["after"] == pytest.approx(np.exp(-2.951296e-4), abs=1e-6)
    assert steps["index"]["before"] == pytest.approx(1900 / 12700)
    assert steps["index"]["after"] - steps["index"]["before"] == pytest.approx(found.arrays["full.index_change"][0])
    totals = [step["after"] for step in found.chain if step["step"] == "welfare" and step["item"] == "all places"]
    assert totals == [pytest.approx(found.arrays["full.ev_musd"].sum())]


def test_more_minutes_are_worth_more():
    """World welfare rises with the minutes cut, by nearly the same amount each."""
    small = small_baseline()
    worth = [
        central(small, plan(channel("wait_minutes", -minutes, crossing="X", direction="A")))
        .arrays["full.ev_musd"]
        .sum()
        for minutes in (5, 10, 20)
    ]
    assert 0 < worth[0] < worth[1] < worth[2]
    assert worth[2] == pytest.approx(4 * worth[0], rel=0.1)


def test_opposite_tariffs_have_opposite_first_effects():
    """A small tariff and as small a subsidy to imports: welfare of the exporter moves by the same amount."""
    small = small_baseline()
    up = central(small, plan(channel("tariff", 1e-4, origin="B", destination="A"))).arrays["full.ev_musd"]
    down = central(small, plan(channel("tariff", -1e-4, origin="B", destination="A"))).arrays["full.ev_musd"]
    np.testing.assert_allclose(up, -down, atol=2e-3 * np.abs(up).max())
