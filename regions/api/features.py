"""OGC API Features (part 1: core, GeoJSON): regions and crossings of each case, for QGIS, GDAL and other map clients."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from regions.access import request_access
from regions.api.boxes import boxes
from regions.api.pages import page_size
from regions.api.renderers import GeoJsonRenderer, feature
from regions.api.serializers import CrossingSerializer, RegionOutlineSerializer
from regions.models import Case, Crossing, Region

CONFORMANCE = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
]
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
JSON_TYPE, GEOJSON_TYPE = "application/json", "application/geo+json"
MOST_OFFSET = 1_000_000

# Kind of collection: rows, how they are written, and the properties by which items may be filtered.
KINDS: dict[str, tuple[QuerySet[Any], type[serializers.ModelSerializer], dict[str, str]]] = {
    "regions": (
        Region.objects.select_related("case", "economy").order_by("pk"),
        RegionOutlineSerializer,
        {"code": "code", "kind": "kind", "economy": "economy__code"},
    ),
    "crossings": (
        Crossing.objects.select_related("case", "region_a", "region_b").prefetch_related("modes").order_by("pk"),
        CrossingSerializer,
        {"code": "code", "region_a": "region_a__code", "region_b": "region_b__code"},
    ),
}


def link(request: Request, rel: str, name: str, media_type: str = JSON_TYPE, *arguments: Any) -> dict[str, str]:
    """A link to one of these addresses."""
    return {"rel": rel, "type": media_type, "href": reverse(name, args=arguments, request=request)}


@extend_schema(exclude=True)
class FeatureView(APIView):
    """What the addresses share: people who have signed in, JSON, and the cases that they may see."""

    permission_classes = (IsAuthenticated,)
    renderer_classes = (JSONRenderer, GeoJsonRenderer)

    def cases(self) -> QuerySet[Case]:
        """The user's cases."""
        return request_access(self.request).limit(Case.objects.order_by("name"))

    def rows_of(self, collection: str) -> tuple[str, Case, QuerySet[Any]]:
        """Kind, case and rows of a collection such as us-canada-2023.crossings."""
        name, _, kind = collection.rpartition(".")
        case = self.cases().filter(name=name).first() if kind in KINDS else None
        if case is None:
            raise NotFound(f"no collection {collection!r}")
        return kind, case, KINDS[kind][0].filter(case=case)

    def known_parameters(self, *names: str) -> None:
        """A parameter that is not known is an error, as the standard asks."""
        if unknown := sorted(set(self.request.query_params) - {"f", *names}):
            raise serializers.ValidationError({name: ["unknown parameter"] for name in unknown})
        if self.request.query_params.get("f", "json") not in ("json", "geojson"):
            raise serializers.ValidationError({"f": ["expected json"]})


class Landing(FeatureView):
    """Where a map client starts."""

    def get(self, request: Request) -> Response:
        """The addresses of everything else."""
        self.known_parameters()
        return Response(
            {
                "title": "Border-region trade facilitation planner",
                "description": "Regions and crossings of the cases that you may see.",
                "links": [
                    link(request, "self", "features"),
                    link(request, "conformance", "features-conformance"),
                    link(request, "data", "features-collections"),
                    {
                        "rel": "service-desc",
                        "type": JSON_TYPE,
                        "href": reverse("schema", request=request) + "?format=json",
                    },
                    link(request, "service-doc", "docs", "text/html"),
                ],
            }
        )


class Conformance(FeatureView):
    """Which parts of the standard are kept."""

    def get(self, request: Request) -> Response:
        """The list of classes."""
        self.known_parameters()
        return Response({"conformsTo": CONFORMANCE})


class Collections(FeatureView):
    """Two collections for each case."""

    def get(self, request: Request) -> Response:
        """All collections."""
        self.known_parameters()
        found = [describe(request, case, kind) for case in self.cases() for kind in KINDS]
        return Response({"links": [link(request, "self", "features-collections")], "collections": found})


class Collection(FeatureView):
    """One collection."""

    def get(self, request: Request, collection: str) -> Response:
        """Its description."""
        self.known_parameters()
        kind, case, _ = self.rows_of(collection)
        return Response(describe(request, case, kind))


def describe(request: Request, case: Case, kind: str) -> dict[str, Any]:
    """A collection: id, title, extent and the address of its items."""
    name = f"{case.name}.{kind}"
    points = list(KINDS[kind][0].prefetch_related(None).filter(case=case).values_list("point", flat=True))
    extent = {}
    if points:
        box = [min(p.x for p in points), min(p.y for p in points), max(p.x for p in points), max(p.y for p in points)]
        extent = {"extent": {"spatial": {"bbox": [box], "crs": CRS84}}}
    return {
        "id": name,
        "title": f"{case.title}: {kind}",
        "itemType": "feature",
        "crs": [CRS84],
        **extent,
        "links": [
            link(request, "self", "features-collection", JSON_TYPE, name),
            link(request, "items", "features-items", GEOJSON_TYPE, name),
        ],
    }


class Items(FeatureView):
    """The features of a collection."""

    def get(self, request: Request, collection: str) -> Response:
        """A page of features: ?bbox, ?limit, ?offset and the collection's properties."""
        kind, _, rows = self.rows_of(collection)
        _, serializer, properties = KINDS[kind]
        self.known_parameters("bbox", "bbox-crs", "datetime", "limit", "offset", *properties)
        for name, path in properties.items():
            if (value := request.query_params.get(name)) is not None:
                rows = rows.filter(**{path: value.replace("\x00", "")})
        if (text := request.query_params.get("bbox")) is not None:
            rows = rows.filter(in_box(kind, text))
        limit, offset = page_size(request, "limit"), offset_of(request)
        matched = rows.count()
        page = rows[offset : offset + limit]
        features = [feature(row) for row in serializer(page, many=True, context={"request": request}).data]
        address = request.build_absolute_uri()
        links = [{"rel": "self", "type": GEOJSON_TYPE, "href": address}]
        if offset + limit < matched:
            following = replace_query_param(address, "offset", str(offset + limit))
            links.append({"rel": "next", "type": GEOJSON_TYPE, "href": following})
        return Response(
            {
                "type": "FeatureCollection",
                "numberMatched": matched,
                "numberReturned": len(features),
                "links": links,
                "features": features,
            },
            content_type=GEOJSON_TYPE,
        )


class Item(FeatureView):
    """One feature."""

    def get(self, request: Request, collection: str, feature_id: int) -> Response:
        """By its id."""
        self.known_parameters()
        kind, _, rows = self.rows_of(collection)
        row = rows.filter(pk=feature_id).first()
        if row is None:
            raise NotFound(f"no feature {feature_id} in {collection!r}")
        document = feature(KINDS[kind][1](row, context={"request": request}).data)
        links = [
            link(request, "self", "features-item", GEOJSON_TYPE, collection, feature_id),
            link(request, "collection", "features-collection", JSON_TYPE, collection),
        ]
        return Response(document | {"links": links}, content_type=GEOJSON_TYPE)


def offset_of(request: Request) -> int:
    """How many features come before the page."""
    text = request.query_params.get("offset", "0")
    if not text.isascii() or not text.isdigit() or int(text[:9]) > MOST_OFFSET:
        raise serializers.ValidationError({"offset": [f"expected a whole number up to {MOST_OFFSET}"]})
    return int(text)


def in_box(kind: str, text: str) -> Q:
    """Features whose geometry, as it is sent, meets the box."""
    condition = Q(pk__in=[])
    for polygon in boxes(text):
        if kind == "regions":
            condition |= Q(outline__intersects=polygon) | Q(outline__isnull=True, point__intersects=polygon)
        else:
            condition |= Q(point__intersects=polygon)
    return condition
