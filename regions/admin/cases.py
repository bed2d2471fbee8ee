"""Cases, economies and sectors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from regions.access import Role, members, request_access, set_members
from regions.admin.base import EditedAdmin, changelist_link
from regions.admin.locking import VersionedForm
from regions.models import Case, Crossing, CrossingFlow, Economy, Region, Sector, SectorFlow

ROLE_FIELDS = {"viewers": Role.VIEWER, "planners": Role.PLANNER, "approvers": Role.APPROVER}


class PeopleForm(VersionedForm):
    """The case and who has which role on it."""

    viewers = forms.ModelMultipleChoiceField(
        User.objects.order_by("username"), label=_("viewers"), required=False, help_text=_("See the case.")
    )
    planners = forms.ModelMultipleChoiceField(
        User.objects.order_by("username"), label=_("planners"), required=False, help_text=_("Edit it and start runs.")
    )
    approvers = forms.ModelMultipleChoiceField(
        User.objects.order_by("username"),
        label=_("approvers"),
        required=False,
        help_text=_("Plan, and approve runs that somebody else started."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name, role in ROLE_FIELDS.items():
                self.fields[name].initial = members(self.instance, role)


@admin.register(Case)
class CaseAdmin(EditedAdmin):
    """Cases come with an import; a case is not deleted here, since everything hangs on it."""

    list_display = ("name", "title", "year", "currency", "price_year", "updated_at")
    search_fields = ("name", "title")
    list_filter = ("year",)
    exclude = ("making",)
    readonly_fields = ("quality", "places", "crossings", "sector_flows", "crossing_flows", "created_at", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only those who plan in all cases."""
        return request_access(request).may(Role.PLANNER, None)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never by a page."""
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """With the people for those who manage users."""
        if request.user.has_perm("auth.change_user") and self.has_change_permission(request, obj):
            kwargs["form"] = PeopleForm
        return super().get_form(request, obj, change=change, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The roles with the case."""
        super().save_related(request, form, formsets, change)
        for name, role in ROLE_FIELDS.items():
            if name in form.cleaned_data:
                set_members(form.instance, role, form.cleaned_data[name])

    @admin.display(description=_("data quality"))
    def quality(self, case: Case) -> str:
        """A link to the page with the grades."""
        if not case.pk:
            return "-"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:case_quality", args=[case.name]), _("grades and reasons")
        )

    @admin.display(description=_("regions"))
    def places(self, case: Case) -> str:
        """Number of regions, as a link to them."""
        return changelist_link(Region.objects.all(), case__id__exact=case.pk)

    @admin.display(description=_("crossings"))
    def crossings(self, case: Case) -> str:
        """Number of crossings, as a link to them."""
        return changelist_link(Crossing.objects.all(), case__id__exact=case.pk)

    @admin.display(description=_("flows by sector"))
    def sector_flows(self, case: Case) -> str:
        """Number of flows by sector, as a link to them."""
        return changelist_link(SectorFlow.objects.all(), case__id__exact=case.pk)

    @admin.display(description=_("flows by crossing"))
    def crossing_flows(self, case: Case) -> str:
        """Number of flows by crossing, as a link to them."""
        return changelist_link(CrossingFlow.objects.all(), case__id__exact=case.pk)


@admin.register(Economy)
class EconomyAdmin(EditedAdmin):
    """Economies."""

    list_display = ("code", "name", "currency", "case")
    list_filter = ("case",)
    list_select_related = ("case",)
    search_fields = ("code", "name")
    autocomplete_fields = ("case",)


@admin.register(Sector)
class SectorAdmin(EditedAdmin):
    """Sectors."""

    list_display = ("code", "name", "kind", "theta", "case")
    list_filter = ("case", "kind")
    list_select_related = ("case",)
    search_fields = ("code", "name", "description")
    autocomplete_fields = ("case",)
