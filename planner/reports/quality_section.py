"""The report's account of its own footing: a grade for each data set and each result, with the reasons, and provenance."""

from collections.abc import Mapping, Sequence
from typing import Any

from planner.engine.baseline import PROVENANCE, Baseline
from planner.engine.types import CAR
from planner.engine.uncertainty import worst_grade
from regions.quality.facts import fact_findings
from regions.quality.findings import (
    COMPLETENESS,
    EVIDENCE,
    PLAUSIBILITY,
    Finding,
    at_least,
    at_most,
    by_dataset,
    worst,
)

Document = Mapping[str, Any]
BASELINE, PARAMETERS, INTERVENTIONS = "baseline", "parameters", "interventions"
FACT_TABLES = (
    "economies", "places", "sectors", "crossings", "sector_flows", "crossing_flows", "waits", "io", "tariffs",
)  # fmt: skip
# Observed or mirrored: the first of PROVENANCE after "none".
KNOWN = 2
FOUNDED = ("A", "B", "C")
# Share of the baseline that may be imputed before a result built on it loses a grade; the same for parameters by source.
IMPUTED_LIMITS = (0.05, 0.2, 0.6)
FOUNDED_LIMITS = (0.9, 0.7, 0.4)


def quality_section(run: Any, baseline: Baseline, rows: Sequence[Document]) -> dict[str, Any]:
    """Raw numbers and codes; `regions.quality.words` has the sentences.

    Age is counted to the year of the prices, since a report of equal inputs is equal whenever it is made.
    """
    frames = {name: getattr(baseline.facts, name) for name in FACT_TABLES}
    findings = [
        *fact_findings(frames, run.case_document, int(run.case_document["price_year"]), "age_at_prices"),
        *planning_findings(baseline, run.parameters, run.interventions),
    ]
    return {
        "datasets": by_dataset(findings),
        "findings": [finding.as_json() for finding in findings],
        "results": result_grades(baseline, run.interventions, rows),
        "provenance": provenance_rows(baseline),
    }


def planning_findings(
    baseline: Baseline, parameters: Sequence[Document], interventions: Sequence[Document]
) -> list[Finding]:
    """What the builder had to fill in, and what stands behind parameters, channels and costs."""
    shares = baseline.provenance_shares()
    findings = [
        Finding(
            BASELINE, COMPLETENESS, "imputed", at_most(shares["imputed"], IMPUTED_LIMITS), shares["imputed"],
            {"observed": shares["observed"] + shares["mirrored"]},
        ),
    ]  # fmt: skip
    cells = sum(baseline.sector_kind.count(kind) for kind in ("goods",)) * len(baseline.place_kind) * 2
    raised = len(baseline.raised)
    findings.append(
        Finding(BASELINE, PLAUSIBILITY, "raised", at_most(raised / max(cells, 1), (0.1, 0.25, 0.5)), float(raised))
    )
    channels = [channel for document in interventions for channel in document["channels"]]
    for dataset, code, grades in (
        (PARAMETERS, "parameters_founded", [row["grade"] for row in parameters]),
        (INTERVENTIONS, "channels_founded", [channel["grade"] for channel in channels]),
        (INTERVENTIONS, "costs_founded", [worst_cost(document["costs"]) for document in interventions]),
    ):
        if grades:
            share = sum(grade in FOUNDED for grade in grades) / len(grades)
            facts = {"count": len(grades)}
            findings.append(Finding(dataset, EVIDENCE, code, at_least(share, FOUNDED_LIMITS), share, facts))
    return findings


def worst_cost(costs: Sequence[Document]) -> str:
    """The worst grade of an intervention's costs; none is as good as an assumption."""
    return worst_grade([cost["grade"] for cost in costs]) if costs else "D"


def result_grades(
    baseline: Baseline, interventions: Sequence[Document], rows: Sequence[Document]
) -> list[dict[str, Any]]:
    """Grade and reasons of every ranked result, in the order of the ranking: the worst of evidence, waits and baseline.

    Whether sign and rank are settled is a reason without a grade: a sure result may be of little effect, and an unsure one
    well founded.
    """
    measures = {entry["id"]: entry for entry in interventions}
    imputed = baseline.provenance_shares()["imputed"]
    wait_grades = {
        (code, economy): grade
        for code, grades in zip(baseline.network.crossings, baseline.network.wait_grade, strict=True)
        for economy, grade in zip(baseline.accounts.economies, grades, strict=True)
    }
    results = []
    for row in rows:
        channels = measures[row["intervention"]]["channels"]
        reasons = [channel_reason(channels)]
        touched = touched_waits(channels, wait_grades)
        if touched:
            reasons.append(reason("waits_touched", worst(touched), None, {"grade": worst(touched)}))
        reasons.append(reason("baseline_imputed", at_most(imputed, IMPUTED_LIMITS), imputed, {}))
        settled = row["q05"] > 0 or row["q95"] < 0
        reasons.append(reason("sign", None, None, {"settled": settled}))
        ranks = {"low": row["rank_low"], "high": row["rank_high"], "count": len(rows)}
        reasons.append(reason("rank", None, None, ranks))
        grade = worst(one["grade"] for one in reasons if one["grade"])
        results.append({"intervention": row["intervention"], "grade": grade, "reasons": reasons})
    return results


def reason(code: str, grade: str | None, value: float | None, facts: Document) -> dict[str, Any]:
    return {"code": code, "grade": grade, "value": value, "facts": dict(facts)}


def channel_reason(channels: Sequence[Document]) -> dict[str, Any]:
    """The weakest channel of an intervention."""
    weakest = max(channels, key=lambda channel: str(channel["grade"]))
    grade = str(weakest["grade"])
    return reason("channels", grade, None, {"grade": grade, "channel": str(weakest["type"])})


def touched_waits(channels: Sequence[Document], wait_grades: Mapping[tuple[str, str], str]) -> list[str]:
    """Grades of the trucks' waits at the crossings that channels name: on these the effects on trade rest."""
    grades = []
    for channel in channels:
        if channel.get("vehicle") == [CAR]:
            continue
        codes, directions = channel.get("crossing") or [], channel.get("direction") or []
        grades += [
            grade
            for (code, economy), grade in wait_grades.items()
            if (code in codes) and (not directions or economy in directions or "*" in directions)
        ]
    return grades


def provenance_rows(baseline: Baseline) -> list[dict[str, Any]]:
    """Share of what each place sells and buys of each sector by provenance, and the value it is a share of."""
    shares = baseline.provenance_by_place_and_sector()
    flows = baseline.accounts.flows
    value = flows.sum(axis=1) + flows.sum(axis=0)
    own = flows[range(len(flows)), range(len(flows))]
    return [
        {
            "place": place,
            "sector": sector,
            "value_musd": float(value[number, position] - own[number, position]),
            "known": float(shares[number, position, :KNOWN].sum()),
            **{name: float(shares[number, position, code]) for code, name in enumerate(PROVENANCE[1:])},
        }
        for number, place in enumerate(baseline.accounts.places)
        for position, sector in enumerate(baseline.accounts.sectors)
        if value[number, position] > 0
    ]
