"""Deliver: one attempt at a time, again with growing pauses, given up with an alert, sent again by hand."""

import logging
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from planner.models import Delivery, DeliveryAttempt
from planner.models.delivery import AlertKind, DeliveryState
from planner.services.alerts import raise_alert
from planner.services.audit import audit
from planner.services.outlets import SENDERS, NotNow, Refused
from planner.services.parcels import alert_parcel, reader_language, report_parcel

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
# After each failed attempt; about a day in all, then it is given up and somebody is told.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))

MOST_ATTEMPTS = len(PAUSES) + 1


def due_deliveries(now: datetime | None = None) -> list[int]:
    """Deliveries that want an attempt now: waiting ones, and those whose worker died in the middle."""
    now = now or timezone.now()
    due = Q(state=DeliveryState.WAITING, next_attempt_at__lte=now) | Q(
        state=DeliveryState.SENDING, lease_until__lte=now
    )
    return list(Delivery.objects.filter(due).order_by("next_attempt_at", "pk").values_list("pk", flat=True))


def deliver(delivery_id: int, now: datetime | None = None) -> bool:
    """One attempt; True where it arrived. Nothing happens where it is not due or another worker has it."""
    now = now or timezone.now()
    claim = uuid.uuid4().hex
    taken = {"state": DeliveryState.SENDING, "claim": claim, "lease_until": now + LEASE, "attempts": F("attempts") + 1}
    rows = Delivery.objects.filter(pk=delivery_id)
    lost = False
    if not rows.filter(state=DeliveryState.WAITING, next_attempt_at__lte=now).update(**taken):
        lost = bool(rows.filter(state=DeliveryState.SENDING, lease_until__lte=now).update(**taken))
        if not lost:
            return False
    delivery = Delivery.objects.select_related(
        "occurrence__schedule__case", "occurrence__schedule__run_as", "occurrence__run", "recipient"
    ).get(pk=delivery_id)
    if lost and not _after_a_lost_worker(delivery, claim, now):
        return False
    try:
        with override(reader_language(delivery)):
            parcel = alert_parcel(delivery) if delivery.is_alert else report_parcel(delivery, now)
            detail = SENDERS[delivery.kind](replace(parcel, uid=str(delivery.uid), attempt=delivery.attempts))
    except Refused as refused:
        return _failed(delivery, claim, str(refused), None, now)
    except NotNow as problem:
        return _failed(delivery, claim, str(problem), _pause(delivery), now)
    except Exception as error:
        log.exception("delivery %s", delivery.pk)
        return _failed(delivery, claim, f"{type(error).__name__}: {error}", _pause(delivery), now)
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk, claim=claim).update(
            state=DeliveryState.SENT, sent_at=now, error="", claim="", lease_until=None, next_attempt_at=None
        )
        DeliveryAttempt.objects.create(delivery=delivery, at=now, ok=True, detail=detail[:2000])
    return True


def _after_a_lost_worker(delivery: Delivery, claim: str, now: datetime) -> bool:
    """Record that an attempt ended without a word, so that the next one may repeat it; False where it is given up."""
    if delivery.attempts > MOST_ATTEMPTS:
        words = _("its worker was lost every time, at last in attempt %(count)d; it may have arrived")
        return _failed(delivery, claim, words % {"count": delivery.attempts - 1}, None, now)
    words = _("the worker was lost while sending: it may have arrived, and is sent again with the same identifier")
    DeliveryAttempt.objects.create(delivery=delivery, at=now, ok=False, detail=words)
    return True


def _pause(delivery: Delivery) -> timedelta | None:
    return PAUSES[delivery.attempts - 1] if delivery.attempts <= len(PAUSES) else None


def _failed(delivery: Delivery, claim: str, error: str, pause: timedelta | None, now: datetime) -> bool:
    """Record the attempt; without a pause the delivery is given up, which is an alert unless it was one itself."""
    with transaction.atomic():
        state = DeliveryState.WAITING if pause else DeliveryState.DEAD
        kept = Delivery.objects.filter(pk=delivery.pk, claim=claim).update(
            state=state,
            error=error[:2000],
            claim="",
            lease_until=None,
            next_attempt_at=now + pause if pause else None,
        )
        DeliveryAttempt.objects.create(delivery=delivery, at=now, ok=False, detail=error[:2000])
        if kept and not pause:
            log.error("delivery %s to %s was given up: %s", delivery.pk, delivery, error)
            if not delivery.is_alert:
                message = _("%(delivery)s: given up after %(count)d attempts. %(error)s")
                words = {"delivery": delivery, "count": delivery.attempts, "error": error}
                raise_alert(delivery.occurrence, AlertKind.UNDELIVERED, message % words, now)
    return False


def delivery_resend(delivery: Delivery, by: User, now: datetime | None = None) -> bool:
    """Try a delivery that was given up from the beginning; False where it was not."""
    changed = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.DEAD).update(
        state=DeliveryState.WAITING, attempts=0, next_attempt_at=now or timezone.now()
    )
    if changed:
        audit(by, delivery, "changed", "sent again")
    return bool(changed)
