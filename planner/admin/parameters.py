"""Parameter sets and their rows."""

from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin

from planner.admin.base import NARROW, SHORT_TEXT
from planner.admin.versions import WholeHistoryAdmin
from planner.models import Parameter, ParameterSet
from regions.admin.base import BoundedAdmin, LockedInline

MOST_INLINE = 120


class ParameterInline(LockedInline, admin.TabularInline):
    """The rows of a set; the model reads a few dozen keys, so all are shown."""

    model = Parameter
    extra = 0
    max_num = MOST_INLINE
    formfield_overrides = NARROW


@admin.register(ParameterSet)
class ParameterSetAdmin(WholeHistoryAdmin):
    """Sets of parameters by case."""

    list_display = ("name", "case", "as_of", "is_default", "source")
    list_filter = ("case", "is_default")
    search_fields = ("name", "source", "notes", "case__name")
    list_select_related = ("case",)
    inlines = (ParameterInline,)
    formfield_overrides = SHORT_TEXT


@admin.register(Parameter)
class ParameterAdmin(BoundedAdmin, SimpleHistoryAdmin):
    """Parameters across sets, to search by key or source."""

    list_display = ("key", "sector", "parameter_set", "low", "central", "high", "unit", "grade", "as_of")
    list_filter = ("parameter_set__case", "grade", "parameter_set")
    search_fields = ("key", "sector", "source")
    list_select_related = ("parameter_set",)
    raw_id_fields = ("parameter_set",)
    formfield_overrides = SHORT_TEXT
