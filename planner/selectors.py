"""Reads of plans for pages, the API and commands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from planner.models import Ranking, RankingRow, Run, RunPart
from planner.models.vocabulary import FINISHED_STATES, RunState
from planner.reports.context import build_context

KEPT_SECONDS = 3600


@dataclass(frozen=True)
class Progress:
    """How far a run has come; `left` is an estimate from the parts done so far."""

    state: str
    total: int
    done: int
    failed: int
    running: int
    left: timedelta | None

    @property
    def share(self) -> float:
        """Parts that have ended, of all."""
        return (self.done + self.failed) / self.total if self.total else 1.0


def run_progress(run: Run, now: datetime | None = None) -> Progress:
    """Counted from the rows of the parts."""
    counts = run.parts.aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(state=RunState.DONE)),
        failed=Count("pk", filter=Q(state=RunState.FAILED)),
        running=Count("pk", filter=Q(state=RunState.RUNNING)),
    )
    ended = counts["done"] + counts["failed"]
    left = None
    if run.state == RunState.RUNNING and run.started_at and ended:
        elapsed = (now or timezone.now()) - run.started_at
        left = elapsed / ended * (counts["total"] - ended)
    return Progress(state=run.state, left=left, **counts)


def failed_parts(run: Run) -> QuerySet[RunPart]:
    """The parts that failed, with their reasons."""
    return run.parts.filter(state=RunState.FAILED)


def run_context(run: Run) -> dict[str, Any]:
    """The report context of a run that is done; a finished run does not change, so it is kept for a while."""
    if run.state not in FINISHED_STATES:
        raise ValueError(f"run {run.pk} is {run.state}: it has no results yet")
    key = f"run-context:{run.pk}:{run.request_digest}:{run.finished_at.timestamp() if run.finished_at else ''}"
    context: dict[str, Any] | None = cache.get(key)
    if context is None:
        context = build_context(run)
        cache.set(key, context, KEPT_SECONDS)
    return context


def ranking_rows(run: Run, criterion: str) -> list[RankingRow]:
    """The rows of one ranking, in order; none where the run has no such ranking."""
    ranking = Ranking.objects.filter(run=run, criterion=criterion).first()
    return list(ranking.rows.order_by("rank")) if ranking else []
