"""The report's tables as CSV files with a data package description (Frictionless Data, data package version 1)."""

import csv
import hashlib
import io
import json
from typing import Any

from planner.reports.csv_writer import safe_text
from planner.reports.numbers import stored_text
from planner.reports.table_rows import Document
from planner.reports.tables import Column, Table, report_tables

PROFILE = "tabular-data-package"
_TYPES = {"text": "string", "number": "number", "whole": "integer", "flag": "boolean"}


def package_files(context: Document) -> dict[str, bytes]:
    """{name: content}: one CSV file a table and `datapackage.json`, which says what every column holds and in which unit."""
    tables = report_tables(context)
    files = {f"{table.name}.csv": table_csv(table) for table in tables}
    description = _description(context, tables, files)
    files["datapackage.json"] = (json.dumps(description, ensure_ascii=False, indent=1) + "\n").encode(
        "utf-8", "replace"
    )
    return files


def table_csv(table: Table) -> bytes:
    """UTF-8 without a byte order mark; missing values are empty cells, text is safe in spreadsheets."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([cell_text(column, row[column.name]) for column in table.columns])
    return stream.getvalue().encode("utf-8", "replace")


def cell_text(column: Column, value: Any) -> str:
    """One cell; flags are yes and no."""
    if value is None or value == "":
        return ""
    if column.kind == "text":
        return safe_text(str(value))
    return ("yes" if value else "no") if column.kind == "flag" else stored_text(value)


def _description(context: Document, tables: list[Table], files: dict[str, bytes]) -> dict[str, Any]:
    case, run = context["case"], context["run"]
    return {
        "profile": PROFILE,
        "name": f"border-trade-planner-{case['name']}",
        "title": case["title"],
        "description": f"Numbers of one run: closure {run['closure']}, ranked by {run['criterion']}, {run['draws']} draws, seed {run['seed']}.",
        "version": run["engine_version"],
        "sources": [{"title": source.get("title") or source.get("who") or ""} for source in case["sources"]],
        "resources": [_resource(table, files[f"{table.name}.csv"]) for table in tables],
    }


def _resource(table: Table, content: bytes) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title,
        "path": f"{table.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {
            "fields": [_field(column) for column in table.columns],
            "missingValues": [""],
            **({"primaryKey": list(table.key)} if table.key else {}),
        },
    }


def _field(column: Column) -> dict[str, Any]:
    field = {"name": column.name, "type": _TYPES[column.kind], "description": column.description}
    if column.kind == "flag":
        return {**field, "trueValues": ["yes"], "falseValues": ["no"]}
    return {**field, "unit": column.unit} if column.unit else field
