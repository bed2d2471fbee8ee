"""Errors as RFC 9457 problem documents."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler

CONTENT_TYPE = "application/problem+json"
MOST_PROBLEMS = 50


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's handler with a problem document as its body; None leaves an unknown error to Django."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    request = context.get("request")
    response.data = problem_document(error, response.status_code, request.path if request else "")
    response.content_type = CONTENT_TYPE
    if request is not None:
        # Whatever form the answer was to have, its fault is told in JSON.
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), CONTENT_TYPE
    return response


class Refused(exceptions.APIException):
    """What was asked is well formed and cannot be done; `problems` says all of why."""

    status_code = 422
    default_detail = "The request cannot be carried out."
    default_code = "refused"

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        self.entries: list[dict[str, Any]] = [{"detail": problem, "pointer": "#"} for problem in problems]
        super().__init__("; ".join(problems[:MOST_PROBLEMS]))


class Conflict(exceptions.APIException):
    """The state of the object does not allow it."""

    status_code = 409
    default_detail = "The state of the object does not allow this."
    default_code = "conflict"


class ChangedMeanwhile(exceptions.APIException):
    """Somebody else changed the object after the client read it."""

    status_code = 412
    default_detail = "The object is not as If-Match says."
    default_code = "changed_meanwhile"


class PreconditionRequired(exceptions.APIException):
    """Changing an object asks for the ETag of what the client has read."""

    status_code = 428
    default_detail = "Send If-Match with the ETag of what you read."
    default_code = "precondition_required"


TITLES = {400: "Bad request", 403: "Forbidden", 404: "Not found", 500: "The server made a mistake"}


def plain_problem(request: HttpRequest, status: int, detail: str) -> JsonResponse:
    """A problem document for requests that never reached a REST view."""
    document = {
        "type": "about:blank",
        "title": TITLES[status],
        "status": status,
        "instance": request.path,
        "detail": detail,
    }
    return JsonResponse(document, status=status, content_type=CONTENT_TYPE)


def problem_document(error: exceptions.APIException, status: int, path: str) -> dict[str, Any]:
    """type, title, status, detail and instance; for a refused input also each error with where it is."""
    title = str(error.default_detail).rstrip(".")
    if "{" in title:
        # The text wants the request's own words, which stand in `detail`.
        title = HTTPStatus(status).phrase
    document: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "instance": path}
    if isinstance(error, exceptions.ValidationError):
        document["errors"] = list(pointed(error.detail, ""))
        document["detail"] = "; ".join(entry["detail"] for entry in document["errors"])
    else:
        document["detail"] = str(error.detail)
    if isinstance(error, Refused):
        document["errors"] = error.entries[:MOST_PROBLEMS]
    return document


def pointed(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    """Each message of a nested error with a JSON pointer to the field it is about."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from pointed(inner, pointer if name == "non_field_errors" else f"{pointer}/{escaped(name)}")
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, (dict, list))
            yield from pointed(inner, f"{pointer}/{position}" if nested else pointer)
    else:
        yield {"detail": str(detail), "pointer": f"#{pointer}"}


def escaped(name: Any) -> str:
    """A name as one step of a JSON pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")
