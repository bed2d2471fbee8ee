"""What all REST views share: roles by case, strict query parameters, pages, formats and ETags."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.decorators import decorator_from_middleware, method_decorator
from django.views.decorators.vary import vary_on_headers
from django_filters import rest_framework as filters
from rest_framework import serializers, viewsets
from rest_framework.filters import OrderingFilter
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from regions.access import Access, Role, case_id_of, request_access
from regions.api.pages import CursorPages
from regions.api.renderers import CsvRenderer, XlsxRenderer

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
COMMON_PARAMETERS = {"cursor", "page_size", "ordering", "format"}


class CaseRolePermission(BasePermission):
    """Reading is for people who have signed in and see the case; writing for those who plan in it."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Signed in; to write, with the view's role on some case."""
        if not request.user or not request.user.is_authenticated:
            return False
        if not hasattr(view, str(request.method).lower()):
            # Nobody may do it: the answer is 405, which says what can be done.
            return True
        return request.method in SAFE_METHODS or request_access(request).anywhere(write_role(view))

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        """The role on the case of the object."""
        role = Role.VIEWER if request.method in SAFE_METHODS else write_role(view)
        return request_access(request).may(role, case_id_of(obj))


def write_role(view: Any) -> Role:
    """What the view's current action asks of those who write."""
    role: Role = getattr(view, "write_role", Role.PLANNER)
    return role


class StrictOrdering(OrderingFilter):
    """?ordering=-name; an unknown name is an error and not ignored."""

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The names that can be used, for the API's description."""
        names = "|".join(getattr(view, "ordering_fields", ()) or ())
        schema = {"type": "string", "pattern": f"^-?({names})(,-?({names}))*$"}
        words = "One or more names joined by commas, '-' before one to turn it."
        return [{"name": "ordering", "in": "query", "required": False, "schema": schema, "description": words}]

    def remove_invalid_fields(self, queryset: QuerySet[Any], fields: Any, view: Any, request: Request) -> list[str]:
        """All fields, or the error that names those which cannot be used."""
        valid = super().remove_invalid_fields(queryset, fields, view, request)
        if len(valid) != len(fields) or len({name.removeprefix("-") for name in fields}) != len(fields):
            known = ", ".join(name for name, _ in self.get_valid_fields(queryset, view, {"request": request}))
            raise serializers.ValidationError(
                {"ordering": [f"expected each at most once, '-' before it to turn: {known}"]}
            )
        return valid


class ConditionalReads(ConditionalGetMiddleware):
    """An ETag on whatever is read, also where only the header is asked for."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Django's own answers to GET alone."""
        if request.method == "HEAD" and response.status_code == 200 and not response.streaming:
            set_response_etag(response)
            answer: HttpResponseBase = get_conditional_response(
                request, etag=response.headers.get("ETag"), response=cast(HttpResponse, response)
            )
            return answer
        return super().process_response(request, response)


conditional_reads = decorator_from_middleware(ConditionalReads)


class AskedFilters(filters.DjangoFilterBackend):
    """Filters by fields; where none is asked for, none of their forms is built: that would be a tenth of the answer's time."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """The rows that the asked filters let through."""
        filterset = self.get_filterset_class(view, queryset)
        if filterset is None or not filterset.base_filters.keys() & request.query_params.keys():
            return queryset
        rows: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return rows


class AccessMixin:
    """The rows of the cases that the request's user may see."""

    @property
    def access(self) -> Access:
        """Roles of the user, as far as the token reaches."""
        return request_access(self.request)  # type: ignore[attr-defined]

    def get_queryset(self) -> QuerySet[Any]:
        """Nothing of foreign cases."""
        rows = super().get_queryset()  # type: ignore[misc]
        return rows.none() if getattr(self, "swagger_fake_view", False) else self.access.limit(rows)


@method_decorator([conditional_reads, vary_on_headers("Accept", "Authorization", "Cookie")], name="dispatch")
class ReadOnlyViewSet(AccessMixin, viewsets.ReadOnlyModelViewSet):
    """Lists and single objects; filters by fields, orders, pages; JSON, CSV, XLSX; ETag on every answer."""

    permission_classes = (CaseRolePermission,)
    filter_backends = (AskedFilters, StrictOrdering)
    pagination_class = CursorPages
    renderer_classes = (JSONRenderer, CsvRenderer, XlsxRenderer)
    extra_parameters: frozenset[str] = frozenset()

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """A parameter that is not known is an error: a misspelt filter must not answer with everything."""
        filterset = getattr(self, "filterset_class", None)
        if self.detail:
            known = {"format"} | self.extra_parameters
        else:
            own = set(filterset.base_filters) if filterset else set(getattr(self, "filterset_fields", ()))
            known = COMMON_PARAMETERS | own | self.extra_parameters
        if unknown := sorted(set(self.request.query_params) - known):
            raise serializers.ValidationError(
                {name: [f"unknown parameter; expected one of {', '.join(sorted(known))}"] for name in unknown}
            )
        if empty := sorted(name for name, text in self.request.query_params.items() if not text):
            raise serializers.ValidationError({name: ["expected a value; leave it out for all"] for name in empty})
        return super().filter_queryset(queryset) if not self.detail else queryset

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """What is for one person is kept by no shared cache, and asked for again each time."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "private, no-cache")
        return answer
