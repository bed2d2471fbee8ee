"""Queues of one class of vehicles at crossings: how they are identified from one wait, whatever vehicles they hold.

A station is a crossing in one direction. Booths are the fewest that can give the wait with the prior time of service, and
the rate of service is fitted in every draw so that the draw's wait holds. A wait that even the slowest service does not
explain, as at a crossing with a few vehicles a day, has a part that is no queue and answers to nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
import pandas as pd

from planner.engine.baseline import Baseline
from planner.engine.queue_response import LEAST, Response, chebyshev, interpolated_rates, response_tables
from planner.engine.queues import MOST_SERVERS, Stations, weekly_profile
from planner.engine.targets import Targets
from planner.engine.types import CAR, TRUCK, Array, Channel, Index
from planner.engine.uncertainty import Draws

WEEKS = 365.25 / 7
SPREAD_NODES, WAIT_NODES = 3, 3
MOSTLY = 0.5
MOST_KEPT = 8  # baselines whose queues are kept
Kept = TypeVar("Kept", bound="StationQueues")


@dataclass(frozen=True)
class VehicleClass:
    """The parameters that describe the queues of a class of vehicles; empty where there is no such thing."""

    name: str
    service_minutes: str
    weekend_level: str
    daytime_share: str
    trusted_share: str
    trusted_ratio: str
    cleared_share: str = ""
    cleared_ratio: str = ""


TRUCKS = VehicleClass(
    TRUCK, "truck_service_minutes", "weekend_truck_level", "daytime_truck_share", "trusted_trader_share",
    "trusted_service_ratio", "preclearance_share", "preclearance_service_ratio",
)  # fmt: skip
CARS = VehicleClass(
    CAR, "car_service_minutes", "weekend_car_level", "daytime_car_share", "trusted_traveller_share",
    "trusted_traveller_service_ratio",
)  # fmt: skip


@dataclass(frozen=True)
class Calibration:
    """How the queues were identified, all (station,): see `StationQueues`."""

    per_week: Array  # vehicles
    counted: Index  # 1 where vehicles are counted, 0 where their number follows from something else
    booths: Array
    ceiling: Array  # booths counted on site, NaN where unknown
    service_minutes: Array  # central, fitted
    not_queue: Array  # share of the wait that is no queue


class StationQueues(ABC):
    """Stations of one class: `crossing` and `economy` (entered) are their numbers, (station,).

    wait: hours at central values, (station,).
    """

    def __init__(
        self, baseline: Baseline, vehicles: VehicleClass, crossing: Index, economy: Index, wait: Array
    ) -> None:
        self.baseline, self.vehicles = baseline, vehicles
        self.crossing, self.economy = crossing, economy
        self.stations = np.asarray(crossing * len(baseline.accounts.economies) + economy, dtype=np.intp)
        self.central = Draws(baseline.parameters, 0, 0)
        self.central_wait = wait
        self.opens, self.closes = self._hours()
        self.profile, self.open = self._profiles()
        # Rates of service by draws and station, kept for all interventions: see `QueueChanges`.
        self.rates: dict[tuple[int, ...], Array] = {}

    calibration: Calibration

    def __len__(self) -> int:
        return len(self.crossing)

    @property
    def names(self) -> list[tuple[str, str]]:
        """(crossing, economy entered) of each station."""
        network, accounts = self.baseline.network, self.baseline.accounts
        return [(network.crossings[b], accounts.economies[e]) for b, e in zip(self.crossing, self.economy, strict=True)]

    def value(self, key: str) -> float:
        """A prior that is a scenario of the baseline."""
        return self.baseline.parameters.central(key, variant=self.baseline.variant)

    def day(self, opens: float, closes: float, booked: float = 0.0) -> tuple[Array, Array]:
        """Arrivals and opening over the week of a crossing with these hours: see `queues.weekly_profile`."""
        weekend, daytime = self.value(self.vehicles.weekend_level), self.value(self.vehicles.daytime_share)
        return weekly_profile(opens, closes, booked, weekend=weekend, daytime=daytime)

    def stations_with(self, servers: Array, rate: Array, arrivals: Array, spread: Array) -> Stations:
        """The queues with other numbers, (station,) or (station, column)."""
        return Stations(servers, rate, arrivals, spread, self.profile, self.open)

    def fitted_rates(self, at: int, wait: Array, spread: Array) -> Array:
        """Rates of service per booth and hour at which the queue of one station takes its part of `wait` (column,), hours."""
        calibration, one = self.calibration, np.ones((1, len(wait)))
        stations = Stations(
            calibration.booths[at : at + 1], one, calibration.per_week[at] * one, spread[None, :] * one,
            self.profile[at : at + 1], self.open[at : at + 1],
        )  # fmt: skip
        spreads, waits, _, log_rate = self._tables
        start = interpolated_rates(spreads, waits[at : at + 1], log_rate[at : at + 1], spread=spread, wait=wait[None])
        return np.asarray(stations.with_waits(wait[None, :] * (1 - calibration.not_queue[at]), start).service_rate[0])

    @property
    def central_rates(self) -> Array:
        """The same for every station at central values, (station,)."""
        return np.asarray(np.exp(self._central_tables[3][:, 0, 0]))

    @property
    @abstractmethod
    def wait_ends(self) -> tuple[Array, Array]:
        """Lowest and highest wait of each station over draws, hours, (station,)."""

    def reached(self, channel: Channel) -> Index:
        """The stations at a channel's crossings and directions."""
        targets = Targets(self.baseline)
        here = np.isin(self.crossing, targets.crossings(channel.crossing))
        return np.flatnonzero(here & np.isin(self.economy, targets.economies(channel.direction)))

    def response(self, draws: Draws, wait: Array, at: Index | slice = slice(None)) -> Response:
        """How the queues of some stations answer to vehicles in each draw; wait: hours, (station, column)."""
        spread, waits, logs, _ = self._tables if draws.count else self._central_tables
        return Response.at(spread, waits[at], logs[at], spread=spread_of(draws.parameter("service_cv")), wait=wait)

    @cached_property
    def _central_tables(self) -> tuple[Array, Array, Array, Array]:
        spread = spread_of(self.central.parameter("service_cv"))[:1]
        waits = self.central_wait[:, None]
        return (spread, waits, *self._tabulate(spread, waits))

    @cached_property
    def _tables(self) -> tuple[Array, Array, Array, Array]:
        """Answers of the queues at nodes of (spread, wait): see `response_tables`; nodes are (spread,), (station, wait)."""
        row = self.baseline.parameters.find("service_cv")
        cv = (row.low, row.high) if row and row.low < row.high else (self.central.parameter("service_cv")[0],) * 2
        spread = chebyshev(spread_of(np.array(cv[0])), spread_of(np.array(cv[1])), SPREAD_NODES)
        low, high = self.wait_ends
        # Nodes by their logarithm: a wait that was measured long ago may be half or twice as long.
        ends = np.log(np.maximum((low, high), LEAST))
        waits = np.exp(np.stack([chebyshev(one, other, WAIT_NODES) for one, other in zip(*ends, strict=True)]))
        return (spread, waits, *self._tabulate(spread, waits))

    def _tabulate(self, spread: Array, waits: Array) -> tuple[Array, Array]:
        found = self._exact(np.arange(len(self)), spread[:1] * 0 + spread.mean(), waits.mean(axis=1, keepdims=True))
        shape = (len(self), len(spread), waits.shape[1])
        logs = np.broadcast_to(found[0], (*shape, found[0].shape[-1])).copy()
        rates = np.broadcast_to(found[1], shape).copy()
        # Where little of the wait is queue its answer is taken at the middle of the draws.
        busy = np.flatnonzero(self.calibration.not_queue < MOSTLY)
        if len(busy) and shape[1] * shape[2] > 1:
            logs[busy], rates[busy] = self._exact(busy, spread, waits[busy])
        return logs, rates

    def _exact(self, chosen: Index, spread: Array, waits: Array) -> tuple[Array, Array]:
        stations = Stations(
            self.calibration.booths[chosen], np.ones((len(chosen), 1)), self.calibration.per_week[chosen][:, None],
            np.ones((1, 1)), self.profile[chosen], self.open[chosen],
        )  # fmt: skip
        return response_tables(stations, spread, waits * (1 - self.calibration.not_queue[chosen])[:, None])

    def _hours(self) -> tuple[Array, Array]:
        opens, closes = np.zeros(len(self)), np.full(len(self), 24.0)
        number = {code: position for position, code in enumerate(self.baseline.network.crossings)}
        for row in self.baseline.facts.hours.to_dict("records"):
            here = self.crossing == number[str(row["crossing"])]
            opens[here], closes[here] = float(row["opens"]), float(row["closes"])
        return opens, closes

    def _profiles(self) -> tuple[Array, Array]:
        pairs = [self.day(float(opens), float(closes)) for opens, closes in zip(self.opens, self.closes, strict=True)]
        if not pairs:
            return tuple(array[None][:0] for array in self.day(0.0, 24.0))  # type: ignore[return-value]
        return np.stack([one for one, _ in pairs]), np.stack([other for _, other in pairs])

    def _ceilings(self, booths: pd.DataFrame) -> Array:
        """Booths counted on site by station, NaN where unknown."""
        found = np.full(len(self), np.nan)
        for row in booths.to_dict("records"):
            for position, (crossing, economy) in enumerate(self.names):
                if crossing == str(row["crossing"]) and str(row["direction"]) in (economy, "*", ""):
                    found[position] = float(row["booths"])
        return found

    def _calibrate(self, per_week: Array, counted: Index, ceiling: Array) -> Calibration:
        wait = self.central_wait
        if not len(self):
            return Calibration(per_week, counted, per_week, ceiling, per_week, per_week)
        spread = np.full((len(self), 1), spread_of(self.central.parameter("service_cv"))[0])
        most = np.where(np.isnan(ceiling), MOST_SERVERS, ceiling)
        usual = 60 / self.value(self.vehicles.service_minutes)
        row = self.baseline.parameters.find(self.vehicles.service_minutes)
        slowest = np.full((len(self), 1), 60 / (row.high if row else self.value(self.vehicles.service_minutes)))
        booths = np.ones(len(self))
        # As few booths as can give the wait at the usual time of service: a wait falls with every booth.
        booths = np.minimum(np.maximum(np.floor(per_week / 168 / usual), 1.0), most)
        arrivals = per_week[:, None]
        for _ in range(MOST_SERVERS):
            waits = self.stations_with(booths, np.full((len(self), 1), usual), arrivals, spread).waits()[:, 0]
            more = (waits > wait) & (booths < most)
            if not more.any():
                break
            booths = booths + more
        longest = self.stations_with(booths, slowest, arrivals, spread).waits()[:, 0]
        queue = np.minimum(longest, wait)
        not_queue = np.where(wait > 0, 1 - queue / np.where(wait > 0, wait, 1.0), 0.0)
        fitted = self.stations_with(booths, slowest, arrivals, spread).with_waits(queue[:, None]).service_rate[:, 0]
        return Calibration(per_week, counted, booths, ceiling, 60 / fitted, np.maximum(not_queue, 0.0))


def spread_of(cv: Array) -> Array:
    """The Allen-Cunneen factor of irregular service, (1 + cv^2)/2."""
    return np.asarray((1 + np.asarray(cv) ** 2) / 2)


def inbound(baseline: Baseline, name: str) -> Array:
    """A yearly count of `CaseFacts.crossings` into the first side's economy, (crossing,); NaN where none is reported."""
    table = baseline.facts.crossings
    if name not in table:
        return np.full(len(table), np.nan)
    return np.asarray(table[name].to_numpy(dtype=float))


def by_direction(baseline: Baseline, crossing: Index, economy: Index, vehicles: str) -> Array:
    """Counts `<vehicles>_inbound` and `<vehicles>_outbound` a year by station: as many leave as enter unless counted."""
    entering, leaving = inbound(baseline, f"{vehicles}_inbound"), inbound(baseline, f"{vehicles}_outbound")
    leaving = np.where(np.isnan(leaving), entering, leaving)
    first = economy == baseline.accounts.economy[baseline.network.region_a[crossing]]
    return np.asarray(np.where(first, entering[crossing], leaving[crossing]))


class KeptForBaselines(Generic[Kept]):
    """What is made of a baseline once, kept for the last few of them."""

    def __init__(self, make: Callable[[Baseline], Kept]) -> None:
        self._make = make
        self._kept: OrderedDict[int, Kept] = OrderedDict()

    def __call__(self, baseline: Baseline) -> Kept:
        """Made anew for a baseline that is not among the last few."""
        found = self._kept.get(id(baseline))
        if found is None or found.baseline is not baseline:
            found = self._kept[id(baseline)] = self._make(baseline)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found
