"""Places."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from regions import geo
from regions.admin.base import EditedAdmin
from regions.admin.geometry import OutlineForm
from regions.models import Region


@admin.register(Region)
class RegionAdmin(EditedAdmin):
    """Border regions, hinterlands and partner economies."""

    form = OutlineForm
    list_display = ("code", "name", "economy", "kind", "gdp_musd", "population", "case")
    list_filter = ("case", "kind", "economy__code")
    list_select_related = ("case", "economy")
    search_fields = ("code", "name")
    autocomplete_fields = ("case", "economy")
    readonly_fields = ("outline_summary", "updated_at")
    fieldsets = (
        (None, {"fields": ("case", "code", "name", "economy", "kind", "gdp_musd", "population", "jobs")}),
        (
            _("Geography"),
            {"fields": ("latitude", "longitude", "outline_summary", "outline_geojson", "remove_outline")},
        ),
        (None, {"fields": ("updated_at",)}),
    )

    @admin.display(description=_("outline"))
    def outline_summary(self, region: Region) -> str:
        """Size of the outline in words."""
        if not region.outline:
            return str(_("none"))
        area = geo.areas_km2(geo.geodataframe([region.code], [bytes(region.outline.wkb)]))[0]
        west, south, east, north = region.outline.extent
        return _(
            "%(parts)d polygons, %(points)d points, %(area)s km², latitude %(south).2f to %(north).2f, "
            "longitude %(west).2f to %(east).2f"
        ) % {
            "parts": len(region.outline),
            "points": region.outline.num_coords,
            "area": f"{area:,.0f}",
            "south": south,
            "north": north,
            "west": west,
            "east": east,
        }
