"""Many columns solved a few at a time, in what the processor's cache holds: time then grows with columns and no faster.

Where a shock touches most cells each column has a matrix of its own, which is read at every iteration: one column at a
time stays in the cache from its first iteration to its last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numba import njit

from planner.engine.accounts import Accounts
from planner.engine.memory import keep_freed
from planner.engine.shock import Shock
from planner.engine.types import Array

keep_freed()

AT_ONCE = 250  # columns whose levels are shared work for one matrix product
OWN_SIZE = 50_000  # cells from which a column's own matrix is worth a solve of its own
TILE = 256


def columns_at_once(accounts: Accounts, shock: Shock) -> int:
    """How many columns of a shock are solved together."""
    size = accounts.flows.size
    return 1 if size >= OWN_SIZE and shock.cells.are_many(size) else AT_ONCE


def slices(columns: int, at_once: int) -> list[slice]:
    """Equal parts of at most that many columns."""
    count = -(-columns // at_once)
    cuts = [columns * number // count for number in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(cuts)]


def split(shock: Shock, parts: list[slice]) -> Iterator[Shock]:
    """The shock's parts; single columns are laid out side by side first, since they are read through one by one."""
    if len(parts) == shock.columns and shock.columns > 1 and shock.log_cost is not None:
        shock = replace(shock, log_cost=by_column(shock.log_cost))
    return (shock.part(part) for part in parts)


def by_column(array: Array) -> Array:
    """The same numbers, (cell, column), with each column contiguous: in tiles, as plain copying misses the cache."""
    out = np.empty(array.shape[::-1])
    _transpose(np.ascontiguousarray(array, dtype=float), out)
    return out.T


@njit(cache=True, nogil=True, error_model="numpy")
def _transpose(array: Array, out: Array) -> None:
    rows, columns = array.shape
    for first in range(0, rows, TILE):
        last = min(first + TILE, rows)
        for column in range(columns):
            for row in range(first, last):
                out[column, row] = array[row, column]


class SideBySide:
    """Arrays whose last axis is the columns of all parts, written part by part while a part is still in the cache."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.arrays: dict[str, Array] = {}

    def take(self, part: slice, values: Mapping[str, Array]) -> None:
        """One part's arrays by name; two names of one array stay names of one array."""
        first: dict[int, str] = {}
        twins = {name: first.setdefault(id(value), name) for name, value in values.items()}
        for name, value in values.items():
            twin, known = twins[name], self.arrays.get(name)
            if twin != name and (known is None or known is self.arrays[twin]):
                self.arrays[name] = self.arrays[twin]
                continue
            if known is None:
                known = self.arrays[name] = np.empty((*value.shape[:-1], self.columns))
            elif any(other is known and twins.get(key) != twin for key, other in self.arrays.items() if key != name):
                # Names that part take an array of their own, with what both had so far.
                known = self.arrays[name] = known.copy()
            known[..., part] = value
