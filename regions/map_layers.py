"""Layers of a case's map: outlines simplified for the screen, crossings with trade and wait, flows as lines. One answer each."""

from __future__ import annotations

import json
from typing import Any

import shapely
from django.db.models import F, Q, Sum

from regions import geo
from regions.models import Case, Crossing, CrossingFlow, Region, SectorFlow
from regions.selectors import chosen_waits, places_geodataframe

USD_PER_MUSD = 1e6
# Degrees; a thousandth of the width of the map, so that no eye sees the difference on a screen.
FINEST, SCREEN_SHARE = 1e-4, 1e-3
DECIMALS = 4
# So many outlines' vertices stay within a megabyte when compressed; more vertices are simplified away.
MOST_VERTICES = 90_000
MOST_LINES = 2_000


def regions_layer(case: Case) -> dict[str, Any]:
    """Places as GeoJSON: the outline where there is one, else the point."""
    outlines = places_geodataframe(case)
    shapes: dict[str, Any] = {}
    if len(outlines):
        west, south, east, north = outlines.total_bounds
        tolerance = max(FINEST, SCREEN_SHARE * max(east - west, north - south))
        small = geo.simplified(outlines, tolerance)
        while int(shapely.get_num_coordinates(small.geometry.values).sum()) > MOST_VERTICES:
            tolerance *= 2
            small = geo.simplified(outlines, tolerance)
        rounded = shapely.set_precision(small.geometry.values, 10.0**-DECIMALS, mode="pointwise")
        shapes = dict(zip(small["id"], map(json.loads, shapely.to_geojson(rounded)), strict=True))
    rows = Region.objects.filter(case=case).select_related("economy").defer("outline").order_by("code")
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": row.code,
                "geometry": shapes.get(row.code) or point(row.point),
                "properties": {
                    "pk": row.pk,
                    "name": row.name,
                    "economy": row.economy.code,
                    "kind": row.kind,
                    "kind_words": str(row.get_kind_display()),
                    "gdp_musd": row.gdp_musd,
                    "population": row.population,
                    "at": [round(row.point.x, DECIMALS), round(row.point.y, DECIMALS)],
                },
            }
            for row in rows
        ],
    }


def point(place: Any) -> dict[str, Any]:
    """A point as GeoJSON."""
    return {"type": "Point", "coordinates": [round(place.x, DECIMALS), round(place.y, DECIMALS)]}


def crossings_layer(case: Case) -> dict[str, Any]:
    """Crossings with the trade through them, million USD a year, and the chosen truck wait by economy entered."""
    trade = dict(
        CrossingFlow.objects.filter(case=case, crossing__isnull=False)
        .order_by()
        .values_list("crossing")
        .annotate(total=Sum("value_usd"))
    )
    waits: dict[str, dict[str, Any]] = {}
    for row in chosen_waits(case).itertuples():
        waits.setdefault(str(row.crossing), {})[str(row.direction)] = {
            "minutes": row.minutes,
            "grade": str(row.grade),
            "source": str(row.source),
        }
    rows = Crossing.objects.filter(case=case).select_related("region_a", "region_b").order_by("code")
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": row.code,
                "geometry": point(row.point),
                "properties": {
                    "pk": row.pk,
                    "name": row.name,
                    "regions": [row.region_a.name, row.region_b.name],
                    "trade_musd": round(trade.get(row.pk, 0.0) / USD_PER_MUSD, 3),
                    "trucks": row.trucks_inbound,
                    "waits": waits.get(row.code, {}),
                },
            }
            for row in rows.defer("region_a__outline", "region_b__outline")
        ],
    }


def flows_layer(case: Case) -> dict[str, Any]:
    """Goods between places of different economies as lines, each pair once, largest trade first; the rest is counted."""
    rows = (
        SectorFlow.objects.filter(case=case, sector__kind="goods")
        .exclude(origin__economy=F("destination__economy"))
        .filter(Q(origin__kind="border") | Q(destination__kind="border"))
        .order_by()
        .values_list("origin__economy__code", "origin__code", "destination__economy__code", "destination__code")
        .annotate(total=Sum("value_usd"))
    )
    pairs: dict[tuple[str, str], list[float]] = {}
    for origin_economy, origin, destination_economy, destination, total in rows:
        # Of two economies always the same one first, so that a colour says which side sells more.
        forth = origin_economy < destination_economy
        pair = (origin, destination) if forth else (destination, origin)
        pairs.setdefault(pair, [0.0, 0.0])[not forth] += total / USD_PER_MUSD
    ordered = sorted(pairs.items(), key=lambda one: (-sum(one[1]), one[0]))
    return {
        "lines": [
            [first, second, round(out, 3), round(back, 3)] for (first, second), (out, back) in ordered[:MOST_LINES]
        ],
        "left_out": max(len(ordered) - MOST_LINES, 0),
        "left_out_musd": round(sum(sum(values) for _, values in ordered[MOST_LINES:]), 3),
    }


LAYERS = {"regions": regions_layer, "crossings": crossings_layer, "flows": flows_layer}
