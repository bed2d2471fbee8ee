"""Celery without servers: a worker, and the schedule, as threads of the process that asks for them."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import beat
from celery.app import app_or_default
from celery.worker import WorkController, state
from django.conf import settings
from django.db import connections

WORKER_THREAD = "embedded-worker"
# A limit for machines that do much else; a start takes a second.
START_SECONDS = 120
STOP_SECONDS = 30

log = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()


class WorkerNotStarted(RuntimeError):
    """The worker of this process did not come up; its own error is the cause."""


class _Worker(WorkController):
    """A worker that tells when it consumes; it leaves signals and the log to its host."""

    def __init__(self, consuming: threading.Event, **options: Any) -> None:
        self.consuming = consuming
        super().__init__(**options)

    def should_use_eventloop(self) -> bool:
        """Use the plain loop: the other one is made for a process of its own."""
        return False

    def on_consumer_ready(self, consumer: Any) -> None:
        """Tell the thread that started this worker."""
        self.consuming.set()


@contextmanager
def embedded_worker(threads: int | None = None) -> Iterator[None]:
    """Run a Celery worker with `threads` threads for as long as the block lasts.

    Without a number it is WORKER_THREADS, which is 0 where workers run as processes of their own: then nothing
    is started here. On leaving, tasks that run are finished; tasks that wait stay in the broker.
    """
    count = settings.WORKER_THREADS if threads is None else threads
    if count < 0:
        raise ValueError(f"threads={count}: expected 0 or more")
    if count == 0:
        yield
        return
    # Celery keeps the order to stop in module state, so a process has one embedded worker at a time.
    if not _one_at_a_time.acquire(blocking=False):
        raise WorkerNotStarted("this process already runs an embedded worker")
    try:
        thread, failure = _start(count)
        try:
            yield
        finally:
            _stop(thread)
            if failure:
                log.error("the embedded worker ended early: %s", failure[0])
    finally:
        _one_at_a_time.release()


def _start(threads: int) -> tuple[threading.Thread, list[BaseException]]:
    state.should_stop = state.should_terminate = None
    app = app_or_default()
    consuming = threading.Event()
    failure: list[BaseException] = []

    def run() -> None:
        try:
            # Made here and not outside: Celery closes the database connections of the thread that makes a worker.
            worker = _Worker(
                consuming,
                app=app,
                hostname=f"embedded-{threading.get_ident()}@localhost",
                pool="threads",
                concurrency=threads,
                loglevel=logging.WARNING,
                without_heartbeat=True,
                without_mingle=True,
                without_gossip=True,
                quiet=True,
            )
            worker.start()
        except BaseException as error:
            failure.append(error)
        finally:
            consuming.set()
            connections.close_all()

    thread = threading.Thread(target=run, name=WORKER_THREAD, daemon=True)
    thread.start()
    if not consuming.wait(START_SECONDS) or failure or not thread.is_alive():
        state.should_terminate = 0
        raise WorkerNotStarted("the embedded worker did not start") from (failure[0] if failure else None)
    return thread, failure


def _stop(thread: threading.Thread) -> None:
    state.should_stop = 0
    thread.join(STOP_SECONDS)
    if thread.is_alive():
        log.warning("the embedded worker still runs a task after %s s; it is left behind", STOP_SECONDS)
        return
    state.should_stop = state.should_terminate = None


@contextmanager
def embedded_beat() -> Iterator[None]:
    """Send the tasks of the schedule that is edited in the admin for as long as the block lasts."""
    app = app_or_default()
    service = beat.Service(app, scheduler_cls=app.conf.beat_scheduler, max_interval=1)

    def run() -> None:
        try:
            service.start()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, name="embedded-beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        service.stop(wait=False)
        thread.join(STOP_SECONDS)
