"""Every number of the report as one long Parquet table: one row a number, with its table, key, column and unit."""

import io
import json
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from planner.reports.table_rows import Document
from planner.reports.tables import report_tables

# Columns that many tables share stand beside the key, so that effects can be filtered without taking keys apart.
SHARED = ("intervention", "place", "stage", "measure")
SCHEMA = pa.schema(
    [
        pa.field("table", pa.string(), nullable=False),
        pa.field("key", pa.string(), nullable=False),
        *(pa.field(name, pa.string()) for name in SHARED),
        pa.field("column", pa.string(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
    ]
)


def report_parquet(context: Document) -> bytes:
    """Numbers only; flags are 1 and 0. The file's metadata say which case and run they are of."""
    columns: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
    for table in report_tables(context):
        numeric = [(column.name, column.unit) for column in table.columns if column.kind != "text"]
        for number, row in enumerate(table.rows, start=1):
            found = [(name, unit, row[name]) for name, unit in numeric if row[name] is not None]
            if not found:
                continue
            count = len(found)
            key = json.dumps([row[name] for name in table.key] or [number], ensure_ascii=False)
            columns["table"] += [table.name] * count
            columns["key"] += [_readable(key)] * count
            for name in SHARED:
                # In the register of measures the measure's id is the row's own id.
                own = row.get("id") if name == "intervention" and table.name == "interventions" else row.get(name)
                columns[name] += [_readable(own) if own and isinstance(own, str) else None] * count
            columns["column"] += [name for name, _unit, _value in found]
            own_unit = row.get("unit") or ""
            columns["unit"] += [own_unit if unit == "see unit" else unit for _name, unit, _value in found]
            columns["value"] += [float(value) for _name, _unit, value in found]
    about = {"format": context["format"], "case": context["case"]["name"], "run": context["run"]}
    described = SCHEMA.with_metadata({"report": json.dumps(about, sort_keys=True)})
    stream = io.BytesIO()
    parquet.write_table(pa.Table.from_pydict(columns, schema=described), stream, compression="zstd")
    return stream.getvalue()


def _readable(text: str) -> str:
    """Text that UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode()
