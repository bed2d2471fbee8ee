"""A case from official files: TransBorder freight, Border Crossing/Entry and regional accounts, all or nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.transborder import EXPORT
from regions.making.carry import carried_tables
from regions.making.flows import LAND_MODES, LeftOut, crossing_flows, placed, sector_flows, spread_mexican_imports
from regions.making.folder import write_case
from regions.making.geography import BORDERS, SECTOR_MAP, Border, Geography
from regions.making.official import Official, Progress, agreement, read_official
from regions.making.places import MEXICO, Places, choose_places, with_accounts
from regions.making.ports import crossing_rows, read_entries
from regions.making.sectors import SectorMap, read_sector_map, sector_rows

FORMAT = "border-trade-planner/made-case/1"
MONTHS_IN_YEAR = 12


@dataclass(frozen=True)
class Request:
    """What to make a case of."""

    transborder: Path
    border_entry: Path
    accounts: Path
    border: str
    year: int
    out: Path
    name: str = ""
    regions: list[str] | None = None
    sectors: Path = SECTOR_MAP
    modes: tuple[str, ...] = LAND_MODES
    impute_mexican_states: bool = False
    like: Path | None = None


@dataclass(frozen=True)
class MadeCase:
    """What was written: the folder, rows by file, the record of the making and warnings in words."""

    path: Path
    rows: dict[str, int]
    record: dict[str, Any]
    warnings: list[str] = field(default_factory=list)


def make_case(request: Request, progress: Progress | None = None) -> MadeCase:
    """Writes the folder; raises ImportRefused with all problems of the step that found any, and then writes nothing."""
    if request.out.exists():
        expectation = "expected a folder that is not there yet"
        raise ImportRefused(Problems([Problem("--out", 0, "", str(request.out), expectation, "folder_exists")]))
    border = BORDERS[request.border]
    sectors = read_sector_map(request.sectors)
    places = choose_places(Geography(border), request.regions, request.impute_mexican_states)
    places = with_accounts(places, request.accounts)
    official = read_official(request.transborder, border.country, request.year, progress)
    entries = read_entries(request.border_entry, border.entry_name, request.year, progress)
    left_out = LeftOut()
    crossings = crossing_rows(entries, places, request.border_entry.name)
    yearly = spread_mexican_imports(placed(official.of_year("dot1"), places, request.modes, left_out), places)
    if yearly.empty:
        expectation = f"expected trade by {', '.join(request.modes)} between the regions in {request.year}"
        raise ImportRefused(Problems([Problem(request.transborder.name, 0, "", "", expectation, "no_rows")]))
    by_crossing = crossing_flows(yearly, {row["code"] for row in crossings})
    by_sector = sector_flows(official, yearly, by_crossing, places, request.modes, sectors)
    trading = {*by_crossing["origin"], *by_crossing["destination"]}
    trading |= {row[side] for row in crossings for side in ("us_region", "facing_region")}
    record: dict[str, Any] = {
        "format": FORMAT,
        "border": border.key,
        "year": request.year,
        "modes": list(request.modes),
        "regions": list(places.border),
        "sector_map": {"file": sectors.file, "sha256": sectors.sha256},
        "files": [*official.files, *other_files(request)],
        "ignored_files": official.ignored,
        "left_out": {"value_usd": left_out.by_reason, "share": left_out.share},
        "checks": [check.as_json() for check in agreement(official)],
        "sectors": {
            "months": sorted(month for month in official.months("dot2") if month),
            "shares": by_sector.shares,
        },
        "mexican_states": mexican_states(places),
        "value_usd": int(by_crossing["value_usd"].sum()),
        "other_ports_share": share_of(by_crossing, by_crossing["crossing"] == "OTHER"),
        "months_reported_short": [row["code"] for row in crossings if row["months_reported"] < MONTHS_IN_YEAR],
    }
    tables = {
        "economies.csv": economy_rows(border),
        "regions.csv": places.region_rows(trading),
        "sectors.csv": sector_rows(sectors),
        "crossings.csv": crossings,
        "crossing_flows.csv": by_crossing.to_dict("records"),
        "sector_flows.csv": by_sector.flows.to_dict("records"),
        "parameters.csv": truck_values(yearly, crossings, border, request.year),
    }
    carried = carried_tables(request.like, tables) if request.like else {}
    record["carried_over"] = carried.pop("record", None)
    tables["parameters.csv"] = [*carried.pop("parameters.csv", []), *tables["parameters.csv"]]
    tables |= carried
    described = description(request, border, official, sectors)
    if record["carried_over"]:
        # Costs are taken over as they are, so the case counts money in their prices.
        described["price_year"] = record["carried_over"]["price_year"]
    rows = write_case(request.out, described, record, tables)
    return MadeCase(request.out, rows, record, warnings_of(record))


def economy_rows(border: Border) -> list[dict[str, Any]]:
    return [
        {"id": "US", "name": "United States", "currency": "USD"},
        {"id": border.facing, "name": border.facing_name, "currency": border.facing_currency},
    ]


def other_files(request: Request) -> list[dict[str, Any]]:
    """The files that are no TransBorder tables."""
    return [
        {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "table": table}
        for path, table in ((request.border_entry, "border_entry"), (request.accounts, "accounts"))
    ]


def share_of(flows: pd.DataFrame, mask: pd.Series) -> float:
    return float(flows.loc[mask, "value_usd"].sum() / flows["value_usd"].sum())


def mexican_states(places: Places) -> str | None:
    """How imports from Mexico, which carry no state, were treated; None on another border."""
    if places.geography.border.facing != MEXICO:
        return None
    return "one place" if places.one_mexico else "imputed"


def truck_values(
    yearly: pd.DataFrame, crossings: list[dict[str, Any]], border: Border, year: int
) -> list[dict[str, Any]]:
    """Value per truck by direction, pooled over the case: goods by truck through its ports over all trucks counted."""
    trucks = sum(row["trucks_inbound"] or 0 for row in crossings)
    ports = {row["code"] for row in crossings}
    by_truck = yearly[(yearly["mode"] == "truck") & yearly["port"].isin(ports)]
    rows = []
    for entered, exports, grade, note in (
        ("US", False, "B", "empty ones included"),
        (border.facing, True, "C", f"with as many trucks entering {border.facing_name} as the United States (assumed)"),
    ):
        value = float(by_truck.loc[(by_truck["trade"] == EXPORT) == exports, "value"].sum())
        if not (trucks and value):
            continue
        usd = round(value / trucks)
        rows.append(
            {
                "key": f"truck_value_usd:{entered}", "sector": "", "low": usd, "central": usd, "high": usd,
                "unit": "USD per truck", "grade": grade, "as_of": f"{year}-12-31",
                "source": "Value of goods by truck through the ports of the case divided by all trucks, "
                f"{note} (TransBorder Freight and Border Crossing/Entry, {year})",
            }
        )  # fmt: skip
    return rows


def description(request: Request, border: Border, official: Official, sectors: SectorMap) -> dict[str, Any]:
    """The content of case.json."""
    name = request.name or f"{border.key}-{request.year}"
    months = len(official.months("dot2") - {0})
    mix = "the whole year" if official.covers_year("dot2") else f"{months} of its months, which stand for the year"
    files = ", ".join(file["name"] for file in official.files)
    return {
        "name": name,
        "title": f"United States - {border.facing_name} land border, {request.year}",
        "year": request.year,
        "currency": "USD",
        "price_year": request.year,
        "description": (
            f"Made from official files. Goods by {', '.join(request.modes)}; sectors ({sectors.file}) by the commodities of "
            f"{mix}. The rest of each economy is a hinterland. A closed world of two economies: no trade with third "
            "countries and no diversion to them. made.json tells what was left out, scaled and imputed."
        ),
        "sources": [
            {
                "what": "Goods flows by state, province, commodity, port and mode",
                "who": "US Bureau of Transportation Statistics",
                "title": f"TransBorder Freight Data, {request.year}",
                "url": "https://www.bts.gov/transborder",
                "note": f"US public domain. Values at the border in USD. Files: {files}"[:2000],
            },
            {
                "what": "Trucks, containers, trains, cars and people entering the United States by port",
                "who": "US Bureau of Transportation Statistics, from US Customs and Border Protection",
                "title": f"Border Crossing/Entry Data, {request.year}",
                "url": "https://data.bts.gov/Research-and-Statistics/Border-Crossing-Entry-Data/keg4-3bc2",
                "note": f"US public domain. Inbound counts only. File: {request.border_entry.name}",
            },
            {
                "what": "GDP, population and position of the places",
                "who": "given with the case",
                "title": request.accounts.name,
                "note": "As given; the file's own source is not known here.",
            },
        ],
    }


def warnings_of(record: dict[str, Any]) -> list[str]:
    """What a planner should know before trusting the case."""
    words = [
        f"{name}: {value / 1e6:,.1f} million USD left out" for name, value in record["left_out"]["value_usd"].items()
    ]
    words += [
        f"{check['name']} does not hold: cells differ by up to {check['largest_difference_usd']:,.0f} USD"
        for check in record["checks"]
        if not check["holds"]
    ]
    shares = record["sectors"]["shares"]
    if shares["observed"] < 1:
        words.append(
            f"by sector {100 * shares['observed']:.1f} % of the value is observed, {100 * shares['scaled']:.1f} % scaled "
            f"and {100 * shares['imputed']:.1f} % imputed"
        )
    if record["mexican_states"] == "imputed":
        words.append(
            "imports from Mexico carry no state: spread over Mexican states like the exports through the same port. "
            "Balances of Mexican states rest on this imputation"
        )
    if record["months_reported_short"]:
        words.append(
            f"{len(record['months_reported_short'])} crossings did not report in every month (missing, not zero): "
            + ", ".join(record["months_reported_short"][:8])
        )
    return words
