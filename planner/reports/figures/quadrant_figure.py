"""Imbalance against welfare: every measure as a point in four quadrants, both axes symmetric-logarithmic."""

from collections.abc import Sequence
from dataclasses import dataclass

from planner.reports.figures import svg, theme
from planner.reports.figures.labels import Wanted, leader_line, place_labels
from planner.reports.figures.scales import SymlogScale, symlog_scale
from planner.reports.numbers import format_number, format_tick

QUADRANTS = (
    ("Narrows the gap, raises welfare", "start", "top"),
    ("Widens the gap, raises welfare", "end", "top"),
    ("Narrows the gap, lowers welfare", "start", "bottom"),
    ("Widens the gap, lowers welfare", "end", "bottom"),
)


@dataclass(frozen=True)
class QuadrantMark:
    """A measure with its rank, change of the index and welfare in million USD."""

    rank: int
    name: str
    index_change: float
    ev_musd: float
    restrictive: bool = False

    @property
    def cautioned(self) -> bool:
        return self.index_change < 0 and self.ev_musd < 0


def quadrant_figure(marks: Sequence[QuadrantMark], layout: theme.Layout, identifier: str, heading: str) -> str:
    """Labels are placed by rank where there is room; on the narrow layout they are rank numbers."""
    narrow = layout is theme.NARROW
    left, top, right = (52 if narrow else 92), 44, layout.width - 10
    bottom = top + (380 if narrow else 520)
    across = symlog_scale([mark.index_change for mark in marks], left, right, 3.0)
    up = symlog_scale([mark.ev_musd for mark in marks], bottom, top, 6.0)
    frame = svg.Box(left, top, right, bottom)
    children = [*_frame(across, up, frame, layout)]
    corner_boxes = []
    for words, anchor, edge in QUADRANTS:
        drawn, box = _corner(words, anchor, edge, frame, layout)
        children += drawn
        corner_boxes.append(box)
    places = [(across(mark.index_change), up(mark.ev_musd)) for mark in marks]
    children += [_point(mark, x, y) for mark, (x, y) in zip(marks, places, strict=True)]
    children += _labels(marks, places, corner_boxes, frame, layout)
    axis = (
        "Change of the index, millionths"
        if narrow
        else "Change of the imbalance index, millionths (left: the gap narrows)"
    )
    children.append(
        svg.text(
            axis,
            (left + right) / 2,
            bottom + 42,
            layout.small_size,
            text_anchor="middle",
            class_="ink label",
            font_weight="600",
        )
    )
    children.append(
        svg.text("Welfare, million USD a year", 2, 16, layout.small_size, class_="ink label", font_weight="600")
    )
    description = f"{len(marks)} measures. Left of the middle the imbalance index falls, above it welfare rises. Both axes are logarithmic on both sides of zero."
    return svg.document(identifier, heading, description, layout.width, bottom + 54, children)


def _frame(across: SymlogScale, up: SymlogScale, frame: svg.Box, layout: theme.Layout) -> list[str]:
    drawn = [
        svg.element(
            "rect",
            x=frame.left,
            y=frame.top,
            width=frame.right - frame.left,
            height=frame.bottom - frame.top,
            fill=svg.PAPER,
            stroke=svg.RULE,
            class_="plot",
        )
    ]
    if up(0) < frame.bottom and across(0) > frame.left:
        drawn.append(
            svg.element(
                "rect",
                x=frame.left,
                y=up(0),
                width=across(0) - frame.left,
                height=frame.bottom - up(0),
                fill="#fdf1e6",
                class_="caution-panel",
            )
        )
    ticks = across.ticks(56 if layout is theme.NARROW else 70)
    drawn += [theme.grid_line(across(tick), frame.top, across(tick), frame.bottom, tick == 0) for tick in ticks]
    drawn += theme.axis_labels(
        ticks,
        across,
        lambda tick: format_tick(tick, "index_change"),
        frame.bottom + 18,
        layout.small_size,
        (frame.left - 30, layout.width),
    )
    for tick in up.ticks(30):
        drawn.append(theme.grid_line(frame.left, up(tick), frame.right, up(tick), tick == 0))
        drawn.append(
            svg.text(
                format_tick(tick, "musd_change"),
                frame.left - 6,
                up(tick) + layout.small_size * 0.35,
                layout.small_size,
                text_anchor="end",
                class_="muted label",
            )
        )
    return drawn


def _corner(words: str, anchor: str, edge: str, frame: svg.Box, layout: theme.Layout) -> tuple[list[str], svg.Box]:
    """The quadrant's words in its corner, on two lines where the layout is narrow."""
    lines = [part.strip() for part in words.replace(", ", ",|").split("|")] if layout is theme.NARROW else [words]
    size = layout.small_size
    x = frame.left + 6 if anchor == "start" else frame.right - 6
    first = frame.top + size + 4 if edge == "top" else frame.bottom - 7 - (len(lines) - 1) * size * 1.25
    drawn, boxes = [], []
    for place, line in enumerate(lines):
        baseline = first + place * size * 1.25
        drawn.append(svg.text(line, x, baseline, size, text_anchor=anchor, class_="muted label", font_style="italic"))
        boxes.append(svg.text_box(line, x, baseline, size, anchor))
    return drawn, svg.Box(min(b.left for b in boxes), boxes[0].top, max(b.right for b in boxes), boxes[-1].bottom)


def _point(mark: QuadrantMark, x: float, y: float) -> str:
    colour, name = (
        (svg.CAUTION, "caution")
        if mark.cautioned
        else (svg.CONTRAST, "contrast")
        if mark.restrictive
        else (svg.ACCENT, "accent")
    )
    draw = theme.diamond if mark.restrictive else theme.dot
    words = f"{mark.rank}. {mark.name}: index {format_number(mark.index_change, 'index_change')} millionths, welfare {format_number(mark.ev_musd, 'musd_change')} million USD a year"
    return svg.group([svg.title(words), draw(x, y, colour=colour, name=name)])


def _labels(
    marks: Sequence[QuadrantMark],
    places: Sequence[tuple[float, float]],
    corners: Sequence[svg.Box],
    frame: svg.Box,
    layout: theme.Layout,
) -> list[str]:
    narrow = layout is theme.NARROW
    wanted = [
        Wanted(str(mark.rank) if narrow else f"{mark.rank} {svg.shorten(mark.name, 190, layout.small_size)}", x, y, 6)
        for mark, (x, y) in zip(marks, places, strict=True)
    ]
    points = [svg.Box(x - 6, y - 6, x + 6, y + 6) for x, y in places]
    placed = place_labels(
        wanted, frame, layout.small_size, [*points, *corners], (3.0, 14.0) if narrow else (3.0, 16.0, 32.0)
    )
    drawn = []
    for label in placed:
        if label.leader:
            drawn.append(leader_line(label, wanted[label.index]))
        drawn.append(
            svg.text(
                label.text, label.x, label.baseline, layout.small_size, text_anchor=label.anchor, class_="ink label"
            )
        )
    return drawn
