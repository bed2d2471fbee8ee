"""The column dictionary of a case folder as a page of documentation."""

from __future__ import annotations

from collections.abc import Iterable

from regions.importing.schema import Column, Table

INTRODUCTION = """# The case folder

A case is a folder of CSV files: UTF-8 (a byte order mark is allowed), comma separated, a header in the first line,
decimal points, no thousands separators, dates as YYYY-MM-DD. `manage.py import_case DIR` reads it whole or not at all;
`--dry-run` checks it and stores nothing. Every fault is reported with file, row (the line in the file; in
`outlines.geojson` the number of the feature), column, value and what is expected.

The folder may come as a zip file, with the files at its top or in one folder: at most 128 MiB, 512 MiB unpacked, 200 files
and 200 times its packed size, no names that lead out of it, no links, no other kinds of files. Nothing is unpacked to
the disk.

Columns in **bold** must be in the header. Unknown columns and files are ignored with a warning.

Three files are not tables:

- `case.json` (optional): an object with name, title, year, currency, price_year, description, mirror_rule (importer,
  exporter, larger or mean: which record of a flow counts where both sides have one), and sources (a list of objects
  with what, who, title and optional url, note). Without it the name is that of the folder, which must then end
  in the year of the flows, and the currency is USD.
- `outlines.geojson` (optional): a FeatureCollection of Polygons or MultiPolygons in longitude and latitude (WGS 84),
  each with `properties.id`, the id of a place.
- `made.json` (optional): the record that `make_case` writes of the files, checks and what was left out; kept with the
  case and shown with its quality.

This page is made by `manage.py case_columns`; a test compares the two.
"""


def page(tables: Iterable[Table]) -> str:
    """The whole page, as Markdown."""
    return "\n".join([INTRODUCTION, *(section(table) for table in tables)])


def section(table: Table) -> str:
    """One table with all its columns."""
    lines = [
        f"## {table.file} ({'required' if table.required else 'optional'})",
        "",
        f"{table.description} One row for each {', '.join(table.key)}.",
        "",
        "| column | unit | expected | meaning |",
        "|---|---|---|---|",
        *(line(column) for column in table.columns),
        "",
    ]
    return "\n".join(lines)


def line(column: Column) -> str:
    """One column as a row of the table."""
    name = f"**{column.name}**" if column.required else column.name
    if column.synonyms:
        name += f" (or {', '.join(column.synonyms)})"
    expected = column.expectation.removeprefix("expected ").removesuffix(f" ({column.unit})")
    if column.blank:
        expected += "; may be empty"
    cells = (name, column.unit, expected, column.description)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
