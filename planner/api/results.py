"""Views of results: effects, and rankings with their rows."""

from typing import Any

from django.db.models import Count, QuerySet
from django_filters import rest_framework as filters
from rest_framework.generics import get_object_or_404
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from planner.api import serializers
from planner.models import Effect, Ranking, RankingRow
from regions.api.base import ReadOnlyViewSet
from regions.api.filters import WholeNumberFilter
from regions.api.renderers import CsvRenderer, GeoJsonRenderer, XlsxRenderer
from regions.models import Crossing


class EffectFilter(filters.FilterSet):
    """Effects by run, case, intervention and status."""

    run = WholeNumberFilter(field_name="run_id")
    case = filters.CharFilter(field_name="run__case__name")

    class Meta:
        model = Effect
        fields = ("run", "case", "intervention", "status")


class EffectViewSet(ReadOnlyViewSet):
    """Effects of interventions, by run."""

    queryset = Effect.objects.defer("arrays").order_by("-run_id", "intervention")
    serializer_class = serializers.EffectSerializer
    filterset_class = EffectFilter
    ordering_fields = ("intervention", "status")


class RankingFilter(filters.FilterSet):
    """Rankings by run, case, closure and criterion."""

    run = WholeNumberFilter(field_name="run_id")
    case = filters.CharFilter(field_name="run__case__name")
    closure = filters.CharFilter(field_name="run__closure")

    class Meta:
        model = Ranking
        fields = ("run", "case", "closure", "criterion")


class RankingViewSet(ReadOnlyViewSet):
    """Rankings, newest run first; the rows of each have pages of their own."""

    queryset = (
        Ranking.objects.select_related("run__case").annotate(length=Count("rows")).order_by("-run_id", "criterion")
    )
    serializer_class = serializers.RankingSerializer
    filterset_class = RankingFilter
    ordering_fields = ("run", "criterion")


class RankingRowFilter(filters.FilterSet):
    """Rows by intervention, tie group, best rank and chance of being best."""

    rank_max = WholeNumberFilter(field_name="rank", lookup_expr="lte", help_text="Down to this rank.")
    p_best_min = filters.NumberFilter(field_name="p_best", lookup_expr="gte", help_text="At least this chance.")

    class Meta:
        model = RankingRow
        fields = ("intervention", "tie_group", "settled_above", "rank_max", "p_best_min")


class RankingRowViewSet(ReadOnlyViewSet):
    """Rows of one ranking, best first. As GeoJSON each lies at the crossings that its intervention changes."""

    # Rows as they are in the database: a page is nothing but numbers and texts.
    queryset = RankingRow.objects.order_by("rank").values("pk", *serializers.RankingRowSerializer.Meta.fields)
    serializer_class = serializers.RankingRowSerializer
    filterset_class = RankingRowFilter
    ordering_fields = ("rank", "intervention", "score_mean", "p_best", "p_top3", "tie_group")
    renderer_classes = (JSONRenderer, GeoJsonRenderer, CsvRenderer, XlsxRenderer)

    def get_queryset(self) -> QuerySet[Any]:
        """Of the ranking in the address, where the user may see it."""
        return super().get_queryset().filter(ranking__pk=self.kwargs.get("ranking"))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The rows of the page; for maps with the points of their crossings."""
        response = super().list(request, *args, **kwargs)
        if not response.data["results"]:
            # Asked only now: a page with rows has shown that there is such a ranking.
            get_object_or_404(self.access.limit(Ranking.objects.only("pk")), pk=self.kwargs["ranking"])
        if getattr(request, "accepted_renderer", None) and request.accepted_renderer.format == GeoJsonRenderer.format:
            points = target_points(Ranking.objects.select_related("run").get(pk=self.kwargs["ranking"]))
            for row in response.data["results"]:
                found = points.get(row["intervention"])
                row["geometry"] = {"type": "MultiPoint", "coordinates": found} if found else None
                row["id"] = row["intervention"]
        return response


def target_points(ranking: Ranking) -> dict[str, list[list[float]]]:
    """The points of the crossings that each intervention of the run aims at, all for '*'."""
    run = ranking.run
    crossings = Crossing.objects.filter(case_id=run.case_id).order_by("code").values_list("code", "point")
    points = {code: [point.x, point.y] for code, point in crossings}
    result = {}
    for document in run.interventions:
        codes = {code for channel in document["channels"] for code in channel["crossing"]}
        chosen = points if "*" in codes else [code for code in points if code in codes]
        result[document["id"]] = [points[code] for code in chosen]
    return result
