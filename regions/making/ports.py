"""Ports of a Border Crossing/Entry file as the crossings of a case, with the counts of the year."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regions.importing import border_entry
from regions.importing.border_entry import BorderEntryFile
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.streams import inspect
from regions.importing.tables import COUNTS
from regions.making.official import Progress
from regions.making.places import Places

MEASURE_OF = {
    "trucks_inbound": "Trucks",
    "truck_containers_loaded_inbound": "Truck Containers Loaded",
    "truck_containers_empty_inbound": "Truck Containers Empty",
    "trains_inbound": "Trains",
    "rail_containers_loaded_inbound": "Rail Containers Loaded",
    "personal_vehicles_inbound": "Personal Vehicles",
    "personal_vehicle_passengers_inbound": "Personal Vehicle Passengers",
    "pedestrians_inbound": "Pedestrians",
    "bus_passengers_inbound": "Bus Passengers",
}


def read_entries(path: Path, entry_name: str, year: int, progress: Progress | None = None) -> pd.DataFrame:
    """Counts of one border and year: port, name, state, month, measure, value, latitude, longitude."""
    file = BorderEntryFile(inspect(path))
    problems = file.check(progress)
    if problems.error_count:
        raise ImportRefused(problems)
    frames = []
    for chunk in file.rows():
        periods = file.values(border_entry.DATE, chunk).astype(np.int64)
        wanted = (periods // 100 == year) & (file.values(border_entry.BORDER, chunk) == entry_name)
        if wanted.any():
            kept = chunk.keep(wanted)
            frame = pd.DataFrame(
                {
                    "port": file.values(border_entry.PORT, kept),
                    "name": file.values(border_entry.PORT_NAME, kept),
                    "state": file.values(border_entry.STATE, kept),
                    "month": periods[wanted] % 100,
                    "measure": file.values(border_entry.MEASURE, kept),
                    "latitude": file.values(border_entry.LATITUDE, kept).astype(float),
                    "longitude": file.values(border_entry.LONGITUDE, kept).astype(float),
                }
            )
            frames.append(frame.assign(value=kept.numbers[border_entry.VALUE.name].astype(float)))
    name = path.name
    if not frames:
        expectation = f"expected rows of the {entry_name} in {year}"
        raise ImportRefused(Problems([Problem(name, 0, "", "", expectation, "no_rows")]))
    twice = [key for key in file.contradictions() if key[1] == entry_name and key[2] // 100 == year]
    if twice:
        shown = "; ".join(f"{port} {period} {measure}" for port, _, period, measure in twice[:6])
        expectation = f"expected one count for each port, month and measure; several for {shown}"
        raise ImportRefused(Problems([Problem(name, 0, "Value", "", expectation, "several_counts")]))
    return pd.concat(frames, ignore_index=True)


def crossing_rows(entries: pd.DataFrame, places: Places, file: str) -> list[dict[str, Any]]:
    """Rows of crossings.csv: what entered the United States; a count that nobody reported stays empty."""
    geography, problems = places.geography, Problems()
    sums = entries.groupby(["port", "measure"])["value"].sum()
    months = entries.groupby("port")["month"].nunique()
    rows = []
    for port, group in entries.groupby("port", sort=True):
        latitude, longitude = first_number(group["latitude"]), first_number(group["longitude"])
        state = geography.state_by_name.get(str(group["state"].iloc[0]).strip().lower())
        if math.isnan(latitude) or math.isnan(longitude):
            problems.add(Problem(file, 0, "Latitude", str(port), "expected the position of the port", "missing_value"))
            continue
        if state is None:
            expectation = "expected the name of a US state"
            problems.add(Problem(file, 0, "State", str(group["state"].iloc[0]), expectation, "unknown_place"))
            continue
        faced = geography.faces(str(port), state, longitude)
        if faced is None:
            expectation = "expected a position at the border; no rule says which place the port faces"
            problems.add(Problem(file, 0, "Longitude", f"{port} {longitude:g}", expectation, "unknown_place"))
            continue
        counts = {count: sums.get((port, MEASURE_OF[count])) for count in COUNTS}
        rows.append(
            {
                "code": str(port),
                "name": str(group["name"].iloc[0]),
                "latitude": latitude,
                "longitude": longitude,
                "us_region": places.of_part[state],
                "facing_region": places.of_part[faced],
                **{count: "" if value is None else round(value) for count, value in counts.items()},
                "months_reported": int(months[port]),
            }
        )
    if problems.error_count:
        raise ImportRefused(problems)
    return rows


def first_number(values: pd.Series) -> float:
    """The first value that is there, NaN where there is none."""
    found = values.dropna()
    return float(found.iloc[0]) if len(found) else math.nan
