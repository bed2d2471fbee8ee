"""How trucks answer to waits: the slopes of the nested choice of routes and of each pair's trade (model.md 2).

With X a pair's trade, S trucks' share in it, w the shares of crossings among trucks and s = d ln d / d hour:

    d trade_r / d wait_o = X S w_r ((kappa - mu (1 - S) - theta S) w_o s_o - [r = o] kappa s_r), added up over goods.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from planner.engine.crossing_queues import Queues
from planner.engine.network import Network
from planner.engine.routes import Routes
from planner.engine.types import Array, Index

# Change of a queue's slope, times trucks' answer at the station, within which the baseline's Jacobian still serves.
NEAR = 0.05
MANY = 0.3  # share of stations with another slope beyond which the Jacobian is factorised anew


class Answers:
    """How trucks answer to waits between the busy stations, with what Newton's step needs of it.

    trucks: d ratio of trucks / d wait, per hour (column, busy, busy); usual: dW/d ratio of the queues at the baseline,
    hours (station, column).
    """

    def __init__(self, trucks: Array, busy: Index, usual: Array) -> None:
        self.trucks, self.busy, self.usual = trucks, busy, usual[busy]
        self._own = np.abs(np.diagonal(trucks, axis1=1, axis2=2)).T

    @cached_property
    def _inverse(self) -> Array:
        """Of the Jacobian with the queues of the baseline: shared by all interventions."""
        return np.asarray(np.linalg.inv(self._jacobian(self.usual)))

    def _jacobian(self, slope: Array) -> Array:
        return np.asarray(np.eye(len(self.busy)) - slope.T[:, :, None] * self.trucks)

    def step(self, gap: Array, slope: Array) -> Array:
        """Newton's step of waits at the busy stations, hours; gap in hours and slope dW/d ratio, (busy, column)."""
        right = np.ascontiguousarray(-gap.T)[:, :, None]
        more = slope - self.usual
        rows = np.flatnonzero((np.abs(more) * self._own).max(axis=1, initial=0.0) > NEAR)
        if len(rows) > MANY * len(self.busy):
            return np.asarray(np.linalg.solve(self._jacobian(slope), right)[:, :, 0].T)
        found = np.matmul(self._inverse, right)
        if len(rows):
            # A few rows differ from the baseline's: Woodbury's identity.
            added, reach = more[rows].T[:, :, None] * self.trucks[:, rows], self._inverse[:, :, rows]
            small = np.eye(len(rows)) - np.matmul(added, reach)
            found += np.matmul(reach, np.linalg.solve(small, np.matmul(added, found)))
        return np.asarray(found[:, :, 0].T)


def trucks_by_wait(queues: Queues, routes: Routes, theta: Array, busy: Index, closed: Index | None = None) -> Array:
    """d ratio of trucks / d wait between busy stations in every draw, per hour: (column, busy, busy).

    theta, closed: as in `trade_by_wait`. Loaded trucks follow the trade of their direction, empty ones that of the other.
    """
    opposite = queues.opposite[busy]
    carrying = np.union1d(busy, opposite[opposite >= 0])
    trade = trade_by_wait(queues, routes, theta, closed, among=(carrying, busy)) / queues.trade[carrying][:, None, None]
    loaded = routes.draws.parameter("loaded_truck_share")
    own, other = (trade[np.searchsorted(carrying, np.maximum(stations, 0))] for stations in (busy, opposite))
    empty = np.where((opposite >= 0)[:, None, None], other, 0.0)
    return np.ascontiguousarray((loaded * own + (1 - loaded) * empty).transpose(2, 0, 1))


def trade_by_wait(
    queues: Queues,
    routes: Routes,
    theta: Array | None = None,
    closed: Index | None = None,
    among: tuple[Index, Index] | None = None,
) -> Array:
    """d trade by truck over a station / d wait at another, per hour: (station, station, column).

    theta (good, column): with the answer of a pair's trade to its own cost at given prices; None: at given trade of
    pairs. closed: rows without traffic; what is left of their pair takes it over in proportion. among: the stations of
    either axis, sorted, all where not given; those of the second are among those of the first.
    """
    network, goods = queues.baseline.network, queues.goods
    carrying, waiting = among or (np.arange(len(queues)),) * 2
    within, by_group = network.within[:, goods], network.groups[2][:, goods]
    if closed is not None:
        within, by_group = _without(network, network.share[:, goods], closed)
    place, place_waiting = (np.full(len(queues) + 1, -1, dtype=np.intp) for _ in range(2))  # the last is for bin -1
    place[carrying], place_waiting[waiting] = np.arange(len(carrying)), np.arange(len(waiting))
    starts = network.starts[1]
    mu, time = routes.mode_elasticity, routes.time_value[goods]
    theta = np.zeros_like(time) if theta is None else theta
    found = np.zeros((len(carrying), len(waiting), routes.draws.columns))
    for group, pair in enumerate(network.groups[1]):
        every = np.arange(starts[group], starts[group + 1])
        at, others_at = place[queues.bins[every]], place_waiting[queues.bins[every]]
        rows, others = every[at >= 0], every[others_at >= 0]
        carried = queues.volume[pair] * by_group[group]
        if not len(others) or not carried.any():
            continue
        at, others_at = at[at >= 0], others_at[others_at >= 0]
        share = by_group[group][:, None]
        kappa = np.maximum(routes.response / (time + routes.truck_cost / routes.worth[routes.entered[rows[0]]]), mu)
        pull = kappa - mu * (1 - share) - theta * share
        truck = _truck_slope(routes, others)
        both = (carried * within[rows][:, None, :] * within[others][None, :, :]).reshape(-1, len(goods))
        # The two parts of a slope, cargo's and the truck's, each by one product over goods for all columns.
        value = (both @ pull).reshape(len(rows), len(others), -1) * truck
        value += (both @ (pull * time)).reshape(value.shape)
        found[np.ix_(at, others_at)] += value
        own = carried * within[others]
        found[place[queues.bins[others]], others_at] -= own @ (kappa * time) + (own @ kappa) * truck
    return found


def _truck_slope(routes: Routes, rows: Index) -> Array:
    """What an hour of a truck adds to ln d beside the time of its cargo, (row, column)."""
    station = np.maximum(routes.station[rows], 0)
    before = routes.road(rows) + routes.wait[station] + routes.handling()
    full = routes.worth[routes.entered[rows]] + routes.truck_cost * before + routes.fee[station]
    return np.asarray(routes.truck_cost / full)


def route_slopes(routes: Routes) -> Array:
    """d ln d / d hour of trucks at the first column's baseline, (row, good)."""
    time = routes.time_value[routes.baseline.goods, 0]
    return np.asarray(time[None, :] + _truck_slope(routes, np.arange(len(routes.network.row_pair)))[:, :1])


def _without(network: Network, share: Array, closed: Index) -> tuple[Array, Array]:
    """Shares of rows in their group and of groups in their pair once some rows are closed."""
    group, pair_of_group, _ = network.groups
    left = share.copy()
    left[closed] = 0.0
    by_group, by_pair = (
        np.zeros((len(pair_of_group), share.shape[1])),
        np.zeros((len(network.pair_origin), share.shape[1])),
    )
    np.add.at(by_group, group, left)
    np.add.at(by_pair, pair_of_group, by_group)

    def part(value: Array, whole: Array) -> Array:
        return np.divide(value, whole, out=np.zeros_like(value), where=whole > 0)

    return part(left, by_group[group]), part(by_group, by_pair[pair_of_group])
