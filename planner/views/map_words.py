"""Words that the scripts of the maps write, in the language of the page."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def map_words() -> dict[str, str]:
    """Texts of the map; names in braces are filled in by the script."""
    return {
        "code": _("Code"),
        "kind": pgettext("of measure", "Kind"),
        "economy": _("Economy"),
        "gdp": _("GDP, million USD"),
        "population": _("People"),
        "open": _("Open its page"),
        "trade": _("Trade, million a year"),
        "trucks": _("Trucks a year, inbound"),
        "wait": _("Wait, minutes, entering"),
        "no_wait": _("No wait was measured here: the default of the parameter set is used."),
        "minute": _("One minute less, entering"),
        "balance_before": _("Balance before, million"),
        "balance_after": _("Balance after, million"),
        "balance_change": _("Balance, change"),
        "exports_change": _("Exports, change"),
        "imports_change": _("Imports, change"),
        "welfare_change": _("Welfare"),
        "balance_of": _("Balance of {place}"),
        "failed": _("A layer could not be read. Reload the page."),
        "ready": _("{places} places and {crossings} crossings; choose one for details."),
        "left_out": _("{pairs} smaller pairs are not drawn."),
        "placed": _("Placed at"),
        "place": pgettext("region", "Place"),
        "click": _("Click on the map to place it."),
        "outline": _("The outline has {parts} polygons. Save to keep it."),
        "no_geojson": _("This is no GeoJSON geometry."),
        "tool": _("Drawing tool"),
    }
