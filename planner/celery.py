"""The Celery application; its settings are the Django settings that start with CELERY_."""

import logging
from typing import Any

import structlog
from celery import Celery
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun, worker_ready

from planner.config import filebroker
from planner.config.threads import one_thread_per_worker

one_thread_per_worker()
filebroker.install()

app = Celery("planner")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks(["planner"])

log = logging.getLogger(__name__)
# Bound to everything that a task logs: which task, for which run, and which request asked for it.
TASK_KEYS = ("task_id", "task", "run_id", "part_id", "request_id")


@setup_logging.connect
def keep_the_log(**_: Any) -> None:
    """Celery sets up no log of its own where somebody listens: workers and beat log as Django's settings say."""


@before_task_publish.connect
def carry_request_id(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """The request that asked for the work, so that one id leads from the web's log to the worker's."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id and headers is not None:
        headers["request_id"] = request_id


@task_prerun.connect
def bind_task(task_id: str = "", task: Any = None, args: Any = (), kwargs: Any = None, **_: Any) -> None:
    """Ids for the log, until the task has ended."""
    named = dict(zip(argument_names(task), args or (), strict=False)) | dict(kwargs or {})
    values = {
        "task_id": task_id,
        "task": task.name,
        "run_id": named.get("run_id"),
        "part_id": named.get("part_id"),
        "request_id": task.request.get("request_id"),
    }
    structlog.contextvars.bind_contextvars(**{name: value for name, value in values.items() if value is not None})


@task_postrun.connect
def unbind_task(state: str | None = None, **_: Any) -> None:
    """One line per task, then its ids are forgotten."""
    log.info("task ended", extra={"state": state})
    structlog.contextvars.unbind_contextvars(*TASK_KEYS)


def argument_names(task: Any) -> tuple[str, ...]:
    """Names of the task's arguments, in order."""
    code = task.run.__code__
    names = code.co_varnames[: code.co_argcount]
    return names[1:] if names[:1] == ("self",) else names


@worker_ready.connect
def put_back_unfinished_work(**_: Any) -> None:
    """Whatever a killed worker or a lost message left behind is sent again when a worker starts."""
    app.send_task("planner.sweep_runs", kwargs={"everything": True})
