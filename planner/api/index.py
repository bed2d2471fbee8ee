"""Where a client starts: the addresses of all lists."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView


class IndexSerializer(serializers.Serializer):
    """Lists by name, and where the API is described."""

    lists = serializers.DictField(child=serializers.URLField())
    description = serializers.URLField(help_text="OpenAPI 3.1.")
    documentation = serializers.URLField(help_text="The same as pages.")
    features = serializers.URLField(help_text="OGC API Features.")


class IndexView(APIView):
    """Where everything is; `lists` are names of routes by what stands in their addresses."""

    lists: dict[str, str] = {}

    @extend_schema(responses=IndexSerializer, operation_id="index")
    def get(self, request: Request) -> Response:
        """The addresses of all lists, of the description, and of the features for maps."""
        return Response(
            {
                "lists": {prefix: reverse(name, request=request) for prefix, name in sorted(self.lists.items())},
                "description": reverse("schema", request=request),
                "documentation": reverse("docs", request=request),
                "features": reverse("features", request=request),
            }
        )
