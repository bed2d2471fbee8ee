"""Celery tasks: fetch ids, call one service. The rows, not the messages, hold the state."""

import logging
from collections.abc import Iterable

from celery import Task, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from planner.models import Run, RunPart
from planner.models.vocabulary import RunState
from planner.services import (
    PartOutcome,
    PartPostponed,
    forget_old_answers,
    parts_to_send,
    run_estimate_part,
    run_finish,
    run_sweep,
)

log = logging.getLogger(__name__)

FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS = 2, 120


@shared_task(bind=True, name="planner.estimate_part", acks_late=True, max_retries=None, ignore_result=True)
def estimate_part(self: Task, part_id: int, run_id: int) -> None:
    """One part; its attempts are counted in its row, so retries end there."""
    try:
        outcome = run_estimate_part(part_id)
    except PartPostponed as error:
        delay = min(FIRST_DELAY_SECONDS * 2**self.request.retries, LONGEST_DELAY_SECONDS)
        raise self.retry(exc=error, countdown=delay) from error
    if outcome in (PartOutcome.DONE, PartOutcome.FAILED):
        for next_id in parts_to_send(run_id):
            estimate_part.delay(next_id, run_id)
        run_finish(run_id)


@shared_task(name="planner.finish_run", acks_late=True, ignore_result=True)
def finish_run(run_id: int) -> None:
    """Close a run whose parts have all ended."""
    run_finish(run_id)


@shared_task(name="planner.sweep_runs", ignore_result=True)
def sweep_runs(everything: bool = False) -> None:
    """Put back what lost its worker or its message; beat calls it, and every worker at its start."""
    swept = run_sweep(everything=everything)
    forget_old_answers()
    for run_id, part_id in part_messages(swept.parts):
        estimate_part.delay(part_id, run_id)
    for run_id in swept.runs:
        finish_run.delay(run_id)


def part_messages(part_ids: Iterable[int]) -> list[tuple[int, int]]:
    """(run, part) of each message to send."""
    return list(
        RunPart.objects.filter(pk__in=list(part_ids)).order_by("run_id", "position").values_list("run_id", "pk")
    )


def enqueue_run(run: Run) -> None:
    """Send the messages of a run's waiting parts once the transaction that made them has committed."""
    waiting = list(RunPart.objects.ready().filter(run=run).order_by("position").values_list("pk", flat=True))

    def send() -> None:
        for number, part_id in enumerate(waiting):
            try:
                estimate_part.delay(part_id, run.pk)
            except OperationalError:
                # The run is stored; the next sweep sends what the broker could not take now.
                RunPart.objects.filter(pk__in=waiting[number:], state=RunState.PENDING).update(queued_at=None)
                log.warning("the broker did not take the messages of run %s; they are sent later", run.pk)
                return

    transaction.on_commit(send)
