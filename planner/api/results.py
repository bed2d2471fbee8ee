"""Views of results: effects, and rankings with their rows."""

from typing import Any

from django.db.models import Count, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as rest
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from planner.api import serializers
from planner.models import Effect, Ranking, RankingRow
from planner.services.summary import STAGES, effect_outcomes
from regions.api.base import ReadOnlyViewSet
from regions.api.filters import AmountFilter, WholeNumberFilter
from regions.api.renderers import CsvRenderer, GeoJsonRenderer, XlsxRenderer
from regions.models import Crossing


class EffectFilter(filters.FilterSet):
    """Effects by run, case, intervention and status."""

    run = WholeNumberFilter(field_name="run_id")
    case = filters.CharFilter(field_name="run__case__name")

    class Meta:
        model = Effect
        fields = ("run", "case", "intervention", "status")


class OutcomeSerializer(rest.Serializer):
    """One outcome of an intervention over the draws of its run."""

    stage = rest.ChoiceField(
        choices=STAGES, help_text="full: with incomes; conditional: incomes held; partial: prices held too."
    )
    measure = rest.CharField(
        help_text="What changes; index_change is the imbalance index, ev_musd the worth to a place."
    )
    unit = rest.CharField()
    place = rest.CharField(allow_null=True, help_text="Code of the region; null where the measure is one of the whole.")
    mean = rest.FloatField(allow_null=True)
    sd = rest.FloatField(allow_null=True)
    q05 = rest.FloatField(allow_null=True)
    q50 = rest.FloatField(allow_null=True)
    q95 = rest.FloatField(allow_null=True)
    p_negative = rest.FloatField(allow_null=True, help_text="Share of the draws in which it falls.")


class OutcomesSerializer(rest.Serializer):
    """All of them: three stages, a dozen measures, the places of the case."""

    next = rest.CharField(allow_null=True, help_text="Always null.")
    results = OutcomeSerializer(many=True)


class EffectViewSet(ReadOnlyViewSet):
    """Effects of interventions, by run; `effects/ID/outcomes/` has every measure by place."""

    queryset = Effect.objects.defer("arrays").order_by("-run_id", "intervention")
    serializer_class = serializers.EffectSerializer
    filterset_class = EffectFilter
    ordering_fields = ("intervention", "status")

    @extend_schema(
        responses=OutcomesSerializer,
        filters=False,
        parameters=[
            OpenApiParameter("stage", str, enum=STAGES),
            OpenApiParameter("measure", str, description="Such as ev_musd."),
            OpenApiParameter("place", str, description="Code of one region."),
        ],
    )
    @action(
        detail=True,
        queryset=Effect.objects.select_related("run__snapshot").defer("run__parameters", "run__interventions"),
        extra_parameters=frozenset({"stage", "measure", "place"}),
        renderer_classes=(JSONRenderer, CsvRenderer, XlsxRenderer),
    )
    def outcomes(self, request: Request, pk: Any = None) -> Response:
        """Imbalance, trade, welfare, prices, wages and revenue by stage and place; empty where there is no result."""
        effect = self.get_object()
        self.filter_queryset(self.get_queryset())
        asked = {name: request.query_params[name] for name in self.extra_parameters & request.query_params.keys()}
        if asked.get("stage", STAGES[0]) not in STAGES:
            raise rest.ValidationError({"stage": [f"expected one of {', '.join(STAGES)}"]})
        rows = [row for row in effect_outcomes(effect) if all(row[name] == value for name, value in asked.items())]
        return Response({"next": None, "results": rows})


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
    p_best_min = AmountFilter(field_name="p_best", lookup_expr="gte", help_text="At least this chance.")

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
