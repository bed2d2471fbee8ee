"""Queues that an intervention changes: booths, service, trusted traders, pre-clearance, opening hours, booked arrivals.

The rule itself is evaluated, at the service rate fitted to each draw's wait, for trucks and for cars. Trusted and
pre-cleared trucks (trusted travellers' cars) take a part of another one's time at the booth; with shares p, c and ratios
r, q the mean time is m = 1 - p (1 - r) - c (1 - q) of that other one's, its second moment
m2 = 1 - p (1 - r^2) - c (1 - q^2), so that the spread moves by m2 / m^2 as well.
Several entries at one station: booths, shares and hours add; shares of booths, of service time and of its spread
multiply; bookings take their share of the arrivals that are left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.engine.errors import InvalidShock
from planner.engine.queues import MOST_SERVERS, Stations
from planner.engine.station_queues import StationQueues, spread_of
from planner.engine.types import Array, Index, Mask
from planner.engine.uncertainty import Draws

Entry = tuple[Index, str, Array]  # stations, what, value by column
SHORTEST_DAY, SHORTEST_SERVICE = 0.5, 0.01
ADDED = ("booths", "trusted_share", "preclearance_share", "open_hours")
PROBE = 1e-4  # in ln trucks, for the slope of a queue
# Changes of ln trucks below which a queue's wait is read off its last slope, and beyond which the slope is taken anew.
NEAR, NEAR_CENTRAL, FAR = 1e-4, 1e-9, 0.02
LEAST_RATIO, LEAST_WAIT = 1e-9, 1e-300
FACTORS = ("booths_share", "service_time", "service_spread")


class QueueChanges:
    """The queues that some entries change, before and after.

    An entry of the arrays here is a station in a column whose queue does change: several interventions side by side
    change different queues. `at` and `column` are its places among the stations of `queues` and in the draws.
    exact: no wait is read off the last slope.
    """

    def __init__(
        self, queues: StationQueues, draws: Draws, wait: Array, entries: list[Entry], *, exact: bool = False
    ) -> None:
        self.queues, self.draws = queues, draws
        chosen = np.unique(np.concatenate([stations for stations, _, _ in entries]))
        stations: Index = np.flatnonzero(np.isin(queues.stations, chosen))
        values = self._collect(entries, stations)
        neutral = {name: 1.0 if name in FACTORS else 0.0 for name in values}
        rows, self.column = np.nonzero(np.any([values[name] != neutral[name] for name in values], axis=0))
        self.at: Index = stations[rows]
        self._values = {name: value[rows, self.column] for name, value in values.items()}
        cv = draws.parameter("service_cv")[self.column]
        self._rates = self._fitted(wait)
        self.after = self._changed(cv)
        self._exact: _Exact | None = None
        self._near = NEAR_CENTRAL if exact or not draws.count else NEAR

    def _collect(self, entries: list[Entry], at: Index) -> dict[str, Array]:
        shape = (len(at), self.draws.columns)
        values = {name: np.zeros(shape) for name in ADDED} | {name: np.ones(shape) for name in FACTORS}
        left = np.ones(shape)
        for stations, name, value in entries:
            here = np.isin(self.queues.stations[at], stations)
            if name in ADDED:
                values[name][here] += value
            elif name in FACTORS:
                values[name][here] *= 1 + value
            else:
                left[here] *= 1 - value
        return values | {"booking": 1 - left}

    def _stations(self, booths: Array, rate: Array, spread: Array) -> Stations:
        """One station for each entry: their days may differ."""
        arrivals = self.queues.calibration.per_week[self.at]
        flat = [array[:, None] for array in (booths, rate, arrivals, spread)]
        return Stations(flat[0], flat[1], flat[2], flat[3], self.queues.profile[self.at], self.queues.open[self.at])

    def _fitted(self, wait: Array) -> Array:
        """Rates of service that give the waits before, (entry,): the same for all interventions, so fitted once a draw."""
        draws, rates = self.draws, np.empty(len(self.at))
        if not draws.count:
            return np.asarray(self.queues.central_rates[self.at])
        spread = spread_of(draws.parameter("service_cv"))
        for at in np.unique(self.at):
            here = self.at == at
            key = (draws.seed, draws.count, draws.window.start, draws.window.stop, int(at))
            found = self.queues.rates.get(key)
            if found is None:
                found = self.queues.rates[key] = self.queues.fitted_rates(int(at), wait[at], spread)
            rates[here] = found[self.column[here]]
        return rates

    def entry(self, number: int, ratio: float) -> Stations:
        """The changed queue of one entry at `ratio` of its trucks."""
        chosen = self._chosen(self.after, np.array([number]))
        return replace(chosen, arrivals=chosen.arrivals * ratio)

    @staticmethod
    def _chosen(stations: Stations, entries: Index) -> Stations:
        return Stations(
            stations.servers[entries], stations.service_rate[entries], stations.arrivals[entries],
            stations.spread[entries], stations.profile[entries], stations.open[entries],
        )  # fmt: skip

    def _changed(self, cv: Array) -> Stations:
        values = self._values
        booths = (self.queues.calibration.booths[self.at] + values["booths"]) * values["booths_share"]
        if (booths <= 0).any():
            raise InvalidShock(
                [
                    f"no booth is left at {crossing} into {economy}: its queue would never end; change fewer booths or "
                    "close the crossing with a closure"
                    for at in np.unique(self.at[booths <= 0])
                    for crossing, economy in [self.queues.names[at]]
                ]
            )
        # Below one booth the one that is left is open for a part of the time: as if it served more slowly.
        slower = np.minimum(booths, 1.0)
        booths = np.minimum(np.maximum(booths, 1.0), MOST_SERVERS)
        mean, spread = self._mix(values["trusted_share"], values["preclearance_share"])
        time = np.maximum(values["service_time"] * mean, SHORTEST_SERVICE)
        rate = self._rates / time * slower
        changed = self._stations(booths, rate, spread_of(cv * values["service_spread"]) * spread)
        return self._with_days(changed)

    def _mix(self, more_trusted: Array, more_cleared: Array) -> tuple[Array, Array]:
        """Factors on the mean time of service and on its spread by the change of shares."""

        def value(key: str, nothing: float) -> Array | float:
            return np.asarray(self.draws.parameter(key)[self.column]) if key else nothing

        vehicles = self.queues.vehicles
        cleared, trusted = value(vehicles.cleared_share, 0.0), value(vehicles.trusted_share, 0.0)
        fast, quick = value(vehicles.trusted_ratio, 1.0), value(vehicles.cleared_ratio, 1.0)

        def moments(trusted_part: Array | float, cleared_part: Array | float) -> tuple[Array, Array]:
            part = np.clip(cleared_part, 0, 1)
            other = np.clip(trusted_part, 0, 1 - part)
            time = 1 - other * (1 - fast) - part * (1 - quick)
            return np.asarray(time), np.asarray(1 - other * (1 - fast**2) - part * (1 - quick**2))

        mean, square = moments(trusted, cleared)
        new_mean, new_square = moments(trusted + more_trusted, cleared + more_cleared)
        return new_mean / mean, (new_square / new_mean**2) / (square / mean**2)

    def _with_days(self, stations: Stations) -> Stations:
        """Longer or shorter days, around the middle of the present ones, and arrivals booked evenly over them."""
        hours, booked = self._values["open_hours"], self._values["booking"]
        if not hours.any() and not booked.any():
            return stations
        queues = self.queues
        profile, open_ = stations.profile.copy(), stations.open.copy()
        known: dict[tuple[float, float, float], tuple[Array, Array]] = {}
        for entry, at in enumerate(self.at):
            opens, closes = queues.opens[at], queues.closes[at]
            length = closes - opens if closes > opens else closes - opens + 24
            new = float(np.clip(length + hours[entry], SHORTEST_DAY, 24.0))
            start = (opens - 0.5 * (new - length)) % 24 if new < 24 else 0.0
            end = (start + new) % 24 if new < 24 else 24.0
            day = (start, end, float(booked[entry]))
            if day not in known:
                known[day] = queues.day(*day)
            profile[entry], open_[entry] = known[day]
        return replace(stations, profile=profile, open=open_)

    def waits(self, ratio: Array) -> tuple[Array, Array]:
        """Mean waits in the changed queues at `ratio` (entry,) of the baseline's trucks, hours, and their slope by it.

        Few queues move between two passes of a solve: a queue is computed anew where its trucks have moved, with the
        slope where they have moved far; else the line through the last point is followed.
        """
        logs = np.log(np.maximum(ratio, LEAST_RATIO))
        if self._exact is None:
            self._exact = _Exact.of(logs, *self._compute(logs, np.ones(len(logs), dtype=bool)))
        last = self._exact
        far = np.abs(logs - last.slope_at) > FAR
        moved = (np.abs(logs - last.at) > self._near) | far
        if moved.any():
            last.update(logs, moved, far, *self._compute(logs, moved, far))
        log_wait = last.log_wait + last.slope * (logs - last.at)
        queue = np.exp(log_wait)
        return queue, queue * last.slope / np.exp(logs)

    def _compute(self, logs: Array, moved: Mask, far: Mask | None = None) -> tuple[Array, Array]:
        """ln waits of the entries that moved, and d ln wait / d ln trucks of those that moved far."""
        far = moved if far is None else far
        here, steep = np.flatnonzero(moved), np.flatnonzero(far)
        entries = np.concatenate([here, steep])
        trucks = np.exp(np.concatenate([logs[here], logs[steep] + PROBE]))
        chosen = self._chosen(self.after, entries)
        waits = replace(chosen, arrivals=chosen.arrivals * trucks[:, None]).waits()[:, 0]
        found = np.log(np.maximum(waits, LEAST_WAIT))
        value = found[: len(here)]
        return value, (found[len(here) :] - value[np.searchsorted(here, steep)]) / PROBE


@dataclass
class _Exact:
    """Where queues were last computed: ln trucks, ln wait and the slope, (entry,), and where the slope was."""

    at: Array
    log_wait: Array
    slope: Array
    slope_at: Array

    @classmethod
    def of(cls, logs: Array, log_wait: Array, slope: Array) -> _Exact:
        return cls(logs.copy(), log_wait, slope, logs.copy())

    def update(self, logs: Array, moved: Mask, far: Mask, log_wait: Array, slope: Array) -> None:
        self.at[moved], self.log_wait[moved] = logs[moved], log_wait
        self.slope[far], self.slope_at[far] = slope, logs[far]
