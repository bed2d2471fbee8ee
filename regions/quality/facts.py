"""Findings about the facts of a case, from its frames alone, so that a run can repeat them from what it carries.

Limits are rules of thumb of this project (grade D themselves); `docs/quality.md` lists them. Values that are wrong by a
thousand are found by comparison with accounts and counts: trade with GDP, goods with trucks, GDP with people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from regions.quality.findings import (
    COMPLETENESS,
    CONSISTENCY,
    EVIDENCE,
    PLAUSIBILITY,
    TIMELINESS,
    Finding,
    at_least,
    at_most,
    worst,
)

Frames = Mapping[str, pd.DataFrame]
BY_CROSSING, BY_SECTOR, COUNTS, WAITS, ACCOUNTS, TARIFFS, INPUTS = (
    "crossing_flows", "sector_flows", "counts", "waits", "accounts", "tariffs", "input_output",
)  # fmt: skip
OTHER = "OTHER"
USD_PER_MUSD = 1e6
# What a truckload is worth on the average of a case, empties included, and what people produce in a year (USD).
TRUCK_VALUE = ((8_000, 150_000), (3_000, 400_000), (1_000, 1_000_000))
GDP_PER_HEAD = ((2_000, 250_000), (800, 400_000), (300, 800_000))
LONGEST_WAIT_HOURS = (4, 12, 24)
SHOWN = 8


def fact_findings(frames: Frames, case: Mapping[str, Any], as_of_year: int, code: str = "age") -> list[Finding]:
    """All findings, in the order of the data sets; `case` has year and making.

    `code` is `age` where the flows are compared with today, `age_at_prices` where with the year of the prices.
    """
    age = age_finding(as_of_year - int(case["year"]), code)
    return [
        *crossing_flow_findings(frames, case),
        age(BY_CROSSING),
        *sector_flow_findings(frames),
        age(BY_SECTOR),
        *count_findings(frames, case),
        *wait_findings(frames),
        *account_findings(frames),
        *optional_findings(frames),
    ]


def age_finding(years: int, code: str) -> Callable[[str], Finding]:
    """How old the flows are."""
    return lambda dataset: Finding(dataset, TIMELINESS, code, at_most(years, (3, 5, 8)), float(years))


def within(value: float, ranges: tuple[tuple[float, float], ...]) -> str:
    """The grade of the first range that holds the value."""
    return next((grade for grade, (low, high) in zip("ABC", ranges, strict=False) if low <= value <= high), "D")


def share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0


def crossing_flow_findings(frames: Frames, case: Mapping[str, Any]) -> Iterator[Finding]:
    """Flows by crossing: what is left out, what has no crossing, agreement with sectors and with accounts."""
    flows, making = frames["crossing_flows"], case.get("making") or {}
    total = float(flows["value_musd"].sum())
    left_out = (making.get("left_out") or {}).get("share")
    if left_out is None:
        yield Finding(BY_CROSSING, COMPLETENESS, "left_out_unknown", "B")
    else:
        yield Finding(BY_CROSSING, COMPLETENESS, "left_out", at_most(left_out, (0.01, 0.05, 0.15)), float(left_out))
    other = share(flows.loc[flows["crossing"] == OTHER, "value_musd"].sum(), total)
    yield Finding(BY_CROSSING, COMPLETENESS, "no_crossing", at_most(other, (0.3, 0.5, 0.7)), other)
    yield pair_totals(frames)
    for check in making.get("checks") or []:
        code = "tables_agree" if check.get("holds") else "tables_differ"
        facts = {
            "check": str(check.get("name", "")),
            "cells": check.get("cells"),
            "detail": str(check.get("detail", "")),
        }
        grade = "A" if check.get("holds") else "C"
        yield Finding(BY_CROSSING, CONSISTENCY, code, grade, check.get("largest_difference_usd"), facts)
    yield from trade_against_gdp(frames)
    yield from value_per_truck(frames)


def pair_totals(frames: Frames) -> Finding:
    """Flows by crossing against flows by sector, by pair of places: the largest difference in the pair's trade."""
    goods = frames["sectors"].loc[frames["sectors"]["kind"] == "goods", "id"]
    pair = ["origin", "destination"]
    by_sector = frames["sector_flows"][frames["sector_flows"]["sector"].isin(goods)]
    both = pd.concat(
        [frame.groupby(pair)["value_musd"].sum() for frame in (frames["crossing_flows"], by_sector)], axis=1
    ).fillna(0.0)
    large = both.max(axis=1)
    apart = (both.iloc[:, 0] - both.iloc[:, 1]).abs()
    # Differences below a thousand USD are rounding, however small the pair.
    apart = apart.where(apart > 1e-3, 0.0)
    gap = float(
        np.divide(apart.to_numpy(), large.to_numpy(), out=np.zeros(len(both)), where=large.to_numpy() > 0).max(
            initial=0.0
        )
    )
    return Finding(BY_CROSSING, CONSISTENCY, "pair_totals", at_most(gap, (1e-6, 1e-3, 1e-2)), gap, {"pairs": len(both)})


def trade_against_gdp(frames: Frames) -> Iterator[Finding]:
    """Exports or imports of a place over its GDP: a unit that is wrong by a thousand stands out both ways."""
    flows, places = frames["sector_flows"], frames["places"].set_index("id")
    gdp = places["gdp_musd"].astype(float)
    sums = pd.concat([flows.groupby(side)["value_musd"].sum() for side in ("origin", "destination")], axis=1).fillna(0)
    ratio = (sums.max(axis=1).reindex(gdp.index).fillna(0.0) / gdp).sort_values(ascending=False)
    high = ratio[ratio > 1]
    facts = {"places": [str(place) for place in high.index[:SHOWN]]}
    largest = float(ratio.iloc[0]) if len(ratio) else 0.0
    yield Finding(BY_CROSSING, PLAUSIBILITY, "trade_over_gdp", at_most(largest, (1, 2, 4)), largest, facts)
    overall = share(flows["value_musd"].sum(), gdp.sum())
    yield Finding(BY_CROSSING, PLAUSIBILITY, "all_trade_over_gdp", at_least(overall, (1e-4, 3e-5, 1e-5)), overall)


def value_per_truck(frames: Frames) -> Iterator[Finding]:
    """Goods by truck into the economy that counts, over all trucks counted there."""
    crossings = frames["crossings"]
    trucks = crossings.set_index("code")["trucks_inbound"].astype(float)
    economy = frames["places"].set_index("id")["economy"]
    counting = crossings["region_a"].map(economy)
    entered = dict(zip(crossings["code"], counting, strict=True))
    flows = frames["crossing_flows"]
    flows = flows[(flows["mode"] == "truck") & flows["crossing"].isin(trucks[trucks > 0].index)]
    inbound = flows["destination"].map(economy) == flows["crossing"].map(entered)
    if not trucks.sum() > 0 or not inbound.any():
        yield Finding(COUNTS, PLAUSIBILITY, "no_trucks", "D")
        return
    usd = float(flows.loc[inbound, "value_musd"].sum() * USD_PER_MUSD / trucks.sum())
    yield Finding(COUNTS, PLAUSIBILITY, "value_per_truck", within(usd, TRUCK_VALUE), usd)


def sector_flow_findings(frames: Frames) -> Iterator[Finding]:
    """Flows by sector: how they were got."""
    flows = frames["sector_flows"]
    how = flows["how"] if "how" in flows else pd.Series("observed", index=flows.index)
    total = float(flows["value_musd"].sum())
    shares = {name: share(flows.loc[how == name, "value_musd"].sum(), total) for name in sorted(how.unique())}
    imputed, scaled = shares.get("imputed", 0.0), shares.get("scaled", 0.0)
    grade = worst((at_most(imputed, (0.01, 0.1, 0.3)), at_most(scaled, (0.05, 1.0, 1.0))))
    facts = {"scaled": scaled, "imputed": imputed, "mirrored": shares.get("mirrored", 0.0)}
    observed = shares.get("observed", 0.0)
    yield Finding(BY_SECTOR, COMPLETENESS, "how", grade, observed, facts)


def count_findings(frames: Frames, case: Mapping[str, Any]) -> Iterator[Finding]:
    """Counts at crossings: whether those with goods by truck have trucks counted, in every month."""
    crossings, flows = frames["crossings"], frames["crossing_flows"]
    by_truck = flows[(flows["mode"] == "truck") & (flows["crossing"] != OTHER)]
    counted = set(crossings.loc[crossings["trucks_inbound"].astype(float) > 0, "code"])
    part = share(by_truck.loc[by_truck["crossing"].isin(counted), "value_musd"].sum(), by_truck["value_musd"].sum())
    yield Finding(COUNTS, COMPLETENESS, "trucks_counted", at_least(part, (0.99, 0.95, 0.8)), part)
    short = (case.get("making") or {}).get("months_reported_short")
    if short is not None:
        part = len(short) / max(len(crossings), 1)
        facts = {"crossings": [str(code) for code in short[:SHOWN]], "count": len(short)}
        yield Finding(COUNTS, COMPLETENESS, "months_short", at_most(part, (0.1, 0.25, 0.5)), part, facts)


def wait_findings(frames: Frames) -> Iterator[Finding]:
    """Waits: which share of goods by truck passes where one was measured, on what evidence, and how long they are."""
    waits, flows = frames["waits"], frames["crossing_flows"]
    economy = frames["places"].set_index("id")["economy"]
    by_truck = flows[(flows["mode"] == "truck") & (flows["crossing"] != OTHER)]
    passage = pd.Series(
        list(zip(by_truck["crossing"], by_truck["destination"].map(economy), strict=True)), dtype=object
    )
    value = by_truck["value_musd"].to_numpy(dtype=float)
    grade_of = {(row.crossing, row.direction): str(row.grade) for row in waits.itertuples()}
    grades = passage.map(lambda key: grade_of.get(key, ""))
    measured = share(value[(grades != "").to_numpy()].sum(), value.sum())
    yield Finding(WAITS, COMPLETENESS, "measured", at_least(measured, (0.9, 0.7, 0.4)), measured)
    good = share(value[grades.isin(["A", "B", "C"]).to_numpy()].sum(), value.sum())
    yield Finding(WAITS, EVIDENCE, "well_founded", at_least(good, (0.9, 0.7, 0.4)), good)
    if len(waits):
        longest = float(waits["minutes"].max()) / 60
        facts = {"crossing": str(waits.loc[waits["minutes"].idxmax(), "crossing"])}
        yield Finding(WAITS, PLAUSIBILITY, "longest_wait", at_most(longest, LONGEST_WAIT_HOURS), longest, facts)


def account_findings(frames: Frames) -> Iterator[Finding]:
    """Accounts of the places: GDP per head, and whether outlines are there."""
    places = frames["places"]
    per_head = (places["gdp_musd"].astype(float) * USD_PER_MUSD / places["population"].astype(float)).to_numpy()
    grades = [within(value, GDP_PER_HEAD) for value in per_head]
    odd = [str(place) for place, grade in zip(places["id"], grades, strict=True) if grade != "A"]
    facts = {"lowest": float(per_head.min()), "highest": float(per_head.max()), "places": odd[:SHOWN]}
    yield Finding(ACCOUNTS, PLAUSIBILITY, "gdp_per_head", worst(grades), float(np.median(per_head)), facts)
    if "area_km2" in places:
        drawn = float(places["area_km2"].notna().mean())
        yield Finding(ACCOUNTS, COMPLETENESS, "outlines", at_least(drawn, (1.0, 0.8, 0.0)), drawn)


def optional_findings(frames: Frames) -> Iterator[Finding]:
    """Tables that a case may lack."""
    for name, dataset in (("tariffs", TARIFFS), ("io", INPUTS)):
        there = len(frames[name]) > 0
        code = "table_there" if there else "table_missing"
        yield Finding(dataset, COMPLETENESS, code, "A" if there else "D", float(len(frames[name])))
