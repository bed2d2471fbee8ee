"""The engine made ready in the background: its compiled code is loaded, or compiled, before somebody waits for a preview."""

import logging
import threading
import time

from django.db import connections

from planner.models import Intervention
from planner.services.quick_look import intervention_look

# The first page comes first.
DELAY_SECONDS = 2.0

log = logging.getLogger(__name__)


def warm_engine() -> bool:
    """Look at one intervention of the newest case, as a preview does; False where there is none yet, or it cannot be run."""
    row = Intervention.objects.filter(channels__isnull=False).select_related("case").order_by("-case_id", "pk").first()
    if row is None:
        return False
    try:
        look = intervention_look(row)
    except Exception as error:  # whoever asks for it in earnest is told; here nobody waits
        log.info("not warmed: %s", error)
        return False
    log.info("warmed in %.1f s", look.seconds)
    return True


def warm_in_background(delay: float = DELAY_SECONDS) -> threading.Thread:
    """In a thread that keeps nobody from stopping."""

    def work() -> None:
        time.sleep(delay)
        try:
            warm_engine()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, name="warm-engine", daemon=True)
    thread.start()
    return thread
