"""Views of runs: start, follow, cancel, approve, and their reports."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer
from rest_framework.throttling import ScopedRateThrottle

from planner import tasks
from planner.api import serializers
from planner.api.base import REPORT_RENDERERS
from planner.api.events import EventRenderer, ProgressStream, event_id, progress_values, take_place
from planner.api.idempotency import answered_once
from planner.api.plans import KEY
from planner.models import Run
from planner.models.vocabulary import Review, RunState
from planner.selectors import run_report
from planner.services import ReviewRefused, RunRefused, run_cancel, run_review, run_start
from regions.access import Access, Role, access_of
from regions.api.base import ReadOnlyViewSet
from regions.api.problems import Conflict, Refused
from regions.api.strict import refuse_body
from regions.api.views import CaseNameFilter

START = OpenApiExample(
    "One intervention, a thousand draws",
    request_only=True,
    value={"case": "us-canada-2023", "interventions": ["trusted-trader-lanes"], "draws": 1000, "seed": 1},
)
ACCEPTED = OpenApiResponse(
    serializers.RunSerializer, description="The run, waiting or under way; the Location header is its address."
)
SETTINGS = ("closure", "criterion", "standing", "draws", "seed", "variant")
REPORT_FORMAT = OpenApiParameter(
    "format", str, enum=list(serializers.REPORT_TYPES), description="JSON where none is named."
)

REPORT_LANGUAGE = OpenApiParameter(
    "language", str, enum=[code for code, _name in settings.LANGUAGES], description="English where none is named."
)


LAST_EVENT = OpenApiParameter(
    "Last-Event-ID",
    str,
    OpenApiParameter.HEADER,
    description="Id of the last event that you have; it is not told again.",
)


class Busy(APIException):
    """All places for streams are taken."""

    status_code = 503
    default_detail = "Too many open streams; ask for the run itself instead, or again later."
    default_code = "busy"
    wait = 5


class RunFilter(CaseNameFilter):
    """Runs by case, state and settings."""

    class Meta:
        model = Run
        fields = ("case", "state", "review", "closure", "criterion", "seed", "draws")


class RunViewSet(ReadOnlyViewSet):
    """Runs, newest first, with their progress; a single run carries the inputs that it copied."""

    queryset = (
        Run.objects.select_related("case")
        .annotate(
            parts_total=Count("parts"),
            parts_done=Count("parts", filter=Q(parts__state=RunState.DONE)),
            parts_failed=Count("parts", filter=Q(parts__state=RunState.FAILED)),
            parts_running=Count("parts", filter=Q(parts__state=RunState.RUNNING)),
            parts_reused=Count("parts", filter=Q(parts__reused=True)),
        )
        .order_by("-pk")
    )
    serializer_class = serializers.RunSerializer
    filterset_class = RunFilter
    ordering_fields = ("created_at", "finished_at", "draws")
    write_role = Role.PLANNER

    def get_serializer_class(self) -> type[BaseSerializer]:
        """One run is shown with its inputs."""
        return serializers.RunDetailSerializer if self.action == "retrieve" else serializers.RunSerializer

    def get_throttles(self) -> list[Any]:
        """Starting runs has a limit of its own."""
        if self.action == "create":
            self.throttle_scope = "runs"
            return [*super().get_throttles(), ScopedRateThrottle()]
        return super().get_throttles()

    def answer(self, pk: int, status: int = 200) -> Response:
        """The run as it is now."""
        run = self.get_queryset().get(pk=pk)
        return Response(serializers.RunSerializer(run, context=self.get_serializer_context()).data, status=status)

    @extend_schema(
        request=serializers.RunStartSerializer, responses={202: ACCEPTED}, parameters=[KEY], examples=[START]
    )
    def create(self, request: Request) -> Response:
        """Start a run, or get the one that is under way for the same request; once per Idempotency-Key."""

        def act() -> Response:
            asked = serializers.RunStartSerializer(data=request.data, context=self.get_serializer_context())
            asked.is_valid(raise_exception=True)
            values = asked.validated_data
            try:
                started = run_start(
                    values["case"],
                    slugs=values.get("interventions"),
                    scenario=values.get("scenario"),
                    parameter_set=values.get("parameter_set"),
                    settings={name: values[name] for name in SETTINGS if name in values},
                    requested_by=cast(User, request.user),
                )
            except RunRefused as refused:
                raise Refused(refused.problems) from refused
            if started.created:
                tasks.enqueue_run(started.run)
            response = self.answer(started.run.pk, status=202)
            response.headers["Location"] = reverse("run-detail", args=[started.run.pk], request=request)
            return response

        return answered_once(request, act)

    @extend_schema(request=None, responses={200: serializers.RunSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: Any = None) -> Response:
        """Cancel a run; 409 where it has ended."""
        run = self.get_object()
        refuse_body(request)
        if not run_cancel(run.pk, by=request.user):
            raise Conflict(f"run {run.pk} has ended: {run.get_state_display().lower()}")
        return self.answer(run.pk)

    @extend_schema(request=serializers.ReviewSerializer, responses={200: serializers.RunSerializer})
    @action(detail=True, methods=["post"], write_role=Role.APPROVER)
    def review(self, request: Request, pk: Any = None) -> Response:
        """Approve, freeze or take the approval back; for approvers other than the author."""
        run = self.get_object()
        asked = serializers.ReviewSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            run_review(run.pk, Review(asked.validated_data["step"]), cast(User, request.user))
        except ReviewRefused as refused:
            raise Conflict(str(refused)) from refused
        return self.answer(run.pk)

    @extend_schema(responses={200: serializers.RunPartSerializer(many=True)}, filters=False)
    @action(detail=True, pagination_class=None)
    def parts(self, request: Request, pk: Any = None) -> Response:
        """The parts of a run, one for each intervention, with the reasons of those that failed."""
        rows = self.get_object().parts.order_by("position")
        return Response(serializers.RunPartSerializer(rows, many=True).data)

    @extend_schema(
        responses={
            (200, "text/event-stream"): OpenApiResponse(serializers.ProgressEventSerializer),
            204: OpenApiResponse(description="The run has ended, and Last-Event-ID names its last event."),
        },
        parameters=[LAST_EVENT],
        filters=False,
    )
    @action(detail=True, renderer_classes=[EventRenderer, JSONRenderer])
    def events(self, request: Request, pk: Any = None) -> StreamingHttpResponse | HttpResponse:
        """Progress as server-sent events, 'progress' and at last 'finished', for at most half a minute a time."""
        run = self.get_object()
        last_id = request.headers.get("Last-Event-ID", "")
        if run.is_finished and last_id == event_id(progress_values(run)):
            # The reader has the last event: 204 tells an EventSource not to come back.
            return HttpResponse(status=204)
        if not take_place():
            raise Busy
        user = cast(User, request.user)

        def may_see(current: Run) -> bool:
            fresh = User.objects.filter(pk=user.pk).first()
            return fresh is not None and access_now(request, fresh).may(Role.VIEWER, current.case_id)

        response = StreamingHttpResponse(
            ProgressStream(run.pk, may_see, last_id), content_type=EventRenderer.media_type
        )
        response.headers["X-Accel-Buffering"] = "no"
        response.headers["Cache-Control"] = "no-store"
        return response

    @extend_schema(
        parameters=[REPORT_FORMAT, REPORT_LANGUAGE],
        responses={
            (200, media_type): OpenApiTypes.OBJECT if kind == "json" else OpenApiTypes.BINARY
            for kind, media_type in serializers.REPORT_TYPES.items()
        },
        filters=False,
    )
    @action(detail=True, renderer_classes=REPORT_RENDERERS, extra_parameters=frozenset({"language"}))
    def report(self, request: Request, pk: Any = None) -> Response:
        """The report of a finished run in one of its formats, with the same numbers in each."""
        run = self.get_object()
        if run.state != RunState.DONE:
            raise NotFound(f"run {run.pk} has no report: it is {run.get_state_display().lower()}")
        language = request.query_params.get("language", settings.LANGUAGE_CODE)
        if language not in dict(settings.LANGUAGES):
            raise ValidationError({"language": [f"expected one of {', '.join(dict(settings.LANGUAGES))}"]})
        response = Response(run_report(run, language))
        kind = cast(Any, request).accepted_renderer.format
        response.headers["Content-Disposition"] = f'attachment; filename="{run.case.name}-run-{run.pk}.{kind}"'
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response


def access_now(request: Request, user: User) -> Access:
    """The access of a user read anew, within the request's token."""
    access = access_of(user)
    token: Any = request.auth
    if not hasattr(token, "highest_role"):
        return access
    token.refresh_from_db()
    return access.capped(token.highest_role() if token.is_valid() else None)


class ReportFilter(CaseNameFilter):
    """Reports by case and review."""

    class Meta:
        model = Run
        fields = ("case", "review", "closure", "criterion")


class ReportViewSet(ReadOnlyViewSet):
    """Reports that can be had: one for each finished run, with the address of each format."""

    queryset = Run.objects.select_related("case").filter(state=RunState.DONE).order_by("-pk")
    serializer_class = serializers.ReportSerializer
    filterset_class = ReportFilter
    ordering_fields = ("finished_at",)
