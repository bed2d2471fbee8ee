"""Reads that hand the facts of a case on as data frames, and their digest."""

from __future__ import annotations

import datetime
import hashlib
import json
import math
from operator import attrgetter, itemgetter
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce

from regions import geo
from regions.models import (
    Case,
    Crossing,
    CrossingAttribute,
    CrossingFlow,
    Delay,
    Economy,
    InputOutputShare,
    Region,
    Sector,
    SectorFlow,
    Tariff,
    ValueAddedShare,
    VehicleClass,
)

OTHER_CROSSING = "OTHER"
USD_PER_MUSD = 1e6
WAIT_COLUMNS = (
    "crossing", "direction", "minutes", "minutes_low", "minutes_high", "grade", "source", "statistic", "period_start",
    "period_end", "sample_size", "method", "p95_minutes",
)  # fmt: skip
# A mean older than this beside a newer median says less than the median.
OLDEST_MEAN_BESIDE_NEWER_MEDIAN = datetime.timedelta(days=5 * 366)


def frame(rows: QuerySet, keys: dict[str, str], values: dict[str, str] | None = None) -> pd.DataFrame:
    """A data frame with the columns {name: lookup} of the rows, sorted by the keys.

    Sorted here and not in the query: databases differ in how they collate codes and where they put what is missing.
    """
    columns = {**keys, **(values or {})}
    data = sorted(rows.order_by().values_list(*columns.values()), key=lambda row: tuple(row[: len(keys)]))
    return pd.DataFrame.from_records(data, columns=list(columns))


def numbers(data: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The frame with the columns as floats; what is missing is NaN."""
    for column in columns:
        data[column] = pd.to_numeric(data[column]).astype(float)
    return data


def case_frames(case: Case) -> dict[str, pd.DataFrame]:
    """The facts of a case as the engine's CaseFacts takes them: one frame for each table, rows sorted by their ids.

    A table that the case does not have is a frame without rows. Counts that were not reported are NaN, not zero.
    """
    return {
        "economies": frame(Economy.objects.filter(case=case), {"id": "code"}, {"name": "name"}),
        "places": places_frame(case),
        "sectors": frame(Sector.objects.filter(case=case), {"id": "code"}, {"name": "name", "kind": "kind"}),
        "crossings": crossings_frame(case),
        "sector_flows": sector_flows_frame(case),
        "crossing_flows": crossing_flows_frame(case),
        "waits": waits_frame(case),
        "traveller_waits": waits_frame(case, VehicleClass.CAR),
        **attribute_frames(case),
        **shares_and_tariffs(case),
    }


def places_frame(case: Case) -> pd.DataFrame:
    """Places with position and, where there is an outline, area (else NaN)."""
    rows = sorted(Region.objects.filter(case=case).select_related("economy"), key=attrgetter("code"))
    outlines = geo.geodataframe([row.code for row in rows], [wkb(row.outline) for row in rows])
    return pd.DataFrame(
        {
            "id": [row.code for row in rows],
            "name": [row.name for row in rows],
            "economy": [row.economy.code for row in rows],
            "gdp_musd": np.array([row.gdp_musd for row in rows], dtype=float),
            "population": np.array([row.population for row in rows], dtype=float),
            "latitude": np.array([row.point.y for row in rows], dtype=float),
            "longitude": np.array([row.point.x for row in rows], dtype=float),
            "kind": [row.kind for row in rows],
            "area_km2": geo.areas_km2(outlines),
        }
    )


def wkb(geometry: Any) -> bytes | None:
    """Well-known binary of a database geometry."""
    return None if geometry is None else bytes(geometry.wkb)


def crossings_frame(case: Case) -> pd.DataFrame:
    """Crossings with travellers, cars, trucks and the share of loaded truck containers."""
    rows = sorted(Crossing.objects.filter(case=case).select_related("region_a", "region_b"), key=attrgetter("code"))
    return pd.DataFrame(
        {
            "code": [row.code for row in rows],
            "name": [row.name for row in rows],
            "latitude": np.array([row.point.y for row in rows], dtype=float),
            "longitude": np.array([row.point.x for row in rows], dtype=float),
            "region_a": [row.region_a.code for row in rows],
            "region_b": [row.region_b.code for row in rows],
            "travellers_inbound": np.array([travellers(row) for row in rows], dtype=float),
            "cars_inbound": np.array([missing_as_nan(row.personal_vehicles_inbound) for row in rows], dtype=float),
            "car_people_inbound": np.array(
                [people(row.personal_vehicle_passengers_inbound, row.bus_passengers_inbound) for row in rows],
                dtype=float,
            ),
            "trucks_inbound": np.array([missing_as_nan(row.trucks_inbound) for row in rows], dtype=float),
            "truck_loaded_share": np.array([loaded_share(row) for row in rows], dtype=float),
        }
    )


def missing_as_nan(count: float | None) -> float:
    """A number; NaN where none was reported."""
    return math.nan if count is None else float(count)


def travellers(row: Crossing) -> float:
    """People in cars, on foot and in buses; NaN where none of the three is reported."""
    return people(row.personal_vehicle_passengers_inbound, row.pedestrians_inbound, row.bus_passengers_inbound)


def people(*counts: int | None) -> float:
    """Their sum; NaN where none is reported."""
    reported = [count for count in counts if count is not None]
    return float(sum(reported)) if reported else math.nan


def loaded_share(row: Crossing) -> float:
    """Loaded truck containers in all of them; NaN where none are counted."""
    loaded, empty = row.truck_containers_loaded_inbound or 0, row.truck_containers_empty_inbound or 0
    return loaded / (loaded + empty) if loaded + empty else math.nan


def sector_flows_frame(case: Case) -> pd.DataFrame:
    """Flows by sector, million USD, and how each was got."""
    keys = {"origin": "origin__code", "destination": "destination__code", "sector": "sector__code"}
    return in_millions(frame(SectorFlow.objects.filter(case=case), keys, {"value_musd": "value_usd", "how": "how"}))


def crossing_flows_frame(case: Case) -> pd.DataFrame:
    """Flows by crossing and mode, million USD; OTHER where no crossing is known."""
    keys = {
        "origin": "origin__code",
        "destination": "destination__code",
        "crossing": "crossing_code",
        "mode": "mode",
    }
    rows = CrossingFlow.objects.filter(case=case).annotate(
        crossing_code=Coalesce(F("crossing__code"), Value(OTHER_CROSSING))
    )
    return in_millions(frame(rows, keys, {"value_musd": "value_usd"}))


def in_millions(data: pd.DataFrame) -> pd.DataFrame:
    """The frame with value_musd turned from USD to million USD."""
    numbers(data, "value_musd")
    data["value_musd"] /= USD_PER_MUSD
    return data


def chosen_waits(case: Case, vehicles: VehicleClass = VehicleClass.TRUCK) -> pd.DataFrame:
    """One wait of trucks (or cars) for each crossing and economy entered, with the measurement it was taken from.

    Only means and medians compete. A mean goes before a median, unless the median is newer by more than five years;
    then the newest period counts, then the best quality grade, the largest sample and the longest period. Columns:
    crossing, direction, minutes, minutes_low, minutes_high (NaN where no interval is given), grade, source, statistic,
    period_start, period_end, sample_size (NaN where unknown), method, p95_minutes (95th percentile measured over the same
    period, else NaN), delay (primary key of the Delay).
    """
    measured = Delay.objects.levels(vehicles).filter(crossing__case=case).select_related("crossing", "direction")
    candidates: dict[tuple[str, str], list[Delay]] = {}
    for row in measured:
        candidates.setdefault((row.crossing.code, row.direction.code), []).append(row)
    high = {
        (row.crossing_id, row.direction_id, row.period_start, row.period_end): row.minutes
        for row in Delay.objects.filter(
            crossing__case=case, vehicle_class=vehicles, statistic=Delay.Statistic.P95
        ).order_by("-method", "pk")
    }
    rows = []
    for (crossing, direction), found in sorted(candidates.items()):
        row = best_measurement(found)
        is_mean = row.statistic == Delay.Statistic.MEAN
        rows.append(
            {
                "crossing": crossing,
                "direction": direction,
                "minutes": float(row.minutes),
                "minutes_low": missing_as_nan(row.minutes_low),
                "minutes_high": missing_as_nan(row.minutes_high),
                "grade": row.quality,
                "source": row.source if is_mean else f"{row.source} (median)",
                "statistic": row.statistic,
                "period_start": row.period_start,
                "period_end": row.period_end,
                "sample_size": missing_as_nan(row.sample_size),
                "method": row.method,
                "p95_minutes": missing_as_nan(
                    high.get((row.crossing_id, row.direction_id, row.period_start, row.period_end))
                ),
                "delay": row.pk,
            }
        )
    return pd.DataFrame(rows, columns=[*WAIT_COLUMNS, "delay"])


def waits_frame(case: Case, vehicles: VehicleClass = VehicleClass.TRUCK) -> pd.DataFrame:
    """The same for the engine: without the key, dates as text."""
    data = chosen_waits(case, vehicles)[[*WAIT_COLUMNS]]
    for column in ("period_start", "period_end"):
        data[column] = [day.isoformat() for day in data[column]]
    return numbers(data, "minutes", "minutes_low", "minutes_high", "sample_size", "p95_minutes")


def best_measurement(measured: list[Delay]) -> Delay:
    """The measurement that `chosen_waits` prefers."""
    newest_median = max(
        (row.period_end for row in measured if row.statistic == Delay.Statistic.MEDIAN), default=datetime.date.min
    )

    def preference(row: Delay) -> tuple[Any, ...]:
        stale_mean = row.statistic == Delay.Statistic.MEAN and (
            newest_median - row.period_end > OLDEST_MEAN_BESIDE_NEWER_MEDIAN
        )
        return (
            stale_mean,
            row.statistic != Delay.Statistic.MEAN,
            -row.period_end.toordinal(),
            row.quality,
            -(row.sample_size or 0),
            row.period_start.toordinal(),
            row.method,
        )

    return min(measured, key=preference)


def attribute_frames(case: Case) -> dict[str, pd.DataFrame]:
    """What is known of crossings beside flows and waits: fees, booths of trucks and of cars, opening hours."""
    rows = CrossingAttribute.objects.filter(crossing__case=case).select_related("crossing__region_a__economy")
    given: dict[str, dict[str, CrossingAttribute]] = {}
    for row in sorted(rows, key=lambda one: (one.crossing.code, one.attribute)):
        given.setdefault(row.crossing.code, {})[row.attribute] = row
    return {
        "fees": fees_frame(given),
        "booths": booths_frame(given, "truck_booths"),
        "car_booths": booths_frame(given, "car_booths"),
        "hours": hours_frame(given),
    }


def fees_frame(given: dict[str, dict[str, CrossingAttribute]]) -> pd.DataFrame:
    """The fee or toll of one truck at each crossing where it is known."""
    found = [
        (crossing, float(row.number), row.grade, row.source)
        for crossing, attributes in given.items()
        if (row := attributes.get("truck_fee_usd")) and row.number is not None
    ]
    columns = ["crossing", "truck_fee_usd", "grade", "source"]
    return numbers(pd.DataFrame(found, columns=columns), "truck_fee_usd")


def booths_frame(given: dict[str, dict[str, CrossingAttribute]], attribute: str) -> pd.DataFrame:
    """Booths counted on site: `truck_booths` into the first region's economy, `truck_booths:ECONOMY` into another."""
    found = []
    for crossing, attributes in given.items():
        for name, row in attributes.items():
            kind, _, direction = name.partition(":")
            if kind == attribute and row.number:
                direction = direction or row.crossing.region_a.economy.code
                found.append((crossing, direction, float(row.number), row.grade, row.source))
    return numbers(pd.DataFrame(found, columns=["crossing", "direction", "booths", "grade", "source"]), "booths")


def hours_frame(given: dict[str, dict[str, CrossingAttribute]]) -> pd.DataFrame:
    """Opening hours by `opens` and `closes` (7:30 is 7.5), or by `hours_per_day` around one in the afternoon."""
    found = []
    for crossing, attributes in given.items():
        row = attributes.get("opens" if "closes" in attributes else "hours_per_day")
        if row is None:
            continue
        if row.attribute == "opens":
            opens, closes = clock(row.value), clock(attributes["closes"].value)
        elif row.number:
            half = min(float(row.number), 24.0) / 2
            opens, closes = (13 - half, 13 + half) if half <= 11 else ((13 - half) % 24, (13 + half) % 24)
            opens, closes = (0.0, 24.0) if half == 12 else (opens, closes)
        else:
            continue
        if math.isfinite(opens) and math.isfinite(closes) and opens != closes:
            found.append((crossing, opens, closes, row.grade, row.source))
    data = pd.DataFrame(found, columns=["crossing", "opens", "closes", "grade", "source"])
    return numbers(data, "opens", "closes")


def clock(text: str) -> float:
    """07:30 as 7.5; NaN for what is no time of day."""
    hour, _, minute = text.strip().partition(":")
    try:
        value = float(hour) + float(minute or 0) / 60
    except ValueError:
        return math.nan
    return value if 0 <= value <= 24 else math.nan


def shares_and_tariffs(case: Case) -> dict[str, pd.DataFrame]:
    """Input-output shares, value-added shares and tariffs; without rows where the case has none."""
    inputs = {"place": "place__code", "input": "input__code", "sector": "sector__code"}
    value_added = {"place": "place__code", "sector": "sector__code"}
    tariffs = {"origin": "origin__code", "destination": "destination__code", "sector": "sector__code"}
    share = {"share": "share"}
    return {
        "io": numbers(frame(InputOutputShare.objects.filter(place__case=case), inputs, share), "share"),
        "value_added": numbers(frame(ValueAddedShare.objects.filter(place__case=case), value_added, share), "share"),
        "tariffs": numbers(frame(Tariff.objects.filter(origin__case=case), tariffs, {"rate": "rate"}), "rate"),
    }


def case_digest(case: Case) -> str:
    """SHA-256 over everything the engine sees of a case; names of the case, row order and row ids do not matter."""
    digest = hashlib.sha256(json.dumps([case.year, case.currency, case.price_year]).encode())
    frames = case_frames(case)
    # The outline itself rather than its area, which depends on the projection library's last digits.
    frames["places"] = frames["places"].drop(columns="area_km2")
    for name, data in sorted(frames.items()):
        rows = sorted(json.dumps([plain(value) for value in row]) for row in data.itertuples(index=False))
        digest.update(json.dumps([name, list(data.columns), rows]).encode())
    for code, outline in sorted(Region.objects.filter(case=case).values_list("code", "outline"), key=itemgetter(0)):
        digest.update(code.encode() + b":" + (wkb(outline) or b""))
    return digest.hexdigest()


def plain(value: Any) -> Any:
    """A cell as JSON has it; NaN as null."""
    if isinstance(value, float):
        return None if math.isnan(value) else repr(float(value))
    return value


def places_geodataframe(case: Case) -> Any:
    """Outlines of the places that have one, by code, with name, economy and kind (a GeoDataFrame)."""
    rows = sorted(Region.objects.filter(case=case).with_outline().select_related("economy"), key=attrgetter("code"))
    result = geo.geodataframe([row.code for row in rows], [wkb(row.outline) for row in rows])
    for column, values in (
        ("name", [row.name for row in rows]),
        ("economy", [row.economy.code for row in rows]),
        ("kind", [row.kind for row in rows]),
    ):
        result[column] = values
    return result
