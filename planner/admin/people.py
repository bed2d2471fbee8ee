"""API tokens, the audit log, and users who are deactivated instead of deleted."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from planner.models import ApiToken, Scope
from planner.services import audit
from regions.admin.base import BoundedAdmin

USUAL_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=366)


class TokenForm(forms.ModelForm):
    """What a token is for, how far it reaches and until when."""

    scopes = forms.MultipleChoiceField(
        label=_("scopes"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple, initial=[Scope.READ]
    )

    def clean_expires_at(self) -> Any:
        """In the future, and within a year: a forgotten token ends by itself."""
        expires_at = self.cleaned_data["expires_at"]
        now = timezone.now()
        if not now < expires_at <= now + LONGEST_LIFE:
            raise forms.ValidationError(_("Expected a time in the future, at most a year away."))
        return expires_at


@admin.register(ApiToken)
class ApiTokenAdmin(BoundedAdmin):
    """Everybody makes and revokes their own tokens; administrators see all."""

    form = TokenForm
    list_display = ("name", "prefix", "user", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("expires_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__username")
    actions = ("revoke",)
    fields = ("name", "user", "scopes", "expires_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        """One's own; all for administrators."""
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(user_id=request.user.pk)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only administrators choose the user."""
        return [name for name in self.fields if name != "user" or request.user.is_superuser]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """For oneself and for a while."""
        return {"user": request.user.pk, "expires_at": timezone.now() + USUAL_LIFE}

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may enter the admin."""
        return request.user.is_active and request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One's own; the list is limited likewise."""
        return self.has_module_permission(request) and (
            obj is None or request.user.is_superuser or obj.user_id == request.user.pk
        )

    def has_add_permission(self, request: HttpRequest, *arguments: Any) -> bool:
        """Whoever may enter the admin."""
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A token is revoked and made anew, not changed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A token is revoked; its record stays."""
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Of the tokens that one sees."""
        return self.has_module_permission(request)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        """Give the token its secret, kept only for the answer to this request."""
        if not request.user.is_superuser:
            obj.user_id = request.user.pk
        request._issued_token = obj.issue()  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """Show the token, this once, on a page that no cache keeps."""
        response = TemplateResponse(
            request,
            "admin/planner/apitoken/issued.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Your new token"),
                "token": obj,
                "text": request._issued_token,  # type: ignore[attr-defined]
            },
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    @admin.action(description=_("Revoke the selected tokens"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """They stop working at once."""
        for token in queryset.filter(revoked_at=None):
            ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
            audit(request.user, token, "changed", "token revoked")
        self.message_user(request, _("The selected tokens no longer work."), messages.SUCCESS)


@admin.register(LogEntry)
class AuditAdmin(BoundedAdmin):
    """Who wrote what, on pages and by the API; for administrators, never edited."""

    list_display = ("action_time", "user", "action_flag", "content_type", "object_repr", "change_message")
    list_filter = ("action_flag", "content_type")
    list_select_related = ("user", "content_type")
    search_fields = ("user__username", "object_repr", "change_message")
    date_hierarchy = "action_time"

    def has_add_permission(self, request: HttpRequest, *arguments: Any) -> bool:
        """Written by acts only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A record is not edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A record is not deleted."""
        return False


admin.site.unregister(User)


@admin.register(User)
class KeptUserAdmin(UserAdmin):
    """Users are deactivated: deleting one would delete what the log says about them."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Take the tick from 'active' instead."""
        return False
