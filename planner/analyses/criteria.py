"""Rankings by other criteria and by several at once, and where the first place would change (model.md 9).

Only measures that may be proposed (not restrictive) are ranked here. `ranked` rows are {rank, intervention, score_mean,
q05, q50, q95, p_best, p_top3, rank_low, rank_high, tie_group, settled_above}, best first.
Document:
  criteria: [{name, unit, larger_is_better}]: imbalance (change of the index), welfare and revenue (million a year, of those
    with standing), npv (million), bcr (ratio at the draw), co2 (tonnes a year of queueing trucks, change, central value)
  single: {criterion: {rows: ranked, left_out: [{intervention, reason}]}}
  agreement: [{first, second, kendall_tau}] of the orders by single criteria, over what both rank
  weights: {criterion: share}: equal shares of imbalance and npv; welfare is inside npv and would count twice
  weighted: {normalisation: range (0 the worst mean, 1 the best), rows, left_out}; topsis: {rows}
  weight_breaks: along each weight, others in proportion: {criterion, weight, first, below, above (nearest weights at which
    the first place is lost, None: never), challenger_below, challenger_above, spans [{low, high, first}], holds_share
    (draws in which the first is best at some weight)}
  pareto: welfare against imbalance, at the means: {criteria, rows [{intervention, on_front, p_on_front, dominated_by}]}
  regret: of the run's criterion, loss against the best measure of the same draw: {criterion, least, rows [{intervention,
    mean, q90, largest}]}
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from planner.analyses.money import appraisals
from planner.analyses.work import NoAnalysis, Work, finite
from planner.engine.criteria import (
    STANDARD,
    Table,
    agreement_table,
    build_table,
    pareto_front,
    rank_by,
    rank_topsis,
    rank_weighted,
    regret,
)
from planner.engine.ranking import Ranking, imbalance_score, welfare_score
from planner.engine.types import Array
from planner.engine.weight_breaks import weight_breaks

WEIGHED = ("imbalance", "npv")
UNITS = {
    "imbalance": "index points",
    "welfare": "million a year",
    "npv": "million",
    "bcr": "ratio",
    "revenue": "million a year",
    "co2": "tonnes a year",
}


def criteria(work: Work) -> dict[str, Any]:
    """See the module."""
    values = criterion_values(work)
    if not values:
        raise NoAnalysis("no measure that may be proposed was estimated")
    tables = {name: build_table([STANDARD[name]], values) for name in UNITS}
    single = {name: rank_by(table, name) for name, table in tables.items() if table.options}
    taus = agreement_table({name: ranking.order for name, ranking in single.items()})
    both = build_table([STANDARD["imbalance"], STANDARD["welfare"]], values)
    document: dict[str, Any] = {
        "criteria": [
            {"name": name, "unit": unit, "larger_is_better": STANDARD[name].larger_is_better}
            for name, unit in UNITS.items()
        ],
        "single": {
            name: _ranked(single[name]) | _left_out(tables[name]) if name in single else _left_out(tables[name])
            for name in UNITS
        },
        "agreement": [{"first": first, "second": second, "kendall_tau": tau} for (first, second), tau in taus.items()],
        "pareto": _pareto(both),
        "regret": _regret(tables[work.run.criterion], work.run.criterion),
    }
    return dict(finite(document | _weighted(build_table([STANDARD[name] for name in WEIGHED], values))))


def criterion_values(work: Work) -> dict[str, dict[str, Array | None]]:
    """Values (draw,) of every criterion for each measure that may be proposed; None where there is none."""
    found, queues, *_ = appraisals(work)
    values: dict[str, dict[str, Array | None]] = {}
    for name, effect in work.done().items():
        if name in work.restrictive:
            continue
        result, queue = found.get(name), queues.get(name)
        gap = imbalance_score(effect)
        values[name] = {
            "imbalance": gap,
            "welfare": welfare_score(effect, work.standing),
            "npv": result.npv if result else None,
            "bcr": result.bcr if result else None,
            "revenue": effect.arrays["full.revenue_change_musd"][work.standing].sum(axis=0),
            "co2": np.full(gap.shape, queue.co2_after_tonnes - queue.co2_before_tonnes) if queue else None,
        }
    return values


def _ranked(ranking: Ranking) -> dict[str, Any]:
    return {"rows": [asdict(row) for row in ranking.rows]}


def _left_out(table: Table) -> dict[str, Any]:
    return {
        **({} if table.options else {"rows": []}),
        "left_out": [{"intervention": name, "reason": reason} for name, reason in table.left_out],
    }


def _weighted(table: Table) -> dict[str, Any]:
    weights = dict.fromkeys(WEIGHED, 1 / len(WEIGHED))
    if not table.options:
        empty: dict[str, Any] = {"normalisation": "range", **_left_out(table)}
        return {"weights": weights, "weighted": empty, "topsis": {"rows": []}, "weight_breaks": []}
    breaks = []
    for found in weight_breaks(table, weights):
        below, above = found.challengers
        breaks.append(
            {
                "criterion": found.criterion,
                "weight": found.weight,
                "first": found.first,
                "below": found.below,
                "above": found.above,
                "challenger_below": below,
                "challenger_above": above,
                "spans": [asdict(span) for span in found.spans],
                "holds_share": float(np.isfinite(found.holds_low).mean()),
            }
        )
    return {
        "weights": weights,
        "weighted": {"normalisation": "range", **_ranked(rank_weighted(table, weights)), **_left_out(table)},
        "topsis": _ranked(rank_topsis(table, weights)),
        "weight_breaks": breaks,
    }


def _pareto(table: Table) -> dict[str, Any]:
    front = pareto_front(table)
    rows = [
        {"intervention": name, "on_front": bool(on), "p_on_front": float(share), "dominated_by": list(masters)}
        for name, on, share, masters in zip(front.options, front.at_means, front.share, front.dominated_by, strict=True)
    ]
    return {"criteria": list(front.criteria), "rows": rows}


def _regret(table: Table, criterion: str) -> dict[str, Any]:
    found = regret(table.options, table.losses(criterion))
    rows = [
        {"intervention": name, "mean": float(mean), "q90": float(high), "largest": float(most)}
        for name, mean, high, most in zip(found.options, found.mean, found.q90, found.largest, strict=True)
    ]
    return {
        "criterion": criterion,
        "least": found.least,
        "rows": sorted(rows, key=lambda row: (row["q90"], row["mean"])),
    }
