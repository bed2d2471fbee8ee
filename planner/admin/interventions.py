"""Interventions with their channels and costs, and the action that estimates them."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from planner.admin.base import NARROW, SHORT_TEXT
from planner.admin.estimation import choice_page
from planner.models import Channel, Cost, Intervention, Scenario
from regions.access import Role, request_access
from regions.admin.base import BoundedAdmin, EditedAdmin, LockedInline
from regions.models import Case

MOST_INLINE = 40


class ChannelInline(LockedInline, admin.StackedInline):
    """The channels of one intervention."""

    model = Channel
    extra = 0
    max_num = MOST_INLINE
    show_change_link = True
    formfield_overrides = NARROW
    fieldsets = (
        (None, {"fields": (("position", "type"), ("low", "central", "high", "unit"), ("source", "grade"))}),
        (_("Aimed at"), {"fields": (("crossing", "direction"), ("origin", "destination"), ("sector", "place"))}),
        (_("In time"), {"classes": ("collapse",), "fields": (("start_year", "ramp_years"), "note")}),
    )


class CostInline(LockedInline, admin.TabularInline):
    """The costs of one intervention by year."""

    model = Cost
    extra = 0
    max_num = MOST_INLINE
    formfield_overrides = NARROW


@admin.register(Intervention)
class InterventionAdmin(EditedAdmin):
    """Interventions: list, edit, estimate."""

    list_display = ("name", "slug", "case", "kind", "maturity", "start_year", "channel_count", "cost_count")
    list_filter = ("case", "kind", "maturity")
    search_fields = ("name", "slug", "description", "competence", "source")
    list_select_related = ("case",)
    inlines = (ChannelInline, CostInline)
    formfield_overrides = SHORT_TEXT
    actions = ("estimate",)
    fieldsets = (
        (None, {"fields": ("case", ("name", "slug"), ("kind", "maturity"), "description")}),
        (_("Standing"), {"fields": ("competence", "legal_test", "closures", "start_year")}),
        (_("Source"), {"fields": ("source", "source_url", "notes")}),
    )
    prepopulated_fields = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Intervention]:
        """With the counts that the list shows."""
        return (
            super()
            .get_queryset(request)
            .annotate(_channels=Count("channels", distinct=True), _costs=Count("costs", distinct=True))
        )

    @admin.display(description=_("channels"), ordering="_channels")
    def channel_count(self, row: Any) -> int:
        """How many channels it has."""
        return row._channels

    @admin.display(description=_("costs"), ordering="_costs")
    def cost_count(self, row: Any) -> int:
        """How many amounts it has."""
        return row._costs

    def has_estimate_permission(self, request: HttpRequest) -> bool:
        """Starting a run is adding one."""
        return request_access(request).anywhere(Role.PLANNER)

    @admin.action(description=_("Estimate effects of the selected interventions"), permissions=["estimate"])
    def estimate(self, request: HttpRequest, queryset: QuerySet[Intervention]) -> HttpResponse | None:
        """Show what would run, with the standard settings to begin with; nothing starts yet."""
        cases = list(Case.objects.filter(pk__in=queryset.order_by().values("case_id")).distinct())
        if len(cases) != 1:
            self.message_user(
                request, _("Select interventions of one case: a run compares them there."), messages.ERROR
            )
            return None
        return choice_page(request, self.admin_site, cases[0], set(queryset.values_list("pk", flat=True)), {})


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


@admin.register(Channel)
class ChannelAdmin(BoundedAdmin, SimpleHistoryAdmin):
    """Channels across interventions, to search by source, type or target."""

    list_display = ("intervention", "type", "low", "central", "high", "unit", "grade", "crossing", "place")
    list_filter = ("intervention__case", "type", "grade")
    search_fields = ("intervention__name", "intervention__slug", "source", "crossing", "place", "sector", "note")
    list_select_related = ("intervention",)
    raw_id_fields = ("intervention",)
    formfield_overrides = SHORT_TEXT


@admin.register(Cost)
class CostAdmin(BoundedAdmin, SimpleHistoryAdmin):
    """Costs across interventions."""

    list_display = ("intervention", "year", "category", "amount_musd", "basis", "grade")
    list_filter = ("intervention__case", "category", "grade", "year")
    search_fields = ("intervention__name", "intervention__slug", "source", "note")
    list_select_related = ("intervention__case",)
    raw_id_fields = ("intervention",)
    formfield_overrides = SHORT_TEXT

    @admin.display(description=_("currency and price year"))
    def basis(self, row: Cost) -> str:
        """In what the amount is stated."""
        return f"{row.currency} {row.price_year}"
