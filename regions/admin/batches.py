"""Import batches."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from regions.access import Role, request_access
from regions.admin.base import BoundedAdmin
from regions.importing.undo import UndoRefused, undo_import
from regions.models import ImportBatch


def as_text(content: Any) -> str:
    """JSON as readable, escaped text."""
    return format_html("<pre>{}</pre>", json.dumps(content, indent=2, ensure_ascii=False))


@admin.register(ImportBatch)
class ImportBatchAdmin(BoundedAdmin):
    """The record of imports: nothing in it is edited."""

    list_display = ("label", "case", "kind", "status", "user_name", "started_at", "finished_at")
    list_filter = ("case", "status", "kind")
    list_select_related = ("case",)
    search_fields = ("label", "digest", "user_name", "case__name")
    date_hierarchy = "started_at"
    fields = (
        "label",
        "case",
        "kind",
        "status",
        "user",
        "user_name",
        "started_at",
        "finished_at",
        "digest",
        "files_text",
        "rows_text",
        "changes_text",
        "coverage",
        "superseded_by",
        "quality_text",
        "problems_text",
    )

    change_form_template = "admin/regions/importbatch/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        """Taking a batch back, before the general pages."""
        site = self.admin_site
        undo = site.admin_view(require_POST(self.undo_view))
        return [path("<int:pk>/undo/", undo, name="regions_importbatch_undo"), *super().get_urls()]

    def may_undo(self, request: HttpRequest, batch: ImportBatch) -> bool:
        """Planners of its case; of all cases where it has none."""
        return request_access(request).may(Role.PLANNER, batch.case_id)

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponseRedirect:
        """Take the batch back, or say why that is not possible."""
        batch = self.get_queryset(request).filter(pk=pk).first()
        if batch is None or not self.may_undo(request, batch):
            raise PermissionDenied
        try:
            undone = undo_import(pk)
        except UndoRefused as refused:
            messages.error(request, str(refused))
        else:
            words = ngettext(
                "Taken back: %(count)s row. The record stays.",
                "Taken back: %(count)s rows. The record stays.",
                undone.rows,
            )
            messages.success(request, words % {"count": undone.rows})
        return HttpResponseRedirect(reverse("admin:regions_importbatch_change", args=[pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the button for those who may take it back."""
        batch = self.get_object(request, object_id)
        may = batch is not None and batch.status == ImportBatch.Status.LOADED and self.may_undo(request, batch)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "may_undo": may})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Batches are made by imports only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A record is not edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A record is not deleted."""
        return False

    @admin.display(description=_("files"))
    def files_text(self, batch: ImportBatch) -> str:
        """Digests by file."""
        return as_text(batch.files)

    @admin.display(description=_("rows"))
    def rows_text(self, batch: ImportBatch) -> str:
        """Rows by file."""
        return as_text(batch.rows)

    @admin.display(description=_("changes"))
    def changes_text(self, batch: ImportBatch) -> str:
        """Changes by table."""
        return as_text(batch.changes)

    @admin.display(description=_("quality"))
    def quality_text(self, batch: ImportBatch) -> str:
        """What was found about the data."""
        return as_text(batch.quality)

    @admin.display(description=_("problems"))
    def problems_text(self, batch: ImportBatch) -> str:
        """Warnings of the import."""
        return as_text(batch.problems)
