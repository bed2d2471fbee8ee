"""The database wrapper of GeoSQLite: SQLite connections with the geometry functions registered."""

import sqlite3
from typing import Any

from django.contrib.gis.db.backends.base.features import BaseSpatialFeatures
from django.db.backends.sqlite3.base import DatabaseWrapper as SQLiteWrapper
from django.db.backends.sqlite3.features import DatabaseFeatures as SQLiteFeatures

from planner.config.geosqlite.functions import register
from planner.config.geosqlite.operations import GeoSQLiteOperations


class DatabaseFeatures(BaseSpatialFeatures, SQLiteFeatures):
    """What the embedded geometry support can do; the rest follows from the operations."""

    has_spatialrefsys_table = False
    supports_add_srs_entry = False
    supports_geometry_field_introspection = False
    supports_transform = False
    supports_empty_geometries = True
    supports_length_geodetic = False
    supports_area_geodetic = False
    supports_dwithin_distance_expr = False


class DatabaseWrapper(SQLiteWrapper):
    """SQLite with geometry columns."""

    features_class = DatabaseFeatures
    ops_class = GeoSQLiteOperations

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        """Open a connection and give it the geometry functions."""
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        register(connection)
        return connection
