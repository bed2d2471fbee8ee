"""The rows of each table of the report document."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from regions.quality import words as quality_words

Document = Mapping[str, Any]
Row = dict[str, Any]
UNITS = {
    "index_change": "share of trade",
    "index_with_travel_change": "share of trade",
    "gap_change_musd": "million USD per year",
    "ev_musd": "million USD per year",
    "ev_all_places_musd": "million USD per year",
    "welfare_pct": "percent",
    "revenue_change_musd": "million USD per year",
    "exports_change_musd": "million USD per year",
    "imports_change_musd": "million USD per year",
    "balance_change_musd": "million USD per year",
    "normalised_balance_change": "ratio",
    "real_wage_pct": "percent",
}


def ranking_rows(document: Document) -> Iterable[Row]:
    for row in document["ranking"]["rows"]:
        among = row.get("among_proposed") or {}
        yield {
            **row,
            "criterion": document["ranking"]["criterion"],
            **{f"proposed_{name}": value for name, value in among.items()},
        }


def rank_chance_rows(document: Document) -> Iterable[Row]:
    for row in document["ranking"]["rows"]:
        for place, chance in enumerate(row.get("p_rank") or (), start=1):
            # Most ranks never occur: with 200 measures they would be nine tenths of the whole report.
            if chance:
                yield {"intervention": row["intervention"], "rank": place, "probability": chance}


def effect_rows(document: Document) -> Iterable[Row]:
    for measure in document["interventions"]:
        for stage, values in measure["effect"].items():
            for name, summary in values.items():
                yield _effect(measure["id"], "", stage, name, summary)
        full = measure["full"]
        for name, summary in full.items():
            if name not in ("regions", "index_change"):
                yield _effect(measure["id"], "", "full", name, summary)
        for region in full.get("regions", ()):
            for name, summary in region.items():
                if name not in ("id", "tag"):
                    yield _effect(measure["id"], region["id"], "full", name, summary) | {"tag": region["tag"]}


def _effect(measure: str, place: str, stage: str, name: str, summary: Mapping[str, Any]) -> Row:
    return {"intervention": measure, "place": place, "stage": stage, "measure": name, "unit": UNITS[name], **summary}


def intervention_rows(document: Document) -> Iterable[Row]:
    reasons = {row["intervention"]: row["reason"] for row in document["ranking"]["not_ranked"]}
    for measure in document["interventions"]:
        yield {
            **measure,
            "closures": ";".join(measure["closures"]),
            "reason": reasons.get(measure["id"], measure["reason"]),
            **{name: measure["costs"][name] for name in ("total_musd", "capital_musd", "operating_musd_per_year")},
        }


def left_out_rows(document: Document) -> Iterable[Row]:
    found = document["left_out_draws"]
    yield {"intervention": "", "reason": "", "draws": found["left_out"]}
    yield from found["rows"]


def numbered_rows(field: str) -> Callable[[Document], Iterable[Row]]:
    def rows(document: Document) -> Iterable[Row]:
        for measure in document["interventions"]:
            for number, entry in enumerate(measure[field], start=1):
                yield {"intervention": measure["id"], "number": number, **entry}

    return rows


def cost_rows(document: Document) -> Iterable[Row]:
    for measure in document["interventions"]:
        for number, entry in enumerate(measure["costs"]["by_year"], start=1):
            yield {"intervention": measure["id"], "number": number, **entry}


def wait_rows(document: Document) -> Iterable[Row]:
    for crossing in document["baseline"]["crossings"]:
        for economy, minutes in crossing["wait_minutes"].items():
            yield {"crossing": crossing["code"], "economy": economy, "minutes": minutes}


def baseline_rows(name: str) -> Callable[[Document], Iterable[Row]]:
    return lambda document: document["baseline"][name]


def ordering_rows(document: Document) -> Iterable[Row]:
    orderings = document["orderings"]
    for place, (first, second) in enumerate(zip(orderings["imbalance"], orderings["welfare"], strict=True), start=1):
        yield {"place": place, "by_imbalance": first, "by_welfare": second}


def reversal_rows(document: Document) -> Iterable[Row]:
    for first, second in document["orderings"]["reversals"]:
        yield {"narrows_more": first, "raises_welfare_more": second}


def about_rows(document: Document) -> Iterable[Row]:
    for part in ("case", "run"):
        for name, value in document[part].items():
            if not isinstance(value, (list, dict)):
                yield {"part": part, "name": name, "value": str(value)}
    yield {"part": "run", "name": "stages", "value": ";".join(document["run"]["stages"])}


def total_rows(document: Document) -> Iterable[Row]:
    baseline, tau = document["baseline"], document["orderings"]["kendall_tau"]
    named = {
        "index": "index, 0 to 1",
        "index_with_travel": "index, 0 to 1",
        "index_reference": "index, 0 to 1",
        "total_trade_musd": "million USD per year",
        "imputed_share": "share of value",
    }
    for name, unit in named.items():
        if name in baseline:
            yield {"name": name, "value": baseline[name], "unit": unit}
    for name, share in baseline["provenance"].items():
        yield {"name": f"provenance_{name}", "value": share, "unit": "share of value"}
    yield {"name": "kendall_tau", "value": tau, "unit": "-1 to 1"}


def quality_rows(document: Document) -> Iterable[Row]:
    for finding in document["quality"]["findings"]:
        yield {**finding, "check": finding["facts"].get("check", ""), "reason": quality_words.reason(finding)}


def quality_result_rows(document: Document) -> Iterable[Row]:
    for result in document["quality"]["results"]:
        for one in result["reasons"]:
            yield {
                "intervention": result["intervention"],
                "grade": result["grade"],
                "code": one["code"],
                "reason_grade": one["grade"] or "",
                "reason": quality_words.reason(one),
            }


def quality_fact_rows(document: Document) -> Iterable[Row]:
    quality = document["quality"]
    pieces = [(finding["dataset"], finding) for finding in quality["findings"]]
    pieces += [(result["intervention"], one) for result in quality["results"] for one in result["reasons"]]
    for about, piece in pieces:
        numbers = {"value": piece["value"], **piece["facts"]}
        for name, value in numbers.items():
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                yield {
                    "about": about,
                    "code": piece["code"],
                    "check": piece["facts"].get("check", ""),
                    "name": name,
                    "value": value,
                }
