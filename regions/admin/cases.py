"""Cases, economies and sectors."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from regions.admin.base import EditedAdmin, changelist_link
from regions.models import Case, Crossing, CrossingFlow, Economy, Region, Sector, SectorFlow


@admin.register(Case)
class CaseAdmin(EditedAdmin):
    """Cases come with an import; a case is not deleted here, since everything hangs on it."""

    list_display = ("name", "title", "year", "currency", "price_year", "updated_at")
    search_fields = ("name", "title")
    list_filter = ("year",)
    readonly_fields = ("places", "crossings", "sector_flows", "crossing_flows", "created_at", "updated_at")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never by a page."""
        return False

    @admin.display(description=_("regions"))
    def places(self, case: Case) -> str:
        """Number of regions, as a link to them."""
        return changelist_link(Region.objects.all(), case__id__exact=case.pk)

    @admin.display(description=_("crossings"))
    def crossings(self, case: Case) -> str:
        """Number of crossings, as a link to them."""
        return changelist_link(Crossing.objects.all(), case__id__exact=case.pk)

    @admin.display(description=_("flows by sector"))
    def sector_flows(self, case: Case) -> str:
        """Number of flows by sector, as a link to them."""
        return changelist_link(SectorFlow.objects.all(), case__id__exact=case.pk)

    @admin.display(description=_("flows by crossing"))
    def crossing_flows(self, case: Case) -> str:
        """Number of flows by crossing, as a link to them."""
        return changelist_link(CrossingFlow.objects.all(), case__id__exact=case.pk)


@admin.register(Economy)
class EconomyAdmin(EditedAdmin):
    """Economies."""

    list_display = ("code", "name", "currency", "case")
    list_filter = ("case",)
    list_select_related = ("case",)
    search_fields = ("code", "name")
    autocomplete_fields = ("case",)


@admin.register(Sector)
class SectorAdmin(EditedAdmin):
    """Sectors."""

    list_display = ("code", "name", "kind", "theta", "case")
    list_filter = ("case", "kind")
    list_select_related = ("case",)
    search_fields = ("code", "name", "description")
    autocomplete_fields = ("case",)
