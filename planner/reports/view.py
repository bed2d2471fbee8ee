"""What the HTML template shows: the context's rows joined by id, in reading order, with their sentences."""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from planner.reports import glossary, summary_words, words
from planner.reports.analysis_sections import analysis_sections
from planner.reports.cover import Cover
from planner.reports.figure_set import report_figures
from planner.reports.figures.map_types import Rings
from planner.reports.left_out import left_out_sentences
from planner.reports.localised import localised_document
from planner.reports.numbers import format_number, format_range
from planner.reports.quality_view import quality_view
from planner.reports.summary_table import fund_table
from planner.reports.validation_words import validation_sentences
from planner.reports.vocabulary import CHANNELS, STEPS

MOST_LEADING = 4
MOST_REVERSALS = 30
DIAGNOSIS = "analysis-diagnosis"


def report_view(
    context: Mapping[str, Any],
    outlines: Mapping[str, Rings],
    cover: Cover,
    figures: Callable[[Mapping[str, Any], Mapping[str, Rings]], Mapping[str, Any]] = report_figures,
) -> dict[str, Any]:
    """Everything a page needs; numbers stay raw, words are chosen here. `figures` draws them for screens or for paper."""
    context = localised_document(context)
    measures = {measure["id"]: measure for measure in context["interventions"]}
    rows = context["ranking"]["rows"]
    joined = [_joined(row, measures[row["intervention"]]) for row in rows]
    plain = [entry for entry in joined if not entry["restrictive"]]
    names = {region["id"]: region["name"] for region in context["baseline"]["regions"]}
    sectors = {sector["id"]: sector["name"] for sector in context["case"]["sectors"]}
    criterion = context["run"]["criterion"]
    status, sections = words.status(cover.review), analysis_sections(context)
    return {
        "case": context["case"],
        "run": context["run"],
        "baseline": context["baseline"],
        "cover": cover_facts(context, cover),
        "status": status,
        "draft": cover.draft,
        "running": f"{status} \u00b7 {context['case']['title']}",
        "criterion": criterion,
        "score_kind": words.score_kind(criterion),
        "measures": context["interventions"],
        "ranked_count": len(rows),
        "summary": _summary(context, measures),
        "figures": figures(context, outlines),
        # Why there is a problem belongs to the problem; the other analyses follow the results.
        "diagnosis": [one for one in sections if one["anchor"] == DIAGNOSIS],
        "analyses": [one for one in sections if one["anchor"] != DIAGNOSIS],
        "border_regions": _by_balance(context, border=True),
        "other_places": _by_balance(context, border=False),
        "groups": [
            {"number": number, "rows": list(entries)}
            for number, entries in groupby(plain, key=lambda entry: entry["row"]["tie_group"])
        ],
        "ranked": joined,
        "restrictive": [entry for entry in joined if entry["restrictive"]],
        "orderings": _orderings(context["orderings"], measures),
        "stage_sentence": words.stage_sentence(rows, measures),
        "details": joined + [_unranked(row, measures[row["intervention"]]) for row in context["ranking"]["not_ranked"]],
        "gains": _gains(_leading(joined), context["baseline"]["regions"]),
        "not_ranked": [_unranked(row, measures[row["intervention"]]) for row in context["ranking"]["not_ranked"]],
        "left_out": left_out_sentences(context),
        "parameters": context["parameters"],
        "provenance": _provenance(context["baseline"]["provenance"]),
        "raised": [
            {**row, "place": names.get(row["place"], row["place"]), "sector": sectors.get(row["sector"], row["sector"])}
            for row in context["baseline"]["raised"]
        ],
        "validation": validation_sentences(context),
        "quality": quality_view(context, {**names, **sectors, **{one: row["name"] for one, row in measures.items()}}),
        "place_names": names,
        "economy_names": {economy["id"]: economy["name"] for economy in context["case"]["economies"]},
        "kinds": words.KINDS,
        "channels": CHANNELS,
        "steps": STEPS,
        "maturity": words.MATURITY,
        "terms": glossary.TERMS,
        "method": glossary.METHOD,
        "references": glossary.REFERENCES,
    }


def cover_facts(context: Mapping[str, Any], cover: Cover) -> list[dict[str, Any]]:
    """Label and text of everything that a reader must know before the first result."""
    run, case, baseline = context["run"], context["case"], context["baseline"]
    rule = words.CLOSURE_RULES.get(run["closure"], "")
    closure = run.get("closure_rule") or (_(rule) if rule else "")
    return [
        _fact(
            _("Closure: what overall balances may do"),
            f"{run['closure']}: {closure}" if closure else run["closure"],
            wide=True,
        ),
        _fact(_("Ranked by"), words.CRITERIA.get(run["criterion"], run["criterion"])),
        _fact(_("Whose welfare counts"), words.STANDING.get(run["standing"], run["standing"])),
        _fact(
            _("Baseline imputed"),
            _("%(share)s of its value; %(scaled)s set to known totals")
            % {
                "share": format_number(baseline["imputed_share"], "share"),
                "scaled": format_number(baseline["provenance"].get("scaled"), "share"),
            },
        ),
        _fact(_("Data and prices"), _("flows of %(year)s, %(currency)s of %(price_year)s") % {**case}),
        _fact(
            _("Draws and seed"),
            _("%(draws)s draws, seed %(seed)s") % {"draws": format_number(run["draws"], "count"), "seed": run["seed"]},
        ),
        _fact(
            _("Status, engine"),
            _("%(status)s, engine %(version)s")
            % {"status": words.status(cover.review), "version": run["engine_version"]},
        ),
        *_cover_people(cover),
        _fact(_("Input digest"), run["input_digest"], wide=True, code=True),
    ]


def _cover_people(cover: Cover) -> list[dict[str, Any]]:
    """Run, author and approver, and what the report is limited to."""
    facts = []
    if cover.run is not None:
        author = cover.author or _("a command on the server")
        facts.append(_fact(_("Run, started by"), f"{cover.run}, {author}"))
        approver = f"{cover.approver}, {cover.approved_on}" if cover.approver else _("nobody yet")
        facts.append(_fact(_("Approved by"), approver))
    if cover.kinds:
        names = words.listed([str(words.KINDS.get(kind, kind)) for kind in cover.kinds], len(cover.kinds))
        facts.append(_fact(_("Limited to"), _("%(kinds)s; ranks are among these") % {"kinds": names}, wide=True))
    return facts


def _fact(label: str, text: str, wide: bool = False, code: bool = False) -> dict[str, Any]:
    return {"label": str(label), "text": str(text), "wide": wide, "code": code}


def _summary(context: Mapping[str, Any], measures: words.Measures) -> dict[str, Any]:
    rows, criterion = context["ranking"]["rows"], context["run"]["criterion"]
    return {
        "index": summary_words.index_sentence(context["baseline"]["index"]),
        "fund": summary_words.fund_sentences(context),
        "members": fund_table(context),
        "change": summary_words.change_sentences(context, measures),
        "transfers": summary_words.transfer_sentences(context, measures),
        "leader": [
            *words.leader_sentences(rows, measures, criterion),
            *words.scale_sentence(rows, measures, context["baseline"]["index"]),
        ],
        "settled": words.settled_sentences(rows, measures),
        "tension": words.tension_sentences(rows, measures, context["orderings"]),
        "ordering": words.ordering_sentence(context["orderings"]),
        "costs": [
            *words.cost_sentences(rows, measures, criterion),
            *summary_words.without_cost(context, measures),
        ],
        "not_modelled": words.not_modelled(context),
    }


def _joined(row: Mapping[str, Any], measure: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "row": row,
        "measure": measure,
        "rank_range": format_range(row["rank_low"], row["rank_high"]),
        "restrictive": measure["kind"] == "restrictive",
        "cautioned": measure["narrows_and_lowers_welfare"],
        "zero": words.holds_zero(row),
        "verdict": words.verdict(row, measure),
        "costs": _cost_periods(measure),
    }


def _cost_periods(measure: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Costs by year, with years of the same amount, kind and source put together."""
    periods: list[dict[str, Any]] = []
    for cost in measure["costs"]["by_year"]:
        same = periods and all(
            periods[-1][name] == cost[name] for name in ("category", "amount_musd", "source", "grade")
        )
        if same and periods[-1]["last"] == cost["year"] - 1:
            periods[-1]["last"] = cost["year"]
        else:
            periods.append({**cost, "last": cost["year"]})
    return [{**period, "years": format_range(period["year"], period["last"])} for period in periods]


def _leading(joined: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first measures that are not restrictive, after a restrictive one where that ranks first."""
    plain = [entry for entry in joined if not entry["restrictive"]]
    first = [entry for entry in joined[:1] if entry["restrictive"]]
    return first + plain[: MOST_LEADING - len(first)]


def _unranked(row: Mapping[str, Any], measure: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "row": None,
        "measure": measure,
        "status": words.STATUS.get(row["status"], row["status"]),
        "reason": row["reason"],
        "costs": _cost_periods(measure),
    }


def _by_balance(context: Mapping[str, Any], border: bool) -> list[Mapping[str, Any]]:
    regions = [
        region for region in context["baseline"]["regions"] if (region.get("kind", "border") == "border") == border
    ]
    return sorted(regions, key=lambda region: (region["balance_musd"], region["id"]))


def _orderings(orderings: Mapping[str, Any], measures: words.Measures) -> dict[str, Any]:
    welfare_place = {identifier: place for place, identifier in enumerate(orderings["welfare"], start=1)}
    rows = [
        {
            "measure": measures[identifier],
            "imbalance": place,
            "welfare": welfare_place[identifier],
            "by_welfare": measures[orderings["welfare"][place - 1]],
            "shift": place - welfare_place[identifier],
        }
        for place, identifier in enumerate(orderings["imbalance"], start=1)
    ]
    pairs = [
        (measures[first]["name"], measures[second]["name"]) for first, second in orderings["reversals"][:MOST_REVERSALS]
    ]
    return {
        "rows": rows,
        "reversals": pairs,
        "more": max(len(orderings["reversals"]) - MOST_REVERSALS, 0),
        "tau": orderings["kendall_tau"],
    }


def _gains(leading: list[dict[str, Any]], regions: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Regions by leading measures: welfare, balance and how the balance came about."""
    by_region = [{effect["id"]: effect for effect in entry["measure"]["full"]["regions"]} for entry in leading]
    regions = sorted(
        regions, key=lambda region: (region.get("kind", "border") != "border", region["economy"], region["name"])
    )
    rows = [
        {"region": region, "cells": [effects.get(region["id"]) for effects in by_region]}
        for region in regions
        if any(region["id"] in effects for effects in by_region)
    ]
    counts = []
    for entry, effects in zip(leading, by_region, strict=True):
        gaining = sum(effect["ev_musd"]["q05"] > 0 for effect in effects.values())
        losing = sum(effect["ev_musd"]["q95"] < 0 for effect in effects.values())
        counts.append(
            {
                "measure": entry["measure"],
                "rank": entry["row"]["rank"],
                "gaining": gaining,
                "losing": losing,
                "open": len(effects) - gaining - losing,
                "everybody": summary_words.everybody_sentence(entry["measure"]["full"]),
            }
        )
    return {"leading": leading, "rows": rows, "counts": counts}


def _provenance(shares: Mapping[str, float]) -> list[dict[str, Any]]:
    names = {"observed": _("observed"), "mirrored": _("mirrored"), "scaled": _("scaled"), "imputed": _("imputed")}
    meaning = {
        "observed": _("taken from the records as it stands"),
        "mirrored": _("taken from the partner's record"),
        "scaled": _("set so that a known total is met, such as a place's GDP"),
        "imputed": _("filled in by rule"),
    }
    return [
        {
            "name": names[name],
            "share": shares.get(name, 0.0),
            "percent": f"{100 * shares.get(name, 0.0):.3f}",
            "meaning": meaning[name],
        }
        for name in meaning
    ]
