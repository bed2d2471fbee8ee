"""Compute one part of a run: claim it, compute, store the effect or analysis. Safe to deliver any number of times."""

import os
import socket
import threading
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models import F
from django.utils import timezone

from planner import snapshot
from planner.engine.effect import Effect as EngineEffect
from planner.models import Effect, Run, RunAnalysis, RunPart
from planner.models.vocabulary import EffectStatus, RunState
from planner.services.analyses import analysis_row
from planner.services.engine_calls import estimate
from planner.services.errors import PartPostponed
from planner.services.summary import effect_summary

LEASE_SECONDS = getattr(settings, "RUN_PART_LEASE_SECONDS", 900)
MOST_ATTEMPTS = getattr(settings, "RUN_PART_MOST_ATTEMPTS", 5)

# Faults that can pass: the database is busy or restarting, memory is short for the moment.
TRANSIENT = (OperationalError, InterfaceError, MemoryError, ConnectionError)
# While the database is away; a restart takes seconds.
GIVE_BACK_SECONDS = (1, 2, 4, 8, 16)
KEPT_RUNS = 4
_runs: OrderedDict[tuple[object, ...], Run] = OrderedDict()
_runs_lock = threading.Lock()


class PartOutcome(StrEnum):
    """What became of one delivery of a part."""

    NOT_TAKEN = "not_taken"  # already done, taken by another worker, or the run has ended
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"  # lost its claim or its run while it was computing


@dataclass(frozen=True)
class Claim:
    """A part taken by this worker; the token shows later whether it still is."""

    part: RunPart
    token: str


def worker_name() -> str:
    """host:pid, so that a sweep on the same host can see whether the process still lives."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run_estimate_part(part_id: int) -> PartOutcome:
    """Compute and store one part. Raises PartPostponed after giving it back, for faults that can pass."""
    token = uuid.uuid4().hex
    try:
        part = claim_part(part_id, token)
        if part is None:
            return PartOutcome.NOT_TAKEN
        claim = Claim(part, token)
        try:
            earlier = earlier_result(claim)
            if earlier is not None:
                return reuse(claim, earlier)
            if part.analysis:
                return close_part(claim, analysis_row(part.run, part.analysis))
            return store(claim, compute(part))
        except TRANSIENT:
            raise
        except Exception as error:  # one part's fault is stored with its reason; the others stand
            return store_failure(claim, f"{type(error).__name__}: {error}")
    except TRANSIENT as error:
        return give_back(part_id, token, error)


def claim_part(part_id: int, token: str) -> RunPart | None:
    """Take the part by one conditional UPDATE: of any number of workers exactly one succeeds."""
    now = timezone.now()
    # The state stands in the UPDATE itself: PostgreSQL looks at that again once another worker's claim has let it go, and
    # not at what the inner query, with its look at the run, has found before.
    ready = RunPart.objects.ready().filter(pk=part_id)
    taken = RunPart.objects.filter(pk__in=ready.values("pk"), state=RunState.PENDING).update(
        state=RunState.RUNNING,
        attempts=F("attempts") + 1,
        worker=worker_name(),
        claim=token,
        claimed_at=now,
        lease_until=now + timedelta(seconds=LEASE_SECONDS),
    )
    if not taken:
        return None
    rows = RunPart.objects.select_related("run").defer("run__parameters", "run__interventions", "run__case_document")
    part = rows.get(pk=part_id)
    part.run = kept_run(part.run)
    Run.objects.filter(pk=part.run_id, state=RunState.PENDING).update(state=RunState.RUNNING, started_at=now)
    return part


def kept_run(run: Run) -> Run:
    """The run with its inputs, which never change: read once for all its parts that this process takes."""
    key = (run.pk, run.request_digest, run.created_at)
    with _runs_lock:
        if key not in _runs:
            _runs[key] = Run.objects.select_related("snapshot").get(pk=run.pk)
            while len(_runs) > KEPT_RUNS:
                _runs.popitem(last=False)
        _runs.move_to_end(key)
        return _runs[key]


def part_digest(part: RunPart) -> str:
    """Digest of what determines the part's effect or analysis."""
    if part.analysis:
        return snapshot.analysis_digest(part.run, part.analysis)
    document = next(one for one in part.run.interventions if one["id"] == part.intervention)
    return snapshot.work_digest(part.run, document)


def earlier_result(claim: Claim) -> Effect | RunAnalysis | None:
    """The result of the same work in another run; failures are tried again."""
    rows = RunAnalysis.objects if claim.part.analysis else Effect.objects
    same = rows.filter(work_digest=part_digest(claim.part)).exclude(status=EffectStatus.FAILED)
    return same.order_by("pk").first()


def reuse(claim: Claim, earlier: Effect | RunAnalysis) -> PartOutcome:
    """Copy what an earlier run computed, so that nothing is computed twice and each run stands alone."""
    row: Effect | RunAnalysis
    common = {name: getattr(earlier, name) for name in ("status", "reason", "work_digest")}
    if isinstance(earlier, RunAnalysis):
        row = RunAnalysis(run_id=claim.part.run_id, kind=earlier.kind, document=earlier.document, **common)
    else:
        copied = {"summary": earlier.summary, "arrays": earlier.arrays}
        row = Effect(run_id=claim.part.run_id, intervention=claim.part.intervention, **copied, **common)
    return close_part(claim, row, reused=True)


def compute(part: RunPart) -> EngineEffect:
    """The engine's effect of this part's intervention, from what the run copied."""
    return estimate(part.run, part.intervention)


def store(claim: Claim, effect: EngineEffect) -> PartOutcome:
    """Keep the engine's effect, whichever way it ended."""
    row = Effect(
        run_id=claim.part.run_id,
        intervention=claim.part.intervention,
        status=effect.status,
        reason=effect.reason,
        summary=effect_summary(effect),
        arrays=effect.to_bytes(),
        work_digest=part_digest(claim.part),
    )
    return close_part(claim, row)


def store_failure(claim: Claim, reason: str) -> PartOutcome:
    """Keep the reason why there is no result."""
    part = claim.part
    failed = {"run_id": part.run_id, "status": EffectStatus.FAILED, "reason": reason[:2000]}
    row = (
        RunAnalysis(kind=part.analysis, **failed) if part.analysis else Effect(intervention=part.intervention, **failed)
    )
    return close_part(claim, row)


def close_part(claim: Claim, row: Effect | RunAnalysis, reused: bool = False) -> PartOutcome:
    """Part and result change together, and only while this claim still holds."""
    state = RunState.FAILED if row.status == EffectStatus.FAILED else RunState.DONE
    with transaction.atomic():
        running = Run.objects.filter(pk=claim.part.run_id, state=RunState.RUNNING)
        held = RunPart.objects.filter(
            pk=claim.part.pk, claim=claim.token, state=RunState.RUNNING, run__in=running
        ).update(
            state=state,
            error=row.reason if state == RunState.FAILED else "",
            finished_at=timezone.now(),
            lease_until=None,
            reused=reused,
        )
        if not held:
            return PartOutcome.DROPPED
        row.save(force_insert=True)
    return PartOutcome.FAILED if state == RunState.FAILED else PartOutcome.DONE


def parts_to_send(run_id: int) -> list[int]:
    """Parts of a run that have become ready and of which no message was sent; they count as sent from now on."""
    waiting = RunPart.objects.ready().filter(run_id=run_id, queued_at__isnull=True)
    parts = list(waiting.order_by("position").values_list("pk", flat=True))
    RunPart.objects.filter(pk__in=parts, state=RunState.PENDING).update(queued_at=timezone.now())
    return parts


def give_back(part_id: int, token: str, error: BaseException) -> PartOutcome:
    """Put the part back to wait, or fail it once it has been tried often enough.

    Patient, because the database itself may be what is away: a claim that is not given back blocks its part until the
    lease ends. A part that this claim does not hold is left alone.
    """
    reason = f"{type(error).__name__}: {error}"
    for delay in (*GIVE_BACK_SECONDS, None):
        try:
            held = RunPart.objects.select_related("run").filter(pk=part_id, claim=token, state=RunState.RUNNING).first()
            if held is not None and held.attempts >= MOST_ATTEMPTS:
                return store_failure(Claim(held, token), f"given up after {held.attempts} attempts: {reason}")
            RunPart.objects.filter(pk=part_id, claim=token, state=RunState.RUNNING).update(
                state=RunState.PENDING,
                claim="",
                worker="",
                claimed_at=None,
                lease_until=None,
                error=reason[:2000],
                queued_at=timezone.now(),
            )
            break
        except TRANSIENT:
            if delay is None:
                raise
            time.sleep(delay)
            close_old_connections()
    raise PartPostponed(reason) from error
