"""The admin site of the planner: Django's own with our frame, home page and pages."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from planner.views import maps
from planner.views.compare import compare_file, compare_page
from planner.views.help import help_page
from planner.views.home import home_context, latest_diagnosis
from planner.views.navigation import work_steps
from planner.views.quality import quality_page


class DeskSite(AdminSite):
    """Every ModelAdmin registers here as with Django's own site."""

    site_title = _("Border trade planner")
    site_header = _("Border trade planner")
    index_title = _("Your desk")
    # The steps in the header lead everywhere and leave the width to tables and maps.
    enable_nav_sidebar = False

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """With the steps of the work for the header."""
        context = super().each_context(request)
        context["work_steps"] = work_steps(request, context["available_apps"]) if context["has_permission"] else []
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The home page: what there is, what waits, what to do next."""
        return super().index(request, {**home_context(request), **(extra_context or {})})

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Our own pages before those of the models."""
        own: list[URLPattern | URLResolver] = [
            path("cases/<slug:name>/quality/", self.admin_view(self.quality_view), name="case_quality"),
            path("help/", self.admin_view(self.help_view), name="desk_help"),
            path("compare/", self.admin_view(self.compare_view), name="desk_compare"),
            path("compare/comparison.<str:kind>", self.admin_view(self.compare_file_view), name="desk_compare_file"),
            path("diagnosis/", self.admin_view(self.latest_diagnosis_view), name="desk_diagnosis"),
            path("map/", self.admin_view(self.latest_map_view), name="desk_latest_map"),
            path("cases/<int:case_id>/map/", self.admin_view(self.map_view), name="desk_map"),
            path(
                "cases/<int:case_id>/layers/<slug:layer>.json",
                self.admin_view(maps.case_layer, cacheable=True),
                name="desk_layer",
            ),
            path(
                "regions/<int:region_id>/outline.json",
                self.admin_view(maps.region_outline, cacheable=True),
                name="desk_outline",
            ),
        ]
        return [*own, *super().get_urls()]

    def quality_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """How good the data of a case are."""
        return quality_page(request, self, name)

    def help_view(self, request: HttpRequest) -> HttpResponse:
        """Help and glossary."""
        return help_page(request, self)

    def latest_map_view(self, request: HttpRequest) -> HttpResponse:
        """The map of the case at hand."""
        return maps.latest_map(request, self)

    def map_view(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """The map of a case."""
        return maps.map_page(request, case_id, self)

    def compare_file_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """The comparison as a file."""
        return compare_file(request, kind)

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """Runs side by side."""
        return compare_page(request, self)

    def latest_diagnosis_view(self, request: HttpRequest) -> HttpResponse:
        """The diagnosis of the latest finished run, or the runs where there is none."""
        return latest_diagnosis(request)
