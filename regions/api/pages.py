"""Cursor pages: the next page starts after the last row of this one, however many rows there are and come meanwhile."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date, datetime
from typing import Any

from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import F, Field, Q, QuerySet
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

USUAL_PAGE, LARGEST_PAGE = 100, 1000
LONGEST_CURSOR = 2000


class CursorPages(BasePagination):
    """Pages of bounded length by the order of the query, which is made complete by the primary key."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the page; one more is read to see whether there is a next one."""
        size = page_size(request)
        order = complete_order(queryset)
        rows = queryset.order_by(*(expression(queryset.model, name) for name in order))
        if cursor := request.query_params.get("cursor"):
            rows = rows.filter(after(queryset.model, order, read_cursor(cursor, order)))
        page = list(rows[: size + 1])
        self.next_link = None
        if len(page) > size:
            page = page[:size]
            text = write_cursor(order, [value_of(page[-1], name) for name in order])
            self.next_link = replace_query_param(request.build_absolute_uri(), "cursor", text)
        return page

    def get_paginated_response(self, data: Any) -> Response:
        """The rows and the address of the next page, which stands in the Link header too, for CSV and XLSX."""
        response = Response({"next": self.next_link, "results": data})
        if self.next_link:
            response.headers["Link"] = f'<{self.next_link}>; rel="next"'
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """For the API's description."""
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": ["string", "null"], "format": "uri", "description": "Address of the next page."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """For the API's description."""
        size = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": USUAL_PAGE}
        return [
            {
                "name": "cursor", "in": "query", "required": False, "schema": {"type": "string"},
                "description": "Where the page starts; taken from `next` of the page before.",
            },
            {
                "name": "page_size", "in": "query", "required": False, "schema": size,
                "description": "Rows on a page.",
            },
        ]  # fmt: skip


def page_size(request: Request, name: str = "page_size") -> int:
    """The asked number of rows."""
    text = request.query_params.get(name)
    if text is None:
        return USUAL_PAGE
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= LARGEST_PAGE:
        raise serializers.ValidationError({name: [f"{text!r}: expected a whole number from 1 to {LARGEST_PAGE}"]})
    return int(text)


def complete_order(rows: QuerySet[Any]) -> list[str]:
    """The names by which the query is ordered, '-' before those that fall, with the primary key at the end."""
    order = [str(name) for name in rows.query.order_by or rows.model._meta.ordering or ()]
    return order if {"pk", "-pk"} & set(order) else [*order, "pk"]


def field_of(model: Any, name: str) -> Field[Any, Any]:
    """The field behind an order's name."""
    path = name.removeprefix("-")
    return model._meta.pk if path == "pk" else get_fields_from_path(model, path)[-1]


def expression(model: Any, name: str) -> Any:
    """The order; rows without a value come last either way."""
    path = name.removeprefix("-")
    if not field_of(model, name).null:
        return name
    return F(path).desc(nulls_last=True) if name.startswith("-") else F(path).asc(nulls_last=True)


def value_of(row: Any, name: str) -> Any:
    """The value of the row by which it is ordered."""
    value = row
    for step in name.removeprefix("-").split("__"):
        value = value[step] if isinstance(value, dict) else getattr(value, step)
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def after(model: Any, order: list[str], values: list[Any]) -> Q:
    """What comes after the row with these values: equal in the first names, beyond it in the next."""
    condition, equal, bound = Q(pk__in=[]), Q(), Q()
    for name, text in zip(order, values, strict=True):
        path, field = name.removeprefix("-"), field_of(model, name)
        if text is None:
            equal &= Q(**{f"{path}__isnull": True})
            continue
        try:
            value = field.to_python(text)
        except InvalidValue as error:
            raise invalid_cursor() from error
        side = "lt" if name.startswith("-") else "gt"
        beyond = Q(**{f"{path}__{side}": value})
        if name == order[0] and not field.null:
            # Says nothing new, and lets the database start at the page instead of counting up to it.
            bound = Q(**{f"{path}__{side}e": value})
        if field.null:
            beyond |= Q(**{f"{path}__isnull": True})
        condition |= equal & beyond
        equal &= Q(**{path: value})
    return bound & condition


def write_cursor(order: list[str], values: list[Any]) -> str:
    """Order and values as a text for addresses."""
    return base64.urlsafe_b64encode(json.dumps([order, values]).encode()).decode().rstrip("=")


def read_cursor(text: str, order: list[str]) -> list[Any]:
    """The values of a cursor that was made for the same order."""
    try:
        if len(text) > LONGEST_CURSOR:
            raise ValueError
        kept, values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        plain = all(one is None or isinstance(one, (str, int, float, bool)) for one in values)
        if kept != order or len(values) != len(order) or not plain:
            raise ValueError
        if any(isinstance(one, str) and "\x00" in one for one in values):
            raise ValueError
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise invalid_cursor() from error
    return list(values)


def invalid_cursor() -> serializers.ValidationError:
    """A cursor that this list did not make, or made for another order."""
    return serializers.ValidationError({"cursor": ["expected the cursor of a page of this list, in the same order"]})
