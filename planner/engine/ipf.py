"""Iterative proportional fitting: complete a table from its margins (Deming & Stephan 1940)."""

from __future__ import annotations

import numpy as np

from planner.engine.types import Array, Index

TOLERANCE = 1e-13
ROUNDS = 20000


def fit_margins(kernel: Array, rows: Array, columns: Array) -> Array:
    """The matrix closest to `kernel` (relative entropy) with the given row and column sums.

    kernel (n, m) > 0 where rows and columns are; rows (n,), columns (m,) >= 0 with equal sums.
    Raises ValueError where the sums differ or the margins cannot be met.
    """
    total = rows.sum()
    if abs(total - columns.sum()) > 1e-9 * max(total, 1e-300):
        raise ValueError(f"row sums add up to {total:g}, column sums to {columns.sum():g}; expected the same")
    if total == 0:
        return np.zeros_like(kernel)
    left = np.where(rows > 0, 1.0, 0.0)
    right = np.ones_like(columns)
    with np.errstate(all="ignore"):  # factors without bound: the margins cannot be met
        reached = kernel.T @ left
        for _ in range(ROUNDS):
            right = np.divide(columns, reached, out=np.zeros_like(columns), where=columns > 0)
            sums = kernel @ right
            left = np.divide(rows, sums, out=np.zeros_like(rows), where=rows > 0)
            reached = kernel.T @ left
            if np.abs(reached * right - columns).max() <= TOLERANCE * total:
                return np.asarray(left[:, None] * kernel * right)
    raise ValueError("the margins cannot be met: the kernel has zeros where they need flows")


def fit_groups(
    seed: Array, row_sums: Array, group: Index, group_sums: Array, rounds: int = 5000
) -> tuple[Array, float]:
    """Many small tables fitted at once: rows (row, sector) in groups, each row with its sum, each group with sector sums.

    seed (row, sector) > 0; row_sums (row,); group (row,) sorted group numbers; group_sums (group, sector), each
    group's sums adding up to its rows'. Sector sums hold exactly; returns the table and the largest relative miss of
    a row sum.
    """
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    table, miss = seed.copy(), np.inf
    for _ in range(rounds):
        sums = np.add.reduceat(table, starts, axis=0)
        factor = np.divide(group_sums, sums, out=np.zeros_like(sums), where=sums > 0)
        table *= factor[group]
        current = table.sum(axis=1)
        miss = float(np.abs(current - row_sums).max() / row_sums.max())
        if miss <= TOLERANCE:
            break
        table *= np.divide(row_sums, current, out=np.zeros_like(current), where=current > 0)[:, None]
    sums = np.add.reduceat(table, starts, axis=0)
    table *= np.divide(group_sums, sums, out=np.zeros_like(sums), where=sums > 0)[group]
    return table, miss
