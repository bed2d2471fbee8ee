"""API tokens: who may call, how far and until when; only a digest of the token is kept."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regions.access import Role

MARK = "btp"
PREFIX_LENGTH = 8
SECRET_BYTES = 32


class Scope(models.TextChoices):
    """How far a token reaches; each includes the ones before it, and none goes beyond its owner's roles."""

    READ = "read", _("Read")
    PLAN = "plan", _("Read, edit plans and start runs")
    APPROVE = "approve", _("Read, plan and approve runs")


SCOPE_ROLES = {Scope.READ: Role.VIEWER, Scope.PLAN: Role.PLANNER, Scope.APPROVE: Role.APPROVER}


def known_scopes(value: Any) -> None:
    """A list of at least one known scope."""
    if not isinstance(value, list) or not value or any(one not in Scope.values for one in value):
        raise ValidationError(_("Expected one or more of %(known)s."), params={"known": ", ".join(Scope.values)})


def token_digest(text: str) -> str:
    """SHA-256; the secret has 256 random bits, so that no slow hash is needed."""
    return hashlib.sha256(text.encode()).hexdigest()


class ApiToken(models.Model):
    """A token of one user; the text itself is shown once, when it is made."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=80, help_text=_("What the token is for."))
    prefix = models.CharField(_("starts with"), max_length=20, unique=True, editable=False)
    digest = models.CharField(_("digest"), max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list, validators=[known_scopes])
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [models.CheckConstraint(condition=~models.Q(digest=""), name="planner_api_token_has_digest")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def issue(self) -> str:
        """Give this unsaved token its secret; the returned text is not kept anywhere."""
        self.prefix = f"{MARK}_{secrets.token_hex(PREFIX_LENGTH // 2)}"
        text = f"{self.prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
        self.digest = token_digest(text)
        return text

    def is_valid(self, now: datetime | None = None) -> bool:
        """Neither expired nor revoked."""
        return self.revoked_at is None and self.expires_at > (now or timezone.now())

    def highest_role(self) -> Role | None:
        """The most that the scopes allow."""
        return max((SCOPE_ROLES[Scope(one)] for one in self.scopes if one in Scope.values), default=None)
