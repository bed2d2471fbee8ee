"""Alerts: kept as rows until somebody has seen them, written to the log, and sent by e-mail like any delivery."""

import logging
from datetime import datetime

from django.contrib.auth.models import User
from django.utils import timezone

from planner.models import Alert, Delivery, Occurrence
from planner.models.delivery import AlertKind
from planner.models.schedule import OutletKind

log = logging.getLogger(__name__)


def raise_alert(occurrence: Occurrence, kind: AlertKind, message: str, now: datetime | None = None) -> Alert:
    """Record it, log it and queue its e-mail; where no address is known the row and the log are all there is."""
    schedule = occurrence.schedule
    alert = Alert.objects.create(schedule=schedule, occurrence=occurrence, kind=kind, message=message[:2000])
    log.error("scheduled report %s of %s: %s: %s", occurrence.pk, schedule, kind, message)
    address = schedule.alert_email or schedule.run_as.email
    waiting = Delivery.objects.filter(occurrence=occurrence, is_alert=True, address=address, sent_at__isnull=True)
    # The message that waits lists all alerts of its occurrence: one is enough.
    if address and not waiting.exists():
        Delivery.objects.create(
            occurrence=occurrence,
            is_alert=True,
            kind=OutletKind.EMAIL,
            address=address,
            next_attempt_at=now or timezone.now(),
        )
    return alert


def alert_seen(alert: Alert, by: User) -> None:
    """Somebody has seen it."""
    Alert.objects.filter(pk=alert.pk, seen_at__isnull=True).update(seen_by=by, seen_at=timezone.now())
