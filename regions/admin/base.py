"""What the admin pages of both apps share: bounded pages, optimistic locking, read-only imported rows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from simple_history.admin import SimpleHistoryAdmin

from regions.access import Role, case_id_of, case_path, request_access
from regions.admin.locking import LockedForm, VersionedForm

ROWS_ON_A_PAGE = 50
SHOWN_PROTECTED = 20
RECORD_FIELDS = ("change_reason", "version_seen")


class CaseFilter(admin.RelatedFieldListFilter):
    """Offers only what belongs to cases that the user may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        """The rows of the user's cases."""
        allowed = request_access(request).limit(field.related_model._default_manager.all())
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to={"pk__in": allowed.order_by().values("pk")}
        )


class RoleChecks:
    """Who sees and changes rows of a case is decided by the role on that case; other rows by Django's permissions."""

    model: type[Model]

    def _role(self, request: HttpRequest, role: Role, row: Model | None) -> bool | None:
        path = case_path(self.model)
        if path is None:
            return None
        access = request_access(request)
        if row is None or row.pk is None:
            return access.anywhere(role)
        return access.may(role, case_id_of(row))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Shown to whoever sees some case."""
        decided = self._role(request, Role.VIEWER, None)
        return super().has_module_permission(request) if decided is None else decided  # type: ignore[misc]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Viewers of its case."""
        decided = self._role(request, Role.VIEWER, obj)
        return super().has_view_permission(request, obj) if decided is None else decided  # type: ignore[misc]

    def has_add_permission(self, request: HttpRequest, *arguments: Any) -> bool:
        """Planners of some case; the form offers their cases only. An inline's parent row decides for it."""
        decided = self._role(request, Role.PLANNER, arguments[0] if arguments else None)
        return super().has_add_permission(request, *arguments) if decided is None else decided  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Planners of its case."""
        decided = self._role(request, Role.PLANNER, obj)
        return super().has_change_permission(request, obj) if decided is None else decided  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Planners of its case."""
        decided = self._role(request, Role.PLANNER, obj)
        return super().has_delete_permission(request, obj) if decided is None else decided  # type: ignore[misc]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows of the user's cases."""
        return request_access(request).limit(super().get_queryset(request))  # type: ignore[misc]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Links lead only to rows of cases in which the user plans."""
        if case_path(db_field.related_model) is not None and "queryset" not in kwargs:
            rows = db_field.related_model._default_manager.all()
            kwargs["queryset"] = request_access(request).limit(rows, Role.PLANNER)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class BoundedAdmin(RoleChecks, admin.ModelAdmin):
    """Pages whose length and number of queries do not grow with the data, limited to the user's cases."""

    form = VersionedForm
    list_per_page = ROWS_ON_A_PAGE
    list_max_show_all = ROWS_ON_A_PAGE
    show_full_result_count = False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the page asks about the change itself stands last, for those who may change something."""
        fieldsets = [
            (title, {**options, "fields": without(options["fields"], RECORD_FIELDS)})
            for title, options in super().get_fieldsets(request, obj)
        ]
        fieldsets = [(title, options) for title, options in fieldsets if options["fields"]]
        own = [name for name in RECORD_FIELDS if name in getattr(self.form, "base_fields", ())]
        may = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return [*fieldsets, (None, {"fields": own, "classes": ("record-of-change",)})] if own and may else fieldsets

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Headed by what it lists."""
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Headed by what it is about; the way above the heading says of what kind that is."""
        if context.get("original") is not None:
            context |= {"title": str(context["original"]), "subtitle": None}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """With the reason in the history."""
        if reason := form.cleaned_data.get("change_reason"):
            obj._change_reason = reason
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """The rows below have the same reason."""
        if reason := form.cleaned_data.get("change_reason"):
            for one in formset.forms:
                one.instance._change_reason = reason
        super().save_formset(request, form, formset, change)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Filters over cases and what belongs to them offer only what the user may see."""
        return [self.limited_filter(one) for one in super().get_list_filter(request)]

    def limited_filter(self, name: Any) -> Any:
        """The filter as it is, unless its last step is a link to something of a case."""
        if not isinstance(name, str):
            return name
        last = get_fields_from_path(self.model, name)[-1]
        related = last.related_model
        return (name, CaseFilter) if isinstance(related, type) and case_path(related) is not None else name

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The confirmation page of a deletion names only the first rows that stand in its way."""
        to_delete, counts, permissions, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, permissions, protected[:SHOWN_PROTECTED]


class LockedInline(RoleChecks):
    """Rows on the page of what they belong to; nobody's change to one of them is lost either."""

    form: Any = LockedForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With what each row was opened on, hidden in the first group of fields."""
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        title, options = fieldsets[0]
        fields = [*without(options["fields"], ("version_seen",)), "version_seen"]
        return [(title, {**options, "fields": fields}), *fieldsets[1:]]


class EditedAdmin(BoundedAdmin, SimpleHistoryAdmin):
    """Objects that people edit, with their history."""


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


def without(fields: Any, names: tuple[str, ...]) -> list[Any]:
    """A list of fields, some of them side by side, without those of these names."""
    kept = [
        tuple(name for name in one if name not in names) if isinstance(one, (list, tuple)) else one for one in fields
    ]
    return [one for one in kept if one and one not in names]


def changelist_link(rows: QuerySet, **filters: Any) -> str:
    """A link to the list of rows with the filters, with their number as its text."""
    meta = rows.model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return format_html('<a href="{}?{}">{}</a>', address, query, rows.filter(**filters).count())
