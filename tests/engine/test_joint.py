"""Waits, routes and trade together: calibration, the queue's answer, channels at the booth worked by hand, bad draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from planner.engine.channels import AT_THE_BOOTH, check_intervention
from planner.engine.crossing_queues import Queues, queues_of, spread_of
from planner.engine.effect import common_draws
from planner.engine.errors import SolveFailed
from planner.engine.estimate import Study, estimate_effect
from planner.engine.interventions import build_shock
from planner.engine.parameters import complete_parameters
from planner.engine.queues import Stations, weekly_profile
from planner.engine.types import Parameter, Parameters
from planner.engine.uncertainty import Draws
from tests.engine.shipped_case import shipped_baseline, shipped_interventions, shipped_parameters
from tests.engine.small_case import build_baseline, channel, fixed_parameters, frame, plan, small_baseline, small_facts

BUSY = 600_000.0  # trucks a year at X: some six booths


def with_service_times() -> Parameters:
    """Every number is certain but for the time at the booth, whose high value is the slowest service that there is."""
    rows = [row for row in fixed_parameters() if row.key != "truck_service_minutes"]
    return Parameters((*rows, Parameter("truck_service_minutes", "", 1.0, 1.5, 4.0, "minutes", "test", "D")))


@pytest.fixture(scope="module")
def busy():
    """The small case with a queue at X that trucks make: 30 minutes into A, 20 into B."""
    crossings = frame(
        "code name latitude longitude region_a region_b travellers_inbound trucks_inbound",
        ("X", "Bridge", 45.5, -80.0, "A1", "B1", 100000.0, BUSY),
        ("Y", "Ferry", 45.0, -80.0, "A2", "B1", 0.0, 150_000.0),
    )
    baseline = build_baseline(small_facts(crossings=crossings), with_service_times())
    return replace(baseline, parameters=complete_parameters(baseline.parameters))


def station(queues: Queues, crossing: str, economy: str) -> int:
    return queues.names.index((crossing, economy))


def direct(baseline, *channels, crossing="X", economy="A") -> float:
    """Wait at once, minutes, at the baseline's trucks."""
    built = build_shock(baseline, plan(*channels), Draws(baseline.parameters, 0, 0))
    at = station(built.waiting.queues, crossing, economy)
    return float(60 * (built.waiting.before + built.waiting.direct())[at, 0])


def rule(baseline, *, booths=0.0, time=1.0, spread=1.0, profile=None, crossing="X", economy="A") -> float:
    """The same by the rule itself, from the calibrated queue: minutes."""
    queues = queues_of(baseline)
    at, calibration = station(queues, crossing, economy), queues.calibration
    cv = np.array([[spread_of(queues.central.parameter("service_cv"))[0]]])
    servers, trucks = calibration.booths[[at]], calibration.per_week[[at]][:, None]
    shape = queues.profile[[at]], queues.open[[at]]
    wait = queues.central_wait[[at]][:, None]
    before = Stations(servers, np.ones((1, 1)), trucks, cv, *shape).with_waits(wait * (1 - calibration.not_queue[at]))
    day = shape if profile is None else tuple(part[None] for part in profile)
    after = Stations(servers + booths, before.service_rate / time, trucks, cv * spread, *day)
    return float(60 * (after.waits()[0, 0] + wait[0, 0] * calibration.not_queue[at]))


def after_minutes(baseline, *channels) -> dict[tuple[str, str], float]:
    found = estimate_effect(baseline, baseline.parameters, plan(*channels), draws=0, seed=1, closure="world_share")
    assert found.status == "done", found.reason
    return dict(zip(queues_of(baseline).names, found.arrays["wait.after_minutes"][:, 0], strict=True))


def test_the_measured_wait_holds(busy):
    """Booths are the fewest that can give the wait; with one less it would be longer at the usual time of service."""
    queues = queues_of(busy)
    at = station(queues, "X", "A")
    calibration = queues.calibration
    assert rule(busy) == pytest.approx(30, rel=1e-9)
    assert calibration.per_week[at] == pytest.approx(BUSY * 7 / 365.25)
    assert calibration.not_queue[at] == 0
    usual = np.full((1, 1), 60 / 1.5)
    cv = np.array([[spread_of(np.array(0.8))]])
    fewer = Stations(
        calibration.booths[[at]] - 1, usual, calibration.per_week[[at]][:, None], cv, queues.profile[[at]],
        queues.open[[at]],
    )  # fmt: skip
    assert fewer.waits()[0, 0] > 0.5
    assert calibration.service_minutes[at] >= 1.5


def test_a_wait_that_few_trucks_cannot_make_is_no_queue():
    """Twenty trucks a week at X: the slowest service makes seconds of the thirty minutes."""
    queues = queues_of(small_baseline())
    at = station(queues, "X", "A")
    assert queues.calibration.booths[at] == 1
    assert 0.95 < queues.calibration.not_queue[at] < 1


def test_booths_on_site_are_a_ceiling():
    """Where two booths stand, not more than two are taken to be open, and their service is faster than usual."""
    crossings = small_facts().crossings.assign(trucks_inbound=[BUSY, 60_000.0])
    booths = frame("crossing direction booths grade source", ("X", "A", 2.0, "B", "counted"))
    baseline = build_baseline(small_facts(crossings=crossings, booths=booths), with_service_times())
    queues = queues_of(baseline)
    at = station(queues, "X", "A")
    assert queues.calibration.booths[at] == 2
    assert queues.calibration.service_minutes[at] < 1.5


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([("booths", 1.0)], {"booths": 1.0}),
        ([("service_time", -0.1)], {"time": 0.9}),
        # cv 0.8 -> 0.4: (1 + 0.16)/2 over (1 + 0.64)/2.
        ([("service_spread", -0.5)], {"spread": 1.16 / 1.64}),
        # p 0.35 -> 0.45 at r 0.6: m = 1 - 0.4 p, m2 = 1 - 0.64 p.
        ([("trusted_share", 0.1)], {"time": 0.82 / 0.86, "spread": (0.712 / 0.82**2) / (0.776 / 0.86**2)}),
        # c 0 -> 0.2 at q 0.3: m = 0.86 - 0.7 c, m2 = 0.776 - 0.91 c.
        ([("preclearance_share", 0.2)], {"time": 0.72 / 0.86, "spread": (0.594 / 0.72**2) / (0.776 / 0.86**2)}),
        ([("booths", 1.0), ("service_time", -0.1)], {"booths": 1.0, "time": 0.9}),
    ],
)  # fmt: skip
def test_changes_at_the_booth_by_hand(busy, changes, expected):
    """The wait at the baseline's trucks is that of the rule with the number changed by hand."""
    found = direct(busy, *(channel(name, value, crossing="X", direction="A") for name, value in changes))
    assert found == pytest.approx(rule(busy, **expected), rel=1e-9)
    assert found < 30
    assert direct(
        busy, channel(changes[0][0], changes[0][1], crossing="X", direction="A"), economy="B"
    ) == pytest.approx(20)


def test_hours_and_bookings_by_hand(busy):
    """Twelve hours a day are 6 to 18 o'clock; a booking of all arrivals makes them even."""
    weekend, daytime = 0.45, 0.56
    shorter = weekly_profile(6, 18, weekend=weekend, daytime=daytime)
    found = direct(busy, channel("open_hours", -12, crossing="X", direction="A"))
    assert found == pytest.approx(rule(busy, profile=shorter), rel=1e-9)
    assert found > 30
    even = weekly_profile(flattening=1.0, weekend=weekend, daytime=daytime)
    found = direct(busy, channel("booking", 1.0, crossing="X", direction="A"))
    assert found == pytest.approx(rule(busy, profile=even), rel=1e-9)
    assert found < 30


def test_a_share_of_booths_and_half_a_booth(busy):
    """Half of six booths is three; between two whole numbers the wait lies between theirs."""
    count = queues_of(busy).calibration.booths[station(queues_of(busy), "X", "A")]
    more = direct(busy, channel("booths_share", 1 / count, crossing="X", direction="A"))
    assert more == pytest.approx(rule(busy, booths=1.0), rel=1e-9)
    half = direct(busy, channel("booths", 0.5, crossing="X", direction="A"))
    assert rule(busy, booths=1.0) < half < 30


def test_trucks_answer_and_take_back_a_part(busy):
    """Ten minutes off X: 20 at once; then trucks come from Y, and the wait ends between the two."""
    after = after_minutes(busy, channel("wait_minutes", -10, crossing="X", direction="A"))
    assert 20.5 < after["X", "A"] < 29.9
    assert after["Y", "A"] < 12  # they leave there
    # Of the trucks out of A a fifth is empty and follows the trade into A.
    assert after["X", "B"] > 20


def test_the_waits_found_are_those_of_the_trucks_that_come(busy):
    """Read back: shares at the new waits and trade of the equilibrium give trucks, and these the waits, by the rule itself."""
    study = Study(busy, busy.parameters, draws=0, seed=1, closure="world_share")
    draws = Draws(busy.parameters, 0, 1)
    built = build_shock(busy, plan(channel("wait_minutes", -10, crossing="X", direction="A")), draws)
    joint = study.joint(built, draws)
    queues, network, goods = joint.queues, busy.network, busy.goods
    costs = built.route_costs(built.waiting.everywhere(joint.wait_change))
    share = network.share[:, goods].copy()
    share[costs.rows] *= np.exp(np.broadcast_to(costs.log_share_change[..., 0], share[costs.rows].shape))
    flows = joint.equilibrium.flows()[..., 0]
    price = (joint.equilibrium.answer.supply ** (-1 / joint.equilibrium.model.theta[:, None, :]))[..., 0]
    trade = np.zeros(len(queues))
    for row, at in enumerate(queues.bins):
        if at >= 0:
            origin, destination = network.pair_origin[network.row_pair[row]], network.entered[row]
            volume = flows[origin, destination][goods] / price[goods, origin]
            trade[at] += float((share[row] * volume).sum())
    own = trade / queues.trade
    ratio = 0.8 * own + 0.2 * own[queues.opposite]
    at = station(queues, "X", "A")
    wait = queues.central_wait[[at]][:, None]
    exact = Stations(
        queues.calibration.booths[[at]], np.ones((1, 1)), queues.calibration.per_week[[at]][:, None],
        np.array([[spread_of(np.array(0.8))]]), queues.profile[[at]], queues.open[[at]],
    ).with_waits(wait)  # fmt: skip
    again = replace(exact, arrivals=exact.arrivals * ratio[at]).waits()[0, 0] - 10 / 60
    assert joint.wait_after[at, 0] == pytest.approx(again, rel=2e-3)
    assert joint.residual < 1e-9


@pytest.mark.parametrize("crossing", ["X", "Y"])
def test_faster_service_never_lengthens_the_wait_in_a_run(busy, crossing):
    """With routes and trade solved along: the wait of the crossing falls, and never loses traffic by it."""
    last = None
    for change in (0.3, 0.1, 0.0001, -0.1, -0.3, -0.6):
        wait = after_minutes(busy, channel("service_time", change, crossing=crossing, direction="A"))[crossing, "A"]
        assert last is None or wait <= last + 1e-9
        last = wait


def test_a_closed_crossing_overloads_the_other(busy):
    """All trucks of A1 at the ferry: hours of wait, finite, and an answer by trade."""
    after = after_minutes(busy, channel("closure", 1, crossing="X", direction="*"))
    assert 60 < after["Y", "A"] < 60 * 24 * 9


def test_retaliation_is_the_same_tariff_the_other_way(busy):
    """10 % on B's cars answered by half is 5 % on A's cars."""
    tariff = channel("tariff", 0.1, origin="B", destination="A", sector="cars")
    options = {"draws": 0, "seed": 1, "closure": "world_share"}
    answered = estimate_effect(busy, busy.parameters, plan(tariff, channel("retaliation", 0.5)), **options)
    written = estimate_effect(
        busy, busy.parameters,
        plan(tariff, channel("tariff", 0.05, origin="A", destination="B", sector="cars")), **options,
    )  # fmt: skip
    alone = estimate_effect(busy, busy.parameters, plan(tariff), **options)
    np.testing.assert_allclose(answered.arrays["full.ev_musd"], written.arrays["full.ev_musd"], rtol=1e-9)
    assert abs(answered.arrays["full.ev_musd"] - alone.arrays["full.ev_musd"]).max() > 1


@pytest.mark.parametrize("at_the_booth", AT_THE_BOOTH)
def test_a_cut_of_the_wait_and_a_change_at_the_booth_are_the_same_thing_twice(busy, at_the_booth):
    value = {"booths_share": 0.1, "booking": 0.2, "open_hours": -1}.get(at_the_booth, -0.1)
    both = plan(
        channel("wait_minutes", -5, crossing="X", direction="A"),
        channel(at_the_booth, value, crossing="X", direction="*"),
    )
    assert any("twice" in problem for problem in check_intervention(busy, both))


def test_refusals_at_the_booth(busy):
    """No booth left, and an answer to no tariff."""
    count = queues_of(busy).calibration.booths[station(queues_of(busy), "X", "A")]
    shut = plan(channel("booths", -count, crossing="X", direction="A"))
    (problem,) = check_intervention(busy, shut)
    assert "X into A" in problem
    assert "closure" in problem
    assert any("without a tariff" in one for one in check_intervention(busy, plan(channel("retaliation", 1.0))))


def test_capacity_gone_everywhere_is_a_named_error(busy):
    """A hundredth of all booths: no wait at which the trucks could be served, or one of days; never NaN."""
    found = estimate_effect(
        busy, busy.parameters, plan(channel("booths_share", -0.99)), draws=0, seed=1, closure="world_share"
    )
    if found.status == "failed":
        assert "the wait at" in found.reason
    else:
        assert all(np.isfinite(array).all() for array in found.arrays.values())
        assert found.arrays["wait.after_minutes"].max() > 60


def uncertain(baseline) -> Parameters:
    """The same with an uncertain response of hauliers, so that draws differ."""
    rows = [row for row in baseline.parameters if row.key != "logit_response_per_hour"]
    drawn = Parameter("logit_response_per_hour", "", 0.5, 1.0, 2.0, "1/hour", "test", "D")
    return Parameters((*rows, drawn))


def test_a_draw_without_a_solution_fails_alone(busy, monkeypatch):
    """Draw 7 cannot be solved: it is counted, named and NaN; the others are what they were."""
    parameters = uncertain(busy)
    shorter = plan(channel("wait_minutes", -5, crossing="X", direction="A"))
    whole = Study(busy, parameters, draws=20, seed=1, closure="world_share").estimate(shorter)
    study = Study(busy, parameters, draws=20, seed=1, closure="world_share")
    solve = study._solve

    def fails(shock, draws, *rest):
        if draws.count and draws.window.start <= 6 < draws.window.stop:
            raise SolveFailed(3, 0.5, "A1", 1, "test")
        return solve(shock, draws, *rest)

    monkeypatch.setattr(study, "_solve", fails)
    found = study.estimate(shorter)
    assert found.status == "done"
    assert [row["draw"] for row in found.excluded] == [6]
    assert found.reason.startswith("1 of 20 draws have no solution")
    assert "A1" in found.reason
    for name, array in found.arrays.items():
        assert np.isnan(array[..., 6]).all(), name
        rest = np.delete(array, 6, axis=-1)
        expected = np.delete(whole.arrays[name], 6, axis=-1)
        np.testing.assert_allclose(rest, expected, rtol=1e-4, atol=1e-6 * np.abs(expected).max() + 1e-7, err_msg=name)
    one, other = common_draws([found, whole])
    assert one.left_out == other.left_out == (6,)
    assert all(np.isfinite(array).all() and array.shape[-1] == 19 for array in one.arrays.values())


def test_too_many_draws_without_a_solution_fail_the_whole(busy, monkeypatch):
    study = Study(busy, uncertain(busy), draws=20, seed=1, closure="world_share")
    solve = study._solve

    def fails(shock, draws, *rest):
        if draws.count:
            raise SolveFailed(3, 0.5, "A1", 1, "test")
        return solve(shock, draws, *rest)

    monkeypatch.setattr(study, "_solve", fails)
    found = study.estimate(plan(channel("wait_minutes", -5, crossing="X", direction="A")))
    assert found.status == "failed"
    assert "A1" in found.reason


def test_shipped_queues_are_plausible():
    """Detroit needs several booths; every wait is given back; no draw's tables are far from the rule."""
    baseline = shipped_baseline()
    queues = queues_of(replace(baseline, parameters=complete_parameters(baseline.parameters)))
    detroit = station(queues, "3801", "US")
    assert 5 <= queues.calibration.booths[detroit] <= 12
    assert queues.calibration.not_queue[detroit] == 0
    draws = Draws(queues.baseline.parameters, 60, 1)
    wait = np.repeat(queues.central_wait[:, None], 60, axis=1)
    response = queues.response(draws, wait)
    rows = np.argsort(-queues.calibration.per_week)[:8]
    cv = spread_of(draws.parameter("service_cv"))[None, :] + np.zeros((8, 1))
    exact = Stations(
        queues.calibration.booths[rows], np.ones((8, 60)), np.repeat(queues.calibration.per_week[rows][:, None], 60, 1),
        cv, queues.profile[rows], queues.open[rows],
    ).with_waits(wait[rows])  # fmt: skip
    for trucks in (0.8, 0.98, 1.03, 1.2):
        expected = replace(exact, arrivals=exact.arrivals * trucks).waits() / wait[rows]
        found = response(np.full_like(wait, trucks))[0][rows]
        np.testing.assert_allclose(found, expected, rtol=0.1)
        assert np.median(np.abs(found / expected - 1)) < 0.01


def test_one_or_four_columns_give_the_same_waits():
    """A window of the draws holds what the whole holds, to the tolerance of the solve."""
    baseline, officers = (
        shipped_baseline(),
        next(one for one in shipped_interventions() if one.id == "northern-border-officers"),
    )
    study = Study(baseline, shipped_parameters(), draws=6, seed=1, closure="world_share")
    whole = study._block(officers, Draws(study.baseline.parameters, 6, 1))
    part = study._block(officers, Draws(study.baseline.parameters, 6, 1, (2, 4)))
    for name, array in part.items():
        scale = np.abs(whole[name]).max()
        np.testing.assert_allclose(array, whole[name][..., 2:4], atol=1e-4 * scale + 1e-7, err_msg=name)
