"""Money: the best set under a budget with its frontier, and what each intervention is worth against its cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from planner.models.vocabulary import AnalysisKind
from planner.views.charts import Chart, Column
from planner.views.stored import MILLIONTHS, Document, Found, measure_names


def portfolio(request: HttpRequest, found: Found, document: Document) -> dict[str, Any]:
    """The best set under a budget, the frontier, and what each intervention is worth against its cost."""
    kinds = (AnalysisKind.PORTFOLIO, AnalysisKind.APPRAISAL)
    names = measure_names(document)
    page: dict[str, Any] = {"missing": found.missing(*kinds), "charts": [], "tables": [], "help_anchor": "portfolio"}
    best = found.document(AnalysisKind.PORTFOLIO)
    if best is not None:
        page["charts"].append(frontier_chart(best))
        page["tables"] += portfolio_tables(best, names)
        chosen_set = best["portfolio"]
        page["lead"] = _(
            "With %(budget)s million %(currency)s the best set has %(count)d interventions and costs %(cost)s million; solved jointly, checked by exchange steps."
        ) % {
            "budget": f"{chosen_set['budget']:,.0f}",
            "currency": document["case"]["currency"],
            "count": len(chosen_set["members"]),
            "cost": f"{chosen_set['cost_musd']:,.0f}",
        }
    appraisal = found.document(AnalysisKind.APPRAISAL)
    if appraisal is not None:
        page["charts"].append(npv_chart(appraisal, names))
    return page


def frontier_chart(best: Document) -> Chart:
    """What more money buys, with the chosen budget marked."""
    index = best["objective"] == "imbalance"
    scale = MILLIONTHS if index else 1.0
    unit = _("Millionths of the index by which the gap narrows") if index else best["unit"]
    budget = best["portfolio"]["budget"]
    points = [
        {
            "x": one["budget"],
            "value": one["value"],
            "welfare": one["welfare_musd"],
            "count": len(one["members"]),
            "chosen": one["budget"] == budget,
            "more": ", ".join(one["members"][:6]),
        }
        for one in best["frontier"]
    ]
    if not any(one["chosen"] for one in points):
        points.append(
            {
                "x": budget,
                "value": best["portfolio"]["value"],
                "welfare": best["portfolio"]["welfare_musd"],
                "count": len(best["portfolio"]["members"]),
                "chosen": True,
                "more": "",
            }
        )
        points.sort(key=lambda one: one["x"])
    return Chart(
        key="portfolio-frontier",
        kind="frontier",
        title=_("What more money buys"),
        rows=points,
        columns=(
            Column("x", _("Budget, million"), "musd"),
            Column("value", unit, "index_change_plain" if index else "musd"),
            Column("welfare", _("Welfare, million a year"), "musd_change"),
            Column("count", _("Interventions"), "count"),
        ),
        options={"x_name": _("Budget, million"), "y_name": unit, "scale": scale},
        note=_(
            "Each point is the best set for its budget, solved jointly. The diamond is the budget of this analysis."
        ),
    )


def portfolio_tables(best: Document, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The members of the set and the interactions inside it."""
    kind = "index_change_plain" if best["objective"] == "imbalance" else "musd"
    years = {one["id"]: one["start_year"] for one in (best.get("plan") or {}).get("members", ())}
    tables = [
        {
            "title": _("The chosen set"),
            "note": _("Alone: the effect by itself. In the set: what the set would lose without it."),
            "head": [_("Intervention"), _("Cost, million"), _("Alone"), _("In the set"), _("Start year")],
            "rows": [
                (
                    one["name"],
                    [
                        (one["cost_musd"], "musd"),
                        (one["alone"], kind),
                        (one["marginal"], kind),
                        (years.get(one["id"]), "year"),
                    ],
                )
                for one in best["portfolio"]["members"]
            ],
        }
    ]
    inside = best["portfolio"].get("interactions_inside") or ()
    if inside:
        tables.append(
            {
                "title": _("Substitutes and complements in the set"),
                "note": _(
                    "Joint effect less the sum of both: below zero they replace, above zero they strengthen each other."
                ),
                "head": [_("Pair"), _("Interaction")],
                "rows": [
                    (
                        f"{names.get(one['first'], one['first'])} + {names.get(one['second'], one['second'])}",
                        [(one["interaction"], "index_change" if kind == "index_change_plain" else "musd_change")],
                    )
                    for one in inside
                ],
            }
        )
    return tables


def npv_chart(appraisal: Document, names: Mapping[str, str]) -> Chart:
    """Net present values with their intervals, where the cost is known."""
    rows = [one for one in appraisal["rows"] if one["cost_known"] and one.get("npv_musd")]
    order = {one: position for position, one in enumerate(appraisal["order"])}
    rows.sort(key=lambda one: order.get(one["intervention"], len(order)))
    return Chart(
        key="appraisal-npv",
        kind="bars",
        title=_("Net present value"),
        rows=[
            {
                "name": names.get(one["intervention"], one["intervention"]),
                "value": one["npv_musd"]["mean"],
                "low": one["npv_musd"]["q05"],
                "high": one["npv_musd"]["q95"],
                "bcr": one["bcr_at_means"],
                "chance": one["p_npv_positive"],
            }
            for one in rows
        ],
        columns=(
            Column("name", _("Intervention")),
            Column("value", _("Net present value, million"), "musd_change"),
            Column("low", _("5 %"), "musd_change"),
            Column("high", _("95 %"), "musd_change"),
            Column("bcr", _("Benefits per cost, at means"), "ratio"),
            Column("chance", _("P(NPV > 0)"), "probability"),
        ),
        options={"x_name": _("Million %(currency)s, base year %(base_year)s") % appraisal},
        note=_(
            "Welfare of those who have standing, less costs with optimism bias, discounted. Lines: 90 % intervals. The balance is never added to welfare."
        ),
    )
