"""The project's addresses and two more: views of REST framework with nothing around them, to compare with."""

from django.urls import path
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from planner.api.serializers import RankingRowSerializer
from planner.config.urls import urlpatterns as project
from planner.models import RankingRow


class BareSerializer(serializers.ModelSerializer):
    """The same fields."""

    class Meta:
        model = RankingRow
        fields = RankingRowSerializer.Meta.fields


class Pages(LimitOffsetPagination):
    """A hundred rows, without counting them all."""

    default_limit = 100

    def get_count(self, queryset):
        return 1000


class Bare:
    """No credentials, no roles, no filters, no ETag, no limits."""

    renderer_classes = (JSONRenderer,)
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    filter_backends = ()


class BareList(Bare, ListAPIView):
    """The rows of one ranking."""

    serializer_class = BareSerializer
    pagination_class = Pages

    def get_queryset(self):
        """As the address says."""
        return RankingRow.objects.filter(ranking=self.kwargs["ranking"]).order_by("rank")


class ReadyAnswer(Bare, APIView):
    """The same page read once and kept: what remains is REST framework's own path and writing JSON."""

    kept: dict[int, object] = {}

    def get(self, request: Request, ranking: int) -> Response:
        """The kept page."""
        if ranking not in self.kept:
            rows = RankingRow.objects.filter(ranking=ranking).order_by("rank")[:100]
            self.kept[ranking] = {"next": None, "results": BareSerializer(rows, many=True).data}
        return Response(self.kept[ranking])


urlpatterns = [
    path("bare/<int:ranking>/", BareList.as_view()),
    path("ready/<int:ranking>/", ReadyAnswer.as_view()),
    *project,
]
