"""The ranking under other imputations of what is not observed: does it hang on how the baseline was completed?

Document:
  criterion, standing (words), closure, draws 0: central values; own (variant of the run)
  variants: {id (run | low | central | high | <builder ratio>_low | <builder ratio>_high | near | far), kind (run | ratios |
    ratio | kernel), parameter (the ratio that moves, or distance_power, else None), value (what it is set to, None for
    the whole sets), status (done | failed), reason, imputed_share (of the baseline's value), index (headline),
    order (ids of measures that may be proposed, best first), rows (as in closures), not_applicable, failed,
    kendall_tau (with the run's own), first, same_first}
    `run` is the run's own baseline and comes first; low, central and high move all builder ratios together; a ratio alone
    tells which one matters; near and far change how trade inside an economy falls with distance (power 2 and 0, for 1).
  robustness: measures by id: {intervention, rank (run's own), lowest, highest, kept (variants with the same rank), of}
Observed cross-border flows are the same in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from planner.analyses.orderings import agreement, central_effects, ordered, ordering_rows
from planner.analyses.work import Work, finite
from planner.engine.baseline import build_baseline
from planner.engine.errors import EngineError
from planner.engine.parameters import complete_parameters
from planner.engine.types import Parameters

WHOLE = ("low", "central", "high")
# The ratios on which most of the imputed value hangs; the others move with the whole sets only.
ALONE = ("goods_output_per_gdp", "case_share_weight")
NEAR, FAR = 2.0, 0.0


@dataclass(frozen=True)
class Variant:
    """One way of completing the baseline."""

    id: str
    kind: str
    parameters: Parameters
    variant: str
    distance_power: float = 1.0
    parameter: str | None = None
    value: float | None = None


def variants(work: Work) -> dict[str, Any]:
    """See the module."""
    rows = [_under(work, one) for one in ways(work)]
    own = rows[0]["order"]
    for row in rows:
        row["kendall_tau"] = agreement(own, row["order"])
        row["first"] = row["order"][0] if row["order"] else None
        row["same_first"] = row["first"] == rows[0]["first"]
    document = {
        "criterion": work.run.criterion,
        "standing": work.standing_words,
        "closure": work.run.closure,
        "own": work.run.variant,
        "draws": 0,
        "variants": rows,
        "robustness": _robustness(rows),
    }
    return dict(finite(document))


def ways(work: Work) -> Iterator[Variant]:
    """The run's own baseline, then every other one; a ratio that does not vary is left out."""
    parameters, own = complete_parameters(work.baseline.parameters), work.run.variant
    yield Variant("run", "run", parameters, own)
    for name in WHOLE:
        if name != own:
            yield Variant(name, "ratios", parameters, name)
    for key in ALONE:
        row = parameters.find(key)
        if row is None:
            continue
        for end in ("low", "high"):
            value = float(getattr(row, end))
            if value != float(getattr(row, own)):
                # Only this ratio moves: its own low or high becomes the value of every variant.
                moved = replace(row, low=value, central=value, high=value)
                rows = tuple(moved if one is row else one for one in parameters.rows)
                yield Variant(f"{key}_{end}", "ratio", Parameters(rows), own, parameter=key, value=value)
    for name, power in (("near", NEAR), ("far", FAR)):
        yield Variant(name, "kernel", parameters, own, power, "distance_power", power)


def _under(work: Work, way: Variant) -> dict[str, Any]:
    """Effects of all measures on one baseline."""
    row: dict[str, Any] = {
        "id": way.id, "kind": way.kind, "parameter": way.parameter, "value": way.value, "status": "done", "reason": "",
    }  # fmt: skip
    try:
        baseline = work.baseline
        if way.kind != "run":
            baseline = build_baseline(baseline.facts, way.parameters, way.variant, distance_power=way.distance_power)
        other = Work(work.run, baseline)
        central = central_effects(other, work.run.closure)
        index = float(other.central_study().before()["reference"].headline[0])
    except (EngineError, ValueError, FloatingPointError, np.linalg.LinAlgError) as error:
        empty: dict[str, Any] = {
            "imputed_share": None, "index": None, "order": [], "rows": [], "not_applicable": [], "failed": [],
        }  # fmt: skip
        return row | empty | {"status": "failed", "reason": str(error)}
    return row | {
        "imputed_share": baseline.provenance_shares()["imputed"],
        "index": index,
        "order": ordered(central.effects, work.run.criterion, work.restrictive),
        "rows": ordering_rows(central, work),
        "not_applicable": _listed(central.not_applicable),
        "failed": _listed(central.failed),
    }


def _robustness(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How far the rank of each proposed measure moves over the variants that rank it."""
    found = []
    for place, name in enumerate(rows[0]["order"], start=1):
        ranks = [row["order"].index(name) + 1 for row in rows[1:] if name in row["order"]]
        found.append(
            {
                "intervention": name,
                "rank": place,
                "lowest": min([place, *ranks]),
                "highest": max([place, *ranks]),
                "kept": sum(rank == place for rank in ranks),
                "of": len(ranks),
            }
        )
    return sorted(found, key=lambda row: str(row["intervention"]))


def _listed(reasons: dict[str, str]) -> list[dict[str, str]]:
    return [{"intervention": name, "reason": reason} for name, reason in sorted(reasons.items())]
