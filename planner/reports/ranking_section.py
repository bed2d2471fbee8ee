"""The report's account of the ranking: rows, probabilities of ranks, and both orderings."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from planner.engine.effect import DONE, Effect
from planner.engine.ranking import Orderings, rank_effects
from planner.models import Ranking, Run

ROW_FIELDS = (
    "rank",
    "intervention",
    "score_mean",
    "q05",
    "q50",
    "q95",
    "p_best",
    "p_top3",
    "rank_low",
    "rank_high",
    "tie_group",
    "settled_above",
)
PROPOSED_FIELDS = ("rank", "p_best", "p_top3", "rank_low", "rank_high", "tie_group")
MUSD_PER_BUSD = 1000


def stored_rows(run: Run) -> list[dict[str, Any]]:
    """The run's stored ranking by its criterion; no rows where nothing was ranked."""
    stored = Ranking.objects.filter(run=run, criterion=run.criterion).first()
    return [_fields(row) for row in stored.rows.order_by("rank")] if stored else []


def _fields(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ROW_FIELDS}


def ranking_section(
    criterion: str,
    effects: Sequence[Effect],
    standing: Sequence[int],
    costs: Mapping[str, float | None],
    restrictive: Collection[str],
    stored: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The stored ranking, else the computed one, with the probability of every rank and the score per billion spent."""
    ranked = rank_effects(effects, criterion, standing=standing)
    chances = {row.intervention: ranked.rank_probability[place] for place, row in enumerate(ranked.rows)}
    rows = [_fields(row) for row in ranked.rows] if stored is None else [dict(row) for row in stored]
    proposed = rank_effects(
        [effect for effect in effects if effect.intervention not in restrictive], criterion, standing=standing
    )
    among = {row.intervention: {name: getattr(row, name) for name in PROPOSED_FIELDS} for row in proposed.rows}
    for row in rows:
        # Restrictive measures are there to compare with: chances of being best are also given without them.
        row["among_proposed"] = among.get(row["intervention"])
        row["p_rank"] = [float(chance) for chance in chances[row["intervention"]]]
        row["score_per_busd"] = score_per_busd(row["score_mean"], costs.get(row["intervention"]))
    not_ranked = [
        {"intervention": effect.intervention, "status": effect.status, "reason": effect.reason}
        for effect in effects
        if effect.status != DONE
    ]
    return {"criterion": criterion, "rows": rows, "not_ranked": not_ranked}


def score_per_busd(score: float, cost_musd: float | None) -> float | None:
    """The mean score for each billion spent; None without a cost."""
    return score * MUSD_PER_BUSD / cost_musd if cost_musd and cost_musd > 0 else None


def orderings_section(orderings: Orderings) -> dict[str, Any]:
    """Both orderings and where they part ways."""
    return {
        "imbalance": list(orderings.imbalance),
        "welfare": list(orderings.welfare),
        "kendall_tau": orderings.kendall_tau if math.isfinite(orderings.kendall_tau) else None,
        "reversals": [list(pair) for pair in orderings.reversals],
        "narrows_and_lowers_welfare": list(orderings.narrows_and_lowers),
    }
