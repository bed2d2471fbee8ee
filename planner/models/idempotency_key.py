"""Answers kept under the Idempotency-Key of a request, so that a repeated request does nothing twice."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_KEY = 255


class IdempotencyKey(models.Model):
    """One user's key with the request it stood for and the answer it got."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    key = models.CharField(_("key"), max_length=LONGEST_KEY)
    request_digest = models.CharField(_("request digest"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"))
    location = models.CharField(_("location"), max_length=500, blank=True)
    body = models.JSONField(_("body"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="planner_idempotency_key_once_per_user")]

    def __str__(self) -> str:
        return self.key
