"""Every number of every table is read back from the pages: HTML shows numbers of the JSON file, PDF those of the HTML."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import unescape
from typing import Any, NamedTuple

import pytest

from planner.analyses import ANALYSES
from planner.models import Run
from planner.reports.context import build_context
from planner.reports.cover import DRAFT
from planner.reports.html_writer import report_html
from planner.reports.json_writer import report_json, rounded
from planner.reports.numbers import FORMATS, format_number
from planner.reports.pdf_document import pdf_document
from planner.reports.pdf_writer import report_pdf
from tests.reports.synthetic import synthetic_context
from tests.reports.test_pdf import pages_of, squeezed
from tests.reports.test_writers import Page, numbers_of

NUMBER = re.compile(r"[+\u2212<>]?\d+(?:,\d{3})*(?:\.\d+)?(?:\u00d710[\u2070-\u2079\u00b9\u00b2\u00b3\u207b]+)?")
# Cells that are words with numbers in them: names, sources, reasons, dates, units; and ranks and places, counted from one.
WORDS = re.compile(r"[^\W\d_]")
COUNTED = {"Rank", "Place", "Its place by welfare", "Tie group", "Start year", "Years", "As of", "Unit", "Booths"}
# Tables of the paper edition that number their sources.
NUMBERED = {"Source"}


class Row(NamedTuple):
    """A row of a table on a page: its words without numbers, and its numbers as printed."""

    words: str
    numbers: Counter[str]


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


def words_of(text: str) -> str:
    return squeezed(NUMBER.sub("", text))


def html_rows(page: Page) -> list[Row]:
    return [
        Row(words_of(text), printed_numbers(text))
        for rows in page.tables.values()
        for row in rows
        if (text := " ".join(cell["text"] for cell in row["cells"]))
    ]


def pdf_rows(document: Mapping[str, Any]) -> Iterator[tuple[str, list[str], list[str]]]:
    """(caption, heads, texts of cells) of every row of every table."""
    for block in document["blocks"]:
        if block["kind"] == "table":
            for row in block["rows"]:
                texts = [f"{cell['main']} {cell['sub']}".strip() for cell in row]
                half = len(texts) // 2
                if block["heads"][:half] == block["heads"][half:]:  # two rows side by side
                    yield block["caption"], block["heads"][:half], texts[:half]
                    texts = texts[half:]
                yield block["caption"], block["heads"][-len(texts) :], texts


def label_of(heads: list[str], texts: list[str]) -> str:
    """The first cell that is words: what the row is about."""
    for head, text in zip(heads, texts, strict=True):
        if WORDS.search(text) and head not in COUNTED:
            return words_of(text)
    return ""


def numbers_not_on_the_page(document: Mapping[str, Any], rows: Iterable[Row]) -> list[tuple[list[str], Counter[str]]]:
    """Rows of the paper edition with a number that no row of the page with the same words has."""
    known = list(rows)
    wrong = []
    for _, heads, texts in pdf_rows(document):
        shown = [text for head, text in zip(heads, texts, strict=True) if head not in COUNTED | NUMBERED]
        wanted = printed_numbers(" ".join(shown))
        label = label_of(heads, texts).split("(")[0]
        if wanted and not any(label in row.words and wanted <= row.numbers for row in known):
            wrong.append((texts, wanted))
    return wrong


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


@pytest.fixture(params=["made-up", "real"])
def context(request: pytest.FixtureRequest, finished_run: Callable[..., Run]) -> Mapping[str, Any]:
    if request.param == "made-up":
        return synthetic_context()
    return build_context(finished_run(draws=50, analyses=ANALYSES))


def test_every_number_of_every_table_is_one_of_the_json_file_on_the_page_and_on_paper(context) -> None:
    known = numbers_of(json.loads(report_json(context)))
    page = read_page(context)
    assert list(bare_numbers(page)) == []
    seen = 0
    for name, rows in page.tables.items():
        for row in rows:
            for cell in row["cells"]:
                for value, text in cell["data"]:
                    assert value in known, (name, row["id"], value)
                    whole = {format_number(float(value), kind) for kind in FORMATS}
                    exact = f"{float(value):,.{len(text.partition('.')[2])}f}".replace("-", "\u2212")
                    without_unit = {one.removesuffix(FORMATS[kind].suffix) for kind in FORMATS for one in whole}
                    assert text in whole | without_unit | {exact}, (name, value, text)
                    seen += 1
    assert seen > 500

    document = pdf_document(rounded(context), {}, DRAFT)
    assert numbers_not_on_the_page(document, html_rows(page)) == []
    printed = squeezed(" ".join(pages_of(report_pdf(context))))
    missing = [
        text
        for _, _, texts in pdf_rows(document)
        for text in texts
        if NUMBER.search(text) and squeezed(text) not in printed
    ]
    assert missing == []


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


def test_figures_show_numbers_of_the_json_file(finished_run: Callable[..., Run]) -> None:
    context = build_context(finished_run(draws=50, analyses=ANALYSES))
    values = [float(value) for value in numbers_of(json.loads(report_json(context))) if value]
    known = {
        text
        for value in values
        for kind, style in FORMATS.items()
        for text in (format_number(value, kind), format_number(value, kind).removesuffix(style.suffix))
    }
    figures = re.findall(r'<figure[^>]*id="([^"]*)"(.*?)</figure>', report_html(context).decode(), re.DOTALL)
    assert len(figures) > 8
    for name, drawing in figures:
        texts = re.findall(r"<(?:text|title|tspan)[^>]*>([^<]*)<", drawing)
        shown = [number for text in texts for number in NUMBER.findall(unescape(text))]
        assert shown, name
        # Ticks of axes are round.
        unknown = {number for number in shown if not {number, number.strip("+\u2212")} & known}
        assert {one for one in unknown if len(one.strip("+\u2212").replace(",", "").strip("0.")) > 2} == set(), name


def test_a_number_that_differs_on_paper_is_found() -> None:
    context = synthetic_context()
    rows = html_rows(read_page(context))
    document = pdf_document(rounded(context), {}, DRAFT)
    block = next(block for block in document["blocks"] if block["kind"] == "table" and "Exports" in block["heads"])
    cell = block["rows"][0][block["heads"].index("Exports")]
    cell["main"] = cell["main"][:-1] + ("1" if cell["main"][-1] != "1" else "2")
    assert [texts[0] for texts, _ in numbers_not_on_the_page(document, rows)] == [block["rows"][0][0]["main"]]
