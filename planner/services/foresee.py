"""Say what a run would do before it starts: its parts, what is refused and why, and how long it may take."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Count, Max, Min, Q

from planner import snapshot
from planner.models import Effect, Run, Scenario
from planner.models.vocabulary import ACTIVE_STATES, EffectStatus, RunState
from planner.services.engine_calls import problems_by_intervention, reasons_without_meaning
from planner.services.start import plan_run
from regions.models import Case

# Runs whose pace is looked at; the one with the nearest number of draws counts.
PACE_RUNS = 10


class Fate(StrEnum):
    """What would become of one intervention in a run."""

    COMPUTED = "computed"
    REUSED = "reused"
    NOT_APPLICABLE = "not_applicable"
    REFUSED = "refused"


@dataclass(frozen=True)
class ForeseenPart:
    """One intervention of a run to come; the reasons say why it is refused or has no meaning."""

    intervention: str
    name: str
    fate: Fate
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class ForeseenRun:
    """The parts of a run to come, the run (not stored), the same run if it is already under way, and the time."""

    run: Run
    parts: tuple[ForeseenPart, ...]
    active: Run | None
    seconds: float | None
    paced_by: Run | None

    def with_fate(self, fate: Fate) -> list[ForeseenPart]:
        """The parts that share a fate."""
        return [part for part in self.parts if part.fate == fate]


def run_foresee(
    case: Case,
    *,
    slugs: Iterable[str] | None = None,
    scenario: Scenario | None = None,
    settings: Mapping[str, Any] | None = None,
) -> ForeseenRun:
    """What `run_start` would do with the same arguments. Raises RunRefused for what stops the run as a whole."""
    planned = plan_run(case, slugs=slugs, scenario=scenario, settings=settings)
    run, documents = planned.run, planned.inputs.intervention_documents
    refused = problems_by_intervention(run.snapshot, documents)
    possible = [one for one in documents if one["id"] not in refused]
    meaningless = reasons_without_meaning(run, possible)
    known = known_work(run, [one for one in possible if one["id"] not in meaningless])

    def part(document: dict[str, Any]) -> ForeseenPart:
        name = document["id"]
        if name in refused:
            # Each problem starts with the id, which the page shows by itself.
            reasons = tuple(problem.removeprefix(name).lstrip(":, ") for problem in refused[name])
            return ForeseenPart(name, document["name"], Fate.REFUSED, reasons)
        if name in meaningless:
            return ForeseenPart(name, document["name"], Fate.NOT_APPLICABLE, (meaningless[name],))
        return ForeseenPart(name, document["name"], Fate.REUSED if name in known else Fate.COMPUTED)

    parts = tuple(part(document) for document in documents)
    seconds, paced_by = foreseen_seconds(run, sum(one.fate == Fate.COMPUTED for one in parts))
    active = Run.objects.filter(request_digest=run.request_digest, state__in=ACTIVE_STATES).first()
    return ForeseenRun(run, parts, active, seconds, paced_by)


def known_work(run: Run, documents: list[dict[str, Any]]) -> set[str]:
    """Ids of the interventions that an earlier run has estimated from the same inputs."""
    digests = {snapshot.work_digest(run, document): document["id"] for document in documents}
    stored = Effect.objects.filter(work_digest__in=list(digests)).exclude(status=EffectStatus.FAILED)
    return {digests[digest] for digest in stored.values_list("work_digest", flat=True)}


def foreseen_seconds(run: Run, parts: int) -> tuple[float | None, Run | None]:
    """From the pace of an earlier run of the case, in proportion to the draws; None where there is none to go by."""
    if not parts:
        return 0.0, None
    computed = Q(parts__reused=False, parts__state=RunState.DONE)
    earlier = (
        Run.objects.filter(case=run.case, engine_version=run.engine_version, state=RunState.DONE)
        .annotate(
            computed=Count("parts", filter=computed),
            since=Min("parts__claimed_at", filter=computed),
            until=Max("parts__finished_at", filter=computed),
        )
        .filter(computed__gt=0)
        .order_by("-created_at")[:PACE_RUNS]
    )
    nearest: Any = min(earlier, key=lambda one: abs(one.draws - run.draws), default=None)
    if nearest is None:
        return None, None
    pace = (nearest.until - nearest.since).total_seconds() / nearest.computed
    return pace * parts * run.draws / nearest.draws, nearest
