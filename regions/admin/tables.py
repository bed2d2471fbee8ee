"""Input-output shares, value-added shares and tariffs."""

from __future__ import annotations

from django.contrib import admin

from regions.admin.base import ImportedRowsAdmin
from regions.models import InputOutputShare, Tariff, ValueAddedShare


@admin.register(InputOutputShare)
class InputOutputShareAdmin(ImportedRowsAdmin):
    """Input-output shares."""

    list_display = ("place", "sector", "input", "share")
    list_filter = ("place__case",)
    list_select_related = ("place", "sector", "input")
    search_fields = ("=place__code", "place__name", "sector__code", "input__code")
    autocomplete_fields = ("place", "sector", "input")


@admin.register(ValueAddedShare)
class ValueAddedShareAdmin(ImportedRowsAdmin):
    """Value-added shares."""

    list_display = ("place", "sector", "share")
    list_filter = ("place__case",)
    list_select_related = ("place", "sector")
    search_fields = ("=place__code", "place__name", "sector__code")
    autocomplete_fields = ("place", "sector")


@admin.register(Tariff)
class TariffAdmin(ImportedRowsAdmin):
    """Tariffs."""

    list_display = ("origin", "destination", "sector", "rate", "source")
    list_filter = ("origin__case",)
    list_select_related = ("origin", "destination", "sector")
    search_fields = ("=origin__code", "=destination__code", "sector__code", "source")
    autocomplete_fields = ("origin", "destination", "sector")
