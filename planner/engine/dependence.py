"""Dependence on partners, crossings and single suppliers (model.md 5), and trade over crossings (model.md 2).

Concentration is the Herfindahl index, the sum of squared shares (Hirschman 1964): 1 with one partner, 1/n with n alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from planner.engine.baseline import Baseline
from planner.engine.cells import cell_key
from planner.engine.equilibrium import Equilibrium
from planner.engine.imbalance import TradeView
from planner.engine.routes import RouteCosts
from planner.engine.types import TRUCK, Array, Index, Mask


@dataclass(frozen=True)
class Dependence:
    """How much cross-border goods trade hangs on few; 0 where there is no trade.

    exports, imports: concentration over partners, (place, column);
    crossings: concentration over the crossings that the place's trade takes, both directions, (place, column), among
    those with a known location; known: the share of that trade they carry;
    supplier_share: largest share of one foreign place in what is bought of a goods sector, at purchaser prices, (place,
    sector, column); supplier: number of that place, -1 for none.
    """

    exports: Array
    imports: Array
    crossings: Array
    known: Array
    supplier_share: Array
    supplier: Index


def dependence(
    baseline: Baseline, equilibrium: Equilibrium, routes: RouteCosts | None = None, view: TradeView | None = None
) -> Dependence:
    """Measures of dependence in an equilibrium.

    routes: the costs of the shock's change of routes, with shares (`Routes.costs(..., shares=True)`); None: unchanged
    shares of routes. view: the baseline's, where the caller has it.
    """
    view = view or TradeView(baseline)
    sales = equilibrium.sales(view.goods_cells)
    pairs = view.goods_pairs(sales)
    by_crossing, known = _place_by_crossing(baseline, view, sales, routes)
    share, supplier = _largest_supplier(baseline, equilibrium, view)
    return Dependence(
        exports=herfindahl(pairs, axis=1),
        imports=herfindahl(pairs, axis=0),
        crossings=herfindahl(by_crossing, axis=1),
        known=known,
        supplier_share=share,
        supplier=supplier,
    )


def herfindahl(values: Array, axis: int) -> Array:
    """Sum of squared shares along an axis; 0 where the total is 0."""
    total = values.sum(axis=axis, keepdims=True)
    share = np.divide(values, total, out=np.zeros_like(values), where=total > 0)
    return np.asarray((share**2).sum(axis=axis))


def crossing_trade(
    baseline: Baseline,
    view: TradeView,
    sales: Array,
    routes: RouteCosts | None = None,
    *,
    trucks_only: bool = False,
) -> Array:
    """Goods trade over each crossing by economy entered, (crossing, economy, column), in the unit of the flows.

    sales: at the view's goods cells, (cell, column), as `Equilibrium.sales(view.goods_cells)` gives them.
    """
    network, economies = baseline.network, len(baseline.accounts.economies)
    chosen = network.row_crossing >= 0
    if trucks_only:
        chosen &= np.array([network.modes[mode] == TRUCK for mode in network.row_mode])
    target = network.row_crossing * economies + baseline.accounts.economy[network.entered]
    size = len(network.crossings) * economies
    trade = _RouteTrade(baseline, view, sales, routes).total(chosen, target, size)
    return trade.reshape(len(network.crossings), economies, -1)


class _RouteTrade:
    """Sales over routes, sales x q', added up by any target without an array of all routes, sectors and columns."""

    def __init__(self, baseline: Baseline, view: TradeView, sales: Array, routes: RouteCosts | None) -> None:
        self.network, self.goods, self.sales, self.routes = baseline.network, baseline.goods, sales, routes
        network, places = self.network, len(baseline.accounts.places)
        origin, destination = network.pair_origin[network.row_pair], network.pair_destination[network.row_pair]
        keys = cell_key(origin[:, None], destination[:, None], self.goods[None], places)
        known = view.goods_cells.keys
        self.cell = np.minimum(np.searchsorted(known, keys), max(len(known) - 1, 0))
        found = known[self.cell] == keys if len(known) else np.zeros(keys.shape, dtype=bool)
        self.share = np.where(found, network.share[:, self.goods], 0.0)

    def total(self, chosen: Mask, target: Index, size: int) -> Array:
        """Sum over the chosen rows into `target`, (size, column)."""
        rows = np.flatnonzero(chosen)
        into = np.repeat(target[rows], len(self.goods))
        matrix = csr_matrix((self.share[rows].ravel(), (into, self.cell[rows].ravel())), shape=(size, len(self.sales)))
        total = np.asarray(matrix @ self.sales)
        if self.routes is None or self.routes.log_share_change is None:
            return total
        moved = np.flatnonzero(chosen[self.routes.rows])
        rows = self.routes.rows[moved]
        factor = np.expm1(self.routes.log_share_change[moved]) * self.share[rows][:, :, None]
        np.add.at(total, target[rows], (factor * self.sales[self.cell[rows]]).sum(axis=1))
        return total


def _place_by_crossing(
    baseline: Baseline, view: TradeView, sales: Array, routes: RouteCosts | None
) -> tuple[Array, Array]:
    """Trade by place and crossing, exports and imports together, (place, crossing, column); share of it that is known."""
    network = baseline.network
    places, crossings = len(baseline.accounts.places), len(network.crossings)
    trade = _RouteTrade(baseline, view, sales, routes)
    located = network.row_crossing >= 0
    flows = np.zeros((places * crossings, sales.shape[1]))
    everything = np.zeros((places, sales.shape[1]))
    for end in (network.pair_origin, network.pair_destination):
        place = end[network.row_pair]
        flows += trade.total(located, place * crossings + network.row_crossing, places * crossings)
        everything += trade.total(np.ones_like(located), place, places)
    by_crossing = flows.reshape(places, crossings, -1)
    known = by_crossing.sum(axis=1)
    return by_crossing, np.divide(known, everything, out=np.zeros_like(known), where=everything > 0)


def _largest_supplier(baseline: Baseline, equilibrium: Equilibrium, view: TradeView) -> tuple[Array, Index]:
    model, answer, cells = equilibrium.model, equilibrium.answer, view.goods_cells
    shape = (len(baseline.accounts.sectors), len(baseline.accounts.places), model.shock.columns)
    largest, supplier = np.zeros(shape), np.full(shape, -1, dtype=np.intp)
    if len(cells):
        share = cells.gather(model.accounts.trade_share)[:, None] * model.at_cells(cells, model.kernel)
        share = share * answer.supply[cells.sector, cells.origin] / answer.phi[cells.sector, cells.destination]
        # Cells are sorted by sector and destination: the suppliers of one buyer and sector are a run.
        run = np.flatnonzero(np.r_[True, (np.diff(cells.sector) != 0) | (np.diff(cells.destination) != 0)])
        where = cells.sector[run], cells.destination[run]
        best = np.maximum.reduceat(share, run, axis=0)
        length = np.diff(np.r_[run, len(cells)])
        is_best = share == np.repeat(best, length, axis=0)
        first = np.minimum.reduceat(np.where(is_best, cells.origin[:, None], shape[1]), run, axis=0)
        largest[where], supplier[where] = best, np.where(best > 0, first, -1)
    return np.moveaxis(largest, 0, 1), np.moveaxis(supplier, 0, 1)
