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
        """ln of each pair's cost change by goods sector, and on request the new route shares.

        A pair whose every route is closed gets +inf: it does not trade.
        """
        rows = self._touched(change)
        groups = _Groups(self, rows)
        log_cost_of_row, kappa = self._row_costs(change, groups)
        with np.errstate(invalid="ignore", divide="ignore"):
            route = groups.sum_routes(np.expm1(-kappa * log_cost_of_row))
            log_mode = np.log1p(np.maximum(route, -1.0))
            # Within a mode kappa is that of its trucks or trains: the mean over the routes of the group.
            ratio = self.mode_elasticity / groups.kappa_of_group(kappa)
            modes = groups.sum_modes(np.expm1(ratio * log_mode))
            log_all = np.log1p(np.maximum(modes, -1.0))
            cost = -log_all / self.mode_elasticity
        cells, values = groups.cells(cost)
        moved = None
        if shares:
            with np.errstate(invalid="ignore"):
                moved = -groups.by_good(kappa * log_cost_of_row) - groups.back_to_rows((1 - ratio) * log_mode)
                moved = moved - groups.pairs_to_rows(log_all)
                moved = np.where(np.isnan(moved), -np.inf, moved)
        return RouteCosts(cells, values, groups.rows, moved)

    def _touched(self, change: RouteChange) -> Index:
        """All rows of every pair that a change reaches: shares move for the whole pair."""
        parts = [entry[0] for entry in (*change.hours, *change.rail_hours, *change.fee, *change.handling)]
        direct = np.unique(np.concatenate([*parts, *change.closed])) if parts or change.closed else np.zeros(0, np.intp)
        pairs = np.unique(self.network.row_pair[direct])
        return np.flatnonzero(np.isin(self.network.row_pair, pairs))

    def _row_costs(self, change: RouteChange, groups: _Groups) -> tuple[Array, Array]:
        """ln d^ and kappa, (row, class of sectors, column)."""
        rows, columns = groups.rows, self.draws.columns
        position = np.full(len(self.network.row_pair), -1)
        position[rows] = np.arange(len(rows))
        by_class = bool(change.handling) or not np.all(self.time_value == self.time_value[0])
        classes = len(self.baseline.accounts.sectors) if by_class else 1
        hours = np.zeros((len(rows), classes, columns))
        fee = np.zeros((len(rows), 1, columns))
        for where, value in (*change.hours, *change.rail_hours):
            hours[position[where]] += np.broadcast_to(value, (len(where), columns))[:, None]
        for where, sectors, value in change.handling:
            hours[np.ix_(position[where], sectors)] += np.broadcast_to(value, (len(where), columns))[:, None]
        for where, value in change.fee:
            fee[position[where]] += np.broadcast_to(value, (len(where), columns))[:, None]
        truck, rail = self.truck[rows], self.rail[rows]
        worth = self._by_economy["truck_value_usd"][self.entered[rows]][:, None]
        time_value = (self.time_value if by_class else self.time_value[:1])[None]
        log_cost = np.where((truck | rail)[:, None, None], time_value * hours, 0.0)
        crossing = self.network.row_crossing[rows[truck]]
        before = self.road(rows[truck]) + self.waits(crossing, self.entered[rows[truck]]) + self.handling()
        base = (worth[truck] + (self.truck_cost * before + self.fees(crossing))[:, None])
        log_cost[truck] += np.log1p((self.truck_cost * hours[truck] + fee[truck]) / base)
        for where in change.closed:
            log_cost[position[where]] = np.inf
        slope = np.where(self.by_truck[rows][:, None, None], self.truck_cost / worth, 0.0) + time_value
        return log_cost, np.maximum(self.response / slope, self.mode_elasticity)


class _Groups:
    """Sums over the routes of a mode and over the modes of a pair, by sector, as sparse products."""

    def __init__(self, routes: Routes, rows: Index) -> None:
        network = routes.network
        self.rows = rows
        self.goods = routes.baseline.goods
        self.places = len(routes.baseline.accounts.places)
        self.sectors = len(routes.baseline.accounts.sectors)
        mode_key = network.row_pair[rows] * len(network.modes) + network.row_mode[rows]
        group_keys, self.group = np.unique(mode_key, return_inverse=True)
        self.first = np.searchsorted(mode_key, group_keys)
        pair_keys, self.pair_of_group = np.unique(group_keys // len(network.modes), return_inverse=True)
        self.origin, self.destination = network.pair_origin[pair_keys], network.pair_destination[pair_keys]
        share = network.share[rows][:, self.goods]
        in_mode = np.zeros((len(group_keys), len(self.goods)))
        np.add.at(in_mode, self.group, share)
        within = np.divide(share, in_mode[self.group], out=np.zeros_like(share), where=in_mode[self.group] > 0)
        self._routes = [self._matrix(self.group, within[:, good], len(group_keys)) for good in range(len(self.goods))]
        self._modes = [
            self._matrix(self.pair_of_group, in_mode[:, good], len(pair_keys)) for good in range(len(self.goods))
        ]

    @staticmethod
    def _matrix(target: Index, weight: Array, size: int) -> csr_matrix:
        return csr_matrix((weight, (target, np.arange(len(target)))), shape=(size, len(target)))

    def sum_routes(self, values: Array) -> Array:
        """(row, class, column) -> share-weighted sum over the routes of each (pair, mode), (group, good, column)."""
        last = values.shape[1] - 1
        return np.stack(
            [matrix @ values[:, min(int(good), last)] for matrix, good in zip(self._routes, self.goods, strict=True)],
            axis=1,
        )

    def sum_modes(self, values: Array) -> Array:
        """(group, good, column) -> share-weighted sum over modes, (pair, good, column)."""
        return np.stack([matrix @ values[:, good] for good, matrix in enumerate(self._modes)], axis=1)

    def kappa_of_group(self, kappa: Array) -> Array:
        """kappa of each (pair, mode): the routes of one share mode and direction, hence kappa; (group, good, column)."""
        return self.by_good(kappa[self.first])

    def by_good(self, values: Array) -> Array:
        """(row, class, column) -> (row, good or 1, column)."""
        return values if values.shape[1] == 1 else values[:, self.goods]

    def back_to_rows(self, values: Array) -> Array:
        """(group, good, column) -> (row, good, column)."""
        return np.asarray(values[self.group])

    def pairs_to_rows(self, values: Array) -> Array:
        """(pair, good, column) -> (row, good, column)."""
        return np.asarray(values[self.pair_of_group[self.group]])

    def cells(self, cost: Array) -> tuple[Cells, Array]:
        """(pair, good, column) as sorted cells and their values."""
        origin = np.repeat(self.origin, len(self.goods))
        destination = np.repeat(self.destination, len(self.goods))
        sector = np.tile(self.goods, len(self.origin))
        keys = cell_key(origin, destination, sector, self.places)
        order = np.argsort(keys)
        return Cells.from_keys(keys[order], self.places), cost.reshape(len(keys), -1)[order]
