"""Horizontal bars from a common line: a waterfall of parts that add up, or a tornado of low and high."""

from collections.abc import Sequence
from dataclasses import dataclass

from planner.reports.figures import svg, theme
from planner.reports.figures.scales import LinearScale
from planner.reports.numbers import format_number, format_tick


@dataclass(frozen=True)
class Bar:
    """A bar from `start` to `end` with its words at the right; `total` is drawn darker."""

    name: str
    start: float
    end: float
    words: str
    total: bool = False


def bars_figure(
    bars: Sequence[Bar], kind: str, layout: theme.Layout, identifier: str, heading: str, line_at: float = 0.0
) -> str:
    """One row a bar in the order given; `kind` is the format of the axis, `line_at` where the strong line stands."""
    left = {"narrow": 112, "wide": 330, "paper": 250}[layout.name]
    right = {"narrow": 70, "wide": 130, "paper": 110}[layout.name]
    height, top = {"narrow": 24, "wide": 26, "paper": 22}[layout.name], 30
    scale = _scale([value for bar in bars for value in (bar.start, bar.end)] + [line_at], left, layout.width - right)
    bottom = top + height * len(bars)
    children = []
    ticks = scale.ticks(4 if layout is theme.NARROW else 6)
    children += [theme.grid_line(scale(tick), top - 6, scale(tick), bottom) for tick in ticks]
    children.append(theme.grid_line(scale(line_at), top - 6, scale(line_at), bottom, strong=True))
    children += theme.axis_labels(
        ticks,
        scale,
        lambda tick: format_tick(tick, kind),
        top - 12,
        layout.small_size,
        (left, layout.width - right),
    )
    for place, bar in enumerate(bars):
        children.append(_bar(bar, scale, top + height * place, height, left, layout))
    description = "; ".join(f"{bar.name}: {bar.words}" for bar in bars)
    return svg.document(identifier, heading, description, layout.width, bottom + 10, children)


def _scale(values: Sequence[float], start: float, end: float) -> LinearScale:
    """An axis that holds what is drawn: around a mean, zero may be far away."""
    low, high = min(values), max(values)
    margin = (high - low) * 0.04 or 1.0
    return LinearScale(low - margin if low else 0.0, high + margin, start, end)


def _bar(bar: Bar, scale: LinearScale, top: float, height: float, left: float, layout: theme.Layout) -> str:
    size = layout.small_size
    first, last = sorted((scale(bar.start), scale(bar.end)))
    colour = svg.MUTED if bar.total else theme.SURPLUS if bar.end >= bar.start else theme.DEFICIT
    rect = svg.element(
        "rect",
        svg.title(f"{bar.name}: {bar.words}"),
        x=first,
        y=top + 3,
        width=max(last - first, 1.5),
        height=height - 6,
        fill=colour,
    )
    name = svg.shorten(bar.name, left - 16, size)
    return svg.group(
        [
            svg.text(name, left - 10, top + height * 0.66, size, text_anchor="end", class_="ink label"),
            rect,
            svg.text(bar.words, layout.width - 4, top + height * 0.66, size, text_anchor="end", class_="ink label"),
        ]
    )


def waterfall(names: Sequence[str], parts: Sequence[float], total_name: str, kind: str) -> list[Bar]:
    """Bars that step from zero to the sum of the parts, and the sum itself."""
    bars, reached = [], 0.0
    for name, part in zip(names, parts, strict=True):
        bars.append(Bar(name, reached, reached + part, format_number(part, kind)))
        reached += part
    return [*bars, Bar(total_name, 0.0, reached, format_number(reached, kind), total=True)]
