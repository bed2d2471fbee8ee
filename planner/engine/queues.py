"""Waits in queues at crossings by one rule at every load (model.md 2).

The queue over a week of arrivals follows dL/dt = lambda(t) - c(t) svc r, where r is the utilisation at which a
stationary queue of c servers holds L trucks: L = c r + spread ErlangC(c, c r) r / (1 - r). Erlang-C (Kleinrock 1975,
Queueing Systems I, eq. 3.41) is its steady state and the fluid queue its overload; `spread` = (1 + cv^2)/2 is the
Allen-Cunneen factor for irregular service. Mean wait = time integral of the queue / arrivals (Little's law).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numba import njit

from planner.engine.types import Array, Index

STEPS_PER_DAY = 48
WARM_UP_DAYS = 2
DAYS = 7
MOST_SERVERS = 200
LEAST_RATE, MOST_RATE = 1e-3, 1e4  # per server and hour
REPEATED = 1e-12  # a queue this close to the one of a day before repeats it
_NODES = 513

# Trucks by hour of a weekday: low at night, a plateau from mid-morning to evening. Only relative heights matter. An
# assumption (grade D) with the shape of published hourly counts; parameters say how strong day and weekday are.
WEEKDAY_PROFILE = np.array([1.8, 1.5, 1.4, 1.6, 2.1, 2.9, 3.7, 4.4, 4.9, 5.3, 5.6, 5.7, 5.7, 5.7, 5.6, 5.5, 5.3, 5.1, 4.9,
                            4.7, 4.4, 4.0, 3.3, 2.5])  # fmt: skip
DAYTIME = slice(8, 18)
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

    servers: booths, (station,) or (station, column); between two whole numbers the curves of both are blended.
    service_rate per server and hour, arrivals per week, spread: (station, column); profile: shares of a week's arrivals
    by half hour; open: the share of each half hour that it is open: (station, step).
    """

    servers: Array
    service_rate: Array
    arrivals: Array
    spread: Array
    profile: Array
    open: Array

    def _arguments(self) -> tuple[Array, Array, Array, Array, Array, Array, Array, Index]:
        servers = np.asarray(self.servers, dtype=np.float64)
        servers = servers.reshape(len(servers), -1)
        shape = np.broadcast_shapes(servers.shape, self.service_rate.shape, self.arrivals.shape, self.spread.shape)
        servers, rate, arrivals, spread = (
            np.broadcast_to(array, shape) for array in (servers, self.service_rate, self.arrivals, self.spread)
        )
        counts = np.unique(np.concatenate([np.floor(servers).ravel(), np.ceil(servers).ravel()]).astype(np.intp))
        tables = np.stack([_waiting_table(int(count)) for count in counts])
        place = np.zeros(int(counts.max()) + 1, dtype=np.intp)
        place[counts] = np.arange(len(counts))
        profile, open_ = (np.ascontiguousarray(np.broadcast_to(array, (shape[0], array.shape[-1])))
                          for array in (self.profile, self.open))  # fmt: skip
        return servers, rate, arrivals, spread, profile, open_, tables, place

    def waits(self) -> Array:
        """Mean wait of an arriving truck, hours, (station, column): rising in arrivals, falling in service rates."""
        return np.asarray(_all_waits(*self._arguments()))

    def with_waits(self, waits: Array, start: Array | None = None) -> Stations:
        """The same queues with the service rates at which the mean waits are `waits` (hours): unique, see `fit_service_rate`.

        start: rates near to these, (station, column), to set out from.
        """
        servers, rate, arrivals, spread, profile, open_, tables, place = self._arguments()
        wanted = np.ascontiguousarray(np.broadcast_to(waits, rate.shape))
        guess = np.log(np.broadcast_to(np.nan if start is None else start, rate.shape))
        found = _all_rates(wanted, guess, servers, arrivals, spread, profile, open_, tables, place)
        return replace(self, service_rate=np.asarray(found))


@njit(cache=True, nogil=True, error_model="numpy")
def _all_waits(
    servers: Array,
    rate: Array,
    arrivals: Array,
    spread: Array,
    profile: Array,
    open_: Array,
    tables: Array,
    place: Index,
) -> Array:
    stations, columns = rate.shape
    waits = np.empty((stations, columns))
    for station in range(stations):
        repeats = _repeated_days(profile[station], open_[station])
        for column in range(columns):
            count = servers[station, column]
            table = _table_of(count, tables, place)
            waits[station, column] = _week(
                count, rate[station, column], arrivals[station, column], spread[station, column], profile[station],
                open_[station], repeats, table,
            )  # fmt: skip
    return waits


@njit(cache=True, nogil=True, error_model="numpy")
def _all_rates(
    wanted: Array,
    guess: Array,
    servers: Array,
    arrivals: Array,
    spread: Array,
    profile: Array,
    open_: Array,
    tables: Array,
    place: Index,
) -> Array:
    """Rates at which the waits are `wanted`, by a secant in logs within a bracket; kept within [LEAST, MOST] per hour."""
    stations, columns = wanted.shape
    rates = np.empty((stations, columns))
    for station in range(stations):
        repeats = _repeated_days(profile[station], open_[station])
        for column in range(columns):
            count, trucks = servers[station, column], arrivals[station, column]
            table = _table_of(count, tables, place)
            low, high = np.log(LEAST_RATE), np.log(MOST_RATE)
            goal = np.log(max(wanted[station, column], 1e-12))
            trial = guess[station, column]
            if np.isnan(trial):
                trial = np.log(max(trucks, 1e-9) / (168.0 * count * 0.5))
            trial = min(max(trial, low + 1.0), high - 1.0)
            last, last_gap = trial, np.nan
            for _ in range(100):
                wait = _week(count, np.exp(trial), trucks, spread[station, column], profile[station], open_[station],
                             repeats, table)  # fmt: skip
                gap = np.log(max(wait, 1e-300)) - goal
                low, high = (trial, high) if gap > 0 else (low, trial)
                if abs(gap) < 1e-12 or high - low < 1e-13:
                    break
                slope = (gap - last_gap) / (trial - last) if trial != last else -4.0
                step = -gap / slope if slope < 0 else (0.3 if gap > 0 else -0.3)
                last, last_gap = trial, gap
                trial += min(max(step, -0.7), 0.7)
                if not low < trial < high:
                    trial = 0.5 * (max(low, last - 1.0) + min(high, last + 1.0))
            rates[station, column] = np.exp(trial)
    return rates


@njit(cache=True, nogil=True, error_model="numpy")
def _table_of(count: float, tables: Array, place: Index) -> Array:
    """ErlangC(c, c r) r and its slope; between whole numbers of servers a blend of the two."""
    below = int(np.floor(count))
    part = count - below
    if part == 0.0:
        return np.asarray(tables[place[below]])
    return np.asarray((1 - part) * tables[place[below]] + part * tables[place[below + 1]])


@njit(cache=True, nogil=True, error_model="numpy")
def _repeated_days(profile: Array, open_: Array) -> Array:
    """1 for each day of the week that is like the day before it, so that it may be skipped once the queue repeats."""
    repeats = np.zeros(DAYS)
    for day in range(1, DAYS):
        same = True
        for step in range(day * STEPS_PER_DAY, (day + 1) * STEPS_PER_DAY):
            if profile[step] != profile[step - STEPS_PER_DAY] or open_[step] != open_[step - STEPS_PER_DAY]:
                same = False
                break
        repeats[day] = 1.0 if same else 0.0
    return repeats


@njit(cache=True, nogil=True, error_model="numpy")
def _week(
    count: float,
    rate: float,
    arrivals: float,
    spread: float,
    profile: Array,
    open_: Array,
    repeats: Array,
    table: Array,
) -> float:
    """The week's mean wait by implicit steps of half an hour, stable however fast the servers are.

    Compiled: some hundred steps in turn, each a root, over thousands of small queues; numpy spends its time calling.
    """
    hours = 24.0 / STEPS_PER_DAY
    queue, in_service, use, waited, day_waited, day_start = 0.0, 0.0, 0.5, 0.0, 0.0, -1.0
    for day in range(-WARM_UP_DAYS, DAYS):
        start = queue
        if day > 0 and repeats[day] == 1.0 and abs(start - day_start) <= REPEATED * (1.0 + start):
            waited += day_waited
            continue
        day_start, day_waited = start, 0.0
        first = (day % DAYS) * STEPS_PER_DAY
        for at in range(first, first + STEPS_PER_DAY):
            inflow, outflow = queue + arrivals * profile[at], count * rate * hours * open_[at]
            queue, in_service, use = half_hour(inflow, outflow, count, in_service, spread, table, use)
            day_waited += max(queue - in_service, 0.0) * hours
        if day >= 0:
            waited += day_waited
    return waited / arrivals if arrivals > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def half_hour(
    inflow: float, outflow: float, count: float, in_service: float, spread: float, table: Array, use: float
) -> tuple[float, float, float]:
    """Trucks at a station and in service after a step, and the use of its booths; inflow counts those already there."""
    if outflow == 0.0 or inflow == 0.0:
        # Who is at a booth when it closes is let through; who is in line stays.
        return max(inflow - in_service, 0.0), 0.0, use
    use = _utilisation(inflow, count, outflow, spread, table, use)
    return max(inflow - outflow * use, 0.0), count * use, use


@njit(cache=True, nogil=True, error_model="numpy")
def _utilisation(inflow: float, count: float, outflow: float, spread: float, table: Array, start: float) -> float:
    """r in [0, 1) with L(r) + outflow r = inflow. Times (1 - r) it is a quadratic but for the smooth ErlangC r, which is
    taken as a line through the last guess: Newton's convergence without the pole at 1. Within a bracket, to be sure.
    """
    nodes = table.shape[1] - 1
    step = 1.0 / nodes
    low, high = 0.0, 1.0
    use = min(max(start, 1e-9), 1 - 1e-9)
    whole = count + outflow
    for _ in range(80):
        cell = min(int(use * nodes), nodes - 1)
        part = use * nodes - cell
        left, right = table[0, cell], table[0, cell + 1]
        left_slope, right_slope = table[1, cell] * step, table[1, cell + 1] * step
        rise = right - left
        bent = left_slope + right_slope - 2 * rise
        bow = rise - left_slope - bent
        waiting = spread * (left + part * (left_slope + part * (bow + part * bent)))
        slope = spread * (left_slope + part * (2 * bow + 3 * part * bent)) * nodes
        if (whole * use - inflow) * (1 - use) + waiting < 0:
            low = use
        else:
            high = use
        middle = whole + inflow + slope
        rest = inflow - waiting + slope * use
        trial = 2 * rest / (middle + np.sqrt(max(middle * middle - 4 * whole * rest, 0.0)))
        if abs(trial - use) <= 1e-8:  # the next error is of its square
            return float(trial)
        use = trial if low <= trial <= high else 0.5 * (low + high)
    return use


def weekly_profile(
    opens: float = 0.0,
    closes: float = 24.0,
    flattening: float = 0.0,
    *,
    weekend: float = WEEKEND_LEVEL,
    daytime: float | None = None,
) -> tuple[Array, Array]:
    """Shares of a week's arrivals by half hour, adding up to one, and the share of each half hour that it is open.

    opens, closes: hours of the day (from the evening into the morning where closes < opens); trucks come while it is
    open. flattening: share of arrivals booked evenly over the open hours, 0 to 1. weekend: trucks of a weekend day over
    those of a weekday; daytime: share of a weekday's trucks from 8 to 18 o'clock, None for that of the profile.
    """
    hour = np.arange(STEPS_PER_DAY) * 24 / STEPS_PER_DAY
    length = 24 / STEPS_PER_DAY
    until = closes if closes > opens else closes + 24
    open_ = np.zeros(STEPS_PER_DAY)
    for shift in (0, 24):
        open_ += np.clip(np.minimum(hour + shift + length, until) - np.maximum(hour + shift, opens), 0, length) / length
    open_ = np.minimum(open_, 1.0)
    by_hour = WEEKDAY_PROFILE / WEEKDAY_PROFILE.sum()
    if daytime is not None:
        own, even = by_hour[DAYTIME].sum(), 1 / 24
        stretch = (daytime - 10 * even) / (own - 10 * even)
        by_hour = np.maximum(even + stretch * (by_hour - even), 0.0)
    day = by_hour[(hour % 24).astype(int)] * open_
    week = np.concatenate([day * (1.0 if number < 5 else weekend) for number in range(DAYS)])
    shares = week / week.sum()
    everywhere = np.tile(open_, DAYS)
    even_shares = everywhere / everywhere.sum()
    return np.asarray((1 - flattening) * shares + flattening * even_shares), everywhere


def fit_service_rate(stations: Stations, waits: Array) -> Array:
    """Service rates at which each station's mean wait is `waits` (hours), (station, column).

    A faster service never lengthens a wait, so that the root is unique; without a wait the rate is the largest allowed.
    """
    return stations.with_waits(waits).service_rate
