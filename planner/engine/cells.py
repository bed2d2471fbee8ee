"""Products of a shared matrix and a few changed cells, batched over columns: the arithmetic kernel of every solve.

A shock touches few (origin, destination, sector) cells, so that a column's matrix is one matrix shared by all columns
plus a sparse correction: one matrix product does the shared part for all columns at once (model.md 12).
Arrays here are sector-major, (sector, place, column), since each sector is one product.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit

from planner.engine.types import Array, Index, compiled

MANY = 0.25  # see `Cells.are_many`


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
        cells = cls(origin=origin, destination=destination, sector=sector, places=places)
        cells.__dict__["keys"] = keys
        return cells

    @classmethod
    def none(cls, places: int) -> Cells:
        """No cell at all."""
        return cls.from_keys(np.zeros(0, dtype=np.intp), places)

    @cached_property
    def keys(self) -> Index:
        """One sortable number per cell."""
        return cell_key(self.origin, self.destination, self.sector, self.places)

    @cached_property
    def rows(self) -> tuple[Index, Index]:
        """Rows of the cells' origins and destinations in an array (sector x place, ...)."""
        place = self.sector * self.places
        return place + self.origin, place + self.destination

    def __len__(self) -> int:
        return len(self.origin)

    def are_many(self, size: int) -> bool:
        """Whether they are so many of all `size` cells that a column's own matrix is faster than a correction."""
        return len(self) >= MANY * size

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
        origin, destination = self.rows
        out = np.empty((len(self), left.shape[-1]))
        _scaled(base, compiled(factor), self.within(of), flat(left), origin, flat(right), destination, out)
        return out


def cell_key(origin: Index, destination: Index, sector: Index, places: int) -> Index:
    """The key that sorts cells by sector, destination, origin."""
    return np.asarray((sector * places + destination) * places + origin, dtype=np.intp)


class CellOperator:
    """A matrix per sector and column: `base` shared by all columns, plus share x change at some cells.

    base: (sector, origin, destination); share: (cell,); change: (cell, column). A single column with many cells has a
    matrix of its own, `whole`, (sector, destination, origin): the order of the cells.
    """

    def __init__(self, base: Array, cells: Cells, share: Array, change: Array, whole: Array | None = None) -> None:
        self.base, self.places, self.cells = base, base.shape[1], cells
        self._share, self._change, self.whole = share, compiled(change), whole
        self.active = len(cells) > 0
        if whole is None and change.shape[1] == 1 and cells.are_many(base.size):
            self.whole = self.matrix(0).transpose(0, 2, 1)

    @classmethod
    def own(cls, base: Array, cells: Cells, whole: Array) -> CellOperator:
        """One column's matrix, (sector, destination, origin), got otherwise than by its changes."""
        return cls(base, cells, np.zeros(0), np.zeros((0, 1)), whole)

    def to_destination(self, supply: Array) -> Array:
        """sum over origins of matrix x supply; (sector, place, column) -> the same shape."""
        if self.whole is not None:
            return np.asarray(np.matmul(self.whole, supply))
        total = np.matmul(self.base.transpose(0, 2, 1), supply)
        if self.active:
            origin, destination = self.cells.rows
            _add(flat(total), destination, self._share, self._change, flat(supply), origin)
        return np.asarray(total)

    def to_origin(self, demand: Array) -> Array:
        """sum over destinations of matrix x demand; (sector, place, column) -> the same shape."""
        if self.whole is not None:
            return np.asarray(np.matmul(self.whole.transpose(0, 2, 1), demand))
        total = np.matmul(self.base, demand)
        if self.active:
            origin, destination = self.cells.rows
            _add(flat(total), origin, self._share, self._change, flat(demand), destination)
        return np.asarray(total)

    def matrix(self, column: int) -> Array:
        """The whole matrix of one column, (sector, origin, destination), a view of one by destination."""
        if self.whole is not None:
            return self.whole.transpose(0, 2, 1)
        matrix = np.array(self.base.transpose(0, 2, 1), order="C")
        _put(matrix.reshape(-1), self.cells.keys, self._share, self._change, column)
        return matrix.transpose(0, 2, 1)


def flat(array: Array) -> Array:
    """(sector, place, column) as (sector x place, column)."""
    return compiled(array).reshape(-1, array.shape[-1])


@njit(cache=True, nogil=True, error_model="numpy")
def _add(total: Array, into: Index, share: Array, change: Array, values: Array, source: Index) -> None:
    """total[into] += share x change x values[source], cell by cell: compiled, since numpy writes arrays to do it."""
    for cell in range(into.size):
        row, other, part = into[cell], source[cell], share[cell]
        for column in range(change.shape[1]):
            total[row, column] += part * change[cell, column] * values[other, column]


@njit(cache=True, nogil=True, error_model="numpy")
def _scaled(
    base: Array, factor: Array, place: Index, left: Array, row: Index, right: Array, other: Index, out: Array
) -> None:  # fmt: skip
    for cell in range(base.size):
        if place[cell] >= 0:
            for column in range(left.shape[1]):
                out[cell, column] = base[cell] * factor[place[cell], column]
        else:
            for column in range(left.shape[1]):
                out[cell, column] = base[cell]
        for column in range(left.shape[1]):
            out[cell, column] *= left[row[cell], column] * right[other[cell], column]


@njit(cache=True, nogil=True, error_model="numpy")
def _put(matrix: Array, place: Index, share: Array, change: Array, column: int) -> None:
    for cell in range(place.size):
        matrix[place[cell]] += share[cell] * change[cell, column]
