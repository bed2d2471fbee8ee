"""Elementary functions of many small numbers: short series that vectorise, exact to rounding, where all are small.

Most shocks are: an effect of minutes moves costs by a thousandth, and the library's functions cost ten times as much.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from planner.engine.types import Array, Index

# Below each limit some more terms of a series are exact to rounding; coefficients are products, since a division costs
# as much as ten of them.
TINY_LOG, SMALL_LOG, SOME_LOG, WIDE_LOG = 1e-4, 0.01, 0.1, 0.5
CHUNK = 512  # numbers that are looked at together
TINY_EXP, SMALL_EXP, WIDE_EXP = 3e-3, 0.25, 4.0
C2, C3, C4, C5, C6, C7 = 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6, 1 / 7
C8, C9, C10, C11, C12, C13 = 1 / 8, 1 / 9, 1 / 10, 1 / 11, 1 / 12, 1 / 13
C15, C17, C19, C21, C23, C25, C27, C29, C31 = 1 / 15, 1 / 17, 1 / 19, 1 / 21, 1 / 23, 1 / 25, 1 / 27, 1 / 29, 1 / 31


@njit(cache=True, nogil=True, error_model="numpy")
def _beyond(x: Array, limit: float) -> int:
    """How many numbers are not within a limit: a count vectorises where a maximum does not."""
    found = 0
    for k in range(x.size):
        found += not abs(x[k]) < limit
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def log1p(x: Array, out: Array) -> None:
    """ln(1 + x), elementwise; x > -1."""
    if _beyond(x, SMALL_LOG) == 0:
        if _beyond(x, TINY_LOG) == 0:
            for k in range(x.size):
                v = x[k]
                out[k] = v * (1 - v * (C2 - v * (C3 - v * C4)))
        else:
            for k in range(x.size):
                v = x[k]
                out[k] = v * (1 - v * (C2 - v * (C3 - v * (C4 - v * (C5 - v * (C6 - v * C7))))))
    elif _beyond(x, WIDE_LOG) == 0:
        # ln(1 + x) = 2 artanh(x / (2 + x)).
        if _beyond(x, SOME_LOG) == 0:
            for k in range(x.size):
                v = x[k] / (2 + x[k])
                s = v * v
                out[k] = 2 * v * (1 + s * (C3 + s * (C5 + s * (C7 + s * (C9 + s * (C11 + s * C13))))))
        else:
            for k in range(x.size):
                v = x[k] / (2 + x[k])
                s = v * v
                tail = C19 + s * (C21 + s * (C23 + s * (C25 + s * (C27 + s * (C29 + s * C31)))))
                tail = C7 + s * (C9 + s * (C11 + s * (C13 + s * (C15 + s * (C17 + s * tail)))))
                out[k] = 2 * v * (1 + s * (C3 + s * (C5 + s * tail)))
    else:
        for k in range(x.size):
            out[k] = np.log1p(x[k])


@njit(cache=True, nogil=True, error_model="numpy")
def expm1(x: Array, out: Array) -> None:
    """exp(x) - 1, elementwise."""
    if _beyond(x, TINY_EXP) == 0:
        for k in range(x.size):
            v = x[k]
            out[k] = v * (1 + v * C2 * (1 + v * C3 * (1 + v * C4 * (1 + v * C5))))
    elif _beyond(x, WIDE_EXP) == 0:
        halvings, scale = 0, 1.0
        while _beyond(x, SMALL_EXP / scale) > 0:
            halvings, scale = halvings + 1, 0.5 * scale
        for k in range(x.size):
            v = scale * x[k]
            tail = 1 + v * C9 * (1 + v * C10 * (1 + v * C11 * (1 + v * C12)))
            tail = 1 + v * C5 * (1 + v * C6 * (1 + v * C7 * (1 + v * C8 * tail)))
            out[k] = v * (1 + v * C2 * (1 + v * C3 * (1 + v * C4 * tail)))
        for _ in range(halvings):  # exp(2 v) - 1 = (exp(v) - 1) (exp(v) + 1)
            for k in range(x.size):
                out[k] = out[k] * (out[k] + 2)
    else:
        for k in range(x.size):
            out[k] = np.expm1(x[k])


def kernel_changes(log_factor: Array, theta: Array, sector: Index) -> Array:
    """exp(-theta ln d^) - 1 of each cell, (cell, column); theta (sector, column); cells sorted by sector.

    The digits of effects as small as a minute's are kept; a closed cell, ln d^ = inf, has -1.
    """
    change = np.empty(log_factor.shape)
    _kernel_changes(log_factor, theta, sector, change)
    return change


@njit(cache=True, nogil=True, error_model="numpy")
def _end_of_run(sector: Index, first: int) -> int:
    """Where the cells of the sector at `first` end, by halving: they are sorted."""
    low, high = first, sector.size
    while high - low > 1:
        middle = (low + high) // 2
        if sector[middle] == sector[first]:
            low = middle
        else:
            high = middle
    return high


@njit(cache=True, nogil=True, error_model="numpy")
def _kernel_changes(log_factor: Array, theta: Array, sector: Index, change: Array) -> None:
    cells, columns = log_factor.shape
    at_once, first, end = max(1, CHUNK // columns), 0, 0
    room = np.empty(at_once * columns)
    while first < cells:
        level = sector[first]
        end = _end_of_run(sector, first) if first == end else end
        last = min(first + at_once, end)
        # Slices, since only loops from zero to a size vectorise.
        power, logs = room[: (last - first) * columns], log_factor[first:last].reshape(-1)
        if columns == 1:
            rate = theta[level, 0]
            for k in range(power.size):
                power[k] = -rate * logs[k]
        else:
            for cell in range(last - first):
                for column in range(columns):
                    power[cell * columns + column] = -theta[level, column] * logs[cell * columns + column]
        expm1(power, change[first:last].reshape(-1))
        first = last


@njit(cache=True, nogil=True, error_model="numpy")
def own_matrix(base: Array, place: Index, sector: Index, theta: Array, log_factor: Array, out: Array) -> None:
    """base x exp(-theta ln d^) of one column into `out`, both flat: at some places, or at all in their order.

    theta (sector,), log_factor (cell,); in one pass, since an array of the changes would be as large as the matrix.
    """
    everywhere = place.size == base.size
    if not everywhere:
        for k in range(base.size):
            out[k] = base[k]
    cells, first, end = place.size, 0, 0
    power, change = np.empty(CHUNK), np.empty(CHUNK)
    while first < cells:
        level = sector[first]
        end = _end_of_run(sector, first) if first == end else end
        last = min(first + CHUNK, end)
        rate, logs = theta[level], log_factor[first:last]
        for k in range(logs.size):
            power[k] = -rate * logs[k]
        expm1(power[: logs.size], change[: logs.size])
        if everywhere:
            before, after = base[first:last], out[first:last]
            for k in range(logs.size):
                after[k] = before[k] * (1.0 + change[k])
        else:
            at = place[first:last]
            for k in range(logs.size):
                out[at[k]] *= 1.0 + change[k]
        first = last
