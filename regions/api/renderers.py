"""Lists as CSV, XLSX and GeoJSON besides JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

import xlsxwriter
from rest_framework.renderers import BaseRenderer, JSONRenderer

# A spreadsheet takes a text that starts so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class GeoJsonRenderer(JSONRenderer):
    """Rows as features: their `geometry`, else the point of their latitude and longitude."""

    media_type = "application/geo+json"
    format = "geojson"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """A collection for a page, a feature for a single object."""
        if isinstance(data, Mapping) and "results" in data:
            document: Any = {
                "type": "FeatureCollection",
                "next": data.get("next"),
                "features": [feature(row) for row in data["results"]],
            }
        else:
            document = feature(data) if isinstance(data, Mapping) else data
        content: bytes = super().render(document, accepted_media_type, renderer_context)
        return content


def feature(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row as a feature."""
    properties = {name: value for name, value in row.items() if name not in ("geometry", "latitude", "longitude")}
    geometry = row.get("geometry")
    if geometry is None and row.get("longitude") is not None:
        geometry = {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]}
    return {"type": "Feature", "id": row.get("id"), "geometry": geometry, "properties": properties}


class CsvRenderer(BaseRenderer):
    """Rows of a page; lists within a row are joined by ';'."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """The rows with their names in the first line."""
        names, rows = table(data)
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(names)
        writer.writerows([guarded(value) for value in row] for row in rows)
        return file.getvalue().encode("utf-8")


class XlsxRenderer(BaseRenderer):
    """Rows of a page as a workbook of one sheet; texts stay texts."""

    media_type = XLSX_TYPE
    format = "xlsx"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """The rows below their names."""
        names, rows = table(data)
        file = io.BytesIO()
        book = xlsxwriter.Workbook(
            file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
        )
        sheet = book.add_worksheet("rows")
        sheet.write_row(0, 0, names, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
        sheet.freeze_panes(1, 0)
        book.close()
        return file.getvalue()


def table(data: Any) -> tuple[list[str], list[list[Any]]]:
    """Names and rows of a page, a list or a single object."""
    if isinstance(data, Mapping) and "results" in data:
        data = data["results"]
    rows: Iterable[Mapping[str, Any]] = [data] if isinstance(data, Mapping) else list(data or ())
    names = list(dict.fromkeys(name for row in rows for name in row))
    return names, [[cell(row.get(name)) for name in names] for row in rows]


def cell(value: Any) -> Any:
    """A value of one cell: plain as it is, lists of plain values joined, anything else as JSON."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(one, (str, int, float)) for one in value):
        return ";".join(map(str, value))
    if isinstance(value, (Mapping, list, tuple)):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def guarded(value: Any) -> Any:
    """A text that a spreadsheet would run gets an apostrophe before it; truth values as JSON writes them."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value
