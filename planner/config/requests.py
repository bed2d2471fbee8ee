"""What every request gets: an id for the log and for the reader, one line in the log, and its place in the metrics."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.utils.http import escape_leading_slashes

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


class Slashes(CommonMiddleware):
    """Addresses without their last slash lead to those with it; what is sent there keeps its method and body."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """308 instead of 301 for whatever is not read: clients make a GET of a POST that is answered 301."""
        answer = super().process_response(request, response)
        if answer.status_code == HTTPStatus.MOVED_PERMANENTLY and request.method not in ("GET", "HEAD"):
            answer.status_code = HTTPStatus.PERMANENT_REDIRECT
        return answer

    def get_full_path_with_slash(self, request: HttpRequest) -> str:
        """Without the fault that Django raises while one develops: the redirect loses nothing."""
        return escape_leading_slashes(request.get_full_path(force_append_slash=True))


class AddressText:
    """Addresses with a NUL character name nothing: no text of the database can hold one, and PostgreSQL refuses to look."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """404, as for any other name that there is not."""
        if "\x00" in request.path_info:
            raise Http404
        return self.get_response(request)
