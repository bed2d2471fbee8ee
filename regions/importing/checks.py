"""Whether the rows of a case fit each other. One function per check; its docstring is its message."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from regions.importing import tables
from regions.importing.case_reader import CaseRows
from regions.importing.problems import Problem, Severity
from regions.importing.schema import BadValue, Column, Row, Table

# A row, the column at fault, and optionally what was found instead.
Finding = tuple[Row, str] | tuple[Row, str, str]
CheckFunction = Callable[[CaseRows], Iterator[Finding]]

# Rounding in the source tables may keep sector and crossing totals this far apart.
TOTALS_TOLERANCE_SHARE = 1e-3
TOTALS_TOLERANCE_USD = 1_000.0
SHARES_TOLERANCE = 1e-6

ALL_CHECKS: list[Callable[[CaseRows], list[Problem]]] = []


def check(
    *needed: Table, severity: Severity = "error", registry: list[Callable[[CaseRows], list[Problem]]] = ALL_CHECKS
) -> Callable[[CheckFunction], CheckFunction]:
    """Registers a check that runs where the `needed` tables could be read; findings become problems."""

    def register(function: CheckFunction) -> CheckFunction:
        message = " ".join((function.__doc__ or "").split())

        @functools.wraps(function)
        def problems(case: CaseRows) -> list[Problem]:
            if not case.readable(*needed):
                return []
            return [as_problem(finding, message, function.__name__, severity) for finding in function(case)]

        registry.append(problems)
        return function

    return register


def as_problem(finding: Finding, message: str, kind: str, severity: Severity) -> Problem:
    row, column = finding[0], finding[1]
    detail = f" ({finding[2]})" if len(finding) > 2 else ""
    return Problem(row.file, row.line, column, row.text(column), message + detail, kind, severity)


def run_checks(case: CaseRows) -> list[Problem]:
    """Every problem of every check, in the order of the checks."""
    return [problem for one_check in ALL_CHECKS for problem in one_check(case)]


def unknown(rows: list[Row], columns: tuple[str, ...], known: Any) -> Iterator[Finding]:
    """Cells of the columns that are not among the known ids."""
    for row in rows:
        for column in columns:
            if row[column] not in known:
                yield row, column


# Places and economies


@check(tables.REGIONS, tables.ECONOMIES)
def place_in_known_economy(case: CaseRows) -> Iterator[Finding]:
    """Each place must name an economy of economies.csv."""
    yield from unknown(case.rows(tables.REGIONS), ("country",), case.economy_ids)


@check(tables.REGIONS, tables.ECONOMIES, severity="warning")
def economy_has_places(case: CaseRows) -> Iterator[Finding]:
    """Each economy should have a place in regions.csv."""
    used = case.contents[tables.REGIONS.file].seen("country")
    yield from ((row, "id") for row in case.economies if row["id"] not in used)


@check(tables.REGIONS)
def two_economies(case: CaseRows) -> Iterator[Finding]:
    """A case needs places in at least two economies and a border region in each of two."""
    rows = case.rows(tables.REGIONS)
    if (
        rows
        and not case.contents[tables.REGIONS.file].faulty
        and len({row["country"] for row in rows if row["kind"] == "border"}) < 2
    ):
        yield rows[0], "country"


@check(tables.REGIONS, tables.ECONOMIES)
def place_id_is_no_economy_id(case: CaseRows) -> Iterator[Finding]:
    """A place may have the id of an economy only if it is the whole of that economy."""
    places = case.rows(tables.REGIONS)
    for row in places:
        if row["id"] in case.economy_ids and [row["id"]] != [
            other["id"] for other in places if other["country"] == row["id"]
        ]:
            yield row, "id"


# Crossings


@check(tables.REGIONS, tables.CROSSINGS)
def crossing_joins_known_places(case: CaseRows) -> Iterator[Finding]:
    """Each crossing must join two places of regions.csv."""
    yield from unknown(case.rows(tables.CROSSINGS), ("region_a", "region_b"), case.context().places)


@check(tables.REGIONS, tables.CROSSINGS)
def crossing_joins_two_economies(case: CaseRows) -> Iterator[Finding]:
    """The two places that a crossing joins must lie in different economies."""
    places = case.context().places
    for row in case.rows(tables.CROSSINGS):
        first, second = places.get(row["region_a"]), places.get(row["region_b"])
        if first and second and first == second:
            yield row, "region_b", f"both lie in {first}"


@check(tables.CROSSINGS)
def crossing_code_not_reserved(case: CaseRows) -> Iterator[Finding]:
    """A crossing may not have the code OTHER, which stands for ports without entry data."""
    yield from ((row, "code") for row in case.rows(tables.CROSSINGS) if row["code"] == tables.OTHER_CROSSING)


@check(tables.CROSSINGS, tables.CROSSING_ATTRIBUTES)
def attribute_of_known_crossing(case: CaseRows) -> Iterator[Finding]:
    """Each attribute must belong to a crossing of crossings.csv."""
    yield from unknown(case.rows(tables.CROSSING_ATTRIBUTES), ("crossing",), case.context().crossings)


@check(tables.CROSSING_ATTRIBUTES)
def attribute_value_fits(case: CaseRows) -> Iterator[Finding]:
    """The value must fit the attribute."""
    for row in case.rows(tables.CROSSING_ATTRIBUTES):
        try:
            attribute_number(row["attribute"], row["value"])
        except BadValue as fault:
            yield row, "value", fault.expectation


ATTRIBUTE_COLUMNS = {
    "truck_booths": Column("truck_booths", "integer", unit="booths", minimum=1, maximum=1000),
    "car_booths": Column("car_booths", "integer", unit="booths", minimum=1, maximum=1000),
    "truck_fee_usd": Column("truck_fee_usd", "number", unit="USD per truck", minimum=0, maximum=100_000),
}
CLOCK = Column("hour", unit="hour of the day")


def attribute_number(attribute: str, text: str) -> float | None:
    """The value of a numeric attribute (hours of the day for opens and closes), None for texts; raises BadValue."""
    if attribute in ATTRIBUTE_COLUMNS:
        return float(ATTRIBUTE_COLUMNS[attribute].parse(text))
    if attribute in ("opens", "closes"):
        return hour_of_day(text)
    try:
        return float(Column(attribute, "number").parse(text))
    except BadValue:
        return None


def hour_of_day(text: str) -> float:
    """7, 7.5 and 07:30 as hours of the day, 0 to 24."""
    hours, _, minutes = text.partition(":")
    try:
        if minutes:
            if len(minutes) != 2 or not (hours.isdigit() and minutes.isdigit()) or int(minutes) > 59:
                raise BadValue("not_an_hour", "")
            value = int(hours) + int(minutes) / 60
        else:
            value = float(Column("hour", "number", minimum=0, maximum=24).parse(text))
        if value > 24:
            raise BadValue("not_an_hour", "")
    except BadValue:
        raise BadValue("not_an_hour", "expected an hour of the day as HH:MM or a number from 0 to 24") from None
    return value


# Flows


@check(tables.REGIONS, tables.CROSSING_FLOWS)
def crossing_flow_between_known_places(case: CaseRows) -> Iterator[Finding]:
    """Each flow must name places of regions.csv."""
    yield from unknown(case.rows(tables.CROSSING_FLOWS), ("origin", "destination"), case.context().places)


@check(tables.REGIONS, tables.SECTOR_FLOWS)
def sector_flow_between_known_places(case: CaseRows) -> Iterator[Finding]:
    """Each flow must name places of regions.csv."""
    yield from unknown(case.rows(tables.SECTOR_FLOWS), ("origin", "destination"), case.context().places)


@check(tables.REGIONS)
def flow_crosses_a_border(case: CaseRows) -> Iterator[Finding]:
    """Origin and destination must lie in different economies; trade inside an economy is completed by the model."""
    places = case.context().places
    for row in (*case.rows(tables.CROSSING_FLOWS), *case.rows(tables.SECTOR_FLOWS)):
        origin, destination = places.get(row["origin"]), places.get(row["destination"])
        if origin and destination and origin == destination:
            yield row, "destination", f"both lie in {origin}"


@check(tables.CROSSINGS, tables.CROSSING_FLOWS)
def flow_through_known_crossing(case: CaseRows) -> Iterator[Finding]:
    """Each flow must name a crossing of crossings.csv, or OTHER."""
    known = {*case.context().crossings, tables.OTHER_CROSSING}
    yield from unknown(case.rows(tables.CROSSING_FLOWS), ("crossing",), known)


@check(tables.REGIONS, tables.CROSSINGS, tables.CROSSING_FLOWS, severity="warning")
def flow_crosses_where_its_economies_meet(case: CaseRows) -> Iterator[Finding]:
    """A flow should use a crossing between the economies of its origin and destination."""
    context = case.context()
    for row in case.rows(tables.CROSSING_FLOWS):
        joined = context.crossings.get(row["crossing"])
        if joined is None or not {row["origin"], row["destination"], *joined} <= set(context.places):
            continue
        economies = {context.places[row["origin"]], context.places[row["destination"]]}
        if economies != {context.places[place] for place in joined}:
            yield row, "crossing", f"it joins {' and '.join(joined)}"


@check(tables.SECTORS, tables.SECTOR_FLOWS)
def flow_of_known_sector(case: CaseRows) -> Iterator[Finding]:
    """Each flow must name a sector of sectors.csv."""
    yield from unknown(case.rows(tables.SECTOR_FLOWS), ("sector",), case.sector_ids)


@check(tables.SECTORS, tables.SECTOR_FLOWS, severity="warning")
def goods_sector_is_traded(case: CaseRows) -> Iterator[Finding]:
    """Each goods sector should have flows in sector_flows.csv."""
    traded = case.contents[tables.SECTOR_FLOWS.file].seen("sector")
    yield from ((row, "id") for row in case.sectors if row["kind"] == "goods" and row["id"] not in traded)


@check(tables.REGIONS, tables.SECTORS, tables.SECTOR_FLOWS, tables.CROSSING_FLOWS)
def sector_and_crossing_totals_agree(case: CaseRows) -> Iterator[Finding]:
    """For each pair of places the flows by crossing must add up to the goods flows by sector."""
    if case.contents[tables.SECTOR_FLOWS.file].faulty or case.contents[tables.CROSSING_FLOWS.file].faulty:
        return
    goods = {row["id"] for row in case.sectors if row["kind"] == "goods"}
    partners = {row["id"] for row in case.rows(tables.REGIONS) if row["kind"] == "partner"}
    by_sector, first_sector = pair_totals([row for row in case.rows(tables.SECTOR_FLOWS) if row["sector"] in goods])
    by_crossing, first_crossing = pair_totals(case.rows(tables.CROSSING_FLOWS))
    for pair in sorted(set(by_sector) | set(by_crossing)):
        # Trade with partners over sea and air has no land crossing.
        if pair not in by_crossing and partners.intersection(pair):
            continue
        sectors, crossings = by_sector.get(pair, 0.0), by_crossing.get(pair, 0.0)
        tolerance = max(TOTALS_TOLERANCE_USD, TOTALS_TOLERANCE_SHARE * max(sectors, crossings))
        if abs(sectors - crossings) > tolerance:
            row = first_crossing.get(pair) or first_sector[pair]
            detail = f"{pair[0]} to {pair[1]}: {sectors:,.0f} USD by sector, {crossings:,.0f} USD by crossing"
            yield row, "value_usd", detail


def pair_totals(rows: list[Row]) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], Row]]:
    """Sum of values and first row of each pair of places."""
    totals: dict[tuple[str, str], float] = defaultdict(float)
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        pair = (row["origin"], row["destination"])
        totals[pair] += row["value_usd"]
        first.setdefault(pair, row)
    return totals, first


@check(tables.REGIONS, tables.SECTOR_FLOWS)
def place_trades(case: CaseRows) -> Iterator[Finding]:
    """Each place must trade with at least one place of another economy in sector_flows.csv."""
    if case.contents[tables.SECTOR_FLOWS.file].faulty:
        return
    trading: set[str] = set()
    for row in case.rows(tables.SECTOR_FLOWS):
        if row["value_usd"] > 0 and row["origin"] != row["destination"]:
            trading.update((row["origin"], row["destination"]))
    yield from ((row, "id") for row in case.rows(tables.REGIONS) if row["id"] not in trading)


@check(tables.REGIONS, tables.SECTOR_FLOWS)
def case_is_connected(case: CaseRows) -> Iterator[Finding]:
    """All places must be linked by flows or by belonging to one economy; the first place of a part is named."""
    places = case.context().places
    group = {place: place for place in places}

    def root(place: str) -> str:
        while group[place] != place:
            place = group[place]
        return place

    links = [(row["origin"], row["destination"]) for row in case.rows(tables.SECTOR_FLOWS) if row["value_usd"] > 0]
    first_of: dict[str, str] = {}
    for place, economy in places.items():
        links.append((place, first_of.setdefault(economy, place)))
    for one, other in links:
        if one in group and other in group:
            group[root(one)] = root(other)
    rows = case.rows(tables.REGIONS)
    seen = {root(row["id"]) for row in rows[:1]}
    for row in rows:
        if root(row["id"]) not in seen:
            seen.add(root(row["id"]))
            yield row, "id", f"not linked with {rows[0]['id']}"


# Waits


@check(tables.CROSSINGS, tables.DELAYS)
def wait_at_known_crossing(case: CaseRows) -> Iterator[Finding]:
    """Each wait must name a crossing of crossings.csv."""
    yield from unknown(case.rows(tables.DELAYS), ("crossing",), case.context().crossings)


@check(tables.REGIONS, tables.CROSSINGS, tables.DELAYS)
def wait_enters_an_economy_of_its_crossing(case: CaseRows) -> Iterator[Finding]:
    """The direction of a wait must be the id of one of the two economies that its crossing joins."""
    context = case.context()
    for row in case.rows(tables.DELAYS):
        joined = context.crossings.get(row["crossing"])
        if joined is None or not set(joined) <= set(context.places):
            continue
        economies = sorted(context.places[place] for place in joined)
        if row["direction"] not in economies:
            yield row, "direction", f"it joins {' and '.join(economies)}"


@check(tables.DELAYS)
def wait_period_in_order(case: CaseRows) -> Iterator[Finding]:
    """The period of a wait must not end before it starts."""
    for row in case.rows(tables.DELAYS):
        if row["period_end"] < row["period_start"]:
            yield row, "period_end", f"starts {row['period_start'].isoformat()}"


@check(tables.DELAYS)
def wait_interval_around_minutes(case: CaseRows) -> Iterator[Finding]:
    """The interval of a wait must hold its minutes, and have both ends or none."""
    for row in case.rows(tables.DELAYS):
        low, high = row["minutes_low"], row["minutes_high"]
        if (low is None) != (high is None) or (low is not None and not low <= row["minutes"] <= high):
            yield row, "minutes_low"


# Input-output table and tariffs


@check(tables.REGIONS, tables.INPUT_OUTPUT, tables.VALUE_ADDED, tables.TARIFFS)
def table_names_known_places(case: CaseRows) -> Iterator[Finding]:
    """Each row must name places of regions.csv."""
    places = case.context().places
    yield from unknown(case.rows(tables.INPUT_OUTPUT), ("place",), places)
    yield from unknown(case.rows(tables.VALUE_ADDED), ("place",), places)
    yield from unknown(case.rows(tables.TARIFFS), ("origin", "destination"), places)


@check(tables.SECTORS, tables.SECTOR_FLOWS, tables.INPUT_OUTPUT, tables.VALUE_ADDED, tables.TARIFFS)
def table_names_known_sectors(case: CaseRows) -> Iterator[Finding]:
    """Each row must name sectors of sectors.csv."""
    yield from unknown(case.rows(tables.INPUT_OUTPUT), ("input", "sector"), case.sector_ids)
    yield from unknown(case.rows(tables.VALUE_ADDED), ("sector",), case.sector_ids)
    yield from unknown(case.rows(tables.TARIFFS), ("sector",), case.sector_ids)


@check(tables.INPUT_OUTPUT, tables.VALUE_ADDED)
def cost_shares_add_up(case: CaseRows) -> Iterator[Finding]:
    """Inputs and value added of a sector at a place must add up to 1."""
    if case.contents[tables.INPUT_OUTPUT.file].faulty or case.contents[tables.VALUE_ADDED.file].faulty:
        return
    totals: dict[tuple[str, str], float] = defaultdict(float)
    first: dict[tuple[str, str], Row] = {}
    for row in (*case.rows(tables.VALUE_ADDED), *case.rows(tables.INPUT_OUTPUT)):
        totals[row["place"], row["sector"]] += row["share"]
        first.setdefault((row["place"], row["sector"]), row)
    only_inputs = not case.rows(tables.VALUE_ADDED)
    for key, total in totals.items():
        if total > 1 + SHARES_TOLERANCE or (not only_inputs and total < 1 - SHARES_TOLERANCE):
            yield first[key], "share", f"{key[0]}, {key[1]}: {total:.9g}"
        elif only_inputs and total >= 1:
            yield first[key], "share", f"{key[0]}, {key[1]}: inputs alone are {total:.9g}"
