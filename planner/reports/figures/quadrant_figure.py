"""Imbalance against welfare: every measure as a point in four quadrants, both axes symmetric-logarithmic."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planner.reports.figures import svg, theme
from planner.reports.figures.labels import Wanted, leader_line, place_labels
from planner.reports.figures.scales import SymlogScale, symlog_scale
from planner.reports.numbers import format_number, format_tick

QUADRANTS = (
    (gettext_lazy("Narrows the gap, raises welfare"), "start", "top"),
    (gettext_lazy("Widens the gap, raises welfare"), "end", "top"),
    (gettext_lazy("Narrows the gap, lowers welfare"), "start", "bottom"),
    (gettext_lazy("Widens the gap, lowers welfare"), "end", "bottom"),
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
    words_height = _words_height(layout)
    left, top, right = (62 if narrow else 92), 34 + words_height, layout.width - 10
    bottom = top + (380 if narrow else 520)
    across = symlog_scale([mark.index_change for mark in marks], left, right, 2.0)
    up = symlog_scale([mark.ev_musd for mark in marks], bottom, top, 2.0)
    frame = svg.Box(left, top, right, bottom)
    children = [*_frame(across, up, frame, layout)]
    for words, anchor, edge in QUADRANTS:
        children += _corner(str(words), anchor, edge, frame, layout)
    places = [(across(mark.index_change), up(mark.ev_musd)) for mark in marks]
    children += [_point(mark, x, y) for mark, (x, y) in zip(marks, places, strict=True)]
    children += _labels(marks, places, frame, layout)
    axis = (
        _("Change of the index, millionths")
        if narrow
        else _("Change of the imbalance index, millionths (left: the gap narrows)")
    )
    children.append(
        svg.text(
            axis,
            (left + right) / 2,
            bottom + words_height + 40,
            layout.small_size,
            text_anchor="middle",
            class_="ink label",
            font_weight="600",
        )
    )
    children.append(
        svg.text(_("Welfare, million USD a year"), 2, 16, layout.small_size, class_="ink label", font_weight="600")
    )
    description = _(
        "%(count)d measures. Left of the middle the imbalance index falls, above it welfare rises. Both axes are logarithmic on both sides of zero."
    ) % {"count": len(marks)}
    return svg.document(identifier, heading, description, layout.width, bottom + words_height + 52, children)


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
        frame.bottom + _words_height(layout) + 18,
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


def _lines(words: str, layout: theme.Layout) -> list[str]:
    """The words of a quadrant: one line, or two where the layout is narrow."""
    return [part.strip() for part in words.replace(", ", ",|").split("|")] if layout is theme.NARROW else [words]


def _words_height(layout: theme.Layout) -> float:
    return len(_lines(str(QUADRANTS[0][0]), layout)) * layout.small_size * 1.25


def _corner(words: str, anchor: str, edge: str, frame: svg.Box, layout: theme.Layout) -> list[str]:
    """The quadrant's words outside its corner, where no mark can lie."""
    size = layout.small_size
    x = frame.left if anchor == "start" else frame.right
    first = frame.top - _words_height(layout) + size * 0.9 if edge == "top" else frame.bottom + size * 1.2
    return [
        svg.text(
            line,
            x,
            first + place * size * 1.25,
            size,
            text_anchor=anchor,
            class_="muted label",
            font_style="italic",
        )
        for place, line in enumerate(_lines(str(words), layout))
    ]


def _point(mark: QuadrantMark, x: float, y: float) -> str:
    colour, name = (
        (svg.CAUTION, "caution")
        if mark.cautioned
        else (svg.CONTRAST, "contrast")
        if mark.restrictive
        else (svg.ACCENT, "accent")
    )
    draw = theme.diamond if mark.restrictive else theme.dot
    words = _("%(rank)d. %(name)s: index %(index)s millionths, welfare %(welfare)s million USD a year") % {
        "rank": mark.rank,
        "name": mark.name,
        "index": format_number(mark.index_change, "index_change"),
        "welfare": format_number(mark.ev_musd, "musd_change"),
    }
    return svg.group([svg.title(words), draw(x, y, colour=colour, name=name)])


def _labels(
    marks: Sequence[QuadrantMark],
    places: Sequence[tuple[float, float]],
    frame: svg.Box,
    layout: theme.Layout,
) -> list[str]:
    # On paper nobody can point at a mark: every mark has its rank, and the table beside it the names.
    narrow = layout is not theme.WIDE
    wanted = [
        Wanted(str(mark.rank) if narrow else f"{mark.rank} {svg.shorten(mark.name, 190, layout.small_size)}", x, y, 6)
        for mark, (x, y) in zip(marks, places, strict=True)
    ]
    points = [svg.Box(x - 6, y - 6, x + 6, y + 6) for x, y in places]
    placed = place_labels(wanted, frame, layout.small_size, points, (3.0, 14.0) if narrow else (3.0, 16.0, 32.0))
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
