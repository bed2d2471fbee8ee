"""How GeoSQLite stores geometries and runs the lookups of its list."""

from collections.abc import Callable
from typing import Any

from django.contrib.gis.db import models
from django.contrib.gis.db.backends.base.operations import BaseSpatialOperations
from django.contrib.gis.db.backends.utils import SpatialOperator
from django.contrib.gis.db.models.functions import Distance as DistanceFunction
from django.contrib.gis.geos import GEOSGeometry
from django.contrib.gis.geos.geometry import GEOSGeometryBase
from django.contrib.gis.geos.prototypes.io import wkb_r
from django.contrib.gis.measure import Distance
from django.db import NotSupportedError
from django.db.backends.sqlite3.operations import DatabaseOperations as SQLiteOperations

from planner.config.geosqlite.lookups import DISTANCE_LOOKUPS, LOOKUPS

SRID = 4326


class KnownOperators(dict[str, SpatialOperator]):
    """The lookups by name; one that is not among them says so instead of failing with a bare KeyError."""

    def __missing__(self, lookup: str) -> SpatialOperator:
        known = ", ".join([*LOOKUPS, *DISTANCE_LOOKUPS])
        raise NotSupportedError(f"The embedded database has no geometry lookup {lookup!r}; it has {known}.")


class DistanceOrNull(DistanceFunction):
    """The distance of a lookup; Django's own turns the missing distance of a missing geometry into zero on SQLite."""

    def as_sqlite(self, compiler: Any, connection: Any, **extra_context: Any) -> Any:
        """As on the other databases: nothing is not near to anything."""
        return self.as_sql(compiler, connection, function="ST_Distance", **extra_context)


class EwkbAdapter(bytes):
    """A geometry as SQLite stores it; one in another reference system is transformed first."""

    def __new__(cls, geometry: GEOSGeometry) -> "EwkbAdapter":
        """Take any GEOS geometry; one without SRID is read as longitude and latitude."""
        if geometry.srid not in (None, -1, SRID):
            geometry = geometry.transform(SRID, clone=True)
        elif geometry.srid != SRID:
            geometry = geometry.clone()
            geometry.srid = SRID
        return super().__new__(cls, bytes(geometry.ewkb))


class GeoSQLiteOperations(BaseSpatialOperations, SQLiteOperations):
    """Geometry columns are blobs; lookups call the functions registered on the connection."""

    name = "geosqlite"
    Adapter = EwkbAdapter
    geom_func_prefix = "ST_"
    gis_operators = KnownOperators({lookup: SpatialOperator(func=function) for lookup, function in LOOKUPS.items()})
    distance_expr_for_lookup = DistanceOrNull
    disallowed_aggregates = (models.Collect, models.Extent, models.Extent3D, models.MakeLine, models.Union)
    unsupported_functions = (
        BaseSpatialOperations.unsupported_functions | {"AsWKB", "AsWKT", "ForcePolygonCW", "GeometryType", "Rotate"}
    ) - {"Distance"}

    def geo_db_type(self, f: Any) -> str:
        """Every geometry is a blob, and every geometry is in longitude and latitude."""
        if f.srid != SRID or f.geography or f.dim != 2:
            raise NotSupportedError(f"{f.name}: the embedded database stores plane geometries of SRID {SRID} only.")
        return "BLOB"

    def get_geom_placeholder(self, f: Any, value: Any, compiler: Any) -> str:
        """The adapter has brought the value into the stored form, so it is passed as it is."""
        return "%s"

    def get_distance(self, f: Any, value: Any, lookup_type: str) -> list[float]:
        """Metres of a distance lookup; a bare number would mean degrees elsewhere, so it is refused."""
        if not isinstance(value[0], Distance):
            raise NotSupportedError(f"{lookup_type}: give the distance with its unit, such as D(km=5).")
        return [value[0].m]

    def get_geometry_converter(self, expression: Any) -> Callable[..., GEOSGeometryBase | None]:
        """Read stored blobs as the field's kind of geometry."""
        read = wkb_r().read
        geom_class = expression.output_field.geom_class

        def converter(value: bytes | None, expression: Any, connection: Any) -> GEOSGeometryBase | None:
            if value is None:
                return None
            geometry = GEOSGeometryBase(read(memoryview(value), max_geom_collections=None), geom_class)
            geometry.srid = SRID
            return geometry

        return converter
