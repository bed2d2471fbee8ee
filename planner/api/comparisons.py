"""The comparison of two to four runs, in its formats."""

from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from planner.models import Run
from planner.models.vocabulary import RunState
from planner.reports.comparison import MOST, NotComparable
from planner.reports.comparison_writers import COMPARISON_FORMATS, comparison_file
from planner.reports.media_types import MEDIA_TYPES
from planner.selectors import runs_compared
from regions.access import request_access
from regions.api.base import CaseRolePermission

LANGUAGES = [code for code, _name in settings.LANGUAGES]


def comparison_renderer(kind: str) -> type[BaseRenderer]:
    """A renderer that writes the comparison in one of its formats."""

    def render(self: Any, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        document, language = data
        return comparison_file(document, kind, language)

    charset = "utf-8" if MEDIA_TYPES[kind].startswith("text/") else None
    names = {"media_type": MEDIA_TYPES[kind], "format": kind, "charset": charset, "render": render}
    return type(f"{kind.capitalize()}Comparison", (BaseRenderer,), names | {"__doc__": f"The comparison as {kind}."})


class ComparisonView(APIView):
    """What differs between runs: inputs first, then outcomes, then which places moved and why."""

    permission_classes = (CaseRolePermission,)
    renderer_classes = [comparison_renderer(kind) for kind in sorted(COMPARISON_FORMATS, key=lambda one: one != "json")]

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "runs", str, required=True, pattern=r"^[0-9]{1,17}(,[0-9]{1,17}){1,3}$",
                description="Two to four ids, such as 12,15; the first is the one compared with.",
            ),
            OpenApiParameter("format", str, enum=list(COMPARISON_FORMATS), description="JSON where none is named."),
            OpenApiParameter("language", str, enum=LANGUAGES, description="English where none is named."),
        ],
        responses={
            (200, MEDIA_TYPES[kind]): OpenApiTypes.OBJECT if kind == "json" else OpenApiTypes.BINARY
            for kind in COMPARISON_FORMATS
        },
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """404 where a run is not seen or has no results."""
        query = request.query_params
        if unknown := sorted(set(query) - {"runs", "format", "language"}):
            raise serializers.ValidationError({name: ["unknown parameter"] for name in unknown})
        language = query.get("language", settings.LANGUAGE_CODE)
        if language not in LANGUAGES:
            raise serializers.ValidationError({"language": [f"expected one of {', '.join(LANGUAGES)}"]})
        numbers = query.get("runs", "").split(",")
        if not all(one.isascii() and one.isdecimal() and len(one) < 18 for one in numbers) or len(numbers) > MOST:
            raise serializers.ValidationError({"runs": ["expected two to four ids, separated by commas"]})
        rows = Run.objects.select_related("case", "snapshot", "scenario").filter(pk__in=numbers, state=RunState.DONE)
        found = {row.pk: row for row in request_access(request).limit(rows)}
        if missing := [one for one in numbers if int(one) not in found]:
            raise NotFound(f"no finished run {', '.join(missing)}")
        try:
            document = runs_compared([found[int(one)] for one in numbers])
        except NotComparable as error:
            raise serializers.ValidationError({"runs": [str(error)]}) from error
        response = Response((document, language))
        kind = getattr(request, "accepted_renderer").format  # noqa: B009
        name = "-".join(numbers)
        response.headers["Content-Disposition"] = f'attachment; filename="comparison-{name}.{kind}"'
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response
