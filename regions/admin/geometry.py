"""Geometry typed as coordinates or GeoJSON: works by keyboard, offline, and without any script."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.gis.geos import GEOSGeometry, Point
from django.utils.translation import gettext_lazy as _

from regions import geo
from regions.admin.locking import VersionedForm

LONGEST_GEOJSON = 5_000_000


class PointForm(VersionedForm):
    """Latitude and longitude in place of the point."""

    latitude = forms.FloatField(label=_("latitude, degrees north"), min_value=-90, max_value=90)
    longitude = forms.FloatField(label=_("longitude, degrees east"), min_value=-180, max_value=180)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("latitude", "longitude"):
            self.fields[name].widget.attrs["step"] = "any"
        if self.instance.point:
            self.fields["latitude"].initial = self.instance.point.y
            self.fields["longitude"].initial = self.instance.point.x

    def clean(self) -> dict[str, Any]:
        """Puts the point together."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("latitude") is not None and cleaned.get("longitude") is not None:
            self.instance.point = Point(cleaned["longitude"], cleaned["latitude"], srid=4326)
        return cleaned


class OutlineForm(PointForm):
    """The outline as GeoJSON text; empty leaves it as it is, unless it is to be removed."""

    outline_geojson = forms.CharField(
        label=_("new outline, GeoJSON"),
        required=False,
        max_length=LONGEST_GEOJSON,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text=_("A Polygon or MultiPolygon in longitude and latitude. Empty: the outline stays as it is."),
    )
    remove_outline = forms.BooleanField(label=_("remove the outline"), required=False)

    def clean_outline_geojson(self) -> GEOSGeometry | None:
        """The typed outline, repaired where it must be."""
        text = self.cleaned_data["outline_geojson"].strip()
        if not text:
            return None
        outline, problem = geo.read_outline(text)
        if outline is None:
            raise forms.ValidationError(problem)
        return GEOSGeometry(memoryview(outline.wkb), srid=4326)

    def clean(self) -> dict[str, Any]:
        """Sets or removes the outline."""
        cleaned = super().clean() or self.cleaned_data
        outline = cleaned.get("outline_geojson")
        if outline is not None and cleaned.get("remove_outline"):
            raise forms.ValidationError(_("Give a new outline or remove it, not both."))
        if outline is not None:
            self.instance.outline = outline
        elif cleaned.get("remove_outline"):
            self.instance.outline = None
        return cleaned
