"""Many columns solved a few at a time, in what the processor's cache holds: time then grows with columns and no faster.

Where a shock touches most cells each column has a matrix of its own, which is read at every iteration: one column at a
time stays in the cache from its first iteration to its last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
from numba import njit

from planner.engine.accounts import Accounts
from planner.engine.model import Evaluation
from planner.engine.shock import Shock
from planner.engine.types import Array

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


def joined(answers: list[Evaluation]) -> Evaluation:
    """The parts' evaluations side by side."""
    values = {
        field.name: np.concatenate([getattr(answer, field.name) for answer in answers], axis=-1)
        for field in fields(Evaluation)
    }
    return Evaluation(**values)
