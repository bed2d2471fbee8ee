"""Balance of each region at the baseline, as bars about zero in neutral colours."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from planner.reports.figures import svg, theme
from planner.reports.figures.scales import linear_scale
from planner.reports.numbers import format_number, format_tick


@dataclass(frozen=True)
class BalanceBar:
    """A region with its cross-border goods trade in million USD."""

    name: str
    exports_musd: float
    imports_musd: float

    @property
    def balance_musd(self) -> float:
        return self.exports_musd - self.imports_musd


def balances_figure(bars: Sequence[BalanceBar], layout: theme.Layout, identifier: str, heading: str) -> str:
    """Bars in the order given; each carries its balance in billion USD."""
    narrow = layout is theme.NARROW
    left = 112 if narrow else 190
    row = 24
    room = 46 if narrow else 58
    scale = linear_scale([bar.balance_musd for bar in bars], left + room, layout.width - room)
    legend, last = theme.legend_row(
        [
            (_swatch(theme.SURPLUS), _("sells more than it buys")),
            (_swatch(theme.DEFICIT, "deficit"), _("buys more than it sells")),
        ],
        2,
        16,
        layout.small_size,
        layout.width,
    )
    top = last + 36
    bottom = top + row * len(bars)
    children = [*legend]
    ticks = scale.ticks(3 if narrow else 6)
    children += [theme.grid_line(scale(tick), top, scale(tick), bottom, tick == 0) for tick in ticks]
    children += theme.axis_labels(
        ticks, scale, lambda tick: format_tick(tick, "busd_signed"), top - 8, layout.small_size, (left, layout.width)
    )
    for place, bar in enumerate(bars):
        children.append(_row(bar, scale, top + row * place, row, layout, left))
    description = _(
        "Exports less imports across the border, billion USD, for %(count)d regions. A balance near zero is not by itself better."
    ) % {"count": len(bars)}
    return svg.document(identifier, heading, description, layout.width, bottom + 8, children)


def _swatch(colour: str, name: str = "surplus") -> str:
    return svg.element("rect", x=-6, y=-6, width=12, height=12, rx=2, fill=colour, class_=name)


def _row(bar: BalanceBar, scale: object, top: float, row: float, layout: theme.Layout, left: float) -> str:
    zero, end = scale(0.0), scale(bar.balance_musd)  # type: ignore[operator]
    surplus = bar.balance_musd >= 0
    baseline = top + row * 0.68
    words = _("%(name)s: exports %(exports)s, imports %(imports)s, balance %(balance)s billion USD") % {
        "name": bar.name,
        "exports": format_number(bar.exports_musd, "busd"),
        "imports": format_number(bar.imports_musd, "busd"),
        "balance": format_number(bar.balance_musd, "busd_signed"),
    }
    return svg.group(
        [
            svg.title(words),
            svg.text(
                svg.shorten(bar.name, left - 8, layout.text_size), 2, baseline, layout.text_size, class_="ink label"
            ),
            svg.element(
                "rect",
                x=min(zero, end),
                y=top + 4,
                width=max(abs(end - zero), 0.75),
                height=row - 8,
                fill=theme.SURPLUS if surplus else theme.DEFICIT,
                class_="surplus" if surplus else "deficit",
            ),
            svg.text(
                format_number(bar.balance_musd, "busd_signed"),
                end + (5 if surplus else -5),
                baseline,
                layout.small_size,
                text_anchor="start" if surplus else "end",
                class_="muted label",
            ),
        ]
    )
