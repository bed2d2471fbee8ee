"""Map of the border: regions by balance, crossings by trade and wait, the largest flows as lines."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from planner.reports.figures import svg, theme
from planner.reports.figures.clipping import area, centroid, clip_ring
from planner.reports.figures.labels import Wanted, leader_line, place_labels
from planner.reports.figures.map_legend import map_legend
from planner.reports.figures.map_types import (
    BALANCE_BOUNDS,
    UNKNOWN_WAIT,
    WAIT_CLASSES,
    MapCrossing,
    MapFlow,
    MapRegion,
    Rings,
)
from planner.reports.figures.projection import Albers, Point, albers, simplify
from planner.reports.numbers import format_number

FLOW_LINES = 14
NAMED_CROSSINGS = 8


@dataclass(frozen=True)
class _Sheet:
    """The projected window: turns longitude and latitude into figure units."""

    projection: Albers
    window: svg.Box
    scale: float
    left: float
    top: float

    def __call__(self, longitude: float, latitude: float) -> Point:
        x, y = self.projection(longitude, latitude)
        return (x - self.left) * self.scale, (self.top - y) * self.scale


def map_figure(
    regions: Sequence[MapRegion],
    crossings: Sequence[MapCrossing],
    flows: Sequence[MapFlow],
    outlines: Mapping[str, Rings],
    layout: theme.Layout,
    identifier: str,
    heading: str,
) -> str:
    """Outlines are rings of (longitude, latitude) by region id; without them regions are points."""
    sheet = _sheet(regions, crossings, layout)
    shown = {region.identifier: _visible(outlines.get(region.identifier, ()), sheet) for region in regions}
    anchors = {region.identifier: _anchor(region, shown[region.identifier], sheet) for region in regions}
    bounds = _wait_bounds(crossings)
    body = [
        svg.element(
            "rect", x=0, y=0, width=sheet.window.right, height=sheet.window.bottom, fill=svg.PANEL, class_="sea"
        )
    ]
    body += [_region(region, shown[region.identifier], anchors[region.identifier]) for region in regions]
    body += _flow_lines(flows, anchors)
    marks, boxes = _crossing_marks(crossings, sheet, bounds, layout)
    body += marks
    body += _labels(regions, crossings, shown, anchors, boxes, sheet, layout)
    clip = f"{identifier}-window"
    window = svg.element(
        "clipPath", svg.element("rect", x=0, y=0, width=sheet.window.right, height=sheet.window.bottom, rx=6), id=clip
    )
    legend, end = map_legend(crossings, bounds, sheet.window.bottom + 22, layout)
    children = [svg.element("defs", window), svg.group(body, clip_path=f"url(#{clip})"), *legend]
    description = _(
        "%(regions)d regions coloured by normalised balance in neutral colours, %(crossings)d crossings sized by trade and coloured by the wait of trucks, lines for the largest flows between regions."
    ) % {"regions": len(regions), "crossings": len(crossings)}
    return svg.document(identifier, heading, description, layout.width, end + 10, children)


def _sheet(regions: Sequence[MapRegion], crossings: Sequence[MapCrossing], layout: theme.Layout) -> _Sheet:
    """The window holds every crossing with a margin: far ends of large regions are cut off."""
    points = [(crossing.longitude, crossing.latitude) for crossing in crossings] or [
        (region.longitude, region.latitude) for region in regions
    ]
    projection = albers(points)
    plane = [projection(*point) for point in points]
    left, right = min(x for x, _ in plane), max(x for x, _ in plane)
    low, high = min(y for _, y in plane), max(y for _, y in plane)
    margin = 0.07 * max(right - left, high - low) or 0.02
    left, right, low, high = left - margin, right + margin, low - margin, high + margin
    # A long border would make a ribbon: the window is never flatter than 2 to 1, nor taller than it is wide.
    width, height = right - left, high - low
    spare = max(width / 2.0 - height, 0.0) / 2
    low, high = low - spare, high + spare
    spare = max(high - low - width, 0.0) / 2
    left, right = left - spare, right + spare
    scale = layout.width / (right - left)
    return _Sheet(projection, svg.Box(0, 0, layout.width, (high - low) * scale), scale, left, high)


def _visible(rings: Rings, sheet: _Sheet) -> list[list[Point]]:
    margin = svg.Box(-20, -20, sheet.window.right + 20, sheet.window.bottom + 20)
    visible = []
    for ring in rings:
        clipped = clip_ring(simplify([sheet(*point) for point in ring], 0.6), margin)
        if len(clipped) >= 3 and area(clipped) > 1.5:
            visible.append(clipped)
    return visible


def _anchor(region: MapRegion, rings: Sequence[Sequence[Point]], sheet: _Sheet) -> Point:
    """Where flows and the label of a region meet it: its own point where that is in the window, else the middle of its largest visible part."""
    point = sheet(region.longitude, region.latitude)
    if sheet.window.left <= point[0] <= sheet.window.right and sheet.window.top <= point[1] <= sheet.window.bottom:
        return point
    cut = [clip_ring(ring, sheet.window) for ring in rings]
    parts = [ring for ring in cut if len(ring) >= 3]
    return centroid(max(parts, key=area)) if parts else point


def _wait_words(crossing: MapCrossing) -> str:
    if crossing.wait_minutes is None:
        return _("wait unknown")
    words = _("wait %(minutes)s minutes (assumed)") if crossing.assumed else _("wait %(minutes)s minutes")
    return words % {"minutes": format_number(crossing.wait_minutes, "minutes")}


def _region(region: MapRegion, rings: Sequence[Sequence[Point]], anchor: Point) -> str:
    if region.normalised_balance is None:
        colour, name, words = svg.PAPER, "land", region.name
    else:
        step = sum(region.normalised_balance > bound for bound in BALANCE_BOUNDS)
        colour, name = theme.BALANCE_RAMP[step], f"balance-{step}"
        words = _("%(name)s: normalised balance %(balance)s") % {
            "name": region.name,
            "balance": format_number(region.normalised_balance, "ratio_signed"),
        }
    if not rings:
        return svg.element(
            "circle",
            svg.title(words),
            cx=anchor[0],
            cy=anchor[1],
            r=9,
            fill=colour,
            stroke=svg.PAPER,
            class_=f"{name} region",
        )
    path = "".join(
        "M" + "L".join(f"{svg.fixed(round(x, 1))} {svg.fixed(round(y, 1))}" for x, y in ring) + "Z" for ring in rings
    )
    return svg.element(
        "path",
        svg.title(words),
        d=path,
        fill=colour,
        fill_rule="evenodd",
        stroke=svg.PAPER,
        stroke_width=0.8,
        class_=f"{name} region",
    )


def _flow_lines(flows: Sequence[MapFlow], anchors: Mapping[str, Point]) -> list[str]:
    largest = sorted(flows, key=lambda flow: (-flow.value_musd, flow.first, flow.second))[:FLOW_LINES]
    drawn = []
    for flow in largest:
        (x1, y1), (x2, y2) = anchors[flow.first], anchors[flow.second]
        bend = 0.14
        middle = ((x1 + x2) / 2 - (y2 - y1) * bend, (y1 + y2) / 2 + (x2 - x1) * bend)
        path = f"M{svg.fixed(x1)} {svg.fixed(y1)}Q{svg.fixed(middle[0])} {svg.fixed(middle[1])} {svg.fixed(x2)} {svg.fixed(y2)}"
        words = _("%(first)s and %(second)s: %(value)s billion USD both ways") % {
            "first": flow.first,
            "second": flow.second,
            "value": format_number(flow.value_musd, "busd"),
        }
        width = max(6 * math.sqrt(flow.value_musd / largest[0].value_musd), 0.8) if largest[0].value_musd > 0 else 0.8
        drawn.append(
            svg.element(
                "path",
                svg.title(words),
                d=path,
                fill="none",
                stroke=svg.INK,
                stroke_opacity=0.18,
                stroke_width=width,
                stroke_linecap="round",
                class_="flow",
            )
        )
    return drawn


def _wait_bounds(crossings: Sequence[MapCrossing]) -> tuple[int, int, int]:
    longest = max((crossing.wait_minutes or 0.0 for crossing in crossings), default=0.0)
    return next((bounds for bounds in WAIT_CLASSES if longest <= bounds[2] * 1.34), WAIT_CLASSES[-1])


def _wait_colour(minutes: float | None, bounds: Sequence[float]) -> tuple[str, str]:
    if minutes is None:
        return UNKNOWN_WAIT, "wait-unknown"
    step = sum(minutes > bound for bound in bounds)
    return theme.WAIT_RAMP[step], f"wait-{step}"


def _radius(trade_musd: float, largest: float, layout: theme.Layout) -> float:
    top = 12 if layout is theme.NARROW else 22
    return max(top * math.sqrt(max(trade_musd, 0.0) / largest), 2.2) if largest > 0 else 3.0


def _crossing_marks(
    crossings: Sequence[MapCrossing], sheet: _Sheet, bounds: Sequence[float], layout: theme.Layout
) -> tuple[list[str], dict[int, svg.Box]]:
    """Large circles first, so that small ones stay visible on top of them."""
    largest = max((crossing.trade_musd for crossing in crossings), default=0.0)
    drawn, boxes = [], {}
    for place in sorted(range(len(crossings)), key=lambda index: -crossings[index].trade_musd):
        crossing = crossings[place]
        x, y = sheet(crossing.longitude, crossing.latitude)
        radius = _radius(crossing.trade_musd, largest, layout)
        colour, name = _wait_colour(crossing.wait_minutes, bounds)
        wait = _wait_words(crossing)
        drawn.append(
            svg.element(
                "circle",
                svg.title(
                    _("%(name)s: %(trade)s billion USD, %(wait)s")
                    % {"name": crossing.name, "trade": format_number(crossing.trade_musd, "busd"), "wait": wait}
                ),
                cx=x,
                cy=y,
                r=radius,
                fill=colour,
                fill_opacity=0.92,
                stroke=svg.INK,
                stroke_width=0.8,
                stroke_dasharray="2 1.6" if crossing.assumed else None,
                class_=f"{name} crossing",
            )
        )
        boxes[place] = svg.Box(x - radius, y - radius, x + radius, y + radius)
    return drawn, boxes


def _labels(
    regions: Sequence[MapRegion],
    crossings: Sequence[MapCrossing],
    shown: Mapping[str, Sequence[Sequence[Point]]],
    anchors: Mapping[str, Point],
    boxes: Mapping[int, svg.Box],
    sheet: _Sheet,
    layout: theme.Layout,
) -> list[str]:
    """Names of the busiest crossings first, then regions where their name or short code fits."""
    narrow = layout is theme.NARROW
    size = layout.small_size
    frame = svg.Box(3, 3, sheet.window.right - 3, sheet.window.bottom - 3)
    named = sorted(boxes, key=lambda index: -crossings[index].trade_musd)[: 3 if narrow else NAMED_CROSSINGS]
    visible = [boxes[index] for index in boxes if boxes[index].right - boxes[index].left > (9 if narrow else 12)]
    wanted = [
        Wanted(
            crossings[i].name,
            (boxes[i].left + boxes[i].right) / 2,
            (boxes[i].top + boxes[i].bottom) / 2,
            (boxes[i].right - boxes[i].left) / 2,
        )
        for i in named
    ]
    placed = place_labels(wanted, frame, size, visible, (3.0, 12.0, 26.0, 44.0))
    drawn = []
    taken = [*visible, *(label.box for label in placed)]
    for label in placed:
        if label.leader:
            drawn.append(leader_line(label, wanted[label.index]))
        drawn.append(_haloed(label.text, label.x, label.baseline, size, label.anchor, "ink label halo", "600"))
    for region in sorted(regions, key=lambda item: -sum(map(area, shown[item.identifier]))):
        x, y = anchors[region.identifier]
        short = region.identifier.rpartition("-")[2]
        if narrow and region.normalised_balance is None:
            continue
        for words in (short,) if narrow else (region.name, short):
            box = svg.text_box(words, x, y + size * 0.35, size, "middle")
            if box.inside(frame) and not any(box.overlaps(other, 2) for other in taken):
                taken.append(box)
                drawn.append(_haloed(words, x, y + size * 0.35, size, "middle", "region-name label halo"))
                break
    return drawn


def _haloed(
    words: str, x: float, baseline: float, size: float, anchor: str, name: str, weight: str | None = None
) -> str:
    return svg.text(
        words,
        x,
        baseline,
        size,
        text_anchor=anchor,
        class_=name,
        font_weight=weight,
        fill=svg.INK,
        stroke=svg.PAPER,
        stroke_width=3,
        stroke_linejoin="round",
        paint_order="stroke",
    )
