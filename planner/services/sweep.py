"""Find work that lost its worker or its message, put it back, and say what must be sent again."""

import os
import socket
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from planner.models import Run, RunPart
from planner.models.vocabulary import ACTIVE_STATES, RunState
from planner.services.parts import LEASE_SECONDS

# A part that waits longer than this without being taken gets another message; a second delivery does no harm.
REQUEUE_SECONDS = getattr(settings, "RUN_PART_REQUEUE_SECONDS", 600)


@dataclass(frozen=True)
class Swept:
    """What the caller has to send: parts to estimate and runs whose parts have all ended."""

    parts: list[int] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)


def run_sweep(*, now: datetime | None = None, everything: bool = False) -> Swept:
    """Release the parts of dead workers and list the waiting ones that need a message.

    `everything` lists all that wait: at the start of a worker, and where the broker holds no message at all.
    """
    now = now or timezone.now()
    for part in RunPart.objects.filter(state=RunState.RUNNING, run__state__in=ACTIVE_STATES):
        if lease_is_over(part.lease_until, now) or died_here(part.worker):
            RunPart.objects.filter(pk=part.pk, claim=part.claim, state=RunState.RUNNING).update(
                state=RunState.PENDING, claim="", worker="", claimed_at=None, lease_until=None, queued_at=None
            )
    waiting = RunPart.objects.ready()
    if not everything:
        old = timedelta(seconds=REQUEUE_SECONDS)
        # A message from the future was sent before the clock was set back.
        waiting = waiting.filter(Q(queued_at__isnull=True) | Q(queued_at__lt=now - old) | Q(queued_at__gt=now + old))
    parts = list(waiting.order_by("run_id", "position").values_list("pk", flat=True))
    RunPart.objects.filter(pk__in=parts, state=RunState.PENDING).update(queued_at=now)
    open_parts = RunPart.objects.filter(state__in=ACTIVE_STATES).values("run_id")
    runs = Run.objects.filter(state=RunState.RUNNING).exclude(pk__in=open_parts)
    return Swept(parts=parts, runs=list(runs.values_list("pk", flat=True)))


def lease_is_over(until: datetime | None, now: datetime) -> bool:
    """Ended, or so far ahead that the clock must have been set back since it was given."""
    return until is None or not now <= until <= now + 2 * timedelta(seconds=LEASE_SECONDS)


def died_here(worker: str) -> bool:
    """Whether the worker was a process of this host that no longer exists; other hosts are left to their lease."""
    host, _, pid = worker.rpartition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
