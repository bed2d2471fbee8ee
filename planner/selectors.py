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
PACE_PARTS = 20


@dataclass(frozen=True)
class Progress:
    """How far a run has come; `left` is an estimate from the parts done so far."""

    state: str
    total: int
    done: int
    failed: int
    running: int
    reused: int
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
        reused=Count("pk", filter=Q(reused=True)),
    )
    left = None
    if run.state == RunState.RUNNING:
        left = time_left(run, counts["total"] - counts["done"] - counts["failed"], now or timezone.now())
    return Progress(state=run.state, left=left, **counts)


def time_left(run: Run, open_parts: int, now: datetime) -> timedelta | None:
    """From the pace of the last computed parts, so that workers that come or go and reused parts do not mislead."""
    computed = run.parts.filter(reused=False, finished_at__isnull=False, claimed_at__isnull=False)
    recent = computed.order_by("-finished_at").values_list("claimed_at", "finished_at")[:PACE_PARTS]
    spans = [(claimed, finished) for claimed, finished in recent if claimed and finished]
    if not spans:
        return None
    since = min(claimed for claimed, _ in spans)
    last = max(finished for _, finished in spans)
    left = (last - since) / len(spans) * open_parts - (now - last)
    return max(left, timedelta())


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
