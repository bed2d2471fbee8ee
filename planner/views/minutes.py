"""The worth of a minute at the crossings and directions where it matters most."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from planner.models.vocabulary import AnalysisKind
from planner.views.charts import Chart, Column
from planner.views.stored import MILLIONTHS, MOST_BARS, Document, Found, chosen


def minutes(request: HttpRequest, found: Found, document: Document) -> dict[str, Any]:
    """The crossings and directions where a minute matters most."""
    kind = AnalysisKind.MINUTE_VALUES
    valued = found.document(kind)
    if valued is None:
        return {"missing": found.missing(kind)}
    outcomes = [("index_change", _("Imbalance index")), ("ev_musd", _("Welfare"))]
    outcome = chosen(request, "outcome", outcomes)
    index = outcome == "index_change"
    stations = sorted(valued["stations"], key=lambda one: -abs(one[outcome]))
    chart = Chart(
        key=f"minutes-{outcome}",
        kind="bars",
        title=_("What one minute of truck wait less is worth"),
        rows=[
            {
                "name": _("%(crossing)s, entering %(economy)s")
                % {"crossing": one["name"], "economy": one["direction"]},
                "value": one[outcome],
                "wait": one["wait_minutes"],
                "grade": one["wait_grade"],
                "trade": one["truck_trade_musd"],
            }
            for one in stations[:MOST_BARS]
        ],
        columns=(
            Column("name", _("Crossing and direction")),
            Column(
                "value",
                _("Index, millionths") if index else _("Welfare, million a year"),
                "index_change" if index else "musd_change",
            ),
            Column("wait", _("Wait now, minutes"), "minutes"),
            Column("grade", _("Evidence")),
            Column("trade", _("Trade by truck, million a year"), "musd"),
        ),
        options={
            "scale": MILLIONTHS if index else 1.0,
            "x_name": _("Millionths of the index, below zero narrows") if index else _("Million a year"),
        },
        note=_("By the derivative at the baseline, central values, the %(count)d largest of %(all)d.")
        % {"count": min(MOST_BARS, len(stations)), "all": len(stations)},
    )
    return {
        "lead": _("The derivative of the outcome with respect to each wait: where to look for time first."),
        "help_anchor": "minutes",
        "charts": [chart],
        "selects": [{"name": "outcome", "label": _("Outcome"), "options": outcomes, "value": outcome}],
    }
