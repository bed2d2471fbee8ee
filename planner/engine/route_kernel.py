"""The nested CES over routes, compiled: costs of pairs and trade over crossings in one pass (model.md 2).

Compiled because each pair has its own small set of routes: numpy spends its time on thousands of short sums, or on
arrays of routes x sectors x columns that fit no cache. The inner loops run over columns and vectorise.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from planner.engine.series import expm1, log1p
from planner.engine.types import Array, Index


@njit(cache=True, nogil=True, error_model="numpy")
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
    room: Array,
    out: Array,
) -> bool:
    """-kappa ln d^ of one route for one class of sectors into `out` (column,); False where nothing changes.

    room: (2, column), to work in.
    """
    at, columns = slot[row], out.size
    if at >= 0 and closed[at] == 1:
        out[:] = -np.inf
        return True
    if kind[row] == 0 or (at < 0 and kind[row] == 2):
        return False
    economy, place = entered[row], station[row]
    if kind[row] == 2:
        for c in range(columns):
            out[c] = -kappa[2, economy, level, c] * time_value[level, c] * extra_hours[at, level, c]
        return True
    hours = room[0]
    for c in range(columns):
        hours[c], out[c] = wait_change[place, c], 0.0
    if at >= 0:
        for c in range(columns):
            hours[c] += extra_hours[at, level, c]
            out[c] = extra_fee[at, c]
    for c in range(columns):
        before = road_km[row] * hours_per_km[c] + wait[place, c] + handling[c]
        out[c] = (truck_cost[c] * hours[c] + out[c]) / (worth[economy, c] + truck_cost[c] * before + fee[place, c])
    moved = 0
    for c in range(columns):
        moved += (hours[c] != 0.0) + (out[c] != 0.0)
    if moved == 0:
        return False
    log1p(out, room[1])
    for c in range(columns):
        out[c] = -kappa[1, economy, level, c] * (time_value[level, c] * hours[c] + room[1, c])
    return True


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy")
def pair_start_row(pair_start: Index, group_start: Index) -> Index:
    """Number of rows of each pair."""
    ends = group_start[pair_start]
    return ends[1:] - ends[:-1]


@njit(cache=True, nogil=True, error_model="numpy")
def _members(klass: Index, classes: int) -> tuple[Index, Index]:
    """Goods of each class, (class, good), and how many there are."""
    members, count = np.zeros((classes, klass.size), dtype=np.intp), np.zeros(classes, dtype=np.intp)
    for good in range(klass.size):
        level = klass[good]
        members[level, count[level]] = good
        count[level] += 1
    return members, count


@njit(cache=True, nogil=True, error_model="numpy")
def _weights(within: Array, start: int, end: int, goods: Index, room: Array) -> Array:
    """Shares of a group's routes for some goods, (route, good), contiguous for the products."""
    found = room[: (end - start) * goods.size].reshape((end - start, goods.size))
    for k in range(end - start):
        for good in range(goods.size):
            found[k, good] = within[start + k, goods[good]]
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _mostly_left(change: Array, out: Array) -> bool:
    """ln(1 + change) into `out` where more than half of the sum is left in every column; else False."""
    lost = 0
    for c in range(change.size):
        lost += not change[c] > -0.5
    if lost == 0:
        log1p(change, out)
    return lost == 0


@njit(cache=True, nogil=True, error_model="numpy")
def _logs(change: Array, exponents: Array, weights: Array, touched: Index, out: Array) -> None:
    """ln of a mode's sum over routes, (column,), from its change by the routes touched."""
    if _mostly_left(change, out):
        return
    for c in range(change.size):
        if change[c] > -0.5:
            out[c] = np.log1p(change[c])
        else:
            out[c] = _lost_mode(exponents, weights, touched, c)


@njit(cache=True, nogil=True, error_model="numpy")
def _logs_of_modes(change: Array, ratio: Array, logs: Array, shares: Array, out: Array) -> None:
    """The same over modes; a sum of which nothing is left in `change` is taken in logs."""
    if _mostly_left(change, out):
        return
    for c in range(change.size):
        out[c] = np.log1p(change[c]) if change[c] > -0.5 else -np.inf
        if out[c] > -np.inf:
            continue
        top, left = -np.inf, 0.0
        for g in range(shares.size):
            if shares[g] > 0.0:
                top = max(top, ratio[g, c] * logs[g, c])
        if top > -np.inf:
            for g in range(shares.size):
                left += shares[g] * np.exp(ratio[g, c] * logs[g, c] - top)
            out[c] = top + np.log(left)


@njit(cache=True, nogil=True, error_model="numpy")
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
    log_cost: Array,
) -> Array:
    """ln dbar by pair into `log_cost`, (pair, good, column); returns trade over each bin of routes, (bin, column).

    pairs: numbers wanted; pair_start, group_start: first group of a pair, first row of a group; within (row, good):
    q[b|m]; group_share (group, good): q[m]; klass (good,): class of sectors treated alike; kind (row,): 1 truck, 2 rail,
    0 neither; slot (row,): place in extra_hours (slot, class, column), extra_fee (slot, column) and closed, or -1;
    station (row,): crossing and direction, for wait, wait_change and fee (station, column); worth (economy, column);
    kappa (kind, economy, class, column); trade (pair, good, column), empty where no bins are wanted; bins (row,), -1: none.
    moved (group, good, column), or of size 0: room for ln of the change of a mode's share, d^^-kappa of a route apart.
    """
    goods, columns = klass.size, mu.size
    total = np.zeros((bin_count, columns))
    most_groups = np.max(pair_start[1:] - pair_start[:-1])
    most_rows = np.max(pair_start_row(pair_start, group_start))
    exponents = np.zeros((classes, most_rows, columns))
    response = np.zeros((classes, most_rows, columns))
    touched = np.zeros(most_rows, dtype=np.intp)
    ratio, logs = np.ones((most_groups, columns)), np.zeros((most_groups, goods, columns))
    route, factor = np.empty((goods, columns)), np.empty((goods, columns))
    through, room = np.empty((most_rows, columns)), np.empty((2, columns))
    one, all_modes = np.empty(columns), np.empty((goods, columns))
    weight_room = np.empty(most_rows * goods)
    members, member_count = _members(klass, classes)
    for position in range(pairs.size):
        pair = pairs[position]
        first_group, groups = pair_start[pair], pair_start[pair + 1] - pair_start[pair]
        first_row = group_start[first_group]
        for k in range(group_start[first_group + groups] - first_row):
            touched[k] = 0
            for level in range(classes):
                if row_exponents(
                    first_row + k, level, kind, slot, station, entered, road_km, hours_per_km, wait, wait_change,
                    handling, fee, truck_cost, worth, time_value, kappa, extra_hours, extra_fee, closed, room,
                    exponents[level, k],
                ):  # fmt: skip
                    touched[k] = 1
                    expm1(exponents[level, k], response[level, k])
                else:
                    exponents[level, k, :] = 0.0
                    response[level, k, :] = 0.0
        for level in range(classes):
            count = member_count[level]
            chosen = members[level, :count]
            all_modes[:count] = 0.0
            for g in range(groups):
                start, end = group_start[first_group + g], group_start[first_group + g + 1]
                low, high = start - first_row, end - first_row
                mode, economy = kind[end - 1], entered[start]
                for c in range(columns):
                    ratio[g, c] = mu[c] / kappa[mode, economy, level, c]
                if touched[low:high].sum() == 0:
                    logs[g, :count] = 0.0
                    continue
                weights = _weights(within, start, end, chosen, weight_room)
                np.dot(weights.T, response[level, low:high], route[:count])
                for good in range(count):
                    _logs(route[good], exponents[level, low:high], weights[:, good], touched[low:high], logs[g, good])
                    for c in range(columns):
                        one[c] = ratio[g, c] * logs[g, good, c]
                    expm1(one, room[0])
                    share = group_share[first_group + g, chosen[good]]
                    for c in range(columns):
                        all_modes[good, c] += share * room[0, c]
            for good in range(count):
                shares = group_share[first_group : first_group + groups, chosen[good]]
                _logs_of_modes(all_modes[good], ratio, logs[:groups, good], shares, one)
                for c in range(columns):
                    log_cost[position, chosen[good], c] = -one[c] / mu[c]
                    all_modes[good, c] = one[c]
            if bin_count == 0 and moved.size == 0:
                continue
            for g in range(groups):
                start, end = group_start[first_group + g], group_start[first_group + g + 1]
                low = start - first_row
                for good in range(count):
                    for c in range(columns):
                        left = logs[g, good, c] > -np.inf
                        one[c] = (ratio[g, c] - 1.0) * logs[g, good, c] - all_modes[good, c] if left else -np.inf
                    share = group_share[first_group + g, chosen[good]]
                    if moved.size > 0 and share > 0.0:
                        for c in range(columns):
                            moved[first_group + g, chosen[good], c] = one[c]
                    if bin_count > 0:
                        expm1(one, room[0])
                        for c in range(columns):
                            factor[good, c] = (1.0 + room[0, c]) * share * trade[pair, chosen[good], c]
                if bin_count == 0 or bins[start:end].max() < 0:
                    continue
                np.dot(_weights(within, start, end, chosen, weight_room), factor[:count], through[: end - start])
                for k in range(end - start):
                    place = bins[start + k]
                    if place >= 0:
                        for c in range(columns):
                            total[place, c] += through[k, c] * (1.0 + response[level, low + k, c])
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def all_exponents(
    rows: Index, classes: int, kind: Index, slot: Index, station: Index, entered: Index, road_km: Array,
    hours_per_km: Array, wait: Array, wait_change: Array, handling: Array, fee: Array, truck_cost: Array, worth: Array,
    time_value: Array, kappa: Array, extra_hours: Array, extra_fee: Array, closed: Index,
) -> Array:  # fmt: skip
    """-kappa ln d^ of `rows`, (row, class, column)."""
    found, room = np.zeros((rows.size, classes, hours_per_km.size)), np.empty((2, hours_per_km.size))
    for position in range(rows.size):
        for level in range(classes):
            if not row_exponents(
                rows[position], level, kind, slot, station, entered, road_km, hours_per_km, wait, wait_change, handling,
                fee, truck_cost, worth, time_value, kappa, extra_hours, extra_fee, closed, room, found[position, level],
            ):  # fmt: skip
                found[position, level, :] = 0.0
    return found
