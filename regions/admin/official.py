"""Rows of official files, to be looked at: imports write them, undoing an import takes them away."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from regions.admin.base import BoundedAdmin
from regions.models import BorderEntryCount, TransBorderFlow


class OfficialRowsAdmin(BoundedAdmin):
    """Nothing can be added, changed or deleted by hand."""

    list_select_related = ("batch",)
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come with imports only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rows stay as published."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rows go with their batch."""
        return False


@admin.register(BorderEntryCount)
class BorderEntryCountAdmin(OfficialRowsAdmin):
    """Border entry counts as published."""

    list_display = ("port", "port_name", "state", "border", "year", "month", "measure", "value", "batch")
    list_filter = ("border", "measure", "year")
    search_fields = ("=port", "port_name", "state")


@admin.register(TransBorderFlow)
class TransBorderFlowAdmin(OfficialRowsAdmin):
    """TransBorder rows as published."""

    list_display = (
        *("dataset", "year", "month", "trade_type", "us_state", "port", "commodity", "mode"),
        *("canadian_province", "mexican_state", "country", "value_usd", "batch"),
    )
    list_filter = ("dataset", "trade_type", "country", "mode")
    search_fields = ("=us_state", "=port", "=commodity", "=canadian_province", "=mexican_state")
