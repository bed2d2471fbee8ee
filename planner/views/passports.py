"""The passport of a number: how it is made in words, from which inputs and parameters, with which data, by which version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from planner.models import Run
from planner.reports import vocabulary
from planner.reports.stored_analyses import found as stored_analysis
from planner.reports.wait_section import measurement_words
from planner.selectors import run_told
from planner.views.run_pages import no_results, run_page_context

Document = Mapping[str, Any]
# Which parameters a number hangs on, by the beginning of their keys; effects hang on all of them.
BASELINE_KEYS = (
    "case_share_weight", "goods_output_per_gdp", "least_domestic_share", "services_floor_share", "distance_elasticity",
    "travel_own_share", "visitor_share", "spending_per_visit_usd",
)  # fmt: skip


@dataclass
class Passport:
    """What the page shows; rows of data are (texts, values with formats)."""

    name: Any
    value: float | None
    kind: str
    unit: Any
    formula: Any
    meaning: Any
    not_meaning: Any
    summary: Mapping[str, Any] | None = None
    inputs: list[Mapping[str, Any]] = field(default_factory=list)
    steps: list[Mapping[str, Any]] = field(default_factory=list)
    parameters: list[Mapping[str, Any]] = field(default_factory=list)
    data_head: tuple[Any, ...] = ()
    data: list[tuple[str, list[tuple[Any, str]]]] = field(default_factory=list)
    links: list[tuple[Any, str]] = field(default_factory=list)


def passport_page(request: HttpRequest, run: Run, measure: str, subject: str, site: AdminSite) -> HttpResponse:
    """The passport of one number of a run."""
    common = run_page_context(request, run, site, _("Where this number comes from"), "ranking")
    if (answer := no_results(request, common)) is not None:
        return answer
    make = MEASURES.get(measure)
    if make is None:
        raise Http404(f"no measure {measure!r}")
    document = run_told(run)
    passport = make(run, document, subject)
    return TemplateResponse(
        request,
        "admin/desk/passport.html",
        {**common, "passport": passport, "document": document, "currency": document["case"]["currency"]},
    )


def found(rows: Any, key: str, subject: str) -> Mapping[str, Any]:
    """The row of that id."""
    row: Mapping[str, Any] | None = next((one for one in rows if one[key] == subject), None)
    if row is None:
        raise Http404(f"nothing with {key} {subject!r} in this run")
    return row


def flows_link(run: Run, query: str = "") -> tuple[Any, str]:
    """The list of flows of the case."""
    address = reverse("admin:regions_sectorflow_changelist")
    return _("Flows by sector of this case"), f"{address}?case__id__exact={run.case_id}{query}"


def builder_parameters(document: Document) -> list[Mapping[str, Any]]:
    """The parameters from which the baseline is completed."""
    return [row for row in document["parameters"] if row["key"].startswith(BASELINE_KEYS)]


def index_passport(run: Run, document: Document, subject: str) -> Passport:
    """The headline index before any intervention."""
    regions = [one for one in document["baseline"]["regions"] if one["kind"] == "border"]
    return Passport(
        name=_("Headline imbalance index"),
        value=document["baseline"]["index"],
        kind="index",
        unit=_("between 0 and 1"),
        formula=_(
            "For each border region, add up over its partners across the border the sizes of exports less imports; do the same for "
            "exports plus imports; divide the sum of the first over all border regions by the sum of the second."
        ),
        meaning=_("0: every pair of partners trades as much one way as the other. 1: all pairs trade one way only."),
        not_meaning=_(
            "A smaller index is not higher welfare, and it says nothing about overall balances with third countries."
        ),
        data_head=(_("Border region"), _("Exports"), _("Imports"), _("Its own index")),
        data=[
            (one["name"], [(one["exports_musd"], "musd"), (one["imports_musd"], "musd"), (one["index"], "ratio")])
            for one in regions
        ],
        links=[flows_link(run)],
    )


def imputed_passport(run: Run, document: Document, subject: str) -> Passport:
    """How much of the baseline nobody observed."""
    baseline = document["baseline"]
    return Passport(
        name=_("Imputed share of the baseline"),
        value=baseline["imputed_share"],
        kind="share",
        unit=_("of the value of all flows, own sales included"),
        formula=_(
            "The value of all cells of the baseline that were filled in by rule, divided by the value of all cells."
        ),
        meaning=_("How much rests on rules instead of records. Trade across the border itself is observed."),
        not_meaning=_("It is not an error: the rules are documented, and low and high variants of them can be run."),
        inputs=[
            {"name": name, "value": share, "kind": "share", "unit": "", "source": "", "grade": ""}
            for name, share in baseline["provenance"].items()
        ],
        parameters=builder_parameters(document),
        data_head=(pgettext("region", "Place"), _("Imputed")),
        data=[(one["name"], [(one["imputed_share"], "share")]) for one in baseline["regions"]],
        links=[flows_link(run)],
    )


def balance_passport(run: Run, document: Document, subject: str) -> Passport:
    """The balance of a region across the border, by partner."""
    region = found(document["baseline"]["regions"], "id", subject)
    names = {one["id"]: one["name"] for one in document["baseline"]["regions"]}
    exports: dict[str, float] = {}
    imports: dict[str, float] = {}
    for pair in document["baseline"]["pairs"]:
        if pair["origin"] == subject:
            exports[pair["destination"]] = pair["value_musd"]
        if pair["destination"] == subject:
            imports[pair["origin"]] = pair["value_musd"]
    partners = sorted({*exports, *imports}, key=lambda one: -(exports.get(one, 0) + imports.get(one, 0)))
    return Passport(
        name=_("Balance of %(region)s across the border") % {"region": region["name"]},
        value=region["balance_musd"],
        kind="musd_change",
        unit=_("million %(currency)s a year, + for exports above imports") % {"currency": document["case"]["currency"]},
        formula=_("Observed goods exports to all partners across the border, less observed goods imports from them."),
        meaning=_("Whether the region sells more across this border than it buys there."),
        not_meaning=_("It is not the region's overall balance, and a surplus is no better than a deficit."),
        data_head=(_("Partner"), _("Exports to"), _("Imports from"), _("Balance")),
        data=[
            (
                names.get(one, one),
                [
                    (exports.get(one, 0.0), "musd"),
                    (imports.get(one, 0.0), "musd"),
                    (exports.get(one, 0.0) - imports.get(one, 0.0), "musd_change"),
                ],
            )
            for one in partners
        ],
        links=[flows_link(run, f"&q={subject}")],
    )


def effect_passport(name: Any, key: str, kind: str, unit: Any, formula: Any, meaning: Any, not_meaning: Any) -> Any:
    """A maker of passports for one outcome of an intervention."""

    def make(run: Run, document: Document, subject: str) -> Passport:
        measure = found(document["interventions"], "id", subject)
        summary = (measure.get("full") or {}).get(key)
        if summary is None:
            raise Http404(f"intervention {subject!r} has no {key}")
        return Passport(
            name=f"{name}: {measure['name']}",
            value=summary["mean"],
            kind=kind,
            unit=unit,
            formula=formula,
            meaning=meaning,
            not_meaning=not_meaning,
            summary=summary,
            inputs=[
                {
                    "name": vocabulary.CHANNELS.get(one["type"], one["type"]) + f" {one['targets']}",
                    "value": one["central"],
                    "low": one["low"],
                    "high": one["high"],
                    "kind": "plain",
                    "unit": one["unit"],
                    "source": one["source"],
                    "grade": one["grade"],
                }
                for one in measure["channels"]
            ],
            steps=[
                {**one, "name": vocabulary.STEPS.get(one["step"], one["step"])} for one in measure.get("chain") or ()
            ],
            parameters=list(document["parameters"]),
            links=[
                (_("The whole chain, place by place"), reverse("admin:planner_run_why", args=[run.pk, subject])),
                flows_link(run),
            ],
        )

    return make


def cost_passport(run: Run, document: Document, subject: str) -> Passport:
    """The cost of an intervention, year by year."""
    measure = found(document["interventions"], "id", subject)
    return Passport(
        name=_("Cost: %(name)s") % {"name": measure["name"]},
        value=measure["costs"]["total_musd"],
        kind="musd",
        unit=_("million %(currency)s of %(year)s, not discounted")
        % {"currency": document["case"]["currency"], "year": document["case"]["price_year"]},
        formula=_("All capital and operating amounts over their years, less residual values."),
        meaning=_("What it takes out of budgets over the years that were entered."),
        not_meaning=_("It is no present value and holds no optimism bias: those stand in the appraisal."),
        data_head=(_("Year and use"), _("Amount")),
        data=[
            (f"{one['year']} {one['category']} · {one['source']} ({one['grade']})", [(one["amount_musd"], "musd")])
            for one in measure["costs"]["by_year"]
        ],
        links=[(_("The intervention"), reverse("admin:planner_run_why", args=[run.pk, subject]))],
    )


def wait_passport(run: Run, document: Document, subject: str) -> Passport:
    """The wait at a crossing, both directions."""
    crossing = found(document["baseline"]["crossings"], "code", subject)
    waits = crossing["wait_minutes"]
    trade = crossing["trade_musd"]
    kept = stored_analysis(document, "waits") or {"stations": []}
    stations = {row["direction"]: row for row in kept["stations"] if row["crossing"] == subject}
    return Passport(
        name=_("Truck wait at %(crossing)s") % {"crossing": crossing["name"]},
        value=max(waits.values(), default=None),
        kind="minutes",
        unit=_("minutes, mean of the year, the longer direction"),
        formula=_(
            "The best measured mean wait of trucks in each direction; where none was measured, the default of the parameter set."
        ),
        meaning=_("How long a truck stands before inspection, on average."),
        not_meaning=_("It is not the time of a bad day, and not the time on the road or in the compound."),
        inputs=[
            {
                "name": direction,
                "value": minutes,
                "kind": "minutes",
                "unit": _("minutes"),
                "source": crossing["wait_source"],
                "grade": crossing["wait_grade"],
                **wait_origin(stations.get(direction)),
            }
            for direction, minutes in waits.items()
        ],
        parameters=[row for row in document["parameters"] if row["key"].startswith(("wait_default", "wait_range"))],
        data_head=(_("Crossing"), _("Trade, million")),
        data=[(crossing["name"], [(trade, "musd")])],
        links=[
            (
                _("Waits in the data"),
                f"{reverse('admin:regions_delay_changelist')}?q={subject}&crossing__case__id__exact={run.case_id}",
            )
        ],
    )


def wait_origin(row: Mapping[str, Any] | None) -> dict[str, Any]:
    """Range, measurement and grade of the wait in one direction, where the run has looked at waits."""
    if row is None:
        return {}
    basis = {
        "interval": _("range: the interval of the measurement"),
        "grade": _("range: by the grade and the age of the measurement"),
        "default": _("not measured: the default of the economy entered"),
    }[row["basis"]]
    parts = (row["source"], measurement_words(row), row["method"], basis)
    return {
        "low": row["low_minutes"],
        "high": row["high_minutes"],
        "source": "; ".join(str(part) for part in parts if part),
        "grade": row["grade"],
    }


MEASURES: Mapping[str, Callable[[Run, Document, str], Passport]] = {
    "index": index_passport,
    "imputed": imputed_passport,
    "balance": balance_passport,
    "cost": cost_passport,
    "wait": wait_passport,
    "index_change": effect_passport(
        gettext_lazy("Change of the imbalance index"),
        "index_change",
        "index_change",
        gettext_lazy("millionths of the index, mean over the draws"),
        gettext_lazy(
            "The model is solved with the intervention's channels and without them, in every draw of parameters and channels; "
            "the index of the second is taken from that of the first."
        ),
        gettext_lazy("Below zero the gap between exports and imports of partners narrows."),
        gettext_lazy("A narrower gap is not higher welfare, and the interval holds only what was varied."),
    ),
    "ev_musd": effect_passport(
        gettext_lazy("Welfare"),
        "ev_musd",
        "musd_change",
        gettext_lazy("million a year at the prices of the baseline, mean over the draws"),
        gettext_lazy(
            "Real income of each place with the intervention, less real income without it, both at the baseline's prices; added up "
            "over the places whose welfare counts in this run."
        ),
        gettext_lazy("What the places that count could buy more, every year, once all has settled."),
        gettext_lazy("It holds no cost of the intervention, no value of time of travellers and no environmental damage."),
    ),
    "revenue": effect_passport(
        gettext_lazy("Government revenue"),
        "revenue_change_musd",
        "musd_change",
        gettext_lazy("million a year, mean over the draws"),
        gettext_lazy("Tariff and other border revenue with the intervention, less that without it."),
        gettext_lazy("What treasuries take in more or less at the border."),
        gettext_lazy("It is already part of welfare: do not add the two."),
    ),
}  # fmt: skip
