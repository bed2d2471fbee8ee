"""Ranking as dots with 90 % intervals on a symmetric-logarithmic axis."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from planner.reports.figures import svg, theme
from planner.reports.figures.scales import SymlogScale, symlog_scale
from planner.reports.numbers import format_interval, format_number, format_tick

LABEL_WIDTH = {"wide": 424, "narrow": 0, "paper": 346}
ROW_HEIGHT = {"wide": 26, "narrow": 42, "paper": 17.5}


@dataclass(frozen=True)
class RankedMark:
    """One line of the ranking figure; `kind` names the number format of the score."""

    rank: int
    name: str
    mean: float
    q05: float
    q95: float
    tie_group: int
    restrictive: bool = False
    cautioned: bool = False

    @property
    def holds_zero(self) -> bool:
        return self.q05 <= 0 <= self.q95


def ranking_figure(
    marks: Sequence[RankedMark],
    kind: str,
    axis_words: str,
    layout: theme.Layout,
    identifier: str,
    heading: str,
    axis_of: Sequence[RankedMark] | None = None,
) -> str:
    """One row a measure, in the order of rank; bands separate tie groups. `axis_of` are all marks, where these are one page's."""
    narrow = layout is theme.NARROW
    row = ROW_HEIGHT[layout.name]
    left = 12 if narrow else LABEL_WIDTH[layout.name] + 12
    right = layout.width - 24
    values = [value for mark in axis_of or marks for value in (mark.mean, mark.q05, mark.q95)]
    scale = symlog_scale(values, left, right)
    legend, legend_end = theme.legend_row(_legend(marks), 2, 16, layout.small_size, layout.width - 4)
    top = legend_end + 62
    bottom = top + row * len(marks)
    children = [
        *legend,
        svg.text(
            axis_words,
            _axis_start(axis_words, left, layout),
            legend_end + 32,
            layout.small_size,
            class_="ink label",
            font_weight="600",
        ),
    ]
    children += _bands(marks, top, row, layout.width)
    children += _axis(scale, kind, top, bottom, layout)
    for place, mark in enumerate(marks):
        children.append(_row(mark, scale, kind, top + row * place, row, layout))
    description = _(
        "%(count)d measures in order of rank. The mark is the mean over draws, the line the 90 %% interval; the axis is logarithmic on both sides of zero."
    ) % {"count": len(marks)}
    return svg.document(identifier, heading, description, layout.width, bottom + 28, children)


def _axis_start(words: str, left: float, layout: theme.Layout) -> float:
    """Over the plot, further left where the words would run over the edge."""
    if layout is theme.NARROW:
        return 2
    return max(min(left, layout.width - 4 - svg.text_width(words, layout.small_size, bold=True)), 2)


def _legend(marks: Sequence[RankedMark]) -> list[tuple[str, str]]:
    entries = [(theme.dot(), _("90 % interval apart from zero")), (theme.dot(hollow=True), _("interval holds zero"))]
    if any(mark.cautioned for mark in marks):
        entries.append((theme.dot(colour=svg.CAUTION, name="caution"), _("narrows the gap and lowers welfare")))
    if any(mark.restrictive for mark in marks):
        entries.append((theme.diamond(), _("restrictive, to compare with")))
    return entries


def _bands(marks: Sequence[RankedMark], top: float, row: float, width: float) -> list[str]:
    """A shaded band behind every second tie group."""
    drawn = []
    shaded = False
    start = 0
    for place in range(1, len(marks) + 1):
        if place == len(marks) or marks[place].tie_group != marks[start].tie_group:
            if shaded:
                drawn.append(
                    svg.element(
                        "rect",
                        x=0,
                        y=top + row * start,
                        width=width,
                        height=row * (place - start),
                        class_="band",
                        fill=svg.PANEL,
                    )
                )
            shaded = not shaded
            start = place
    return drawn


def _axis(scale: SymlogScale, kind: str, top: float, bottom: float, layout: theme.Layout) -> list[str]:
    ticks = scale.ticks(58 if layout is theme.NARROW else 54)
    drawn = [theme.grid_line(scale(tick), top, scale(tick), bottom, strong=tick == 0) for tick in ticks]
    for baseline in (top - 8, bottom + 18):
        drawn += theme.axis_labels(
            ticks,
            scale,
            lambda tick: format_tick(tick, kind),
            baseline,
            layout.small_size,
            (scale.start - 12, layout.width),
        )
    return drawn


def _row(mark: RankedMark, scale: SymlogScale, kind: str, top: float, row: float, layout: theme.Layout) -> str:
    narrow = layout is theme.NARROW
    size = layout.small_size if layout is theme.PAPER else layout.text_size
    middle = top + (30 if narrow else row / 2)
    baseline = top + 16 if narrow else middle + size * 0.35
    name_width = layout.width - 40 if narrow else LABEL_WIDTH[layout.name] - 40
    colour, style = (
        (svg.CAUTION, "caution")
        if mark.cautioned
        else (svg.CONTRAST, "contrast")
        if mark.restrictive
        else (svg.ACCENT, "accent")
    )
    draw = theme.diamond if mark.restrictive else theme.dot
    words = f"{mark.rank}. {mark.name}: {format_number(mark.mean, kind)} ({format_interval(mark.q05, mark.q95, kind)})"
    return svg.group(
        [
            svg.title(words),
            svg.text(str(mark.rank), 27, baseline, size, text_anchor="end", class_="muted label"),
            svg.text(
                svg.shorten(mark.name, name_width, size),
                36,
                baseline,
                size,
                # On the narrow layout names stand on the plot: a rim keeps the axis lines out of the letters.
                **(theme.HALO if narrow else {"class_": "ink label"}),
            ),
            svg.element(
                "line",
                x1=scale(mark.q05),
                x2=scale(mark.q95),
                y1=middle,
                y2=middle,
                stroke=colour,
                stroke_width=2,
                stroke_linecap="round",
                class_=f"{style}-line",
            ),
            draw(scale(mark.mean), middle, colour=colour, hollow=mark.holds_zero, name=style),
        ]
    )
