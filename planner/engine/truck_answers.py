"""How trucks answer to waits: the slopes of the nested choice of routes and of each pair's trade (model.md 2)."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numba import njit

from planner.engine.crossing_queues import Queues
from planner.engine.network import Network
from planner.engine.routes import Routes
from planner.engine.types import Array, Index

# Change of a queue's slope, times trucks' answer at the station, within which the baseline's Jacobian still serves.
NEAR = 0.01
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

    theta (good, column); closed: as in `trade_by_wait`, whose slopes these are at each draw's own numbers. Loaded trucks
    follow the trade of their direction, empty ones that of the other.
    """
    network, goods, opposite = queues.baseline.network, queues.goods, queues.opposite[busy]
    carrying = np.union1d(busy, opposite[opposite >= 0])
    within, by_group = network.within[:, goods], network.groups[2][:, goods]
    if closed is not None:
        within, by_group = _without(network, network.share[:, goods], closed)
    place, place_busy = (np.full(len(queues) + 1, -1, dtype=np.intp) for _ in range(2))
    place[carrying], place_busy[busy] = np.arange(len(carrying)), np.arange(len(busy))
    pair_of_group, starts = network.groups[1], network.starts[1]
    mu, time = routes.mode_elasticity, routes.time_value[goods]
    trade = np.zeros((len(carrying), len(busy), routes.draws.columns))
    for group, pair in enumerate(pair_of_group):
        every = np.arange(starts[group], starts[group + 1])
        rows, others = every[place[queues.bins[every]] >= 0], every[place_busy[queues.bins[every]] >= 0]
        carried = queues.volume[pair] * by_group[group]
        if not len(others) or not carried.any():
            continue
        share = by_group[group][:, None]
        kappa = np.maximum(routes.response / (time + routes.truck_cost / routes.worth[routes.entered[rows[0]]]), mu)
        pull = kappa - mu * (1 - share) - theta * share
        truck = _truck_slope(routes, others)
        both = (carried * within[rows][:, None, :] * within[others][None, :, :]).reshape(-1, len(goods))
        # The two parts of a slope, cargo's and the truck's, each by one product over goods for all columns.
        value = (both @ pull).reshape(len(rows), len(others), -1) * truck
        value += (both @ (pull * time)).reshape(value.shape)
        trade[np.ix_(place[queues.bins[rows]], place_busy[queues.bins[others]])] += value
        own = carried * within[others]
        at = queues.bins[others]
        trade[place[at], place_busy[at]] -= own @ (kappa * time) + (own @ kappa) * truck
    trade /= queues.trade[carrying][:, None, None]
    loaded = routes.draws.parameter("loaded_truck_share")
    empty = np.where((opposite >= 0)[:, None, None], trade[place[opposite]], 0.0)
    return np.ascontiguousarray((loaded * trade[place[busy]] + (1 - loaded) * empty).transpose(2, 0, 1))


def _truck_slope(routes: Routes, rows: Index) -> Array:
    """What an hour of a truck adds to ln d beside the time of its cargo, (row, column)."""
    station = np.maximum(routes.station[rows], 0)
    before = routes.road(rows) + routes.wait[station] + routes.handling()
    full = routes.worth[routes.entered[rows]] + routes.truck_cost * before + routes.fee[station]
    return np.asarray(routes.truck_cost / full)


def route_slopes(routes: Routes) -> tuple[Array, Array]:
    """d ln d / d hour (row, good) and kappa (row, good) of trucks at the first column's baseline."""
    network, goods = routes.network, routes.baseline.goods
    time = routes.time_value[goods, 0]
    slope = time[None, :] + _truck_slope(routes, np.arange(len(network.row_pair)))[:, :1]
    kappa = routes.response[0] / (time[None, :] + (routes.truck_cost / routes.worth[routes.entered])[:, :1])
    return slope, np.maximum(kappa, routes.mode_elasticity[0])


def trade_by_wait(queues: Queues, theta: Array | None = None, closed: Index | None = None) -> Array:
    """d trade by truck over a station / d wait at another at central values, per hour (station, station).

    theta (good,): with the answer of a pair's trade to its own cost at given prices; None: at given trade of pairs.
    closed: rows without traffic; what is left of their pair takes it over in proportion.
    """
    routes = Routes(queues.baseline, queues.central)
    network, goods = queues.baseline.network, queues.goods
    slope, kappa = route_slopes(routes)
    within, by_group = network.within[:, goods], network.groups[2][:, goods]
    if closed is not None:
        within, by_group = _without(network, network.share[:, goods], closed)
    theta = np.zeros(len(goods)) if theta is None else theta
    mu = float(routes.mode_elasticity[0])
    within, by_group = np.ascontiguousarray(within), np.ascontiguousarray(by_group)
    found = _trade_by_wait(
        *network.starts, within, by_group, queues.bins, slope, kappa, mu, theta, queues.volume, len(queues)
    )
    return np.asarray(found)


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


@njit(cache=True, nogil=True)
def _trade_by_wait(
    pair_start: Index, group_start: Index, within: Array, group_share: Array, bins: Index, slope: Array, kappa: Array,
    mu: float, theta: Array, volume: Array, count: int,
) -> Array:  # fmt: skip
    """d trade over a station / d wait at another: the slopes of the nested choice, and of the pair's trade at given prices."""
    total = np.zeros((count, count))
    for pair in range(volume.shape[0]):
        for good in range(volume.shape[1]):
            for group in range(pair_start[pair], pair_start[pair + 1]):
                share = group_share[group, good]
                for row in range(group_start[group], group_start[group + 1]):
                    if bins[row] < 0 or within[row, good] == 0.0:
                        continue
                    carried = volume[pair, good] * share * within[row, good]
                    total[bins[row], bins[row]] -= carried * kappa[row, good] * slope[row, good]
                    for other in range(group_start[group], group_start[group + 1]):
                        if bins[other] >= 0:
                            pull = kappa[row, good] - mu * (1 - share) - theta[good] * share
                            total[bins[row], bins[other]] += carried * pull * slope[other, good] * within[other, good]
    return total
