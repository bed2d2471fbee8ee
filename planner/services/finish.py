"""Finish a run: completion is read from the rows, and exactly one caller writes the rankings."""

from django.db import transaction
from django.utils import timezone

from planner import snapshot
from planner.engine.effect import Effect as EngineEffect
from planner.models import Effect, Ranking, RankingRow, Run, RunPart
from planner.models.ranking import ranking_problems
from planner.models.vocabulary import ACTIVE_STATES, Criterion, EffectStatus, RunState
from planner.services.engine_calls import rank_rows


def run_finish(run_id: int) -> bool:
    """Rank and close the run if none of its parts is open. True for the one call that closed it.

    The ranking is computed before the state changes, so that a fault leaves the run as it was and the next sweep
    tries again; the conditional update decides between callers that computed it at the same time.
    """
    if RunPart.objects.filter(run_id=run_id, state__in=ACTIVE_STATES).exists():
        return False
    run = Run.objects.select_related("snapshot").filter(pk=run_id, state=RunState.RUNNING).first()
    if run is None:
        return False
    statuses = list(Effect.objects.filter(run_id=run_id).values_list("status", "reason"))
    if statuses and all(status == EffectStatus.FAILED for status, _ in statuses):
        return close(run, RunState.FAILED, f"every estimate failed; the first: {statuses[0][1]}", {})
    try:
        effects = snapshot.read_effects(run)
        rankings = {criterion: rank(run, effects, criterion) for criterion in Criterion.values}
    except Exception as error:  # the run says why instead of hanging for ever
        return close(run, RunState.FAILED, f"the ranking failed: {type(error).__name__}: {error}", {})
    return close(run, RunState.DONE, "", rankings)


def rank(run: Run, effects: list[EngineEffect], criterion: str) -> list[RankingRow]:
    """The rows of one ranking, checked."""
    rows = [RankingRow(**row) for row in rank_rows(run, effects, criterion)]
    if problems := ranking_problems(rows):
        raise ValueError("; ".join(problems))
    return rows


def close(run: Run, state: RunState, reason: str, rankings: dict[str, list[RankingRow]]) -> bool:
    """End the run and store its rankings together; False where another caller already did."""
    with transaction.atomic():
        closed = Run.objects.filter(pk=run.pk, state=RunState.RUNNING).update(
            state=state, reason=reason[:2000], finished_at=timezone.now()
        )
        if not closed:
            return False
        for criterion, rows in rankings.items():
            ranking = Ranking.objects.create(run=run, criterion=criterion)
            for row in rows:
                row.ranking = ranking
            RankingRow.objects.bulk_create(rows)
    return True
