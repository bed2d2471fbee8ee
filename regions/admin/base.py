"""What the admin pages of both apps share: bounded pages, optimistic locking, read-only imported rows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

ROWS_ON_A_PAGE = 50
SHOWN_PROTECTED = 20


class VersionedForm(forms.ModelForm):
    """Refuses to overwrite what somebody else changed after the page was opened."""

    version_seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # The stored version and not that of the instance, which is an old state where one is being restored.
            self.fields["version_seen"].initial = self.stored_version(lock=False)

    def clean(self) -> dict[str, Any]:
        """Compares the version on the page with the one stored; the row stays locked until it is saved."""
        cleaned = super().clean() or self.cleaned_data
        if not self.instance.pk:
            return cleaned
        version = self.stored_version(lock=True)
        seen = cleaned.get("version_seen")
        if seen is not None and version != seen:
            raise forms.ValidationError(
                _("Somebody else changed this since you opened it. Open it again to see the change, then edit."),
                code="changed_meanwhile",
            )
        self.instance.version = (version or 0) + 1
        return cleaned

    def stored_version(self, lock: bool) -> int | None:
        """The version in the database; None where the row is gone."""
        rows = type(self.instance)._default_manager.filter(pk=self.instance.pk)
        return (rows.select_for_update() if lock else rows).values_list("version", flat=True).first()


class BoundedAdmin(admin.ModelAdmin):
    """Pages whose length and number of queries do not grow with the data."""

    list_per_page = ROWS_ON_A_PAGE
    list_max_show_all = ROWS_ON_A_PAGE
    show_full_result_count = False

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The confirmation page of a deletion names only the first rows that stand in its way."""
        to_delete, counts, permissions, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, permissions, protected[:SHOWN_PROTECTED]


class EditedAdmin(BoundedAdmin, SimpleHistoryAdmin):
    """Objects that people edit: history, and no silent overwriting."""

    form = VersionedForm


class ImportedRowsAdmin(BoundedAdmin):
    """Rows that come in bulk with an import: read only without the permission to edit imported rows."""

    permission = "regions.edit_imported_rows"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only with the permission to edit imported rows."""
        return super().has_add_permission(request) and request.user.has_perm(self.permission)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only with the permission to edit imported rows."""
        return super().has_change_permission(request, obj) and request.user.has_perm(self.permission)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only with the permission to edit imported rows."""
        return super().has_delete_permission(request, obj) and request.user.has_perm(self.permission)


def changelist_link(rows: QuerySet, **filters: Any) -> str:
    """A link to the list of rows with the filters, with their number as its text."""
    meta = rows.model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return format_html('<a href="{}?{}">{}</a>', address, query, rows.filter(**filters).count())
