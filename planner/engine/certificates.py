"""The price of import certificates under fixed wages, by bracketing (model.md 7).

Exporters of the issuing economy earn one certificate per unit exported, importers need one per unit imported: imports
cost (1 + chi), exports are sold at 1/(1 + chi). chi >= 0 is complementary to exports - imports >= 0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from planner.engine.accounts import Accounts
from planner.engine.cells import Cells, cell_key
from planner.engine.equilibrium import Equilibrium
from planner.engine.errors import SolveFailed
from planner.engine.shock import Shock
from planner.engine.short_run import solve_short_run
from planner.engine.types import Array, Index

BRACKET_STEPS = 40
STEPS = 200
TOLERANCE = 1e-12


def solve_with_certificates(
    accounts: Accounts, shock: Shock, theta: Array, economy: int, *, sigma: Array | float = 0.0
) -> Equilibrium:
    """The short-run equilibrium with certificates issued by `economy`; `certificate_price` holds chi, (column,).

    Raises `SolveFailed` where no price balances the economy's border.
    """
    issuer = _Issuer(accounts, shock, theta, economy, sigma)
    low, high = np.zeros(shock.columns), np.full(shock.columns, 0.01)
    at_low, equilibrium = issuer.surplus(low)
    binding = at_low < 0
    if not binding.any():
        return replace(equilibrium, certificate_price=low)
    at_high, _ = issuer.surplus(np.where(binding, high, 0.0))
    for _ in range(BRACKET_STEPS):
        short = binding & (at_high < 0)
        if not short.any():
            break
        low, at_low = np.where(short, high, low), np.where(short, at_high, at_low)
        high = np.where(short, 2 * high, high)
        at_high, _ = issuer.surplus(np.where(binding, high, 0.0))
    else:
        name = accounts.economies[economy]
        raise SolveFailed(BRACKET_STEPS, float(at_high.min()), name, int((binding & (at_high < 0)).sum()),
                          "no certificate price balances its border")  # fmt: skip
    for _ in range(STEPS):
        # Illinois: a secant step that halves the stale end's weight, so that the bracket shrinks from both sides.
        weight = at_high - at_low
        trial = np.where(binding & (weight > 0), high - at_high * (high - low) / np.where(weight > 0, weight, 1.0), 0.0)
        value, equilibrium = issuer.surplus(trial)
        if np.all(~binding | (np.abs(value) <= TOLERANCE)):
            return replace(equilibrium, certificate_price=trial)
        below = value < 0
        at_high = np.where(below, at_high / 2, value)
        at_low = np.where(below, value, at_low / 2)
        low, high = np.where(below, trial, low), np.where(below, high, trial)
    raise SolveFailed(STEPS, float(np.abs(value[binding]).max()), accounts.economies[economy], int(binding.sum()),
                      "the certificate price did not settle")  # fmt: skip


class _Issuer:
    def __init__(self, accounts: Accounts, shock: Shock, theta: Array, economy: int, sigma: Array | float) -> None:
        self.accounts, self.theta, self.sigma = accounts, theta, sigma
        inside = accounts.economy == economy
        chosen = (inside[:, None] ^ inside[None, :])[:, :, None] & (accounts.flows > 0)
        origin, destination, sector = np.nonzero(chosen)
        keys = cell_key(origin, destination, sector, len(accounts.places))
        self.border = Cells.from_keys(np.sort(keys), len(accounts.places))
        self.importing = inside[self.border.destination][:, None]
        self.shock = _widen(
            shock, Cells.from_keys(np.union1d(shock.cells.keys, self.border.keys), len(inside)), accounts
        )
        self.at: Index = np.searchsorted(self.shock.cells.keys, self.border.keys)
        self.traded = accounts.flows[chosen].sum()

    def surplus(self, price: Array) -> tuple[Array, Equilibrium]:
        """Exports less imports at the border over baseline trade, (column,), and the equilibrium behind it."""
        wedge = np.ones((len(self.shock.cells), self.shock.columns))
        wedge[self.at] = np.where(self.importing, 1 + price, 1 / (1 + price))
        shock = replace(self.shock, certificate=wedge)
        equilibrium = solve_short_run(self.accounts, shock, self.theta, sigma=self.sigma)
        # The certificate is paid on top of the border price by importers and out of it to exporters.
        sales = equilibrium.sales(self.border)
        balance = np.where(self.importing, -sales, sales).sum(axis=0)
        return balance / self.traded, equilibrium


def _widen(shock: Shock, cells: Cells, accounts: Accounts) -> Shock:
    """The same shock on a larger set of cells."""
    at = np.searchsorted(cells.keys, shock.cells.keys)
    neutral = {"log_cost": 0.0, "margin": 0.0, "taste": 1.0, "export_tax": 0.0}
    changed: dict[str, Any] = {}
    for name, value in neutral.items():
        array = getattr(shock, name)
        if array is not None:
            changed[name] = np.full((len(cells), shock.columns), value)
            changed[name][at] = array
    if shock.tariff is not None:
        changed["tariff"] = cells.gather(accounts.tariff)[:, None] + np.zeros((1, shock.columns))
        changed["tariff"][at] = shock.tariff
    return replace(shock, cells=cells, **changed)
