"""The trucks' queues of a case: which crossings and directions queue, how they were calibrated, how waits answer to trucks.

A station is a crossing in one direction at which trucks trade. Its arrivals are counted trucks; loaded ones follow trade
in their own direction, empty ones the other. Booths are the fewest that can give the wait with the prior time of
service, and the rate of service is fitted in every draw so that the draw's wait holds. A wait that even the slowest
service does not explain, as at a crossing with a few trucks a day, has a part that is no queue and answers to nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from planner.engine.baseline import Baseline
from planner.engine.queue_response import LEAST, NODES, Response, chebyshev, interpolated_rates, response_tables
from planner.engine.queues import MOST_SERVERS, Stations, weekly_profile
from planner.engine.routes import Routes
from planner.engine.types import Array, Index
from planner.engine.uncertainty import Draws

WEEKS = 365.25 / 7
SPREAD_NODES, WAIT_NODES = 3, 3
MOSTLY = 0.5


@dataclass(frozen=True)
class Calibration:
    """How the queues were identified, all (station,): see `Queues`."""

    trucks_per_week: Array
    counted: Index  # 1 where trucks are counted, 0 where they follow from the value of trade
    booths: Array
    ceiling: Array  # booths counted on site, NaN where unknown
    service_minutes: Array  # central, fitted
    not_queue: Array  # share of the wait that is no queue


class Queues:
    """Stations with truck trade, in order: `stations` are their numbers in `Routes` (crossing x economies + entered)."""

    def __init__(self, baseline: Baseline) -> None:
        self.baseline = baseline
        network, economies = baseline.network, len(baseline.accounts.economies)
        self.central = Draws(baseline.parameters, 0, 0)
        routes = Routes(baseline, self.central)
        self.goods = baseline.goods
        volume = baseline.accounts.flows[network.pair_origin, network.pair_destination][:, self.goods]
        rows = np.flatnonzero(
            routes.truck & ((network.share[:, self.goods] * volume[network.row_pair]).sum(axis=1) > 0)
        )
        self.stations = np.unique(routes.station[rows])
        self.crossing, self.economy = np.divmod(self.stations, economies)
        place = np.full(routes.stations, -1, dtype=np.intp)
        place[self.stations] = np.arange(len(self.stations))
        self.bins = np.full(len(network.row_pair), -1, dtype=np.intp)
        self.bins[rows] = place[routes.station[rows]]
        self.volume = volume
        self.trade = np.zeros(len(self.stations))
        np.add.at(
            self.trade, self.bins[rows], (network.share[rows][:, self.goods] * volume[network.row_pair[rows]]).sum(1)
        )
        self.opposite = self._opposite(place, economies)
        self._wait = routes.wait[self.stations, 0]
        self._worth = routes.worth[self.economy, 0]
        self.opens, self.closes = self._hours()
        self.profile, self.open = self._profiles(0.0)
        self.calibration = self._calibrate()
        # Rates of service by draws and station, kept for all interventions: see `QueueChanges`.
        self.rates: dict[tuple[int, ...], Array] = {}
        # Trucks' answers to waits at central values, kept for all studies: see `JointSystem`.
        self.answers: dict[bytes, Array] = {}

    def __len__(self) -> int:
        return len(self.stations)

    @property
    def names(self) -> list[tuple[str, str]]:
        """(crossing, economy entered) of each station."""
        network, accounts = self.baseline.network, self.baseline.accounts
        return [(network.crossings[b], accounts.economies[e]) for b, e in zip(self.crossing, self.economy, strict=True)]

    @property
    def central_wait(self) -> Array:
        """Hours, at central values, (station,)."""
        return np.asarray(self._wait)

    def value(self, key: str) -> float:
        """A prior that is a scenario of the baseline."""
        return self.baseline.parameters.central(key, variant=self.baseline.variant)

    def _opposite(self, place: Index, economies: int) -> Index:
        """The station of the same crossing in the other direction, -1 where trucks do not trade that way."""
        member, network = self.baseline.accounts.economy, self.baseline.network
        side_a, side_b = member[network.region_a[self.crossing]], member[network.region_b[self.crossing]]
        other = np.where(self.economy == side_a, side_b, side_a)
        return np.asarray(place[self.crossing * economies + other])

    def _hours(self) -> tuple[Array, Array]:
        opens, closes = np.zeros(len(self)), np.full(len(self), 24.0)
        number = {code: position for position, code in enumerate(self.baseline.network.crossings)}
        for row in self.baseline.facts.hours.to_dict("records"):
            here = self.crossing == number[str(row["crossing"])]
            opens[here], closes[here] = float(row["opens"]), float(row["closes"])
        return opens, closes

    def _profiles(self, booked: float) -> tuple[Array, Array]:
        weekend, daytime = self.value("weekend_truck_level"), self.value("daytime_truck_share")
        pairs = [
            weekly_profile(float(opens), float(closes), booked, weekend=weekend, daytime=daytime)
            for opens, closes in zip(self.opens, self.closes, strict=True)
        ]
        return np.stack([one for one, _ in pairs]), np.stack([other for _, other in pairs])

    def _arrivals(self) -> tuple[Array, Index]:
        """Trucks a week: counted into the first side's economy; the other way as many unless counted there too."""
        table, network = self.baseline.facts.crossings, self.baseline.network
        inbound = table["trucks_inbound"].to_numpy(dtype=float)
        outbound = inbound.copy()
        if "trucks_outbound" in table:
            given = table["trucks_outbound"].to_numpy(dtype=float)
            outbound = np.where(np.isnan(given), inbound, given)
        first = self.economy == self.baseline.accounts.economy[network.region_a[self.crossing]]
        year = np.where(first, inbound[self.crossing], outbound[self.crossing])
        counted = np.nan_to_num(year) > 0
        year = np.where(counted, year, self.trade * 1e6 / self._worth)
        return year / WEEKS, counted.astype(np.intp)

    def _ceilings(self) -> Array:
        found = np.full(len(self), np.nan)
        for row in self.baseline.facts.booths.to_dict("records"):
            for position, (crossing, economy) in enumerate(self.names):
                if crossing == str(row["crossing"]) and str(row["direction"]) in (economy, "*", ""):
                    found[position] = float(row["booths"])
        return found

    def stations_with(self, servers: Array, rate: Array, arrivals: Array, spread: Array) -> Stations:
        """The queues with other numbers, (station,) or (station, column)."""
        return Stations(servers, rate, arrivals, spread, self.profile, self.open)

    def fitted_rates(self, at: int, wait: Array, spread: Array) -> Array:
        """Rates of service per booth and hour at which the queue of one station takes its part of `wait` (column,), hours."""
        calibration, one = self.calibration, np.ones((1, len(wait)))
        stations = Stations(
            calibration.booths[at : at + 1], one, calibration.trucks_per_week[at] * one, spread[None, :] * one,
            self.profile[at : at + 1], self.open[at : at + 1],
        )  # fmt: skip
        spreads, waits, _, log_rate = self._tables
        start = interpolated_rates(spreads, waits[at : at + 1], log_rate[at : at + 1], spread=spread, wait=wait[None])
        return np.asarray(stations.with_waits(wait[None, :] * (1 - calibration.not_queue[at]), start).service_rate[0])

    @property
    def central_rates(self) -> Array:
        """The same for every station at central values, (station,)."""
        return np.asarray(np.exp(self._central_tables[3][:, 0, 0]))

    def _calibrate(self) -> Calibration:
        trucks, counted = self._arrivals()
        ceiling = self._ceilings()
        spread = np.full((len(self), 1), spread_of(self.central.parameter("service_cv"))[0])
        most = np.where(np.isnan(ceiling), MOST_SERVERS, ceiling)
        usual = 60 / self.value("truck_service_minutes")
        row = self.baseline.parameters.find("truck_service_minutes")
        slowest = np.full((len(self), 1), 60 / (row.high if row else self.value("truck_service_minutes")))
        booths = np.ones(len(self))
        # As few booths as can give the wait at the usual time of service: a wait falls with every booth.
        booths = np.minimum(np.maximum(np.floor(trucks / 168 / usual), 1.0), most)
        arrivals = trucks[:, None]
        for _ in range(MOST_SERVERS):
            waits = self.stations_with(booths, np.full((len(self), 1), usual), arrivals, spread).waits()[:, 0]
            more = (waits > self._wait) & (booths < most)
            if not more.any():
                break
            booths = booths + more
        longest = self.stations_with(booths, slowest, arrivals, spread).waits()[:, 0]
        queue = np.minimum(longest, self._wait)
        not_queue = np.where(self._wait > 0, 1 - queue / np.where(self._wait > 0, self._wait, 1.0), 0.0)
        fitted = self.stations_with(booths, slowest, arrivals, spread).with_waits(queue[:, None]).service_rate[:, 0]
        return Calibration(trucks, counted, booths, ceiling, 60 / fitted, np.maximum(not_queue, 0.0))

    @cached_property
    def shares(self) -> sparse.csr_array:
        """Baseline share of every (pair, good) that passes each station by truck: (station, pair x good)."""
        network, goods = self.baseline.network, len(self.goods)
        rows = np.flatnonzero(self.bins >= 0)
        column = network.row_pair[rows][:, None] * goods + np.arange(goods)
        at = np.broadcast_to(self.bins[rows][:, None], column.shape)
        value = network.share[rows][:, self.goods]
        size = (len(self), len(network.pair_origin) * goods)
        return sparse.csr_array(sparse.coo_array((value.ravel(), (at.ravel(), column.ravel())), shape=size))

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
            self.calibration.booths[chosen], np.ones((len(chosen), 1)), self.calibration.trucks_per_week[chosen][:, None],
            np.ones((1, 1)), self.profile[chosen], self.open[chosen],
        )  # fmt: skip
        return response_tables(stations, spread, waits * (1 - self.calibration.not_queue[chosen])[:, None])

    @property
    def wait_ends(self) -> tuple[Array, Array]:
        """Lowest and highest wait of each station over draws, hours, (station,)."""
        network, economies = self.baseline.network, self.baseline.accounts.economies
        low, high = (ends[self.crossing, self.economy] for ends in (network.wait_low_hours, network.wait_high_hours))
        for number, economy in enumerate(economies):
            row = self.baseline.parameters.find(f"wait_default_minutes:{economy}")
            row = row or self.baseline.parameters.find("wait_default_minutes")
            here = np.isnan(network.wait_hours[self.crossing, self.economy]) & (self.economy == number)
            assert row is not None
            low[here], high[here] = row.low / 60, row.high / 60
        return low, high

    def response(self, draws: Draws, wait: Array) -> Response:
        """How each station's queue answers to trucks in each draw; wait: hours, (station, column)."""
        spread = spread_of(draws.parameter("service_cv"))
        if draws.count == 0:
            return Response.at(*self._central_tables[:3], spread=spread, wait=wait)
        return Response.at(*self._tables[:3], spread=spread, wait=wait)

    @cached_property
    def _central_tables(self) -> tuple[Array, Array, Array, Array]:
        spread = spread_of(self.central.parameter("service_cv"))[:1]
        waits = self._wait[:, None]
        return (spread, waits, *self._tabulate(spread, waits))


def spread_of(cv: Array) -> Array:
    """The Allen-Cunneen factor of irregular service, (1 + cv^2)/2."""
    return np.asarray((1 + np.asarray(cv) ** 2) / 2)


_QUEUES: OrderedDict[int, Queues] = OrderedDict()


def queues_of(baseline: Baseline) -> Queues:
    """The queues of a baseline, kept for the last few."""
    found = _QUEUES.get(id(baseline))
    if found is None or found.baseline is not baseline:
        found = Queues(baseline)
        _QUEUES[id(baseline)] = found
        while len(_QUEUES) > 8:
            _QUEUES.popitem(last=False)
    return found


__all__ = ["NODES", "Calibration", "Queues", "queues_of", "spread_of"]
