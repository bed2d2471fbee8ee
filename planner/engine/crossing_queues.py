"""The trucks' queues of a case: which crossings and directions queue, and how waits answer to trucks (model.md 2).

A station is a crossing in one direction at which trucks trade. Its arrivals are counted trucks; loaded ones follow trade
in their own direction, empty ones the other. How a queue is identified is the same for cars: see `station_queues`.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import sparse

from planner.engine.baseline import Baseline
from planner.engine.queue_response import NODES
from planner.engine.routes import Routes
from planner.engine.station_queues import (
    TRUCKS,
    WEEKS,
    Calibration,
    KeptForBaselines,
    StationQueues,
    by_direction,
    spread_of,
)
from planner.engine.types import Array, Index
from planner.engine.uncertainty import Draws


class Queues(StationQueues):
    """Stations with truck trade, in order: `stations` are their numbers in `Routes` (crossing x economies + entered)."""

    def __init__(self, baseline: Baseline) -> None:
        network, economies = baseline.network, len(baseline.accounts.economies)
        routes = Routes(baseline, Draws(baseline.parameters, 0, 0))
        self.goods = baseline.goods
        volume = baseline.accounts.flows[network.pair_origin, network.pair_destination][:, self.goods]
        rows = np.flatnonzero(
            routes.truck & ((network.share[:, self.goods] * volume[network.row_pair]).sum(axis=1) > 0)
        )
        stations = np.unique(routes.station[rows])
        super().__init__(baseline, TRUCKS, *np.divmod(stations, economies), routes.wait[stations, 0])
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
        self._worth = routes.worth[self.economy, 0]
        self.calibration = self._calibrate(*self._arrivals(), self._ceilings(baseline.facts.booths))
        # Trucks' answers to waits at central values, kept for all studies: see `JointSystem`.
        self.answers: dict[bytes, Array] = {}

    def _opposite(self, place: Index, economies: int) -> Index:
        """The station of the same crossing in the other direction, -1 where trucks do not trade that way."""
        member, network = self.baseline.accounts.economy, self.baseline.network
        side_a, side_b = member[network.region_a[self.crossing]], member[network.region_b[self.crossing]]
        other = np.where(self.economy == side_a, side_b, side_a)
        return np.asarray(place[self.crossing * economies + other])

    def _arrivals(self) -> tuple[Array, Index]:
        """Trucks a week and whether they were counted; else they follow from the value of trade."""
        year = by_direction(self.baseline, self.crossing, self.economy, "trucks")
        counted = np.nan_to_num(year) > 0
        year = np.where(counted, year, self.trade * 1e6 / self._worth)
        return year / WEEKS, counted.astype(np.intp)

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


queues_of = KeptForBaselines(Queues)


__all__ = ["NODES", "WEEKS", "Calibration", "Queues", "queues_of", "spread_of"]
