"""Read-only views of the facts."""

from __future__ import annotations

from django_filters import rest_framework as filters
from rest_framework import viewsets
from rest_framework.filters import OrderingFilter
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import IsAuthenticated

from regions.api.serializers import CaseSerializer, CrossingSerializer, RegionSerializer
from regions.models import Case, Crossing, Region


class Pages(PageNumberPagination):
    """Pages of bounded length."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000


class ReadOnlyViewSet(viewsets.ReadOnlyModelViewSet):
    """Lists and single objects for people who have logged in; filters by fields, orders, pages."""

    permission_classes = (IsAuthenticated,)
    filter_backends = (filters.DjangoFilterBackend, OrderingFilter)
    pagination_class = Pages


class CaseViewSet(ReadOnlyViewSet):
    """Cases, by name."""

    queryset = Case.objects.order_by("name")
    serializer_class = CaseSerializer
    lookup_field = "name"
    filterset_fields = ("year", "currency")
    ordering_fields = ("name", "year", "updated_at")


class RegionFilter(filters.FilterSet):
    """Regions by the names of case and economy, and by kind."""

    case = filters.CharFilter(field_name="case__name")
    economy = filters.CharFilter(field_name="economy__code")

    class Meta:
        model = Region
        fields = ("case", "economy", "kind", "code")


class RegionViewSet(ReadOnlyViewSet):
    """Places of all cases; ?case=NAME for one."""

    queryset = Region.objects.select_related("case", "economy").defer("outline").order_by("case__name", "code")
    serializer_class = RegionSerializer
    filterset_class = RegionFilter
    ordering_fields = ("code", "name", "gdp_musd", "population")


class CrossingFilter(filters.FilterSet):
    """Crossings by case, region on either side, and mode."""

    case = filters.CharFilter(field_name="case__name")
    region_a = filters.CharFilter(field_name="region_a__code")
    region_b = filters.CharFilter(field_name="region_b__code")
    mode = filters.CharFilter(field_name="modes__mode")

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
    serializer_class = CrossingSerializer
    filterset_class = CrossingFilter
    ordering_fields = ("code", "name", "trucks_inbound")
