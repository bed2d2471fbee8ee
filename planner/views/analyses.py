"""The pages of a run's stored analyses, each of charts with their tables."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from planner.models import Run
from planner.selectors import run_told
from planner.views.diagnosis import diagnosis
from planner.views.minutes import minutes
from planner.views.money import portfolio
from planner.views.run_pages import no_results, run_page_context
from planner.views.sensitivity import sensitivity
from planner.views.stored import Found

PAGES = {
    "diagnosis": (_("Diagnosis"), diagnosis),
    "sensitivity": (_("Sensitivity"), sensitivity),
    "portfolio": (_("Money and portfolio"), portfolio),
    "minutes": (_("Worth of a minute"), minutes),
}


def analysis_page(request: HttpRequest, run: Run, site: AdminSite, page: str) -> HttpResponse:
    """The frame of these pages; each builds its charts and tables from the run's analyses."""
    title, build = PAGES[page]
    common = run_page_context(request, run, site, str(title), page)
    if (answer := no_results(request, common)) is not None:
        return answer
    document = run_told(run)
    context = {**common, "document": document, **build(request, Found(run), document)}
    return TemplateResponse(request, "admin/desk/analysis.html", context)
