"""The short-run closure: wages fixed in own currency, output follows demand, the balance is what is left (model.md 4)."""

from __future__ import annotations

import numpy as np

from planner.engine.accounts import Accounts
from planner.engine.equilibrium import Equilibrium, check_theta, package
from planner.engine.errors import SolveFailed
from planner.engine.linear import Point
from planner.engine.model import Evaluation, Model, State, baseline_point
from planner.engine.shock import Shock
from planner.engine.types import Array

STEPS = 2000
ADVICE = "check the propensity to absorb (below 1), the currency's change and that every place has open partners"


def solve_short_run(
    accounts: Accounts, shock: Shock, theta: Array, *, sigma: Array | float = 0.0, tolerance: float = 1e-11
) -> Equilibrium:
    """The demand-determined equilibrium of each column: I' - TR' = e (VA + D) + sigma (VA' - e VA).

    theta: (sector,) or (sector, column); sigma: propensity to spend a change of own-currency value added,
    0 <= sigma < 1, scalar or (column,). Balances add up to zero because all spending is somebody's sale.
    Raises `SolveFailed`, `NegativeSpending`, ValueError for a sigma or theta outside its range.
    """
    theta = check_theta(theta, accounts, shock.columns)
    sigma = np.broadcast_to(np.asarray(sigma, dtype=float), (shock.columns,))
    if not np.all((sigma >= 0) & (sigma < 1)):
        raise ValueError(f"propensity to absorb sigma is {sigma.min():g} to {sigma.max():g}, expected 0 <= sigma < 1")
    return _FixedWages(Model(accounts, shock, theta), sigma, tolerance).run()


class _FixedWages:
    def __init__(self, model: Model, sigma: Array, tolerance: float) -> None:
        self.model, self.sigma, self.tolerance = model, sigma, tolerance
        accounts = model.accounts
        self.linked = accounts.input_share is not None
        self.base = accounts.value_added[:, None]
        self.currency = np.ones((model.count, 1)) if model.shock.currency is None else model.shock.currency
        self.log_wage = np.broadcast_to(np.log(self.currency), (model.count, model.shock.columns))
        self.planned = self.currency * (self.base + model.deficit) + np.zeros((1, model.shock.columns))
        self.state = State.at_baseline(model)

    def run(self) -> Equilibrium:
        point = baseline_point(self.model.accounts, np.eye(self.model.count))
        added = self.base * self.currency + np.zeros((1, self.model.shock.columns))
        multiplier: Array | None = None
        best = np.inf
        with np.errstate(all="ignore"):
            for step in range(1, STEPS + 1):
                income = self.planned + self.sigma * (added - self.currency * self.base)
                answer = self.model.evaluate(self.log_wage, income, self.state)
                gap = self._gap(answer, added)
                error = float(gap.max())
                if error <= self.tolerance:
                    return package(self.model, answer, self.log_wage, step, error)
                if not np.isfinite(error):
                    break
                plain = error > 0.9 * best  # the shared slope does not help: plain rounds of spending converge
                best = min(best, error)
                if multiplier is None:
                    multiplier = self._multiplier(point)
                added = self._advance(point, multiplier, answer, added, plain)
        raise SolveFailed(step, error, *self._worst(gap), ADVICE)

    def _gap(self, answer: Evaluation, added: Array) -> Array:
        gap = np.where(self.sigma > 0, np.abs(answer.value_added - added) / self.base, 0.0)
        gap = np.maximum(gap, np.abs(answer.proceeds - self.state.proceeds) / self.base)
        if self.linked:
            output = np.abs(answer.costed - self.state.output).max(axis=0) / self.base
            gap = np.maximum(gap, np.maximum(output, np.abs(answer.log_price - self.state.log_price).max(axis=0)))
        return np.asarray(gap)

    def _worst(self, gap: Array) -> tuple[str, int]:
        bad = ~(gap <= self.tolerance)
        place = int(np.argmax(np.where(np.isfinite(gap), gap, np.inf).max(axis=1)))
        return self.model.accounts.places[place], int(bad.any(axis=0).sum())

    def _multiplier(self, point: Point) -> Array:
        """(1 - sigma R)^-1, R = value added earned per unit of net income spent at the baseline: (column, place, place)."""
        earned = point.earned_per_income
        return np.asarray(np.linalg.inv(np.eye(self.model.count) - self.sigma[:, None, None] * earned))

    def _advance(self, point: Point, multiplier: Array, answer: Evaluation, added: Array, plain: bool) -> Array:
        self.state.proceeds = answer.proceeds
        if plain or not self.linked:
            self.state.log_price, self.state.output = answer.log_price, answer.costed
            change = answer.value_added - added
            if not plain:
                change = np.einsum("cij,jc->ic", multiplier, change)
            return np.asarray(added + change)
        price_gap = answer.log_price - self.state.log_price
        output_gap = answer.costed - self.state.output
        price, output, change = point.demand_step(
            multiplier, self.sigma, self.model.theta, price_gap, output_gap, answer.value_added - added
        )
        self.state.log_price = self.state.log_price + price
        self.state.output = self.state.output + output
        return np.asarray(added + change)
