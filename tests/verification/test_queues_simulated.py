"""The queue's rule against a discrete-event simulation (ciw): within its confidence band when stationary, a third near critical."""

from __future__ import annotations

import ciw
import numpy as np
import pytest
from scipy import stats

from planner.engine.queue_kernel import DAYS, STEPS_PER_DAY, WARM_UP_DAYS
from planner.engine.queues import Stations, steady_wait

RUNS = 10
WEEK, WARM_UP = 24.0 * DAYS, 24.0 * WARM_UP_DAYS


def simulated(servers: int, arrivals: float, service, weeks: int = 1) -> np.ndarray:
    """Mean wait of the trucks of some weeks after two days from empty, by run, hours."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(arrivals)], service_distributions=[service],
        number_of_servers=[servers],
    )  # fmt: skip
    means = []
    for seed in range(RUNS):
        ciw.seed(seed)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(WARM_UP + weeks * WEEK)
        records = simulation.get_all_records()
        means.append(np.mean([one.waiting_time for one in records if one.arrival_date >= WARM_UP]))
    return np.array(means)


def by_the_rule(servers: int, arrivals: float, rate: float, spread: float) -> float:
    steps = DAYS * STEPS_PER_DAY
    stations = Stations(
        np.array([float(servers)]), np.array([[rate]]), np.array([[arrivals * WEEK]]), np.array([[spread]]),
        np.full((1, steps), 1 / steps), np.ones((1, steps)),
    )  # fmt: skip
    return float(stations.waits()[0, 0])


@pytest.mark.parametrize(("servers", "use", "spread"), [(1, 0.6, 1.0), (2, 0.75, 1.0), (4, 0.8, 1.0), (1, 0.7, 0.5)])
def test_stationary_queues_lie_within_the_simulation_s_band(servers, use, spread):
    """Exponential service, and constant service with one server, for which half the wait is exact (Pollaczek-Khinchine)."""
    rate = 6.0
    arrivals = use * servers * rate
    service = ciw.dists.Exponential(rate) if spread == 1 else ciw.dists.Deterministic(1 / rate)
    means = simulated(servers, arrivals, service, weeks=3)
    band = stats.t.ppf(0.995, RUNS - 1) * means.std(ddof=1) / np.sqrt(RUNS)
    expected = by_the_rule(servers, arrivals, rate, spread)
    assert abs(means.mean() - expected) <= band
    assert band < 0.25 * expected  # a band that says something
    assert expected == pytest.approx(float(steady_wait(servers, arrivals, rate, spread)), rel=1e-6)


@pytest.mark.parametrize(("servers", "use"), [(2, 0.97), (3, 1.03)])
def test_near_the_critical_load_the_rule_is_within_a_third(servers, use):
    """From empty, so that neither the stationary nor the fluid queue alone tells the week's wait."""
    rate = 6.0
    arrivals = use * servers * rate
    means = simulated(servers, arrivals, ciw.dists.Exponential(rate))
    assert by_the_rule(servers, arrivals, rate, 1.0) == pytest.approx(means.mean(), rel=1 / 3)
