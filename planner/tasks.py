"""Celery tasks: fetch ids, call one service. The rows, not the messages, hold the state."""

import logging
from collections.abc import Iterable
from functools import partial

from amqp.exceptions import ChannelError
from celery import Task, current_app, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from planner.models import Delivery, ImportJob, Occurrence, Run, RunPart
from planner.models.vocabulary import RunState
from planner.services import (
    TRANSIENT,
    PartPostponed,
    document_keep,
    documents_missing,
    forget_old_answers,
    import_run,
    import_sweep,
    parts_to_send,
    run_estimate_part,
    run_finish,
    run_sweep,
)
from planner.services.deliveries import deliver, due_deliveries
from planner.services.occurrences import forget_files, occurrence_make
from planner.services.schedules import fire_due, open_occurrences

log = logging.getLogger(__name__)

FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS = 2, 120


@shared_task(bind=True, name="planner.estimate_part", acks_late=True, max_retries=None, ignore_result=True)
def estimate_part(self: Task, part_id: int, run_id: int) -> None:
    """One part, and the run's end where it was the last. Attempts are counted in the part's row, so retries end there."""
    try:
        run_estimate_part(part_id)
        for next_id in parts_to_send(run_id):
            estimate_part.delay(next_id, run_id)
        if run_finish(run_id):
            document_keep(run_id)
    except (PartPostponed, *TRANSIENT) as error:
        delay = min(FIRST_DELAY_SECONDS * 2**self.request.retries, LONGEST_DELAY_SECONDS)
        raise self.retry(exc=error, countdown=delay) from error


@shared_task(name="planner.finish_run", acks_late=True, ignore_result=True)
def finish_run(run_id: int) -> None:
    """Close a run whose parts have all ended."""
    if run_finish(run_id):
        document_keep(run_id)


@shared_task(name="planner.keep_document", acks_late=True, ignore_result=True)
def keep_document(run_id: int) -> None:
    """Make the document of a run that ended without one, or under another version of the code."""
    document_keep(run_id)


@shared_task(name="planner.sweep_runs", ignore_result=True)
def sweep_runs(everything: bool = False) -> None:
    """Put back what lost its worker or its message; beat calls it, and every worker at its start."""
    swept = run_sweep(everything=everything or queue_is_empty())
    forget_old_answers()
    for run_id, part_id in part_messages(swept.parts):
        estimate_part.delay(part_id, run_id)
    for run_id in swept.runs:
        finish_run.delay(run_id)
    for job_id in import_sweep():
        import_job.delay(job_id)
    for run_id in documents_missing():
        keep_document.delay(run_id)


@shared_task(name="planner.import_job", acks_late=True, ignore_result=True)
def import_job(job_id: int) -> None:
    """The dry run or the load of one import; what is given back after a fault that can pass comes with the next sweep."""
    import_run(job_id)


def queue_is_empty() -> bool:
    """Whether the broker holds no message: whatever waits has lost its own, as when the broker came back empty."""
    with current_app.connection_for_read() as connection:
        try:
            queue = connection.default_channel.queue_declare(current_app.conf.task_default_queue, passive=True)
        except ChannelError:
            # Redis keeps no list without entries.
            return True
        return bool(queue.message_count == 0)


@shared_task(name="planner.fire_schedules", ignore_result=True)
def fire_schedules() -> None:
    """Look what is due: reports to be made, deliveries to be tried. Any number of clocks may call it."""
    fire_due()
    for occurrence_id in open_occurrences():
        make_report.delay(occurrence_id)
    for delivery_id in due_deliveries():
        deliver_report.delay(delivery_id)


@shared_task(name="planner.make_report", acks_late=True, ignore_result=True)
def make_report(occurrence_id: int) -> None:
    """The next steps of one scheduled report; its row says whether there are any."""
    made = occurrence_make(occurrence_id)
    if made.run is not None:
        enqueue_run(made.run)
    for delivery_id in made.deliveries:
        deliver_report.delay(delivery_id)


@shared_task(name="planner.deliver_report", acks_late=True, ignore_result=True)
def deliver_report(delivery_id: int) -> None:
    """One attempt; the pause until the next one stands in the row."""
    deliver(delivery_id)


@shared_task(name="planner.forget_reports", ignore_result=True)
def forget_reports() -> None:
    """Remove files of scheduled reports that are kept no longer."""
    forget_files()


def enqueue_report(occurrence: Occurrence) -> None:
    """Send the message of a report asked for by hand; without a broker the next look at what is due finds it."""
    transaction.on_commit(lambda: _try_to_send(make_report, occurrence.pk))


def enqueue_deliveries(deliveries: Iterable[Delivery]) -> None:
    """Send the messages of deliveries that are tried again, likewise."""
    for delivery in deliveries:
        transaction.on_commit(partial(_try_to_send, deliver_report, delivery.pk))


def _try_to_send(task: Task, key: int) -> None:
    try:
        task.delay(key)
    except OperationalError:
        log.warning("the broker did not take a message; %s %s is taken up later", task.name, key)


def part_messages(part_ids: Iterable[int]) -> list[tuple[int, int]]:
    """(run, part) of each message to send."""
    return list(
        RunPart.objects.filter(pk__in=list(part_ids)).order_by("run_id", "position").values_list("run_id", "pk")
    )


def enqueue_import(job: ImportJob) -> None:
    """Send the message of an import once what it asks for has committed."""

    def send() -> None:
        try:
            import_job.delay(job.pk)
        except OperationalError:
            ImportJob.objects.filter(pk=job.pk).update(queued_at=None)
            log.warning("the broker did not take the message of import %s; it is sent later", job.pk)

    transaction.on_commit(send)


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
