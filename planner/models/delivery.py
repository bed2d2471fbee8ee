"""What schedules did: occurrences, the files they made, deliveries with every attempt, and alerts."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from planner.models.run import Run
from planner.models.schedule import OutletKind, Recipient, Schedule
from planner.models.vocabulary import choice_constraint


class OccurrenceState(models.TextChoices):
    """How far one due time of a schedule has come."""

    WAITING = "waiting", _("Waiting")
    ESTIMATING = "estimating", _("Waiting for its run")
    MAKING = "making", _("Report being made")
    MADE = "made", _("Report made")
    UNCHANGED = "unchanged", _("Skipped: nothing changed")
    EMPTY = "empty", _("Empty: nothing could be ranked")
    FAILED = "failed", _("Failed")


class DeliveryState(models.TextChoices):
    """How far one delivery has come."""

    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DEAD = "dead", _("Given up")


class AlertKind(models.TextChoices):
    """Why somebody should look."""

    FAILED = "failed", _("The report failed")
    EMPTY = "empty", _("The report is empty")
    UNDELIVERED = "undelivered", _("A delivery was given up")


OPEN_OCCURRENCES = (OccurrenceState.WAITING, OccurrenceState.ESTIMATING, OccurrenceState.MAKING)


class Occurrence(models.Model):
    """One due time of one schedule. The constraint on both makes it happen once, however many clocks ask for it."""

    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, related_name="occurrences", verbose_name=_("schedule")
    )
    due_at = models.DateTimeField(_("due"))
    manual = models.BooleanField(_("asked for by hand"), default=False)
    missed = models.PositiveIntegerField(
        _("missed before it"), default=0, help_text=_("Earlier due times that passed while nothing ran.")
    )
    state = models.CharField(
        _("state"), max_length=12, choices=OccurrenceState.choices, default=OccurrenceState.WAITING
    )
    reason = models.TextField(_("reason"), blank=True)
    run = models.ForeignKey(
        Run, on_delete=models.SET_NULL, null=True, blank=True, related_name="occurrences", verbose_name=_("run")
    )
    fingerprint = models.CharField(_("fingerprint"), max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claim = models.CharField(_("claim"), max_length=32, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        ordering = ["-due_at", "-pk"]
        verbose_name = _("scheduled report")
        verbose_name_plural = _("scheduled reports")
        indexes = [models.Index(fields=["state", "lease_until"])]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="planner_occurrence_due_once"),
            choice_constraint("occurrence", "state", OccurrenceState),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_OCCURRENCES, finished_at__isnull=True)
                | ~Q(state__in=OPEN_OCCURRENCES) & Q(finished_at__isnull=False),
                name="planner_occurrence_finished_at_when_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.schedule}, {self.due_at:%Y-%m-%d %H:%M} UTC"


class ReportFile(models.Model):
    """One file of a scheduled report; its bytes are removed when their time is up, the record stays."""

    occurrence = models.ForeignKey(
        Occurrence, on_delete=models.CASCADE, related_name="files", verbose_name=_("scheduled report")
    )
    name = models.CharField(_("name"), max_length=200)
    format = models.CharField(_("format"), max_length=10)
    language = models.CharField(_("language"), max_length=10)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveIntegerField(_("bytes"))
    content = models.BinaryField(_("content"), null=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        ordering = ["occurrence", "language", "format"]
        verbose_name = _("report file")
        verbose_name_plural = _("report files")
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "format", "language"], name="planner_report_file_once")
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One report, or one alert, to one recipient; address and way are copied, so that history outlives recipients."""

    occurrence = models.ForeignKey(
        Occurrence, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("scheduled report")
    )
    recipient = models.ForeignKey(
        Recipient, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("recipient")
    )
    is_alert = models.BooleanField(_("alert"), default=False)
    kind = models.CharField(_("by"), max_length=10, choices=OutletKind.choices)
    address = models.CharField(_("address"), max_length=500)
    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True, db_index=True)
    claim = models.CharField(_("claim"), max_length=32, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [models.Index(fields=["state", "next_attempt_at"])]
        constraints = [
            choice_constraint("delivery", "state", DeliveryState),
            choice_constraint("delivery", "kind", OutletKind),
            models.UniqueConstraint(
                fields=["occurrence", "kind", "address"],
                condition=Q(is_alert=False),
                name="planner_delivery_once_per_address",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.SENT) | Q(sent_at__isnull=False), name="planner_delivery_sent_has_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.address}"


class DeliveryAttempt(models.Model):
    """One attempt of a delivery and how it ended."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries", verbose_name=_("delivery"))
    at = models.DateTimeField(_("at"))
    ok = models.BooleanField(_("succeeded"))
    detail = models.TextField(_("detail"), blank=True)

    class Meta:
        ordering = ["delivery", "at", "pk"]
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}: {self.detail}"


class Alert(models.Model):
    """Something a person has to know; it stays open until somebody says that they have seen it."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="alerts", verbose_name=_("schedule"))
    occurrence = models.ForeignKey(
        Occurrence, on_delete=models.CASCADE, related_name="alerts", verbose_name=_("scheduled report")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=AlertKind.choices)
    message = models.TextField(_("message"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("seen by"),
    )
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [choice_constraint("alert", "kind", AlertKind)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.schedule}"
