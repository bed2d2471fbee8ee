"""Chainable filters of the facts."""

from __future__ import annotations

from typing import Self

from django.contrib.gis.db import models


class RegionQuerySet(models.QuerySet):
    """Filters of places."""

    def border(self) -> Self:
        return self.filter(kind="border")

    def hinterlands(self) -> Self:
        return self.filter(kind="hinterland")

    def with_outline(self) -> Self:
        return self.filter(outline__isnull=False)


class CrossingQuerySet(models.QuerySet):
    """Filters of crossings."""

    def joining(self, region) -> Self:
        """Crossings of which one end lies in the region."""
        return self.filter(models.Q(region_a=region) | models.Q(region_b=region))

    def with_trucks(self) -> Self:
        return self.filter(trucks_inbound__gt=0)


class CrossingFlowQuerySet(models.QuerySet):
    """Filters of flows by crossing."""

    def known_crossing(self) -> Self:
        """Without the flows through places that have no entry data (OTHER)."""
        return self.filter(crossing__isnull=False)


class DelayQuerySet(models.QuerySet):
    """Filters of waits."""

    def levels(self, vehicles: str) -> Self:
        """Typical waits of a class of vehicles: means and medians, no percentiles."""
        return self.filter(vehicle_class=vehicles, statistic__in=("mean", "median"))
