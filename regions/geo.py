"""Geometry of places: outlines read, repaired, simplified and measured. The only user of geopandas."""

from __future__ import annotations

import json
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

from regions.importing.problems import Problem

WGS84 = "EPSG:4326"
# Cylindrical equal-area on WGS 84: one system for the whole world, exact for areas.
EQUAL_AREA = "EPSG:6933"
EARTH_RADIUS_KM = 6371.0088
# A repair that changes the area by more than this share is no repair of a slip, and is refused.
LARGEST_REPAIR = 0.01


def read_outlines(text: str, file: str) -> tuple[geopandas.GeoDataFrame, list[Problem]]:
    """Outlines of a GeoJSON FeatureCollection: columns id, geometry (valid MultiPolygon, EPSG:4326), feature.

    The row of a problem is the number of the feature, from 1.
    """
    problems: list[Problem] = []
    records: list[dict[str, Any]] = []
    try:
        collection = json.loads(text)
    except (ValueError, RecursionError) as error:
        return outline_frame([]), [
            Problem(file, getattr(error, "lineno", 0), "", "", f"expected GeoJSON ({error})", "bad_json")
        ]
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list):
        expectation = "expected a GeoJSON FeatureCollection"
        return outline_frame([]), [Problem(file, 0, "", "", expectation, "bad_geojson")]
    problems += foreign_crs(collection, file)
    first_feature: dict[str, int] = {}
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        identifier = properties.get("id") if isinstance(properties, dict) else None
        if not isinstance(identifier, str) or not identifier:
            expectation = "expected properties.id, the id of a place in regions.csv"
            problems.append(Problem(file, number, "id", str(identifier or ""), expectation, "missing_value"))
            continue
        if identifier in first_feature:
            expectation = f"expected one outline for each place; first given in feature {first_feature[identifier]}"
            problems.append(Problem(file, number, "id", identifier, expectation, "duplicate_key"))
            continue
        first_feature[identifier] = number
        polygons, faults = read_polygons(feature.get("geometry"), identifier, number, file)
        problems += faults
        if polygons is not None:
            records.append({"id": identifier, "feature": number, "geometry": polygons})
    return outline_frame(records), problems


def outline_frame(records: list[dict[str, Any]]) -> geopandas.GeoDataFrame:
    columns = ["id", "feature", "geometry"]
    return geopandas.GeoDataFrame(records, columns=columns, geometry="geometry", crs=WGS84)


def foreign_crs(collection: dict[str, Any], file: str) -> list[Problem]:
    """Old GeoJSON may name a coordinate system; only longitude and latitude on WGS 84 are read."""
    crs = collection.get("crs")
    if not crs:
        return []
    name = str(crs.get("properties", {}).get("name", "")) if isinstance(crs, dict) else str(crs)
    if name.upper().endswith(("CRS84", "EPSG::4326", "EPSG:4326")):
        return []
    expectation = "expected longitude and latitude on WGS 84 (EPSG:4326)"
    return [Problem(file, 0, "crs", name, expectation, "bad_crs")]


def read_polygons(geometry: Any, identifier: str, number: int, file: str) -> tuple[MultiPolygon | None, list[Problem]]:
    """One outline, repaired where it must be; None where that is not possible."""

    def problem(expectation: str, kind: str, severity: str = "error") -> Problem:
        return Problem(file, number, "geometry", identifier, expectation, kind, severity)  # type: ignore[arg-type]

    try:
        found = shapely.force_2d(shape(geometry))
    except Exception as error:  # shapely raises many types on malformed coordinates
        return None, [problem(f"expected a Polygon or MultiPolygon ({error})", "bad_geometry")]
    if not isinstance(found, (Polygon, MultiPolygon)) or found.is_empty:
        return None, [problem(f"expected a Polygon or MultiPolygon, found {found.geom_type}", "bad_geometry")]
    coordinates = shapely.get_coordinates(found)
    if not np.isfinite(coordinates).all():
        return None, [problem("expected finite coordinates", "not_finite")]
    if (np.abs(coordinates) > np.array([180.0, 90.0])).any():
        return None, [problem("expected longitudes within 180 and latitudes within 90 degrees", "out_of_range")]
    if found.is_valid:
        return as_multipolygon(found), []
    reason = shapely.is_valid_reason(found)
    repaired = as_multipolygon(shapely.make_valid(found))
    before, after = abs(found.area), repaired.area
    if repaired.is_empty or abs(after - before) > LARGEST_REPAIR * max(before, after):
        return None, [problem(f"expected a valid polygon ({reason}); it cannot be repaired safely", "invalid_polygon")]
    text = f"expected a valid polygon ({reason}); repaired"
    return repaired, [problem(text, "repaired_polygon", "warning")]


def read_outline(text: str) -> tuple[MultiPolygon | None, str]:
    """One outline typed as a GeoJSON geometry or Feature, or None and what is wrong with it."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        return None, f"expected GeoJSON ({error})"
    if isinstance(content, dict) and content.get("type") == "Feature":
        content = content.get("geometry")
    outline, problems = read_polygons(content, "", 0, "")
    return outline, "; ".join(problem.expectation for problem in problems)


def as_multipolygon(geometry: BaseGeometry) -> MultiPolygon:
    """The polygonal parts of a geometry."""
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type in ("Polygon", "MultiPolygon")]
    return MultiPolygon([polygon for part in parts for polygon in shapely.get_parts(part)])


def simplified(outlines: geopandas.GeoDataFrame, tolerance_degrees: float) -> geopandas.GeoDataFrame:
    """Fewer vertices; borders that places share stay shared."""
    result = outlines.copy()
    geometry = result.geometry.simplify_coverage(tolerance_degrees)
    result["geometry"] = geopandas.GeoSeries(
        [as_multipolygon(part) for part in geometry], index=result.index, crs=WGS84
    )
    return result


def geodataframe(ids: list[str], wkbs: list[bytes | None]) -> geopandas.GeoDataFrame:
    """Geometries by id, from WKB; None stays empty."""
    geometry = shapely.from_wkb(np.array(wkbs, dtype=object)) if wkbs else []
    return geopandas.GeoDataFrame({"id": ids}, geometry=list(geometry), crs=WGS84)


def areas_km2(frame: geopandas.GeoDataFrame) -> NDArray[np.float64]:
    """Area of each geometry, km²; NaN where there is none."""
    areas = np.asarray(frame.geometry.to_crs(EQUAL_AREA).area, dtype=float) / 1e6
    return np.where(frame.geometry.isna() | frame.geometry.is_empty, np.nan, areas)


def great_circle_km(
    latitude_from: ArrayLike, longitude_from: ArrayLike, latitude_to: ArrayLike, longitude_to: ArrayLike
) -> NDArray[np.float64]:
    """Distances on the sphere, km (haversine), broadcast over the arguments in degrees."""
    lat_from, lon_from, lat_to, lon_to = (
        np.radians(np.asarray(angle, dtype=float))
        for angle in (latitude_from, longitude_from, latitude_to, longitude_to)
    )
    half = (
        np.sin((lat_to - lat_from) / 2) ** 2 + np.cos(lat_from) * np.cos(lat_to) * np.sin((lon_to - lon_from) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


def covers(outline: MultiPolygon, longitude: float, latitude: float) -> bool:
    """Whether the point lies in the outline or on its edge."""
    return bool(shapely.covers(outline, shapely.Point(longitude, latitude)))
