"""Many rows into one table, fast: COPY on PostgreSQL, prepared inserts elsewhere. Inside the caller's transaction."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import connection, models
from pyarrow import csv

from regions.importing.columnar import MISSING

Columns = dict[str, Any]

# Rows in one statement: twice as fast on SQLite as one row each, and far below its limit of variables.
ROWS_IN_A_STATEMENT = 40


def bulk_writer(model: type[models.Model]) -> Callable[[Columns], int]:
    """A function that stores columns (by field name: an array, or one value for all rows) and returns their number.

    In arrays of whole numbers MISSING is stored as NULL where the field allows it. Constraints are the database's.
    """
    return copy_rows(model) if connection.vendor == "postgresql" else insert_rows(model)


def columns_of(model: type[models.Model], columns: Columns) -> tuple[list[str], list[Any], int]:
    """Names of database columns, their values as arrays or single values, and the number of rows."""
    database_names = {field.name: str(field.column) for field in model._meta.concrete_fields}
    sizes = {len(values) for values in columns.values() if isinstance(values, np.ndarray)}
    if len(sizes) != 1:
        raise ValueError(f"columns of different length: {sorted(sizes)}")
    return [database_names[name] for name in columns], list(columns.values()), sizes.pop()


def nullable(model: type[models.Model], columns: Columns) -> list[bool]:
    """Whether each field may be empty."""
    null = {field.name: field.null for field in model._meta.concrete_fields}
    return [null[name] for name in columns]


def insert_rows(model: type[models.Model]) -> Callable[[Columns], int]:
    """Prepared inserts of some rows each."""
    table = connection.ops.quote_name(model._meta.db_table)

    def write(columns: Columns) -> int:
        names, values, size = columns_of(model, columns)
        lists = [python_values(value, size, null) for value, null in zip(values, nullable(model, columns), strict=True)]
        width = len(names)
        flat = [None] * (width * size)
        for position, cells in enumerate(lists):
            flat[position::width] = cells
        quoted = ", ".join(map(connection.ops.quote_name, names))
        row = f"({', '.join(['%s'] * width)})"
        start = f"INSERT INTO {table} ({quoted}) VALUES "  # noqa: S608 - names of fields only
        whole = size - size % ROWS_IN_A_STATEMENT
        with connection.cursor() as cursor:
            for rows, first, last in ((ROWS_IN_A_STATEMENT, 0, whole), (1, whole, size)):
                step = rows * width
                parameters = [flat[cell : cell + step] for cell in range(first * width, last * width, step)]
                if parameters:
                    cursor.executemany(start + ", ".join([row] * rows), parameters)
        return size

    return write


def python_values(values: Any, size: int, null: bool) -> list[Any]:
    """A column as a list of Python values."""
    if not isinstance(values, np.ndarray):
        return [values] * size
    cells = values.tolist()
    if null and values.dtype.kind == "i":
        for position in np.flatnonzero(values == MISSING).tolist():
            cells[position] = None
    elif null and values.dtype.kind == "f":
        for position in np.flatnonzero(np.isnan(values)).tolist():
            cells[position] = None
    return cells


def copy_rows(model: type[models.Model]) -> Callable[[Columns], int]:
    """COPY of CSV that pyarrow writes."""
    table = connection.ops.quote_name(model._meta.db_table)

    def write(columns: Columns) -> int:
        names, values, size = columns_of(model, columns)
        arrays = [arrow_values(value, size, null) for value, null in zip(values, nullable(model, columns), strict=True)]
        text = io.BytesIO()
        # Every text is quoted, so that an empty one is not taken for NULL.
        options = csv.WriteOptions(include_header=False, quoting_style="all_valid")
        csv.write_csv(pa.table(arrays, names=names), text, options)
        quoted = ", ".join(map(connection.ops.quote_name, names))
        with connection.cursor() as cursor:
            statement = f"COPY {table} ({quoted}) FROM STDIN WITH (FORMAT csv)"
            with cursor.cursor.copy(statement) as copy:
                copy.write(text.getbuffer())
        return size

    return write


def arrow_values(values: Any, size: int, null: bool) -> pa.Array:
    """A column as pyarrow has it."""
    if not isinstance(values, np.ndarray):
        return pa.repeat(pa.scalar(values), size)
    if values.dtype.kind == "i" and null:
        return pa.array(values, mask=values == MISSING)
    if values.dtype.kind == "f" and null:
        return pa.array(values, mask=np.isnan(values))
    return pa.array(values)
