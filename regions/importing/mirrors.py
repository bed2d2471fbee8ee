"""Whether mirror records fit the case: both sides known, the value of the case chosen by the recorded rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial

from regions.importing import tables
from regions.importing.case_reader import CaseRows
from regions.importing.checks import Finding, unknown
from regions.importing.checks import check as registered_check
from regions.importing.problems import Problem
from regions.importing.schema import Row

# The value of the case may differ from the rule's by rounding.
RULE_TOLERANCE_SHARE = 1e-6
RULE_TOLERANCE_USD = 1.0

Flow = tuple[str, str, str]

MIRROR_CHECKS: list[Callable[[CaseRows], list[Problem]]] = []
check = partial(registered_check, registry=MIRROR_CHECKS)


def run_checks(case: CaseRows) -> list[Problem]:
    """Every problem of every check of mirror records."""
    return [problem for one_check in MIRROR_CHECKS for problem in one_check(case)]


@check(tables.REGIONS, tables.MIRROR_FLOWS)
def mirror_between_known_places(case: CaseRows) -> Iterator[Finding]:
    """Each record must name places of regions.csv."""
    yield from unknown(case.rows(tables.MIRROR_FLOWS), ("origin", "destination"), case.context().places)


@check(tables.SECTORS, tables.SECTOR_FLOWS, tables.MIRROR_FLOWS)
def mirror_of_known_sector(case: CaseRows) -> Iterator[Finding]:
    """Each record must name a sector of sectors.csv."""
    yield from unknown(case.rows(tables.MIRROR_FLOWS), ("sector",), case.sector_ids)


@check(tables.REGIONS, tables.MIRROR_FLOWS)
def mirror_by_one_of_both_sides(case: CaseRows) -> Iterator[Finding]:
    """The reporter must be the economy of the origin or of the destination."""
    places = case.context().places
    for row in case.rows(tables.MIRROR_FLOWS):
        sides = {places.get(row["origin"]), places.get(row["destination"])}
        if None not in sides and row["reporter"] not in sides:
            yield row, "reporter", f"they are {' and '.join(sorted(filter(None, sides)))}"


@check(tables.MIRROR_FLOWS)
def factor_of_cif_records_only(case: CaseRows) -> Iterator[Finding]:
    """Only a cif record may have a cif_factor."""
    for row in case.rows(tables.MIRROR_FLOWS):
        if row["cif_factor"] is not None and row["valuation"] != "cif":
            yield row, "cif_factor"


@check(tables.MIRROR_FLOWS, severity="warning")
def cif_record_has_factor(case: CaseRows) -> Iterator[Finding]:
    """Without a cif_factor a cif record is compared as it stands: freight is part of the difference."""
    for row in case.rows(tables.MIRROR_FLOWS):
        if row["valuation"] == "cif" and row["cif_factor"] is None:
            yield row, "cif_factor"


@check(tables.REGIONS, tables.SECTOR_FLOWS, tables.MIRROR_FLOWS)
def flow_follows_the_mirror_rule(case: CaseRows) -> Iterator[Finding]:
    """Where both sides have a record, the value in sector_flows.csv must be the one that mirror_rule of case.json picks."""
    rule = case.description.mirror_rule
    places = case.context().places
    flows = case.contents[tables.SECTOR_FLOWS.file]
    if flows.faulty or not (flows.seen("origin") | flows.seen("destination")) <= set(places):
        return
    values = {flow_of(row): row for row in case.rows(tables.SECTOR_FLOWS)}
    for flow, records in sorted(records_of(case.rows(tables.MIRROR_FLOWS)).items()):
        if len(records) < 2:
            continue
        if not rule:
            yield records[0], "reporter", "case.json names no mirror_rule"
            continue
        by_side = {row["reporter"]: comparable(row) for row in records}
        exporter, importer = by_side.get(places.get(flow[0], "")), by_side.get(places.get(flow[1], ""))
        if exporter is None or importer is None:
            continue
        expected = picked(rule, importer, exporter)
        found = values[flow]["value_usd"] if flow in values else 0.0
        if abs(found - expected) > max(RULE_TOLERANCE_USD, RULE_TOLERANCE_SHARE * expected):
            detail = f"{rule}: {expected:,.0f} USD, found {found:,.0f}"
            yield values.get(flow, records[0]), "value_usd", detail


def picked(rule: str, importer: float, exporter: float) -> float:
    """The value of the case by the rule."""
    return {
        "importer": importer,
        "exporter": exporter,
        "larger": max(importer, exporter),
        "mean": (importer + exporter) / 2,
    }[rule]


def comparable(row: Row) -> float:
    """The record with freight and insurance taken off where the factor is known."""
    return float(row["value_usd"]) / float(row["cif_factor"] or 1.0)


def flow_of(row: Row) -> Flow:
    return row["origin"], row["destination"], row["sector"]


def records_of(rows: list[Row]) -> dict[Flow, list[Row]]:
    """The records of each flow."""
    found: dict[Flow, list[Row]] = defaultdict(list)
    for row in rows:
        found[flow_of(row)].append(row)
    return found
