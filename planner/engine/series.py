"""Elementary functions of many small numbers: short series that vectorise, exact to rounding, where all are small.

Most shocks are: an effect of minutes moves costs by a thousandth, and the library's functions cost ten times as much.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from planner.engine.types import Array, Index

# Below the first limits a few terms of the series are exact to rounding, below the second ones some more; coefficients are
# products, since a division costs as much as ten of them.
TINY_LOG, SMALL_LOG = 1e-4, 0.01
TINY_EXP, SMALL_EXP = 3e-3, 0.25
C2, C3, C4, C5, C6, C7 = 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6, 1 / 7
C8, C9, C10, C11, C12 = 1 / 8, 1 / 9, 1 / 10, 1 / 11, 1 / 12


@njit(cache=True, nogil=True)
def log1p(x: Array, out: Array) -> None:
    """ln(1 + x), elementwise; x > -1."""
    largest = 0.0
    for k in range(x.size):
        largest = max(largest, abs(x[k]))
    if largest < TINY_LOG:
        for k in range(x.size):
            v = x[k]
            out[k] = v * (1 - v * (C2 - v * (C3 - v * C4)))
    elif largest < SMALL_LOG:
        for k in range(x.size):
            v = x[k]
            out[k] = v * (1 - v * (C2 - v * (C3 - v * (C4 - v * (C5 - v * (C6 - v * C7))))))
    else:
        for k in range(x.size):
            out[k] = np.log1p(x[k])


@njit(cache=True, nogil=True)
def expm1(x: Array, out: Array) -> None:
    """exp(x) - 1, elementwise."""
    largest = 0.0
    for k in range(x.size):
        largest = max(largest, abs(x[k]))
    if largest < TINY_EXP:
        for k in range(x.size):
            v = x[k]
            out[k] = v * (1 + v * C2 * (1 + v * C3 * (1 + v * C4 * (1 + v * C5))))
    elif largest < SMALL_EXP:
        for k in range(x.size):
            v = x[k]
            tail = 1 + v * C9 * (1 + v * C10 * (1 + v * C11 * (1 + v * C12)))
            tail = 1 + v * C5 * (1 + v * C6 * (1 + v * C7 * (1 + v * C8 * tail)))
            out[k] = v * (1 + v * C2 * (1 + v * C3 * (1 + v * C4 * tail)))
    else:
        for k in range(x.size):
            out[k] = np.expm1(x[k])


@njit(cache=True, nogil=True)
def kernel_changes(log_factor: Array, theta: Array, sector: Index, share: Array) -> tuple[Array, Array]:
    """exp(-theta ln d^) - 1 of each cell, (cell, column), and the same times its share; theta (sector, column).

    The digits of effects as small as a minute's are kept; a closed cell, ln d^ = inf, has -1.
    """
    change, weighted = np.empty_like(log_factor), np.empty_like(log_factor)
    for cell in range(sector.size):
        for column in range(log_factor.shape[1]):
            weighted[cell, column] = -theta[sector[cell], column] * log_factor[cell, column]
        expm1(weighted[cell], change[cell])
        for column in range(log_factor.shape[1]):
            weighted[cell, column] = share[cell] * change[cell, column]
    return change, weighted
