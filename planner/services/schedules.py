"""Schedules: saved, paused, and turned into occurrences, each due time once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from planner.models import Occurrence, Recipient, Schedule
from planner.models.delivery import OPEN_OCCURRENCES
from planner.services.audit import audit
from planner.services.outlets import address_problem
from regions.access import Role, access_of

TIMING_FIELDS = ("time_zone", "cron", "every", "period", "starts_at")
MOST_RECIPIENTS = 50


def schedule_save(schedule: Schedule, values: Mapping[str, Any], by: User, way: str = "") -> Schedule:
    """Set the values and save; 'recipients' replace all that there were. Raises ValidationError.

    Whoever saves a schedule lends it their own permissions; only administrators name somebody else.
    """
    recipients = values.get("recipients")
    adding = schedule.pk is None
    before = None if adding else Schedule.objects.get(pk=schedule.pk)
    with transaction.atomic():
        for name, value in values.items():
            if name != "recipients":
                setattr(schedule, name, value)
        prepare_schedule(schedule, before, by)
        schedule.full_clean()
        if before is not None:
            schedule.version = before.version + 1
        schedule.save()
        if recipients is not None:
            replace_recipients(schedule, recipients)
        audit(by, schedule, "added" if adding else "changed", way)
    return schedule


def prepare_schedule(schedule: Schedule, before: Schedule | None, by: User) -> None:
    """What saving decides by itself: as whom it runs, and from when on it is due."""
    if not by.is_superuser or schedule.run_as_id is None:
        schedule.run_as = by
    if not access_of(by).may(Role.PLANNER, schedule.case_id):
        raise PermissionDenied
    restarted = before is not None and (
        (before.paused and not schedule.paused)
        or any(getattr(before, name) != getattr(schedule, name) for name in TIMING_FIELDS)
    )
    if before is None or restarted:
        # Due times before this are not missed ones: nothing was to happen then.
        schedule.active_since = timezone.now()


def replace_recipients(schedule: Schedule, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep the recipients that stay, with their secrets; add and remove the others."""
    if len(rows) > MOST_RECIPIENTS:
        raise ValidationError({"recipients": _("At most %(most)d recipients.") % {"most": MOST_RECIPIENTS}})
    kept = {(one.kind, one.address): one for one in schedule.recipients.all()}
    problems = []
    for row in rows:
        recipient = kept.pop((str(row.get("kind")), str(row.get("address"))), None) or Recipient(schedule=schedule)
        for name, value in row.items():
            setattr(recipient, name, value)
        try:
            check_recipient(recipient)
            recipient.full_clean()
        except ValidationError as error:
            problems += error.messages
        else:
            recipient.save()
    if problems:
        raise ValidationError({"recipients": problems})
    for gone in kept.values():
        gone.delete()


def check_recipient(recipient: Recipient) -> None:
    """Refuse addresses outside what the operator allows. Raises ValidationError."""
    if problem := address_problem(recipient):
        raise ValidationError({"address": problem})


def schedule_pause(schedule: Schedule, paused: bool, by: User) -> None:
    """Pause, or go on from now: what was due meanwhile is not made up."""
    schedule_save(schedule, {"paused": paused}, by)


def schedule_delete(schedule: Schedule, by: User, way: str = "") -> None:
    """Remove a schedule with its history."""
    with transaction.atomic():
        audit(by, schedule, "deleted", way)
        schedule.delete()


def schedule_fire(schedule: Schedule, by: User, now: datetime | None = None) -> Occurrence:
    """Make a report now, besides the due times."""
    now = now or timezone.now()
    occurrence = Occurrence.objects.create(schedule=schedule, due_at=now, manual=True)
    audit(by, schedule, "changed", "fired by hand")
    return occurrence


def fire_due(now: datetime | None = None) -> list[int]:
    """Make an occurrence of each schedule that is due; of several missed due times only the last. Their ids.

    May be called by any number of clocks at once and as often as one likes: the constraint on schedule and due time
    lets exactly one of them make it.
    """
    now = now or timezone.now()
    made = []
    for schedule in Schedule.objects.filter(paused=False):
        due, count = schedule.timing.latest_until(regular_since(schedule), now)
        if due is None:
            continue
        try:
            with transaction.atomic():
                occurrence, created = Occurrence.objects.get_or_create(
                    schedule=schedule, due_at=due, defaults={"missed": count - 1}
                )
        except IntegrityError:
            continue
        if created:
            made.append(occurrence.pk)
    return made


def regular_since(schedule: Schedule) -> datetime:
    """After what its due times still count: its last one, else when it was made, changed or set going again."""
    last = schedule.occurrences.filter(manual=False).aggregate(last=Max("due_at"))["last"]
    return max(schedule.active_since, last) if last else schedule.active_since


def next_due(schedule: Schedule, now: datetime | None = None) -> datetime | None:
    """When it will be due next; None while it is paused."""
    if schedule.paused:
        return None
    return schedule.timing.next_after(max(now or timezone.now(), regular_since(schedule)))


def open_occurrences(now: datetime | None = None) -> list[int]:
    """Occurrences that nobody is making: new ones, those whose run may have ended, and those whose worker died."""
    now = now or timezone.now()
    rows = Occurrence.objects.filter(state__in=OPEN_OCCURRENCES).exclude(lease_until__gt=now)
    return list(rows.order_by("due_at", "pk").values_list("pk", flat=True))
