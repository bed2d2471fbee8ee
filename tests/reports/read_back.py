"""Reads a report's pages back as a reader would: tables, running text and figures, and every number that stands in them."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from ctypes import POINTER, c_ushort, cast, create_string_buffer
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import accumulate
from typing import Any

import pikepdf
import pypdfium2
from pypdfium2 import raw

from planner.reports.numbers import FORMATS, format_number

NUMBER = re.compile(r"[\u2212]?\d(?:[\d.,\u202f]*\d)?(?:\u00d710[\u207b\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+)?")
VOID = {"meta", "link", "br", "img", "col", "hr", "input"}


def numbers_in(text: str) -> list[str]:
    """Numbers as printed; leading zeros of dates are dropped."""
    return [re.sub(r"^0+(?=\d+$)", "", found) for found in NUMBER.findall(text)]


def plain(text: str) -> str:
    """Without blanks, breaks and the hyphens of the typesetter."""
    return re.sub(r"[\s\u00ad\u200b\u2060]", "", text.replace("\u0002", "-").replace("\ufffe", "-"))


def printed_numbers(node: Any) -> set[str]:
    """Every way in which a report may print a number of a document: its numbers in all formats, and those in its texts."""
    if isinstance(node, dict):
        return set().union(*map(printed_numbers, node.values()), *map(printed_numbers, node))
    if isinstance(node, (list, tuple)):
        # Rows are counted, and numbered, in sentences.
        return set().union({str(len(node))}, *map(printed_numbers, node))
    if isinstance(node, str):
        return set(numbers_in(node))
    if isinstance(node, (int, float)) and not isinstance(node, bool):
        shown = [format_number(node, kind) for kind in FORMATS] + [format_number(100 * node, "musd")]
        return {number for text in shown for number in numbers_in(text)}
    return set()


@dataclass
class HtmlCell:
    """What a cell says: all of it, the (stored value, text) pairs that say what they are, and the rest."""

    text: str = ""
    data: list[tuple[str, str]] = field(default_factory=list)
    rest: str = ""


class HtmlPage(HTMLParser):
    """Tables of an HTML report as rows of cells, texts of its figures, and everything that is read."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[HtmlCell]]] = {}
        self.figure_titles: list[str] = []
        self.figure_labels: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self._table = ""
        self._value: str | None = None
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag in VOID:
            self.text += " "
            return
        self._open.append(tag)
        if tag == "table":
            self._table = attributes.get("id") or f"table-{len(self.tables)}"
            assert self._table not in self.tables
            self.tables[self._table] = []
        elif tag == "tr":
            self.tables[self._table].append([])
        elif tag in ("td", "th"):
            self.tables[self._table][-1].append(HtmlCell())
        elif tag == "data":
            self._value = attributes["value"]
        if tag in ("title", "desc"):
            self.figure_titles.append("")
        elif tag == "text":
            self.figure_labels.append("")
        self.text += " "

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]
        if tag == "table":
            self._table = ""
        if tag == "data":
            self._value = None

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        if "svg" in self._open:
            place = self.figure_labels if "text" in self._open else self.figure_titles
            if place and self._open[-1] in ("text", "title", "desc", "tspan"):
                place[-1] += data
            return
        self.text += data
        if self._table and self.tables[self._table] and self.tables[self._table][-1]:
            cell = self.tables[self._table][-1][-1]
            cell.text += data
            if self._value is None:
                cell.rest += data
            else:
                cell.data.append((self._value, data))
                cell.rest += " "


class PdfPage:
    """A tagged PDF as assistive technology reads it: rows of tables, and paragraphs outside tables and the contents."""

    def __init__(self, data: bytes) -> None:
        self.tables: list[list[list[str]]] = []
        self.rows_by_page: list[list[int]] = []  # of each table, without its heads
        self.paragraphs: list[str] = []
        self._texts = list(_marked_texts(data))
        with pikepdf.open(io.BytesIO(data)) as document:
            self._numbers = {page.objgen: number for number, page in enumerate(document.pages)}
            self._walk(document.Root.StructTreeRoot.K, None)

    def _walk(self, node: Any, page: int | None) -> None:
        if isinstance(node, pikepdf.Array):
            for child in node:
                self._walk(child, page)
        elif isinstance(node, pikepdf.Dictionary):
            page = self._numbers[node.Pg.objgen] if "/Pg" in node else page
            kind = str(node.get("/S", ""))
            if kind == "/Table":
                found = list(self._rows(node.K, page))
                rows = [[self._text(cell, at) for cell in row.K] for row, at in found]
                self.rows_by_page.append(list(Counter(self._page_of(row) for row, _ in found[1:]).values()))
                # The last column is empty: its cells keep rows on one page.
                assert not any(row[len(rows[0]) - 1 :] != [""] for row in rows if len(row) == len(rows[0]))
                self.tables.append([row[: len(rows[0]) - 1] for row in rows])
            elif kind in ("/P", "/LBody", "/H1", "/H2", "/Caption"):
                self.paragraphs.append(self._text(node, page))
            elif kind not in ("/TOC", "/Figure") and "/K" in node:
                self._walk(node.K, page)

    def _rows(self, node: Any, page: int | None) -> Iterator[tuple[Any, int | None]]:
        for child in node if isinstance(node, pikepdf.Array) else [node]:
            at = self._numbers[child.Pg.objgen] if "/Pg" in child else page
            if str(child.get("/S", "")) == "/TR":
                yield child, at
            elif "/K" in child:
                yield from self._rows(child.K, at)

    def _page_of(self, node: Any) -> int | None:
        """The page of the first content below a node."""
        if isinstance(node, pikepdf.Array):
            return next((page for child in node if (page := self._page_of(child)) is not None), None)
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if "/Pg" in node:
            return self._numbers[node.Pg.objgen]
        return self._page_of(node.K) if "/K" in node else None

    def _text(self, node: Any, page: int | None) -> str:
        if isinstance(node, pikepdf.Array):
            return "".join(self._text(child, page) for child in node)
        if not isinstance(node, pikepdf.Dictionary):
            return self._texts[page or 0].get(int(node), "") + "\n"
        if "/Pg" in node:
            page = self._numbers[node.Pg.objgen]
        if "/MCID" in node:
            return self._texts[page or 0].get(int(node.MCID), "") + "\n"
        return self._text(node.K, page) if "/K" in node else ""


def _marked_texts(data: bytes) -> Iterator[dict[int, str]]:
    """Of each page the text of every marked piece of content."""
    document = pypdfium2.PdfDocument(data)
    for number in range(len(document)):
        page = document[number]
        words = page.get_textpage()
        found: dict[int, str] = {}
        for piece in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=1):
            size = raw.FPDFTextObj_GetText(piece.raw, words.raw, None, 0)
            buffer = create_string_buffer(size)
            raw.FPDFTextObj_GetText(piece.raw, words.raw, cast(buffer, POINTER(c_ushort)), size)
            mark = raw.FPDFPageObj_GetMarkedContentID(piece.raw)
            found[mark] = found.get(mark, "") + buffer.raw[: size - 2].decode("utf-16-le")
        yield found
        words.close()
        page.close()
    document.close()


def untraced_in_html(page: HtmlPage, document: Any) -> list[str]:
    """Numbers of tables and figures that no number of the document accounts for."""
    stored, everywhere = _stored(document), printed_numbers(document) | printed_numbers(summed(document))
    scopes = {
        f"analysis-{kind.replace('_', '-')}": printed_numbers(entry) for kind, entry in document["analyses"].items()
    }
    faults = []
    for name, rows in page.tables.items():
        near = next((known for scope, known in scopes.items() if name.startswith(f"table-{scope}")), everywhere)
        for row in rows[1:]:
            for cell in row:
                faults += [f"{name}: {value} is not in the document" for value, _ in cell.data if value not in stored]
                faults += [f"{name}: {text} is not {value}" for value, text in cell.data if not _rounds(value, text)]
                names = set(numbers_in(row[0].text))
                faults += [
                    f"{name}: {one} in {cell.text!r}" for one in numbers_in(cell.rest) if one not in near | names
                ]
    for text in page.figure_titles:
        faults += [f"figure: {one} in {text!r}" for one in numbers_in(text) if one not in everywhere]
    for text in page.figure_labels:
        faults += [
            f"figure: {one} in {text!r}" for one in numbers_in(text) if one not in everywhere and not _is_tick(one)
        ]
    return faults


def summed(document: Any) -> list[float]:
    """What figures add up: trade of a pair both ways; costs and effects from the best value for money on."""
    flows = {(pair["origin"], pair["destination"]): pair["value_musd"] for pair in document["baseline"]["pairs"]}
    both_ways = [value + flows.get(ends[::-1], 0.0) for ends, value in flows.items()]
    welfare = document["run"]["criterion"] == "welfare"
    effects = []
    for measure in document["interventions"]:
        cost = measure["costs"]["total_musd"]
        if measure["status"] == "done" and measure["kind"] != "restrictive" and cost:
            gain = measure["full"]["ev_musd"]["mean"] if welfare else -measure["full"]["index_change"]["mean"]
            effects.append((gain / cost, cost, gain))
    ordered = sorted((effect for effect in effects if effect[2] > 0), reverse=True)
    return [*both_ways, *accumulate(cost for _, cost, _ in ordered), *accumulate(gain for _, _, gain in ordered)]


def untraced_in_pdf(pdf: PdfPage, page: HtmlPage) -> list[str]:
    """Rows of tables that no row of the HTML file has with the same name and numbers, and numbers that its text has not."""
    rows = [row for table in page.tables.values() for row in _named_rows(table)]
    faults = []
    for table in pdf.tables:
        for row in table[1:]:
            half = len(row) // 2
            # Crossings stand two in a row; their last cell is the number of a source.
            heads = [plain(head) for head in table[0]]
            parts = [row[: half - 1], row[half:-1]] if heads[:half] == heads[half:] else [row]
            for part in parts:
                name = plain(next((cell for cell in part if re.search(r"[^\W\d]", cell)), "").split("\n")[0])
                # Codes in brackets stand in the HTML file without them.
                name = re.sub(r"\(\w+\)$", "", name)
                wanted = Counter(number for cell in part for number in numbers_in(cell))
                if not any(name in text and wanted <= numbers for text, numbers in rows):
                    faults.append(f"{part}")
    said = set(numbers_in(page.text))
    for text in pdf.paragraphs:
        faults += [f"{one} in {text!r}" for one in numbers_in(text.replace("\n", "")) if one not in said]
    return faults


def _named_rows(table: list[list[HtmlCell]]) -> Iterator[tuple[str, Counter[str]]]:
    """Text and numbers of each row; the number of a group stands in its one heading."""
    group: list[str] = []
    for row in table:
        if len(row) == 1:
            group = numbers_in(row[0].text)
        yield plain(" ".join(cell.text for cell in row)), Counter([*group, *_numbers_of(row)])


def _numbers_of(row: list[HtmlCell]) -> list[str]:
    return [number for cell in row for number in numbers_in(cell.text)]


def _stored(node: Any) -> set[str]:
    if isinstance(node, dict):
        return set().union(*map(_stored, node.values())) if node else set()
    if isinstance(node, list):
        return set().union({str(len(node))}, *map(_stored, node))
    if isinstance(node, (int, float)) and not isinstance(node, bool):
        return {str(int(node)) if float(node).is_integer() and abs(node) < 1e15 else repr(float(node))}
    return set()


def _rounds(value: str, text: str) -> bool:
    """Whether the text is the stored value in one of the formats, or with the decimals that a step of a chain has."""
    exact = f"{float(value):,.{len(text.partition('.')[2])}f}".replace("-", "\u2212")
    return text in {exact, *(format_number(float(value), kind) for kind in FORMATS)}


def _is_tick(number: str) -> bool:
    """Whether an axis may have it: a round number of at most two digits other than zero."""
    return "\u00d710" in number or len(re.sub(r"\D", "", number).strip("0")) <= 2
