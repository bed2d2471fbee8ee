"""Settings of the disturbed processes: a clock that a file sets ahead, and a schedule that sweeps every few seconds."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from planner.config.settings.test import *  # noqa: F403

# Those that the small case has.
RUN_ANALYSES = ["diagnosis", "minute_values"]
CELERY_BEAT_SCHEDULE = {
    "sweep-runs": {"task": "planner.sweep_runs", "schedule": 3.0},
    "fire-schedules": {"task": "planner.fire_schedules", "schedule": 1.0},
}
# Reports go to a target of the script itself.
REPORT_WEBHOOK_HTTP = True
REPORT_WEBHOOK_DOMAINS = ["localhost"]
REPORT_WEBHOOK_NETWORKS = ["127.0.0.0/8", "::1/128"]
PUBLIC_URL = "https://planner.example"
REPORT_FOLDER = Path(os.environ["DATA_DIR"]) / "delivered"

_clock = Path(os.environ["DATA_DIR"]) / "clock-ahead-seconds"
_real_now = timezone.now


def injected_now() -> datetime:
    """The time as the file sets it; everything of the project that asks for the time asks here."""
    try:
        ahead = float(_clock.read_text())
    except (OSError, ValueError):
        ahead = 0.0
    return _real_now() + timedelta(seconds=ahead)


timezone.now = injected_now
