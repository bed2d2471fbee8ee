"""Ranks of measures in two to four runs: a mark and the interval of rank for each run, one row a measure."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from planner.reports.figures import svg, theme
from planner.reports.figures.scales import LinearScale
from planner.reports.numbers import format_range

LABEL_WIDTH = {"wide": 380, "narrow": 0, "paper": 300}
LINE_HEIGHT = {"wide": 6.5, "narrow": 6.5, "paper": 4.5}
LEAST_ROW = {"wide": 26, "narrow": 22, "paper": 17}
# Shape and colour both tell the runs apart.
STYLES = (
    (svg.ACCENT, "accent", False),
    (svg.CAUTION, "caution", True),
    (svg.CONTRAST, "contrast", False),
    (svg.MUTED, "muted", True),
)


# What a page holds below a heading and above a caption, in figure units.
PAGE_HEIGHT = 840


def rows_on_paper(runs: int) -> int:
    """How many measures fit on a page where each has a line for every run."""
    return int(PAGE_HEIGHT / _row_height(runs, theme.PAPER))


def _row_height(runs: int, layout: theme.Layout) -> float:
    return float(max(LINE_HEIGHT[layout.name] * (runs + 1), LEAST_ROW[layout.name]))


@dataclass(frozen=True)
class RunRank:
    """The rank of a measure in one run and its 90 % interval."""

    rank: int
    low: int
    high: int


@dataclass(frozen=True)
class PlacedMeasure:
    """A measure with its rank in each run, None where a run does not rank it; `apart` where intervals do not meet."""

    name: str
    ranks: Sequence[RunRank | None]
    apart: bool = False


def places_figure(
    rows: Sequence[PlacedMeasure],
    names: Sequence[str],
    layout: theme.Layout,
    identifier: str,
    heading: str,
    axis_of: Sequence[PlacedMeasure] | None = None,
) -> str:
    """`names` are those of the runs; `axis_of` are all rows, where these are one page's."""
    narrow = layout is theme.NARROW
    name_room = layout.text_size * 1.5 if narrow else 0.0
    row = _row_height(len(names), layout) + name_room
    left = 16 if narrow else LABEL_WIDTH[layout.name] + 12
    legend, legend_end = theme.legend_row(_legend(names), 2, 16, layout.small_size, layout.width - 4)
    top = legend_end + 54
    bottom = top + row * len(rows)
    most = max((one.high for each in axis_of or rows for one in each.ranks if one), default=1)
    scale = LinearScale(0.5, most + 0.5, left, layout.width - 14)
    children = [*legend, svg.text(_("Rank (left: better)"), left, legend_end + 28, layout.small_size, **_BOLD)]
    ticks = [tick for tick in scale.ticks(6 if narrow else 12) if tick >= 1 and tick == int(tick)]
    ticks = sorted({1.0, *ticks})
    children += [theme.grid_line(scale(tick), top, scale(tick), bottom) for tick in ticks]
    children += theme.axis_labels(
        ticks, scale, lambda tick: f"{tick:.0f}", top - 8, layout.small_size, (left - 8, layout.width)
    )
    for place, each in enumerate(rows):
        children.append(_row(each, names, scale, top + row * place, row, name_room, layout))
    description = _(
        "%(count)d measures with their rank in each run: the mark is the rank, the line its 90 %% interval."
    ) % {"count": len(rows)}
    return svg.document(identifier, heading, description, layout.width, bottom + 6, children)


_BOLD: dict[str, str | float | None] = {"class_": "ink label", "font_weight": "600"}


def _legend(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(_mark(number, 0, 0), name) for number, name in enumerate(names)]


def _mark(number: int, x: float, y: float) -> str:
    colour, style, diamond = STYLES[number]
    draw = theme.diamond if diamond else theme.dot
    return draw(x, y, 3.6 if diamond else 3.1, colour=colour, name=style)


def _row(
    each: PlacedMeasure,
    names: Sequence[str],
    scale: LinearScale,
    top: float,
    row: float,
    name_room: float,
    layout: theme.Layout,
) -> str:
    narrow = layout is theme.NARROW
    size = layout.text_size if layout is not theme.PAPER else layout.small_size
    baseline = top + size * 1.15 if narrow else top + row / 2 + size * 0.35
    room = layout.width - 30 if narrow else LABEL_WIDTH[layout.name] - 14
    step = (row - name_room) / (len(names) + 1)
    words = "; ".join(
        f"{name}: {one.rank} ({format_range(one.low, one.high)})" if one else f"{name}: \u2013"
        for name, one in zip(names, each.ranks, strict=True)
    )
    style: dict[str, str | float | None] = theme.HALO if narrow else {"class_": "ink label"}
    if each.apart:
        style = {**style, "font_weight": "600"}
    drawn = [
        svg.title(f"{each.name}: {words}"),
        theme.grid_line(2, top + row, layout.width - 2, top + row),
        svg.text(svg.shorten(each.name, room / (1.07 if each.apart else 1), size), 4, baseline, size, **style),
    ]
    for number, one in enumerate(each.ranks):
        if one is None:
            continue
        y = top + name_room + step * (number + 1)
        colour, kind, _diamond = STYLES[number]
        drawn.append(
            svg.element(
                "line", x1=scale(one.low), x2=scale(one.high), y1=y, y2=y, stroke=colour, stroke_width=1.75,
                stroke_linecap="round", class_=f"{kind}-line",
            )
        )  # fmt: skip
        drawn.append(_mark(number, scale(one.rank), y))
    return svg.group(drawn)
