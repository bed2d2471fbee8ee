"""How likely each rank is for each measure, as a grid of shades."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from planner.reports.figures import svg, theme
from planner.reports.numbers import format_number

MOST_NUMBERED = 24


@dataclass(frozen=True)
class RankChances:
    """A measure and the probability of every rank, first rank first."""

    rank: int
    name: str
    chances: Sequence[float]


def rank_heatmap(rows: Sequence[RankChances], layout: theme.Layout, identifier: str, heading: str) -> str:
    """Rows in rank order, columns are ranks; numbers in per cent where cells are large enough."""
    narrow = layout is theme.NARROW
    count = max((len(row.chances) for row in rows), default=1)
    left = {"narrow": 118, "wide": 320, "paper": 300}[layout.name]
    cell = (layout.width - left - 4) / count
    height = {"narrow": 22, "wide": 24, "paper": 18.5}[layout.name]
    top = 46
    children = [svg.text(_("Rank"), left, 16, layout.small_size, class_="ink label", font_weight="600")]
    step = next(step for step in (1, 2, 5, 10, 20, 50) if cell * step >= 22 or step == 50)
    for column in range(count):
        if (column + 1) % step == 0 or (column == 0 and step > 2):
            children.append(
                svg.text(
                    str(column + 1),
                    left + cell * (column + 0.5),
                    top - 8,
                    layout.small_size,
                    text_anchor="middle",
                    class_="muted label",
                )
            )
    for place, row in enumerate(rows):
        children.append(
            _row(row, left, top + height * place, cell, height, layout, count <= MOST_NUMBERED and not narrow)
        )
    description = _(
        "Probability of each of %(ranks)d ranks for %(count)d measures; the stronger the colour of a cell, the more draws put the measure at that rank."
    ) % {"ranks": count, "count": len(rows)}
    return svg.document(identifier, heading, description, layout.width, top + height * len(rows) + 6, children)


def _row(
    row: RankChances, left: float, top: float, cell: float, height: float, layout: theme.Layout, numbered: bool
) -> str:
    size = layout.small_size
    children = [
        svg.text(str(row.rank), 24, top + height * 0.68, size, text_anchor="end", class_="muted label"),
        svg.text(svg.shorten(row.name, left - 40, size), 32, top + height * 0.68, size, class_="ink label"),
        svg.element(
            "line",
            x1=left,
            x2=layout.width - 4,
            y1=top + height,
            y2=top + height,
            class_="grid",
            stroke=svg.RULE,
            stroke_width=0.75,
        ),
    ]
    for column, chance in enumerate(row.chances):
        if chance < 0.005:
            continue
        x = left + cell * column
        words = _("%(name)s: rank %(rank)d in %(chance)s of draws") % {
            "name": row.name,
            "rank": column + 1,
            "chance": format_number(chance, "probability"),
        }
        square = svg.element(
            "rect",
            svg.title(words),
            x=x + 0.5,
            y=top + 1,
            width=max(cell - 1, 1),
            height=height - 2,
            fill=svg.ACCENT,
            fill_opacity=0.08 + 0.92 * chance,
            class_="accent-fill",
        )
        children.append(square)
        if numbered and chance >= 0.05:
            style = "paper" if chance > 0.5 else "ink"
            children.append(
                svg.text(
                    f"{chance * 100:.0f}",
                    x + cell / 2,
                    top + height * 0.68,
                    size - 1,
                    text_anchor="middle",
                    class_=style,
                    fill=svg.PAPER if chance > 0.5 else svg.INK,
                )
            )
    return svg.group(children)
