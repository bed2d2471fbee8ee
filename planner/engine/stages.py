"""The partial and the conditional stage: first-round flows, and flows refitted to unchanged sales and purchases (model.md 4)."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from planner.engine.accounts import Accounts
from planner.engine.cells import CellOperator, Cells
from planner.engine.errors import SolveFailed
from planner.engine.model import Model, sector_major
from planner.engine.types import Array

TOLERANCE = 1e-11
CHORD_STEPS = 60
IPF_ROUNDS = 20000


class PartialStage:
    """X K, K = kap^^-theta (1+t)/(1+t'): what the changed costs do before any price or income answers.

    Exogenous changes of sellers' cost (productivity, currency) count; taste counts; incomes and price indices do not.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        cells = model.cells
        base_paid = 1 / (1 + cells.gather(model.accounts.tariff)[:, None])
        self.kernel = model.kernel * model.operators.border / base_paid
        shape = (len(model.accounts.sectors), model.count, model.shock.columns)
        cost = np.zeros(shape)
        if model.shock.currency is not None:
            cost = cost + model.weight * np.log(model.shock.currency)
        if model.shock.log_productivity is not None:
            cost = cost - model.shock.log_productivity
        self.supply = np.exp(-model.theta[:, None, :] * cost)

    def sales(self, cells: Cells) -> Array:
        """First-round sales at `cells`, (cell, column)."""
        base, ones = cells.gather(self.model.accounts.flows), np.ones_like(self.supply)
        return cells.scaled(base, self.kernel, self.model.cells, self.supply, ones)


class ConditionalFit:
    """The slope of proportional fitting at the baseline, shared by all shocks to one baseline."""

    def __init__(self, accounts: Accounts) -> None:
        self.flows = sector_major(accounts.flows)
        self.rows, self.columns = self.flows.sum(axis=2), self.flows.sum(axis=1)

    @cached_property
    def inverse(self) -> Array:
        """Pseudo-inverse of d(row sums, column sums)/d(ln row factors, ln column factors), (sector, 2 place, 2 place).

        The system is singular: factors are known up to a constant per sector.
        """
        sectors, places = self.rows.shape
        slope = np.zeros((sectors, 2 * places, 2 * places))
        number = np.arange(places)
        slope[:, number, number] = self.rows
        slope[:, places + number, places + number] = self.columns
        slope[:, :places, places:] = self.flows
        slope[:, places:, :places] = self.flows.transpose(0, 2, 1)
        scale = 1 / np.sqrt(np.maximum(np.concatenate([self.rows, self.columns], axis=1), 1e-300))
        used = np.concatenate([self.rows, self.columns], axis=1) > 0
        scale = np.where(used, scale, 0.0)
        inner = np.linalg.pinv(slope * scale[:, :, None] * scale[:, None, :], rcond=1e-12, hermitian=True)
        return np.asarray(inner * scale[:, :, None] * scale[:, None, :])


class ConditionalStage:
    """X K fitted biproportionally to the baseline's sales and purchases: the conditional solution of Yotov et al. (2016)."""

    def __init__(self, first: PartialStage, fit: ConditionalFit) -> None:
        self.first, self.fit = first, fit
        cells = first.model.cells
        # Sellers' exogenous cost changes drop out: the row factors absorb them.
        self.operator = CellOperator(fit.flows, cells, cells.gather(first.model.accounts.flows), first.kernel - 1)
        self.row_factor, self.column_factor = self._solve()

    def sales(self, cells: Cells) -> Array:
        """Sales at `cells`, (cell, column)."""
        base, first = cells.gather(self.first.model.accounts.flows), self.first
        return cells.scaled(base, first.kernel, first.model.cells, self.row_factor, self.column_factor)

    def _solve(self) -> tuple[Array, Array]:
        fit, columns = self.fit, self.first.model.shock.columns
        places = fit.rows.shape[1]
        log_factors = np.zeros((fit.rows.shape[0], 2 * places, columns))
        target = np.concatenate([fit.rows, fit.columns], axis=1)[:, :, None]
        scale = np.maximum(target, 1e-300)
        best = np.inf
        if not self.operator.active:
            return np.exp(log_factors[:, :places]), np.exp(log_factors[:, places:])
        with np.errstate(all="ignore"):
            for _ in range(CHORD_STEPS):
                left, right = np.exp(log_factors[:, :places]), np.exp(log_factors[:, places:])
                sums = np.concatenate(
                    [left * self.operator.to_origin(right), right * self.operator.to_destination(left)], axis=1
                )
                gap = target - sums
                error = float(np.abs(gap / scale)[np.broadcast_to(target > 0, gap.shape)].max())
                if error <= TOLERANCE:
                    return left, right
                if not error < 0.8 * best:
                    break
                best = error
                log_factors = log_factors + np.matmul(fit.inverse, gap)
        return self._alternate()

    def _alternate(self) -> tuple[Array, Array]:
        """Plain proportional fitting, slow and sure, for shocks too large for the shared slope."""
        fit = self.fit
        rows, columns = fit.rows[:, :, None], fit.columns[:, :, None]
        right = np.ones((*fit.rows.shape, self.first.model.shock.columns))
        error = np.inf
        for _ in range(IPF_ROUNDS):
            sent = self.operator.to_origin(right)
            left = np.divide(rows, sent, out=np.zeros_like(sent), where=sent > 0)
            bought = self.operator.to_destination(left)
            gap = np.abs(bought * right - columns) / np.maximum(columns, 1e-300)
            error = float(np.where(columns > 0, gap, 0.0).max())
            if error <= 1e-10:
                return left, right
            right = np.divide(columns, bought, out=np.zeros_like(bought), where=bought > 0)
        worst = int(np.where(columns > 0, gap, 0.0).max(axis=(0, 2)).argmax())
        place = self.first.model.accounts.places[worst]
        raise SolveFailed(IPF_ROUNDS, error, place, 1, "the conditional stage cannot keep its purchases: open a route")
