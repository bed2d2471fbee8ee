"""The equilibrium linearised at one point: the slope of excess demand in wages, and Newton steps with input-output links.

At the baseline it drives the chord iterations that all columns share; at a column's own point it drives full Newton
steps. Arrays are sector-major: shares (sector, origin, destination), levels (sector, place).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import lu_factor, lu_solve

from planner.engine.types import Array


@dataclass(frozen=True)
class Point:
    """Where the economy is linearised.

    share: pi' spending shares at purchaser prices; receipts: producers' receipts per unit of spending, pi'/(1+t')...;
    revenue: tariff revenue per unit of spending; spending: E'; final_share: alpha'; value_added_share: g;
    input_share: (place, input, sector) or None; value_added: VA' (place,); income_slope: d(VA'+D')/d ln w.
    """

    share: Array
    receipts: Array
    revenue: Array
    spending: Array
    final_share: Array
    value_added_share: Array
    input_share: Array | None
    value_added: Array
    income_slope: Array

    @cached_property
    def sales(self) -> Array:
        """Producers' receipts, (sector, origin, destination)."""
        return self.receipts * self.spending[:, None, :]

    @cached_property
    def revenue_rate(self) -> Array:
        """Tariff revenue per unit of spending, (sector, destination)."""
        return np.asarray(self.revenue.sum(axis=1))

    @cached_property
    def kept(self) -> Array:
        """1 - tariff revenue per unit of final spending, (destination,)."""
        return np.asarray(1 - (self.final_share * self.revenue_rate).sum(axis=0))

    @cached_property
    def _blocks(self) -> _Blocks:
        return _Blocks(self)

    @cached_property
    def _wage_basis(self) -> tuple[Array, Array]:
        """Excess demand's slope as J0 + sum_s theta_s J_s: (place, place), (sector, place, place)."""
        if self.input_share is not None:
            return self._blocks.wage_basis()
        own, share = self.value_added_share, self.share
        weighted = share * own[:, :, None]
        substitution = np.matmul(self.sales * own[:, :, None], weighted.transpose(0, 2, 1))
        places = np.arange(share.shape[1])
        substitution[:, places, places] -= own**2 * self.sales.sum(axis=2)
        spend = np.einsum("si,sin,sn->in", own, self.receipts, self.final_share) / self.kept
        constant = spend @ self.income_slope - np.diag(self.value_added)
        if not self.revenue.any():
            return constant, substitution
        tariff = self.spending[:, :, None] * (
            self.revenue_rate[:, :, None] * weighted.transpose(0, 2, 1)
            - (self.revenue * own[:, :, None]).transpose(0, 2, 1)
        )
        return constant, substitution + np.matmul(spend, tariff)

    def wage_slope(self, theta: Array) -> Array:
        """d Z / d ln w per distinct column of theta (sector, column), regularised along the numeraire: (column, place, place).

        Z_i = VA'_i(demand) - w_i VA_i. Uniform wage changes are neutral, so the slope is singular; taking
        VA VA' / sum VA off it picks the solution that leaves world value added unchanged.
        """
        neutral = np.outer(self.value_added, self.value_added) / self.value_added.sum()
        if theta.shape[1] == 1 and self.input_share is not None:
            return np.asarray(self._blocks.wage_slope(theta) - neutral)[None]
        constant, by_sector = self._wage_basis
        return np.asarray(np.einsum("sij,sc->cij", by_sector, theta) + (constant - neutral))

    def newton_step(
        self, wage_slope: Array, theta: Array, price_gap: Array, output_gap: Array, excess: Array
    ) -> tuple[Array, Array, Array]:
        """Newton's d ln w, d ln P, d Y for gaps (model value less current value); with input-output links only.

        wage_slope: factor of `wage_slope` (place, place) per column, shape (column, place, place), inverted;
        price_gap, output_gap: (sector, place, column); excess: (place, column).
        """
        return self._blocks.step(wage_slope, theta, price_gap, output_gap, excess)

    @cached_property
    def earned_per_income(self) -> Array:
        """Value added earned by i per unit of net income spent by n, input demand included: (place, place)."""
        if self.input_share is None:
            spend = np.einsum("si,sin,sn->in", self.value_added_share, self.receipts, self.final_share)
            return np.asarray(spend / self.kept)
        each = np.eye(self.spending.shape[1])
        return self._blocks.earned(self._blocks.solve_output(self._blocks.respent(each)))

    def demand_step(
        self, multiplier: Array, sigma: Array, theta: Array, price_gap: Array, output_gap: Array, earned_gap: Array
    ) -> tuple[Array, Array, Array]:
        """d ln P, d Y, d VA with wages fixed and net income following value added with propensity sigma.

        earned_gap: value added of the model less the current one, (place, column); needs input-output links.
        """
        blocks = self._blocks
        price = blocks.solve_price(price_gap)
        output = blocks.solve_output(
            output_gap + blocks.direct(theta, blocks.costs(np.zeros_like(earned_gap), price), price)
        )
        change = np.einsum("cij,jc->ic", multiplier, earned_gap + blocks.earned(output - output_gap))
        return price, output + blocks.solve_output(blocks.respent(sigma * change)), np.asarray(change)


class _Blocks:
    """The price and output blocks of the linearised system with input-output links, factorised once."""

    def __init__(self, point: Point) -> None:
        self.point = point
        assert point.input_share is not None
        self.inputs = point.input_share
        self.shape = point.spending.shape
        size = point.spending.size
        identity = np.eye(size)
        price = np.einsum("sjn,jks->snkj", point.share, self.inputs).reshape(size, size)
        revenue_on_inputs = np.einsum("sn,nsk->nk", point.revenue_rate, self.inputs) / point.kept[:, None]
        spent = self.inputs + point.final_share.T[:, :, None] * revenue_on_inputs[:, None, :]
        output = np.einsum("sin,nsk->sikn", point.receipts, spent).reshape(size, size)
        self._price = lu_factor(identity - price)
        self._output = lu_factor(identity - output)
        by_wage = (point.share * point.value_added_share[:, :, None]).transpose(0, 2, 1).reshape(size, -1)
        self.price_by_wage = lu_solve(self._price, by_wage).reshape(*self.shape, -1)

    def costs(self, wage: Array, price: Array) -> Array:
        """d ln c from d ln w (place, column) and d ln P (sector, place, column)."""
        inputs = np.einsum("iks,kic->sic", self.inputs, price, optimize=True)
        return np.asarray(self.point.value_added_share[:, :, None] * wage + inputs)

    def direct(self, theta: Array, cost: Array, price: Array) -> Array:
        """d Y at given spending out of net income, from d ln c and d ln P."""
        point = self.point
        sold = np.matmul(point.sales, price) - point.sales.sum(axis=2)[:, :, None] * cost
        taxed = point.revenue_rate[:, :, None] * price - np.matmul(point.revenue.transpose(0, 2, 1), cost)
        revenue = (theta[:, None, :] * point.spending[:, :, None] * taxed).sum(axis=0)
        return np.asarray(theta[:, None, :] * sold + self.respent(revenue))

    def respent(self, income: Array) -> Array:
        """d Y from d(net income) (place, column)."""
        spending = self.point.final_share[:, :, None] * (income / self.point.kept[:, None])
        return np.asarray(np.matmul(self.point.receipts, spending))

    def earned(self, output: Array) -> Array:
        """Value added, (place, column), out of output (sector, place, column)."""
        return np.asarray((self.point.value_added_share[:, :, None] * output).sum(axis=0))

    def solve_price(self, gap: Array) -> Array:
        return np.asarray(lu_solve(self._price, gap.reshape(len(self._price[0]), -1)).reshape(gap.shape))

    def solve_output(self, gap: Array) -> Array:
        return np.asarray(lu_solve(self._output, gap.reshape(len(self._output[0]), -1)).reshape(gap.shape))

    def wage_basis(self) -> tuple[Array, Array]:
        point = self.point
        sectors, places = self.shape
        identity = np.eye(places)
        cost = self.costs(identity, self.price_by_wage)
        income = self.solve_output(self.respent(point.income_slope))
        constant = self.earned(income) - np.diag(point.value_added)
        slopes = np.empty((sectors, places, places))
        for sector in range(sectors):  # one right-hand side block per sector's elasticity
            only = np.zeros((sectors, places))
            only[sector] = 1.0
            slopes[sector] = self.earned(self.solve_output(self.direct(only, cost, self.price_by_wage)))
        return np.asarray(constant), slopes

    def wage_slope(self, theta: Array) -> Array:
        """The slope for one theta (sector, 1): one solve instead of one per sector."""
        point = self.point
        cost = self.costs(np.eye(self.shape[1]), self.price_by_wage)
        output = self.direct(theta, cost, self.price_by_wage) + self.respent(point.income_slope)
        return np.asarray(self.earned(self.solve_output(output)) - np.diag(point.value_added))

    def step(
        self, inverse: Array, theta: Array, price_gap: Array, output_gap: Array, excess: Array
    ) -> tuple[Array, Array, Array]:
        still = np.zeros_like(excess)
        price = self.solve_price(price_gap)
        output = self.solve_output(output_gap + self.direct(theta, self.costs(still, price), price))
        demand = excess + self.earned(output)
        wage = -np.einsum("cij,jc->ic", inverse, demand)
        price = price + np.tensordot(self.price_by_wage, wage, axes=(2, 0))
        cost = self.costs(wage, price)
        respent = self.respent(self.point.income_slope @ wage)
        output = self.solve_output(output_gap + self.direct(theta, cost, price) + respent)
        return wage, price, output
