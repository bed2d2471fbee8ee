"""A shock to the accounts: what an intervention, or a user's counterfactual, changes from outside, column by column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from planner.engine.cells import Cells
from planner.engine.types import Array


@dataclass(frozen=True)
class Shock:
    """Changes of model inputs, one column per (intervention, draw). None means unchanged.

    At `cells`, shape (cell, column) each:
      log_cost      ln of the trade cost's change without tariffs and taxes; +inf closes the cell
      margin        ln of a mark-up taken at the border out of the seller's value added (incomplete pass-through)
      taste         factor on the cell's kernel (visitors), enters shares but no price
      tariff        new ad-valorem tariff t'
      export_tax    new export tax (+) or subsidy (-) x'; proceeds to the seller
      certificate   price factor paid by buyers on top of the border price (1 + chi on imports of the issuing economy,
                    1 / (1 + chi) on its exports); importers pay exporters, so it is nobody's revenue
    Elsewhere:
      log_productivity  ln A^, shape (sector, place, column)
      final_share       alpha', shape (sector, place, column)
      deficit           D' that replaces the baseline's D, shape (place, column)
      currency          value of the place's currency e, shape (place, column)
    """

    columns: int
    cells: Cells
    log_cost: Array | None = None
    margin: Array | None = None
    taste: Array | None = None
    tariff: Array | None = None
    export_tax: Array | None = None
    certificate: Array | None = None
    log_productivity: Array | None = None
    final_share: Array | None = None
    deficit: Array | None = None
    currency: Array | None = None

    @classmethod
    def none(cls, places: int, columns: int = 1) -> Shock:
        """No change at all."""
        return cls(columns=columns, cells=Cells.none(places))

    @property
    def is_null(self) -> bool:
        """Whether no model input moves in any column."""
        neutral = {
            "log_cost": 0.0,
            "margin": 0.0,
            "taste": 1.0,
            "certificate": 1.0,
            "log_productivity": 0.0,
            "currency": 1.0,
        }
        for name, value in neutral.items():
            array = getattr(self, name)
            if array is not None and np.any(array != value):
                return False
        return all(getattr(self, name) is None for name in ("tariff", "export_tax", "final_share", "deficit"))

    def column(self, position: int) -> Shock:
        """The shock of one column, with a column axis of length one."""
        return self.part(slice(position, position + 1))

    def part(self, columns: slice) -> Shock:
        """The shock of some columns; what is the same in all of them may have one."""
        names = (
            "log_cost", "margin", "taste", "tariff", "export_tax", "certificate", "log_productivity", "final_share",
            "deficit", "currency",
        )  # fmt: skip
        taken: dict[str, Any] = {}
        for name in names:
            array = getattr(self, name)
            taken[name] = array if array is None or array.shape[-1] == 1 else array[..., columns]
        return replace(self, columns=columns.stop - columns.start, **taken)
