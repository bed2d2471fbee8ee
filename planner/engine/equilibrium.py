"""The batched general-equilibrium solve with flexible wages: one column per (intervention, draw) (model.md 3, 4, 12).

All columns take Broyden steps from the baseline's own Jacobian, one evaluation each; a column whose shock is too large
for that is finished by full Newton steps of its own with a line search (`newton.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from planner.engine import closures
from planner.engine.accounts import Accounts
from planner.engine.batches import SideBySide, columns_at_once, slices, split
from planner.engine.cells import Cells
from planner.engine.errors import NegativeSpending
from planner.engine.linear import Point
from planner.engine.model import Evaluation, Model, State, baseline_point, refuse_currency
from planner.engine.newton import finish_column
from planner.engine.shock import Shock
from planner.engine.types import Array, Mask

BROYDEN_STEPS = 40
DIVERGED = 1e3
EXACT = 1e-15
BY_COLUMN = ("wage", "value_added", "income", "tariff_revenue", "deficit", "omega", "price")  # of `Equilibrium`


@dataclass(frozen=True)
class Equilibrium:
    """A solved economy, ratios to the baseline where named `^`; shapes (place, column) and (sector, place, column).

    wage w^; value_added VA'; income I' (final absorption); tariff_revenue TR'; deficit D'; omega = world VA'/world VA
    (column,); price P^ of final demand; certificate_price chi (column,) where certificates were solved for.
    """

    model: Model
    answer: Evaluation
    wage: Array
    value_added: Array
    income: Array
    tariff_revenue: Array
    deficit: Array
    omega: Array
    price: Array
    iterations: int
    residual: float
    certificate_price: Array | None = None

    @property
    def welfare(self) -> Array:
        """W^ = (I'/I) / P^, (place, column): real final absorption."""
        return np.asarray(self.income / self.model.accounts.income[:, None] / self.price)

    @property
    def real_income(self) -> Array:
        """((VA' + TR' + omega D)/I) / P^, (place, column): spending saved is not a loss."""
        accounts = self.model.accounts
        earned = self.income - self.deficit + self.omega * accounts.deficit[:, None]
        return np.asarray(earned / accounts.income[:, None] / self.price)

    @property
    def real_wage(self) -> Array:
        """w^/P^, (place, column)."""
        return np.asarray(self.wage / self.price)

    def part(self, columns: slice) -> Equilibrium:
        """Where another solve of some columns may set out from; its model is that of all columns."""
        answer = Evaluation(**{f.name: getattr(self.answer, f.name)[..., columns] for f in fields(Evaluation)})
        return replace(self, answer=answer, wage=self.wage[:, columns])

    def sales(self, cells: Cells) -> Array:
        """X' at border prices, (cell, column)."""
        return self.model.sales(self.answer, cells)

    def flows(self) -> Array:
        """X' at border prices, all cells: (origin, destination, sector, column)."""
        return self.model.flows(self.answer)


def solve(
    accounts: Accounts,
    shock: Shock,
    theta: Array,
    closure: str = "world_share",
    *,
    sigma: Array | float = 1.0,
    tolerance: float = 1e-11,
    inverse: Array | None = None,
    start: Equilibrium | None = None,
) -> Equilibrium:
    """The equilibrium of each column under a flexible-wage closure; `short_run.solve_short_run` has fixed wages.

    theta: trade elasticities (sector,) or (sector, column); sigma: propensity of `absorption`, scalar or (column,);
    tolerance: largest excess demand of a place's value added, relative to that value added;
    inverse: what `baseline_inverse` gave for the same accounts, theta, closure and sigma, to be shared between shocks;
    start: the equilibrium of a shock close to this one, to set out from.
    Raises `SolveFailed` with the worst place, `NegativeSpending`, `NotApplicable` for a change of currency,
    ValueError for theta <= 0.
    """
    refuse_currency(shock, closure)
    theta = check_theta(theta, accounts, shock.columns)
    sigma = np.broadcast_to(sigma, (shock.columns,))
    parts = slices(shock.columns, columns_at_once(accounts, shock))
    if len(parts) == 1:
        return FlexibleWages(Model(accounts, shock, theta), closure, sigma, tolerance, inverse).run(start)
    room = np.empty_like(accounts.bought) if len(parts) == shock.columns else None
    whole, iterations, residual = SideBySide(shock.columns), 0, 0.0
    for part, one in zip(parts, split(shock, parts), strict=True):
        shared = None if inverse is None else inverse[part]
        problem = FlexibleWages(Model(accounts, one, theta[:, part], room), closure, sigma[part], tolerance, shared)
        found = problem.run(None if start is None else start.part(part))
        whole.take(part, {name: getattr(found, name) for name in BY_COLUMN})
        whole.take(part, {field.name: getattr(found.answer, field.name) for field in fields(Evaluation)})
        iterations, residual = max(iterations, found.iterations), max(residual, found.residual)
    answer = Evaluation(**{field.name: whole.arrays[field.name] for field in fields(Evaluation)})
    together = {name: whole.arrays[name] for name in BY_COLUMN}
    return Equilibrium(Model(accounts, shock, theta), answer, iterations=iterations, residual=residual, **together)


def baseline_inverse(accounts: Accounts, theta: Array, closure: str, sigma: Array | float = 1.0) -> Array:
    """The inverse Jacobian of excess demand at the baseline, (column, place, place): one factorisation per draw."""
    theta = np.asarray(theta, dtype=float)
    model = Model(accounts, Shock.none(len(accounts.places), theta.shape[1]), theta)
    return FlexibleWages(model, closure, np.broadcast_to(sigma, (theta.shape[1],)), 0.0).baseline_inverse()


def check_theta(theta: Array, accounts: Accounts, columns: int) -> Array:
    """theta as (sector, column); every elasticity must be a positive number."""
    theta = np.asarray(theta, dtype=float)
    if theta.ndim < 2:
        theta = theta.reshape(-1, 1)
    theta = np.broadcast_to(theta, (len(accounts.sectors), columns))
    good = np.isfinite(theta) & (theta > 0)
    if not good.all():
        bad = int(np.argwhere(~good)[0][0])
        raise ValueError(
            f"trade elasticity of sector {accounts.sectors[bad]} is {theta[bad].min():g}, expected a number > 0"
        )
    return theta


def package(model: Model, answer: Evaluation, log_wage: Array, iterations: int, residual: float) -> Equilibrium:
    """The equilibrium's record from the last evaluation; D' is what spending and income leave.

    Raises `NegativeSpending` where a place would have to spend less than nothing.
    """
    added = answer.value_added
    spent = answer.income / model.accounts.value_added[:, None]
    if (spent <= 0).any():
        place = int(spent.min(axis=1).argmin())
        columns = int((spent <= 0).any(axis=0).sum())
        raise NegativeSpending(model.accounts.places[place], float(spent.min()), columns)
    final = model.accounts.final_share.T[:, :, None]
    return Equilibrium(
        model=model,
        answer=answer,
        wage=np.exp(log_wage),
        value_added=added,
        income=answer.income,
        tariff_revenue=answer.tariff_revenue + answer.proceeds,
        deficit=answer.income - added - answer.tariff_revenue - answer.proceeds,
        omega=added.sum(axis=0) / model.accounts.value_added.sum(),
        price=np.exp((final * answer.log_price).sum(axis=0)),
        iterations=iterations,
        residual=residual,
    )


class FlexibleWages:
    """The root-finding problem of one batch: excess demand for each place's value added as a function of wages."""

    def __init__(
        self, model: Model, closure: str, sigma: Array, tolerance: float, inverse: Array | None = None
    ) -> None:
        self.model, self.closure, self.sigma, self.tolerance = model, closure, sigma, tolerance
        self._inverse = inverse
        self.accounts = model.accounts
        self.base = self.accounts.value_added
        self.linked = self.accounts.input_share is not None
        self.state = State.at_baseline(model)
        self.sweeps = 0  # rounds of prices and output so far, see `newton`

    def net_income(self, log_wage: Array) -> Array:
        """VA' + D' by the closure's rule, (place, column)."""
        added = np.exp(log_wage) * self.base[:, None]
        economy = self.accounts.economy
        return closures.net_income(self.closure, added, self.base, self.model.deficit, economy, self.sigma)

    def income_slope(self, log_wage: Array, sigma: float) -> Array:
        """d(VA' + D')/d ln w of one column, (place, place)."""
        added = np.exp(log_wage) * self.base
        deficit = self.model.deficit[:, 0]
        return closures.net_income_slope(self.closure, added, self.base, deficit, self.accounts.economy, sigma)

    def normalise(self, log_wage: Array) -> Array:
        """World value added is the numeraire."""
        return np.asarray(log_wage - np.log((np.exp(log_wage) * self.base[:, None]).sum(axis=0) / self.base.sum()))

    def gaps(self, log_wage: Array, answer: Evaluation) -> tuple[Array, Array]:
        """Largest relative error of each column, (column,), and excess demand, (place, column)."""
        added = np.exp(log_wage) * self.base[:, None]
        demanded = (self.model.weight * self.state.output).sum(axis=0) if self.linked else answer.value_added
        excess = demanded - added
        errors = np.abs(excess / added).max(axis=0)
        if self.linked:
            errors = np.maximum(errors, np.abs(answer.log_price - self.state.log_price).max(axis=(0, 1)))
            errors = np.maximum(
                errors, (np.abs(answer.output - self.state.output) / self._output_scale).max(axis=(0, 1))
            )
        if self.model.has_proceeds:
            errors = np.maximum(errors, (np.abs(answer.proceeds - self.state.proceeds) / added).max(axis=0))
        return errors, excess

    def run(self, start: Equilibrium | None = None) -> Equilibrium:
        """Broyden steps for all columns, then Newton for those that need it."""
        log_wage = np.zeros((self.model.count, self.model.shock.columns))
        if start is not None:
            log_wage = np.log(start.wage)
            self.state = State(start.answer.log_price, start.answer.output, start.answer.proceeds)
        log_wage, solved, steps = self._broyden(log_wage)
        for column in np.flatnonzero(~solved):
            part = self._column(int(column))
            wage, taken = finish_column(part)
            steps = max(steps, taken)
            log_wage[:, column] = wage[:, 0]
            self.state.put(int(column), part.state)
        with np.errstate(all="ignore"):
            answer = self.model.evaluate(log_wage, self.net_income(log_wage), self.state)
            errors, _ = self.gaps(log_wage, answer)
        return package(self.model, answer, log_wage, steps, float(errors.max(initial=0.0)))

    def _column(self, column: int) -> FlexibleWages:
        model = self.model
        single = Model(self.accounts, model.shock.column(column), model.theta[:, column : column + 1])
        return FlexibleWages(single, self.closure, self.sigma[column : column + 1], self.tolerance)

    def _broyden(self, log_wage: Array) -> tuple[Array, Mask, int]:
        """Broyden's method from the baseline's own Jacobian, by columns (Kelley 1995, algorithm brsol)."""
        columns = self.model.shock.columns
        taken: list[Array] = []
        norms: list[Array] = []
        alive = np.ones(columns, dtype=bool)
        solved = np.zeros(columns, dtype=bool)
        first = np.zeros(columns)
        steps = 0
        for steps in range(1, BROYDEN_STEPS + 1):
            with np.errstate(all="ignore"):  # a column that overflows is given to Newton
                answer = self.model.evaluate(log_wage, self.net_income(log_wage), self.state)
                errors, excess = self.gaps(log_wage, answer)
            first = errors if steps == 1 else first
            alive &= errors <= DIVERGED * np.maximum(first, 1e-3)
            solved = alive & (errors <= self.tolerance)
            done = bool(np.all(solved | ~alive))
            if done and errors[solved].max(initial=0.0) < EXACT:
                break
            if self._inverse is None:
                self._inverse = self.baseline_inverse()
            with np.errstate(all="ignore"):
                step = self._plain_step(self._inverse, answer, excess)
                for earlier, (later, norm) in zip(taken, zip(taken[1:], norms, strict=False), strict=False):
                    step += later * ((earlier * step).sum(axis=0) / norm)
                if taken:
                    shrink = 1 - (taken[-1] * step).sum(axis=0) / norms[-1]
                    step /= np.where(np.abs(shrink) > 0.05, shrink, 1.0)
            # Small effects need more digits than the tolerance: the last step is taken though the gaps are closed.
            step = np.where(alive & (done | ~solved) & np.isfinite(step).all(axis=0), step, 0.0)
            taken.append(step)
            norms.append(np.maximum((step**2).sum(axis=0), 1e-300))
            log_wage = self._take(log_wage, step)
            if done:
                break
        return log_wage, solved, steps

    @cached_property
    def _point(self) -> Point:
        return baseline_point(self.accounts, self.income_slope(np.zeros(self.model.count), 0.0))

    def baseline_inverse(self) -> Array:
        """See the function of that name."""
        point = self._point
        slope = point.wage_slope(self.model.theta)
        if self.closure == "absorption":
            # Only here the closure's own slope differs between columns, and it is linear in sigma.
            theta = self.model.theta[:, :1]
            other = baseline_point(self.accounts, self.income_slope(np.zeros(self.model.count), 1.0))
            step = other.wage_slope(theta) - point.wage_slope(theta)
            slope = slope + self.sigma[:, None, None] * step
        return np.asarray(np.linalg.inv(slope))

    def _plain_step(self, inverse: Array, answer: Evaluation, excess: Array) -> Array:
        """Minus the baseline's inverse Jacobian times the gaps, for all unknowns stacked: (unknown, column)."""
        columns = excess.shape[1]
        parts = []
        if self.linked:
            price_gap = answer.log_price - self.state.log_price
            output_gap = answer.output - self.state.output
            change, price, output = self._point.newton_step(inverse, self.model.theta, price_gap, output_gap, excess)
            parts = [price.reshape(-1, columns), (output / self._output_scale).reshape(-1, columns)]
        else:
            change = -np.matmul(inverse, excess.T[:, :, None])[:, :, 0].T
        if self.model.has_proceeds:
            parts.append((answer.proceeds - self.state.proceeds) / self.base[:, None])
        return np.concatenate([change, *parts]) if parts else np.array(change)

    @property
    def _output_scale(self) -> Array:
        return np.asarray(self.accounts.output.sum(axis=1)[None, :, None])

    def _take(self, log_wage: Array, step: Array) -> Array:
        """Move all unknowns by a stacked step; the numeraire is restored."""
        count, size = self.model.count, self.state.log_price.size // step.shape[1]
        end = count
        if self.linked:
            shape = self.state.log_price.shape
            self.state.log_price = self.state.log_price + step[end : end + size].reshape(shape)
            self.state.output = (
                self.state.output + step[end + size : end + 2 * size].reshape(shape) * self._output_scale
            )
            end += 2 * size
        if self.model.has_proceeds:
            self.state.proceeds = self.state.proceeds + step[end:] * self.base[:, None]
        return self.normalise(log_wage + step[:count])
