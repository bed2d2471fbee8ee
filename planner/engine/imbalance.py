"""Measures of imbalance over observed cross-border flows (model.md 5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from planner.engine.baseline import TRAVEL, Baseline
from planner.engine.cells import Cells, cell_key
from planner.engine.types import Array, Index


class TradeView:
    """Cross-border goods (and travel) cells of a baseline, and the sums over them that the measures need."""

    def __init__(self, baseline: Baseline) -> None:
        accounts = baseline.accounts
        self.places = len(accounts.places)
        self.foreign = accounts.economy[:, None] != accounts.economy[None, :]
        self.border = baseline.border
        travel = np.flatnonzero([kind == TRAVEL for kind in baseline.sector_kind])
        self.goods_cells = self._cells(baseline, baseline.goods)
        self.travel_cells = self._cells(baseline, travel)
        self._goods_sum = self._pair_sum(self.goods_cells)
        self._travel_sum = self._pair_sum(self.travel_cells)

    def _cells(self, baseline: Baseline, sectors: Index) -> Cells:
        chosen = (baseline.accounts.flows > 0) & self.foreign[:, :, None]
        chosen &= np.isin(np.arange(chosen.shape[2]), sectors)
        origin, destination, sector = np.nonzero(chosen)
        return Cells.from_keys(np.sort(cell_key(origin, destination, sector, self.places)), self.places)

    def _pair_sum(self, cells: Cells) -> csr_matrix:
        pair = cells.origin * self.places + cells.destination
        return csr_matrix((np.ones(len(cells)), (pair, np.arange(len(cells)))), shape=(self.places**2, len(cells)))

    def goods_pairs(self, sales: Array) -> Array:
        """(goods cell, column) -> sales by pair, (origin, destination, column)."""
        return np.asarray(self._goods_sum @ sales).reshape(self.places, self.places, -1)

    def travel_pairs(self, sales: Array) -> Array:
        """(travel cell, column) -> sales by pair, (origin, destination, column)."""
        return np.asarray(self._travel_sum @ sales).reshape(self.places, self.places, -1)


@dataclass(frozen=True)
class Imbalance:
    """Cross-border trade by place and its imbalance.

    exports, imports, index (Grubel & Lloyd 1975 over partners: sum_p |X_rp - X_pr| / sum_p (X_rp + X_pr)): (place, column);
    headline: the same sums over all border regions, (column,); gap: their sum_r sum_p |X_rp - X_pr|, million, (column,):
    where trade grows the index may fall while the gap rises.
    """

    exports: Array
    imports: Array
    index: Array
    headline: Array
    gap: Array

    @property
    def balance(self) -> Array:
        """X - M, (place, column)."""
        return self.exports - self.imports

    @property
    def normalised(self) -> Array:
        """(X - M)/(X + M), (place, column); 0 where there is no trade."""
        total = self.exports + self.imports
        return np.divide(self.balance, total, out=np.zeros_like(total), where=total > 0)


def measure(pairs: Array, border: Index) -> Imbalance:
    """Measures from sales by cross-border pair, (origin, destination, column), zero inside economies."""
    gross = pairs + pairs.transpose(1, 0, 2)
    gaps = np.abs(pairs - pairs.transpose(1, 0, 2)).sum(axis=1)
    total = gross.sum(axis=1)
    index = np.divide(gaps, total, out=np.zeros_like(gaps), where=total > 0)
    gap, everything = gaps[border].sum(axis=0), total[border].sum(axis=0)
    headline = np.divide(gap, everything, out=np.zeros_like(everything), where=everything > 0)
    return Imbalance(pairs.sum(axis=1), pairs.sum(axis=0), index, headline, gap)


def balance_tag(exports_change: float, imports_change: float) -> str:
    """How a balance moved: `expansion`, `export-led`, `import compression` or `diversion`."""
    if exports_change > 0:
        return "expansion" if imports_change > 0 else "export-led"
    return "import compression" if imports_change < 0 else "diversion"


def near_zero_pairs(pairs: Array, border: Index, threshold: float = 0.02) -> list[tuple[int, int, float]]:
    """Pairs (region, partner, normalised balance) so near balance that |.| may kink: below `threshold`."""
    found = []
    for region in border:
        for partner in range(len(pairs)):
            total = pairs[region, partner] + pairs[partner, region]
            if total > 0:
                balance = float((pairs[region, partner] - pairs[partner, region]) / total)
                if abs(balance) < threshold:
                    found.append((int(region), partner, balance))
    return found
