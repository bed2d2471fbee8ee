"""The parts that a page is set from: headings, text, lists, tables, figures and measures, as plain values for the typesetter."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Block = dict[str, Any]
Cell = str | Mapping[str, Any]


def heading(text: str, level: int = 1) -> Block:
    return {"kind": "heading", "level": level, "text": str(text)}


def paragraph(text: str, quiet: bool = False) -> Block:
    return {"kind": "text", "text": str(text), "quiet": quiet}


def items(texts: Iterable[str]) -> Block:
    return {"kind": "list", "items": [str(text) for text in texts]}


def notes(numbered: Iterable[tuple[str, str]]) -> Block:
    """What numbers in a table stand for, set small in two columns."""
    return {"kind": "notes", "notes": [[number, str(text)] for number, text in numbered]}


def terms(pairs: Iterable[Sequence[str]]) -> Block:
    """Term, text and, where there is a third, an equation."""
    return {"kind": "terms", "terms": [[str(part) for part in pair] for pair in pairs]}


def figure(parts: Sequence[str], alternative: str, caption: str) -> list[Block]:
    """One block a part; the caption stands below the last."""
    return [
        {"kind": "figure", "svg": part, "alt": str(alternative), "caption": str(caption) if last else ""}
        for part, last in zip(parts, [False] * (len(parts) - 1) + [True], strict=True)
    ]


def drawing(name: str, alternative: str, caption: str) -> Block:
    """A figure of the set by its name; pages and paper take their own drawing."""
    return {"kind": "drawing", "name": name, "alt": alternative, "caption": caption}


def with_figures(blocks: Iterable[Block], figures: Mapping[str, Sequence[str]]) -> list[Block]:
    """The blocks with their drawings for paper; those that there are not are left out."""
    found: list[Block] = []
    for block in blocks:
        if block["kind"] != "drawing":
            found.append(block)
        elif parts := figures.get(block["name"]):
            found += figure(parts, block["alt"], block["caption"])
    return found


def table(
    columns: Sequence[tuple[str, str, float]], rows: Iterable[Sequence[Cell]], caption: str = "", small: bool = False
) -> Block:
    """Columns are (head, alignment, share of the width); 0 takes what the content needs. Heads repeat on every page."""
    return {
        "kind": "table",
        "heads": [str(head) for head, _, _ in columns],
        "aligns": [align for _, align, _ in columns],
        "widths": [width for _, _, width in columns],
        "rows": [[_cell(cell) for cell in row] for row in rows],
        "caption": str(caption),
        "small": small,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    """With its parts for pages, which mark the numbers; see `cells`."""
    known = cell if isinstance(cell, dict) else {"main": str(cell), "sub": ""}
    return {"main_parts": [(known["main"], "")], "sub_parts": [(known["sub"], "")], **known}
