"""Pages of a run's stored analyses: diagnosis, sensitivity, appraisal, portfolio, worth of minutes; charts with their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planner.models import Run
from planner.models.vocabulary import AnalysisKind, EffectStatus
from planner.reports import vocabulary
from planner.selectors import run_analyses, run_context
from planner.views.charts import Chart, Column
from planner.views.run_pages import no_results, run_page_context
from planner.views.words import DRIVERS, driver_name, input_name

Document = Mapping[str, Any]
MILLIONTHS = 1e6
MOST_BARS = 20


class Found:
    """A run's analyses: the documents of those that are done, the reasons of the others."""

    def __init__(self, run: Run) -> None:
        self.rows = run_analyses(run)

    def document(self, kind: AnalysisKind) -> Document | None:
        """The document; None where there is none."""
        row = self.rows.get(kind)
        return row.document if row is not None and row.status == EffectStatus.DONE else None

    def missing(self, *kinds: AnalysisKind) -> list[dict[str, Any]]:
        """What there is no document of, with the reason."""
        return [
            {
                "name": kind.label,
                "reason": self.rows[kind].reason
                if kind in self.rows
                else _("This run was made without it. Estimate again to have it."),
            }
            for kind in kinds
            if self.document(kind) is None
        ]


def chosen(request: HttpRequest, name: str, options: Sequence[tuple[str, str]]) -> str:
    """The option that was asked for, else the first one."""
    asked = request.GET.get(name, "")
    return asked if any(asked == value for value, _words in options) else (options[0][0] if options else "")


def analysis_page(request: HttpRequest, run: Run, site: AdminSite, page: str) -> HttpResponse:
    """The frame of these pages; each builds its charts and tables from the run's analyses."""
    title, build = PAGES[page]
    common = run_page_context(request, run, site, str(title), page)
    if (answer := no_results(request, common)) is not None:
        return answer
    document = run_context(run)
    context = {**common, "document": document, **build(request, Found(run), document)}
    return TemplateResponse(request, "admin/desk/analysis.html", context)


# --- Diagnosis --------------------------------------------------------------------------------------------------------


def diagnosis(request: HttpRequest, found: Found, document: Document) -> dict[str, Any]:
    """The drivers of the headline index and of one place's balance, as steps that add up."""
    kind = AnalysisKind.DIAGNOSIS
    diagnosed = found.document(kind)
    if diagnosed is None:
        return {"missing": found.missing(kind)}
    names = place_names(document)
    places = [(row["place"], names.get(row["place"], row["place"])) for row in diagnosed["regions"]]
    place = chosen(request, "place", places)
    row = next((one for one in diagnosed["regions"] if one["place"] == place), None)
    pairs = [one for one in diagnosed["pairs"] if one["region"] == place or one["partner"] == place]
    currency = document["case"]["currency"]
    charts = [
        waterfall(
            "diagnosis-headline",
            _("What the headline index is made of"),
            diagnosed["headline"]["parts"],
            diagnosed["headline"]["remainder"],
            diagnosed["headline"]["index"],
            _("Index points"),
            "index",
        )
    ]
    if row is not None:
        charts.append(
            waterfall(
                f"diagnosis-{place}",
                _("What the balance of %(place)s is made of") % {"place": names.get(place, place)},
                row["parts_musd"],
                row["remainder_musd"],
                row["balance_musd"],
                _("Million %(currency)s a year") % {"currency": currency},
                "musd_change",
            )
        )
    return {
        "lead": _(
            "Every balance across the border, split into its drivers: the model is solved with each driver made neutral, alone and "
            "together. The parts add up exactly. Trade inside economies is imputed, so this carries grade D."
        ),
        "help_anchor": "diagnosis",
        "charts": charts,
        "selects": [{"name": "place", "label": _("Place"), "options": places, "value": place}],
        "notes": [f"{driver_name(name)}: {reason}" for name, reason in diagnosed["missing"].items()],
        "table": {
            "title": _("By partner"),
            "head": [
                _("Region and partner"),
                _("Balance"),
                *(driver_name(name) for name in diagnosed["drivers"]),
                _("Remainder"),
            ],
            "rows": [
                (
                    f"{names.get(one['region'], one['region'])} – {names.get(one['partner'], one['partner'])}",
                    [
                        (one["balance_musd"], "musd_change"),
                        *((one["parts_musd"].get(name), "musd_change") for name in diagnosed["drivers"]),
                        (one["remainder_musd"], "musd_change"),
                    ],
                )
                for one in pairs[:MOST_BARS]
            ],
        },
        "terms": [(driver_name(name), DRIVERS[name][1]) for name in diagnosed["drivers"] if name in DRIVERS],
    }


def waterfall(
    key: str, title: str, parts: Mapping[str, float], remainder: float, total: float, unit: str, kind: str
) -> Chart:
    """Drivers as steps from zero to the whole."""
    rows = [{"name": driver_name(name), "value": value} for name, value in parts.items()]
    rows.append({"name": _("Remainder"), "value": remainder})
    rows.append({"name": _("In all"), "value": total, "total": True})
    return Chart(
        key=key,
        kind="waterfall",
        title=title,
        rows=rows,
        columns=(Column("name", _("Driver")), Column("value", unit, kind)),
        options={"y_name": unit},
        note=_(
            "Each step begins where the last one ended. Blue adds to exports above imports or to the index, brown takes from it."
        ),
    )


# --- Sensitivity ------------------------------------------------------------------------------------------------------


def sensitivity(request: HttpRequest, found: Found, document: Document) -> dict[str, Any]:
    """Tornado of one intervention, closures side by side, stress tests."""
    kinds = (AnalysisKind.VARIANCE, AnalysisKind.CLOSURES, AnalysisKind.STRESS)
    names = measure_names(document)
    page: dict[str, Any] = {
        "missing": found.missing(*kinds),
        "charts": [],
        "tables": [],
        "selects": [],
        "lead": _(
            "What the results hang on: uncertain numbers, the rule for overall balances, and shocks that nobody chose."
        ),
    }
    variance = found.document(AnalysisKind.VARIANCE)
    if variance is not None:
        options = [
            (one, names.get(one, one))
            for one in ordered_ids(document, {row["intervention"] for row in variance["rows"]})
        ]
        outcomes = [("imbalance", _("Change of the index")), ("welfare", _("Welfare"))]
        intervention, outcome = chosen(request, "intervention", options), chosen(request, "outcome", outcomes)
        page["selects"] = [
            {"name": "intervention", "label": _("Intervention"), "options": options, "value": intervention},
            {"name": "outcome", "label": _("Outcome"), "options": outcomes, "value": outcome},
        ]
        row = next(
            (one for one in variance["rows"] if (one["intervention"], one["outcome"]) == (intervention, outcome)), None
        )
        if row is not None:
            page["charts"].append(tornado(row, names.get(intervention, intervention), document))
    closures = found.document(AnalysisKind.CLOSURES)
    if closures is not None:
        page["tables"].append(closures_table(closures, names))
    stress = found.document(AnalysisKind.STRESS)
    if stress is not None:
        page["tables"].append(stress_table(stress, names))
    return page


def tornado(row: Document, name: str, document: Document) -> Chart:
    """Mean outcome where each input is in its lowest and its highest tenth, around the mean."""
    index = row["outcome"] == "imbalance"
    scale, kind = (MILLIONTHS, "index_change") if index else (1.0, "musd_change")
    unit = _("Millionths of the index") if index else _("Million %(currency)s a year") % document["case"]
    return Chart(
        key=f"tornado-{row['intervention']}-{row['outcome']}",
        kind="bars",
        title=_("What the spread of %(name)s comes from") % {"name": name},
        rows=[
            {
                "name": drawn_name(one["name"], row["intervention"], document),
                "low": one["low"],
                "high": one["high"],
                "share": one["share"],
                "more": f"{100 * one['share']:.0f} %",
            }
            for one in row["inputs"]
        ],
        columns=(
            Column("name", _("Uncertain number")),
            Column("low", _("Mean where it is lowest"), kind),
            Column("high", _("Mean where it is highest"), kind),
            Column("share", _("Share of the variance"), "share"),
        ),
        options={"two_sided": True, "middle": row["mean"], "scale": scale, "x_name": unit},
        note=_(
            "From the mean outcome to the mean over the tenth of the draws in which the number is lowest (brown) and highest (blue). "
            "Numbers that cannot be told apart from noise are left out."
        ),
    )


def drawn_name(name: str, intervention: str, document: Document) -> str:
    """An uncertain number in words; a channel by what it changes and where."""
    _owner, separator, position = name.rpartition(":")
    measure = next((one for one in document["interventions"] if one["id"] == intervention), None)
    if separator and measure and position.isdecimal() and 0 < int(position) <= len(measure["channels"]):
        channel = measure["channels"][int(position) - 1]
        return f"{vocabulary.CHANNELS.get(channel['type'], channel['type'])} {channel['targets']}"
    return input_name(name)


def closures_table(closures: Document, names: Mapping[str, str]) -> dict[str, Any]:
    """Ranks under each closure, own first."""
    done = [one for one in closures["closures"] if one["status"] == EffectStatus.DONE]
    ranks = [{row["intervention"]: row for row in one["rows"]} for one in done]
    first = done[0]["order"] if done else []
    return {
        "title": _("Ranks under each closure"),
        "note": _(
            "At central values; the rule of this run first. A dash: no meaning under that rule, or not to be proposed."
        ),
        "head": [_("Intervention"), *(one["closure"] for one in done)],
        "rows": [
            (names.get(one, one), [((rank.get(one) or {}).get("rank"), "count") for rank in ranks]) for one in first
        ],
    }


def stress_table(stress: Document, names: Mapping[str, str]) -> dict[str, Any]:
    """Who keeps its rank when something else goes wrong."""
    return {
        "title": _("Ranks under stress"),
        "note": _(
            "A closed crossing, a slump, a tariff war, a surge of travel, a swing of the currency: stated sizes, no forecasts."
        ),
        "head": [
            _("Intervention"),
            _("Rank without stress"),
            _("Best"),
            _("Worst"),
            _("Kept its rank"),
            _("of stresses"),
        ],
        "rows": [
            (
                names.get(one["intervention"], one["intervention"]),
                [(one[key], "count") for key in ("rank", "lowest", "highest", "kept", "of")],
            )
            for one in stress["robustness"]
        ],
    }


# --- Appraisal and portfolio ------------------------------------------------------------------------------------------


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


# --- Worth of minutes -------------------------------------------------------------------------------------------------


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


def place_names(document: Document) -> dict[str, str]:
    """Names of places by id."""
    return {one["id"]: one["name"] for one in document["baseline"]["regions"]}


def measure_names(document: Document) -> dict[str, str]:
    """Names of interventions by id."""
    return {one["id"]: one["name"] for one in document["interventions"]}


def ordered_ids(document: Document, present: set[str]) -> list[str]:
    """Ids in the order of the ranking, those that may be proposed first."""
    rows = sorted(document["ranking"]["rows"], key=lambda row: row.get("among_proposed") is None)
    ranked = [row["intervention"] for row in rows if row["intervention"] in present]
    return ranked + sorted(present - set(ranked))


PAGES = {
    "diagnosis": (gettext_lazy("Diagnosis"), diagnosis),
    "sensitivity": (gettext_lazy("Sensitivity"), sensitivity),
    "portfolio": (gettext_lazy("Money and portfolio"), portfolio),
    "minutes": (gettext_lazy("Worth of a minute"), minutes),
}
