"""The calls of the engine that services make, on what a run has stored."""

from typing import Any

from planner import snapshot
from planner.engine.channels import check_intervention
from planner.engine.estimate import Effect, estimate_effect
from planner.engine.ranking import rank_effects
from planner.engine.types import Intervention
from planner.models import Run, Snapshot

RANK_FIELDS = (
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


def intervention_problems(stored: Snapshot, inputs: snapshot.Inputs) -> list[str]:
    """Everything that makes one of the interventions impossible or without any effect on the model's inputs."""
    baseline = snapshot.load_baseline(stored)
    return [
        f"intervention {document['id']}: {problem}"
        for document in inputs.intervention_documents
        for problem in check_intervention(baseline, inputs.parameters, snapshot.engine_intervention(document))
    ]


def run_intervention(run: Run, intervention_id: str) -> Intervention:
    """One of the interventions that the run copied."""
    for document in run.interventions:
        if document["id"] == intervention_id:
            return snapshot.engine_intervention(document)
    raise KeyError(intervention_id)


def estimate(run: Run, intervention_id: str) -> Effect:
    """The effect of one intervention over all draws of the run."""
    return estimate_effect(
        snapshot.load_baseline(run.snapshot),
        snapshot.engine_parameters(run.parameters),
        run_intervention(run, intervention_id),
        draws=run.draws,
        seed=run.seed,
        closure=run.closure,
    )


def rank_rows(run: Run, criterion: str) -> list[dict[str, Any]]:
    """Rows of the ranking by one criterion, best first, with the fields of RankingRow."""
    ranking = rank_effects(snapshot.read_effects(run), criterion)
    return [{name: getattr(row, name) for name in RANK_FIELDS} for row in ranking.rows]
