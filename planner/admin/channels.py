"""Channels and costs: on the page of their intervention, and in lists of their own."""

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from planner.admin.base import NARROW, SHORT_TEXT
from planner.admin.distribution import distribution_picture
from planner.models import Channel, Cost, Intervention
from regions.admin.base import BoundedAdmin, LockedInline

MOST_INLINE = 40


class ChannelInline(LockedInline, admin.StackedInline):
    """The channels of one intervention."""

    model = Channel
    extra = 0
    max_num = MOST_INLINE
    show_change_link = True
    formfield_overrides = NARROW
    readonly_fields = ("picture",)
    fieldsets = (
        (
            None,
            {"fields": (("position", "type"), ("low", "central", "high", "unit", "picture"), ("source", "grade"))},
        ),
        (
            _("Aimed at"),
            {"fields": (("crossing", "direction"), ("origin", "destination"), ("sector", "place"), ("vehicle",))},
        ),
        (_("In time"), {"classes": ("collapse",), "fields": (("start_year", "ramp_years"), "note")}),
    )

    @admin.display(description=_("distribution"))
    def picture(self, channel: Channel) -> str:
        """The stored distribution; a script draws it anew while somebody types."""
        return distribution_picture(channel.low, channel.central, channel.high)


class CostInline(LockedInline, admin.TabularInline):
    """The costs of one intervention by year."""

    model = Cost
    extra = 0
    max_num = MOST_INLINE
    formfield_overrides = NARROW


class PartAdmin(BoundedAdmin, SimpleHistoryAdmin):
    """Parts of interventions: a change to one is a change of the whole, whose version rises."""

    list_select_related = ("intervention",)
    raw_id_fields = ("intervention",)
    formfield_overrides = SHORT_TEXT

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Whoever has the intervention's page open is told."""
        super().save_model(request, obj, form, change)
        Intervention.objects.filter(pk=obj.intervention_id).update(version=F("version") + 1)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """As above."""
        super().delete_model(request, obj)
        Intervention.objects.filter(pk=obj.intervention_id).update(version=F("version") + 1)


@admin.register(Channel)
class ChannelAdmin(PartAdmin):
    """Channels across interventions, to search by source, type or target."""

    list_display = (
        "intervention", "type", "low", "central", "high", "unit", "picture", "grade", "crossing", "vehicle", "place",
    )  # fmt: skip
    list_filter = ("intervention__case", "type", "vehicle", "grade")
    search_fields = ("intervention__name", "intervention__slug", "source", "crossing", "place", "sector", "note")

    @admin.display(description=_("distribution"))
    def picture(self, channel: Channel) -> str:
        """Low, central and high at a glance."""
        return distribution_picture(channel.low, channel.central, channel.high)


@admin.register(Cost)
class CostAdmin(PartAdmin):
    """Costs across interventions."""

    list_display = ("intervention", "year", "category", "amount_musd", "basis", "grade")
    list_filter = ("intervention__case", "category", "grade", "year")
    search_fields = ("intervention__name", "intervention__slug", "source", "note")
    list_select_related = ("intervention__case",)

    @admin.display(description=_("currency and price year"))
    def basis(self, row: Cost) -> str:
        """In what the amount is stated."""
        return f"{row.currency} {row.price_year}"
