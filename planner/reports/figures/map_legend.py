"""The legend of the map: balance classes, wait classes, and what circles and lines mean."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from planner.reports.figures import svg, theme
from planner.reports.figures.map_types import BALANCE_BOUNDS, MapCrossing
from planner.reports.numbers import format_number


def map_legend(
    crossings: Sequence[MapCrossing], bounds: Sequence[float], top: float, layout: theme.Layout
) -> tuple[list[str], float]:
    size = layout.small_size
    drawn: list[str] = []
    baseline = top
    first, second, third = bounds
    waits = [
        _("up to %(minutes)s min") % {"minutes": first},
        f"{first}\u2013{second}",
        f"{second}\u2013{third}",
        _("over %(minutes)s min") % {"minutes": third},
    ]
    rows = [
        (
            _("Regions: normalised balance"),
            [(_square(theme.BALANCE_RAMP[i], f"balance-{i}"), words) for i, words in enumerate(_balance_words())],
        ),
        (
            _("Crossings: longer mean wait of trucks"),
            [
                *(
                    (
                        svg.element(
                            "circle",
                            r=6,
                            fill=theme.WAIT_RAMP[i],
                            stroke=svg.INK,
                            stroke_width=0.8,
                            class_=f"wait-{i} crossing",
                        ),
                        words,
                    )
                    for i, words in enumerate(waits)
                ),
                *(
                    [
                        (
                            svg.element(
                                "circle",
                                r=6,
                                fill=svg.PAPER,
                                stroke=svg.INK,
                                stroke_width=0.8,
                                stroke_dasharray="2 1.6",
                                class_="land crossing",
                            ),
                            _("dashed: assumed"),
                        )
                    ]
                    if any(c.assumed for c in crossings)
                    else []
                ),
            ],
        ),
    ]
    # Headings differ in length from language to language; the marks stand in one column after the longest.
    column = max(svg.text_width(heading, size, bold=True) for heading, _entries in rows) + 24
    for heading, entries in rows:
        drawn.append(svg.text(heading, 2, baseline, size, class_="ink label", font_weight="600"))
        narrow = layout is theme.NARROW
        start = 2 if narrow else max(column, 290)
        marks, last = theme.legend_row(entries, start, baseline + (size * 1.6 if narrow else 0), size, layout.width)
        drawn += marks
        baseline = last + size * 1.9
    for words in (
        _("Area of a circle: trade through the crossing."),
        _("Grey lines: the largest flows between regions."),
    ):
        drawn.append(svg.text(words, 2, baseline, size, class_="muted label"))
        baseline += size * 1.5
    return drawn, baseline - size * 1.5


def _balance_words() -> tuple[str, ...]:
    a, b, c, d = (format_number(bound, "tau").replace("+", "") for bound in BALANCE_BOUNDS)
    between = [_("%(low)s to %(high)s") % {"low": low, "high": high} for low, high in ((a, b), (b, c), (c, d))]
    return (_("below %(value)s") % {"value": a}, *between, _("over %(value)s") % {"value": d})


def _square(colour: str, name: str) -> str:
    return svg.element("rect", x=-6, y=-6, width=12, height=12, rx=2, fill=colour, class_=name)
