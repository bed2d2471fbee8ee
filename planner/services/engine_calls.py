"""The calls of the engine that services make, on what a run has stored."""

import threading
from typing import Any

from planner import snapshot
from planner.engine.channels import check_intervention
from planner.engine.effect import Effect
from planner.engine.estimate import Study, study
from planner.engine.ranking import rank_effects
from planner.engine.types import Intervention
from planner.models import Run, Snapshot
from planner.reports.standing import standing_places as places_with_standing

_study_lock = threading.Lock()

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
    found = problems_by_intervention(stored, inputs.intervention_documents)
    return [f"intervention {problem}" for problems in found.values() for problem in problems]


def problems_by_intervention(stored: Snapshot, documents: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The same by the id of the intervention, each problem with that id in front; only those that have any."""
    baseline = snapshot.load_baseline(stored)
    found = {
        document["id"]: check_intervention(baseline, snapshot.engine_intervention(document)) for document in documents
    }
    return {name: problems for name, problems in found.items() if problems}


def prepared_study(run: Run) -> Study:
    """What all parts of a run share, prepared by the first that asks; the lock keeps two threads from doing it twice."""
    baseline = snapshot.load_baseline(run.snapshot)
    with _study_lock:
        # The baseline was built from the run's parameters and carries them, completed.
        return study(baseline, baseline.parameters, draws=run.draws, seed=run.seed, closure=run.closure)


def reasons_without_meaning(run: Run, documents: list[dict[str, Any]]) -> dict[str, str]:
    """Why interventions have no meaning under the run's closure, by id; only those."""
    prepared = prepared_study(run)
    found = {one["id"]: prepared.without_meaning(snapshot.engine_intervention(one)) for one in documents}
    return {name: reason for name, reason in found.items() if reason}


def run_intervention(run: Run, intervention_id: str) -> Intervention:
    """One of the interventions that the run copied."""
    for document in run.interventions:
        if document["id"] == intervention_id:
            return snapshot.engine_intervention(document)
    raise KeyError(intervention_id)


def estimate(run: Run, intervention_id: str) -> Effect:
    """The effect of one intervention over all draws of the run."""
    return prepared_study(run).estimate(run_intervention(run, intervention_id))


def standing_places(run: Run) -> list[int]:
    """Numbers of the places whose welfare counts in this run, by the reports' own definition."""
    return places_with_standing(snapshot.load_baseline(run.snapshot), run.standing)


def rank_rows(run: Run, effects: list[Effect], criterion: str) -> list[dict[str, Any]]:
    """Rows of the ranking by one criterion, best first, with the fields of RankingRow."""
    ranking = rank_effects(effects, criterion, standing=standing_places(run))
    return [{name: getattr(row, name) for name in RANK_FIELDS} for row in ranking.rows]
