"""A small SVG writer: escaped elements, text width, and the palette with its class names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

# Presentation attributes carry the light palette so that a figure also stands alone; the report's style sheet overrides
# them by class in dark mode and print. Blue, orange and purple stay apart under every common colour-vision deficiency.
INK = "#1c2430"
MUTED = "#5a6675"
RULE = "#d5dbe3"
PAPER = "#ffffff"
PANEL = "#f3f5f8"
ACCENT = "#1f5f99"
CAUTION = "#b4530a"
CONTRAST = "#6a4c93"

FONT_FAMILY = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_NARROW = set("iljtfrI.,:;|!'()[] -/\u2013")
_WIDE = set("mwMW%@+\u2212\u00d7\u2014\u2026")


@dataclass(frozen=True)
class Box:
    """A rectangle in figure units; `y` grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box", gap: float = 0.0) -> bool:
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )

    def inside(self, other: "Box") -> bool:
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width in figure units, a little above what common sans-serif fonts need."""
    width = 0.0
    for character in text:
        if character in _NARROW:
            width += 0.36
        elif character in _WIDE:
            width += 0.95
        elif character.isupper() or ord(character) > 0x2E80:
            width += 0.72 if ord(character) < 0x2E80 else 1.02
        else:
            width += 0.63
    return width * size * (1.07 if bold else 1.0)


def text_box(text: str, x: float, baseline: float, size: float, anchor: str = "start", bold: bool = False) -> Box:
    """The box a text takes when its baseline starts, centres or ends at x."""
    width = text_width(text, size, bold)
    left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return Box(left, baseline - 0.80 * size, left + width, baseline + 0.24 * size)


def shorten(text: str, width: float, size: float) -> str:
    """The text, or as much of it as fits the width with an ellipsis."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(kept.rstrip() + "\u2026", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "\u2026"


def fixed(value: float) -> str:
    """A coordinate with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def element(name: str, *children: str, **attributes: str | float | None) -> str:
    """One element; children are finished markup, attribute values are escaped here. `class_` and `stroke_width` map to SVG names."""
    written = []
    for key, value in attributes.items():
        if value is None:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        text = fixed(value) if isinstance(value, (int, float)) else str(value)
        written.append(f' {attribute}="{escape(clean(text))}"')
    opening = f"<{name}{''.join(written)}"
    return f"{opening}>{''.join(children)}</{name}>" if children else f"{opening}/>"


def text(content: str, x: float, y: float, size: float = 12, **attributes: str | float | None) -> str:
    """A text element with its content escaped; carries a class so that themes can recolour it."""
    attributes.setdefault("class_", "ink")
    attributes.setdefault("fill", {"muted": MUTED}.get(str(attributes["class_"]).split()[0], INK))
    return element("text", escape(clean(content)), x=x, y=y, font_size=size, **attributes)


def title(content: str) -> str:
    """The tooltip and accessible name of the element that holds it."""
    return element("title", escape(clean(content)))


def group(children: Iterable[str], **attributes: str | float | None) -> str:
    return element("g", "".join(children), **attributes)


def clean(content: str) -> str:
    """Without the control characters that XML cannot hold."""
    return _NOT_IN_XML.sub("", content)


def document(
    identifier: str, heading: str, description: str, width: float, height: float, children: Iterable[str]
) -> str:
    """A whole figure with its accessible name and description."""
    return element(
        "svg",
        element("title", escape(clean(heading)), id=f"{identifier}-title"),
        element("desc", escape(clean(description)), id=f"{identifier}-desc"),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {fixed(width)} {fixed(height)}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{identifier}-title {identifier}-desc",
        font_family=FONT_FAMILY,
        class_="figure",
    )
