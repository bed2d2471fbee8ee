"""Outlines of a case's places for the map, as rings of (longitude, latitude)."""

from planner.reports.figures.map_types import Rings
from regions.models import Region


def case_outlines(case_name: str) -> dict[str, Rings]:
    """{place id: rings} of the places that have an outline; empty where the case is not in the database."""
    rows = (
        Region.objects.filter(case__name=case_name, outline__isnull=False)
        .order_by("code")
        .values_list("code", "outline")
    )
    return {code: [ring for polygon in outline.coords for ring in polygon] for code, outline in rows if outline}
