"""Where the places and crossings of a file lie: shapes, texts of shapes or coordinates in any system, as degrees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Point

from regions.importing.case_import import Work
from regions.importing.outlines import as_point, repaired_outline, to_degrees
from regions.importing.schema import Column, Row

POSITION = (
    Column(
        "latitude", "number", unit="degrees north", required=False, blank=True, minimum=-90, maximum=90,
        synonyms=("lat",),
    ),
    Column(
        "longitude", "number", unit="degrees east", required=False, blank=True, minimum=-180, maximum=180,
        synonyms=("lon", "lng", "long"),
    ),
    Column("x", "number", unit="of the coordinate system", required=False, blank=True, synonyms=("easting",)),
    Column("y", "number", unit="of the coordinate system", required=False, blank=True, synonyms=("northing",)),
    Column(
        "geometry", required=False, blank=True, max_length=20_000_000, synonyms=("wkt", "geom", "the_geom"),
        description="shape as well-known text; geographic files have shapes of their own",
    ),
)  # fmt: skip


class Shapes:
    """The shape of each row, in degrees. What is wrong becomes a problem of the row, once."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.move: Callable[[Any], Any] | None = None
        crs = str(work.option("crs") or work.read.crs or "")
        needs = bool(work.read.shapes) or bool(work.read.given & {"x", "geometry"})
        if not needs:
            return
        if not crs:
            expectation = "expected a coordinate system: the file names none, so give one, such as EPSG:4326"
            work.read.problem(None, "crs", expectation, "bad_crs")
            return
        try:
            self.move = to_degrees(crs)
        except ValueError as error:
            expectation = f"expected a coordinate system that is known, such as EPSG:32614 ({error})"
            work.read.problem(None, "crs", expectation, "bad_crs", value=crs)
        work.quality["coordinate_system"] = crs

    def shape(self, row: Row) -> Any:
        """The row's shape in degrees, or None where it has none."""
        raw = self.raw(row)
        if raw is None or self.move is None:
            return None
        if isinstance(raw, str):
            return self.bad(row, f"expected a shape ({raw})")
        try:
            return self.move(raw)
        except Exception as error:  # pyproj and shapely raise many types on coordinates outside a system
            return self.bad(row, f"expected a shape within the coordinate system ({error})")

    def raw(self, row: Row) -> Any:
        """The row's shape as the file has it; a text where it cannot be read."""
        if row.line in self.work.read.shapes:
            return self.work.read.shapes[row.line]
        if row.get("geometry"):
            try:
                return shapely.force_2d(shapely.from_wkt(row["geometry"]))
            except shapely.errors.ShapelyError as error:
                return str(error)
        if row.get("x") is not None and row.get("y") is not None:
            return Point(row["x"], row["y"])
        return None

    def bad(self, row: Row, expectation: str) -> None:
        """A shape that cannot be used."""
        self.work.read.problem(row, "geometry", expectation, "bad_geometry")

    def outline(self, row: Row, found: Any) -> MultiPolygon | None:
        """The outline of a place, repaired where it must be; None where the row has no polygon."""
        if found is None or isinstance(found, Point):
            return None
        outline, notes = repaired_outline(found)
        for kind, text, severity in notes:
            self.work.read.problem(row, "geometry", text, kind, severity, value=str(row.get("id") or ""))
            counted = self.work.quality.setdefault("outlines", {})
            counted[kind] = counted.get(kind, 0) + 1
        return outline

    def point(self, row: Row, found: Any) -> Point | None:
        """The position of a row: its latitude and longitude, else a point of its shape."""
        if row.get("latitude") is not None and row.get("longitude") is not None:
            return Point(row["longitude"], row["latitude"])
        point = as_point(found)
        if point is None:
            return None
        if not np.isfinite([point.x, point.y]).all() or abs(point.y) > 90 or abs(point.x) > 180:
            self.bad(row, "expected a position with longitude within 180 and latitude within 90 degrees")
            return None
        return point
