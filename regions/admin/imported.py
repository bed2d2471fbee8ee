"""What imports keep beside the facts: the waits by hour of the week, and the changes that undoing needs."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from regions.admin.batches import as_text
from regions.admin.official import OfficialRowsAdmin
from regions.models import ImportChange, WaitCell

SHOWN_ROWS = 20


@admin.register(WaitCell)
class WaitCellAdmin(OfficialRowsAdmin):
    """Waits by hour of the week, as computed from records."""

    list_display = (
        *("crossing", "direction", "vehicle_class", "weekday", "hour", "sample_size"),
        *("mean_minutes", "median_minutes", "p95_minutes", "batch"),
    )
    list_filter = ("crossing__case", "vehicle_class", "direction__code")
    list_select_related = ("crossing", "direction", "batch")
    search_fields = ("crossing__code", "crossing__name", "method")


@admin.register(ImportChange)
class ImportChangeAdmin(OfficialRowsAdmin):
    """What each import changed."""

    list_display = ("import_batch", "table", "action", "count")
    list_filter = ("import_batch__case", "action", "table")
    list_select_related = ("import_batch",)
    search_fields = ("import_batch__label", "table")
    fields = ("import_batch", "table", "action", "count", "first_rows")

    @admin.display(description=_("first rows"))
    def first_rows(self, change: ImportChange) -> str:
        """Some of the rows with what they held."""
        return as_text(change.rows[:SHOWN_ROWS])
