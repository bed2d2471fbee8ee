"""Import batches."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from regions.admin.base import BoundedAdmin
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
