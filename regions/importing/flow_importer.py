"""Flows between regions, by sector and by crossing, from one table; both must add up to the same trade by pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import attrgetter
from statistics import median
from typing import Any

from django.db.models import QuerySet, Sum

from regions.importing.case_import import CaseImporter, StoredTable, Work
from regions.importing.checks import TOTALS_TOLERANCE_SHARE, TOTALS_TOLERANCE_USD
from regions.importing.plausible import LEAST_TRADE_IN_GDP, MOST_TRADE_IN_GDP, far_apart, in_words, thousand_that_fits
from regions.importing.problems import Problem
from regions.importing.schema import Column, Row, Table
from regions.importing.tables import MODES, OTHER_CROSSING
from regions.models import CrossingFlow, How, ImportBatch, Region, Sector, SectorFlow

VALUE_UNITS = {"USD": 1.0, "thousand USD": 1e3, "million USD": 1e6}
USD_PER_MUSD = 1e6
SHOWN_PAIRS = 50

FLOWS = Table(
    "flows",
    (
        Column("origin", "code", max_length=40, synonyms=("from", "exporter", "seller"), description="code of a place"),
        Column("destination", "code", max_length=40, synonyms=("to", "importer", "buyer"), description="code of a place"),
        Column(
            "sector", "code", max_length=60, required=False, blank=True, synonyms=("product", "commodity"),
            description="code of a sector; empty in rows by crossing",
        ),
        Column(
            "crossing", "code", max_length=40, required=False, blank=True, synonyms=("port",),
            description="code of a crossing, or OTHER; empty in rows by sector",
        ),
        Column(
            "mode", "code", required=False, blank=True, choices=MODES, description="how it travels; in rows by crossing"
        ),
        Column(
            "value", "number", unit="USD per year, or as the option says", minimum=0,
            synonyms=("value_usd", "trade", "amount"),
        ),
        Column(
            "how", "code", required=False, blank=True, default=How.OBSERVED.value, choices=tuple(How.values),
            description="how the value of a row by sector was got; empty = observed",
        ),
    ),
    key=("origin", "destination", "sector", "crossing", "mode"),
    description="Goods sold by one place to another in the case's year. A row is by sector, or by crossing and mode.",
)  # fmt: skip


def plan(work: Work) -> None:
    """Flows by sector and flows by crossing."""
    factor = VALUE_UNITS.get(str(work.option("value_unit") or "USD"))
    if factor is None:
        work.read.problem(None, "value_unit", f"expected one of {', '.join(VALUE_UNITS)}", "unknown_option")
        return
    by_sector: list[SectorFlow] = []
    by_crossing: list[CrossingFlow] = []
    for row in work.read.rows:
        ends = places(work, row)
        if (row["sector"] is None) == (row["crossing"] is None):
            work.read.problem(row, "sector", "expected a sector or a crossing in each row, not both", "bad_row")
        elif row["sector"] is not None:
            sector = work.resolve(row, "sector", work.codes.sectors, "a sector")
            if ends and sector:
                by_sector.append(flow(work, SectorFlow, ends, row["value"] * factor, sector=sector, how=row["how"]))
        elif row["mode"] is None:
            work.read.problem(row, "mode", "expected a mode in each row by crossing", "missing_value")
        else:
            known: dict[str, Any] = {**work.codes.crossings, OTHER_CROSSING: OTHER_CROSSING}
            crossing = work.resolve(row, "crossing", known, "a crossing")
            if ends and crossing:
                where = None if crossing == OTHER_CROSSING else crossing
                flow_of_crossing = flow(
                    work, CrossingFlow, ends, row["value"] * factor, crossing=where, mode=row["mode"]
                )
                by_crossing.append(flow_of_crossing)
    only = bool(work.option("only_these"))
    case = work.codes.case
    if by_sector:
        stored: QuerySet = SectorFlow.objects.filter(case=case)
        key = attrgetter("origin_id", "destination_id", "sector_id")
        work.store.append(StoredTable(stored, key, by_sector, ("value_usd", "how"), only))
    if by_crossing:
        stored = CrossingFlow.objects.filter(case=case)
        four = attrgetter("origin_id", "destination_id", "crossing_id", "mode")
        work.store.append(StoredTable(stored, four, by_crossing, ("value_usd",), only))
    work.quality.update(rows_by_sector=len(by_sector), rows_by_crossing=len(by_crossing))
    check_units(work, [*by_sector] or [*by_crossing])


def places(work: Work, row: Row) -> tuple[Region, Region] | None:
    """Both ends of a flow, which lie in different economies."""
    origin = work.resolve(row, "origin", work.codes.places, "a place")
    destination = work.resolve(row, "destination", work.codes.places, "a place")
    if origin is None or destination is None:
        return None
    if origin.economy_id == destination.economy_id:
        expectation = "expected places of different economies: trade inside an economy is completed by the model"
        work.read.problem(row, "destination", f"{expectation} (both lie in {origin.economy.code})", "same_economy")
        return None
    return origin, destination


def flow(work: Work, model: Any, ends: tuple[Region, Region], value_usd: float, **more: Any) -> Any:
    """One unsaved flow."""
    return model(case=work.codes.case, origin=ends[0], destination=ends[1], value_usd=value_usd, **more)


def check_units(work: Work, flows: list[Any]) -> None:
    """Trade against the places' GDP, and against what was stored before."""
    trade: dict[str, float] = defaultdict(float)
    for one in flows:
        trade[one.origin.code] += one.value_usd
        trade[one.destination.code] += one.value_usd
    shares = {
        code: value / (work.codes.places[code].gdp_musd * USD_PER_MUSD)
        for code, value in sorted(trade.items())
        if value
    }
    if not shares:
        return
    for code, share in shares.items():
        if share > MOST_TRADE_IN_GDP:
            hint = in_words(thousand_that_fits(share, LEAST_TRADE_IN_GDP, 1.0))
            expectation = f"expected trade across the border of at most {MOST_TRADE_IN_GDP:g} times the GDP{hint}"
            work.implausible(None, "value", expectation, f"{code}: {share:,.4g} times its GDP")
    middle = median(shares.values())
    if middle < LEAST_TRADE_IN_GDP:
        hint = in_words(thousand_that_fits(middle, LEAST_TRADE_IN_GDP, 1.0))
        expectation = f"expected trade of more than {LEAST_TRADE_IN_GDP:g} of GDP at half of the places{hint}"
        work.implausible(None, "value", expectation, f"median {middle:.2g}")
    before = stored_total(work, type(flows[0]))
    now = sum(one.value_usd for one in flows)
    if work.option("only_these") and far_apart(before, now):
        expectation = f"expected about the {before / USD_PER_MUSD:,.0f} million USD that the case has so far"
        work.implausible(None, "value", expectation, f"{now / USD_PER_MUSD:,.6g} million USD")


def stored_total(work: Work, model: Any) -> float:
    """All stored flows of a kind, USD."""
    return float(model.objects.filter(case=work.codes.case).aggregate(total=Sum("value_usd"))["total"] or 0.0)


def verify(work: Work) -> Iterator[Problem]:
    """Both tables must give the same goods trade by pair where both have the pair, as in a case folder."""
    case = work.codes.case
    by_sector = totals(SectorFlow.objects.filter(case=case, sector__kind=Sector.Kind.GOODS))
    by_crossing = totals(CrossingFlow.objects.filter(case=case))
    partners = {code for code, place in work.codes.places.items() if place.kind == Region.Kind.PARTNER}
    if not by_sector or not by_crossing:
        return
    severity = "warning" if work.option("accept_differences") else "error"
    for pair in sorted(set(by_sector) | set(by_crossing)):
        if pair not in by_crossing and partners.intersection(pair):
            continue
        sectors, crossings = by_sector.get(pair, 0.0), by_crossing.get(pair, 0.0)
        if abs(sectors - crossings) > max(TOTALS_TOLERANCE_USD, TOTALS_TOLERANCE_SHARE * max(sectors, crossings)):
            expectation = (
                f"expected flows by crossing that add up to the goods flows by sector ({sectors:,.0f} USD by sector, "
                f"{crossings:,.0f} by crossing): give both in one file"
            )
            value = f"{pair[0]} to {pair[1]}"
            yield Problem(work.read.file, 0, "value", value, expectation, "totals_differ", severity)  # type: ignore[arg-type]


def totals(rows: QuerySet) -> dict[tuple[str, str], float]:
    """Value by pair of places."""
    summed: Iterable[Any] = rows.order_by().values_list("origin__code", "destination__code").annotate(Sum("value_usd"))
    return {(origin, destination): float(total) for origin, destination, total in summed}


IMPORTER = CaseImporter(
    "flows",
    ImportBatch.Kind.FLOWS,
    FLOWS,
    (SectorFlow, CrossingFlow),
    plan,
    verify,
    one_of=("sector", "crossing"),
)
