"""The values that enter the engine: facts of a case, parameters with their sources, interventions with their channels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]

CLOSURES = ("world_share", "own_income", "balanced", "balanced_economy", "absorption", "short_run")
FLEXIBLE = CLOSURES[:-1]
STAGES = ("partial", "conditional", "full")
GRADES = ("A", "B", "C", "D")
TRUCK, CAR, RAIL = "truck", "car", "rail"
VEHICLES = (TRUCK, CAR)


def compiled(array: Array) -> Array:
    """The array as compiled passes take it, contiguous and writeable: every other layout would be compiled for anew."""
    return np.require(array, np.float64, ["C", "W"])


def empty_frame(*columns: str) -> pd.DataFrame:
    """A frame without rows, for a table that the case does not have."""
    return pd.DataFrame({column: [] for column in columns})


@dataclass(frozen=True)
class CaseFacts:
    """Observed facts of one case and year, in million units of one currency; the columns are named in each comment."""

    name: str
    year: int
    currency: str
    economies: pd.DataFrame  # id, name
    places: pd.DataFrame  # id, name, economy, gdp_musd, population, latitude, longitude, kind[, area_km2]
    sectors: pd.DataFrame  # id, name, kind (goods, services, travel)
    crossings: pd.DataFrame  # code, name, latitude, longitude, region_a, region_b, travellers_inbound, trucks_inbound
    # [, cars_inbound, car_people_inbound: people in cars and buses; trucks_outbound, cars_outbound: where these are not
    # given as many are taken to leave as enter]
    sector_flows: pd.DataFrame  # origin, destination, sector, value_musd[, how (observed, mirrored, scaled, imputed)]
    crossing_flows: pd.DataFrame  # origin, destination, crossing, mode, value_musd
    waits: pd.DataFrame = field(
        default_factory=lambda: empty_frame("crossing", "direction", "minutes", "grade", "source")
    )  # [, minutes_low, minutes_high (90 % interval), statistic, period_start, period_end, sample_size, method, p95_minutes]
    traveller_waits: pd.DataFrame = field(
        default_factory=lambda: empty_frame("crossing", "direction", "minutes", "grade", "source")
    )  # of cars, measured
    fees: pd.DataFrame = field(default_factory=lambda: empty_frame("crossing", "truck_fee_usd", "grade", "source"))
    booths: pd.DataFrame = field(
        default_factory=lambda: empty_frame("crossing", "direction", "booths", "grade", "source")
    )  # truck booths counted on site: not more than these are taken to be open
    car_booths: pd.DataFrame = field(
        default_factory=lambda: empty_frame("crossing", "direction", "booths", "grade", "source")
    )  # the same for cars
    hours: pd.DataFrame = field(default_factory=lambda: empty_frame("crossing", "opens", "closes", "grade", "source"))
    io: pd.DataFrame = field(default_factory=lambda: empty_frame("place", "input", "sector", "share"))
    value_added: pd.DataFrame = field(default_factory=lambda: empty_frame("place", "sector", "share"))
    tariffs: pd.DataFrame = field(default_factory=lambda: empty_frame("origin", "destination", "sector", "rate"))


@dataclass(frozen=True)
class Parameter:
    """One number that the data do not hold: a triangular distribution with unit, source and evidence grade."""

    key: str
    sector: str
    low: float
    central: float
    high: float
    unit: str
    source: str
    grade: str
    as_of: str = ""


@dataclass(frozen=True)
class Parameters:
    """A dated parameter set. Look-ups fall back from the sector's own row to the row for all sectors."""

    rows: tuple[Parameter, ...]

    def find(self, key: str, sector: str = "") -> Parameter | None:
        """The row of `key` for `sector`, else the row for all sectors, else None."""
        general = None
        for row in self.rows:
            if row.key == key:
                if row.sector == sector:
                    return row
                if not row.sector:
                    general = row
        return general

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.rows)

    def central(self, key: str, sector: str = "", variant: str = "central") -> float:
        """The central (or `low`, `high`) value of `key`; KeyError where neither the set nor the defaults have it."""
        row = self.find(key, sector)
        if row is None:
            raise KeyError(f"parameter {key!r}" + (f" for sector {sector!r}" if sector else ""))
        return float(getattr(row, variant))


@dataclass(frozen=True)
class Channel:
    """One way in which an intervention changes a model input; targets are ids, `("*",)` means all.

    vehicle: the class whose queue a channel at a crossing changes; every class has lanes of its own.
    """

    id: str
    type: str
    low: float
    central: float
    high: float
    unit: str
    source: str
    grade: str
    crossing: tuple[str, ...] = ("*",)
    direction: tuple[str, ...] = ("*",)
    origin: tuple[str, ...] = ("*",)
    destination: tuple[str, ...] = ("*",)
    sector: tuple[str, ...] = ("*",)
    place: tuple[str, ...] = ("*",)
    vehicle: tuple[str, ...] = (TRUCK,)
    start_year: int | None = None
    ramp_years: float = 0.0
    note: str = ""

    def moves(self, vehicle: str) -> bool:
        """Whether it is aimed at this class of vehicles."""
        return vehicle in self.vehicle or self.vehicle == ("*",)


@dataclass(frozen=True)
class Intervention:
    """A candidate measure: its kind, the closures under which it has meaning (empty: all) and its channels."""

    id: str
    name: str
    kind: str
    channels: tuple[Channel, ...]
    closures: tuple[str, ...] = ()
    meta: dict[str, Any] = field(default_factory=dict)
