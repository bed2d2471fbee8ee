"""Progress of a run as server-sent events, for as long as the run and the reader's access last."""

import json
import threading
import time
from collections.abc import Callable, Generator
from typing import Any

from django.conf import settings
from rest_framework.renderers import BaseRenderer

from planner.models import Run
from planner.selectors import run_progress

POLL_SECONDS = 1.0
# A stream holds a thread of the server: it ends after a while, and the reader comes back by itself.
LONGEST_SECONDS = getattr(settings, "EVENT_STREAM_SECONDS", 25)
COME_BACK_MILLISECONDS = 2000
_places = threading.BoundedSemaphore(getattr(settings, "EVENT_STREAMS", 2))


class EventRenderer(BaseRenderer):
    """Names the media type for the choice of format; the stream itself writes the events."""

    media_type = "text/event-stream"
    format = "events"
    charset = None


def take_place() -> bool:
    """Whether one more stream fits beside the other requests of this process."""
    return _places.acquire(blocking=False)


def progress_values(run: Run) -> dict[str, Any]:
    """State and counts, with the seconds that are left."""
    progress = run_progress(run)
    names = ("state", "total", "done", "failed", "running", "reused")
    left = round(progress.left.total_seconds()) if progress.left is not None else None
    return {**{name: getattr(progress, name) for name in names}, "seconds_left": left}


def event_id(values: dict[str, Any]) -> str:
    """Names what an event says, so that a reader who comes back is not told it again."""
    return "-".join(str(values[name]) for name in ("state", "total", "done", "failed", "running", "reused"))


class ProgressStream:
    """Events 'progress' when something changed, then 'finished'; a comment keeps the line open in between."""

    def __init__(self, run_id: int, may_see: Callable[[Run], bool], last_id: str = "") -> None:
        self._events = progress_events(run_id, may_see, last_id)
        self._open = True

    def __iter__(self) -> "ProgressStream":
        return self

    def __next__(self) -> bytes:
        return next(self._events)

    def close(self) -> None:
        """Give the place back, also where the reader left before the first event."""
        self._events.close()
        if self._open:
            self._open = False
            _places.release()


def progress_events(run_id: int, may_see: Callable[[Run], bool], last_id: str) -> Generator[bytes, None, None]:
    """The events themselves; last_id: of the last one that the reader has."""
    end = time.monotonic() + LONGEST_SECONDS
    yield f"retry: {COME_BACK_MILLISECONDS}\n\n".encode()
    while True:
        run = Run.objects.filter(pk=run_id).first()
        if run is None or not may_see(run):
            return
        values = progress_values(run)
        if run.is_finished:
            yield event("finished", values)
            return
        yield event("progress", values) if event_id(values) != last_id else b": nothing new\n\n"
        last_id = event_id(values)
        if time.monotonic() + POLL_SECONDS > end:
            return
        time.sleep(POLL_SECONDS)


def event(name: str, values: dict[str, Any]) -> bytes:
    """One event."""
    return f"event: {name}\ndata: {json.dumps(values)}\nid: {event_id(values)}\n\n".encode()
