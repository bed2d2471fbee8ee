"""Whether places and crossings lie where they can, and trade is of a size that they can have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial

from regions import geo
from regions.importing import tables
from regions.importing.case_reader import CaseRows
from regions.importing.checks import Finding
from regions.importing.checks import check as registered_check
from regions.importing.crossing_importer import FARTHEST_FROM_POSITION_KM, FARTHEST_KM
from regions.importing.plausible import MOST_TRADE_IN_GDP, in_words, thousand_that_fits
from regions.importing.problems import Problem
from regions.importing.schema import Row

USD_PER_MUSD = 1e6
LEAST_SHARE = 1e-4

PLACE_CHECKS: list[Callable[[CaseRows], list[Problem]]] = []
check = partial(registered_check, registry=PLACE_CHECKS)


def run_checks(case: CaseRows) -> list[Problem]:
    """Every problem of every check of places and amounts."""
    return [problem for one_check in PLACE_CHECKS for problem in one_check(case)]


# Outlines


@check(tables.REGIONS, severity="warning")
def outline_of_known_place(case: CaseRows) -> Iterator[Finding]:
    """Each outline should belong to a place of regions.csv; this one is not used."""
    places = case.context().places
    for identifier, number in case.outline_features.items():
        if identifier not in places:
            yield Row(tables.OUTLINES_FILE, number, {"id": identifier}), "id"


@check(tables.REGIONS, severity="warning")
def place_lies_in_its_outline(case: CaseRows) -> Iterator[Finding]:
    """The position of a place should lie inside its outline."""
    for row in case.rows(tables.REGIONS):
        outline = case.outlines.get(row["id"])
        if outline is not None and not geo.covers(outline, row["longitude"], row["latitude"]):
            yield row, "latitude", f"longitude {row['longitude']:g}"


@check(tables.REGIONS, severity="warning")
def place_has_outline(case: CaseRows) -> Iterator[Finding]:
    """Each place should have an outline where outlines are given."""
    if case.outlines:
        yield from ((row, "id") for row in case.rows(tables.REGIONS) if row["id"] not in case.outlines)


@check(tables.REGIONS, severity="warning")
def place_lies_in_its_economy(case: CaseRows) -> Iterator[Finding]:
    """The position of a place should not lie in the outline of another economy."""
    economies = case.context().places
    for row in case.rows(tables.REGIONS):
        for other, outline in case.outlines.items():
            foreign = economies.get(other, row["country"]) != row["country"]
            if foreign and geo.covers(outline, row["longitude"], row["latitude"]):
                yield row, "latitude", f"it lies in {other}"


# Crossings


@check(tables.REGIONS, tables.CROSSINGS, severity="warning")
def crossing_lies_near_a_region(case: CaseRows) -> Iterator[Finding]:
    """A crossing should lie near at least one of the regions that it joins."""
    places = {row["id"]: row for row in case.rows(tables.REGIONS)}
    for row in case.rows(tables.CROSSINGS):
        ends = [places.get(row["region_a"]), places.get(row["region_b"])]
        far = [distance_if_far(case, row, end) for end in ends if end is not None]
        if len(far) == 2 and None not in far:
            yield row, "latitude", f"{far[0]:,.0f} and {far[1]:,.0f} km away"


def distance_if_far(case: CaseRows, crossing: Row, place: Row) -> float | None:
    """How far a crossing is from a place, km, where that is farther than it can be."""
    longitude, latitude = crossing["longitude"], crossing["latitude"]
    outline = case.outlines.get(place["id"])
    if outline is not None:
        distance, most = geo.distance_km(outline, longitude, latitude), FARTHEST_KM
    else:
        between = geo.great_circle_km(latitude, longitude, place["latitude"], place["longitude"])
        distance, most = float(between), FARTHEST_FROM_POSITION_KM
    return distance if distance > most else None


# Amounts


@check(tables.REGIONS, tables.SECTOR_FLOWS)
def trade_fits_gdp(case: CaseRows) -> Iterator[Finding]:
    """Trade of a place with other economies must be of a size that its GDP can carry; one of the two is in another unit."""
    if case.contents[tables.SECTOR_FLOWS.file].faulty or case.contents[tables.REGIONS.file].faulty:
        return
    trade: dict[str, float] = defaultdict(float)
    for row in case.rows(tables.SECTOR_FLOWS):
        trade[row["origin"]] += row["value_usd"]
        trade[row["destination"]] += row["value_usd"]
    for row in case.rows(tables.REGIONS):
        share = trade[row["id"]] / (row["gdp_musd"] * USD_PER_MUSD)
        if share > MOST_TRADE_IN_GDP:
            hint = in_words(thousand_that_fits(share, LEAST_SHARE, 1.0))
            yield row, "gdp_musd", f"trade is {share:,.4g} times GDP{hint}"
