"""The addresses that load balancers, containers and monitors ask: does it live, can it serve, can it compute."""

import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery.app import app_or_default
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from planner.config.embedded import WORKER_THREAD

# The schedule sends the sweep each minute.
LATE = timedelta(minutes=5)
PING_SECONDS = 2.0
# Nobody can make the server ping all workers more often than this.
KEPT_SECONDS = 5.0


class Unhealthy(Exception):
    """What is not there; the words are for everybody and name no address."""


def check_database() -> None:
    """The database answers a question."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_broker() -> None:
    """The broker takes messages."""
    if settings.EMBEDDED_BROKER:
        folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]
        if not os.access(folder, os.W_OK):
            raise Unhealthy("the folder of messages cannot be written")
        return
    with app_or_default().connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=PING_SECONDS)


def check_worker() -> None:
    """Some worker answers; the embedded one is a thread of this process."""
    if settings.EMBEDDED_BROKER:
        if not any(thread.name == WORKER_THREAD for thread in threading.enumerate()):
            raise Unhealthy("no worker in this process")
    elif not app_or_default().control.ping(timeout=PING_SECONDS, limit=1):
        raise Unhealthy("no worker answers")


def check_beat() -> None:
    """The schedule has sent its sweep lately."""
    from django_celery_beat.models import PeriodicTask

    sweep = PeriodicTask.objects.filter(name="sweep-runs").first()
    if sweep is None or sweep.last_run_at is None:
        raise Unhealthy("the schedule has not sent anything yet")
    age = timezone.now() - sweep.last_run_at
    if age > LATE:
        raise Unhealthy(f"the schedule sent nothing for {int(age.total_seconds())} seconds")


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "broker": check_broker,
    "worker": check_worker,
    "beat": check_beat,
}
_lock = threading.Lock()
_kept: tuple[float, dict[str, str]] | None = None


def problem_of(check: Callable[[], None]) -> str:
    """What the check found, without the words of libraries, which may name addresses and passwords."""
    try:
        check()
    except Unhealthy as problem:
        return str(problem)
    except Exception as error:  # whatever it is, it does not work
        return f"does not answer ({type(error).__name__})"
    return ""


def problems() -> dict[str, str]:
    """Each part with what is wrong with it; asked anew after a few seconds."""
    global _kept
    with _lock:
        if _kept is None or time.monotonic() - _kept[0] > KEPT_SECONDS:
            _kept = (time.monotonic(), {name: problem_of(check) for name, check in CHECKS.items()})
        return _kept[1]


def live(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


def health(request: HttpRequest) -> HttpResponse:
    """`ok` when the database answers, so that this process can serve; 503 when it does not."""
    problem = problem_of(check_database)
    return HttpResponse(f"{problem or 'ok'}\n", content_type="text/plain", status=503 if problem else 200)


def ready(request: HttpRequest) -> HttpResponse:
    """Whether runs can be started and will be computed: 200, or 503 with what is missing."""
    found = problems()
    parts: dict[str, Any] = {name: {"ok": not problem, "detail": problem} for name, problem in found.items()}
    answer = JsonResponse({"ready": not any(found.values()), **parts}, status=503 if any(found.values()) else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer
