"""What every request gets: an id for the log and for the reader, one line in the log, and its place in the metrics."""

import logging
import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import Http404, HttpRequest, HttpResponse

from planner.config.metrics import count_request

HEADER = "X-Request-ID"
# A proxy may have given one already; anything else is not taken over into the log.
WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}")

log = logging.getLogger("planner.requests")


class RequestLog:
    """Middleware; outermost, so that it sees what the others answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Bind the id, answer, write down how it went. Neither query nor body is logged: they may hold secrets."""
        given = request.headers.get(HEADER, "")
        request_id = given if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            view = request.resolver_match.view_name if request.resolver_match else ""
            count_request(request.method or "", view, response.status_code, seconds)
            log.info(
                "request",
                extra={
                    "method": request.method,
                    "path": request.path,
                    "view": view,
                    "status": response.status_code,
                    "milliseconds": round(seconds * 1000, 1),
                    "user": getattr(getattr(request, "user", None), "pk", None),
                },
            )
        response.headers[HEADER] = request_id
        return response


class AddressText:
    """Addresses with a NUL character name nothing: no text of the database can hold one, and PostgreSQL refuses to look."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """404, as for any other name that there is not."""
        if "\x00" in request.path_info:
            raise Http404
        return self.get_response(request)
