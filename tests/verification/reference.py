"""Readers of the reference data: the accounts and shocks of published exercises, as the engine takes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from planner.engine.accounts import Accounts, build_accounts
from planner.engine.cells import Cells, cell_key
from planner.engine.shock import Shock


@dataclass(frozen=True)
class Nafta1993:
    """Caliendo & Parro (2015): 31 regions, 40 sectors; from the tariffs of 1993 to those that NAFTA set."""

    accounts: Accounts
    shock: Shock
    theta: np.ndarray

    def at(self, region: str) -> int:
        return self.accounts.places.index(region)


def all_cells(accounts: Accounts) -> Cells:
    """Every cell with sales."""
    places = len(accounts.places)
    return Cells.from_keys(np.sort(cell_key(*np.nonzero(accounts.flows), places)), places)


def read_nafta_1993(folder: Path) -> Nafta1993:
    """Cost shares are those of gross output; final spending is what the flows leave, negative remainders count as zero."""
    folder = folder / "caliendo-parro-2015"
    trade = pd.read_csv(folder / "trade.csv.gz")
    regions = sorted(trade["exporter"].unique())
    sectors = list(dict.fromkeys(trade["sector"]))
    pairs = pd.MultiIndex.from_product([regions, regions])
    shape = (len(regions), len(regions), len(sectors))

    def cube(column: str) -> np.ndarray:
        table = trade.pivot_table(index=["exporter", "importer"], columns="sector", values=column)
        return table.reindex(index=pairs, columns=sectors).to_numpy().reshape(shape)

    used = pd.read_csv(folder / "intermediate_consumption.csv.gz")
    used = used.pivot_table(index=["region", "input"], columns="sector", values="value")
    used = used.reindex(index=pd.MultiIndex.from_product([regions, sectors]), columns=sectors).to_numpy()
    used = used.reshape(len(regions), len(sectors), len(sectors))
    added = pd.read_csv(folder / "value_added.csv.gz").pivot(index="region", columns="sector", values="value")
    added = added.reindex(index=regions, columns=sectors).to_numpy()
    output = added + used.sum(axis=1)
    accounts = build_accounts(
        places=regions, sectors=sectors, flows=cube("value"), tariff=cube("tariff_bln"),
        value_added_share=added / output, input_share=used / output[:, None, :], negative_final="zero",
    )  # fmt: skip
    theta = pd.read_csv(folder / "theta.csv.gz").set_index("sector")["value"].reindex(sectors).to_numpy()
    cells = all_cells(accounts)
    return Nafta1993(accounts, Shock(1, cells, tariff=cells.gather(cube("tariff_cfl"))[:, None]), theta)


def read_panel(folder: Path, year: int) -> tuple[list[str], np.ndarray, pd.DataFrame]:
    """Countries, trade (exporter, importer) and the table of one year of Yotov et al. (2016)."""
    panel = pd.read_csv(folder / "agtpa_applications.csv.gz")
    panel = panel[panel["year"] == year]
    countries = sorted(panel["exporter"].unique())
    trade = panel.pivot(index="exporter", columns="importer", values="trade").reindex(
        index=countries, columns=countries
    )
    return countries, trade.to_numpy(), panel
