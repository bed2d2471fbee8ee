"""Products of a shared matrix and a few changed cells, batched over columns: the arithmetic kernel of every solve.

A shock touches few (origin, destination, sector) cells, so that a column's matrix is one matrix shared by all columns
plus a sparse correction: one matrix product does the shared part for all columns at once (model.md 12).
Arrays here are sector-major, (sector, place, column), since each sector is one product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from planner.engine.types import Array, Index, compiled


@dataclass(frozen=True)
class Cells:
    """Positions of changed cells, sorted by sector, destination, origin, without repetition; shape (cell,) each."""

    origin: Index
    destination: Index
    sector: Index
    places: int

    @classmethod
    def from_keys(cls, keys: Index, places: int) -> Cells:
        """Cells from their sorted keys, see `key`."""
        rest, origin = np.divmod(keys, places)
        sector, destination = np.divmod(rest, places)
        return cls(origin=origin, destination=destination, sector=sector, places=places)

    @classmethod
    def none(cls, places: int) -> Cells:
        """No cell at all."""
        return cls.from_keys(np.zeros(0, dtype=np.intp), places)

    @property
    def keys(self) -> Index:
        """One sortable number per cell."""
        return cell_key(self.origin, self.destination, self.sector, self.places)

    def __len__(self) -> int:
        return len(self.origin)

    def gather(self, array: Array) -> Array:
        """Values of an (origin, destination, sector) array at the cells, shape (cell,)."""
        return np.asarray(array[self.origin, self.destination, self.sector])

    def within(self, others: Cells) -> Index:
        """Place of each cell among others, -1 where it is not one of them."""
        if not len(others):
            return np.full(len(self), -1, dtype=np.intp)
        keys = others.keys
        place = np.minimum(np.searchsorted(keys, self.keys), len(keys) - 1)
        return np.where(keys[place] == self.keys, place, -1)

    def scaled(self, base: Array, factor: Array, of: Cells, left: Array, right: Array) -> Array:
        """base x factor x left[origin] x right[destination], (cell, column).

        base (cell,); factor: at the cells `of`, one elsewhere, (cell, column); left, right: (sector, place, column).
        """
        place = self.sector * self.places
        origin, destination = place + self.origin, place + self.destination
        found = _scaled(base, compiled(factor), self.within(of), flat(left), origin, flat(right), destination)
        return np.asarray(found)


def cell_key(origin: Index, destination: Index, sector: Index, places: int) -> Index:
    """The key that sorts cells by sector, destination, origin."""
    return np.asarray((sector * places + destination) * places + origin, dtype=np.intp)


class CellOperator:
    """A matrix per sector and column: `base` shared by all columns, plus `change` at `cells`.

    base: (sector, origin, destination); change: (cell, column) additive.
    """

    def __init__(self, base: Array, cells: Cells, change: Array | None) -> None:
        self.base = base
        self.places = base.shape[1]
        self.cells = cells
        self.change = change
        self.active = change is not None and len(cells) > 0
        if self.active:
            assert change is not None
            place = cells.sector * self.places
            self._origin_row = place + cells.origin
            self._destination_row = place + cells.destination

    def to_destination(self, supply: Array) -> Array:
        """sum over origins of matrix x supply; (sector, place, column) -> the same shape."""
        total = np.matmul(self.base.transpose(0, 2, 1), supply)
        if self.change is not None and self.active:
            _add(flat(total), self._destination_row, self.change, flat(supply), self._origin_row)
        return np.asarray(total)

    def to_origin(self, demand: Array) -> Array:
        """sum over destinations of matrix x demand; (sector, place, column) -> the same shape."""
        total = np.matmul(self.base, demand)
        if self.change is not None and self.active:
            _add(flat(total), self._origin_row, self.change, flat(demand), self._destination_row)
        return np.asarray(total)


def flat(array: Array) -> Array:
    """(sector, place, column) as (sector x place, column)."""
    return compiled(array).reshape(-1, array.shape[-1])


@njit(cache=True, nogil=True, error_model="numpy")
def _add(total: Array, into: Index, change: Array, values: Array, source: Index) -> None:
    """total[into] += change x values[source], cell by cell: compiled, since numpy writes three arrays to do it."""
    for cell in range(into.size):
        row, other = into[cell], source[cell]
        for column in range(change.shape[1]):
            total[row, column] += change[cell, column] * values[other, column]


@njit(cache=True, nogil=True, error_model="numpy")
def _scaled(base: Array, factor: Array, place: Index, left: Array, row: Index, right: Array, other: Index) -> Array:
    out = np.empty((base.size, left.shape[1]))
    for cell in range(base.size):
        if place[cell] >= 0:
            for column in range(left.shape[1]):
                out[cell, column] = base[cell] * factor[place[cell], column]
        else:
            for column in range(left.shape[1]):
                out[cell, column] = base[cell]
        for column in range(left.shape[1]):
            out[cell, column] *= left[row[cell], column] * right[other[cell], column]
    return out
