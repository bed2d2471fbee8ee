"""Waits."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from regions.admin.base import EditedAdmin
from regions.models import Delay


@admin.register(Delay)
class DelayAdmin(EditedAdmin):
    """Typed measurements of waits."""

    list_display = (
        "crossing",
        "direction",
        "vehicle_class",
        "statistic",
        "minutes",
        "period_start",
        "period_end",
        "quality",
    )
    list_filter = ("crossing__case", "vehicle_class", "statistic", "quality", "direction__code")
    list_select_related = ("crossing", "direction")
    search_fields = ("crossing__code", "crossing__name", "method", "source")
    autocomplete_fields = ("crossing", "direction")
    date_hierarchy = "period_end"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Also the link from the page of a crossing."""
        return lookup == "crossing__id__exact" or super().lookup_allowed(lookup, value, request)
