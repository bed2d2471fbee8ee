"""Views of schedules: written by planners; what they made, where it went, and what went wrong."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import BooleanField, Case, Prefetch, Value, When
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from planner import tasks
from planner.api import schedule_serializers
from planner.api.base import check_if_match, etag_of
from planner.api.idempotency import answered_once
from planner.api.plans import IF_MATCH, KEY
from planner.models import Alert, Delivery, Occurrence, ReportFile, Schedule
from planner.services.alerts import alert_seen
from planner.services.deliveries import delivery_resend
from planner.services.schedules import schedule_delete, schedule_fire
from planner.views.report_files import file_response
from regions.api.base import ReadOnlyViewSet
from regions.api.filters import WholeNumberFilter
from regions.api.problems import Conflict
from regions.api.strict import refuse_body
from regions.api.views import CaseNameFilter

FILES = ReportFile.objects.defer("content").annotate(
    kept=Case(When(content__isnull=True, then=Value(False)), default=Value(True), output_field=BooleanField())
)
FILE = OpenApiParameter("file", int, required=True, description="Id of the file.")


class ScheduleFilter(CaseNameFilter):
    """Schedules by case, name and whether they are paused."""

    class Meta:
        model = Schedule
        fields = ("case", "name", "paused", "source")


@extend_schema_view(
    create=extend_schema(parameters=[KEY]),
    update=extend_schema(parameters=[IF_MATCH]),
    partial_update=extend_schema(parameters=[IF_MATCH]),
    destroy=extend_schema(parameters=[IF_MATCH]),
)
class ScheduleViewSet(mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, ReadOnlyViewSet):
    """Schedules of reports. A schedule runs with the permissions of whoever wrote it last."""

    queryset = (
        Schedule.objects.select_related("case", "run_as").prefetch_related("recipients").order_by("case__name", "name")
    )
    serializer_class = schedule_serializers.ScheduleSerializer
    filterset_class = ScheduleFilter
    ordering_fields = ("name", "updated_at")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new schedule; once per Idempotency-Key."""

        def act() -> Response:
            response = super(ScheduleViewSet, self).create(request, *args, **kwargs)
            response.headers["Location"] = reverse("schedule-detail", args=[response.data["id"]], request=request)
            return response

        return answered_once(request, act)

    @method_decorator(transaction.atomic)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change it, if it still is what If-Match names; `paused` pauses it or lets it go on."""
        row = self.locked_object(request)
        serializer = self.get_serializer(row, data=request.data, partial=kwargs.get("partial", False))
        serializer.is_valid(raise_exception=True)
        data = self.get_serializer(serializer.save()).data
        response = Response(data)
        response.headers["ETag"] = etag_of(data)
        return response

    @method_decorator(transaction.atomic)
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Remove it with its history, if it still is what If-Match names."""
        schedule_delete(self.locked_object(request), cast(User, request.user))
        return Response(status=204)

    def locked_object(self, request: Request) -> Schedule:
        """The schedule, locked until the request's transaction ends, and not changed since it was read."""
        row: Schedule = self.get_object()
        Schedule.objects.select_for_update().get(pk=row.pk)
        check_if_match(request, self.get_serializer(self.get_object()).data)
        return row

    @extend_schema(request=None, responses={202: schedule_serializers.OccurrenceSerializer})
    @action(detail=True, methods=["post"])
    def fire(self, request: Request, pk: Any = None) -> Response:
        """Make the report now, besides the due times."""
        schedule = self.get_object()
        refuse_body(request)
        with transaction.atomic():
            occurrence = schedule_fire(schedule, cast(User, request.user))
            tasks.enqueue_report(occurrence)
        occurrence = Occurrence.objects.select_related("schedule__case").get(pk=occurrence.pk)
        data = schedule_serializers.OccurrenceSerializer(occurrence, context=self.get_serializer_context()).data
        response = Response(data, status=202)
        response.headers["Location"] = reverse("scheduled-report-detail", args=[occurrence.pk], request=request)
        return response


class OccurrenceFilter(filters.FilterSet):
    """Scheduled reports by case, schedule, state and run."""

    case = filters.CharFilter(field_name="schedule__case__name")
    schedule = WholeNumberFilter(field_name="schedule_id")
    run = WholeNumberFilter(field_name="run_id")

    class Meta:
        model = Occurrence
        fields = ("case", "schedule", "state", "run", "manual")


class OccurrenceViewSet(ReadOnlyViewSet):
    """Scheduled reports, newest first, with their files."""

    queryset = (
        Occurrence.objects.select_related("schedule__case")
        .prefetch_related(Prefetch("files", queryset=FILES))
        .order_by("-due_at", "-pk")
    )
    serializer_class = schedule_serializers.OccurrenceSerializer
    filterset_class = OccurrenceFilter
    ordering_fields = ("due_at", "finished_at")
    extra_parameters = frozenset({"file"})

    @extend_schema(parameters=[FILE], responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}, filters=False)
    @action(detail=True, pagination_class=None)
    def file(self, request: Request, pk: Any = None) -> HttpResponse:
        """The bytes of one file while it is kept."""
        occurrence = self.get_object()
        number = request.query_params.get("file", "")
        if not number.isascii() or not number.isdecimal() or len(number) > 18:
            raise ValidationError({"file": ["expected the id of a file"]})
        found = ReportFile.objects.filter(pk=int(number), occurrence=occurrence, content__isnull=False).first()
        if found is None:
            raise NotFound("no such file, or it is no longer kept")
        return file_response(found.name, found.format, bytes(found.content or b""))


class DeliveryFilter(filters.FilterSet):
    """Deliveries by case, scheduled report, state and way."""

    case = filters.CharFilter(field_name="occurrence__schedule__case__name")
    occurrence = WholeNumberFilter(field_name="occurrence_id")

    class Meta:
        model = Delivery
        fields = ("case", "occurrence", "state", "kind", "is_alert")


class DeliveryViewSet(ReadOnlyViewSet):
    """Deliveries, newest first, with every attempt."""

    queryset = Delivery.objects.select_related("occurrence__schedule__case").prefetch_related("tries").order_by("-pk")
    serializer_class = schedule_serializers.DeliverySerializer
    filterset_class = DeliveryFilter
    ordering_fields = ("created_at", "sent_at")

    @extend_schema(request=None, responses={200: schedule_serializers.DeliverySerializer})
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: Any = None) -> Response:
        """Try a delivery that was given up again from the beginning; 409 where it was not."""
        delivery = self.get_object()
        refuse_body(request)
        with transaction.atomic():
            if not delivery_resend(delivery, cast(User, request.user)):
                raise Conflict(f"delivery {delivery.pk} was not given up: it is {delivery.state}")
            tasks.enqueue_deliveries([delivery])
        return Response(self.get_serializer(self.get_queryset().get(pk=delivery.pk)).data)


class AlertFilter(filters.FilterSet):
    """Alerts by case, schedule, kind, and whether somebody has seen them."""

    case = filters.CharFilter(field_name="schedule__case__name")
    schedule = WholeNumberFilter(field_name="schedule_id")
    open = filters.BooleanFilter(field_name="seen_at", lookup_expr="isnull")

    class Meta:
        model = Alert
        fields = ("case", "schedule", "kind", "open")


class AlertViewSet(ReadOnlyViewSet):
    """What went wrong, newest first."""

    queryset = Alert.objects.select_related("schedule__case", "seen_by").order_by("-pk")
    serializer_class = schedule_serializers.AlertSerializer
    filterset_class = AlertFilter
    ordering_fields = ("created_at",)

    @extend_schema(request=None, responses={200: schedule_serializers.AlertSerializer})
    @action(detail=True, methods=["post"])
    def seen(self, request: Request, pk: Any = None) -> Response:
        """Somebody has seen it."""
        alert = self.get_object()
        refuse_body(request)
        alert_seen(alert, cast(User, request.user))
        return Response(self.get_serializer(self.get_queryset().get(pk=alert.pk)).data)
