"""Cases, regions and crossings as JSON."""

from __future__ import annotations

from rest_framework import serializers

from regions.models import Case, Crossing, Region


class CaseSerializer(serializers.ModelSerializer):
    """A case with its sources."""

    class Meta:
        model = Case
        fields = ("name", "title", "year", "currency", "price_year", "description", "sources", "updated_at")


class PointMixin(serializers.ModelSerializer):
    """The point as two numbers."""

    case: serializers.Field = serializers.SlugRelatedField("name", read_only=True)
    latitude = serializers.FloatField(source="point.y", read_only=True)
    longitude = serializers.FloatField(source="point.x", read_only=True)


class RegionSerializer(PointMixin):
    """A place; outlines are left to the GeoJSON views."""

    economy: serializers.Field = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = Region
        fields = (
            "id",
            "case",
            "code",
            "name",
            "economy",
            "kind",
            "gdp_musd",
            "population",
            "latitude",
            "longitude",
        )


class CrossingSerializer(PointMixin):
    """A crossing with its modes and yearly counts."""

    region_a: serializers.Field = serializers.SlugRelatedField("code", read_only=True)
    region_b: serializers.Field = serializers.SlugRelatedField("code", read_only=True)
    modes: serializers.Field = serializers.SlugRelatedField("mode", many=True, read_only=True)

    class Meta:
        model = Crossing
        fields = (
            "id",
            "case",
            "code",
            "name",
            "latitude",
            "longitude",
            "region_a",
            "region_b",
            "modes",
            "opens_hour",
            "closes_hour",
            "truck_booths",
            "trucks_inbound",
            "truck_containers_loaded_inbound",
            "truck_containers_empty_inbound",
            "trains_inbound",
            "rail_containers_loaded_inbound",
            "personal_vehicles_inbound",
            "personal_vehicle_passengers_inbound",
            "pedestrians_inbound",
            "bus_passengers_inbound",
            "months_reported",
        )
