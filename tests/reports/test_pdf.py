"""The PDF report: structure as PDF/A and PDF/UA ask for, the numbers of the JSON file, text that stays text, pages that hold."""

import io
import json
import time
from functools import cache
from typing import Any

import pikepdf
import pypdfium2
import pytest

from planner.reports.cover import DRAFT, Cover
from planner.reports.figures.svg import Box
from planner.reports.json_writer import report_json
from planner.reports.numbers import format_interval, format_number
from planner.reports.pdf_writer import report_pdf
from tests.reports.read_back import PdfPage
from tests.reports.synthetic import synthetic_context, synthetic_outlines

HOSTILE = '#panic("x") #read("/etc/passwd") $x^2$ *b* @ref <label> [c] // d \\ "q" \x00\x1f\u202e\U0001f600 北 = e'


@cache
def written(count: int = 30, cover: Cover = DRAFT) -> bytes:
    return report_pdf(synthetic_context(count), synthetic_outlines(), cover)


def pages_of(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    return [page.get_textpage().get_text_range() for page in document]


def squeezed(text: str) -> str:
    """Without blanks and line breaks, which the typesetter chooses."""
    return "".join(text.split()).replace("\u202f", "").replace("\ufffe", "-")


def fonts_of(resources: Any, seen: set[tuple[int, int]]) -> list[Any]:
    """Fonts of a page and of the drawings on it."""
    if resources is None:
        return []
    found = list(resources.get("/Font", {}).values())
    for drawing in resources.get("/XObject", {}).values():
        assert drawing.Subtype != "/Image", "figures are vectors"
        if drawing.objgen not in seen:
            seen.add(drawing.objgen)
            found += fonts_of(drawing.get("/Resources"), seen)
    return found


def test_structure_is_that_of_an_archivable_and_accessible_file() -> None:
    with pikepdf.open(io.BytesIO(written())) as document:
        metadata = document.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == synthetic_context()["case"]["title"]
        root = document.Root
        assert root.MarkInfo.Marked
        assert root.Lang == "en"
        assert "/OpenAction" not in root
        assert "/JavaScript" not in root.get("/Names", {})
        with document.open_outline() as outline:
            titles = [item.title for item in outline.root]
        assert titles[0] == "Decision summary"
        assert "Ranking" in titles
        kinds: set[str] = set()
        todo = [root.StructTreeRoot]
        while todo:
            node = todo.pop()
            if isinstance(node, pikepdf.Dictionary):
                kinds.add(str(node.get("/S", "")))
                if str(node.get("/S", "")) == "/Figure":
                    assert str(node.Alt)
                children = node.get("/K", [])
                todo += list(children) if isinstance(children, pikepdf.Array) else [children]
        assert {"/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/L", "/Figure", "/TOC"} <= kinds
        seen: set[tuple[int, int]] = set()
        fonts = [font for page in document.pages for font in fonts_of(page.Resources, seen)]
        assert fonts
        for font in fonts:
            descriptor = font.DescendantFonts[0].FontDescriptor if "/DescendantFonts" in font else font.FontDescriptor
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys()), font.BaseFont


def test_a_draft_says_so_on_every_page_and_an_approved_report_does_not() -> None:
    assert all(page.count("DRAFT") == 1 for page in pages_of(written(3)))
    approved = pages_of(
        written(3, Cover(run=7, review="approved", author="Paula", approver="Anna", approved_on="2026-05-01"))
    )
    assert not any("DRAFT" in page or "Draft" in page for page in approved)
    assert all("Approved" in page for page in approved)
    assert "7, Paula" in approved[0]
    assert "Anna, 2026-05-01" in approved[0]


def test_every_row_of_the_ranking_is_printed_with_the_numbers_of_the_json() -> None:
    document = json.loads(report_json(synthetic_context()))
    text = squeezed(" ".join(pages_of(written())))
    measures = {measure["id"]: measure for measure in document["interventions"]}
    for row in document["ranking"]["rows"]:
        measure = measures[row["intervention"]]
        change, welfare = measure["full"]["index_change"], measure["full"]["ev_musd"]
        chances = row["among_proposed"] or row
        printed = [
            format_number(change["mean"], "index_change"),
            format_interval(change["q05"], change["q95"], "index_change"),
            format_number(chances["p_best"], "probability"),
            format_number(chances["p_top3"], "probability"),
            format_number(welfare["mean"], "musd_change"),
            format_interval(welfare["q05"], welfare["q95"], "musd_change"),
            format_number(measure["costs"]["total_musd"], "musd"),
            format_number(row["score_per_busd"], "index_change"),
            measure["grade"],
        ]
        assert squeezed("".join(printed)) in text, measure["name"]
    for region in document["baseline"]["regions"]:
        printed = [
            region["name"],
            f"({region['economy']})",
            format_number(region["exports_musd"], "busd"),
            format_number(region["imports_musd"], "busd"),
            format_number(region["balance_musd"], "busd_signed"),
            format_number(region["normalised_balance"], "ratio_signed"),
        ]
        assert squeezed("".join(printed)) in text, region["id"]
    for parameter in document["parameters"]:
        printed = [parameter["key"], *(format_number(parameter[name]) for name in ("low", "central", "high"))]
        assert squeezed("".join(printed)) in text, parameter["key"]
    assert format_number(document["baseline"]["index"], "index") in text


def test_hostile_text_is_printed_as_text() -> None:
    data = report_pdf(synthetic_context(4, name=HOSTILE), synthetic_outlines())
    text = squeezed(" ".join(pages_of(data)))
    for part in ('#panic("x")', '#read("/etc/passwd")', "$x^2$", "*b*", "@ref", "<label>", "[c]", "//d", "\\"):
        assert part in text, part
    assert "root:" not in text


@pytest.mark.parametrize("count", [0, 1])
def test_small_reports_are_written(count: int) -> None:
    assert "Decision summary" in pages_of(written(count))[1]


def test_equal_contexts_give_equal_bytes() -> None:
    assert report_pdf(synthetic_context(3), synthetic_outlines()) == report_pdf(
        synthetic_context(3), synthetic_outlines()
    )


def test_200_measures_are_printed_in_time_with_nothing_beyond_the_edge_of_a_page() -> None:
    context = synthetic_context(200)
    started = time.process_time()
    data = report_pdf(context, synthetic_outlines())
    assert time.process_time() - started < 10
    split = [pages for pages in PdfPage(data).rows_by_page if len(pages) > 1]
    assert len(split) > 3
    assert all(min(pages) > 1 and pages[-1] > 2 for pages in split), "no row of a table stands alone on a page"
    document = pypdfium2.PdfDocument(data)
    text = squeezed(" ".join(page.get_textpage().get_text_range() for page in document))
    for measure in context["interventions"]:
        assert squeezed(measure["name"]) in text
    for number, page in enumerate(document, start=1):
        width, height = page.get_size()
        frame = Box(30, 20, width - 30, height - 20)
        words = page.get_textpage()
        for rectangle in range(words.count_rects()):
            left, bottom, right, top = words.get_rect(rectangle)
            if words.get_text_bounded(left, bottom, right, top).strip() not in ("Draft", *"Draft"):
                assert Box(left, bottom, right, top).inside(frame), (
                    number,
                    words.get_text_bounded(left, bottom, right, top),
                )
