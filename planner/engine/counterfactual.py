"""One counterfactual on given accounts: the tables of results that an economist compares with a published exercise."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planner.engine.accounts import Accounts
from planner.engine.decomposition import split_welfare
from planner.engine.equilibrium import Equilibrium, solve
from planner.engine.model import Model
from planner.engine.shock import Shock
from planner.engine.short_run import solve_short_run
from planner.engine.stages import ConditionalFit, ConditionalStage, PartialStage
from planner.engine.types import Array

GENERAL_EQUILIBRIUM = ("welfare_pct", "real_wage_pct", "wage_pct", "price_index_pct", "terms_of_trade_pct",
                       "volume_of_trade_pct")  # fmt: skip


@dataclass(frozen=True)
class Counterfactual:
    """places: one row per place; flows: one row per cell with sales before or after; solution: how it was solved."""

    places: pd.DataFrame
    flows: pd.DataFrame
    solution: dict[str, Any]


def run_counterfactual(
    accounts: Accounts,
    shock: Shock,
    theta: Array,
    *,
    closure: str = "world_share",
    sigma: float = 1.0,
    stage: str = "full",
    tolerance: float = 1e-12,
    re_solve: bool = False,
) -> Counterfactual:
    """Before and after of one shock (one column). Percent changes, money in the unit of the flows.

    The baseline is re-solved first where the closure moves it (`balanced`, `balanced_economy`) or `re_solve` asks for
    it. Stages other than `full` leave the columns of general equilibrium empty. Raises `SolveFailed`, `NotApplicable`.
    """
    started = time.perf_counter()
    if stage != "full":
        return _before_prices(accounts, shock, theta, stage, started)

    def equilibrium(change: Shock) -> Equilibrium:
        if closure == "short_run":
            return solve_short_run(accounts, change, theta, sigma=sigma, tolerance=tolerance)
        return solve(accounts, change, theta, closure, sigma=sigma, tolerance=tolerance)

    before = equilibrium(Shock.none(len(accounts.places)))
    after = equilibrium(shock)
    moved = re_solve or closure in ("balanced", "balanced_economy")
    flows_before = before.flows()[..., 0] if moved else accounts.flows
    split = split_welfare(before, after)
    table = _trade_table(accounts, flows_before, after.flows()[..., 0])
    changes = {
        "welfare_pct": after.welfare / before.welfare,
        "real_wage_pct": after.real_wage / before.real_wage,
        "wage_pct": after.wage / before.wage,
        "price_index_pct": after.price / before.price,
    }
    for position, (name, ratio) in enumerate(changes.items(), start=1):
        table.insert(position, name, 100 * (ratio[:, 0] - 1))
    table.insert(5, "terms_of_trade_pct", split.terms_of_trade)
    table.insert(6, "volume_of_trade_pct", split.volume_of_trade)
    solution = {
        "closure": closure,
        "stage": stage,
        "baseline_re_solved": moved,
        "iterations": max(before.iterations, after.iterations),
        "residual": max(before.residual, after.residual),
        "seconds": time.perf_counter() - started,
    }
    return Counterfactual(table, _flow_table(accounts, flows_before, after.flows()[..., 0]), solution)


def _before_prices(accounts: Accounts, shock: Shock, theta: Array, stage: str, started: float) -> Counterfactual:
    model = Model(accounts, shock, np.asarray(theta, dtype=float).reshape(-1, 1))
    first = PartialStage(model)
    result = first if stage == "partial" else ConditionalStage(first, ConditionalFit(accounts))
    cells = model.baseline_cells
    after = np.zeros_like(accounts.flows)
    after[cells.origin, cells.destination, cells.sector] = result.sales(cells)[:, 0]
    table = _trade_table(accounts, accounts.flows, after)
    for position, name in enumerate(GENERAL_EQUILIBRIUM, start=1):
        table.insert(position, name, np.nan)
    solution = {"closure": None, "stage": stage, "baseline_re_solved": False, "iterations": 0, "residual": 0.0,
                "seconds": time.perf_counter() - started}  # fmt: skip
    return Counterfactual(table, _flow_table(accounts, accounts.flows, after), solution)


def _trade_table(accounts: Accounts, before: Array, after: Array) -> pd.DataFrame:
    table: dict[str, Any] = {"place": list(accounts.places)}
    measures: dict[str, list[Array]] = {"output": [], "exports": [], "imports": []}
    for flows in (before, after):
        own = np.einsum("iis->i", flows)
        measures["output"].append(flows.sum(axis=(1, 2)))
        measures["exports"].append(flows.sum(axis=(1, 2)) - own)
        measures["imports"].append(flows.sum(axis=(0, 2)) - own)
    exports, imports = measures["exports"], measures["imports"]
    measures["balance"] = [sold - bought for sold, bought in zip(exports, imports, strict=True)]
    measures["normalised_balance"] = [
        np.divide(sold - bought, sold + bought, out=np.zeros_like(sold), where=sold + bought > 0)
        for sold, bought in zip(exports, imports, strict=True)
    ]
    for name, (then, now) in measures.items():
        table[f"{name}_before"], table[f"{name}_after"] = then, now
    return pd.DataFrame(table)


def _flow_table(accounts: Accounts, before: Array, after: Array) -> pd.DataFrame:
    origin, destination, sector = np.nonzero((before > 0) | (after > 0))
    return pd.DataFrame(
        {
            "origin": np.array(accounts.places)[origin],
            "destination": np.array(accounts.places)[destination],
            "sector": np.array(accounts.sectors)[sector],
            "value_before": before[origin, destination, sector],
            "value_after": after[origin, destination, sector],
        }
    )
