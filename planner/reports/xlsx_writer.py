"""The report as a workbook: a weighted ranking with live formulas, every table with its units, and a data dictionary."""

import datetime
import io
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from planner.reports import words
from planner.reports.cover import DRAFT, Cover
from planner.reports.score_sheet import write_score_sheet
from planner.reports.sheet_styles import Styles, plain, write_text
from planner.reports.table_rows import Document
from planner.reports.tables import Column, Table, report_tables

DICTIONARY = "data dictionary"
FIRST_ROW, UNIT_ROW, DATA_ROW = 0, 1, 2
# A workbook says when it was made; equal runs give equal bytes, so that it says the same day always.
MADE = datetime.datetime(2000, 1, 1)


def report_xlsx(context: Document, cover: Cover = DRAFT) -> bytes:
    """Nothing in it is a formula but those of the sheet `weighted score`; text from users is always text."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    workbook = xlsxwriter.Workbook(stream, options)
    workbook.set_properties({"title": plain(context["case"]["title"]), "created": MADE})
    styles = Styles(workbook)
    tables = report_tables(context)
    _read_me(workbook.add_worksheet("read me"), context, tables, cover, styles)
    write_score_sheet(workbook.add_worksheet("weighted score"), context, styles)
    for table in tables:
        _table_sheet(workbook.add_worksheet(table.name), table, styles)
    _dictionary(workbook.add_worksheet(DICTIONARY), tables, styles)
    workbook.close()
    return stream.getvalue()


def _read_me(sheet: Any, context: Document, tables: list[Table], cover: Cover, styles: Styles) -> None:
    run = context["run"]
    closure = run.get("closure_rule") or ""
    lines = [
        _("Ranking of interventions: %(case)s") % {"case": context["case"]["title"]},
        "",
        _("Closure %(closure)s: %(rule)s") % {"closure": run["closure"], "rule": _(closure) if closure else ""},
        _(
            "Ranked by: %(criterion)s. Whose welfare counts: %(standing)s. %(draws)s draws, seed %(seed)s; engine %(engine)s."
        )
        % {
            "criterion": words.CRITERIA.get(run["criterion"], run["criterion"]),
            "standing": words.STANDING.get(run["standing"], run["standing"]),
            "draws": run["draws"],
            "seed": run["seed"],
            "engine": run["engine_version"],
        },
        _("Input digest %(digest)s") % {"digest": run["input_digest"]},
        *_cover_lines(cover),
        "",
        _(
            "The sheet 'weighted score' ranks anew while you change its weights. All other sheets hold numbers as they were estimated: row 1 names the column, row 2 its unit, rows from 3 on are data."
        ),
        _(
            "Numbers are those of the JSON file (nine significant digits). Names of sheets and columns, units and the data dictionary are English in every language, since programs read them."
        ),
        _("What every column means stands in the sheet '%(sheet)s'.") % {"sheet": DICTIONARY},
        _(
            "Means and quantiles are over draws of the uncertain parameters and effects; q05 to q95 is the 90 % interval."
        ),
        _(
            "Effects on the index are shares of trade, not millionths: multiply by 1,000,000 for the numbers of the printed report."
        ),
        "",
        *(f"{table.name}: {table.title} ({len(table.rows)})" for table in tables),
    ]
    sheet.set_column(0, 0, 140)
    for row, line in enumerate(lines):
        if row:
            write_text(sheet, row, 0, line, styles)
        else:
            sheet.write_string(row, 0, plain(line), styles.heading)


def _cover_lines(cover: Cover) -> list[str]:
    status = words.status(cover.review)
    lines = [_("Status: %(status)s") % {"status": status}]
    if cover.run is not None:
        author = cover.author or _("a command on the server")
        named = _("Run %(run)s, started by %(author)s; status: %(status)s")
        lines = [named % {"run": cover.run, "author": author, "status": status}]
    if cover.approver:
        lines.append(_("Approved by %(who)s, %(when)s") % {"who": cover.approver, "when": cover.approved_on})
    if cover.kinds:
        kinds = words.listed([str(words.KINDS.get(kind, kind)) for kind in cover.kinds], len(cover.kinds))
        lines.append(_("Limited to: %(kinds)s; ranks are among these.") % {"kinds": kinds})
    return lines


def _table_sheet(sheet: Any, table: Table, styles: Styles) -> None:
    for place, column in enumerate(table.columns):
        sheet.write_string(FIRST_ROW, place, column.name, styles.heading)
        sheet.write_string(UNIT_ROW, place, column.unit or "text", styles.unit)
        sheet.set_column(place, place, _width(column))
    for number, row in enumerate(table.rows, start=DATA_ROW):
        for place, column in enumerate(table.columns):
            _cell(sheet, number, place, column, row[column.name], styles)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(FIRST_ROW, UNIT_ROW)
    sheet.freeze_panes(DATA_ROW, 1)
    if table.rows:
        sheet.autofilter(UNIT_ROW, 0, UNIT_ROW + len(table.rows), len(table.columns) - 1)


def _cell(sheet: Any, row: int, place: int, column: Column, value: Any, styles: Styles) -> None:
    if value is None or value == "":
        return
    if column.kind == "text":
        write_text(sheet, row, place, str(value), styles)
    elif column.kind == "flag":
        sheet.write_string(row, place, "yes" if value else "no", styles.text)
    else:
        sheet.write_number(row, place, value, styles.whole if column.kind == "whole" else styles.number)


def _width(column: Column) -> float:
    if column.kind == "text":
        long = (
            "name",
            "description",
            "text",
            "targets",
            "source",
            "wait_source",
            "reason",
            "value",
            "title",
            "legal_test",
        )
        return 44 if column.name in long else 18
    return max(11, len(column.name) + 2)


def _dictionary(sheet: Any, tables: list[Table], styles: Styles) -> None:
    for place, (name, width) in enumerate(
        (("table", 16), ("column", 28), ("type", 10), ("unit", 42), ("description", 90))
    ):
        sheet.write_string(0, place, name, styles.heading)
        sheet.set_column(place, place, width)
    row = 1
    for table in tables:
        for column in table.columns:
            for place, text in enumerate((table.name, column.name, column.kind, column.unit, column.description)):
                sheet.write_string(row, place, text, styles.text)
            row += 1
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, row - 1, 4)
