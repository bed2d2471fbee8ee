"""Queues: textbook values, the steady state and the overload of the one rule, and what may never happen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.engine.queues import DAYS, STEPS_PER_DAY, Stations, erlang_c, fit_service_rate, steady_wait, weekly_profile

STEPS = DAYS * STEPS_PER_DAY


def flat(servers: int, arrivals_per_hour: float, rate: float, spread: float = 1.0) -> float:
    """Mean wait with even arrivals around the clock, hours."""
    even = np.full((1, STEPS), 1 / STEPS)
    stations = Stations(
        np.array([servers]), np.array([[rate]]), np.array([[arrivals_per_hour * 168]]), np.array([[spread]]), even,
        np.ones((1, STEPS)),
    )  # fmt: skip
    return float(stations.waits()[0, 0])


def weekly(servers: int, trucks: float, rate: float, **hours: float) -> Stations:
    profile, open_ = weekly_profile(**hours)
    return Stations(
        np.array([servers]), np.array([[rate]]), np.array([[trucks]]), np.ones((1, 1)), profile[None], open_[None]
    )


def test_erlang_c_textbook_values():
    """One server: the load itself. Two servers: 2 rho^2 / (1 + rho). Three servers at load 2: 4/9 (a^c/c! summed by hand)."""
    assert erlang_c(1, 0.3) == pytest.approx(0.3, abs=1e-15)
    for use in (0.1, 0.5, 0.75, 0.99):
        assert erlang_c(2, 2 * use) == pytest.approx(2 * use**2 / (1 + use), abs=1e-14)
    assert erlang_c(3, 2.0) == pytest.approx(4 / 9, abs=1e-15)
    assert erlang_c(3, 4.0) == 1


def test_steady_wait_of_two_servers():
    """M/M/2 at three quarters of capacity waits 9/7 of a service (2 rho^2/(1+rho) / (2 - 1.5) = 0.642857/0.5)."""
    assert steady_wait(2, 1.5, 1.0) == pytest.approx(9 / 7, abs=1e-14)
    assert np.isinf(steady_wait(2, 2.0, 1.0))


@pytest.mark.parametrize(("servers", "use"), [(1, 0.3), (1, 0.7), (3, 0.5), (3, 0.8), (12, 0.85)])
def test_even_arrivals_give_erlang_c(servers, use):
    """Under even arrivals the rule's wait is the stationary one."""
    rate = 20.0
    expected = float(steady_wait(servers, use * servers * rate, rate))
    assert flat(servers, use * servers * rate, rate) == pytest.approx(expected, abs=1e-10, rel=1e-9)


def test_irregular_service_scales_the_wait():
    """Deterministic service halves the stationary wait (Allen-Cunneen)."""
    whole, half = flat(2, 30, 20.0), flat(2, 30, 20.0, spread=0.5)
    assert half == pytest.approx(whole / 2, rel=1e-9)


def test_overload_is_the_fluid_queue():
    """At 1.5 times capacity the queue grows by half a capacity an hour, from a warm-up of two days on."""
    servers, rate = 2, 30.0
    capacity = servers * rate
    wait = flat(servers, 1.5 * capacity, rate)
    hours = 24 / STEPS_PER_DAY * np.arange(1, STEPS + 1) + 48
    fluid = (0.5 * capacity * hours).mean() * 168 / (1.5 * capacity * 168)
    assert wait == pytest.approx(fluid, rel=0.01)


@settings(deadline=None, max_examples=25, derandomize=True)
@given(
    servers=st.integers(1, 12),
    use=st.floats(0.05, 1.3),
    rate=st.floats(5, 60),
    faster=st.floats(1.001, 3),
)
def test_monotone_across_the_critical_load(servers, use, rate, faster):
    """A faster service or fewer trucks never lengthen a wait, below and beyond capacity."""
    trucks = use * servers * rate * 168
    wait = weekly(servers, trucks, rate).waits()[0, 0]
    assert np.isfinite(wait)
    assert weekly(servers, trucks, rate * faster).waits()[0, 0] <= wait + 1e-12
    assert weekly(servers, trucks / faster, rate).waits()[0, 0] <= wait + 1e-12
    assert weekly(servers + 1, trucks, rate).waits()[0, 0] <= wait + 1e-12


def test_service_rate_is_found_again():
    """The rate that gives a measured wait gives it back."""
    stations = weekly(4, 8000, 20.0)
    waits = np.array([[5 / 60]])
    rate = fit_service_rate(stations, waits)
    again = weekly(4, 8000, float(rate[0, 0])).waits()
    assert again == pytest.approx(waits, rel=1e-6)


def test_profile_adds_up_and_keeps_to_opening_hours():
    """Shares add up to one, none when closed; booking flattens; closing earlier lengthens the wait."""
    profile, open_ = weekly_profile(6, 22)
    assert profile.sum() == pytest.approx(1)
    assert not profile[open_ == 0].any()
    flattened, _ = weekly_profile(flattening=1.0)
    assert flattened == pytest.approx(1 / STEPS)
    whole_day, short_day = weekly(3, 6000, 20.0), weekly(3, 6000, 20.0, opens=8, closes=18)
    assert short_day.waits()[0, 0] > whole_day.waits()[0, 0]
