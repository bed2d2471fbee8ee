"""The nested CES over routes, compiled: sums over the routes of a mode and the modes of a pair (model.md 2).

Compiled because each pair has its own small set of routes: numpy spends its time on thousands of short sums or on
arrays of routes x sectors x columns that do not fit any cache.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from planner.engine.types import Array, Index


@njit(cache=True, nogil=True)
def nested_costs(
    pairs: Index,
    pair_start: Index,
    group_start: Index,
    slot: Index,
    within: Array,
    group_share: Array,
    klass: Index,
    exponent: Array,
    response: Array,
    kappa: Array,
    mu: Array,
    log_cost: Array,
) -> tuple[Array, Array]:
    """ln dbar of each pair, (pair, good, column), and ln of the change of a mode's trade within its pair.

    pairs: numbers of the pairs wanted; pair_start (all pairs + 1): their first group; group_start (all groups + 1): their
    first row; slot (row,): position of a row in `response`, -1 where it does not change; within (row, good): q[b|m];
    group_share (group, good): q[m]; klass (good,): class of sectors; exponent (slot, class, column): -kappa ln d^, response: its exp - 1;
    kappa (group, class, column); mu (column,); log_cost: room for the first result.
    The second result, (group, good, column), is ln dbar-factors: a row's trade share changes by
    (1 + response) exp(second) relative to the baseline.
    """
    goods, columns = klass.size, mu.size
    moved = np.zeros((group_start.size - 1, goods, columns))
    route = np.empty(columns)
    logs = np.empty((np.max(pair_start[1:] - pair_start[:-1]), columns))
    for position in range(pairs.size):
        pair = pairs[position]
        for good in range(goods):
            level = klass[good]
            log_cost[position, good, :] = 0.0
            logs[:] = 0.0
            for group in range(pair_start[pair], pair_start[pair + 1]):
                touched = False
                route[:] = 0.0
                for row in range(group_start[group], group_start[group + 1]):
                    at = slot[row]
                    weight = within[row, good]
                    if at >= 0 and weight > 0.0:
                        touched = True
                        for column in range(columns):
                            route[column] += weight * response[at, level, column]
                if not touched:
                    continue
                for column in range(columns):
                    if route[column] > -0.5:
                        log_mode = np.log1p(route[column])
                    else:
                        # Most of the mode is lost: add up what stays in logs, so that a dear route is not a closed
                        # one and nothing left is exactly nothing.
                        top = -np.inf
                        for row in range(group_start[group], group_start[group + 1]):
                            if within[row, good] > 0.0:
                                top = max(top, exponent[slot[row], level, column] if slot[row] >= 0 else 0.0)
                        left = 0.0
                        if top > -np.inf:
                            for row in range(group_start[group], group_start[group + 1]):
                                own = exponent[slot[row], level, column] if slot[row] >= 0 else 0.0
                                left += within[row, good] * np.exp(own - top)
                        log_mode = top + np.log(left) if left > 0.0 else -np.inf
                    logs[group - pair_start[pair], column] = log_mode
                    ratio = mu[column] / kappa[group, level, column]
                    log_cost[position, good, column] += group_share[group, good] * np.expm1(ratio * log_mode)
                    if log_mode > -np.inf:
                        moved[group, good, column] = -(1.0 - ratio) * log_mode
            for column in range(columns):
                if log_cost[position, good, column] > -0.5:
                    log_all = np.log1p(log_cost[position, good, column])
                else:
                    top = -np.inf
                    for group in range(pair_start[pair], pair_start[pair + 1]):
                        if group_share[group, good] > 0.0:
                            ratio = mu[column] / kappa[group, level, column]
                            top = max(top, ratio * logs[group - pair_start[pair], column])
                    left = 0.0
                    if top > -np.inf:
                        for group in range(pair_start[pair], pair_start[pair + 1]):
                            ratio = mu[column] / kappa[group, level, column]
                            own = ratio * logs[group - pair_start[pair], column]
                            left += group_share[group, good] * np.exp(own - top)
                    log_all = top + np.log(left) if left > 0.0 else -np.inf
                log_cost[position, good, column] = -log_all / mu[column]
                for group in range(pair_start[pair], pair_start[pair + 1]):
                    if log_all > -np.inf:
                        moved[group, good, column] -= log_all
    return log_cost, moved


@njit(cache=True, nogil=True)
def station_trade(
    rows: Index,
    station: Index,
    stations: int,
    row_pair: Index,
    row_group: Index,
    slot: Index,
    within: Array,
    group_share: Array,
    klass: Index,
    response: Array,
    moved: Array,
    trade: Array,
) -> Array:
    """Trade over each station (crossing and direction), (station, column), from pairs' trade (pair, good, column).

    rows: route rows that go over a station; station (row,): which one; the rest as in `nested_costs`.
    """
    goods, columns = klass.size, trade.shape[2]
    total = np.zeros((stations, columns))
    factor = np.empty((goods, columns))
    last = -1
    for row in rows:
        pair, group, at = row_pair[row], row_group[row], slot[row]
        if group != last:
            for good in range(goods):
                for column in range(columns):
                    factor[good, column] = (
                        trade[pair, good, column] * group_share[group, good] * np.exp(moved[group, good, column])
                    )
            last = group
        for good in range(goods):
            weight = within[row, good]
            if weight <= 0.0:
                continue
            for column in range(columns):
                change = 1.0 + response[at, klass[good], column] if at >= 0 else 1.0
                total[station[row], column] += weight * factor[good, column] * change
    return total
