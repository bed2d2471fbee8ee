"""The first-order split of welfare into terms of trade and volume of trade (Caliendo & Parro 2015, section 3.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.equilibrium import Equilibrium
from planner.engine.types import Array


@dataclass(frozen=True)
class WelfareSplit:
    """Contributions to welfare by place, (place,), in per cent.

    As published, changes enter as relative changes, not as logarithms; the sum is a first-order figure, not the exact
    change of real income.
    """

    terms_of_trade: Array
    volume_of_trade: Array

    @property
    def total(self) -> Array:
        """Terms of trade plus volume of trade, per cent."""
        return self.terms_of_trade + self.volume_of_trade


def split_welfare(before: Equilibrium, after: Equilibrium, column: int = 0) -> WelfareSplit:
    """Split the change between two equilibria of the same accounts, at the flows and tariffs of the first.

    Terms of trade: exports times the change of own unit costs less imports times the change of partners'.
    Volume of trade: tariff revenue at the first tariffs times the change of import volumes.
    """
    flows, flows_after = before.flows()[..., min(column, before.model.shock.columns - 1)], after.flows()[..., column]
    income = before.income[:, min(column, before.model.shock.columns - 1)]
    cost = np.expm1(_log_cost(after, column) - _log_cost(before, min(column, before.model.shock.columns - 1)))
    tariff = before.model.accounts.tariff
    foreign = flows * ~np.eye(len(flows), dtype=bool)[:, :, None]
    sold = np.einsum("ins,is->i", foreign, cost)
    bought = np.einsum("ins,is->n", foreign, cost)
    volume = np.divide(flows_after, flows, out=np.ones_like(flows), where=flows > 0)
    volume = volume - 1 - cost[:, None, :]
    taxed = (tariff * foreign * volume).sum(axis=(0, 2))
    return WelfareSplit(100 * (sold - bought) / income, 100 * taxed / income)


def _log_cost(equilibrium: Equilibrium, column: int) -> Array:
    """ln c^, (place, sector)."""
    theta = equilibrium.model.theta[:, column : column + 1]
    return np.asarray(-(np.log(equilibrium.answer.supply[..., column]) / theta).T)
