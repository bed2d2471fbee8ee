"""The Celery application; its settings are the Django settings that start with CELERY_."""

from typing import Any

from celery import Celery
from celery.signals import worker_ready

from planner.config import filebroker
from planner.config.threads import one_thread_per_worker

one_thread_per_worker()
filebroker.install()

app = Celery("planner")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks(["planner"])


@worker_ready.connect
def put_back_unfinished_work(**_: Any) -> None:
    """Whatever a killed worker or a lost message left behind is sent again when a worker starts."""
    app.send_task("planner.sweep_runs", kwargs={"everything": True})
