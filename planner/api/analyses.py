"""Views of what a run found beside its effects: diagnosis, worth of a minute, portfolios and the other analyses."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from planner.models import RunAnalysis
from planner.models.vocabulary import AnalysisKind, EffectStatus
from regions.api.base import ReadOnlyViewSet
from regions.api.filters import WholeNumberFilter
from regions.api.renderers import CsvRenderer, GeoJsonRenderer, XlsxRenderer
from regions.models import Crossing

RUN_DOCUMENTS = ("run__case_document", "run__parameters", "run__interventions")


class AnalysisSerializer(serializers.ModelSerializer):
    """An analysis without its document."""

    case = serializers.CharField(source="run.case.name", read_only=True)

    class Meta:
        model = RunAnalysis
        fields = ("id", "run", "case", "kind", "status", "reason")


class AnalysisDocumentSerializer(AnalysisSerializer):
    """An analysis with what was found: raw numbers, units in the names, empty unless the status is done."""

    document = serializers.DictField(read_only=True)

    class Meta(AnalysisSerializer.Meta):
        fields = (*AnalysisSerializer.Meta.fields, "document")


class AnalysisFilter(filters.FilterSet):
    """Analyses by run, case and status."""

    run = WholeNumberFilter(field_name="run_id")
    case = filters.CharFilter(field_name="run__case__name")

    class Meta:
        model = RunAnalysis
        fields = ("run", "case", "status")


class AnyAnalysisFilter(AnalysisFilter):
    """And by kind."""

    class Meta(AnalysisFilter.Meta):
        fields = (*AnalysisFilter.Meta.fields, "kind")


class AnalysisViewSet(ReadOnlyViewSet):
    """Analyses of runs, newest run first; a single one carries its document."""

    queryset = RunAnalysis.objects.select_related("run__case").defer(*RUN_DOCUMENTS).order_by("-run_id", "kind")
    serializer_class = AnalysisSerializer
    filterset_class = AnyAnalysisFilter
    ordering_fields = ("run", "kind", "status")
    renderer_classes = (JSONRenderer, CsvRenderer, XlsxRenderer)
    kind = ""

    def get_queryset(self) -> QuerySet[RunAnalysis]:
        """Of the view's kind; documents stay in the database where only lists are shown."""
        rows = super().get_queryset()
        if self.kind:
            rows = rows.filter(kind=self.kind)
        return rows.defer("document", *RUN_DOCUMENTS) if self.action == "list" else rows

    def get_serializer_class(self) -> type[BaseSerializer]:
        """One analysis is shown with its document."""
        return AnalysisDocumentSerializer if self.detail else AnalysisSerializer


class DiagnosisViewSet(AnalysisViewSet):
    """Why there is an imbalance: every balance of a run's baseline split into its drivers, exactly."""

    kind = AnalysisKind.DIAGNOSIS
    filterset_class = AnalysisFilter
    ordering_fields = ("run", "status")


class PortfolioViewSet(AnalysisViewSet):
    """The best set of interventions of a run under a budget."""

    kind = AnalysisKind.PORTFOLIO
    filterset_class = AnalysisFilter
    ordering_fields = ("run", "status")


class StationSerializer(serializers.Serializer):
    """What one minute of truck wait less is worth at one crossing in one direction."""

    crossing = serializers.CharField()
    name = serializers.CharField()
    direction = serializers.CharField(help_text="Code of the economy that is entered.")
    truck_trade_musd = serializers.FloatField()
    wait_minutes = serializers.FloatField()
    wait_grade = serializers.CharField()
    wait_source = serializers.CharField()
    index_change = serializers.FloatField(help_text="Index points for one minute less; negative narrows.")
    ev_musd = serializers.FloatField(help_text="Million a year, border regions.")
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)


class StationsSerializer(serializers.Serializer):
    """All of them: there are two for each crossing at most, so that they need no pages."""

    next = serializers.CharField(allow_null=True, help_text="Always null.")
    results = StationSerializer(many=True)


STATION_ORDERS = ("crossing", "direction", "truck_trade_musd", "wait_minutes", "index_change", "ev_musd")
STATION = OpenApiExample(
    "One crossing",
    response_only=True,
    value={
        "next": None,
        "results": [
            {
                "crossing": "3801", "name": "Detroit", "direction": "US", "truck_trade_musd": 69000.0,
                "wait_minutes": 18.0, "wait_grade": "B", "wait_source": "Survey", "index_change": -0.00002,
                "ev_musd": 4.1, "latitude": 42.33, "longitude": -83.05,
            }
        ],
    },
)  # fmt: skip


class MinuteValueViewSet(AnalysisViewSet):
    """What one minute of truck wait less is worth at every crossing and direction of a run."""

    kind = AnalysisKind.MINUTE_VALUES
    filterset_class = AnalysisFilter
    ordering_fields = ("run", "status")

    @extend_schema(
        responses=StationsSerializer,
        filters=False,
        examples=[STATION],
        parameters=[
            OpenApiParameter("crossing", str, description="Code of one crossing."),
            OpenApiParameter("direction", str, description="Code of the economy that is entered."),
            OpenApiParameter(
                "ordering",
                str,
                enum=[sign + name for name in STATION_ORDERS for sign in ("", "-")],
                description="Without it the largest effect on the run's criterion is first.",
            ),
        ],
    )
    @action(
        detail=True,
        extra_parameters=frozenset({"crossing", "direction", "ordering"}),
        renderer_classes=(JSONRenderer, GeoJsonRenderer, CsvRenderer, XlsxRenderer),
    )
    def rows(self, request: Request, pk: Any = None) -> Response:
        """The worth of a minute as a table: JSON, CSV, XLSX, or GeoJSON for maps."""
        found = self.get_object()
        self.filter_queryset(self.get_queryset())
        if found.status != EffectStatus.DONE:
            raise NotFound(f"analysis {found.pk} has no rows: {found.reason}")
        points = dict(Crossing.objects.filter(case_id=found.run.case_id).values_list("code", "point"))
        rows = []
        for station in found.document["stations"]:
            point = points.get(station["crossing"])
            place = {"latitude": point.y if point else None, "longitude": point.x if point else None}
            names = StationSerializer().fields.keys() - place.keys()
            rows.append({name: value for name, value in station.items() if name in names} | place)
        for name in ("crossing", "direction"):
            if (wanted := request.query_params.get(name)) is not None:
                rows = [row for row in rows if row[name] == wanted]
        return Response({"next": None, "results": in_order(rows, request.query_params.get("ordering"))})


def in_order(rows: list[dict[str, Any]], ordering: str | None) -> list[dict[str, Any]]:
    """The rows by one of their values; those without it last."""
    if ordering is None:
        return rows
    name = ordering.removeprefix("-")
    if name not in STATION_ORDERS or ordering.startswith("--"):
        raise serializers.ValidationError(
            {"ordering": [f"expected one of {', '.join(STATION_ORDERS)}, '-' before it to turn"]}
        )
    known = [row for row in rows if row[name] is not None]
    unknown = [row for row in rows if row[name] is None]
    return sorted(known, key=lambda row: row[name], reverse=ordering.startswith("-")) + unknown
