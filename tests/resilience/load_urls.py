"""The project's addresses and one more: a view of REST framework with nothing around it, to compare with."""

from django.urls import path
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.renderers import JSONRenderer

from planner.config.urls import urlpatterns as project
from planner.models import RankingRow
from planner.models.ranking import RankingRow as Row


class BareSerializer(serializers.ModelSerializer):
    """The same fields."""

    class Meta:
        model = RankingRow
        fields = (
            "rank", "intervention", "score_mean", "q05", "q50", "q95", "p_best", "p_top3", "rank_low", "rank_high",
            "tie_group", "settled_above",
        )  # fmt: skip


class Pages(LimitOffsetPagination):
    """A hundred rows, without counting them all."""

    default_limit = 100

    def get_count(self, queryset):
        return 1000


class BareView(ListAPIView):
    """No credentials, no roles, no filters, no ETag."""

    queryset = Row.objects.order_by("rank")
    serializer_class = BareSerializer
    pagination_class = Pages
    renderer_classes = (JSONRenderer,)
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    filter_backends = ()


urlpatterns = [path("bare/", BareView.as_view()), *project]
