"""Every number of every table is read back from the pages: HTML shows numbers of the JSON file, PDF those of the HTML."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import unescape
from typing import Any

import pytest

from planner.analyses import ANALYSES
from planner.models import Run
from planner.reports.context import build_context
from planner.reports.cover import DRAFT
from planner.reports.html_writer import report_html
from planner.reports.json_writer import report_json, rounded
from planner.reports.pdf_document import pdf_document
from planner.reports.pdf_writer import report_pdf
from tests.reports.read_back import HtmlPage, PdfPage, numbers_in, untraced_in_html, untraced_in_pdf
from tests.reports.synthetic import synthetic_context
from tests.reports.test_pdf import squeezed
from tests.reports.test_writers import Page

NUMBER = re.compile(r"[+\u2212<>]?\d+(?:,\d{3})*(?:\.\d+)?(?:\u00d710[\u2070-\u2079\u00b9\u00b2\u00b3\u207b]+)?")
# Cells that are words with numbers in them: names, sources, reasons, dates, units; and ranks and places, counted from one.
WORDS = re.compile(r"[^\W\d_]")
COUNTED = {"Rank", "Place", "Its place by welfare", "Tie group", "Start year", "Years", "As of", "Unit", "Booths"}


def read_page(context: Mapping[str, Any]) -> Page:
    page = Page()
    page.feed(report_html(context).decode())
    return page


def heads_of(rows: list[dict[str, Any]]) -> list[str]:
    return [cell["text"].strip() for cell in rows[0]["cells"]]


def bare_numbers(page: Page) -> Iterator[tuple[str, str, str]]:
    """Numbers of tables that carry no stored value, but for those in words and counts: (table, column, text)."""
    for name, rows in page.tables.items():
        heads = heads_of(rows)
        for row in rows[1:]:
            for head, cell in zip(heads, row["cells"], strict=False):
                left = cell["text"]
                for _, text in cell["data"]:
                    left = left.replace(text, "", 1)
                if NUMBER.search(left) and not WORDS.search(left) and head not in COUNTED:
                    yield name, head, left.strip()


def printed_numbers(text: str) -> Counter[str]:
    return Counter(NUMBER.findall(text))


def sentences(blocks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Paragraphs and points of the paper edition with numbers in them."""
    for block in blocks:
        if block["kind"] == "text":
            yield block["text"]
        elif block["kind"] == "list":
            yield from block["items"]
        elif block["kind"] == "compact":
            yield from sentences(block["blocks"])


def strings(node: Any) -> Iterator[str]:
    """All texts of a block."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping | list | tuple):
        for inner in node.values() if isinstance(node, Mapping) else node:
            yield from strings(inner)


def numbers_by_measure(page: Page, markup: str) -> dict[str, Counter[str]]:
    """All numbers that the page shows of each measure: its row in the ranking and its details, by name."""
    shown: dict[str, Counter[str]] = {}
    for part in re.findall(r'<details class="measure".*?</details>', markup, re.DOTALL):
        name = unescape(re.search(r'<span class="title">(.*?)</span>', part)[1])
        shown[name] = printed_numbers(unescape(re.sub(r"<[^>]+>", " ", part)))
    for table in ("table-ranking", "table-restrictive"):
        for row in page.tables.get(table, [])[1:]:
            if row["id"]:
                text = squeezed(row["cells"][1]["text"])
                name = max((name for name in shown if text.startswith(squeezed(name))), key=len)
                shown[name] += printed_numbers(" ".join(cell["text"] for cell in row["cells"]))
    return shown


def nothing_passes_unseen(page: HtmlPage, paper: PdfPage, document: Any) -> None:
    """One number changed in each table of the HTML file and of the PDF, and in a figure: every one of them is named."""
    first = {
        name: cell
        for name, rows in page.tables.items()
        if (cell := next((cell for row in rows[1:] for cell in row if cell.data), None))
    }
    before = {name: cell.data for name, cell in first.items()}
    for change in (lambda value, text: (value, f"{text}9"), lambda value, text: (f"{value}7", text)):
        for name, cell in first.items():
            cell.data = [change(*before[name][0]), *before[name][1:]]
        found = untraced_in_html(page, document)
        assert {name for name in first if not any(fault.startswith(f"{name}:") for fault in found)} == set()
    changed = 0
    for rows in paper.tables:
        place = next(((row, at) for row in rows[1:] for at, text in enumerate(row[:-1]) if numbers_in(text)), None)
        if place:
            row, at = place
            row[at] = row[at].replace(numbers_in(row[at])[0], "77,713")
            changed += 1
    assert changed > 6
    assert sum("77,713" in fault for fault in untraced_in_pdf(paper, page)) == changed
    page.figure_titles[0] += " +77.713"
    assert any(fault.startswith("figure: 77.713") for fault in untraced_in_html(page, document))


@pytest.fixture(params=["made-up", "real"])
def context(request: pytest.FixtureRequest, finished_run: Callable[..., Run]) -> Mapping[str, Any]:
    if request.param == "made-up":
        return synthetic_context()
    return build_context(finished_run(draws=50, analyses=ANALYSES))


def test_every_number_of_every_table_is_one_of_the_json_file_on_the_page_and_on_paper(context) -> None:
    document = json.loads(report_json(context))
    assert list(bare_numbers(read_page(context))) == []
    page, paper = HtmlPage(report_html(context).decode()), PdfPage(report_pdf(context))
    assert untraced_in_html(page, document) == []
    assert untraced_in_pdf(paper, page) == []
    assert sum(len(cell.data) for rows in page.tables.values() for row in rows for cell in row) > 500
    nothing_passes_unseen(page, paper, document)


def test_sentences_and_sheets_of_measures_on_paper_show_the_numbers_of_the_page(context) -> None:
    page, markup = read_page(context), report_html(context).decode()
    document = pdf_document(rounded(context), {}, DRAFT)
    whole = squeezed(page.text)
    alone = {text for text in sentences(document["blocks"]) if NUMBER.search(text) and squeezed(text) not in whole}
    # Notes of the paper edition itself: how much of a list it shows, and addresses, which pages make links of.
    assert [text for text in alone if not re.match(r"The first \d+ in the order|.*https://", text)] == []

    shown = numbers_by_measure(page, markup)
    sheets = [block for block in document["blocks"] if block["kind"] == "measure"]
    assert sheets
    assert len(shown) == len(context["interventions"])
    for sheet in sheets:
        printed = printed_numbers(" ".join(strings([sheet["result"], sheet["steps"], sheet["lines"], sheet["number"]])))
        assert set(printed) <= set(shown[sheet["name"]]), sheet["name"]
