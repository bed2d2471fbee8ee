"""Views of plans: interventions, which planners also write, parameter sets and scenarios."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.decorators import method_decorator
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from planner.api import serializers
from planner.api.base import check_if_match, etag_of
from planner.api.idempotency import HEADER, answered_once
from planner.models import Intervention, ParameterSet, Scenario
from planner.services import intervention_delete
from regions.api.base import ReadOnlyViewSet
from regions.api.views import CaseNameFilter

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="ETag of the intervention as you read it."
)
KEY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="A text of your own: the request sent again under it is done once.",
)
BOOTHS = OpenApiExample(
    "Two more booths",
    request_only=True,
    value={
        "case": "us-canada-2023",
        "slug": "booths-example",
        "name": "Two more truck booths",
        "kind": "facilitation",
        "maturity": "study",
        "channels": [
            {
                "type": "wait_minutes", "crossing": "3801", "direction": "US", "low": -8, "central": -5, "high": -2,
                "unit": "minutes", "source": "Assumption", "grade": "D",
            }
        ],
        "costs": [{"year": 2026, "category": "capital", "amount_musd": 40, "source": "Plan", "grade": "C"}],
    },
)  # fmt: skip


class InterventionFilter(CaseNameFilter):
    """Interventions by case, kind, maturity and slug."""

    class Meta:
        model = Intervention
        fields = ("case", "kind", "maturity", "slug")


@extend_schema_view(
    create=extend_schema(parameters=[KEY], examples=[BOOTHS]),
    update=extend_schema(parameters=[IF_MATCH]),
    partial_update=extend_schema(parameters=[IF_MATCH]),
    destroy=extend_schema(parameters=[IF_MATCH]),
)
class InterventionViewSet(mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, ReadOnlyViewSet):
    """Interventions with their channels and costs. Planners write them; runs keep copies of what they read."""

    queryset = (
        Intervention.objects.select_related("case")
        .prefetch_related("channels", "costs__intervention__case")
        .order_by("case__name", "slug")
    )
    serializer_class = serializers.InterventionSerializer
    filterset_class = InterventionFilter
    ordering_fields = ("slug", "name", "kind", "start_year")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new intervention; once per Idempotency-Key."""

        def act() -> Response:
            response = super(InterventionViewSet, self).create(request, *args, **kwargs)
            response.headers["Location"] = reverse("intervention-detail", args=[response.data["id"]], request=request)
            return response

        return answered_once(request, act)

    @method_decorator(transaction.atomic)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change it, if it still is what If-Match names."""
        row = self.locked_object(request)
        serializer = self.get_serializer(row, data=request.data, partial=kwargs.get("partial", False))
        serializer.is_valid(raise_exception=True)
        data = self.get_serializer(serializer.save()).data
        response = Response(data)
        response.headers["ETag"] = etag_of(data)
        return response

    @method_decorator(transaction.atomic)
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Remove it, if it still is what If-Match names."""
        intervention_delete(self.locked_object(request), cast(User, request.user), serializers.way_of(request))
        return Response(status=204)

    def locked_object(self, request: Request) -> Intervention:
        """The intervention, locked until the request's transaction ends, and not changed since it was read."""
        row = self.get_object()
        Intervention.objects.select_for_update().get(pk=row.pk)
        check_if_match(request, self.get_serializer(self.get_object()).data)
        return row


class ParameterSetFilter(CaseNameFilter):
    """Parameter sets by case and name."""

    class Meta:
        model = ParameterSet
        fields = ("case", "name", "is_default")


class ParameterSetViewSet(ReadOnlyViewSet):
    """Parameter sets with their rows."""

    queryset = ParameterSet.objects.select_related("case").prefetch_related("parameters").order_by("case__name", "name")
    serializer_class = serializers.ParameterSetSerializer
    filterset_class = ParameterSetFilter
    ordering_fields = ("name", "as_of")


class ScenarioFilter(CaseNameFilter):
    """Scenarios by case and settings."""

    class Meta:
        model = Scenario
        fields = ("case", "closure", "criterion")


class ScenarioViewSet(ReadOnlyViewSet):
    """Scenarios."""

    queryset = Scenario.objects.select_related("case").order_by("case__name", "name")
    serializer_class = serializers.ScenarioSerializer
    filterset_class = ScenarioFilter
    ordering_fields = ("name",)
