"""Waits in queues at crossings by one rule at every load (model.md 2).

The queue over a week of arrivals follows dL/dt = lambda(t) - c(t) svc r, where r is the utilisation at which a
stationary queue of c servers holds L trucks: L = c r + spread ErlangC(c, c r) r / (1 - r). Erlang-C (Kleinrock 1975,
Queueing Systems I, eq. 3.41) is its steady state and the fluid queue its overload; `spread` = (1 + cv^2)/2 is the
Allen-Cunneen factor for irregular service. Mean wait = time integral of the queue / arrivals (Little's law).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit

from planner.engine.types import Array, Index

STEPS_PER_DAY = 48
WARM_UP_DAYS = 2
DAYS = 7
MOST_SERVERS = 200
_NODES = 513

# Trucks by hour of a weekday, as shares: low at night, a plateau from mid-morning to evening; weekends at 45 %.
# An assumption (grade D) with the shape of published hourly counts; only relative heights matter.
WEEKDAY_PROFILE = np.array(
    [
        1.8,
        1.5,
        1.4,
        1.6,
        2.1,
        2.9,
        3.7,
        4.4,
        4.9,
        5.3,
        5.6,
        5.7,
        5.7,
        5.7,
        5.6,
        5.5,
        5.3,
        5.1,
        4.9,
        4.7,
        4.4,
        4.0,
        3.3,
        2.5,
    ]
)
WEEKEND_LEVEL = 0.45


def erlang_c(servers: int, load: Array | float) -> Array:
    """Probability of waiting with `servers` servers at offered load a = lambda/svc < servers; 1 from there on.

    Stable recursion over Erlang-B (Kleinrock 1975); any shape of `load` >= 0.
    """
    load = np.asarray(load, dtype=float)
    blocking = np.ones_like(load)
    for server in range(1, servers + 1):
        blocking = load * blocking / (server + load * blocking)
    use = load / servers
    waiting = blocking / np.where(use < 1, 1 - use * (1 - blocking), 1.0)
    return np.asarray(np.where(use < 1, waiting, 1.0))


def steady_wait(
    servers: int, arrivals: Array | float, service_rate: Array | float, spread: Array | float = 1.0
) -> Array:
    """Mean wait before service in a stationary queue, hours; inf at or beyond capacity.

    arrivals: per hour; service_rate: per server and hour.
    """
    arrivals, rate = np.asarray(arrivals, dtype=float), np.asarray(service_rate, dtype=float)
    spare = servers * rate - arrivals
    waiting = erlang_c(servers, arrivals / rate) * spread
    return np.asarray(np.where(spare > 0, waiting / np.where(spare > 0, spare, 1.0), np.inf))


@lru_cache(maxsize=MOST_SERVERS)
def _waiting_table(servers: int) -> Array:
    """ErlangC(c, c r) r and its slope at nodes of r in [0, 1], (2, node): smooth, for cubic Hermite pieces."""
    nodes = np.linspace(0.0, 1.0, _NODES)
    step = 1e-6
    value = erlang_c(servers, servers * nodes) * nodes
    inner = np.clip(nodes, step, 1 - step)
    above, below = (erlang_c(servers, servers * (inner + side)) * (inner + side) for side in (step, -step))
    slope = (above - below) / (2 * step)
    slope[-1] = (value[-1] - below[-1]) / (1 - (inner[-1] - step))
    return np.stack([value, slope])


@dataclass(frozen=True)
class Stations:
    """Queues side by side, to be evaluated at once.

    servers (station,): whole numbers; service_rate per server and hour, arrivals per week, spread: (station, column);
    profile: shares of a week's arrivals by half hour; open: 1 where it is open: (station, step).
    """

    servers: Index
    service_rate: Array
    arrivals: Array
    spread: Array
    profile: Array
    open: Array

    def waits(self) -> Array:
        """Mean wait of an arriving truck, hours, (station, column): rising in arrivals, falling in service rates."""
        tables = np.stack([_waiting_table(int(count)) for count in self.servers])
        shape = np.broadcast_shapes(self.service_rate.shape, self.arrivals.shape, self.spread.shape)
        rate, arrivals, spread = (np.broadcast_to(a, shape) for a in (self.service_rate, self.arrivals, self.spread))
        count = self.servers.astype(np.float64)
        return np.asarray(_integrate(count, rate, arrivals, spread, self.profile, self.open, tables))


@njit(cache=True, nogil=True)
def _integrate(
    servers: Array, rate: Array, arrivals: Array, spread: Array, profile: Array, open_: Array, tables: Array
) -> Array:
    """The week's queues by implicit steps of half an hour, stable however fast the servers are.

    Compiled: some hundred steps in turn, each a root, over thousands of small queues; numpy spends its time calling.
    """
    stations, columns = rate.shape
    steps = profile.shape[1]
    hours = 24.0 / STEPS_PER_DAY
    waits = np.empty((stations, columns))
    for station in range(stations):
        count = servers[station]
        for column in range(columns):
            queue, use, waited = 0.0, 0.5, 0.0
            for turn in range(-WARM_UP_DAYS * STEPS_PER_DAY, steps):
                at = turn % steps
                inflow = queue + arrivals[station, column] * profile[station, at]
                if open_[station, at] == 0.0:
                    queue = inflow
                    in_service = 0.0
                else:
                    outflow = count * rate[station, column] * hours
                    use = _utilisation(inflow, count, outflow, spread[station, column], tables[station], use)
                    queue = max(inflow - outflow * use, 0.0)
                    in_service = count * use
                if turn >= 0:
                    waited += max(queue - in_service, 0.0) * hours
            waits[station, column] = waited / arrivals[station, column]
    return waits


@njit(cache=True, nogil=True)
def _utilisation(inflow: float, count: float, outflow: float, spread: float, table: Array, start: float) -> float:
    """r in [0, 1) with L(r) + outflow r = inflow, by Newton within a bracket; the equation is taken times (1 - r)."""
    nodes = table.shape[1] - 1
    low, high = 0.0, 1.0
    use = min(max(start, 1e-9), 1 - 1e-9)
    for _ in range(80):
        cell = min(int(use * nodes), nodes - 1)
        part = use * nodes - cell
        left, right = table[0, cell], table[0, cell + 1]
        left_slope, right_slope = table[1, cell] / nodes, table[1, cell + 1] / nodes
        square, cube = part * part, part * part * part
        waiting = (2 * cube - 3 * square + 1) * left + (cube - 2 * square + part) * left_slope
        waiting += (3 * square - 2 * cube) * right + (cube - square) * right_slope
        bend = (6 * square - 6 * part) * (left - right)
        bend = (bend + (3 * square - 4 * part + 1) * left_slope + (3 * square - 2 * part) * right_slope) * nodes
        spare = (count + outflow) * use - inflow
        value = spare * (1 - use) + spread * waiting
        if value < 0:
            low = use
        else:
            high = use
        slope = (count + outflow) * (1 - use) - spare + spread * bend
        trial = use - value / slope if slope != 0.0 else -1.0
        if not low < trial < high:
            trial = 0.5 * (low + high)
        if abs(trial - use) <= 1e-12:
            return trial
        use = trial
    return use


def weekly_profile(opens: float = 0.0, closes: float = 24.0, flattening: Array | float = 0.0) -> tuple[Array, Array]:
    """Shares of a week's arrivals by half hour, adding up to one, and where it is open: (step,) each.

    opens, closes: hours of the day; flattening: share of arrivals booked evenly over the open hours, 0 to 1.
    """
    hour = np.arange(STEPS_PER_DAY) * 24 / STEPS_PER_DAY
    open_ = ((hour >= opens) & (hour < closes)) if closes > opens else ((hour >= opens) | (hour < closes))
    day = WEEKDAY_PROFILE[(hour % 24).astype(int)] * open_
    week = np.concatenate([day * (1.0 if number < 5 else WEEKEND_LEVEL) for number in range(DAYS)])
    shares = week / week.sum()
    everywhere = np.tile(open_, DAYS).astype(float)
    even = everywhere / everywhere.sum()
    return np.asarray((1 - flattening) * shares + flattening * even), everywhere


def fit_service_rate(stations: Stations, waits: Array, least: float = 1e-3, most: float = 1e4) -> Array:
    """Service rates at which each station's mean wait is `waits` (hours), (station, column): by bisection in logs.

    A faster service never lengthens a wait, so that the root is unique. Rates are kept within [least, most] per hour.
    """
    low = np.log(np.maximum(stations.arrivals / (DAYS * 24) / stations.servers[:, None] * 0.2, least))
    high = np.full_like(low, np.log(most))
    for _ in range(45):
        middle = 0.5 * (low + high)
        trial = Stations(
            stations.servers, np.exp(middle), stations.arrivals, stations.spread, stations.profile, stations.open
        )
        slow = trial.waits() > waits
        low, high = np.where(slow, middle, low), np.where(slow, high, middle)
        if float((high - low).max()) < 1e-9:
            break
    return np.asarray(np.exp(0.5 * (low + high)))
