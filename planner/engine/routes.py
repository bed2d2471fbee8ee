"""From hours and fees at crossings to the cost of trade between two places (model.md 2): a nested CES over routes.

    h  = road + wait + handling                                            hours
    d^ = exp(a (h' - h) / 24) * (1 + (VOT h' + fee') / v) / (1 + (VOT h + fee) / v)
    dbar_m = (sum_b q[b|m] d^_b^-kappa)^(-1/kappa) ;  dbar = (sum_m q[m] dbar_m^-mu)^(-1/mu)

Cargo time (a) and truck time (VOT) are two costs. Rail bears the first only; pipelines and ports without coordinates none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from planner.engine.baseline import Baseline
from planner.engine.cells import Cells, cell_key
from planner.engine.route_kernel import all_exponents, route_pass
from planner.engine.types import RAIL, TRUCK, Array, Index, compiled
from planner.engine.uncertainty import Draws

WAIT_CHANGE = 7  # its place among the arguments of the compiled pass


@dataclass
class RouteChange:
    """Changes of routes, collected channel by channel; values are (row or station or 1, column).

    waits: hours at stations (a crossing and the economy entered), before the queue answers; queues: what changes at the
    booths of stations, see `queue_changes`; hours: of trucks on the road, by route row; rail_hours; fee: USD per truck;
    handling: hours, by sector number; closed: rows taken out.
    """

    waits: list[tuple[Index, Array]] = field(default_factory=list)
    queues: list[tuple[Index, str, Array]] = field(default_factory=list)
    hours: list[tuple[Index, Array]] = field(default_factory=list)
    rail_hours: list[tuple[Index, Array]] = field(default_factory=list)
    fee: list[tuple[Index, Array]] = field(default_factory=list)
    handling: list[tuple[Index, Index, Array]] = field(default_factory=list)
    closed: list[Index] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether anything is collected."""
        return bool(self.waits or self.queues or self.rows().size)

    def rows(self) -> Index:
        """Numbers of the rows that change otherwise than by a wait."""
        parts = [entry[0] for entry in (*self.hours, *self.rail_hours, *self.fee, *self.handling)]
        return np.unique(np.concatenate([*parts, *self.closed, np.zeros(0, dtype=np.intp)]))


@dataclass(frozen=True)
class RouteCosts:
    """ln dbar at cells, (cell, column), and what is needed for the new shares of routes."""

    cells: Cells
    log_cost: Array
    rows: Index
    log_share_change: Array | None  # ln q'/q of `rows` by goods sector, (row, good, column), where asked for


class Routes:
    """The routes of a baseline at given draws: baseline hours and fees, and the response of shares and costs.

    A station is a crossing in one direction: number crossing x economies + economy entered.
    """

    def __init__(self, baseline: Baseline, draws: Draws) -> None:
        self.baseline, self.network, self.draws = baseline, baseline.network, draws
        network, economies = self.network, baseline.accounts.economies
        self.by_truck = np.array([network.modes[mode] == TRUCK for mode in network.row_mode])
        by_rail = np.array([network.modes[mode] == RAIL for mode in network.row_mode])
        self.truck, self.rail = self.by_truck & (network.row_crossing >= 0), by_rail & (network.row_crossing >= 0)
        self._kind = np.where(self.truck, 1, np.where(self.rail, 2, 0)).astype(np.intp)
        self.entered = baseline.accounts.economy[network.entered]
        self.stations = len(network.crossings) * len(economies)
        self.station = np.where(network.row_crossing >= 0, network.row_crossing * len(economies) + self.entered, -1)
        worth, default = (
            np.stack([draws.parameter(key, economy=economy) for economy in economies])
            for key in ("truck_value_usd", "wait_default_minutes")
        )
        self.worth = worth
        self.wait = np.tile(default / 60, (len(network.crossings), 1))
        for crossing, economy in np.argwhere(np.isfinite(network.wait_hours)):
            self.wait[crossing * len(economies) + economy] = draws.measured_wait(baseline, crossing, economy)
        known = np.repeat(network.fee_usd, len(economies))[:, None]
        self.fee = np.where(np.isnan(known), draws.parameter("truck_fee_default_usd"), known)
        self.hours_per_km = draws.parameter("road_detour_factor") / draws.parameter("road_speed_kmh")
        self.truck_cost = draws.parameter("truck_cost_per_hour")
        self.response = draws.parameter("logit_response_per_hour")
        self.mode_elasticity = draws.parameter("mode_elasticity")
        sectors = baseline.accounts.sectors
        self.time_value = np.stack([draws.parameter("goods_time_value_per_day", sector=name) for name in sectors]) / 24

    def waits(self, crossings: Index, entered: Index) -> Array:
        """Truck waits, hours, (crossing, column): measured ones, else the default of the economy entered."""
        return np.asarray(self.wait[crossings * len(self.baseline.accounts.economies) + entered])

    def fees(self, crossings: Index) -> Array:
        """USD per truck, (crossing, column)."""
        return np.asarray(self.fee[crossings * len(self.baseline.accounts.economies)])

    def handling(self) -> Array:
        """Hours of documents and handling of a truck, (column,)."""
        return self.draws.parameter("handling_hours_default")

    def rail_hours(self) -> Array:
        """Hours of transit and dwell of a train at the border, (column,)."""
        return self.draws.parameter("rail_hours_default")

    def road(self, rows: Index) -> Array:
        """Road hours, (row, column)."""
        return np.asarray(self.network.road_km[rows][:, None] * self.hours_per_km)

    def wait_shift(self, change: RouteChange) -> Array:
        """The outside shift of waits that `change` asks for, hours, (station, column), before queues answer."""
        shift = np.zeros((self.stations, self.draws.columns))
        for where, value in change.waits:
            shift[where] += value
        return shift

    def costs(self, change: RouteChange, wait_change: Array | None = None, *, shares: bool = False) -> RouteCosts:
        """ln of each pair's cost change by goods sector, and on request the new shares of all routes of those pairs.

        wait_change: hours at stations, (station, column), see `waiting`; None: waits stay.
        A pair whose every route is closed gets +inf: it does not trade.
        """
        wait_change = np.zeros((self.stations, self.draws.columns)) if wait_change is None else wait_change
        prepared = Prepared(self, change, wait_change)
        log_cost, moved = prepared.run(shares=shares)
        rows = np.flatnonzero(np.isin(self.network.row_pair, prepared.pairs))
        share_change = None
        if shares:
            own = prepared.exponents(rows)[:, prepared.klass]
            share_change = own + moved[self.network.groups[0][rows]]
        return RouteCosts(*prepared.cells(log_cost), rows, share_change)

    def trade_over(self, change: RouteChange, wait_change: Array, trade: Array, bins: Index, count: int) -> Array:
        """Trade over bins of routes, (bin, column), given pairs' trade (pair, good, column); bins (row,), -1: none."""
        return Prepared(self, change, wait_change).trade_over(trade, bins, count)


class Prepared:
    """A change of routes, laid out for the compiled pass."""

    def __init__(self, routes: Routes, change: RouteChange, wait_change: Array) -> None:
        self.routes, network = routes, routes.network
        self.goods = routes.baseline.goods
        classes, self.klass = _classes(routes, change)
        self.classes = len(classes)
        rows = change.rows()
        moving = np.flatnonzero((wait_change != 0).any(axis=1))
        waiting = np.flatnonzero(np.isin(routes.station, moving) & routes.truck)
        self.pairs = np.unique(network.row_pair[np.union1d(rows, waiting)])
        slot = np.full(len(network.row_pair), -1, dtype=np.intp)
        slot[rows] = np.arange(len(rows))
        hours, fee, closed = self._extra(change, slot, len(rows), classes)
        time_value = np.ascontiguousarray(routes.time_value[classes])
        slope = np.stack([np.ones_like(routes.worth), routes.truck_cost / routes.worth, np.zeros_like(routes.worth)])
        slope = slope[:, :, None] + np.where(np.arange(3) > 0, 1.0, 0.0)[:, None, None, None] * time_value
        kappa = np.maximum(routes.response / slope, routes.mode_elasticity)
        self.where: tuple[Any, ...] = (
            routes._kind, slot, routes.station, routes.entered, network.road_km, routes.hours_per_km, routes.wait,
            np.ascontiguousarray(wait_change), routes.handling(), routes.fee, routes.truck_cost, routes.worth,
            time_value, kappa,
        )  # fmt: skip
        self.extra: tuple[Any, ...] = (hours, fee, closed)

    def _extra(self, change: RouteChange, slot: Index, count: int, classes: list[int]) -> tuple[Array, Array, Index]:
        columns = self.routes.draws.columns
        hours = np.zeros((count, self.classes, columns))
        fee = np.zeros((count, columns))
        closed = np.zeros(count, dtype=np.intp)
        for where, value in (*change.hours, *change.rail_hours):
            hours[slot[where]] += np.broadcast_to(value, (len(where), columns))[:, None]
        for where, sectors, value in change.handling:
            inside = np.flatnonzero(np.isin(classes, sectors))
            hours[np.ix_(slot[where], inside)] += np.broadcast_to(value, (len(where), columns))[:, None]
        for where, value in change.fee:
            fee[slot[where]] += np.broadcast_to(value, (len(where), columns))
        for where in change.closed:
            closed[slot[where]] = 1
        return hours, fee, closed

    def _pass(self, pairs: Index, trade: Array, bins: Index, count: int, moved: Array) -> tuple[Array, Array]:
        network = self.routes.network
        group_share = network.groups[2]
        within, share = (
            np.ascontiguousarray(network.within[:, self.goods]),
            np.ascontiguousarray(group_share[:, self.goods]),
        )
        # Room is made here: memory that compiled code asks for is given back to the system, and faulted in anew, each time.
        log_cost = np.empty((len(pairs), len(self.goods), self.routes.draws.columns))
        arguments: tuple[Any, ...] = (
            pairs, *network.starts, within, share, self.klass, self.classes, *self.where, self.routes.mode_elasticity,
            *self.extra, compiled(trade), bins, count, moved, log_cost,
        )  # fmt: skip
        total = route_pass(*arguments)
        return log_cost, np.asarray(total)

    def everywhere(self) -> Prepared:
        """All pairs are wanted, also those that do not change."""
        self.pairs = np.arange(len(self.routes.network.pair_origin))
        return self

    def at_waits(self, wait_change: Array, trade: Array, bins: Index, count: int) -> tuple[Array, Array]:
        """ln dbar of the pairs wanted, (pair, good, column), and trade over bins, at other changes of waits."""
        self.where = (*self.where[:WAIT_CHANGE], np.ascontiguousarray(wait_change), *self.where[WAIT_CHANGE + 1 :])
        return self._pass(self.pairs, trade, bins, count, np.zeros((0, 0, 0)))

    def run(self, *, shares: bool = False) -> tuple[Array, Array]:
        """ln dbar of the pairs touched, (pair, good, column), and, on request, the change of modes' shares by group."""
        shape = (len(self.routes.network.groups[1]), len(self.goods), self.routes.draws.columns)
        moved = np.zeros(shape if shares else (0, 0, 0))
        log_cost, _ = self._pass(self.pairs, np.zeros((0, 0, 0)), np.zeros(0, dtype=np.intp), 0, moved)
        return log_cost, moved

    def trade_over(self, trade: Array, bins: Index, count: int) -> Array:
        """See `Routes.trade_over`."""
        everyone = np.arange(len(self.routes.network.pair_origin))
        return self._pass(everyone, trade, bins, count, np.zeros((0, 0, 0)))[1]

    def exponents(self, rows: Index) -> Array:
        """-kappa ln d^ of some rows, (row, class, column)."""
        return np.asarray(all_exponents(rows, self.classes, *self.where, *self.extra))

    def cells(self, log_cost: Array) -> tuple[Cells, Array]:
        """(pair, good, column) as sorted cells and their values."""
        network, places = self.routes.network, len(self.routes.baseline.accounts.places)
        origin = np.repeat(network.pair_origin[self.pairs], len(self.goods))
        destination = np.repeat(network.pair_destination[self.pairs], len(self.goods))
        keys = cell_key(origin, destination, np.tile(self.goods, len(self.pairs)), places)
        order = np.argsort(keys)
        return Cells.from_keys(keys[order], places), log_cost.reshape(len(keys), log_cost.shape[-1])[order]


def _classes(routes: Routes, change: RouteChange) -> tuple[list[int], Index]:
    """Goods sectors that a change treats alike form one class: a sector of each, and the class of each good."""
    seen: dict[tuple[object, ...], int] = {}
    classes: list[int] = []
    klass: list[int] = []
    for sector in routes.baseline.goods:
        touched = tuple(number for number, (_, sectors, _) in enumerate(change.handling) if sector in sectors)
        signature = (touched, routes.time_value[sector].tobytes())
        if signature not in seen:
            seen[signature] = len(classes)
            classes.append(int(sector))
        klass.append(seen[signature])
    return classes, np.array(klass, dtype=np.intp)
