"""From hours and fees at crossings to the cost of trade between two places (model.md 2): a nested CES over routes.

    h  = road + wait + handling                                            hours
    d^ = exp(a (h' - h) / 24) * (1 + (VOT h' + fee') / v) / (1 + (VOT h + fee) / v)
    dbar_m = (sum_b q[b|m] d^_b^-kappa)^(-1/kappa) ;  dbar = (sum_m q[m] dbar_m^-mu)^(-1/mu)

Cargo time (a) and truck time (VOT) are two costs. Rail bears the first only; pipelines and ports without coordinates none.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_matrix

from planner.engine.baseline import Baseline
from planner.engine.cells import Cells, cell_key
from planner.engine.network import RAIL, TRUCK
from planner.engine.types import Array, Index
from planner.engine.uncertainty import Draws


@dataclass
class RouteChange:
    """Changes at route rows, collected channel by channel; every entry is (rows, values (row or 1, column)).

    hours: truck hours on the road or in the queue; rail_hours; fee: USD per truck; handling: hours, by sector number;
    closed: rows taken out.
    """

    hours: list[tuple[Index, Array]] = field(default_factory=list)
    rail_hours: list[tuple[Index, Array]] = field(default_factory=list)
    fee: list[tuple[Index, Array]] = field(default_factory=list)
    handling: list[tuple[Index, Index, Array]] = field(default_factory=list)
    closed: list[Index] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether anything is collected."""
        return bool(self.hours or self.rail_hours or self.fee or self.handling or self.closed)

    def rows(self) -> Index:
        """Numbers of the rows that change."""
        parts = [entry[0] for entry in (*self.hours, *self.rail_hours, *self.fee, *self.handling)]
        return np.unique(np.concatenate([*parts, *self.closed, np.zeros(0, dtype=np.intp)]))


@dataclass(frozen=True)
class RouteCosts:
    """ln dbar at cells, (cell, column), and what is needed for the new shares of routes."""

    cells: Cells
    log_cost: Array
    rows: Index
    log_share_change: Array | None  # ln q'/q of `rows` by sector, (row, sector, column), where asked for


class Routes:
    """The routes of a baseline at given draws: baseline hours and fees, and the response of shares and costs."""

    def __init__(self, baseline: Baseline, draws: Draws) -> None:
        self.baseline, self.network, self.draws = baseline, baseline.network, draws
        self.economies = baseline.accounts.economies
        network = self.network
        self.by_truck = np.array([network.modes[mode] == TRUCK for mode in network.row_mode])
        self.truck = self.by_truck & (network.row_crossing >= 0)
        self.rail = np.array([network.modes[mode] == RAIL for mode in network.row_mode]) & (network.row_crossing >= 0)
        self.entered = baseline.accounts.economy[network.entered]
        self._by_economy = {
            key: np.stack([draws.parameter(key, economy=economy) for economy in self.economies])
            for key in ("truck_value_usd", "wait_default_minutes")
        }
        speed, detour = draws.parameter("road_speed_kmh"), draws.parameter("road_detour_factor")
        self._hours_per_km = detour / speed
        self.truck_cost = draws.parameter("truck_cost_per_hour")
        self.response = draws.parameter("logit_response_per_hour")
        self.mode_elasticity = draws.parameter("mode_elasticity")
        self.default_fee = draws.parameter("truck_fee_default_usd")
        sectors = baseline.accounts.sectors
        self.time_value = np.stack([draws.parameter("goods_time_value_per_day", sector=name) for name in sectors]) / 24

    def waits(self, crossings: Index, entered: Index) -> Array:
        """Truck waits, hours, (crossing, column): measured ones, else the default of the economy entered."""
        measured = self.network.wait_hours[crossings, entered][:, None]
        return np.where(np.isnan(measured), self._by_economy["wait_default_minutes"][entered] / 60, measured)

    def fees(self, crossings: Index) -> Array:
        """USD per truck, (crossing, column)."""
        known = self.network.fee_usd[crossings][:, None]
        return np.where(np.isnan(known), self.default_fee, known)

    def handling(self) -> Array:
        """Hours of documents and handling of a truck, (column,)."""
        return self.draws.parameter("handling_hours_default")

    def rail_hours(self) -> Array:
        """Hours of transit and dwell of a train at the border, (column,)."""
        return self.draws.parameter("rail_hours_default")

    def road(self, rows: Index) -> Array:
        """Road hours, (row, column)."""
        return np.asarray(self.network.road_km[rows][:, None] * self._hours_per_km)

    def costs(self, change: RouteChange, *, shares: bool = False) -> RouteCosts:
        """ln of each pair's cost change by goods sector, and on request the new shares of all routes of those pairs.

        A pair whose every route is closed gets +inf: it does not trade.
        """
        rows = change.rows()
        if shares:
            rows = np.flatnonzero(np.isin(self.network.row_pair, self.network.row_pair[rows]))
        classes, klass = self._classes(change)
        groups = _Groups(self, rows, klass)
        log_cost_of_row, kappa = self._row_costs(change, rows, classes)
        with np.errstate(invalid="ignore", divide="ignore"):
            log_mode = np.log1p(np.maximum(groups.sum_routes(np.expm1(-kappa * log_cost_of_row)), -1.0))
            # Within a mode kappa is that of its trucks or trains: the routes of one group share it.
            ratio = self.mode_elasticity / groups.by_good(kappa[groups.first])
            log_all = np.log1p(np.maximum(groups.sum_modes(np.expm1(ratio * log_mode)), -1.0))
            moved = None
            if shares:
                moved = -groups.by_good(kappa * log_cost_of_row) - ((1 - ratio) * log_mode)[groups.group]
                moved = moved - log_all[groups.pair_of_group[groups.group]]
                moved = np.where(np.isnan(moved), -np.inf, moved)
        cells, values = groups.cells(-log_all / self.mode_elasticity)
        return RouteCosts(cells, values, rows, moved)

    def _classes(self, change: RouteChange) -> tuple[list[int], Index]:
        """Goods sectors that a change treats alike form one class: a sector of each, and the class of each good."""
        seen: dict[tuple[object, ...], int] = {}
        classes: list[int] = []
        klass: list[int] = []
        for sector in self.baseline.goods:
            touched = tuple(number for number, (_, sectors, _) in enumerate(change.handling) if sector in sectors)
            signature = (touched, self.time_value[sector].tobytes())
            if signature not in seen:
                seen[signature] = len(classes)
                classes.append(int(sector))
            klass.append(seen[signature])
        return classes, np.array(klass, dtype=np.intp)

    def _row_costs(self, change: RouteChange, rows: Index, classes: list[int]) -> tuple[Array, Array]:
        """ln d^ and kappa, (row, class of sectors, column)."""
        columns = self.draws.columns
        position = np.full(len(self.network.row_pair), -1)
        position[rows] = np.arange(len(rows))
        hours = np.zeros((len(rows), len(classes), columns))
        fee = np.zeros((len(rows), 1, columns))
        for where, value in (*change.hours, *change.rail_hours):
            hours[position[where]] += np.broadcast_to(value, (len(where), columns))[:, None]
        for where, sectors, value in change.handling:
            inside = np.flatnonzero(np.isin(classes, sectors))
            hours[np.ix_(position[where], inside)] += np.broadcast_to(value, (len(where), columns))[:, None]
        for where, value in change.fee:
            fee[position[where]] += np.broadcast_to(value, (len(where), columns))[:, None]
        truck, rail = self.truck[rows], self.rail[rows]
        worth = self._by_economy["truck_value_usd"][self.entered[rows]][:, None]
        time_value = self.time_value[classes][None]
        log_cost = np.where((truck | rail)[:, None, None], time_value * hours, 0.0)
        crossing = self.network.row_crossing[rows[truck]]
        before = self.road(rows[truck]) + self.waits(crossing, self.entered[rows[truck]]) + self.handling()
        base = worth[truck] + (self.truck_cost * before + self.fees(crossing))[:, None]
        log_cost[truck] += np.log1p((self.truck_cost * hours[truck] + fee[truck]) / base)
        for where in change.closed:
            log_cost[position[where]] = np.inf
        slope = np.where(self.by_truck[rows][:, None, None], self.truck_cost / worth, 0.0) + time_value
        return log_cost, np.maximum(self.response / slope, self.mode_elasticity)


class _Groups:
    """Sums over the routes of a mode and over the modes of a pair, by sector, as sparse products.

    Routes outside `rows` do not change: they add nothing to sums of changes.
    """

    def __init__(self, routes: Routes, rows: Index, klass: Index) -> None:
        network = routes.network
        self.goods, self.klass = routes.baseline.goods, klass
        self.places = len(routes.baseline.accounts.places)
        all_groups, pair_of_all, share_of_all = network.groups
        numbers, self.group = np.unique(all_groups[rows], return_inverse=True)
        self.first = np.unique(self.group, return_index=True)[1]
        pairs, self.pair_of_group = np.unique(pair_of_all[numbers], return_inverse=True)
        self.origin, self.destination = network.pair_origin[pairs], network.pair_destination[pairs]
        within, in_pair = network.within[rows][:, self.goods], share_of_all[numbers][:, self.goods]
        goods = range(len(self.goods))
        self._routes = [self._matrix(self.group, within[:, good], len(numbers)) for good in goods]
        self._modes = [self._matrix(self.pair_of_group, in_pair[:, good], len(pairs)) for good in goods]

    @staticmethod
    def _matrix(target: Index, weight: Array, size: int) -> csr_matrix:
        return csr_matrix((weight, (target, np.arange(len(target)))), shape=(size, len(target)))

    def sum_routes(self, values: Array) -> Array:
        """(row, class, column) -> share-weighted sum over the routes of each (pair, mode), (group, good, column)."""
        pairs = zip(self._routes, self.klass, strict=True)
        return np.stack([matrix @ np.ascontiguousarray(values[:, klass]) for matrix, klass in pairs], axis=1)

    def sum_modes(self, values: Array) -> Array:
        """(group, good, column) -> share-weighted sum over modes, (pair, good, column)."""
        return np.stack([matrix @ values[:, good] for good, matrix in enumerate(self._modes)], axis=1)

    def by_good(self, values: Array) -> Array:
        """(row, class, column) -> (row, good, column)."""
        return np.asarray(values[:, self.klass])

    def cells(self, cost: Array) -> tuple[Cells, Array]:
        """(pair, good, column) as sorted cells and their values."""
        origin = np.repeat(self.origin, len(self.goods))
        destination = np.repeat(self.destination, len(self.goods))
        sector = np.tile(self.goods, len(self.origin))
        keys = cell_key(origin, destination, sector, self.places)
        order = np.argsort(keys)
        return Cells.from_keys(keys[order], self.places), cost.reshape(len(keys), -1)[order]
