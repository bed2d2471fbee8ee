"""Changes split into parts: for each place one thin bar a part from zero, and a mark at their sum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.reports.figures import svg, theme
from planner.reports.figures.scales import linear_scale
from planner.reports.numbers import format_number, format_tick

COLOURS = ((theme.SURPLUS, "surplus"), (svg.MUTED, "muted-mark"), (theme.DEFICIT, "deficit"))


@dataclass(frozen=True)
class PartsRow:
    """A place with the parts of its change, in the order of the legend."""

    name: str
    parts: Sequence[float]

    @property
    def total(self) -> float:
        """What the parts add up to."""
        return sum(self.parts)


def parts_figure(
    rows: Sequence[PartsRow],
    names: Sequence[str],
    total_name: str,
    kind: str,
    layout: theme.Layout,
    identifier: str,
    heading: str,
) -> str:
    """Rows in the order given; at most three parts."""
    narrow = layout is theme.NARROW
    left = {"narrow": 112, "wide": 190, "paper": 170}[layout.name]
    room, row = (46 if narrow else 66), 32
    entries = [
        (svg.element("rect", x=-6, y=-5, width=12, height=10, fill=colour, class_=name), words)
        for (colour, name), words in zip(COLOURS, names, strict=False)
    ]
    legend, last = theme.legend_row(
        [*entries, (theme.dot(radius=4), total_name)], 2, 16, layout.small_size, layout.width
    )
    scale = linear_scale(
        [value for one in rows for value in (*one.parts, one.total, 0.0)], left + 6, layout.width - room
    )
    top = last + 36
    bottom = top + row * len(rows)
    ticks = scale.ticks(3 if narrow else 7)
    children = [*legend]
    children += [theme.grid_line(scale(tick), top, scale(tick), bottom, tick == 0) for tick in ticks]
    children += theme.axis_labels(
        ticks, scale, lambda tick: format_tick(tick, kind), top - 8, layout.small_size, (left, layout.width)
    )
    children += [_row(one, scale, top + row * place, left, kind, layout) for place, one in enumerate(rows)]
    description = "; ".join(f"{one.name}: {format_number(one.total, kind)}" for one in rows)
    return svg.document(identifier, heading, description, layout.width, bottom + 8, children)


def _row(one: PartsRow, scale: object, top: float, left: float, kind: str, layout: theme.Layout) -> str:
    zero, height = scale(0.0), 7  # type: ignore[operator]
    bars = []
    for place, ((colour, name), value) in enumerate(zip(COLOURS, one.parts, strict=False)):
        end = scale(value)  # type: ignore[operator]
        bars.append(
            svg.element("rect", x=min(zero, end), y=top + 4 + (height + 1) * place, width=max(abs(end - zero), 0.75),
                        height=height, fill=colour, class_=name)
        )  # fmt: skip
    middle = top + 4 + (height + 1) * 1.5
    size = layout.small_size
    return svg.group(
        [
            svg.title(f"{one.name}: {format_number(one.total, kind)}"),
            svg.text(
                svg.shorten(one.name, left - 8, layout.text_size), 2, middle + 4, layout.text_size, class_="ink label"
            ),
            *bars,
            theme.dot(scale(one.total), middle, 4),  # type: ignore[operator]
            svg.text(
                format_number(one.total, kind),
                layout.width - 2,
                middle + 4,
                size,
                text_anchor="end",
                class_="muted label",
            ),
        ]
    )


def as_rows(names: Mapping[str, str], parts: Mapping[str, Sequence[float]]) -> list[PartsRow]:
    """Rows by place, largest loss first."""
    rows = [PartsRow(names[place], values) for place, values in parts.items()]
    return sorted(rows, key=lambda one: (one.total, one.name))
