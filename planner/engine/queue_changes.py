"""Queues that an intervention changes: booths, service, trusted traders, pre-clearance, opening hours, booked arrivals.

The rule itself is evaluated, at the service rate fitted to each draw's wait. Trusted and pre-cleared trucks take a part
of another truck's time at the booth; with shares p, c and ratios r, q the mean time is m = 1 - p (1 - r) - c (1 - q) of
that other truck's, its second moment m2 = 1 - p (1 - r^2) - c (1 - q^2), so that the spread moves by m2 / m^2 as well.
Several entries at one station: booths, shares and hours add; shares of booths, of service time and of its spread
multiply; bookings take their share of the arrivals that are left.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.engine.crossing_queues import Queues, spread_of
from planner.engine.errors import InvalidShock
from planner.engine.queues import MOST_SERVERS, Stations, weekly_profile
from planner.engine.types import Array, Index
from planner.engine.uncertainty import Draws

Entry = tuple[Index, str, Array]  # stations, what, value by column
SHORTEST_DAY, SHORTEST_SERVICE = 0.5, 0.01
ADDED = ("booths", "trusted_share", "preclearance_share", "open_hours")
FACTORS = ("booths_share", "service_time", "service_spread")


class QueueChanges:
    """The queues at the stations of some entries, before and after; `at` are their positions in `Queues`."""

    def __init__(self, queues: Queues, draws: Draws, wait: Array, entries: list[Entry]) -> None:
        self.queues, self.draws = queues, draws
        chosen = np.unique(np.concatenate([stations for stations, _, _ in entries]))
        self.at: Index = np.flatnonzero(np.isin(queues.stations, chosen))
        self.columns = draws.columns
        self._values = self._collect(entries)
        calibration = queues.calibration
        self.base_wait = wait[self.at] * (1 - calibration.not_queue[self.at])[:, None]
        cv = draws.parameter("service_cv")
        self.before = self._stations(
            calibration.booths[self.at][:, None] + np.zeros((1, self.columns)), np.ones(self._shape), spread_of(cv)
        ).with_waits(self.base_wait.reshape(-1, 1))
        self.after = self._changed(cv)

    @property
    def _shape(self) -> tuple[int, int]:
        return len(self.at), self.columns

    def _collect(self, entries: list[Entry]) -> dict[str, Array]:
        values = {name: np.zeros(self._shape) for name in ADDED} | {name: np.ones(self._shape) for name in FACTORS}
        left = np.ones(self._shape)
        for stations, name, value in entries:
            here = np.isin(self.queues.stations[self.at], stations)
            if name in ADDED:
                values[name][here] += value
            elif name in FACTORS:
                values[name][here] *= 1 + value
            else:
                left[here] *= 1 - value
        return values | {"booking": 1 - left}

    def _stations(self, booths: Array, rate: Array, spread: Array) -> Stations:
        """One station for each (station, column): their days may differ."""
        trucks = self.queues.calibration.trucks_per_week[self.at][:, None]
        flat = [np.broadcast_to(array, self._shape).reshape(-1, 1) for array in (booths, rate, trucks, spread)]
        profile, open_ = (
            np.repeat(array[self.at], self.columns, axis=0) for array in (self.queues.profile, self.queues.open)
        )
        return Stations(flat[0], flat[1], flat[2], flat[3], profile, open_)

    def _changed(self, cv: Array) -> Stations:
        values = self._values
        booths = (self.queues.calibration.booths[self.at][:, None] + values["booths"]) * values["booths_share"]
        if (booths <= 0).any():
            raise InvalidShock(
                [
                    f"no booth is left at {crossing} into {economy}: its queue would never end; change fewer booths or "
                    "close the crossing with a closure"
                    for position in np.flatnonzero((booths <= 0).any(axis=1))
                    for crossing, economy in [self.queues.names[self.at[position]]]
                ]
            )
        # Below one booth the one that is left is open for a part of the time: as if it served more slowly.
        slower = np.minimum(booths, 1.0)
        booths = np.minimum(np.maximum(booths, 1.0), MOST_SERVERS)
        mean, spread = self._mix(values["trusted_share"], values["preclearance_share"])
        time = np.maximum(values["service_time"] * mean, SHORTEST_SERVICE)
        rate = self.before.service_rate.reshape(self._shape) / time * slower
        changed = self._stations(booths, rate, spread_of(cv * values["service_spread"]) * spread)
        return self._with_days(changed)

    def _mix(self, more_trusted: Array, more_cleared: Array) -> tuple[Array, Array]:
        """Factors on the mean time of service and on its spread by the change of shares."""
        value = self.draws.parameter
        cleared, trusted = value("preclearance_share"), value("trusted_trader_share")
        fast, quick = value("trusted_service_ratio"), value("preclearance_service_ratio")

        def moments(trusted_part: Array, cleared_part: Array) -> tuple[Array, Array]:
            part = np.clip(cleared_part, 0, 1)
            other = np.clip(trusted_part, 0, 1 - part)
            return 1 - other * (1 - fast) - part * (1 - quick), 1 - other * (1 - fast**2) - part * (1 - quick**2)

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
        weekend, daytime = queues.value("weekend_truck_level"), queues.value("daytime_truck_share")
        for position, at in enumerate(self.at):
            opens, closes = queues.opens[at], queues.closes[at]
            length = closes - opens if closes > opens else closes - opens + 24
            for column in range(self.columns):
                row = position * self.columns + column
                new = float(np.clip(length + hours[position, column], SHORTEST_DAY, 24.0))
                start = (opens - 0.5 * (new - length)) % 24 if new < 24 else 0.0
                end = (start + new) % 24 if new < 24 else 24.0
                profile[row], open_[row] = weekly_profile(
                    start, end, float(booked[position, column]), weekend=weekend, daytime=daytime
                )
        return replace(stations, profile=profile, open=open_)

    def waits(self, ratio: Array) -> Array:
        """Mean waits in the changed queues at `ratio` of the baseline's trucks, hours, (station, column)."""
        arrivals = self.after.arrivals * np.maximum(ratio, 1e-9).reshape(-1, 1)
        return replace(self.after, arrivals=arrivals).waits().reshape(self._shape)
