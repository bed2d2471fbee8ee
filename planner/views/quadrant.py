"""Imbalance against welfare: which interventions do well on both, and which only on one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from planner.models import Run
from planner.reports import words
from planner.reports.numbers import FORMATS
from planner.selectors import run_told
from planner.views.charts import Chart, Column
from planner.views.run_pages import no_results, run_page_context
from planner.views.words import isolated_measures


def quadrant_page(request: HttpRequest, run: Run, site: AdminSite) -> HttpResponse:
    """The chart, its table and both orderings in words."""
    common = run_page_context(request, run, site, _("Gap and welfare"), "charts")
    if (answer := no_results(request, common)) is not None:
        return answer
    document = run_told(run)
    measures = isolated_measures(document)
    tension = words.tension_sentences(document["ranking"]["rows"], measures, document["orderings"])
    return TemplateResponse(
        request,
        "admin/desk/charts.html",
        {
            **common,
            "sentences": [
                words.ordering_sentence(document["orderings"]),
                " ".join(tension["conflict"]),
                " ".join(tension["gain"]),
            ],
            "charts": [quadrant_chart(run, document)],
        },
    )


def quadrant_chart(run: Run, document: Mapping[str, Any]) -> Chart:
    """A point for each estimated intervention; the index in millionths, welfare in millions a year."""
    currency = document["case"]["currency"]
    rows = []
    for measure in document["interventions"]:
        full = measure.get("full") or {}
        index, welfare = full.get("index_change"), full.get("ev_musd")
        if not index or not welfare or None in (index["mean"], welfare["mean"]):
            continue
        rows.append(
            {
                "name": measure["name"],
                "kind": words.KINDS.get(measure["kind"], measure["kind"]),
                "restrictive": measure["kind"] == "restrictive",
                "address": reverse("admin:planner_run_why", args=[run.pk, measure["id"]]),
                **{f"x_{name}": index[name] for name in ("mean", "q05", "q95")},
                **{f"y_{name}": welfare[name] for name in ("mean", "q05", "q95")},
            }
        )
    return Chart(
        key=f"run-{run.pk}-gap-and-welfare",
        kind="quadrant",
        title=_("Change of the gap and of welfare"),
        note=_(
            "Left of the line the gap narrows, above the line welfare rises. Both axes are logarithmic on both sides of zero. "
            "Hollow marks: the 90 % interval of one of the two holds zero. Diamonds: restrictive measures, to compare with."
        ),
        columns=(
            Column("name", _("Intervention")),
            Column("kind", pgettext("of measure", "Kind")),
            Column("x_mean", _("Index, millionths"), "index_change"),
            Column("x_q05", _("5 %"), "index_change"),
            Column("x_q95", _("95 %"), "index_change"),
            Column("y_mean", _("Welfare, M %(currency)s a year") % {"currency": currency}, "musd_change"),
            Column("y_q05", _("5 %"), "musd_change"),
            Column("y_q95", _("95 %"), "musd_change"),
        ),
        rows=rows,
        options={
            "x_name": _("Change of the imbalance index, millionths"),
            "y_name": _("Welfare, million %(currency)s a year") % {"currency": currency},
            "x_scale": FORMATS["index_change"].scale,
            "corners": [
                _("narrows the gap, raises welfare"),
                _("widens the gap, raises welfare"),
                _("narrows the gap, lowers welfare"),
                _("widens the gap, lowers welfare"),
            ],
        },
    )
