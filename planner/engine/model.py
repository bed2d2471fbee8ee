"""The model's equations for given wages: costs, prices, shares, spending, output (model.md 3), batched over columns.

Everything is a ratio to the baseline ("exact hat algebra": Dekle, Eaton & Kortum 2007; Caliendo & Parro 2015).
Arrays are sector-major: (sector, place, column).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.engine.accounts import Accounts
from planner.engine.cells import Cells, cell_key
from planner.engine.errors import NotApplicable
from planner.engine.linear import Point
from planner.engine.operators import Operators, has_tariff, kernel_change, prepare
from planner.engine.shock import Shock
from planner.engine.types import Array


def sector_major(array: Array) -> Array:
    """(origin, destination, sector) -> contiguous (sector, origin, destination); likewise (place, sector)."""
    return np.ascontiguousarray(np.moveaxis(array, -1, 0))


@dataclass
class State:
    """Where an iteration stands: ln P^ and Y' (at cost), carried along with input-output links; export tax proceeds."""

    log_price: Array
    output: Array
    proceeds: Array

    @classmethod
    def at_baseline(cls, model: Model) -> State:
        """The start of every solve."""
        shape = (len(model.accounts.sectors), model.count, model.shock.columns)
        output = np.broadcast_to(model.accounts.output.T[:, :, None], shape).copy()
        return cls(np.zeros(shape), output, np.zeros(shape[1:]))

    def put(self, column: int, other: State) -> None:
        """Take over the only column of `other`."""
        self.log_price[..., column] = other.log_price[..., 0]
        self.output[..., column] = other.output[..., 0]
        self.proceeds[..., column] = other.proceeds[..., 0]


@dataclass(frozen=True)
class Evaluation:
    """The model's answer to given wages; see `Model.evaluate`."""

    supply: Array  # c^^-theta
    phi: Array  # P^^-theta, with tastes
    log_price: Array
    income: Array
    tariff_revenue: Array
    proceeds: Array
    spending: Array
    output: Array
    costed: Array  # output without border margins: what inputs are a share of
    value_added: Array


class Model:
    """One baseline under one shock: operators prepared once, evaluated at many wages.

    theta: trade elasticities, (sector, column); room: where `operators.prepare` may write, for one model after the other.
    """

    def __init__(self, accounts: Accounts, shock: Shock, theta: Array, room: Array | None = None) -> None:
        self.accounts, self._room = accounts, room
        self.shock = shock
        self.theta = np.broadcast_to(theta, (len(accounts.sectors), shock.columns)) if theta.ndim == 2 else theta
        self.count = len(accounts.places)
        self.weight = np.ascontiguousarray(accounts.value_added_share.T)[:, :, None]
        self.final_share = shock.final_share if shock.final_share is not None else accounts.final_share.T[:, :, None]
        self.deficit = shock.deficit if shock.deficit is not None else accounts.deficit[:, None]
        self.used = accounts.expenditure.T[:, :, None] > 0
        self.cells = shock.cells
        self.has_tariff = has_tariff(accounts, shock)
        self.has_proceeds = shock.export_tax is not None

    @cached_property
    def operators(self) -> Operators:
        """The matrices that the equations multiply by."""
        return prepare(self.accounts, self.shock, self.theta, self._room)

    @cached_property
    def _at_border(self) -> Array:
        """The kernel for values at border prices: without tariffs that are paid on top."""
        if not self.has_tariff and self.shock.certificate is None:
            return self.kernel
        paid = 1 + self.cells.gather(self.accounts.tariff)[:, None]
        return np.asarray(self.kernel * self.operators.border * paid)

    @cached_property
    def kernel(self) -> Array:
        """What trade is multiplied by at given prices, at the shock's cells (cell, column)."""
        change = self.operators.change
        return np.asarray(1 + (kernel_change(self.accounts, self.shock, self.theta) if change is None else change))

    def log_cost(self, log_wage: Array, log_price: Array) -> Array:
        """ln c^, (sector, place, column)."""
        cost = self.weight * log_wage
        if self.accounts.input_share is not None:
            cost = cost + np.einsum("iks,kic->sic", self.accounts.input_share, log_price, optimize=True)
        if self.shock.log_productivity is not None:
            cost = cost - self.shock.log_productivity
        return np.asarray(cost)

    def evaluate(self, log_wage: Array, net_income: Array, state: State) -> Evaluation:
        """Shares, spending and output at given wages and net income I' - TR', both (place, column).

        With input-output links prices of inputs and output behind their demand come from `state`; the gap to the
        values returned is what the solver closes.
        """
        use = self.operators
        supply = np.exp(-self.theta[:, None, :] * self.log_cost(log_wage, state.log_price))
        phi = np.where(self.used, use.shares.to_destination(supply), 1.0)
        priced = phi if use.priced is use.shares else np.where(self.used, use.priced.to_destination(supply), 1.0)
        log_price = -np.log(priced) / self.theta[:, None, :]
        inputs: Array | float = 0.0
        if self.accounts.input_share is not None:
            inputs = np.einsum("nsk,knc->snc", self.accounts.input_share, state.output, optimize=True)
        taxed: Array | float = 0.0
        kept: Array | float = 1.0
        revenue: Array | float = 0.0
        if use.untaxed is not None:
            taxed = np.where(self.used, 1 - use.untaxed.to_destination(supply) / phi, 0.0)
            kept = 1 - (self.final_share * taxed).sum(axis=0)
            revenue = (taxed * inputs).sum(axis=0)
        income = (net_income + state.proceeds + revenue) / kept
        spending = self.final_share * income + inputs
        tariff_revenue = income - net_income - state.proceeds
        demand = spending / phi
        output = supply * use.receipts.to_origin(demand)
        costed = output if use.at_cost is None else supply * use.at_cost.to_origin(demand)
        proceeds = state.proceeds
        if use.sent is not None:
            proceeds = (supply * use.sent.to_origin(demand) - output).sum(axis=0)
        return Evaluation(
            supply=supply,
            phi=phi,
            log_price=log_price,
            income=np.asarray(income),
            tariff_revenue=np.asarray(tariff_revenue),
            proceeds=np.asarray(proceeds),
            spending=np.asarray(spending),
            output=np.asarray(output),
            costed=np.asarray(costed),
            value_added=np.asarray((output - (1 - self.weight) * costed).sum(axis=0)),
        )

    def sales(self, answer: Evaluation, cells: Cells) -> Array:
        """Border-price sales X' at `cells`, (cell, column)."""
        return self.sales_at(cells, answer, answer.supply)

    def sales_at(self, cells: Cells, answer: Evaluation, supply: Array) -> Array:
        """The same with another power of sellers' costs, (sector, place, column), such as for sales at given prices."""
        base = cells.gather(self.accounts.trade_share / (1 + self.accounts.tariff))
        return cells.scaled(base, self._at_border, self.cells, supply, answer.spending / answer.phi)

    def at_cells(self, cells: Cells, values: Array) -> Array:
        """Values known at the shock's cells, looked up at others; 1 where the shock does not reach."""
        factor, place = np.ones((len(cells), self.shock.columns)), cells.within(self.cells)
        factor[place >= 0] = values[place[place >= 0]]
        return factor

    @cached_property
    def baseline_cells(self) -> Cells:
        """Every cell with sales in the baseline."""
        origin, destination, sector = np.nonzero(self.accounts.flows)
        return Cells.from_keys(np.sort(cell_key(origin, destination, sector, self.count)), self.count)

    def flows(self, answer: Evaluation) -> Array:
        """All border-price sales X', (origin, destination, sector, column); for small cases and single columns."""
        cells = self.baseline_cells
        flows = np.zeros((*self.accounts.flows.shape, self.shock.columns))
        flows[cells.origin, cells.destination, cells.sector] = self.sales(answer, cells)
        return flows

    def point(self, answer: Evaluation, value_added: Array, income_slope: Array, column: int = 0) -> Point:
        """The current point of one column, for a full Newton step; `value_added` is w VA, (place,)."""
        spending, use = answer.spending[..., column], self.operators
        scale = answer.supply[:, :, None, column] / answer.phi[:, None, :, column]
        share, receipts = use.shares.matrix(column) * scale, use.receipts.matrix(column) * scale
        revenue = np.zeros_like(share) if use.untaxed is None else share - use.untaxed.matrix(column) * scale
        final = self.final_share[..., min(column, self.final_share.shape[-1] - 1)]
        return Point(
            share=share, receipts=receipts, revenue=revenue, spending=spending, final_share=final,
            value_added_share=self.weight[..., 0], input_share=self.accounts.input_share,
            value_added=value_added, income_slope=income_slope,
        )  # fmt: skip


def baseline_point(accounts: Accounts, income_slope: Array) -> Point:
    """The baseline itself as a point of linearisation."""
    share, receipts = (array.transpose(0, 2, 1) for array in (accounts.bought, accounts.bought_net))
    return Point(
        share=share, receipts=receipts, revenue=share - receipts, spending=np.ascontiguousarray(accounts.expenditure.T),
        final_share=np.ascontiguousarray(accounts.final_share.T),
        value_added_share=np.ascontiguousarray(accounts.value_added_share.T), input_share=accounts.input_share,
        value_added=accounts.value_added, income_slope=income_slope,
    )  # fmt: skip


def refuse_currency(shock: Shock, closure: str) -> None:
    """A revaluation is neutral where wages are flexible: it has no meaning there."""
    if shock.currency is not None and np.any(shock.currency != 1):
        raise NotApplicable(f"a change of the currency's value is neutral with flexible wages (closure {closure})")
