"""Geometry of places: outlines read, repaired, simplified and measured. The only user of geopandas."""

from __future__ import annotations

import json
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, shape
from shapely.ops import nearest_points

from regions.importing.outlines import as_multipolygon, repaired_outline
from regions.importing.problems import Problem

WGS84 = "EPSG:4326"
# Cylindrical equal-area on WGS 84: one system for the whole world, exact for areas.
EQUAL_AREA = "EPSG:6933"
EARTH_RADIUS_KM = 6371.0088


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
    try:
        found: Any = shapely.force_2d(shape(geometry))
    except Exception as error:  # shapely raises many types on malformed coordinates
        found = str(error) or type(error).__name__
    polygons, notes = repaired_outline(found)
    return polygons, [
        Problem(file, number, "geometry", identifier, text, kind, severity) for kind, text, severity in notes
    ]


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


def distance_km(outline: MultiPolygon, longitude: float, latitude: float) -> float:
    """Distance from a point to an outline, km; 0 inside. Nearest where degrees are as long as at the point."""
    if covers(outline, longitude, latitude):
        return 0.0
    narrow = max(float(np.cos(np.radians(latitude))), 1e-3)
    scaled = shapely.transform(outline, lambda corners: corners * np.array([narrow, 1.0]))
    nearest = nearest_points(scaled, shapely.Point(longitude * narrow, latitude))[0]
    return float(great_circle_km(latitude, longitude, nearest.y, nearest.x / narrow))


def shared_area(one: MultiPolygon, other: MultiPolygon) -> float:
    """The part of the first outline that the second one covers, 0 to 1; areas in degrees, which cancel."""
    if not one.intersects(other) or not one.area:
        return 0.0
    return float(one.intersection(other).area / one.area)
