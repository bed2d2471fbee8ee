"""The nested CES over routes, compiled: costs of pairs and trade over crossings in one pass (model.md 2).

Compiled because each pair has its own small set of routes: numpy spends its time on thousands of short sums, or on
arrays of routes x sectors x columns that fit no cache. The inner loops run over columns and vectorise.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from planner.engine.series import expm1, log1p
from planner.engine.types import Array, Index


@njit(cache=True, nogil=True)
def row_exponents(
    row: int,
    level: int,
    kind: Index,
    slot: Index,
    station: Index,
    entered: Index,
    road_km: Array,
    hours_per_km: Array,
    wait: Array,
    wait_change: Array,
    handling: Array,
    fee: Array,
    truck_cost: Array,
    worth: Array,
    time_value: Array,
    kappa: Array,
    extra_hours: Array,
    extra_fee: Array,
    closed: Index,
    out: Array,
) -> bool:
    """-kappa ln d^ of one route for one class of sectors into `out` (column,); False where nothing changes."""
    at, columns = slot[row], out.size
    if kind[row] == 0 or (at < 0 and kind[row] == 2):
        if at >= 0 and closed[at] == 1:
            out[:] = -np.inf
            return True
        return False
    if at >= 0 and closed[at] == 1:
        out[:] = -np.inf
        return True
    economy, place = entered[row], station[row]
    hours = np.empty(columns)
    for c in range(columns):
        hours[c] = (extra_hours[at, level, c] if at >= 0 else 0.0) + (wait_change[place, c] if kind[row] == 1 else 0.0)
    if kind[row] == 2:
        for c in range(columns):
            out[c] = -kappa[kind[row], economy, level, c] * time_value[level, c] * hours[c]
        return True
    moved = False
    for c in range(columns):
        change = truck_cost[c] * hours[c] + (extra_fee[at, c] if at >= 0 else 0.0)
        before = road_km[row] * hours_per_km[c] + wait[place, c] + handling[c]
        out[c] = change / (worth[economy, c] + truck_cost[c] * before + fee[place, c])
        moved = moved or hours[c] != 0.0 or out[c] != 0.0
    if not moved:
        return False
    log1p(out, out)
    for c in range(columns):
        out[c] = -kappa[1, economy, level, c] * (time_value[level, c] * hours[c] + out[c])
    return True


@njit(cache=True, nogil=True)
def _lost_mode(exponents: Array, weights: Array, touched: Index, column: int) -> float:
    """ln of a mode's remaining sum in logs: a very dear route is not a closed one, and nothing left is nothing."""
    top = -np.inf
    for k in range(weights.size):
        if weights[k] > 0.0:
            top = max(top, exponents[k, column] if touched[k] == 1 else 0.0)
    if top == -np.inf:
        return -np.inf
    left = 0.0
    for k in range(weights.size):
        left += weights[k] * np.exp((exponents[k, column] if touched[k] == 1 else 0.0) - top)
    return float(top + np.log(left))


@njit(cache=True, nogil=True)
def route_pass(
    pairs: Index,
    pair_start: Index,
    group_start: Index,
    within: Array,
    group_share: Array,
    klass: Index,
    classes: int,
    kind: Index,
    slot: Index,
    station: Index,
    entered: Index,
    road_km: Array,
    hours_per_km: Array,
    wait: Array,
    wait_change: Array,
    handling: Array,
    fee: Array,
    truck_cost: Array,
    worth: Array,
    time_value: Array,
    kappa: Array,
    mu: Array,
    extra_hours: Array,
    extra_fee: Array,
    closed: Index,
    trade: Array,
    bins: Index,
    bin_count: int,
    moved: Array,
) -> tuple[Array, Array]:
    """ln dbar by pair, (pair, good, column), and trade over each bin of routes, (bin, column).

    pairs: numbers wanted; pair_start, group_start: first group of a pair, first row of a group; within (row, good):
    q[b|m]; group_share (group, good): q[m]; klass (good,): class of sectors treated alike; kind (row,): 1 truck, 2 rail,
    0 neither; slot (row,): place in extra_hours (slot, class, column), extra_fee (slot, column) and closed, or -1;
    station (row,): crossing and direction, for wait, wait_change and fee (station, column); worth (economy, column);
    kappa (kind, economy, class, column); trade (pair, good, column), empty where no bins are wanted; bins (row,), -1: none.
    moved (group, good, column), or of size 0: room for ln of the change of a mode's share, d^^-kappa of a route apart.
    """
    goods, columns = klass.size, mu.size
    log_cost = np.zeros((pairs.size, goods, columns))
    total = np.zeros((bin_count, columns))
    most_groups = np.max(pair_start[1:] - pair_start[:-1])
    most_rows = np.max(group_start[1:] - group_start[:-1])
    exponents = np.zeros((most_groups, most_rows, classes, columns))
    response = np.zeros((most_groups, most_rows, classes, columns))
    touched = np.zeros((most_groups, most_rows), dtype=np.intp)
    logs, ratio = np.zeros((most_groups, columns)), np.ones((most_groups, columns))
    route, room, all_modes, factor = np.empty(columns), np.empty(columns), np.empty(columns), np.empty(columns)
    for position in range(pairs.size):
        pair = pairs[position]
        first_group, groups = pair_start[pair], pair_start[pair + 1] - pair_start[pair]
        for g in range(groups):
            start = group_start[first_group + g]
            for k in range(group_start[first_group + g + 1] - start):
                touched[g, k] = 0
                for level in range(classes):
                    if row_exponents(
                        start + k, level, kind, slot, station, entered, road_km, hours_per_km, wait, wait_change,
                        handling, fee, truck_cost, worth, time_value, kappa, extra_hours, extra_fee, closed,
                        exponents[g, k, level],
                    ):  # fmt: skip
                        touched[g, k] = 1
                        expm1(exponents[g, k, level], response[g, k, level])
                    else:
                        exponents[g, k, level, :] = 0.0
                        response[g, k, level, :] = 0.0
        for good in range(goods):
            level = klass[good]
            all_modes[:] = 0.0
            for g in range(groups):
                start = group_start[first_group + g]
                rows = group_start[first_group + g + 1] - start
                share = group_share[first_group + g, good]
                any_row = False
                route[:] = 0.0
                for k in range(rows):
                    weight = within[start + k, good]
                    if touched[g, k] == 1 and weight > 0.0:
                        any_row = True
                        for c in range(columns):
                            route[c] += weight * response[g, k, level, c]
                mode, economy = kind[start + rows - 1], entered[start]
                for c in range(columns):
                    ratio[g, c] = mu[c] / kappa[mode, economy, level, c]
                if not any_row or share == 0.0:
                    logs[g, :] = 0.0
                    continue
                lowest = 0.0
                for c in range(columns):
                    lowest = min(lowest, route[c])
                if lowest > -0.5:
                    log1p(route, logs[g])
                else:
                    for c in range(columns):
                        if route[c] > -0.5:
                            logs[g, c] = np.log1p(route[c])
                        else:
                            weights = within[start : start + rows, good]
                            logs[g, c] = _lost_mode(exponents[g, :rows, level], weights, touched[g, :rows], c)
                for c in range(columns):
                    room[c] = ratio[g, c] * logs[g, c]
                expm1(room, room)
                for c in range(columns):
                    all_modes[c] += share * room[c]
            lowest = 0.0
            for c in range(columns):
                lowest = min(lowest, all_modes[c])
            if lowest > -0.5:
                log1p(all_modes, room)
            else:
                for c in range(columns):
                    room[c] = np.log1p(all_modes[c]) if all_modes[c] > -0.5 else -np.inf
                    if room[c] == -np.inf:
                        top, left = -np.inf, 0.0
                        for g in range(groups):
                            if group_share[first_group + g, good] > 0.0:
                                top = max(top, ratio[g, c] * logs[g, c])
                        if top > -np.inf:
                            for g in range(groups):
                                left += group_share[first_group + g, good] * np.exp(ratio[g, c] * logs[g, c] - top)
                            room[c] = top + np.log(left)
            for c in range(columns):
                log_cost[position, good, c] = -room[c] / mu[c]
            if bin_count == 0 and moved.size == 0:
                continue
            for g in range(groups):
                start = group_start[first_group + g]
                share = group_share[first_group + g, good]
                if share == 0.0:
                    continue
                for c in range(columns):
                    factor[c] = -(1.0 - ratio[g, c]) * logs[g, c] - room[c] if logs[g, c] > -np.inf else -np.inf
                if moved.size > 0:
                    moved[first_group + g, good, :] = factor
                if bin_count == 0:
                    continue
                expm1(factor, factor)
                for c in range(columns):
                    factor[c] = (1.0 + factor[c]) * share * trade[pair, good, c]
                for k in range(group_start[first_group + g + 1] - start):
                    weight, place = within[start + k, good], bins[start + k]
                    if place < 0 or weight <= 0.0:
                        continue
                    for c in range(columns):
                        total[place, c] += weight * factor[c] * (1.0 + response[g, k, level, c])
    return log_cost, total


@njit(cache=True, nogil=True)
def all_exponents(
    rows: Index, classes: int, kind: Index, slot: Index, station: Index, entered: Index, road_km: Array,
    hours_per_km: Array, wait: Array, wait_change: Array, handling: Array, fee: Array, truck_cost: Array, worth: Array,
    time_value: Array, kappa: Array, extra_hours: Array, extra_fee: Array, closed: Index,
) -> Array:  # fmt: skip
    """-kappa ln d^ of `rows`, (row, class, column)."""
    found = np.zeros((rows.size, classes, hours_per_km.size))
    for position in range(rows.size):
        for level in range(classes):
            if not row_exponents(
                rows[position], level, kind, slot, station, entered, road_km, hours_per_km, wait, wait_change, handling,
                fee, truck_cost, worth, time_value, kappa, extra_hours, extra_fee, closed, found[position, level],
            ):  # fmt: skip
                found[position, level, :] = 0.0
    return found
