"""Places with their outlines, from GeoPackage, Shapefile, GeoJSON, CSV and other tables."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, cast

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.contrib.gis.geos import MultiPolygon as StoredPolygon
from django.contrib.gis.geos import Point as StoredPoint
from shapely.geometry import MultiPolygon, Point

from regions import geo
from regions.importing.case_import import CaseImporter, StoredTable, Work
from regions.importing.place_shapes import POSITION, Shapes
from regions.importing.schema import Column, Row, Table
from regions.models import ImportBatch, Region

KINDS = ("border", "hinterland", "partner")
# Neighbours drawn at different scales overlap a little.
MOST_OVERLAP = 0.05

REGIONS = Table(
    "regions",
    (
        Column(
            "id", "code", max_length=40, synonyms=("code", "iso_3166_2", "region"),
            description="ISO 3166-2 where one exists",
        ),
        Column("name", required=False, blank=True, synonyms=("region_name",)),
        Column(
            "country", "code", required=False, blank=True, max_length=40, synonyms=("economy", "iso_a2"),
            description="economy of the place",
        ),
        Column("kind", "code", required=False, blank=True, choices=KINDS),
        Column("gdp_musd", "number", unit="million USD", required=False, blank=True, above=0),
        Column("population", "integer", unit="people", required=False, blank=True, minimum=1),
        Column("jobs", "integer", unit="jobs", required=False, blank=True, minimum=0),
        *POSITION,
    ),
    key=("id",),
    description="Places; those that the case has keep what the file does not give, new ones need all but jobs.",
)  # fmt: skip
FIELDS = ("name", "economy", "kind", "gdp_musd", "population", "jobs", "point", "outline")
NEEDED = ("name", "country", "kind", "gdp_musd", "population")


def plan(work: Work) -> None:
    """New and changed places."""
    shapes = Shapes(work)
    if work.read.problems.error_count:
        return
    wanted = []
    drawn: dict[str, tuple[Row, Region, Point, MultiPolygon | None]] = {}
    for row in work.read.rows:
        old = work.codes.places.get(row["id"])
        found = shapes.shape(row)
        outline = shapes.outline(row, found)
        if outline is None and found is not None and not isinstance(found, Point):
            continue  # its fault is said already
        point = shapes.point(row, outline if outline is not None else found)
        place = changed_place(work, row, old, point, outline)
        if place is not None:
            wanted.append(place)
            drawn[place.code] = (row, place, shapely_point(place), shapely_outline(place))
    work.quality["places"] = {"new": sum(row["id"] not in work.codes.places for row in work.read.rows)}
    check_places(work, drawn)
    stored = Region.objects.filter(case=work.codes.case).select_related("economy")
    work.store.append(StoredTable(stored, attrgetter("code"), wanted, FIELDS))


def changed_place(
    work: Work, row: Row, old: Region | None, point: Point | None, outline: MultiPolygon | None
) -> Region | None:
    """A place as the file and what is stored make it; None where something is missing."""
    economy = old.economy if old else None
    if row["country"] is not None:
        economy = work.resolve(row, "country", work.codes.economies, "an economy")
        if economy is None:
            return None
    missing = [name for name in NEEDED if old is None and row[name] is None]
    for name in missing:
        column = work.read.table.column(name)
        words = f"{column.expectation}, since the case does not have the place {row['id']} yet"
        work.read.problem(row, name, words, "missing_value")
    if old is None and point is None:
        words = "expected a position or a shape, since the case does not have the place yet"
        work.read.problem(row, "latitude", words, "missing_value")
    if missing or (old is None and point is None):
        return None
    place = Region(case=work.codes.case, code=row["id"], economy=economy)
    for name in ("name", "kind", "gdp_musd", "population", "jobs"):
        setattr(place, name, row[name] if row[name] is not None or old is None else getattr(old, name))
    # A new outline without a position keeps the old position where it lies inside.
    if old and point is not None and row["latitude"] is None and outline is not None:
        point = None if geo.covers(outline, old.point.x, old.point.y) else point
    place.point = StoredPoint(point.x, point.y, srid=4326) if point is not None else cast(Region, old).point
    place.outline = stored_outline(outline) if outline is not None else (old.outline if old else None)
    return place


def stored_outline(outline: MultiPolygon) -> StoredPolygon:
    """An outline as the database has it."""
    return cast(StoredPolygon, GEOSGeometry(memoryview(outline.wkb), srid=4326))


def shapely_point(place: Region) -> Point:
    """A stored position."""
    return Point(place.point.x, place.point.y)


def shapely_outline(place: Region) -> MultiPolygon | None:
    """A stored outline."""
    return cast(MultiPolygon, shapely.from_wkb(bytes(place.outline.wkb))) if place.outline else None


def check_places(work: Work, drawn: dict[str, tuple[Row, Region, Point, MultiPolygon | None]]) -> None:
    """Places lie in their own outline and in no outline of another economy."""
    others: dict[str, tuple[Any, MultiPolygon | None]] = {
        code: (place.economy_id, shapely_outline(place)) for code, place in work.codes.places.items()
    }
    others.update({code: (place.economy_id, outline) for code, (_, place, _, outline) in drawn.items()})
    for code, (row, place, point, outline) in drawn.items():
        if outline is not None and not geo.covers(outline, point.x, point.y):
            words = f"expected a position inside the outline (longitude {point.x:g}, latitude {point.y:g})"
            work.read.problem(row, "latitude", words, "place_outside_its_outline", "warning", value=code)
        for other, (economy, foreign) in others.items():
            if economy == place.economy_id or foreign is None:
                continue
            if geo.covers(foreign, point.x, point.y):
                words = f"expected a position in its own economy {place.economy.code}; it lies in {other}"
                work.read.problem(row, "latitude", words, "place_in_another_economy", value=code)
            elif outline is not None and (share := geo.shared_area(outline, foreign)) > MOST_OVERLAP:
                words = f"expected an outline in its own economy {place.economy.code}; {share:.0%} of it lie in {other}"
                work.read.problem(row, "geometry", words, "outline_in_another_economy", "warning", value=code)


IMPORTER = CaseImporter("regions", ImportBatch.Kind.REGIONS, REGIONS, (Region,), plan)
