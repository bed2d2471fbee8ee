"""What every page of a run's results shares: who may see it, the tabs, and the document behind the numbers."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from planner.models import Run
from planner.models.vocabulary import RunState
from regions.access import Role, request_access

TABS = (
    ("ranking", _("Ranking"), "admin:planner_run_ranking"),
    ("charts", _("Gap and welfare"), "admin:planner_run_quadrant"),
    ("diagnosis", _("Diagnosis"), "admin:planner_run_diagnosis"),
    ("sensitivity", _("Sensitivity"), "admin:planner_run_sensitivity"),
    ("portfolio", _("Money and portfolio"), "admin:planner_run_portfolio"),
    ("minutes", _("Worth of a minute"), "admin:planner_run_minutes"),
    ("map", _("Map"), "admin:planner_run_map"),
)


def viewable_run(request: HttpRequest, run_id: int) -> Run:
    """The run, for those who may see its case."""
    run = Run.objects.select_related("case", "snapshot", "scenario", "parameter_set").filter(pk=run_id).first()
    if run is None:
        raise Http404
    if not request_access(request).may(Role.VIEWER, run.case_id):
        raise PermissionDenied
    return run


def run_page_context(request: HttpRequest, run: Run, site: AdminSite, title: str, tab: str = "") -> dict[str, Any]:
    """Frame, breadcrumbs and tabs."""
    return {
        **site.each_context(request),
        "run": run,
        "opts": Run._meta,
        "title": title,
        "tabs": [
            {"name": name, "address": reverse(url_name, args=[run.pk]), "current": key == tab}
            for key, name, url_name in TABS
        ],
    }


def no_results(request: HttpRequest, context: dict[str, Any]) -> HttpResponse | None:
    """The page that says that there is nothing yet; None for a run that is done."""
    if context["run"].state == RunState.DONE:
        return None
    return TemplateResponse(request, "admin/planner/run/no_results.html", context)
