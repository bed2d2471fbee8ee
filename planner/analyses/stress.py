"""The ranking under stress, and who keeps its rank: each intervention on top of a shock that nobody chose (model.md 9).

Document:
  criterion, standing (words), draws 0: central values
  baseline_order: ids of measures that may be proposed (not restrictive), best first, without stress, run's closure
  stresses: {id, kind (closed_crossing | slump | tariff_war | travel_surge | currency_swing), target, size, unit, closure
    (short_run for a currency swing, which is neutral with flexible wages; compared with short_run without the swing),
    status (done | failed), reason, index_change (of the stress itself), ev_musd (the same),
    order, rows (as in closures: what each measure adds to the stress), not_applicable, failed,
    kendall_tau (with the order without stress under the same closure), first, same_first}
  robustness: measures by id: {intervention, rank (without stress), ranks {stress: rank}, lowest, highest,
    kept (number of stresses under which its rank is that without stress), of (stresses that rank it), keeps_rank}
A stress is named by what it does, with its stated size (an assumption, grade D): it is no forecast.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analyses.minute_values import stations
from planner.analyses.orderings import Central, agreement, central_effects, ordered, ordering_rows
from planner.analyses.work import Work, finite
from planner.engine.baseline import Baseline
from planner.engine.bundles import FAULTS, JointEffects
from planner.engine.types import Channel, Intervention

SLUMP, TARIFF, SURGE, SWING = -0.05, 0.10, 0.50, 0.10
SOURCE = "stress test of a stated size, an assumption"
SHORT_RUN = "short_run"


def stress(work: Work) -> dict[str, Any]:
    """See the module."""
    calm = {work.run.closure: central_effects(work, work.run.closure)}
    rows = []
    for found, facts in stresses(work.baseline):
        closure = SHORT_RUN if facts["kind"] == "currency_swing" else work.run.closure
        if closure not in calm:
            calm[closure] = central_effects(work, closure)
        rows.append({"id": found.id, **facts, "closure": closure} | _under(work, found, closure, calm[closure]))
    order = ordered(calm[work.run.closure].effects, work.run.criterion, work.restrictive)
    return dict(
        finite(
            {
                "criterion": work.run.criterion,
                "standing": work.standing_words,
                "draws": 0,
                "baseline_order": order,
                "stresses": rows,
                "robustness": _robustness(work, rows, calm),
            }
        )
    )


def stresses(baseline: Baseline) -> list[tuple[Intervention, dict[str, Any]]]:
    """The stresses that this case can have, each as the engine takes it, with kind, target, size and unit."""
    economies = baseline.accounts.economies
    found = []
    trucked: dict[str, float] = {}
    for _, station in stations(baseline):
        trucked[station["crossing"]] = trucked.get(station["crossing"], 0.0) + station["truck_trade_musd"]
    if len(trucked) > 1:
        busiest = max(sorted(trucked), key=lambda code: trucked[code])
        found.append(_stress("closed_crossing", "closure", busiest, 1.0, "share", crossing=(busiest,)))
    for number, economy in enumerate(economies):
        places = tuple(
            name
            for name, member in zip(baseline.accounts.places, baseline.accounts.economy, strict=True)
            if member == number
        )
        found.append(_stress("slump", "productivity", economy, SLUMP, "share", place=places))
    found.append(_stress("tariff_war", "tariff", "*", TARIFF, "share of value"))
    if "travel" in baseline.sector_kind:
        found.append(_stress("travel_surge", "visitors", "*", SURGE, "share"))
    for economy in economies[1:]:
        found.append(_stress("currency_swing", "revaluation", economy, SWING, "share", place=(economy,)))
    return found


def _stress(
    kind: str, channel: str, target: str, size: float, unit: str, **targets: tuple[str, ...]
) -> tuple[Intervention, dict[str, Any]]:
    name = f"stress:{kind}" if target == "*" else f"stress:{kind}:{target}"
    one = Channel(f"{name}:1", channel, size, size, size, unit, SOURCE, "D", **targets)  # type: ignore[arg-type]
    facts = {"kind": kind, "target": target, "size": size, "unit": unit}
    return Intervention(name, name, "stress", (one,)), facts


def _under(work: Work, found: Intervention, closure: str, calm: Central) -> dict[str, Any]:
    """Effects of all measures on top of one stress."""
    try:
        alone = JointEffects(work.central_study(closure), [found], work.standing).outcomes([frozenset({0})])[0]
        central = central_effects(work, closure, found)
    except FAULTS as error:
        return {"status": "failed", "reason": str(error), "order": [], "rows": []}
    order = ordered(central.effects, work.run.criterion, work.restrictive)
    quiet = ordered(calm.effects, work.run.criterion, work.restrictive)
    return {
        "status": "done",
        "reason": "",
        "index_change": -alone.narrowing,
        "ev_musd": alone.welfare_musd,
        "order": order,
        "rows": ordering_rows(central, work),
        "not_applicable": _listed(central.not_applicable),
        "failed": _listed(central.failed),
        "kendall_tau": agreement(quiet, order),
        "first": order[0] if order else None,
        "same_first": bool(order) and order[:1] == quiet[:1],
    }


def _robustness(work: Work, rows: list[dict[str, Any]], calm: dict[str, Central]) -> list[dict[str, Any]]:
    quiet = {
        closure: ordered(central.effects, work.run.criterion, work.restrictive) for closure, central in calm.items()
    }
    found = []
    for name in sorted(set(work.documents) - work.restrictive):
        ranks = {row["id"]: row["order"].index(name) + 1 for row in rows if name in row["order"]}
        own = quiet[work.run.closure]
        kept = sum(
            ranks[row["id"]] == quiet[row["closure"]].index(name) + 1
            for row in rows
            if row["id"] in ranks and name in quiet[row["closure"]]
        )
        values = np.array(list(ranks.values()))
        found.append(
            {
                "intervention": name,
                "rank": own.index(name) + 1 if name in own else None,
                "ranks": ranks,
                "highest": int(values.min()) if ranks else None,
                "lowest": int(values.max()) if ranks else None,
                "kept": kept,
                "of": len(ranks),
                "keeps_rank": bool(ranks) and kept == len(ranks),
            }
        )
    return found


def _listed(reasons: dict[str, str]) -> list[dict[str, str]]:
    return [{"intervention": name, "reason": reason} for name, reason in sorted(reasons.items())]
