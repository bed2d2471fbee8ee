"""The report's account of each intervention: what it changes, what it costs, what it does."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from planner.engine.baseline import Baseline
from planner.engine.effect import DONE, Effect
from planner.engine.imbalance import balance_tag
from planner.engine.targets import LANE_CHANNELS
from planner.engine.types import CAR, STAGES, TRUCK
from planner.engine.uncertainty import quantities, quantities_by_row, worst_grade
from planner.reports.vocabulary import TARGETS, CaseWords

TEXTS = (
    "id",
    "name",
    "kind",
    "description",
    "maturity",
    "competence",
    "legal_test",
    "source",
    "source_url",
    "start_year",
)
CHANNEL_FIELDS = ("type", "low", "central", "high", "unit", "source", "grade", "start_year", "ramp_years")
COST_FIELDS = ("year", "category", "amount_musd", "source", "grade")
# Changes are differences of numbers whose last digits are rounding: below these sizes there is nothing but that.
LEAST_SHARE, LEAST_MUSD, LEAST_PCT = 1e-13, 1e-7, 1e-11
# name in the document -> name of the engine's array of the full stage, (place, draw)
REGION_MEASURES = {
    "exports_change_musd": "exports_change_musd",
    "imports_change_musd": "imports_change_musd",
    "balance_change_musd": "balance_change_musd",
    "normalised_balance_change": "normalised_balance_change",
    "index_change": "region_index_change",
    "ev_musd": "ev_musd",
    "welfare_pct": "welfare_pct",
    "real_wage_pct": "real_wage_pct",
}


def intervention_section(
    baseline: Baseline,
    documents: Sequence[Mapping[str, Any]],
    effects: Mapping[str, Effect],
    standing: Sequence[int],
    conflicting: Sequence[str],
) -> list[dict[str, Any]]:
    """One entry an intervention, in the order of the run's documents."""
    words = CaseWords.of_baseline(baseline)
    return [
        _entry(baseline, document, effects[document["id"]], standing, document["id"] in conflicting, words)
        for document in documents
    ]


def _entry(
    baseline: Baseline,
    document: Mapping[str, Any],
    effect: Effect,
    standing: Sequence[int],
    conflicting: bool,
    words: CaseWords,
) -> dict[str, Any]:
    done = effect.status == DONE
    return {
        **{name: document.get(name) for name in TEXTS},
        "closures": list(document["closures"]),
        "status": effect.status,
        "reason": effect.reason,
        "grade": worst_grade(channel["grade"] for channel in document["channels"]),
        "channels": [
            {
                "targets": words.targets(acts_on(channel)),
                "acts_on": acts_on(channel),
                **{name: channel.get(name) for name in CHANNEL_FIELDS},
            }
            for channel in document["channels"]
        ],
        "costs": costs(document["costs"]),
        "effect": _stages(effect) if done else {},
        "full": _full(baseline, effect, standing) if done else {},
        "narrows_and_lowers_welfare": conflicting,
        "chain": [_step(step, words) for step in effect.chain] if done else [],
    }


def acts_on(channel: Mapping[str, Any]) -> dict[str, list[str]]:
    """The ids that a channel names, by field; fields that take everything are left out, but lanes are always named."""
    chosen = {field: [str(name) for name in channel.get(field) or () if name != "*"] for field in TARGETS}
    if channel["type"] in LANE_CHANNELS:
        vehicles = channel.get("vehicle") or [TRUCK]
        chosen["vehicle"] = [TRUCK, CAR] if "*" in vehicles else [str(name) for name in vehicles]
    return {field: names for field, names in chosen.items() if names}


def costs(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Costs over all their years, not discounted; residual values are entered with their sign. None where there are no costs."""
    by_year = [{name: row[name] for name in COST_FIELDS} for row in rows]
    if not by_year:
        return {"total_musd": None, "capital_musd": None, "operating_musd_per_year": None, "by_year": []}
    running = {row["year"] for row in by_year if row["category"] == "operating"}
    operating = sum(row["amount_musd"] for row in by_year if row["category"] == "operating")
    return {
        "total_musd": float(sum(row["amount_musd"] for row in by_year)),
        "capital_musd": float(sum(row["amount_musd"] for row in by_year if row["category"] == "capital")),
        "operating_musd_per_year": float(operating / len(running)) if running else None,
        "by_year": by_year,
    }


def summary(values: np.ndarray, least: float) -> dict[str, float]:
    """The engine's summary over draws of values freed from rounding: what is smaller than `least` is zero."""
    return quantities(np.where(np.abs(values) < least, 0.0, values))


def _least(name: str) -> float:
    return LEAST_MUSD if name.endswith("_musd") else LEAST_PCT if name.endswith("_pct") else LEAST_SHARE


def _stages(effect: Effect) -> dict[str, Any]:
    return {stage: {"index_change": summary(effect.arrays[f"{stage}.index_change"], LEAST_SHARE)} for stage in STAGES}


def _full(baseline: Baseline, effect: Effect, standing: Sequence[int]) -> dict[str, Any]:
    """Effects of the full stage: for those who have standing, and place by place."""
    arrays, chosen = effect.arrays, list(standing)
    money = arrays["full.ev_musd"][chosen].sum(axis=0)
    absorption = float((baseline.accounts.income * baseline.money_scale)[chosen].sum())
    return {
        "index_change": summary(arrays["full.index_change"], LEAST_SHARE),
        "index_with_travel_change": summary(arrays["full.index_with_travel_change"], LEAST_SHARE),
        "gap_change_musd": _gap(arrays.get("full.gap_change_musd")),
        "ev_musd": summary(money, LEAST_MUSD),
        # Terms of trade cancel in this sum: what is left of a gain is not another place's loss.
        "ev_all_places_musd": summary(arrays["full.ev_musd"].sum(axis=0), LEAST_MUSD),
        "welfare_pct": summary(100 * money / absorption, LEAST_PCT),
        "revenue_change_musd": summary(arrays["full.revenue_change_musd"][chosen].sum(axis=0), LEAST_MUSD),
        "regions": _regions(baseline.accounts.places, arrays),
    }


def _gap(values: np.ndarray | None) -> dict[str, float] | None:
    """None for effects that were estimated before the gap in money was kept."""
    return None if values is None else summary(values, LEAST_MUSD)


def _regions(places: Sequence[str], arrays: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    by_measure = {}
    for name, source in REGION_MEASURES.items():
        values = arrays[f"full.{source}"]
        by_measure[name] = quantities_by_row(np.where(np.abs(values) < _least(name), 0.0, values))
    rows = []
    for number, place in enumerate(places):
        changes = {name: found[number] for name, found in by_measure.items()}
        tag = balance_tag(changes["exports_change_musd"]["mean"], changes["imports_change_musd"]["mean"])
        rows.append({"id": place, **changes, "tag": tag})
    return rows


def _step(step: Mapping[str, Any], words: CaseWords) -> dict[str, Any]:
    before, after = step["before"], step["after"]
    return {
        "item": step["item"],
        "text": words.chain_text(str(step["step"]), str(step["item"])),
        "change": None if before is None or after is None else after - before,
        **{name: step[name] for name in ("step", "before", "after", "unit", "source", "grade")},
    }


def add_rank_steps(entries: Sequence[dict[str, Any]], rows: Sequence[Mapping[str, Any]]) -> None:
    """The last step of each chain: where the measure ends."""
    ranks = {row["intervention"]: row["rank"] for row in rows}
    for entry in entries:
        if entry["id"] in ranks:
            step = {
                "step": "rank",
                "item": "",
                "text": "Rank by mean over draws",
                "before": None,
                "after": ranks[entry["id"]],
                "change": None,
            }
            entry["chain"].append({**step, "unit": f"of {len(rows)}", "source": "", "grade": ""})
