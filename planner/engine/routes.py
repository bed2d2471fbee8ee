"""From hours and fees at crossings to the cost of trade between two places (model.md 2): a nested CES over routes.

    h  = road + wait + handling                                            hours
    d^ = exp(a (h' - h) / 24) * (1 + (VOT h' + fee') / v) / (1 + (VOT h + fee) / v)
    dbar_m = (sum_b q[b|m] d^_b^-kappa)^(-1/kappa) ;  dbar = (sum_m q[m] dbar_m^-mu)^(-1/mu)

Cargo time (a) and truck time (VOT) are two costs. Rail bears the first only; pipelines and ports without coordinates none.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from planner.engine.baseline import Baseline
from planner.engine.cells import Cells, cell_key
from planner.engine.network import RAIL, TRUCK
from planner.engine.route_kernel import nested_costs, station_trade
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


@dataclass(frozen=True)
class RouteResponse:
    """What routes and pairs do in answer to a change: see `route_kernel` for the shapes."""

    rows: Index
    pairs: Index
    slot: Index
    klass: Index
    exponent: Array
    response: Array
    log_cost: Array
    moved: Array
    group: Index
    within: Array
    group_share: Array

    def log_share_change(self, rows: Index) -> Array:
        """ln q'/q of some rows by goods sector, (row, good, column); -inf for a closed one."""
        at = self.slot[rows]
        own = np.where((at >= 0)[:, None, None], self.exponent[np.maximum(at, 0)][:, self.klass], 0.0)
        return np.asarray(own + self.moved[self.group[rows]])

    def station_trade(self, station: Index, stations: int, row_pair: Index, trade: Array) -> Array:
        """Trade over each station, (station, column); station (row,): -1 for rows without one; trade (pair, good, column)."""
        rows = np.flatnonzero(station >= 0)
        return np.asarray(
            station_trade(
                rows,
                station,
                stations,
                row_pair,
                self.group,
                self.slot,
                self.within,
                self.group_share,
                self.klass,
                self.response,
                self.moved,
                trade,
            )
        )


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
        answer = self.respond(change, change.rows())
        moved = None
        rows = answer.rows
        if shares:
            rows = np.flatnonzero(np.isin(self.network.row_pair, answer.pairs))
            moved = answer.log_share_change(rows)
        return RouteCosts(*self._cells(answer), rows, moved)

    def respond(self, change: RouteChange, rows: Index) -> RouteResponse:
        """The response of costs and shares where `rows` (at least all that change) may change."""
        network = self.network
        classes, klass = self._classes(change)
        log_cost_of_row, kappa_of_row = self._row_costs(change, rows, classes)
        slot = np.full(len(network.row_pair), -1, dtype=np.intp)
        slot[rows] = np.arange(len(rows))
        group, _, group_share = network.groups
        pair_start, group_start = network.starts
        kappa = np.ones((len(group_share), len(classes), self.draws.columns))
        kappa[group[rows]] = kappa_of_row  # the routes of a mode and pair share one kappa
        pairs = np.unique(network.row_pair[rows])
        goods = self.baseline.goods
        with np.errstate(invalid="ignore"):
            exponent = -kappa_of_row * log_cost_of_row
        response = np.expm1(exponent)
        room = np.empty((len(pairs), len(goods), self.draws.columns))
        within, share = np.ascontiguousarray(network.within[:, goods]), np.ascontiguousarray(group_share[:, goods])
        log_cost, moved = nested_costs(
            pairs,
            pair_start,
            group_start,
            slot,
            within,
            share,
            klass,
            exponent,
            response,
            kappa,
            self.mode_elasticity,
            room,
        )
        return RouteResponse(rows, pairs, slot, klass, exponent, response, log_cost, moved, group, within, share)

    def _cells(self, answer: RouteResponse) -> tuple[Cells, Array]:
        goods, places = self.baseline.goods, len(self.baseline.accounts.places)
        origin = np.repeat(self.network.pair_origin[answer.pairs], len(goods))
        destination = np.repeat(self.network.pair_destination[answer.pairs], len(goods))
        keys = cell_key(origin, destination, np.tile(goods, len(answer.pairs)), places)
        order = np.argsort(keys)
        return Cells.from_keys(keys[order], places), answer.log_cost.reshape(len(keys), -1)[order]

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
