"""The ST_* functions of GeoSQLite: EWKB blobs in, truth values or metres out, computed by shapely and pyproj."""

import sqlite3
from collections.abc import Callable
from functools import lru_cache

import shapely
from pyproj import Geod, Transformer
from shapely import Geometry

# PostGIS measures ST_DistanceSphere on the sphere of the WGS 84 mean radius; the same here, so that both databases agree.
EARTH_RADIUS_M = 6_371_008.771415059
SPHERE = Geod(a=EARTH_RADIUS_M, b=EARTH_RADIUS_M)


@lru_cache(maxsize=512)
def read(ewkb: bytes) -> Geometry:
    """A geometry from its stored form; the last ones read are kept, since a query compares many rows with one."""
    geometry = shapely.from_wkb(ewkb)
    shapely.prepare(geometry)
    return geometry


def boxes_overlap(left: Geometry, right: Geometry) -> bool:
    """Whether the bounding boxes share a point."""
    return (
        bool(shapely.box(*left.bounds).intersects(shapely.box(*right.bounds))) if _both_filled(left, right) else False
    )


def box_contained(left: Geometry, right: Geometry) -> bool:
    """Whether the bounding box of `left` lies in that of `right`."""
    return bool(shapely.box(*right.bounds).covers(shapely.box(*left.bounds))) if _both_filled(left, right) else False


def distance_m(left: Geometry, right: Geometry) -> float | None:
    """Shortest distance on the sphere in metres; exact for points, by a local projection for other shapes."""
    if not _both_filled(left, right):
        return None
    if left.geom_type == right.geom_type == "Point":
        _, _, metres = SPHERE.inv(left.x, left.y, right.x, right.y)
        return float(metres)
    # Equidistant around the point (or a point inside `left`): right for distances from there, good close by.
    around = (left if left.geom_type == "Point" or right.geom_type != "Point" else right).representative_point()
    projection = f"+proj=aeqd +lat_0={around.y} +lon_0={around.x} +R={EARTH_RADIUS_M} +units=m"
    to_plane = Transformer.from_crs("+proj=longlat +R=6371008.771415059 +no_defs", projection, always_xy=True).transform
    flat = [shapely.transform(shape, to_plane, interleaved=False) for shape in (left, right)]
    return float(shapely.distance(*flat))


def _both_filled(left: Geometry, right: Geometry) -> bool:
    return not (left.is_empty or right.is_empty)


def _on_blobs(function: Callable[[Geometry, Geometry], bool | float | None]) -> Callable[..., float | None]:
    def on_blobs(left: bytes | None, right: bytes | None, *_spheroid: int) -> float | None:
        if left is None or right is None:
            return None
        result = function(read(left), read(right))
        return int(result) if isinstance(result, bool) else result

    return on_blobs


def _predicate(function: Callable[[Geometry, Geometry], bool]) -> Callable[[Geometry, Geometry], bool]:
    return lambda left, right: bool(function(left, right))


# SQL name -> function and its numbers of arguments; Django gives the distance a third one, whether to use a spheroid.
FUNCTIONS: dict[str, tuple[Callable[[Geometry, Geometry], bool | float | None], tuple[int, ...]]] = {
    "ST_BoxOverlaps": (boxes_overlap, (2,)),
    "ST_BoxContained": (box_contained, (2,)),
    "ST_Contains": (_predicate(shapely.contains), (2,)),
    "ST_CoveredBy": (_predicate(shapely.covered_by), (2,)),
    "ST_Covers": (_predicate(shapely.covers), (2,)),
    "ST_Disjoint": (_predicate(shapely.disjoint), (2,)),
    "ST_Equals": (_predicate(shapely.equals), (2,)),
    "ST_Intersects": (_predicate(shapely.intersects), (2,)),
    "ST_Within": (_predicate(shapely.within), (2,)),
    "ST_Distance": (distance_m, (2, 3)),
}


def register(connection: sqlite3.Connection) -> None:
    """Give one SQLite connection the functions above."""
    for name, (function, arities) in FUNCTIONS.items():
        for arity in arities:
            connection.create_function(name, arity, _on_blobs(function), deterministic=True)
