"""Waits of trucks before and after: means with their intervals by measure and station, and the day's course at a few stations."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from planner.reports.figures import svg, theme
from planner.reports.figures.scales import LinearScale
from planner.reports.numbers import format_number, format_tick

HOURS = 24


@dataclass(frozen=True)
class Interval:
    """Mean minutes with the 90 % interval over draws."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class WaitPair:
    """One measure at one station; `heading` opens the measure's group of rows."""

    heading: str
    station: str
    before: Interval
    after: Interval


@dataclass(frozen=True)
class DayCourse:
    """Weekday means by hour of arrival at one station, None while it is closed; minutes."""

    heading: str
    station: str
    before: Sequence[float | None]
    after: Sequence[float | None]
    p95_before: float
    p95_after: float


def waits_figure(pairs: Sequence[WaitPair], layout: theme.Layout, identifier: str, heading: str) -> str:
    """A row for each station of a measure: the upper mark is today's wait, the lower one that with the measure."""
    narrow = layout is theme.NARROW
    left = {"narrow": 128, "wide": 330, "paper": 250}[layout.name]
    right = {"narrow": 70, "wide": 120, "paper": 104}[layout.name]
    size, row, head = layout.small_size, 30, 24
    legend, last = theme.legend_row(
        [
            (theme.dot(colour=svg.MUTED, name="muted"), _("today")),
            (theme.dot(), _("with the measure")),
            (svg.element("path", d="M-7 0H7", stroke=svg.MUTED, stroke_width=2, class_="muted-line"), _("90 % of draws")),
        ],
        2, 14, size, layout.width,
    )  # fmt: skip
    highest = max(max(pair.before.high, pair.after.high) for pair in pairs)
    scale = LinearScale(0.0, highest * 1.04, left, layout.width - right)
    top = last + 40
    bottom = top + sum(row + (head if opens else 0) for opens in _opens(pairs)) + 4
    ticks = scale.ticks(4 if narrow else 8)
    children = [*legend]
    children += [theme.grid_line(scale(tick), top - 6, scale(tick), bottom, strong=tick == 0) for tick in ticks]
    children += theme.axis_labels(
        ticks, scale, lambda tick: format_tick(tick, "count"), top - 12, size, (left, layout.width)
    )
    y = float(top)
    for pair, opens in zip(pairs, _opens(pairs), strict=True):
        if opens:
            name = svg.shorten(pair.heading, layout.width - 8, layout.text_size)
            # On a band of its own, so that the lines of the grid do not cross the name.
            children.append(
                svg.element("rect", x=0, y=y + 2, width=layout.width, height=head - 4, fill=svg.PANEL, class_="band")
            )
            children.append(svg.text(name, 4, y + head * 0.7, layout.text_size, class_="ink label", font_weight=600))
            y += head
        children.append(_pair(pair, scale, y, left, layout))
        y += row
    description = "; ".join(
        _("%(measure)s, %(station)s: %(before)s, then %(after)s minutes")
        % {
            "measure": pair.heading,
            "station": pair.station,
            "before": format_number(pair.before.mean, "minutes"),
            "after": format_number(pair.after.mean, "minutes"),
        }
        for pair in pairs
    )
    return svg.document(identifier, heading, description, layout.width, bottom + 8, children)


def _opens(pairs: Sequence[WaitPair]) -> list[bool]:
    """Whether a row is the first of its measure."""
    return [True, *(one.heading != other.heading for one, other in pairwise(pairs))]


def _pair(pair: WaitPair, scale: LinearScale, top: float, left: float, layout: theme.Layout) -> str:
    size = layout.small_size
    marks = []
    for y, interval, colour, name in (
        (top + 10, pair.before, svg.MUTED, "muted"),
        (top + 21, pair.after, svg.ACCENT, "accent"),
    ):
        line = f"M{svg.fixed(scale(interval.low))} {svg.fixed(y)}H{svg.fixed(max(scale(interval.high), scale(interval.low) + 1))}"
        marks.append(svg.element("path", d=line, stroke=colour, stroke_width=2, fill="none", class_=f"{name}-line"))
        marks.append(theme.dot(scale(interval.mean), y, 4, colour, name=name))
    words = f"{format_number(pair.before.mean, 'minutes')} \u2192 {format_number(pair.after.mean, 'minutes')}"
    return svg.group(
        [
            svg.title(f"{pair.heading}, {pair.station}: {words}"),
            svg.text(svg.shorten(pair.station, left - 16, size), 8, top + 19, size, class_="ink label"),
            *marks,
            svg.text(words, layout.width - 4, top + 19, size, text_anchor="end", class_="ink label"),
        ]
    )


def courses_figure(courses: Sequence[DayCourse], layout: theme.Layout, identifier: str, heading: str) -> str:
    """Small pictures side by side on one scale: the wait of trucks by the hour at which they arrive."""
    narrow = layout is theme.NARROW
    size = layout.small_size
    columns = {"narrow": 1, "wide": 3, "paper": 2}[layout.name]
    gap, left, height, head, foot = 26, 34, 118, 54, 34
    width = (layout.width - gap * (columns - 1)) / columns
    legend, last = theme.legend_row(
        [(_stroke(svg.MUTED, "muted"), _("today")), (_stroke(svg.ACCENT, "accent"), _("with the measure"))],
        2, 14, size, layout.width,
    )  # fmt: skip
    highest = max(value for one in courses for value in (*one.before, *one.after) if value is not None)
    children, bottom = [*legend], 0.0
    for place, course in enumerate(courses):
        x = (width + gap) * (place % columns)
        y = last + 18 + (head + height + foot) * (place // columns)
        up = LinearScale(0.0, highest * 1.05, y + head + height, y + head)
        across = LinearScale(0.0, HOURS, x + left, x + width)
        children.append(_course(course, across, up, x, y, layout, names_hours=True))
        bottom = max(bottom, y + head + height + foot)
    description = "; ".join(
        _("%(measure)s, %(station)s: 95 %% of trucks wait up to %(before)s minutes today, %(after)s with the measure")
        % {
            "measure": one.heading,
            "station": one.station,
            "before": format_number(one.p95_before, "minutes"),
            "after": format_number(one.p95_after, "minutes"),
        }
        for one in courses
    )
    if not narrow:
        children.append(
            svg.text(
                _("minutes, by hour of arrival on a weekday"),
                layout.width - 2,
                14,
                size,
                text_anchor="end",
                class_="muted label",
            )
        )
    return svg.document(identifier, heading, description, layout.width, bottom + 2, children)


def _stroke(colour: str, name: str) -> str:
    return svg.element("path", d="M-7 0H7", stroke=colour, stroke_width=2.5, class_=f"{name}-line")


def _course(
    course: DayCourse,
    across: LinearScale,
    up: LinearScale,
    x: float,
    y: float,
    layout: theme.Layout,
    *,
    names_hours: bool,
) -> str:
    size, width = layout.small_size, across.end - x
    tail = _("95 %% of trucks: up to %(before)s \u2192 %(after)s minutes") % {
        "before": format_number(course.p95_before, "minutes"),
        "after": format_number(course.p95_after, "minutes"),
    }
    parts = [
        svg.text(
            svg.shorten(course.heading, width, size * 1.05), x + 2, y + 12, size, class_="ink label", font_weight=600
        ),
        svg.text(svg.shorten(course.station, width, size), x + 2, y + 27, size, class_="ink label"),
        svg.text(svg.shorten(tail, width, size), x + 2, y + 42, size, class_="muted label"),
    ]
    for tick in up.ticks(4):
        parts.append(theme.grid_line(across.start, up(tick), across.end, up(tick), strong=tick == 0))
        parts.append(
            svg.text(
                format_tick(tick, "count"),
                across.start - 6,
                up(tick) + 4,
                size,
                text_anchor="end",
                class_="muted label",
            )
        )
    if names_hours:
        parts += [
            svg.text(
                str(hour),
                across(hour),
                up.start + 16,
                size,
                text_anchor="middle" if hour < HOURS else "end",
                class_="muted label",
            )
            for hour in (0, 6, 12, 18, 24)
        ]
    for values, colour, name in ((course.before, svg.MUTED, "muted"), (course.after, svg.ACCENT, "accent")):
        parts.append(
            svg.element("path", d=_line(values, across, up), fill="none", stroke=colour, stroke_width=2.5, stroke_linejoin="round",
                        class_=f"{name}-line")
        )  # fmt: skip
    return svg.group([svg.title(f"{course.heading}, {course.station}: {tail}"), *parts])


def _line(values: Sequence[float | None], across: LinearScale, up: LinearScale) -> str:
    """Through the middle of every hour; broken while it is closed."""
    path, drawing = [], False
    for hour, value in enumerate(values):
        if value is None:
            drawing = False
            continue
        path.append(f"{'L' if drawing else 'M'}{svg.fixed(across(hour + 0.5))} {svg.fixed(up(value))}")
        drawing = True
    return " ".join(path)
