"""The report as PDF: set by Typst, tagged, PDF/A-2a and PDF/UA-1, figures as vectors, fonts embedded."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from matplotlib.ft2font import FT2Font

from planner.reports.blocks import Block
from planner.reports.cover import DRAFT, Cover
from planner.reports.figures.map_types import Rings
from planner.reports.figures.svg import FONT_FAMILY
from planner.reports.html_writer import TEMPLATES
from planner.reports.json_writer import rounded
from planner.reports.pdf_document import pdf_document

TEMPLATE = TEMPLATES / "reports" / "report.typ"
STANDARDS: Any = ["a-2a", "ua-1"]  # the stubs of typst name each standard as a literal
# Figures and what the text font lacks; it comes with matplotlib, so that every machine sets the same pages.
FONT_FOLDER = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FONT_FILE, FONT_NAME = FONT_FOLDER / "DejaVuSans.ttf", "DejaVu Sans"
REPLACEMENT = "\ufffd"


def report_pdf(context: Mapping[str, Any], outlines: Mapping[str, Rings] | None = None, cover: Cover = DRAFT) -> bytes:
    """The report of a context; what nobody has approved says on every page that it is a draft."""
    document = pdf_document(rounded(context), outlines or {}, cover)
    digest = _("Input digest %(digest)s") % {"digest": context["run"]["input_digest"][:16]}
    return typeset(document | {"running": digest})


def typeset(document: Mapping[str, Any]) -> bytes:
    """Blocks and the words around them as PDF, in the language that is active."""
    words = {
        **document,
        "blocks": kept_together(document["blocks"]),
        "language": (get_language() or "en").split("-")[0],
    }
    text = json.dumps(_printable(words), ensure_ascii=False)
    return bytes(
        typst.compile(
            TEMPLATE,
            root=TEMPLATE.parent,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"report": text},
            format="pdf",
            pdf_standards=STANDARDS,
            timestamp=0,
        )
    )


def kept_together(blocks: Sequence[Block]) -> list[Block]:
    """A text that leads to a figure becomes part of it, so that both stand on one page."""
    kept: list[Block] = []
    for block in blocks:
        if block["kind"] == "figure" and kept and kept[-1]["kind"] == "text" and not kept[-1]["quiet"]:
            block = {**block, "lead": kept.pop()["text"]}
        kept.append(block)
    return kept


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FONT_FOLDER)])


@cache
def _characters() -> frozenset[int]:
    """What the fonts can set: PDF/A refuses a page with a character that no font has."""
    return frozenset(FT2Font(str(FONT_FILE)).get_charmap()) | {ord("\n")}


def _printable(node: Any) -> Any:
    """The same document with every character that cannot be set replaced, and figures in the font that is embedded."""
    if isinstance(node, dict):
        return {key: _printable(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_printable(value) for value in node]
    if not isinstance(node, str):
        return node
    known = _characters()
    text = node.replace(_svg_font(), f'font-family="{FONT_NAME}"') if node.startswith("<svg") else node
    return "".join(character if ord(character) in known else REPLACEMENT for character in text)


@cache
def _svg_font() -> str:
    return 'font-family="{}"'.format(FONT_FAMILY.replace("'", "&#x27;"))
