"""Views of the facts: read only, since facts come with imports, which planners also send here."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers as rest
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import BaseSerializer

from regions.api import serializers
from regions.api.base import ReadOnlyViewSet
from regions.api.boxes import within
from regions.api.filters import AmountFilter, WholeNumberFilter
from regions.api.imports import ImportActions
from regions.api.renderers import CsvRenderer, GeoJsonRenderer, XlsxRenderer
from regions.models import (
    Case,
    Crossing,
    CrossingAttribute,
    CrossingFlow,
    Delay,
    Economy,
    ImportBatch,
    Region,
    Sector,
    SectorFlow,
    WaitCell,
)

GEOMETRIES = ("point", "outline")
ON_MAPS = (JSONRenderer, GeoJsonRenderer, CsvRenderer, XlsxRenderer)
GEOMETRY_PARAMETER = OpenApiParameter(
    "geometry",
    OpenApiTypes.STR,
    enum=GEOMETRIES,
    default="point",
    description="Points, or outlines where there are any.",
)


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?(,-?[0-9]+(\.[0-9]+)?){3}$"})
class BoxFilter(filters.CharFilter):
    """?bbox=west,south,east,north."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Rows whose point lies in the box."""
        return qs.filter(within(value)) if value else qs


class CaseNameFilter(filters.FilterSet):
    """?case=NAME."""

    case = filters.CharFilter(field_name="case__name")


class CaseViewSet(ReadOnlyViewSet):
    """Cases, by name."""

    queryset = Case.objects.order_by("name")
    serializer_class = serializers.CaseSerializer
    lookup_field = "name"
    filterset_fields = ("year", "currency")
    ordering_fields = ("name", "year", "updated_at")


class EconomyFilter(CaseNameFilter):
    """Economies by case and code."""

    class Meta:
        model = Economy
        fields = ("case", "code")


class EconomyViewSet(ReadOnlyViewSet):
    """Economies of all cases; ?case=NAME for one."""

    queryset = Economy.objects.select_related("case").order_by("case__name", "code")
    serializer_class = serializers.EconomySerializer
    filterset_class = EconomyFilter
    ordering_fields = ("code", "name")


class RegionFilter(CaseNameFilter):
    """Regions by the names of case and economy, by kind, and within a box."""

    economy = filters.CharFilter(field_name="economy__code")
    bbox = BoxFilter(help_text="west,south,east,north in degrees.")

    class Meta:
        model = Region
        fields = ("case", "economy", "kind", "code")


class RegionViewSet(ReadOnlyViewSet):
    """Places of all cases; ?case=NAME for one. As GeoJSON they are points, or outlines with ?geometry=outline."""

    queryset = Region.objects.select_related("case", "economy").order_by("case__name", "code")
    filterset_class = RegionFilter
    ordering_fields = ("code", "name", "gdp_musd", "population")
    renderer_classes = ON_MAPS
    extra_parameters = frozenset({"geometry"})
    serializer_class = serializers.RegionSerializer

    @extend_schema(parameters=[GEOMETRY_PARAMETER])
    def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Places, by case and code."""
        return super().list(request, *args, **kwargs)

    @extend_schema(parameters=[GEOMETRY_PARAMETER])
    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """One place."""
        return super().retrieve(request, *args, **kwargs)

    def with_outlines(self) -> bool:
        """Whether outlines were asked for; they are left in the database otherwise."""
        if getattr(self, "swagger_fake_view", False):
            return False
        asked = self.request.query_params.get("geometry", GEOMETRIES[0])
        if asked not in GEOMETRIES:
            raise rest.ValidationError({"geometry": [f"{asked!r}: expected {' or '.join(GEOMETRIES)}"]})
        return asked == "outline"

    def get_queryset(self) -> QuerySet[Region]:
        """Without outlines unless they are asked for."""
        rows = super().get_queryset()
        return rows if self.with_outlines() else rows.defer("outline")

    def get_serializer_class(self) -> type[BaseSerializer]:
        """With outlines where they are asked for."""
        return serializers.RegionOutlineSerializer if self.with_outlines() else serializers.RegionSerializer


class CrossingFilter(CaseNameFilter):
    """Crossings by case, region on either side, mode, and within a box."""

    region_a = filters.CharFilter(field_name="region_a__code")
    region_b = filters.CharFilter(field_name="region_b__code")
    mode = filters.CharFilter(field_name="modes__mode")
    bbox = BoxFilter(help_text="west,south,east,north in degrees.")

    class Meta:
        model = Crossing
        fields = ("case", "code", "region_a", "region_b", "mode")


class CrossingViewSet(ReadOnlyViewSet):
    """Crossings of all cases; ?case=NAME for one."""

    queryset = (
        Crossing.objects.select_related("case", "region_a", "region_b")
        .defer("region_a__outline", "region_b__outline")
        .prefetch_related("modes")
        .order_by("case__name", "code")
    )
    serializer_class = serializers.CrossingSerializer
    filterset_class = CrossingFilter
    ordering_fields = ("code", "name", "trucks_inbound")
    renderer_classes = ON_MAPS


class SectorFilter(CaseNameFilter):
    """Sectors by case, code and kind."""

    class Meta:
        model = Sector
        fields = ("case", "code", "kind")


class SectorViewSet(ReadOnlyViewSet):
    """Sectors of all cases; ?case=NAME for one."""

    queryset = Sector.objects.select_related("case").order_by("case__name", "code")
    serializer_class = serializers.SectorSerializer
    filterset_class = SectorFilter
    ordering_fields = ("code", "name", "kind")


class FlowFilter(CaseNameFilter):
    """Flows by case and by where they come from and go to."""

    origin = filters.CharFilter(field_name="origin__code")
    destination = filters.CharFilter(field_name="destination__code")
    value_usd_min = AmountFilter(field_name="value_usd", lookup_expr="gte")


class SectorFlowFilter(FlowFilter):
    """Flows by sector."""

    sector = filters.CharFilter(field_name="sector__code")

    class Meta:
        model = SectorFlow
        fields = ("case", "origin", "destination", "sector")


class SectorFlowViewSet(ReadOnlyViewSet):
    """Yearly flows by sector."""

    queryset = (
        SectorFlow.objects.select_related("case", "origin", "destination", "sector")
        .defer("origin__outline", "destination__outline")
        .order_by("pk")
    )
    serializer_class = serializers.SectorFlowSerializer
    filterset_class = SectorFlowFilter
    ordering_fields = ("value_usd",)


class CrossingFlowFilter(FlowFilter):
    """Flows by crossing and mode."""

    crossing = filters.CharFilter(field_name="crossing__code")

    class Meta:
        model = CrossingFlow
        fields = ("case", "origin", "destination", "crossing", "mode")


class CrossingFlowViewSet(ReadOnlyViewSet):
    """Yearly flows by crossing and mode."""

    queryset = (
        CrossingFlow.objects.select_related("case", "origin", "destination", "crossing")
        .defer("origin__outline", "destination__outline")
        .order_by("pk")
    )
    serializer_class = serializers.CrossingFlowSerializer
    filterset_class = CrossingFlowFilter
    ordering_fields = ("value_usd",)


class AtCrossingFilter(filters.FilterSet):
    """What lies at crossings, by case and crossing."""

    case = filters.CharFilter(field_name="crossing__case__name")
    crossing = filters.CharFilter(field_name="crossing__code")


class DelayFilter(AtCrossingFilter):
    """Waits by direction, vehicles, statistic and quality."""

    direction = filters.CharFilter(field_name="direction__code")

    class Meta:
        model = Delay
        fields = ("case", "crossing", "direction", "vehicle_class", "statistic", "quality")


class DelayViewSet(ReadOnlyViewSet):
    """Measured waits at crossings."""

    queryset = Delay.objects.select_related("crossing__case", "direction").order_by("pk")
    serializer_class = serializers.DelaySerializer
    filterset_class = DelayFilter
    ordering_fields = ("period_start", "minutes", "quality")


class HourlyWaitFilter(AtCrossingFilter):
    """Waits by direction, vehicles, weekday and hour."""

    direction = filters.CharFilter(field_name="direction__code")
    weekday = WholeNumberFilter(field_name="weekday", help_text="0 is Monday.")
    hour = WholeNumberFilter(field_name="hour", help_text="Local time.")

    class Meta:
        model = WaitCell
        fields = ("case", "crossing", "direction", "vehicle_class", "weekday", "hour")


class HourlyWaitViewSet(ReadOnlyViewSet):
    """Waits in each hour of the week, from records of waits."""

    queryset = WaitCell.objects.select_related("crossing__case", "direction").order_by("pk")
    serializer_class = serializers.HourlyWaitSerializer
    filterset_class = HourlyWaitFilter
    ordering_fields = ("weekday", "hour", "mean_minutes", "median_minutes", "p95_minutes", "sample_size")


class CrossingAttributeFilter(AtCrossingFilter):
    """Properties by name and grade."""

    class Meta:
        model = CrossingAttribute
        fields = ("case", "crossing", "attribute", "grade")


class CrossingAttributeViewSet(ReadOnlyViewSet):
    """Sourced properties of crossings: booths, hours, fees, structure."""

    queryset = CrossingAttribute.objects.select_related("crossing__case").order_by("pk")
    serializer_class = serializers.CrossingAttributeSerializer
    filterset_class = CrossingAttributeFilter
    ordering_fields = ("attribute", "grade", "number")


class ImportFilter(CaseNameFilter):
    """Imports by case, kind and status."""

    class Meta:
        model = ImportBatch
        fields = ("case", "kind", "status")


class ImportViewSet(ImportActions):
    """Imports, newest first: what came when, from which files, and what was found about it. Planners import and undo."""

    queryset = ImportBatch.objects.select_related("case").order_by("-pk")
    serializer_class = serializers.ImportSerializer
    filterset_class = ImportFilter
    ordering_fields = ("started_at",)
