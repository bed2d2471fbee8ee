"""The waits of a crossing by hour of the week as tables of its page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

from regions.models import Crossing, WaitCell

# Minutes from which a cell has the next colour.
LEVELS = (10.0, 20.0, 40.0)


@dataclass
class Week:
    """One table: who waits, entering what, measured how, and a row for each weekday with 24 cells."""

    label: str
    entering: str
    method: str
    period_start: Any
    period_end: Any
    records: int = 0
    cells: dict[tuple[int, int], WaitCell] = field(default_factory=dict)

    def rows(self) -> list[tuple[str, list[dict[str, Any] | None]]]:
        """Weekdays with their hours; None where nothing was measured."""
        return [(WEEKDAYS_ABBR[day], [shown(self.cells.get((day, hour))) for hour in range(24)]) for day in range(7)]


def shown(cell: WaitCell | None) -> dict[str, Any] | None:
    """What a cell of the table says."""
    if cell is None:
        return None
    return {
        "median": round(cell.median_minutes),
        "level": sum(cell.median_minutes >= level for level in LEVELS),
        "words": _("median %(median).0f, 95th percentile %(p95).0f minutes, %(count)d records")
        % {"median": cell.median_minutes, "p95": cell.p95_minutes, "count": cell.sample_size},
    }


def weeks(crossing: Crossing) -> list[Week]:
    """The tables of a crossing, in the order of their keys."""
    found: dict[tuple[str, str, str], Week] = {}
    rows = WaitCell.objects.filter(crossing=crossing).select_related("direction")
    for row in rows.order_by("vehicle_class", "direction__code", "method", "weekday", "hour"):
        key = (row.vehicle_class, row.direction.code, row.method)
        if key not in found:
            label = str(row.get_vehicle_class_display())
            found[key] = Week(label, row.direction.name, row.method, row.period_start, row.period_end)
        found[key].cells[row.weekday, row.hour] = row
        found[key].records += row.sample_size
    return list(found.values())


def tables(crossing: Crossing) -> str:
    """All tables as HTML."""
    context = {"weeks": weeks(crossing), "hours": range(24), "levels": LEVELS}
    return render_to_string("admin/regions/crossing/wait_week.html", context)
