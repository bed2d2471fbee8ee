"""Outlines as they should be: valid polygons in longitude and latitude, on the globe, cut at the 180th meridian."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from regions.importing.problems import Severity

# kind, what is said, how bad it is
Note = tuple[str, str, Severity]

WGS84 = "EPSG:4326"
# A repair that changes the area by more than this share is no repair of a slip, and is refused.
LARGEST_REPAIR = 0.01
# Beyond this an outline is a survey, not a map: it makes every page slow and tells a planner nothing.
MOST_CORNERS = 400_000
WORLDS = (-1, 0, 1)


def as_multipolygon(geometry: BaseGeometry) -> MultiPolygon:
    """The polygonal parts of a geometry."""
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type in ("Polygon", "MultiPolygon")]
    return MultiPolygon([polygon for part in parts for polygon in shapely.get_parts(part)])


def repaired_outline(found: Any) -> tuple[MultiPolygon | None, list[Note]]:
    """A shape in degrees (or the text of its fault) as a valid outline, and what had to be done; None where it cannot."""
    if not isinstance(found, (Polygon, MultiPolygon)) or found.is_empty:
        what = getattr(found, "geom_type", found)
        return None, [("bad_geometry", f"expected a Polygon or MultiPolygon, found {what}", "error")]
    corners = shapely.get_coordinates(found)
    if not np.isfinite(corners).all():
        return None, [("not_finite", "expected finite coordinates", "error")]
    if len(corners) > MOST_CORNERS:
        expectation = f"expected at most {MOST_CORNERS} corners, found {len(corners)}: simplify the outline"
        return None, [("too_many_corners", expectation, "error")]
    if (np.abs(corners) > np.array([360.0, 90.0])).any():
        expectation = "expected longitudes within 180 and latitudes within 90 degrees"
        if (np.abs(corners[:, ::-1]) <= np.array([180.0, 90.0])).all():
            expectation += "; they would fit the other way round: longitude comes first"
        return None, [("out_of_range", expectation, "error")]
    notes: list[Note] = []
    if crosses_antimeridian(found):
        cut = cut_at_antimeridian(found)
        if cut is None:
            return None, [("around_a_pole", "expected an outline that does not go around a pole", "error")]
        found = cut
        notes.append(("cut_at_180", "crosses the 180th meridian; cut there into parts on both sides", "warning"))
    if found.is_valid:
        return as_multipolygon(found), notes
    reason = shapely.is_valid_reason(found)
    repaired = as_multipolygon(shapely.make_valid(found))
    before, after = abs(found.area), repaired.area
    if repaired.is_empty or abs(after - before) > LARGEST_REPAIR * max(before, after):
        text = f"expected a valid polygon ({reason}); it cannot be repaired safely"
        return None, [*notes, ("invalid_polygon", text, "error")]
    return repaired, [*notes, ("repaired_polygon", f"expected a valid polygon ({reason}); repaired", "warning")]


# The 180th meridian ---------------------------------------------------------------------------------------------------


def rings_of(found: BaseGeometry) -> list[NDArray[np.float64]]:
    """The corners of every ring."""
    return [shapely.get_coordinates(ring) for ring in shapely.get_rings(found)]


def crosses_antimeridian(found: BaseGeometry) -> bool:
    """Whether longitudes leave the globe's map, or jump from one end of it to the other between two corners."""
    return any(
        (np.abs(ring[:, 0]) > 180).any() or (np.abs(np.diff(ring[:, 0])) > 180).any() for ring in rings_of(found)
    )


def cut_at_antimeridian(found: BaseGeometry) -> MultiPolygon | None:
    """The same area in parts that each stay within -180 to 180; None where a ring goes around a pole."""
    parts: list[BaseGeometry] = []
    for polygon in shapely.get_parts(found):
        shell = unwrapped(shapely.get_coordinates(polygon.exterior))
        holes = [unwrapped(shapely.get_coordinates(ring)) for ring in polygon.interiors]
        if shell is None or any(hole is None for hole in holes):
            return None
        middle = (shell[:, 0].min() + shell[:, 0].max()) / 2
        placed = []
        for hole in holes:
            assert hole is not None
            turns = np.round((middle - (hole[:, 0].min() + hole[:, 0].max()) / 2) / 360)
            placed.append(hole + np.array([360.0 * turns, 0.0]))
        whole = shapely.make_valid(Polygon(shell, placed))
        for world in WORLDS:
            part = whole.intersection(box(-180 + 360 * world, -90, 180 + 360 * world, 90))
            parts.append(shapely.transform(part, moved(-360.0 * world)))
    return as_multipolygon(shapely.union_all([as_multipolygon(part) for part in parts]))


def unwrapped(ring: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """A ring without jumps, its middle on the map; None where it does not come back to where it began."""
    longitudes = np.unwrap(ring[:, 0], period=360)
    if abs(longitudes[0] - longitudes[-1]) > 1e-9:
        return None
    longitudes -= 360 * np.round((longitudes.min() + longitudes.max()) / 2 / 360)
    return np.column_stack([longitudes, ring[:, 1]])


def moved(degrees: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """A shift to the east."""
    return lambda corners: corners + np.array([degrees, 0.0])


# Coordinate systems ---------------------------------------------------------------------------------------------------


def to_degrees(crs: str) -> Callable[[Any], Any]:
    """The function that takes shapes from a coordinate system to longitude and latitude; ValueError for an unknown one."""
    try:
        system = pyproj.CRS.from_user_input(crs)
        if system.equals(pyproj.CRS(WGS84), ignore_axis_order=True):
            return lambda found: found
        transformer = pyproj.Transformer.from_crs(system, WGS84, always_xy=True)
    except pyproj.exceptions.ProjError as error:
        raise ValueError(str(error)) from error

    def transformed(corners: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(corners[:, 0], corners[:, 1]))

    return lambda found: shapely.transform(found, transformed)


def as_point(found: Any) -> Point | None:
    """A point of a shape: itself, or one inside a polygon; None for anything else."""
    if isinstance(found, Point) and not found.is_empty:
        return found
    if isinstance(found, (Polygon, MultiPolygon)) and not found.is_empty:
        return found.representative_point()
    return None
