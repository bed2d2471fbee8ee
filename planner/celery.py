"""The Celery application; its settings are the Django settings that start with CELERY_."""

from celery import Celery

from planner.config import filebroker
from planner.config.threads import one_thread_per_worker

one_thread_per_worker()
filebroker.install()

app = Celery("planner")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks(["planner"])
