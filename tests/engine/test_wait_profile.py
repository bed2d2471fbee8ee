"""Waits by hour of arrival: the same queue as the mean, looked at truck by truck."""

import numpy as np
import pytest

from planner.engine.crossing_queues import queues_of
from planner.engine.estimate import Study
from planner.engine.interventions import build_shock
from planner.engine.queues import Stations, weekly_profile
from planner.engine.uncertainty import Draws
from planner.engine.wait_profile import wait_profiles
from planner.engine.wait_states import profiles_after, profiles_before
from tests.engine.small_case import channel, plan, small_baseline

NONE = np.zeros(1)


def queue(
    load: float, booths: float = 3.0, opens: float = 0.0, closes: float = 24.0, weekend: float = 0.45
) -> Stations:
    """A queue whose trucks need `load` of its booths on the average of the week."""
    profile, open_ = weekly_profile(opens, closes, weekend=weekend)
    arrivals = load * booths * 30.0 * 168 * open_.mean()
    column = np.ones((1, 1))
    return Stations(np.array([booths]), 30 * column, arrivals * column, 0.82 * column, profile[None], open_[None])


@pytest.mark.parametrize("load", [0.2, 0.6, 0.8, 0.95])
def test_the_mean_over_trucks_is_the_mean_wait_of_the_queue(load):
    """Little's law: the area between arrivals and starts of service is the waiting, below and above capacity."""
    stations = queue(load)
    found = wait_profiles(stations, NONE, NONE)[0]
    assert found.mean == pytest.approx(stations.waits()[0, 0], rel=2e-3)
    assert found.median <= found.p95


def test_without_a_profile_all_hours_wait_alike():
    """Arrivals at one rate for the whole week: every truck waits the stationary queue's wait."""
    stations = queue(0.7)
    even = Stations(stations.servers, stations.service_rate, stations.arrivals, stations.spread,
                    np.full((1, 336), 1 / 336), stations.open)  # fmt: skip
    found = wait_profiles(even, NONE, NONE)[0]
    assert found.median == pytest.approx(found.mean, rel=1e-3)
    assert found.p95 == pytest.approx(found.mean, rel=1e-3)
    np.testing.assert_allclose(found.by_hour, found.mean, rtol=1e-3)


def test_trucks_of_the_afternoon_wait_longest_in_overload():
    """Above capacity the queue grows until arrivals fall below it: waits peak after arrivals do."""
    found = wait_profiles(queue(0.78), NONE, NONE)[0]
    assert 13 <= int(np.argmax(found.by_hour)) <= 20
    assert found.by_hour[4] < 0.2 * found.by_hour.max()
    assert found.p95 > 1.5 * found.mean


def test_who_is_in_line_at_closing_waits_for_the_morning():
    """Nobody arrives while it is closed; the last of the evening are served when it opens again, ten hours later."""
    found = wait_profiles(queue(0.98, opens=8, closes=22), NONE, NONE)[0]
    assert np.isnan(found.by_hour[[3, 23]]).all()
    assert found.by_hour[21] > 5
    calm = wait_profiles(queue(0.2, opens=8, closes=22), NONE, NONE)[0]
    assert calm.by_hour[21] < 0.1, "who is at the booth when it closes is let through"


def test_minutes_from_outside_keep_the_shape_and_move_the_mean():
    stations = queue(0.8)
    before, after = (wait_profiles(stations, np.array([0.05]), np.array([shift]))[0] for shift in (0.0, -0.06))
    assert after.mean == pytest.approx(before.mean - 0.06)
    np.testing.assert_allclose(after.by_hour / before.by_hour, after.mean / before.mean)
    gone = wait_profiles(stations, np.array([0.05]), np.array([-9.0]))[0]
    assert (gone.mean, gone.p95) == (0.0, 0.0)


def test_profiles_before_and_after_have_the_solved_means():
    """More booths, and minutes taken off from outside, at the trucks that then come."""
    baseline = small_baseline(truck_service_minutes=300.0)  # some hundred trucks a year that queue all the same
    study = Study(baseline, baseline.parameters, draws=0, seed=1, closure="world_share")
    draws = Draws(study.baseline.parameters, 0, 1)
    queues = queues_of(study.baseline)
    at = np.arange(len(queues))
    np.testing.assert_allclose([one.mean for one in profiles_before(queues, at)], queues.central_wait, rtol=5e-3)
    for change in (
        channel("booths", 1, crossing="X", direction="A"),
        channel("wait_minutes", -6, crossing="X", direction="A"),
    ):
        solver, found, _ = study.joint_with_solver(build_shock(study.baseline, plan(change), draws), draws)
        after = profiles_after(solver, found, at)
        assert np.abs(found.wait_change).max() > 0.01
        np.testing.assert_allclose([one.mean for one in after], found.wait_after[:, 0], rtol=5e-3, atol=1e-6)
