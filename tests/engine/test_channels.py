"""The checks of an intervention: every refusal says what is wrong, and what the case ships is accepted."""

from dataclasses import replace

import numpy as np
import pytest

from planner.engine.channels import TYPES, check_intervention
from planner.engine.estimate import estimate_effect
from planner.engine.types import CLOSURES, Intervention
from tests.engine.shipped_case import shipped_baseline, shipped_interventions
from tests.engine.small_case import UNITS, channel, plan, small_baseline


@pytest.fixture(scope="module")
def small():
    return small_baseline()


def problems(baseline, *channels, **options):
    return check_intervention(baseline, plan(*channels, **options))


def refused(baseline, *channels):
    """The only problem."""
    found = problems(baseline, *channels)
    assert len(found) == 1, found
    return found[0]


def test_every_shipped_intervention_is_accepted_and_changes_an_input():
    baseline = shipped_baseline()
    for intervention in shipped_interventions():
        assert check_intervention(baseline, intervention) == [], intervention.id
    assert len(shipped_interventions()) >= 24


def test_every_shipped_type_is_known():
    used = {one.type for intervention in shipped_interventions() for one in intervention.channels}
    assert used <= set(TYPES)
    assert set(UNITS) == set(TYPES)


def test_no_channel(small):
    assert "no model input changes" in refused(small)


def test_no_model_input_changed_by_a_zero(small):
    assert "no model input changes" in refused(small, channel("trade_cost", 0.0))


def test_no_model_input_changed_by_a_target_without_trade(small):
    """A2 sells no cars."""
    found = refused(small, channel("log_trade", 0.1, origin="A2", destination="B1", sector="cars"))
    assert "carry no trade" in found


@pytest.mark.parametrize(
    "idle",
    [
        channel("wait_minutes", -1, crossing="X", direction="A", low=-2),
        channel("spending", 0.0, place="A1"),
        channel("productivity", 0.0, place="A1"),
        channel("visitors", 0.0, origin="B1", destination="A1"),
    ],
)
def test_only_a_change_counts(small, idle):
    """A zero is refused in every kind of channel; a real cut is not."""
    found = problems(small, replace(idle, high=max(idle.high, idle.central)))
    assert bool(found) == (idle.central == 0)


def test_nothing_changes_where_a_deficit_is_kept_whole(small):
    """A cap at 100 % of the deficit is no cap."""
    assert "no model input changes" in refused(small, channel("flow_cap", 1.0, place="A"))


def test_unknown_type(small):
    assert "unknown type 'teleport'" in refused(small, replace(channel("wait_minutes", 1), type="teleport"))


@pytest.mark.parametrize(
    ("one", "word"),
    [
        (channel("wait_minutes", 1, crossing="Z"), "unknown crossing 'Z'"),
        (channel("wait_minutes", 1, crossing="X", direction="C"), "unknown direction 'C'"),
        (channel("wait_minutes", 1, crossing="X", direction="A1"), "unknown direction 'A1'"),
        (channel("trade_cost", -0.1, origin="Q"), "unknown origin 'Q'"),
        (channel("trade_cost", -0.1, destination="Q"), "unknown destination 'Q'"),
        (channel("trade_cost", -0.1, sector="toys"), "unknown sector 'toys'"),
        (channel("productivity", 0.1, place="Q"), "unknown place 'Q'"),
        (channel("flow_cap", 0.5, place="A1"), "expected an economy: A, B"),
        (channel("certificates", 1, place="B1"), "expected an economy"),
        (channel("revaluation", 0.1, place="A2"), "expected an economy"),
    ],
)
def test_unknown_target(small, one, word):
    assert word in refused(small, one)


@pytest.mark.parametrize("type", sorted(TYPES))
def test_wrong_unit(small, type):
    value = {"closure": 1, "certificates": 1, "flow_cap": 0.5}.get(type, 0.1)
    found = refused(small, replace(channel(type, value, place="A"), unit="parsecs"))
    assert "'parsecs'" in found
    assert f"expected {UNITS[type]!r}" in found


@pytest.mark.parametrize(("low", "central", "high"), [(3, 2, 4), (1, 2, 1), (float("nan"), 1, 2), (1, 2, float("inf"))])
def test_values_out_of_order(small, low, central, high):
    one = replace(channel("wait_minutes", 1, crossing="X"), low=low, central=central, high=high)
    assert "low <= central <= high" in refused(small, one)


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("wait_share", -1.5),
        ("closure", 0.5),
        ("flow_cap", 1.5),
        ("trade_cost", -0.95),
        ("tariff", -1.0),
        ("spending", 2),
    ],
)
def test_values_out_of_range(small, type, value):
    found = refused(small, channel(type, value, place="A"))
    assert f"{TYPES[type].at_least:g} to {TYPES[type].at_most:g}" in found


def test_a_cut_longer_than_the_wait(small):
    """Half an hour at X into A; the low end of the distribution counts."""
    found = refused(small, channel("wait_minutes", -20, crossing="X", direction="A", low=-31.0))
    assert "X" in found
    assert "31" in found
    assert "30" in found
    assert problems(small, channel("wait_minutes", -20, crossing="X", direction="A", low=-30.0)) == []


def test_a_cut_longer_than_the_default_wait(small):
    """Y has no measurement: 12 minutes by the parameter set."""
    assert "12" in refused(small, channel("wait_minutes", -15, crossing="Y", direction="B"))


def test_a_cut_larger_than_the_fee(small):
    assert "fee" in refused(small, channel("fee_usd", -12, crossing="X", direction="A"))


def test_each_crossing_that_is_cut_too_far_is_named(small):
    found = problems(small, channel("wait_minutes", -40, crossing="*", direction="*"))
    assert len(found) == 4
    assert sum("at Y" in one for one in found) == 2


@pytest.mark.parametrize(
    "pair",
    [
        (
            channel("wait_minutes", -5, crossing="X", direction="A"),
            channel("wait_minutes", -2, crossing="*", direction="A"),
        ),
        (
            channel("wait_minutes", -5, crossing="X", direction="A"),
            channel("wait_share", -0.1, crossing="X", direction="*"),
        ),
        (channel("handling_hours", -0.1, crossing="X"), channel("handling_share", -0.1, crossing="X", sector="food")),
        (channel("trade_cost", -0.01), channel("wait_minutes", -5, crossing="X", direction="A")),
        (channel("trade_cost", -0.01, origin="B"), channel("fee_usd", -5, crossing="X", direction="A")),
        (channel("trade_cost", -0.01), channel("trade_cost", -0.02, origin="A1")),
        (channel("tariff", 0.1, origin="B"), channel("tariff", 0.1, destination="A", sector="cars")),
        (channel("productivity", 0.01, place="A"), channel("productivity", 0.02, place="A1")),
        (channel("visitors", 0.1), channel("visitors", 0.2, origin="B", destination="A")),
    ],
)
def test_the_same_thing_twice(small, pair):
    assert "twice" in refused(small, *pair)


@pytest.mark.parametrize(
    "pair",
    [
        (
            channel("wait_minutes", -5, crossing="X", direction="A"),
            channel("wait_minutes", -5, crossing="X", direction="B"),
        ),
        (channel("wait_minutes", -5, crossing="X", direction="A"), channel("wait_share", -0.1, crossing="Y")),
        (channel("wait_minutes", -5, crossing="X", direction="A"), channel("fee_usd", -5, crossing="X")),
        (channel("handling_share", -0.1, sector="cars"), channel("handling_share", -0.1, sector="food")),
        (channel("trade_cost", -0.01, origin="A"), channel("wait_minutes", -5, crossing="X", direction="A")),
        (channel("log_trade", 0.1, sector="food"), channel("trade_cost", -0.01)),
        (channel("tariff", 0.1, origin="B"), channel("tariff", 0.1, origin="A")),
    ],
)
def test_parted_targets_are_not_twice(small, pair):
    assert problems(small, *pair) == []


def test_unknown_closure(small):
    limited = Intervention(**(vars(plan(channel("trade_cost", -0.01))) | {"closures": ("steady_state",)}))
    found = check_intervention(small, limited)
    assert "unknown closure 'steady_state'" in found[0]


def test_a_refused_intervention_is_a_failed_effect_that_says_why(small):
    found = estimate_effect(
        small, small.parameters, plan(channel("trade_cost", 0.0)), draws=5, seed=1, closure="world_share"
    )
    assert found.status == "failed"
    assert "no model input changes" in found.reason
    assert not found.arrays


@pytest.mark.parametrize("type", sorted(TYPES))
@pytest.mark.parametrize("closure", CLOSURES)
def test_every_type_under_every_closure(small, type, closure):
    """Done where it has meaning, not applicable elsewhere; all numbers finite; balances add up to zero."""
    value, targets = {
        "wait_minutes": (-5, {"crossing": "X", "direction": "A"}), "wait_share": (-0.3, {}), "handling_hours": (-0.1, {}),
        "booths": (1, {"crossing": "X", "direction": "A"}), "booths_share": (0.5, {}), "service_time": (-0.1, {}),
        "service_spread": (-0.5, {}), "trusted_share": (0.2, {}), "preclearance_share": (0.1, {}), "open_hours": (-8, {}),
        "booking": (0.5, {}), "retaliation": (0.5, {}), "traveller_share": (0.5, {}),
        "handling_share": (0.2, {}), "fee_usd": (5, {}), "road_hours": (-0.1, {}), "rail_hours": (-2, {}),
        "closure": (1, {"crossing": "X"}), "trade_cost": (-0.01, {}), "log_trade": (0.1, {}),
        "productivity": (0.01, {"place": "A1"}), "tariff": (0.05, {"destination": "A"}),
        "export_tax": (0.05, {"origin": "A"}), "visitors": (0.1, {}), "online_share": (0.02, {}),
        "certificates": (1, {"place": "A"}), "flow_cap": (0.5, {"place": "A"}), "revaluation": (0.02, {"place": "A"}),
        "spending": (0.01, {"place": "A1"}),
    }[type]  # fmt: skip
    channels = [channel(type, value, **targets)]
    if type == "retaliation":
        channels.append(channel("tariff", 0.05, origin="B", destination="A"))
    if type == "traveller_share":
        channels.append(channel("wait_share", -0.3))
    found = estimate_effect(small, small.parameters, plan(*channels), draws=3, seed=1, closure=closure)
    expected = "done" if closure in TYPES[type].closures else "not_applicable"
    assert found.status == expected, found.reason
    if expected == "done":
        assert all(np.isfinite(array).all() for array in found.arrays.values())
        balances = found.arrays["full.overall_balance_change_musd"]
        assert np.abs(balances.sum(axis=0)).max() < 1e-5
        if closure == "world_share" and type not in ("certificates", "flow_cap", "spending"):
            assert np.abs(balances).max() < 1e-5
    else:
        assert "meaning only under" in found.reason
