"""The shipped case as the engine's values, read from its tables without a database."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from planner.engine.baseline import Baseline, build_baseline
from planner.engine.types import CaseFacts, Channel, Intervention, Parameter, Parameters

CASE = Path(__file__).resolve().parents[2] / "regions" / "cases" / "us-canada-2023"
IN_CARS = ["personal_vehicle_passengers_inbound", "bus_passengers_inbound"]
CROSSINGS = ["code", "name", "latitude", "longitude", "region_a", "region_b", "travellers_inbound", "trucks_inbound",
             "cars_inbound", "car_people_inbound"]  # fmt: skip


def table(name: str) -> pd.DataFrame:
    """One table; codes of crossings keep their leading zeros."""
    return pd.read_csv(
        CASE / f"{name}.csv", dtype={"code": str, "crossing": str}, keep_default_na=False, na_values=[""]
    )


@cache
def shipped_facts() -> CaseFacts:
    """Observed flows; one mean wait of trucks per crossing and direction, the first listed."""
    crossings = table("crossings")
    delays = table("delays")
    means = delays[(delays["vehicle_class"] == "truck") & (delays["statistic"] == "mean")]
    waits = means.rename(columns={"quality": "grade"}).drop_duplicates(["crossing", "direction"])
    attributes = table("crossing_attributes")
    fees = attributes[attributes["attribute"] == "truck_fee_usd"].rename(columns={"value": "truck_fee_usd"})
    flows = {
        name: table(name).assign(value_musd=lambda rows: rows["value_usd"] / 1e6).drop(columns="value_usd")
        for name in ("sector_flows", "crossing_flows")
    }
    return CaseFacts(
        name="us-canada",
        year=2023,
        currency="USD",
        economies=table("economies")[["id", "name"]],
        places=table("regions").rename(columns={"country": "economy"}),
        sectors=table("sectors")[["id", "name", "kind"]],
        crossings=crossings.assign(
            region_a=crossings["us_region"],
            region_b=crossings["facing_region"],
            travellers_inbound=crossings[[*IN_CARS, "pedestrians_inbound"]].fillna(0).sum(axis=1),
            cars_inbound=crossings["personal_vehicles_inbound"],
            car_people_inbound=crossings[IN_CARS].sum(axis=1, min_count=1),
        )[CROSSINGS],
        waits=waits[["crossing", "direction", "minutes", "grade", "source"]],
        booths=_booths(attributes),
        hours=_hours(attributes),
        fees=fees.astype({"truck_fee_usd": float})[["crossing", "truck_fee_usd", "grade", "source"]],
        **flows,
    )


def _booths(attributes: pd.DataFrame) -> pd.DataFrame:
    rows = attributes[attributes["attribute"] == "truck_booths"].rename(columns={"value": "booths"})
    return rows.assign(direction="US").astype({"booths": float})[["crossing", "direction", "booths", "grade", "source"]]


def _hours(attributes: pd.DataFrame) -> pd.DataFrame:
    wide = attributes.pivot(index="crossing", columns="attribute", values="value")
    rows = attributes[attributes["attribute"] == "opens"].set_index("crossing")[["grade", "source"]]
    clock = {
        name: wide[name].dropna().str.split(":").map(lambda part: int(part[0]) + int(part[1]) / 60)
        for name in ("opens", "closes")
    }
    half = wide["hours_per_day"].dropna().astype(float) / 2
    return pd.DataFrame(
        [
            *(
                (code, clock["opens"][code], clock["closes"][code], rows.loc[code, "grade"], rows.loc[code, "source"])
                for code in rows.index
            ),
            *((code, 13 - one, 13 + one, "B", "hours per day") for code, one in half.items()),
        ],
        columns=["crossing", "opens", "closes", "grade", "source"],
    )


@cache
def shipped_parameters() -> Parameters:
    rows = table("parameters").fillna({"sector": ""}).itertuples(index=False)
    return Parameters(
        tuple(
            Parameter(r.key, r.sector, r.low, r.central, r.high, r.unit, r.source, r.grade, str(r.as_of)) for r in rows
        )
    )


@cache
def shipped_baseline(variant: str = "central") -> Baseline:
    return build_baseline(shipped_facts(), shipped_parameters(), variant)


@cache
def shipped_interventions() -> tuple[Intervention, ...]:
    """Every intervention of the case with its channels."""
    channels = table("channels").astype(object).fillna("")
    found = []
    for row in table("interventions").astype(object).fillna("").itertuples(index=False):
        mine = channels[channels["intervention"] == row.id].itertuples(index=False)
        found.append(
            Intervention(
                id=row.id,
                name=row.name,
                kind=row.kind,
                channels=tuple(_channel(row.id, number, line) for number, line in enumerate(mine, start=1)),
                closures=_names(row.closures, ()),
            )
        )
    return tuple(found)


def _channel(intervention: str, number: int, row) -> Channel:
    targets = {
        name: _names(getattr(row, name), ("*",))
        for name in ("crossing", "direction", "origin", "destination", "sector", "place")
    } | {"vehicle": _names(row.vehicle, ("truck",))}
    return Channel(
        id=f"{intervention}/{number}", type=row.channel, low=float(row.low), central=float(row.central),
        high=float(row.high), unit=row.unit, source=row.source, grade=row.grade, **targets,
    )  # fmt: skip


def _names(text: str, nothing: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(";")) if text.strip() else nothing
