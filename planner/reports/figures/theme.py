"""Shared parts of figures: the two layouts, colour ramps, axes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planner.reports.figures import svg

# Each ramp rises in lightness difference from the paper, so that it survives a grey print and every colour-vision type.
WAIT_RAMP = ("#ffe3a3", "#f7a83e", "#cf5227", "#7d1a3c")
BALANCE_RAMP = ("#b98a4a", "#dcc6a0", "#e3e5e7", "#afc3d3", "#6c8fad")
HALO: dict[str, str | float | None] = {
    "class_": "ink label halo",
    "stroke": svg.PAPER,
    "stroke_width": 3,
    "stroke_linejoin": "round",
    "paint_order": "stroke",
}
SURPLUS = "#6c8fad"
DEFICIT = "#b98a4a"


@dataclass(frozen=True)
class Layout:
    """A figure is drawn twice: wide for laptops and paper, narrow for phones at their own text size."""

    name: str
    width: float
    text_size: float
    small_size: float


WIDE = Layout("wide", 960, 13, 11.5)
NARROW = Layout("narrow", 358, 12.5, 11)
# For a page of A4 upright, on which a unit is about two thirds of a point.
PAPER = Layout("paper", 720, 12.5, 11.5)
LAYOUTS = (WIDE, NARROW)


def grid_line(x1: float, y1: float, x2: float, y2: float, strong: bool = False) -> str:
    return svg.element(
        "line",
        x1=x1,
        y1=y1,
        x2=x2,
        y2=y2,
        class_="axis" if strong else "grid",
        stroke=svg.MUTED if strong else svg.RULE,
        stroke_width=1.25 if strong else 1,
    )


def axis_labels(
    ticks: Sequence[float],
    place: Callable[[float], float],
    words: Callable[[float], str],
    baseline: float,
    size: float,
    edges: tuple[float, float],
) -> list[str]:
    """Tick labels along a horizontal axis, kept inside the edges and off each other; the label of zero goes first."""
    taken: list[svg.Box] = []
    written = []
    for tick in sorted(ticks, key=lambda value: (value != 0, -abs(value))):
        label = words(tick)
        half = svg.text_width(label, size) / 2
        x = min(max(place(tick), edges[0] + half), edges[1] - half)
        box = svg.text_box(label, x, baseline, size, "middle")
        if not any(box.overlaps(other, 6) for other in taken):
            taken.append(box)
            written.append(svg.text(label, x, baseline, size, text_anchor="middle", class_="muted label"))
    return written


def legend_row(
    entries: Sequence[tuple[str, str]], x: float, y: float, size: float, right: float
) -> tuple[list[str], float]:
    """Marks with their words, wrapped at the right edge; returns the markup and the baseline of the last line."""
    drawn: list[str] = []
    left, baseline = x, y
    for mark, words in entries:
        width = 20 + svg.text_width(words, size) + 16
        if left > x and left + width - 16 > right:
            left, baseline = x, baseline + size * 1.65
        drawn.append(
            svg.group([mark], transform=f"translate({svg.fixed(left + 7)} {svg.fixed(baseline - size * 0.34)})")
        )
        drawn.append(svg.text(words, left + 20, baseline, size, class_="muted label"))
        left += width
    return drawn, baseline


def dot(
    x: float = 0, y: float = 0, radius: float = 5, colour: str = svg.ACCENT, hollow: bool = False, name: str = "accent"
) -> str:
    """A round mark; hollow says that the interval holds zero."""
    return svg.element(
        "circle",
        cx=x,
        cy=y,
        r=radius,
        fill=svg.PAPER if hollow else colour,
        stroke=colour,
        stroke_width=1.75,
        class_=f"{name}-{'hollow' if hollow else 'mark'}",
    )


def diamond(
    x: float = 0,
    y: float = 0,
    radius: float = 6,
    colour: str = svg.CONTRAST,
    hollow: bool = False,
    name: str = "contrast",
) -> str:
    """The mark of restrictive measures."""
    points = f"{svg.fixed(x)},{svg.fixed(y - radius)} {svg.fixed(x + radius)},{svg.fixed(y)} {svg.fixed(x)},{svg.fixed(y + radius)} {svg.fixed(x - radius)},{svg.fixed(y)}"
    return svg.element(
        "polygon",
        points=points,
        fill=svg.PAPER if hollow else colour,
        stroke=colour,
        stroke_width=1.75,
        class_=f"{name}-{'hollow' if hollow else 'mark'}",
    )
