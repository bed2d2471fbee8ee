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

from planner.engine.queue_kernel import DAYS, STEPS_PER_DAY, all_rates, all_waits
from planner.engine.types import Array, Index, compiled

MOST_SERVERS = 200
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

    def arguments(self) -> tuple[Array, Array, Array, Array, Array, Array, Array, Index]:
        """As the compiled passes take them: see `queue_kernel.all_waits`."""
        servers = np.asarray(self.servers, dtype=np.float64)
        servers = servers.reshape(len(servers), -1)
        shape = np.broadcast_shapes(servers.shape, self.service_rate.shape, self.arrivals.shape, self.spread.shape)
        servers, rate, arrivals, spread = (
            compiled(np.broadcast_to(array, shape))
            for array in (servers, self.service_rate, self.arrivals, self.spread)
        )
        counts = np.unique(np.concatenate([np.floor(servers).ravel(), np.ceil(servers).ravel()]).astype(np.intp))
        tables = np.stack([_waiting_table(int(count)) for count in counts])
        place = np.zeros(int(counts.max()) + 1, dtype=np.intp)
        place[counts] = np.arange(len(counts))
        profile, open_ = (
            compiled(np.broadcast_to(array, (shape[0], array.shape[-1]))) for array in (self.profile, self.open)
        )
        return servers, rate, arrivals, spread, profile, open_, tables, place

    def waits(self) -> Array:
        """Mean wait of an arriving truck, hours, (station, column): rising in arrivals, falling in service rates."""
        return np.asarray(all_waits(*self.arguments()))

    def with_waits(self, waits: Array, start: Array | None = None) -> Stations:
        """The same queues with the service rates at which the mean waits are `waits` (hours): unique, see `fit_service_rate`.

        start: rates near to these, (station, column), to set out from.
        """
        servers, rate, arrivals, spread, profile, open_, tables, place = self.arguments()
        wanted = np.ascontiguousarray(np.broadcast_to(waits, rate.shape))
        guess = np.log(np.broadcast_to(np.nan if start is None else start, rate.shape))
        found = all_rates(wanted, guess, servers, arrivals, spread, profile, open_, tables, place)
        return replace(self, service_rate=np.asarray(found))


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
