"""The ranking under every closure side by side: what an aggregate balance may do decides signs, so it is never averaged.

Document:
  criterion, standing (words), own (closure of the run), draws 0: all figures are at central values
  closures: one for each rule, the run's own first:
    closure, rule (words), status (done | failed), reason
    index: headline index before any intervention (re-solved under `balanced` and `balanced_economy`)
    order: ids of measures that may be proposed (not restrictive), best first
    rows: by id: intervention, index_change (index points, negative narrows), ev_musd (million a year, of those with
      standing), rank (among those proposed, None for restrictive ones), rank_among_all
    not_applicable, failed: [{intervention, reason}], never ranked and never zero
    kendall_tau: agreement with the run's own closure, over what is ranked under both (None with fewer than two)
    first: the first of `order` (None without), same_first: whether that is the own closure's first
"""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analyses.orderings import agreement, central_effects, ordered, ordering_rows
from planner.analyses.work import Work, finite
from planner.engine.errors import EngineError
from planner.engine.types import CLOSURES
from planner.reports.words import CLOSURE_RULES


def closures(work: Work) -> dict[str, Any]:
    """See the module."""
    own = work.run.closure
    rows = [_under(work, closure) for closure in (own, *(name for name in CLOSURES if name != own))]
    for row in rows:
        row["kendall_tau"] = agreement(rows[0]["order"], row["order"])
        row["first"] = row["order"][0] if row["order"] else None
        row["same_first"] = row["first"] == rows[0]["first"]
    document = {"criterion": work.run.criterion, "standing": work.standing_words, "own": own, "draws": 0}
    return dict(finite(document | {"closures": rows}))


def _under(work: Work, closure: str) -> dict[str, Any]:
    row: dict[str, Any] = {"closure": closure, "rule": str(CLOSURE_RULES[closure]), "status": "done", "reason": ""}
    try:
        central = central_effects(work, closure)
        index = float(work.central_study(closure).before()["reference"].headline[0])
    except (EngineError, ValueError, FloatingPointError, np.linalg.LinAlgError) as error:
        empty: dict[str, Any] = {"index": None, "order": [], "rows": [], "not_applicable": [], "failed": []}
        return row | empty | {"status": "failed", "reason": str(error)}
    return row | {
        "index": index,
        "order": ordered(central.effects, work.run.criterion, work.restrictive),
        "rows": ordering_rows(central, work),
        "not_applicable": _listed(central.not_applicable),
        "failed": _listed(central.failed),
    }


def _listed(reasons: dict[str, str]) -> list[dict[str, str]]:
    return [{"intervention": name, "reason": reason} for name, reason in sorted(reasons.items())]
