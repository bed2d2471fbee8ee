"""Closures: what an aggregate balance may do (model.md 4). A scenario axis, stated beside every result.

With flexible wages each closure fixes net income I' - TR' = VA' + D' as a function of value added alone.
World value added is the numeraire there, so that omega = 1.
"""

from __future__ import annotations

import numpy as np

from planner.engine.types import Array, Index

RULES = {
    "world_share": "each place keeps its deficit as a fixed share of world income: D' = omega D",
    "own_income": "each place spends a fixed multiple of its own value added: I' - TR' = psi (1 + D/VA) VA'",
    "balanced": "no place has a deficit, D' = 0; the baseline is first re-solved so",
    "balanced_economy": "no economy has a deficit; transfers between places of one economy stay in proportion to VA'",
    "absorption": "final absorption follows value added with propensity sigma: D' = omega D - (1 - sigma)(VA' - omega VA)",
    "short_run": "wages fixed in own currency, output follows demand, the balance is what is left over",
}


def net_income(
    closure: str, value_added: Array, baseline: Array, deficit: Array, economy: Index, sigma: Array | float = 1.0
) -> Array:
    """VA' + D' of a flexible-wage closure, shape (place, column).

    value_added: VA', (place, column); baseline: VA, (place,); deficit: D, (place, 1) or (place, column);
    economy: economy number of each place; sigma: propensity of `absorption`, scalar or (column,).
    """
    if closure == "balanced":
        return value_added
    omega = value_added.sum(axis=0) / baseline.sum()
    if closure == "world_share":
        return np.asarray(value_added + omega * deficit)
    if closure == "own_income":
        spent = (1 + deficit / baseline[:, None]) * value_added
        return np.asarray(spent * (value_added.sum(axis=0) / spent.sum(axis=0)))
    if closure == "balanced_economy":
        member = _membership(economy)
        economy_now = (member @ value_added)[economy]
        economy_then = (member @ baseline)[economy][:, None]
        economy_deficit = (member @ deficit)[economy]
        return np.asarray(
            value_added + deficit * economy_now / economy_then - value_added * economy_deficit / economy_then
        )
    if closure == "absorption":
        return np.asarray(value_added + omega * deficit - (1 - sigma) * (value_added - omega * baseline[:, None]))
    raise ValueError(f"closure {closure!r} has no net income rule; expected one of {', '.join(RULES)}")


def net_income_slope(
    closure: str, value_added: Array, baseline: Array, deficit: Array, economy: Index, sigma: float = 1.0
) -> Array:
    """d(VA' + D')_n / d ln w_j at given value added of one column, shape (place, place); the numeraire is held.

    value_added, baseline, deficit: (place,).
    """
    if closure in ("balanced", "world_share"):
        return np.diag(value_added)
    if closure == "own_income":
        now = net_income(closure, value_added[:, None], baseline, deficit[:, None], economy)[:, 0]
        spent = (1 + deficit / baseline) * value_added
        return np.asarray(np.diag(now) + np.outer(now, value_added / value_added.sum() - spent / spent.sum()))
    if closure == "balanced_economy":
        member = _membership(economy)
        economy_then = (member @ baseline)[economy]
        same = economy[:, None] == economy[None, :]
        kept = np.diag(value_added * (1 - (member @ deficit)[economy] / economy_then))
        return np.asarray(kept + same * np.outer(deficit / economy_then, value_added))
    if closure == "absorption":
        return np.diag(sigma * value_added)
    raise ValueError(f"closure {closure!r} has no net income rule; expected one of {', '.join(RULES)}")


def _membership(economy: Index) -> Array:
    return np.asarray(np.arange(economy.max() + 1)[:, None] == economy[None, :], dtype=float)
