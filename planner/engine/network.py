"""Crossings, the modes and routes over them, and how each pair's trade is spread over these (model.md 2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.engine.ipf import fit_groups
from planner.engine.parameters import lookup
from planner.engine.types import Array, CaseFacts, Index, Parameters
from planner.engine.wait_ranges import wait_range

OTHER = "OTHER"
EARTH_RADIUS_KM = 6371.0
PIPELINE_SEED = 1e-4


@dataclass(frozen=True)
class Network:
    """Alternatives (mode, crossing) of each cross-border pair; rows sorted by pair, mode, crossing.

    pair_origin, pair_destination (pair,); row_pair, row_mode, row_crossing (row,), -1 for a port without coordinates;
    share (row, sector): q, adds up to one over a pair's rows; road_km (row,): place - crossing - place;
    wait_hours (crossing, economy entered), NaN where not measured, and the ends of its triangle, wait_low_hours and
    wait_high_hours; fee_usd (crossing,), NaN where not known.
    """

    crossings: tuple[str, ...]
    names: tuple[str, ...]
    modes: tuple[str, ...]
    region_a: Index
    region_b: Index
    pair_origin: Index
    pair_destination: Index
    row_pair: Index
    row_mode: Index
    row_crossing: Index
    row_value: Array
    share: Array
    road_km: Array
    wait_hours: Array
    wait_low_hours: Array
    wait_high_hours: Array
    wait_grade: tuple[tuple[str, ...], ...]
    wait_source: tuple[tuple[str, ...], ...]
    fee_usd: Array
    miss: float

    @cached_property
    def groups(self) -> tuple[Index, Index, Array]:
        """The (pair, mode) groups: group of each row, pair of each group, share of each group (group, sector)."""
        key = self.row_pair * len(self.modes) + self.row_mode
        keys, group = np.unique(key, return_inverse=True)
        share = np.zeros((len(keys), self.share.shape[1]))
        np.add.at(share, group, self.share)
        return group, np.asarray(keys // len(self.modes)), share

    @cached_property
    def starts(self) -> tuple[Index, Index]:
        """First group of each pair and first row of each group, with the end appended: rows are sorted by both."""
        group, pair_of_group, _ = self.groups
        pairs = np.searchsorted(pair_of_group, np.arange(len(self.pair_origin) + 1))
        rows = np.searchsorted(group, np.arange(len(pair_of_group) + 1))
        return np.asarray(pairs, dtype=np.intp), np.asarray(rows, dtype=np.intp)

    @cached_property
    def within(self) -> Array:
        """q[b|m]: share of each row in its (pair, mode) group, (row, sector)."""
        group, _, total = self.groups
        return np.divide(self.share, total[group], out=np.zeros_like(self.share), where=total[group] > 0)

    @cached_property
    def entered(self) -> Index:
        """Destination place of each row, (row,)."""
        return self.pair_destination[self.row_pair]


def great_circle_km(latitude: Array, longitude: Array, other_latitude: Array, other_longitude: Array) -> Array:
    """Haversine distance in km; broadcasts."""
    one, two = np.radians(latitude), np.radians(other_latitude)
    half = np.sin((two - one) / 2) ** 2
    half = half + np.cos(one) * np.cos(two) * np.sin(np.radians(other_longitude - longitude) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def build_network(
    facts: CaseFacts, parameters: Parameters, place_ids: list[str], sector_ids: list[str], flows: Array
) -> Network:
    """Spread the pairs' sector flows (origin, destination, sector; goods only) over modes and crossings by IPF.

    Sector and crossing are rarely observed together, so the split is imputed; both margins are observed.
    """
    number = {place: position for position, place in enumerate(place_ids)}
    codes = [str(code) for code in facts.crossings["code"]]
    crossing_number = {code: position for position, code in enumerate(codes)}
    table = facts.crossing_flows
    table = table[(table["value_musd"] > 0)]
    modes = tuple(sorted(table["mode"].unique()))
    rows = (
        pd.DataFrame(
            {
                "origin": table["origin"].map(number).to_numpy(),
                "destination": table["destination"].map(number).to_numpy(),
                "mode": table["mode"].map({mode: position for position, mode in enumerate(modes)}).to_numpy(),
                "crossing": table["crossing"].map(lambda code: crossing_number.get(str(code), -1)).to_numpy(),
                "value": table["value_musd"].to_numpy(dtype=float),
            }
        )
        .groupby(["origin", "destination", "mode", "crossing"], as_index=False, sort=True)["value"]
        .sum()
    )
    rows = rows[flows[rows["origin"], rows["destination"]].sum(axis=1) > 0]
    pair_key = rows["origin"].to_numpy() * len(place_ids) + rows["destination"].to_numpy()
    keys, row_pair = np.unique(pair_key, return_inverse=True)
    pair_origin, pair_destination = (part.astype(np.intp) for part in np.divmod(keys, len(place_ids)))
    by_sector = flows[pair_origin, pair_destination]
    value = rows["value"].to_numpy()
    # Totals by port and by commodity may differ by rounding or coverage: the sector total is kept.
    value = value * (by_sector.sum(axis=1) / np.bincount(row_pair, value))[row_pair]
    seed = np.ones((len(rows), len(sector_ids)))
    energy = np.array(["energy" in sector for sector in sector_ids])
    if energy.any() and "pipeline" in modes:
        piped = rows["mode"].to_numpy() == modes.index("pipeline")
        seed[np.ix_(piped, ~energy)] = PIPELINE_SEED
    fitted, miss = fit_groups(seed * value[:, None], value, row_pair, by_sector)
    total = by_sector[row_pair]
    pooled = (value / by_sector.sum(axis=1)[row_pair])[:, None]
    share = np.divide(fitted, total, out=np.broadcast_to(pooled, total.shape).copy(), where=total > 0)
    latitude, longitude = (facts.crossings[axis].to_numpy(dtype=float) for axis in ("latitude", "longitude"))
    row_crossing = rows["crossing"].to_numpy().astype(np.intp)
    waits = _waits(facts, parameters, codes)
    return Network(
        crossings=tuple(codes),
        names=tuple(str(name) for name in facts.crossings["name"]),
        modes=modes,
        region_a=facts.crossings["region_a"].map(number).to_numpy().astype(np.intp),
        region_b=facts.crossings["region_b"].map(number).to_numpy().astype(np.intp),
        pair_origin=pair_origin,
        pair_destination=pair_destination,
        row_pair=row_pair.astype(np.intp),
        row_mode=rows["mode"].to_numpy().astype(np.intp),
        row_crossing=row_crossing,
        row_value=value,
        share=share,
        road_km=_road_km(facts, latitude, longitude, pair_origin[row_pair], pair_destination[row_pair], row_crossing),
        wait_hours=waits.hours,
        wait_low_hours=waits.low,
        wait_high_hours=waits.high,
        wait_grade=waits.grade,
        wait_source=waits.source,
        fee_usd=_fees(facts, codes),
        miss=miss,
    )


def _road_km(
    facts: CaseFacts, latitude: Array, longitude: Array, origin: Index, destination: Index, crossing: Index
) -> Array:
    place_latitude, place_longitude = (facts.places[axis].to_numpy(dtype=float) for axis in ("latitude", "longitude"))
    known = crossing >= 0
    length = great_circle_km(
        place_latitude[origin], place_longitude[origin], place_latitude[destination], place_longitude[destination]
    )
    for end in (origin, destination):
        leg = great_circle_km(
            place_latitude[end[known]],
            place_longitude[end[known]],
            latitude[crossing[known]],
            longitude[crossing[known]],
        )
        length[known] = leg if end is origin else length[known] + leg
    return length


class _Waits(NamedTuple):
    hours: Array
    low: Array
    high: Array
    grade: tuple[tuple[str, ...], ...]
    source: tuple[tuple[str, ...], ...]


def _waits(facts: CaseFacts, parameters: Parameters, codes: list[str]) -> _Waits:
    economies = [str(name) for name in facts.economies["id"]]
    hours, low, high = (np.full((len(codes), len(economies)), np.nan) for _ in range(3))
    grade = [["D"] * len(economies) for _ in codes]
    source = [["default of the parameter set, not measured here"] * len(economies) for _ in codes]
    for row in facts.waits.to_dict("records"):
        crossing, entered = codes.index(str(row["crossing"])), economies.index(str(row["direction"]))
        hours[crossing, entered] = float(row["minutes"]) / 60
        ends = wait_range({str(name): value for name, value in row.items()}, facts.year, parameters)
        low[crossing, entered], high[crossing, entered] = ends[0] / 60, ends[1] / 60
        grade[crossing][entered], source[crossing][entered] = str(row["grade"]), str(row["source"])
    return _Waits(hours, low, high, tuple(tuple(row) for row in grade), tuple(tuple(row) for row in source))


def _fees(facts: CaseFacts, codes: list[str]) -> Array:
    fees = np.full(len(codes), np.nan)
    for row in facts.fees.to_dict("records"):
        fees[codes.index(str(row["crossing"]))] = float(row["truck_fee_usd"])
    return fees


def central_wait_hours(network: Network, parameters: Parameters, economies: list[str]) -> Array:
    """Measured waits, and the parameter set's default where none is measured: (crossing, economy entered), hours."""
    hours = network.wait_hours.copy()
    for position, economy in enumerate(economies):
        default = lookup(parameters, "wait_default_minutes", economy=economy).central / 60
        hours[np.isnan(hours[:, position]), position] = default
    return hours
