"""A rising line of steps or points over money: the frontier of sets, the cost-effectiveness curve of measures."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from planner.reports.figures import svg, theme
from planner.reports.figures.labels import Wanted, leader_line, place_labels
from planner.reports.figures.scales import linear_scale
from planner.reports.figures.svg import Box
from planner.reports.numbers import format_number, format_tick


@dataclass(frozen=True)
class Point:
    """Money spent so far, what it buys, and a name for the mark."""

    money: float
    value: float
    name: str


def curve_figure(
    points: Sequence[Point],
    kind: str,
    words: tuple[str, str],
    layout: theme.Layout,
    identifier: str,
    heading: str,
    chosen: int | None = None,
) -> str:
    """`words` name the axes across and up; the `chosen` point is drawn full, the others hollow."""
    narrow = layout is theme.NARROW
    left, right, top, height = (58 if narrow else 76), 14, 34, (230 if narrow else 300)
    across = linear_scale([point.money for point in points], left, layout.width - right)
    up = linear_scale([point.value for point in points], top + height, top)
    size = layout.small_size
    children = [svg.text(words[1], 4, 16, size, class_="muted label")]
    for tick in up.ticks(5):
        children.append(theme.grid_line(left, up(tick), layout.width - right, up(tick), strong=tick == 0))
        children.append(
            svg.text(format_tick(tick, kind), left - 8, up(tick) + 4, size, text_anchor="end", class_="muted label")
        )
    money: Callable[[float], str] = lambda tick: format_tick(tick, "musd")  # noqa: E731
    children += theme.axis_labels(
        across.ticks(4 if narrow else 8), across, money, top + height + 18, size, (left, layout.width - right)
    )
    children.append(
        svg.text(words[0], layout.width - right, top + height + 36, size, text_anchor="end", class_="muted label")
    )
    corners = [(across(point.money), up(point.value)) for point in (Point(0.0, 0.0, ""), *points)]
    path = " ".join(
        f"{'M' if place == 0 else 'L'}{svg.fixed(x)} {svg.fixed(y)}" for place, (x, y) in enumerate(corners)
    )
    children.append(svg.element("path", d=path, fill="none", stroke=svg.ACCENT, stroke_width=2, class_="accent-line"))
    wanted = [Wanted(point.name, across(point.money), up(point.value), 6) for point in points if point.name]
    marks = [
        theme.dot(across(point.money), up(point.value), hollow=place != chosen) for place, point in enumerate(points)
    ]
    boxes = [Box(one.x - 6, one.y - 6, one.x + 6, one.y + 6) for one in wanted] + line_boxes(corners)
    frame = Box(left + 2, top - 6, layout.width - right, top + height - 2)
    labels = place_labels(wanted, frame, size, boxes)
    children += [leader_line(label, wanted[label.index]) for label in labels if label.leader]
    children += marks
    children += [
        svg.text(label.text, label.x, label.baseline, size, text_anchor=label.anchor, **theme.HALO) for label in labels
    ]
    description = "; ".join(
        f"{point.name} {format_number(point.money, 'musd')}: {format_number(point.value, kind)}".strip()
        for point in points
    )
    return svg.document(identifier, heading, description, layout.width, top + height + 46, children)


def line_boxes(corners: Sequence[tuple[float, float]], half: float = 1.5, step: float = 4.0) -> list[Box]:
    """Small boxes along a line of straight parts, so that no label is set on it."""
    boxes = []
    for (x1, y1), (x2, y2) in pairwise(corners):
        count = max(1, math.ceil(math.hypot(x2 - x1, y2 - y1) / step))
        for number in range(count + 1):
            x, y = x1 + (x2 - x1) * number / count, y1 + (y2 - y1) * number / count
            boxes.append(Box(x - half, y - half, x + half, y + half))
    return boxes
