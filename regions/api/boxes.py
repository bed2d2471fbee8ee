"""Bounding boxes in addresses: west,south,east,north in degrees."""

from __future__ import annotations

import math

from django.contrib.gis.geos import GEOSGeometry, LineString, Point, Polygon
from django.db.models import Q
from rest_framework import serializers


def boxes(text: str, name: str = "bbox") -> list[GEOSGeometry]:
    """The box as one geometry, or two where it crosses the 180th meridian (west is greater than east)."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        # With heights, as OGC API allows; places here have none.
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    inside = len(numbers) == 4 and all(math.isfinite(one) for one in numbers)
    if not inside or not -90 <= numbers[1] <= numbers[3] <= 90 or max(abs(numbers[0]), abs(numbers[2])) > 180:
        raise serializers.ValidationError(
            {
                name: [
                    f"{text[:100]!r}: expected west,south,east,north in degrees, longitudes within 180, latitudes within 90"
                ]
            }
        )
    west, south, east, north = numbers
    parts = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    result = []
    for left, right in parts:
        corners = sorted({(left, south), (right, north)})
        if left < right and south < north:
            box: GEOSGeometry = Polygon.from_bbox((left, south, right, north))
        else:
            # A box without an area is a line or a point: as a polygon it would meet nothing.
            box = LineString(*corners) if len(corners) > 1 else Point(*corners[0])
        box.srid = 4326
        result.append(box)
    return result


def within(text: str, field: str = "point", name: str = "bbox") -> Q:
    """Rows whose point lies in the box, its edge included."""
    condition = Q(pk__in=[])
    for polygon in boxes(text, name):
        condition |= Q(**{f"{field}__intersects": polygon})
    return condition
