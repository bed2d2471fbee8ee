"""The facts as JSON."""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from regions.models import (
    Case,
    Crossing,
    CrossingAttribute,
    CrossingFlow,
    Delay,
    Economy,
    ImportBatch,
    Region,
    Sector,
    SectorFlow,
    WaitCell,
)

GEOMETRY = {"type": ["object", "null"], "description": "GeoJSON geometry.", "additionalProperties": True}


class NamedField(serializers.SlugRelatedField):
    """A row by its name. Where the name holds a NUL character there is none; PostgreSQL would refuse to look."""

    def to_internal_value(self, data: Any) -> Any:
        """The row, or a refusal in words."""
        if "\x00" in str(data):
            self.fail("does_not_exist", slug_name=self.slug_field, value=str(data).replace("\x00", "?"))
        return super().to_internal_value(data)


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
            "jobs",
            "latitude",
            "longitude",
        )


class RegionOutlineSerializer(RegionSerializer):
    """A place with its outline where it has one."""

    geometry = serializers.SerializerMethodField()

    class Meta(RegionSerializer.Meta):
        fields = (*RegionSerializer.Meta.fields, "geometry")

    @extend_schema_field(GEOMETRY)
    def get_geometry(self, region: Region) -> dict[str, Any] | None:
        """The outline; features without one keep their point."""
        return json.loads(region.outline.geojson) if region.outline else None


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


class EconomySerializer(serializers.ModelSerializer):
    """An economy on one side of the border."""

    case: serializers.Field = serializers.SlugRelatedField("name", read_only=True)

    class Meta:
        model = Economy
        fields = ("id", "case", "code", "name", "currency")


class SectorSerializer(serializers.ModelSerializer):
    """A sector of goods or services."""

    case: serializers.Field = serializers.SlugRelatedField("name", read_only=True)

    class Meta:
        model = Sector
        fields = ("id", "case", "code", "name", "kind", "description", "theta")


class FlowSerializer(serializers.ModelSerializer):
    """What all flows have: from where to where, and how much."""

    case: serializers.Field = serializers.SlugRelatedField("name", read_only=True)
    origin: serializers.Field = serializers.SlugRelatedField("code", read_only=True)
    destination: serializers.Field = serializers.SlugRelatedField("code", read_only=True)


class SectorFlowSerializer(FlowSerializer):
    """A yearly flow of one sector."""

    sector: serializers.Field = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = SectorFlow
        fields = ("id", "case", "origin", "destination", "sector", "value_usd", "how")


class CrossingFlowSerializer(FlowSerializer):
    """A yearly flow through one crossing; without a crossing it went through places that have no entry data."""

    crossing: serializers.Field = serializers.SlugRelatedField("code", read_only=True, allow_null=True)

    class Meta:
        model = CrossingFlow
        fields = ("id", "case", "origin", "destination", "crossing", "mode", "value_usd")


class DelaySerializer(serializers.ModelSerializer):
    """A measured wait with its method and quality."""

    case = serializers.CharField(source="crossing.case.name", read_only=True)
    crossing: serializers.Field = serializers.SlugRelatedField("code", read_only=True)
    direction: serializers.Field = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = Delay
        fields = (
            "id", "case", "crossing", "direction", "vehicle_class", "period_start", "period_end", "statistic",
            "minutes", "minutes_low", "minutes_high", "method", "sample_size", "quality", "source",
        )  # fmt: skip


class HourlyWaitSerializer(serializers.ModelSerializer):
    """Waits of one vehicle class in one hour of the week; weekday 0 is Monday, hours are local time."""

    case = serializers.CharField(source="crossing.case.name", read_only=True)
    crossing: serializers.Field = serializers.SlugRelatedField("code", read_only=True)
    direction: serializers.Field = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = WaitCell
        fields = (
            "id", "case", "crossing", "direction", "vehicle_class", "method", "weekday", "hour", "sample_size",
            "mean_minutes", "median_minutes", "p95_minutes", "period_start", "period_end",
        )  # fmt: skip


class CrossingAttributeSerializer(serializers.ModelSerializer):
    """A sourced property of a crossing; `number` is the value where it is numeric."""

    case = serializers.CharField(source="crossing.case.name", read_only=True)
    crossing: serializers.Field = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = CrossingAttribute
        fields = ("id", "case", "crossing", "attribute", "value", "number", "unit", "source", "grade", "as_of")


class ImportSerializer(serializers.ModelSerializer):
    """One import: which files, who, when, how many rows, what was wrong."""

    case: serializers.Field = serializers.SlugRelatedField("name", read_only=True, allow_null=True)

    class Meta:
        model = ImportBatch
        fields = (
            "id", "case", "kind", "status", "label", "files", "digest", "rows", "changes", "problems", "user_name",
            "started_at", "finished_at",
        )  # fmt: skip
