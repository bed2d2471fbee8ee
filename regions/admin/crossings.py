"""Crossings, their modes and attributes."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from regions.admin.base import EditedAdmin, ImportedRowsAdmin, changelist_link
from regions.admin.geometry import PointForm
from regions.admin.wait_week import tables
from regions.models import Crossing, CrossingAttribute, CrossingFlow, CrossingMode, Delay


@admin.register(Crossing)
class CrossingAdmin(EditedAdmin):
    """Crossings; waits, attributes and flows are on pages of their own."""

    form = PointForm
    list_display = ("code", "name", "region_a", "region_b", "trucks_inbound", "truck_booths", "case")
    list_filter = ("case", "modes__mode")
    list_select_related = ("case", "region_a", "region_b")
    search_fields = ("code", "name", "region_a__name", "region_b__name")
    autocomplete_fields = ("case", "region_a", "region_b")
    readonly_fields = ("attributes", "waits", "flows", "week", "updated_at")
    fieldsets = (
        (None, {"fields": ("case", "code", "name", "latitude", "longitude", "region_a", "region_b")}),
        (_("Capacity"), {"fields": ("opens_hour", "closes_hour", "truck_booths")}),
        (
            _("Counts of the year, entering the first region"),
            {
                "fields": (
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
            },
        ),
        (_("More on this crossing"), {"fields": ("attributes", "waits", "flows")}),
        (_("Waits by hour of the week"), {"fields": ("week",)}),
        (None, {"fields": ("updated_at",)}),
    )

    class Media:
        """The colours of the tables of waits."""

        css: ClassVar = {"all": ("regions/wait_week.css",)}

    @admin.display(description=_("typical waits"))
    def week(self, crossing: Crossing) -> str:
        """Tables of the waits by hour of the week."""
        return tables(crossing) if crossing.pk else ""

    @admin.display(description=_("attributes"))
    def attributes(self, crossing: Crossing) -> str:
        """Number of attributes, as a link to them."""
        return changelist_link(CrossingAttribute.objects.all(), crossing__id__exact=crossing.pk)

    @admin.display(description=_("waits"))
    def waits(self, crossing: Crossing) -> str:
        """Number of waits, as a link to them."""
        return changelist_link(Delay.objects.all(), crossing__id__exact=crossing.pk)

    @admin.display(description=_("flows"))
    def flows(self, crossing: Crossing) -> str:
        """Number of flows, as a link to them."""
        return changelist_link(CrossingFlow.objects.all(), crossing__id__exact=crossing.pk)


@admin.register(CrossingAttribute)
class CrossingAttributeAdmin(EditedAdmin):
    """Sourced properties of crossings."""

    list_display = ("crossing", "attribute", "value", "unit", "grade", "as_of")
    list_filter = ("crossing__case", "attribute", "grade")
    list_select_related = ("crossing",)
    search_fields = ("crossing__code", "crossing__name", "attribute", "value", "source")
    autocomplete_fields = ("crossing",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Also the link from the page of a crossing."""
        return lookup == "crossing__id__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(CrossingMode)
class CrossingModeAdmin(ImportedRowsAdmin):
    """Modes that crossings serve."""

    list_display = ("crossing", "mode")
    list_filter = ("crossing__case", "mode")
    list_select_related = ("crossing",)
    search_fields = ("crossing__code", "crossing__name")
    autocomplete_fields = ("crossing",)
