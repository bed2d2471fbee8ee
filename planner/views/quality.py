"""The quality of a case's data: grades with their reasons, provenance, mirror records, files."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from planner.reports.case_quality import case_quality
from planner.reports.quality_view import dataset_rows, lead, matrix_lead, provenance_matrix
from regions.access import Role, request_access
from regions.models import Case, Region, Sector
from regions.models.choices import MirrorRule
from regions.quality import words as quality_words
from regions.quality.findings import DIMENSIONS

CHIPS = {"A": "chip--good", "B": "chip--note", "C": "chip--warn", "D": "chip--bad"}
SHOWN_MIRRORS = 50


def quality_page(request: HttpRequest, site: AdminSite, name: str) -> HttpResponse:
    """For those who may see the case."""
    case = Case.objects.filter(name=name).first()
    if case is None:
        raise Http404
    if not request_access(request).may(Role.VIEWER, case.pk):
        raise PermissionDenied
    found = case_quality(case, timezone.localdate().year)
    places = dict(Region.objects.filter(case=case).order_by("kind", "code").values_list("code", "name"))
    sectors = dict(Sector.objects.filter(case=case).values_list("code", "name"))
    return TemplateResponse(
        request,
        "admin/desk/quality.html",
        {
            **site.each_context(request),
            "title": _("Data quality"),
            "case": case,
            "opts": Case._meta,
            "lead": lead(),
            "matrix_lead": matrix_lead(),
            "dimensions": [quality_words.DIMENSIONS[one] for one in DIMENSIONS],
            "datasets": [with_chips(row) for row in dataset_rows(found)],
            "provenance": matrix(found, places, sectors),
            "mirrors": found["mirrors"][:SHOWN_MIRRORS],
            "mirrors_more": max(len(found["mirrors"]) - SHOWN_MIRRORS, 0),
            "mirror_rule": MirrorRule(case.mirror_rule).label if case.mirror_rule else "",
            "files": found["files"],
        },
    )


def with_chips(row: dict[str, Any]) -> dict[str, Any]:
    """The colour that goes with a grade; the letter says the same."""
    return {
        **row,
        "chip": CHIPS[row["grade"]],
        "grades": [(grade, CHIPS.get(grade or "", "")) for grade in row["grades"]],
        "reasons": [{**one, "chip": CHIPS[one["grade"]]} for one in row["reasons"]],
    }


def matrix(found: dict[str, Any], places: dict[str, str], sectors: dict[str, str]) -> dict[str, Any]:
    """Observed shares by place and sector, in the order of the case; sectors that the builder added come last."""
    used = list(dict.fromkeys([*sectors, *(row["sector"] for row in found["provenance"])]))
    document = {
        "quality": found,
        "case": {"sectors": [{"id": sector} for sector in used]},
        "baseline": {"regions": [{"id": place} for place in places]},
    }
    return provenance_matrix(document, {**places, **sectors})
