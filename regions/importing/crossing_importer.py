"""Crossings with their positions and counts, from geographic files and tables."""

from __future__ import annotations

from operator import attrgetter
from typing import cast

from django.contrib.gis.geos import Point as StoredPoint

from regions import geo
from regions.importing.case_import import CaseImporter, StoredTable, Work
from regions.importing.place_shapes import POSITION, Shapes
from regions.importing.region_importer import shapely_outline
from regions.importing.schema import Column, Row, Table
from regions.importing.tables import COUNTS, OTHER_CROSSING
from regions.models import Crossing, ImportBatch, Region

# Outlines are simplified, and some crossings lie off the coast of both regions; a slip of a digit is farther.
FARTHEST_KM = 60.0
# Without an outline only the position of a region is known; its size is guessed from nothing.
FARTHEST_FROM_POSITION_KM = 1500.0

CROSSINGS = Table(
    "crossings",
    (
        Column("code", "code", max_length=40, synonyms=("id", "port_code", "port"), description="keep leading zeros"),
        Column("name", required=False, blank=True, synonyms=("port_name", "crossing")),
        Column(
            "region_a", "code", required=False, blank=True, max_length=40, synonyms=("us_region",),
            description="region on the counting side",
        ),
        Column(
            "region_b", "code", required=False, blank=True, max_length=40, synonyms=("facing_region",),
            description="region it faces",
        ),
        *POSITION,
        *(Column(count, "integer", unit="per year", required=False, blank=True, minimum=0) for count in COUNTS),
        Column("months_reported", "integer", unit="months", required=False, blank=True, minimum=0, maximum=12),
        Column("opens_hour", "number", unit="hour of the day", required=False, blank=True, minimum=0, maximum=24),
        Column("closes_hour", "number", unit="hour of the day", required=False, blank=True, minimum=0, maximum=24),
        Column("truck_booths", "integer", unit="booths", required=False, blank=True, minimum=1, maximum=1000),
    ),
    key=("code",),
    description="Crossings; those that the case has keep what the file does not give, new ones need name, regions, position.",
)  # fmt: skip
KEPT = ("name", *COUNTS, "months_reported", "opens_hour", "closes_hour", "truck_booths")
FIELDS = (*KEPT, "point", "region_a", "region_b")
NEEDED = ("name", "region_a", "region_b")


def plan(work: Work) -> None:
    """New and changed crossings."""
    shapes = Shapes(work)
    if work.read.problems.error_count:
        return
    wanted = []
    for row in work.read.rows:
        crossing = changed_crossing(work, row, shapes)
        if crossing is not None:
            check(work, row, crossing)
            wanted.append(crossing)
    work.quality["crossings"] = {"new": sum(one.code not in work.codes.crossings for one in wanted)}
    stored = Crossing.objects.filter(case=work.codes.case).select_related("region_a", "region_b")
    work.store.append(StoredTable(stored, attrgetter("code"), wanted, FIELDS))


def changed_crossing(work: Work, row: Row, shapes: Shapes) -> Crossing | None:
    """A crossing as the file and what is stored make it; None where something is missing."""
    code = row["code"]
    padded = code.zfill(4) if code.isdigit() else code
    if code not in work.codes.crossings and padded in work.codes.crossings:
        work.resolve(row, "code", work.codes.crossings, "a crossing")
        code = padded
    old = work.codes.crossings.get(code)
    if code == OTHER_CROSSING:
        words = f"expected another code than {OTHER_CROSSING}, which stands for ports without entry data"
        work.read.problem(row, "code", words, "reserved_code")
        return None
    point = shapes.point(row, shapes.shape(row))
    missing = [name for name in NEEDED if old is None and row[name] is None]
    for name in missing:
        words = f"{work.read.table.column(name).expectation}, since the case does not have the crossing {code} yet"
        work.read.problem(row, name, words, "missing_value")
    if old is None and point is None:
        words = "expected a position, since the case does not have the crossing yet"
        work.read.problem(row, "latitude", words, "missing_value")
    ends = {}
    for name in ("region_a", "region_b"):
        if row[name] is not None:
            ends[name] = work.resolve(row, name, work.codes.places, "a place")
        else:
            ends[name] = getattr(old, name) if old else None
    if missing or None in ends.values() or (old is None and point is None):
        return None
    crossing = Crossing(case=work.codes.case, code=code, **ends)
    for name in KEPT:
        setattr(crossing, name, row[name] if row[name] is not None or old is None else getattr(old, name))
    crossing.point = StoredPoint(point.x, point.y, srid=4326) if point is not None else cast(Crossing, old).point
    return crossing


def check(work: Work, row: Row, crossing: Crossing) -> None:
    """A crossing joins two economies, near at least one of its regions."""
    if crossing.region_a.economy_id == crossing.region_b.economy_id:
        words = f"expected regions of different economies, both lie in {crossing.region_a.economy.code}"
        work.read.problem(row, "region_b", words, "same_economy")
        return
    far = {}
    for region in (crossing.region_a, crossing.region_b):
        distance, most = distance_and_most(region, crossing)
        if distance > most:
            far[region.code] = distance
    if len(far) == 2:
        words = ", ".join(f"{distance:,.0f} km from {code}" for code, distance in far.items())
        expectation = f"expected a position near its regions; it lies {words}"
        position = f"{crossing.point.y:g}, {crossing.point.x:g}"
        severity = "warning" if work.option("accept_implausible") else "error"
        work.read.problem(row, "latitude", expectation, "far_from_both_regions", severity, value=position)


def distance_and_most(region: Region, crossing: Crossing) -> tuple[float, float]:
    """How far a crossing is from a region, and how far it may be, km."""
    outline = shapely_outline(region)
    if outline is not None:
        return geo.distance_km(outline, crossing.point.x, crossing.point.y), FARTHEST_KM
    between = geo.great_circle_km(crossing.point.y, crossing.point.x, region.point.y, region.point.x)
    return float(between), FARTHEST_FROM_POSITION_KM


IMPORTER = CaseImporter("crossings", ImportBatch.Kind.CROSSINGS, CROSSINGS, (Crossing,), plan)
