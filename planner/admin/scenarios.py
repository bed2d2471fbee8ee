"""Scenarios, and the action that estimates all interventions under one."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from planner.admin.estimation import choice_page
from planner.models import Scenario
from regions.access import Role, request_access
from regions.admin.base import EditedAdmin


@admin.register(Scenario)
class ScenarioAdmin(EditedAdmin):
    """Scenarios: settings kept by name, and the action that estimates all interventions under one."""

    list_display = ("name", "case", "parameter_set", "closure", "criterion", "standing", "draws", "seed", "variant")
    list_filter = ("case", "closure", "criterion", "variant")
    search_fields = ("name", "description", "case__name")
    list_select_related = ("case", "parameter_set")
    actions = ("estimate",)

    def has_estimate_permission(self, request: HttpRequest) -> bool:
        """Starting a run is adding one."""
        return request_access(request).anywhere(Role.PLANNER)

    @admin.action(description=_("Estimate all interventions under the selected scenario"), permissions=["estimate"])
    def estimate(self, request: HttpRequest, queryset: QuerySet[Scenario]) -> HttpResponse | None:
        """Show what would run of all interventions of the scenario's case."""
        scenario = queryset.first()
        if scenario is None or queryset.count() != 1:
            self.message_user(request, _("Select one scenario."), messages.ERROR)
            return None
        return choice_page(request, self.admin_site, scenario.case, None, {"scenario": scenario.pk})
