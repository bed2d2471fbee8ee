"""The formats that a report can have, and how each is written to a file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from planner.reports.csv_writer import ranking_csv
from planner.reports.html_writer import report_html
from planner.reports.json_writer import report_json
from planner.reports.outlines import case_outlines
from planner.reports.parquet_writer import report_parquet
from planner.reports.pdf_writer import report_pdf
from planner.reports.xlsx_writer import report_xlsx

Context = Mapping[str, Any]


def html_with_map(context: Context) -> bytes:
    """The HTML report with the outlines of the case's places from the database."""
    return report_html(context, case_outlines(context["case"]["name"]))


def pdf_with_map(context: Context) -> bytes:
    """The PDF report, likewise."""
    return report_pdf(context, case_outlines(context["case"]["name"]))


WRITERS: dict[str, Callable[[Context], bytes]] = {
    "html": html_with_map,
    "pdf": pdf_with_map,
    "xlsx": report_xlsx,
    "csv": ranking_csv,
    "json": report_json,
    "parquet": report_parquet,
}
FORMATS = tuple(WRITERS)


def write(context: Context, kind: str, path: Path) -> None:
    """Write the report of a context in one of the `FORMATS`."""
    Path(path).write_bytes(WRITERS[kind](context))
