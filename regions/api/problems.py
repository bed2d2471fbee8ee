"""Errors as RFC 9457 problem documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

CONTENT_TYPE = "application/problem+json"


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
    return response


def problem_document(error: exceptions.APIException, status: int, path: str) -> dict[str, Any]:
    """type, title, status, detail and instance; for a refused input also each error with where it is."""
    title = str(error.default_detail).rstrip(".")
    document: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "instance": path}
    if isinstance(error, exceptions.ValidationError):
        document["errors"] = list(pointed(error.detail, ""))
        document["detail"] = "; ".join(entry["detail"] for entry in document["errors"])
    else:
        document["detail"] = str(error.detail)
    return document


def pointed(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    """Each message of a nested error with a JSON pointer to the field it is about."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from pointed(inner, pointer if name == "non_field_errors" else f"{pointer}/{name}")
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, (dict, list))
            yield from pointed(inner, f"{pointer}/{position}" if nested else pointer)
    else:
        yield {"detail": str(detail), "pointer": f"#{pointer}"}
