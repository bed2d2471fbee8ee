"""How gunicorn serves, in containers and in CI: `gunicorn --config python:planner.config.gunicorn`."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from planner.config.environment import env_int
from planner.config.logs import log_settings

# Before the metrics are imported: each process writes its counts here, and any of them can answer for all.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="planner-metrics-"))

wsgi_app = "planner.config.wsgi:application"
bind = f"{os.environ.get('WEB_ADDRESS', '0.0.0.0')}:{env_int('PORT', 8000)}"  # noqa: S104 - a container's only port
worker_class = "gthread"
workers = env_int("WEB_PROCESSES", 2)
threads = env_int("WEB_THREADS", 8)
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - memory, so that a slow disk kills nobody
timeout = 60
# Longer than a stream of progress lasts, so that a stop cuts none.
graceful_timeout = 35
keepalive = 5
# Signals are the only way to control it: a socket that nobody uses is one more door.
control_socket_disable = True
# The project logs requests itself, with their ids and without their queries.
accesslog = None
logconfig_dict = log_settings("json", os.environ.get("LOG_LEVEL", "INFO")) | {
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    }
}


def post_worker_init(worker: Any) -> None:
    """Each web process serves at once and makes the engine ready beside that."""
    from planner.services import warm_in_background

    warm_in_background()


def on_exit(server: Any) -> None:
    """The counts of this server end with it."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def child_exit(server: Any, worker: Any) -> None:
    """A process that has ended is no longer counted as alive."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
