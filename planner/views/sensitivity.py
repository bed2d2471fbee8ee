"""Sensitivity: where the spread comes from, ranks under each closure and under stress."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from planner.models.vocabulary import AnalysisKind, Closure, EffectStatus
from planner.reports import analysis_words, vocabulary
from planner.views.charts import Chart, Column
from planner.views.stored import MILLIONTHS, Document, Found, chosen, measure_names, ordered_ids
from planner.views.words import input_name


def sensitivity(request: HttpRequest, found: Found, document: Document) -> dict[str, Any]:
    """Tornado of one intervention, closures side by side, stress tests."""
    kinds = (AnalysisKind.VARIANCE, AnalysisKind.CLOSURES, AnalysisKind.STRESS, AnalysisKind.VARIANTS)
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
    imputed = found.document(AnalysisKind.VARIANTS)
    if imputed is not None:
        page["tables"].append(variants_table(imputed, names))
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
    if analysis_words.names_a_wait(name):
        return analysis_words.input_name(name, document)
    return input_name(
        name, {one["id"]: one["name"] for one in [*document["case"]["sectors"], *document["case"]["economies"]]}
    )


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
        "head": [_("Intervention"), *(Closure(one["closure"]).label.partition(":")[0].strip() for one in done)],
        "rows": [
            (names.get(one, one), [((rank.get(one) or {}).get("rank"), "count") for rank in ranks]) for one in first
        ],
    }


def stress_table(stress: Document, names: Mapping[str, str]) -> dict[str, Any]:
    """Who keeps its rank when something else goes wrong."""
    return {
        "title": _("Ranks under stress"),
        "note": _(
            "A closed crossing, a slump, a tariff war, a surge of travel, a swing of the currency: stated sizes, no forecasts; central values."
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


def variants_table(document: Document, names: Mapping[str, str]) -> dict[str, Any]:
    """Who keeps its rank when what is not observed is completed in another way."""
    return {
        "title": _("Ranks under other imputations"),
        "note": _("What is not observed, completed in other ways: observed flows are the same, central values."),
        "head": [
            _("Intervention"),
            _("Rank in this run"),
            _("Best"),
            _("Worst"),
            _("Kept its rank"),
            _("of imputations"),
        ],
        "rows": [
            (
                names.get(one["intervention"], one["intervention"]),
                [(one[key], "count") for key in ("rank", "lowest", "highest", "kept", "of")],
            )
            for one in document["robustness"]
        ],
    }
