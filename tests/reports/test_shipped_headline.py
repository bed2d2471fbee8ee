"""The shipped case's headline and Michigan's trade: the same in the facts, the report's formats and the ranking page."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from planner.models import Run
from planner.reports.context import build_context
from planner.reports.cover import DRAFT
from planner.reports.writers import Report
from planner.services import run_estimate_part, run_finish, run_start
from regions.importing.loader import import_case
from regions.models import Case
from tests.reports.test_pdf import pages_of, squeezed
from tests.reports.test_writers import Page

FOLDER = Path(__file__).resolve().parents[2] / "regions" / "cases" / "us-canada-2023"
HEADLINE, EXPORTS, IMPORTS = "0.3480009", "26.65", "49.54"


@pytest.fixture
def run(db: None) -> Run:
    """One measure on the shipped case: the baseline is what counts here."""
    import_case(FOLDER)
    case = Case.objects.get()
    run = run_start(case, slugs=["canexport-border"], settings={"draws": 3, "seed": 1}, analyses=()).run
    for part in run.parts.order_by("position"):
        run_estimate_part(part.pk)
    run_finish(run.pk)
    return Run.objects.select_related("case", "snapshot").get(pk=run.pk)


def observed() -> tuple[float, float]:
    """Michigan's exports and imports across the border, billion, straight from the file."""
    with (FOLDER / "sector_flows.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    sides = ("origin", "destination")
    sold, bought = (sum(float(row["value_usd"]) for row in rows if row[side] == "US-MI") / 1e9 for side in sides)
    return sold, bought


def test_headline_and_michigan_are_alike_everywhere(run: Run, client: Any) -> None:
    assert [f"{amount:.2f}" for amount in observed()] == [EXPORTS, IMPORTS]
    report = Report(run, build_context(run), DRAFT)

    document = json.loads(report.file("json"))
    michigan = next(row for row in document["baseline"]["regions"] if row["id"] == "US-MI")
    assert f"{document['baseline']['index']:.7f}" == HEADLINE
    assert [f"{michigan[name] / 1e3:.2f}" for name in ("exports_musd", "imports_musd")] == [EXPORTS, IMPORTS]

    page = Page()
    page.feed(report.file("html").decode())
    cells = {
        cell["field"]: cell["data"]
        for row in page.tables["table-regions"]
        if row["id"] == "US-MI"
        for cell in row["cells"]
    }
    for field, text in (("exports_musd", EXPORTS), ("imports_musd", IMPORTS)):
        assert cells[field] == [(str(michigan[field]), text)]
    assert HEADLINE in page.text

    printed = squeezed(" ".join(pages_of(report.file("pdf"))))
    assert HEADLINE in printed
    assert f"Michigan(US){EXPORTS}{IMPORTS}" in printed

    client.force_login(User.objects.create_superuser("root"))
    shown = client.get(reverse("admin:planner_run_ranking", args=[run.pk])).content.decode()
    assert re.search(rf">{HEADLINE}<", shown)
    row = next(part for part in shown.split("<tr") if "Michigan" in part and EXPORTS in part)
    assert IMPORTS in row
