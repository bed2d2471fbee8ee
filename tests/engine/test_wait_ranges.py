"""Uncertain measured waits: from interval, grade and age to draws, results and shares of variance."""

from dataclasses import replace

import numpy as np
import pytest

from planner.engine.baseline import build_baseline
from planner.engine.crossing_queues import queues_of, spread_of
from planner.engine.estimate import estimate_effect
from planner.engine.parameters import KEYS
from planner.engine.queues import Stations
from planner.engine.routes import Routes
from planner.engine.types import Parameters
from planner.engine.uncertainty import Draws, triangular
from planner.engine.variance import drawn_inputs, variance_shares
from planner.engine.wait_ranges import wait_range
from tests.engine.shipped_case import shipped_baseline
from tests.engine.small_case import channel, fixed_parameters, frame, plan, small_facts

GRADED = fixed_parameters(**{key: row.central for key, row in KEYS.items() if key.startswith("wait_range")})
COLUMNS = "crossing direction minutes minutes_low minutes_high grade source period_end"


def measured(**row):
    return {"minutes": 20.0, "grade": "C", "period_end": "2023-12-31", **row}


def test_the_middle_of_the_triangle_is_the_interval():
    """A symmetric 90 % interval is met exactly by the quantiles of the draws."""
    low, high = wait_range(measured(minutes_low=14.0, minutes_high=26.0), 2023, GRADED)
    np.testing.assert_allclose(triangular(np.array([0.05, 0.95]), low, 20.0, high), [14.0, 26.0])
    assert wait_range(measured(minutes_low=1.0, minutes_high=26.0), 2023, GRADED)[0] == 0.0, "a wait is not negative"


def test_lower_grades_and_older_measurements_are_wider():
    ends = [wait_range(measured(grade=grade), 2023, GRADED) for grade in "ABCD"]
    assert ends[2] == pytest.approx((20 / 1.35, 20 * 1.35))
    assert [low for low, _ in ends] == sorted((low for low, _ in ends), reverse=True)
    assert [high for _, high in ends] == sorted(high for _, high in ends)
    # Twenty-two years at 5 % of the grade's own width each: 0.6 becomes 0.6 x 2.1.
    assert wait_range(measured(grade="D", period_end="2001-12-31"), 2023, GRADED)[1] == pytest.approx(20 * 2.26)
    assert wait_range(measured(grade="D", period_end=None), 2023, GRADED)[1] == pytest.approx(32)


def uncertain_case():
    """Crossing X measured into A with an interval, into B by grade; trucks enough to queue."""
    waits = frame(
        COLUMNS,
        ("X", "A", 30.0, 20.0, 45.0, "A", "counted", "2023-12-31"),
        ("X", "B", 20.0, None, None, "D", "asked", "2013-12-31"),
    )
    crossings = small_facts().crossings.assign(trucks_inbound=[400000.0, 100000.0])
    return build_baseline(small_facts(waits=waits, crossings=crossings), GRADED)


@pytest.fixture(scope="module")
def case():
    return uncertain_case()


def test_waits_are_drawn_once_for_all(case):
    draws = Draws(case.parameters, 400, 5)
    waits = Routes(case, draws).wait * 60
    into_a, into_b = waits[0], waits[1]
    assert (into_a.min() >= 30 - 10 * 1.463, into_a.max() <= 30 + 15 * 1.463) == (True, True)
    assert np.quantile(into_b, 0.95) > 30
    assert abs(np.corrcoef(into_a, into_b)[0, 1]) < 0.15
    np.testing.assert_array_equal(waits, Routes(case, Draws(case.parameters, 400, 5)).wait * 60)
    half = Routes(case, Draws(case.parameters, 400, 5, (100, 200))).wait * 60
    np.testing.assert_array_equal(waits[:, 100:200], half)
    assert (Routes(case, Draws(case.parameters, 0, 5)).wait[:2, 0] * 60).tolist() == [30.0, 20.0]


def test_an_uncertain_wait_shows_in_the_spread_and_has_its_share(case):
    """All other numbers are certain, so that a cut by half owes all its spread to the wait it halves."""
    halved = plan(channel("wait_share", -0.5, crossing="X", direction="A"))
    effect = estimate_effect(case, case.parameters, halved, draws=200, seed=5, closure="world_share")
    welfare = effect.arrays["full.ev_musd"].sum(axis=0)
    assert welfare.std() > 0.1 * abs(welfare.mean())
    names, inputs = drawn_inputs(case.parameters, (), draws=200, seed=5, baseline=case)
    assert names == ("wait:X>A", "wait:X>B")
    np.testing.assert_allclose(inputs[0] * 60, effect.arrays["wait.before_minutes"][0], rtol=1e-12)
    shares = dict(zip(names, variance_shares(names, inputs, welfare).shares, strict=True))
    assert shares["wait:X>A"] > 0.8
    certain = Parameters(
        tuple(
            replace(row, low=1.0, central=1.0, high=1.0) if row.key.startswith("wait_range_grade") else row
            for row in case.parameters
        )
    )
    known = build_baseline(
        replace(case.facts, waits=case.facts.waits.drop(columns=["minutes_low", "minutes_high"])), certain
    )
    fixed = estimate_effect(known, certain, halved, draws=20, seed=5, closure="world_share")
    assert np.ptp(fixed.arrays["full.ev_musd"].sum(axis=0)) < 1e-6 * abs(welfare.mean())


def test_the_answer_of_a_queue_holds_over_the_whole_range_of_its_wait():
    """Interpolated between three waits, against the queue fitted to each draw's own wait: waits differ up to fivefold."""
    baseline = shipped_baseline()
    queues, draws = queues_of(baseline), Draws(baseline.parameters, 12, 3)
    waits = Routes(baseline, draws).wait[queues.stations]
    answer = queues.response(draws, waits)(np.full_like(waits, 1.1))[0]
    spread = spread_of(draws.parameter("service_cv"))
    calibration = queues.calibration
    wide = np.flatnonzero((queues.wait_ends[1] > 1.3 * queues.wait_ends[0]) & (calibration.not_queue < 0.5))
    measured_ = [at for at in wide if np.isfinite(baseline.network.wait_hours[queues.crossing[at], queues.economy[at]])]
    assert len(measured_) > 8
    for at in measured_[:6]:
        rate = queues.fitted_rates(int(at), waits[at], spread)
        exact = Stations(
            calibration.booths[at : at + 1], rate[None], np.full((1, 12), 1.1 * calibration.per_week[at]), spread[None],
            queues.profile[at : at + 1], queues.open[at : at + 1],
        ).waits()[0]  # fmt: skip
        own = waits[at] * (1 - calibration.not_queue[at])
        np.testing.assert_allclose(answer[at], exact / own, rtol=0.015)
