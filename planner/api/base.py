"""What the planner's REST views share: ETags for writers, and formats of reports."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import set_response_etag
from django.utils.http import parse_etags
from django.views import defaults
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from planner.api.serializers import REPORT_TYPES
from planner.reports import Report
from regions.api.problems import ChangedMeanwhile, PreconditionRequired, plain_problem

API_PATHS = ("/api/",)


def etag_of(data: Any) -> str:
    """The ETag that a client got with this representation as JSON."""
    response = HttpResponse(JSONRenderer().render(data), content_type="application/json")
    return str(set_response_etag(response).headers["ETag"])


def check_if_match(request: Request, data: Any) -> None:
    """The object must still be what the client read: the second of two editors is told, and nothing is lost."""
    header = request.headers.get("If-Match")
    if header is None:
        raise PreconditionRequired
    wanted = parse_etags(header)
    if "*" not in wanted and etag_of(data) not in wanted:
        raise ChangedMeanwhile


def report_renderer(kind: str) -> type[BaseRenderer]:
    """A renderer that writes the run's report in one of its formats."""

    def render(self: Any, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return cast(Report, data).file(kind)

    charset = "utf-8" if REPORT_TYPES[kind].startswith("text/") else None
    names = {"media_type": REPORT_TYPES[kind], "format": kind, "charset": charset, "render": render}
    return type(f"{kind.capitalize()}ReportRenderer", (BaseRenderer,), names | {"__doc__": f"The report as {kind}."})


REPORT_RENDERERS = [report_renderer(kind) for kind in REPORT_TYPES]


# --- Faults outside the views -----------------------------------------------------------------------------------------


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks."""
    return request.path.startswith(API_PATHS)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return (
        plain_problem(request, 400, "The request is malformed.")
        if is_api(request)
        else defaults.bad_request(request, exception)
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    if is_api(request):
        return plain_problem(request, 403, "You may not do this.")
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    if is_api(request):
        return plain_problem(request, 404, "There is nothing at this address.")
    return defaults.page_not_found(request, exception)


def server_fault(request: HttpRequest) -> HttpResponse:
    """500, without a word of what is inside."""
    return plain_problem(request, 500, "The fault is recorded.") if is_api(request) else defaults.server_error(request)
