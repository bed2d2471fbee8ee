"""Flows by sector and by crossing."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from regions.admin.base import ImportedRowsAdmin
from regions.models import CrossingFlow, MirrorFlow, SectorFlow


@admin.register(SectorFlow)
class SectorFlowAdmin(ImportedRowsAdmin):
    """Flows by sector."""

    list_display = ("origin", "destination", "sector", "value_usd", "how", "case")
    list_filter = ("case", "how", "sector__code")
    list_select_related = ("origin", "destination", "sector", "case")
    search_fields = ("=origin__code", "=destination__code", "origin__name", "destination__name", "sector__code")
    autocomplete_fields = ("case", "origin", "destination", "sector")


@admin.register(MirrorFlow)
class MirrorFlowAdmin(ImportedRowsAdmin):
    """Both sides' records of a flow; the value of the case is that of the flow by sector."""

    list_display = (
        "origin",
        "destination",
        "sector",
        "reporter",
        "valuation",
        "value_usd",
        "cif_factor",
        "grade",
        "case",
    )
    list_filter = ("case", "valuation", "reporter__code", "sector__code")
    list_select_related = ("origin", "destination", "sector", "reporter", "case")
    search_fields = ("=origin__code", "=destination__code", "origin__name", "destination__name", "sector__code")
    autocomplete_fields = ("case", "origin", "destination", "sector", "reporter")


@admin.register(CrossingFlow)
class CrossingFlowAdmin(ImportedRowsAdmin):
    """Flows by crossing and mode."""

    list_display = ("origin", "destination", "crossing", "mode", "value_usd", "case")
    list_filter = ("case", "mode")
    list_select_related = ("origin", "destination", "crossing", "case")
    search_fields = ("=origin__code", "=destination__code", "origin__name", "destination__name", "=crossing__code")
    autocomplete_fields = ("case", "origin", "destination", "crossing")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Also the link from the page of a crossing."""
        return lookup == "crossing__id__exact" or super().lookup_allowed(lookup, value, request)
