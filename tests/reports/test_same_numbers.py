"""One report in six formats: each number is read back from every file that shows it and is the same number."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.utils.html import escape
from pyarrow import parquet

from planner.analyses import ANALYSES
from planner.models import Run
from planner.reports.analysis_words import short_sentences
from planner.reports.context import build_context
from planner.reports.csv_writer import ranking_csv
from planner.reports.data_package import package_files
from planner.reports.html_writer import report_html
from planner.reports.json_writer import report_json
from planner.reports.numbers import format_interval, format_number, stored_text
from planner.reports.parquet_writer import report_parquet
from planner.reports.pdf_writer import report_pdf
from planner.reports.summary_table import MOST_MEMBERS
from planner.reports.tables import report_tables
from planner.reports.xlsx_writer import report_xlsx
from tests.reports.synthetic import synthetic_context
from tests.reports.test_pdf import pages_of, squeezed
from tests.reports.test_writers import Page

Effect = tuple[str, str, str, str]  # intervention, place, stage, measure
STATISTICS = ("mean", "sd", "q05", "q50", "q95", "p_negative")


def effects_in_json(document: Any) -> dict[Effect, dict[str, float]]:
    found: dict[Effect, dict[str, float]] = {}
    for measure in document["interventions"]:
        for stage, values in measure["effect"].items():
            found[measure["id"], "", stage, "index_change"] = values["index_change"]
        for name, value in measure["full"].items():
            if name == "regions":
                for region in value:
                    for inner, summary in region.items():
                        if inner not in ("id", "tag"):
                            found[measure["id"], region["id"], "full", inner] = summary
            else:
                found[measure["id"], "", "full", name] = value
    return found


def effects_in_csv(context: Any) -> dict[Effect, dict[str, float]]:
    rows = csv.DictReader(io.StringIO(package_files(context)["effects.csv"].decode(), newline=""))
    return {
        (row["intervention"], row["place"], row["stage"], row["measure"]): {
            name: float(row[name]) for name in STATISTICS
        }
        for row in rows
    }


def effects_in_xlsx(context: Any) -> dict[Effect, dict[str, float]]:
    sheet = openpyxl.load_workbook(io.BytesIO(report_xlsx(context)))["effects"]
    names, _, *rows = sheet.iter_rows(values_only=True)
    found = {}
    for values in rows:
        row = dict(zip(names, values, strict=True))
        key = (row["intervention"], row["place"] or "", row["stage"], row["measure"])
        found[key] = {name: row[name] for name in STATISTICS}
    return found


def effects_in_parquet(context: Any) -> dict[Effect, dict[str, float]]:
    found: dict[Effect, dict[str, float]] = {}
    for row in parquet.read_table(io.BytesIO(report_parquet(context))).to_pylist():
        if row["table"] == "effects":
            key = (row["intervention"], row["place"] or "", row["stage"], row["measure"])
            found.setdefault(key, {})[row["column"]] = row["value"]
    return found


@pytest.mark.parametrize("kind", ["made-up", "real"])
def test_every_format_shows_the_same_numbers(kind: str, finished_run: Callable[..., Run]) -> None:
    context = synthetic_context() if kind == "made-up" else build_context(finished_run())
    document = json.loads(report_json(context))
    wanted = effects_in_json(document)
    assert wanted
    for read in (effects_in_csv, effects_in_xlsx, effects_in_parquet):
        assert read(context) == wanted, read.__name__

    page = Page()
    page.feed(report_html(context).decode())
    shown = {
        row["id"]: {cell["field"]: [value for value, _ in cell["data"]] for cell in row["cells"] if cell["field"]}
        for table in ("table-ranking", "table-restrictive")
        for row in page.tables.get(table, [])
        if row["id"]
    }
    tidy = {
        row["intervention"]: row
        for row in csv.DictReader(io.StringIO(ranking_csv(context).decode("utf-8-sig"), newline=""))
    }
    printed = squeezed(" ".join(pages_of(report_pdf(context))))
    assert set(shown) == {row["intervention"] for row in document["ranking"]["rows"]}
    for row in document["ranking"]["rows"]:
        identifier = row["intervention"]
        change, welfare = (wanted[identifier, "", "full", name] for name in ("index_change", "ev_musd"))
        for field, summary in (("index_change", change), ("ev_musd", welfare)):
            assert shown[identifier][field] == [stored_text(summary[name]) for name in ("mean", "q05", "q95")]
        assert shown[identifier]["rank"][0] == tidy[identifier]["rank"] == str(row["rank"])
        ends = [str(row[end]) for end in ("rank_low", "rank_high")]
        assert shown[identifier]["rank"][1:] == list(dict.fromkeys(ends))
        assert float(tidy[identifier]["index_change_mean_share_of_trade"]) == change["mean"]
        assert float(tidy[identifier]["welfare_ev_q95_million_usd_per_year"]) == welfare["q95"]
        for summary, style in ((change, "index_change"), (welfare, "musd_change")):
            text = format_number(summary["mean"], style) + format_interval(summary["q05"], summary["q95"], style)
            assert squeezed(text) in printed, (identifier, style)


def numbers_of(node: Any) -> set[float]:
    """All numbers of a document; flags are not numbers."""
    if isinstance(node, dict):
        return set().union(*map(numbers_of, node.values())) if node else set()
    if isinstance(node, list):
        return set().union(*map(numbers_of, node)) if node else set()
    return {float(node)} if isinstance(node, (int, float)) and not isinstance(node, bool) else set()


# What was asked: years, counts, copies of the run's settings; the JSON file alone has them.
ASKED = ("run", "case", "plan", "rules", "draws", "horizon_years", "base_year", "last_year", "price_year")


def test_every_format_shows_the_same_numbers_of_the_analyses(finished_run: Callable[..., Run]) -> None:
    context = build_context(finished_run(draws=50, analyses=ANALYSES))
    document = json.loads(report_json(context))
    assert {kind: entry["reason"] for kind, entry in document["analyses"].items() if entry["status"] != "done"} == {}
    found = {kind: dict(entry["document"]) for kind, entry in document["analyses"].items()}
    wanted = numbers_of({kind: {name: one[name] for name in one if name not in ASKED} for kind, one in found.items()})
    assert len(wanted) > 400

    tables = {table.name: table for table in report_tables(context)}
    for table in tables.values():
        keys = [tuple(row[name] for name in table.key) for row in table.rows]
        assert not table.key or len(set(keys)) == len(keys), table.name
    assert numbers_of([table.rows for table in tables.values()]) >= wanted

    package = package_files(context)
    csv_cells = {
        cell for name in tables for row in csv.reader(io.StringIO(package[f"{name}.csv"].decode())) for cell in row
    }
    assert {stored_text(value) for value in wanted} <= csv_cells
    workbook = openpyxl.load_workbook(io.BytesIO(report_xlsx(context)), read_only=True)
    cells = {value for name in tables for row in workbook[name].iter_rows(values_only=True) for value in row}
    assert wanted <= {float(value) for value in cells if isinstance(value, (int, float))}
    assert wanted <= set(parquet.read_table(io.BytesIO(report_parquet(context)))["value"].to_pylist())

    # Cell by cell the other way: no table has a number of its own.
    rows_of_parquet = parquet.read_table(io.BytesIO(report_parquet(context))).to_pylist()
    for name, table in tables.items():
        held = sorted(numbers_of([table.rows]))
        lines = list(csv.DictReader(io.StringIO(package[f"{name}.csv"].decode(), newline="")))
        for row, line in zip(table.rows, lines, strict=True):
            for column, value in row.items():
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    assert float(line[column]) == value, (name, column, line)
        sheet = [value for row in workbook[name].iter_rows(min_row=3, values_only=True) for value in row]
        assert sorted(numbers_of(sheet)) == held, name
        flags = {column for row in table.rows for column, value in row.items() if isinstance(value, bool)}
        of_table = [row for row in rows_of_parquet if row["table"] == name and row["column"] not in flags]
        assert {row["value"] for row in of_table if row["value"] is not None} == set(held), name

    # The same sentences in HTML and PDF; their tables and figures are read back by `test_read_back`.
    html = report_html(context).decode()
    pages = pages_of(report_pdf(context))
    assert "Decision summary" in pages[1], "the summary takes one page"
    best = found["portfolio"]["portfolio"]["members"]
    assert all(squeezed(member["name"]) in squeezed(pages[1]) for member in best[:MOST_MEMBERS])
    assert "balances are therefore drawn in neutral colours" in " ".join(pages[1].lower().split())
    printed = squeezed(" ".join(pages))
    for row in found["appraisal"]["rows"]:
        if row["cost_known"] and not row["restrictive"]:
            npv = row["npv_musd"]
            text = format_number(npv["mean"], "musd_change")
            assert f'<data value="{stored_text(npv["mean"])}">{text}</data>' in html
            assert squeezed(text + format_interval(npv["q05"], npv["q95"], "musd_change")) in printed
    pair = found["diagnosis"]["pairs"][0]
    assert f'<data value="{stored_text(pair["balance_musd"])}">' in html
    assert squeezed(format_number(pair["balance_musd"], "busd_signed")) in printed
    for sentence in short_sentences(context):
        assert squeezed(escape(sentence)) in squeezed(html)
        assert squeezed(sentence) in printed
