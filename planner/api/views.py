"""Read-only views of plans, runs and rankings."""

from typing import Any

from django.db.models import Count, Prefetch, Q
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from planner.api import serializers
from planner.models import Effect, Intervention, ParameterSet, Ranking, RankingRow, Run, Scenario
from planner.models.vocabulary import RunState
from planner.reports.json_writer import rounded
from planner.selectors import run_context
from regions.api.views import ReadOnlyViewSet


class CaseNameFilter(filters.FilterSet):
    """?case=NAME."""

    case = filters.CharFilter(field_name="case__name")


class InterventionFilter(CaseNameFilter):
    """Interventions by case, kind, maturity and slug."""

    class Meta:
        model = Intervention
        fields = ("case", "kind", "maturity", "slug")


class InterventionViewSet(ReadOnlyViewSet):
    """Interventions with their channels and costs."""

    queryset = (
        Intervention.objects.select_related("case")
        .prefetch_related("channels", "costs__intervention__case")
        .order_by("case__name", "slug")
    )
    serializer_class = serializers.InterventionSerializer
    filterset_class = InterventionFilter
    ordering_fields = ("slug", "name", "kind", "start_year")


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


class RunFilter(CaseNameFilter):
    """Runs by case, state and settings."""

    class Meta:
        model = Run
        fields = ("case", "state", "closure", "criterion", "seed", "draws")


class RunViewSet(ReadOnlyViewSet):
    """Runs, newest first, with their progress; a single run carries the inputs that it copied."""

    queryset = (
        Run.objects.select_related("case")
        .annotate(
            parts_total=Count("parts"),
            parts_done=Count("parts", filter=Q(parts__state=RunState.DONE)),
            parts_failed=Count("parts", filter=Q(parts__state=RunState.FAILED)),
            parts_running=Count("parts", filter=Q(parts__state=RunState.RUNNING)),
        )
        .order_by("-created_at", "-pk")
    )
    serializer_class = serializers.RunSerializer
    filterset_class = RunFilter
    ordering_fields = ("created_at", "finished_at", "draws")

    def get_serializer_class(self) -> type[BaseSerializer]:
        """One run is shown with its inputs."""
        return serializers.RunDetailSerializer if self.action == "retrieve" else serializers.RunSerializer

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    @action(detail=True)
    def report(self, request: Request, pk: Any = None) -> Response:
        """The whole report of a finished run: the document that `estimate --json` writes."""
        run = self.get_object()
        if run.state != RunState.DONE:
            raise NotFound(f"run {run.pk} has no report: it is {run.get_state_display().lower()}")
        return Response(rounded(run_context(run)))


class EffectFilter(filters.FilterSet):
    """Effects by run, intervention and status."""

    class Meta:
        model = Effect
        fields = ("run", "intervention", "status")


class EffectViewSet(ReadOnlyViewSet):
    """Effects of interventions, by run."""

    queryset = Effect.objects.defer("arrays").order_by("-run_id", "intervention")
    serializer_class = serializers.EffectSerializer
    filterset_class = EffectFilter
    ordering_fields = ("intervention", "status")


class RankingFilter(filters.FilterSet):
    """Rankings by run, case, closure and criterion."""

    case = filters.CharFilter(field_name="run__case__name")
    closure = filters.CharFilter(field_name="run__closure")

    class Meta:
        model = Ranking
        fields = ("run", "case", "closure", "criterion")


class RankingViewSet(ReadOnlyViewSet):
    """Rankings with their rows, newest run first."""

    queryset = (
        Ranking.objects.select_related("run__case")
        .prefetch_related(Prefetch("rows", RankingRow.objects.order_by("rank")))
        .order_by("-run_id", "criterion")
    )
    serializer_class = serializers.RankingSerializer
    filterset_class = RankingFilter
    ordering_fields = ("run", "criterion")
