"""The formats that a report can have, and how each is written to a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.utils.translation import override

from planner.models import Run
from planner.reports.bundle import report_zip
from planner.reports.cover import DRAFT, Cover
from planner.reports.csv_writer import ranking_csv
from planner.reports.html_writer import report_html
from planner.reports.json_writer import report_json, rounded_document
from planner.reports.outlines import case_outlines
from planner.reports.parquet_writer import report_parquet
from planner.reports.pdf_writer import report_pdf
from planner.reports.xlsx_writer import report_xlsx

Context = Mapping[str, Any]


def html_with_map(context: Context, cover: Cover = DRAFT) -> bytes:
    """The HTML report with the outlines of the case's places from the database."""
    return report_html(context, case_outlines(context["case"]["name"]), cover)


def pdf_with_map(context: Context, cover: Cover = DRAFT) -> bytes:
    """The PDF report, likewise."""
    return report_pdf(context, case_outlines(context["case"]["name"]), cover)


WRITERS: dict[str, Callable[[Context, Cover], bytes]] = {
    "html": html_with_map,
    "pdf": pdf_with_map,
    "xlsx": report_xlsx,
    "csv": lambda context, cover: ranking_csv(context),
    "json": lambda context, cover: report_json(context),
    "parquet": lambda context, cover: report_parquet(context),
}
ZIP = "zip"
FORMATS = (*WRITERS, ZIP)


@dataclass(frozen=True)
class Report:
    """A finished run, ready to be written in any format and language."""

    run: Run
    document: Context
    cover: Cover = DRAFT
    language: str = "en"

    def file(self, kind: str) -> bytes:
        """The report in one of the `FORMATS`."""
        with override(self.language):
            if kind == ZIP:
                return report_zip(self.run, self.rounded, self.cover, self.language)
            return WRITERS[kind](self.rounded, self.cover)

    @cached_property
    def rounded(self) -> Context:
        """The numbers that all formats share."""
        return rounded_document(self.document)

    def write(self, kind: str, path: Path) -> None:
        """The same as a file."""
        Path(path).write_bytes(self.file(kind))
