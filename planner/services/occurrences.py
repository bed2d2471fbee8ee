"""Make what is due: find or start the run, write the files, and queue a delivery for each recipient."""

import hashlib
import json
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from planner.models import Delivery, Occurrence, ReportFile, Run, Schedule
from planner.models.delivery import OPEN_OCCURRENCES, AlertKind, OccurrenceState
from planner.models.schedule import ReportSource
from planner.models.vocabulary import FINISHED_STATES, Review, RunState
from planner.reports.context import build_context
from planner.reports.cover import Cover, run_cover
from planner.reports.json_writer import report_json
from planner.reports.writers import Report
from planner.services.alerts import raise_alert
from planner.services.errors import RunRefused
from planner.services.start import run_start
from regions.access import Role, access_of

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=20)
MOST_ATTEMPTS = 5


@dataclass
class Made:
    """What the caller has to send: messages of a run that was started, and deliveries."""

    run: Run | None = None
    deliveries: list[int] = field(default_factory=list)


class NoReport(Exception):
    """There is no report to send; the message says why."""

    def __init__(self, state: OccurrenceState, reason: str) -> None:
        self.state, self.reason = state, reason
        super().__init__(reason)


def occurrence_make(occurrence_id: int, now: datetime | None = None) -> Made:
    """Take one step or more with an occurrence; nothing where another worker has it or it has ended."""
    now = now or timezone.now()
    claim = uuid.uuid4().hex
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    taken = Occurrence.objects.filter(free, pk=occurrence_id, state__in=OPEN_OCCURRENCES).update(
        claim=claim, lease_until=now + LEASE
    )
    if not taken:
        return Made()
    occurrence = Occurrence.objects.select_related(
        "schedule__case", "schedule__run_as", "schedule__scenario", "run"
    ).get(pk=occurrence_id)
    try:
        return _make(occurrence, claim, now)
    except NoReport as none:
        _end(occurrence, claim, none.state, none.reason, now)
    except OperationalError:
        # The database is busy or went away: the lease ends and the next look takes it up again.
        raise
    except Exception as error:
        log.exception("scheduled report %s", occurrence.pk)
        _end(occurrence, claim, OccurrenceState.FAILED, f"{type(error).__name__}: {error}", now)
    return Made(deliveries=waiting_deliveries(occurrence))


def waiting_deliveries(occurrence: Occurrence) -> list[int]:
    """Ids of the deliveries of an occurrence that want an attempt."""
    return list(
        occurrence.deliveries.filter(next_attempt_at__isnull=False, sent_at__isnull=True).values_list("pk", flat=True)
    )


def _make(occurrence: Occurrence, claim: str, now: datetime) -> Made:
    schedule = occurrence.schedule
    _check_permission(schedule)
    if occurrence.state != OccurrenceState.MAKING and schedule.source == ReportSource.NEW:
        started = _run_of(occurrence, schedule)
        if started.state not in FINISHED_STATES:
            _release(occurrence, claim, OccurrenceState.ESTIMATING)
            return Made(run=started)
    attempts = occurrence.attempts + 1
    if attempts > MOST_ATTEMPTS:
        raise NoReport(
            OccurrenceState.FAILED, _("Given up: its worker was lost %(count)d times.") % {"count": attempts - 1}
        )
    Occurrence.objects.filter(pk=occurrence.pk, claim=claim).update(
        state=OccurrenceState.MAKING, attempts=F("attempts") + 1
    )
    run = _finished_run(occurrence, schedule)
    kinds = tuple(schedule.kinds)
    document = build_context(run, kinds)
    if not document["ranking"]["rows"]:
        raise NoReport(OccurrenceState.EMPTY, _("No intervention of run %(run)d could be ranked.") % {"run": run.pk})
    cover = run_cover(run, kinds)
    print_ = fingerprint(document, cover, schedule)
    Occurrence.objects.filter(pk=occurrence.pk).update(run=run, fingerprint=print_)
    if schedule.skip_unchanged and not occurrence.manual and print_ == last_fingerprint(occurrence):
        raise NoReport(OccurrenceState.UNCHANGED, "")
    files = [
        _file(occurrence, run, document, cover, kind, language, now)
        for language in schedule.languages
        for kind in schedule.formats
    ]
    return _store(occurrence, claim, files, now)


def _check_permission(schedule: Schedule) -> None:
    """The permissions of the person that it runs as, as they are now."""
    user = User.objects.get(pk=schedule.run_as_id)
    role = Role.PLANNER if schedule.source == ReportSource.NEW else Role.VIEWER
    if not access_of(user).may(role, schedule.case_id):
        reason = _("%(user)s, as whom the schedule runs, may not do this with case %(case)s (any more).")
        raise NoReport(OccurrenceState.FAILED, reason % {"user": user.get_username(), "case": schedule.case})


def _run_of(occurrence: Occurrence, schedule: Schedule) -> Run:
    """The run of this occurrence, started once."""
    if occurrence.run is not None:
        return occurrence.run
    slugs = None
    if schedule.kinds:
        slugs = list(schedule.case.interventions.filter(kind__in=schedule.kinds).values_list("slug", flat=True))
    try:
        run = run_start(schedule.case, slugs=slugs, scenario=schedule.scenario, requested_by=schedule.run_as).run
    except RunRefused as refused:
        raise NoReport(OccurrenceState.FAILED, "; ".join(refused.problems[:10])) from refused
    Occurrence.objects.filter(pk=occurrence.pk).update(run=run)
    return run


def _finished_run(occurrence: Occurrence, schedule: Schedule) -> Run:
    """The run to report, with all that a report reads."""
    runs = Run.objects.select_related("case", "snapshot", "requested_by", "reviewed_by").filter(case=schedule.case)
    if schedule.source == ReportSource.NEW:
        run = runs.filter(occurrences=occurrence).first()
        if run is None or run.state != RunState.DONE:
            reason = _("The run did not finish: %(state)s. %(reason)s")
            words = {"state": run.get_state_display() if run else "–", "reason": run.reason if run else ""}
            raise NoReport(OccurrenceState.FAILED, reason % words)
        return run
    runs = runs.filter(state=RunState.DONE)
    if schedule.scenario_id is not None:
        runs = runs.filter(scenario_id=schedule.scenario_id)
    if schedule.source == ReportSource.APPROVED:
        runs = runs.exclude(review=Review.DRAFT)
    run = runs.order_by("-finished_at", "-pk").first()
    if run is None:
        raise NoReport(OccurrenceState.FAILED, _("There is no finished run that fits the schedule."))
    return run


def fingerprint(document: dict[str, Any], cover: Cover, schedule: Schedule) -> str:
    """What must change for a new report to be sent: numbers, status, formats, languages, recipients."""
    about = {
        "cover": {**cover.to_json(), "run": None},
        "formats": schedule.formats,
        "languages": schedule.languages,
        "recipients": sorted(schedule.recipients.values_list("kind", "address", "language")),
    }
    return hashlib.sha256(report_json(document) + json.dumps(about, sort_keys=True).encode()).hexdigest()


def last_fingerprint(occurrence: Occurrence) -> str:
    """That of the last report that was made."""
    made = occurrence.schedule.occurrences.filter(state=OccurrenceState.MADE, due_at__lt=occurrence.due_at)
    last = made.order_by("-due_at").first()
    return last.fingerprint if last else ""


def _file(
    occurrence: Occurrence, run: Run, document: dict[str, Any], cover: Cover, kind: str, language: str, now: datetime
) -> ReportFile:
    content = Report(run, document, cover, language).file(kind)
    day = occurrence.due_at.strftime("%Y-%m-%d")
    return ReportFile(
        occurrence=occurrence,
        name=f"{run.case.name}-{day}-run-{run.pk}-{language}.{kind}",
        format=kind,
        language=language,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content=content,
        expires_at=now + timedelta(days=occurrence.schedule.keep_days),
    )


def _store(occurrence: Occurrence, claim: str, files: Sequence[ReportFile], now: datetime) -> Made:
    """Files, deliveries and the new state together, unless another worker took over meanwhile."""
    with transaction.atomic():
        if not Occurrence.objects.filter(pk=occurrence.pk, claim=claim, state=OccurrenceState.MAKING).update(
            state=OccurrenceState.MADE, finished_at=now, claim="", lease_until=None
        ):
            return Made()
        ReportFile.objects.bulk_create(files)
        Delivery.objects.bulk_create(
            Delivery(occurrence=occurrence, recipient=one, kind=one.kind, address=one.address, next_attempt_at=now)
            for one in occurrence.schedule.recipients.all()
        )
    return Made(deliveries=waiting_deliveries(occurrence))


def _release(occurrence: Occurrence, claim: str, state: OccurrenceState) -> None:
    Occurrence.objects.filter(pk=occurrence.pk, claim=claim).update(state=state, claim="", lease_until=None)


def _end(occurrence: Occurrence, claim: str, state: OccurrenceState, reason: str, now: datetime) -> None:
    """Close it without a report, with an alert where that is not as it should be."""
    with transaction.atomic():
        closed = Occurrence.objects.filter(pk=occurrence.pk, claim=claim, state__in=OPEN_OCCURRENCES).update(
            state=state, reason=reason[:2000], finished_at=now, claim="", lease_until=None
        )
        if closed and state == OccurrenceState.FAILED:
            raise_alert(occurrence, AlertKind.FAILED, reason, now)
        if closed and state == OccurrenceState.EMPTY:
            raise_alert(occurrence, AlertKind.EMPTY, reason, now)


def forget_files(now: datetime | None = None) -> int:
    """Remove the bytes of files whose time is up; number of files."""
    now = now or timezone.now()
    return ReportFile.objects.filter(expires_at__lte=now, content__isnull=False).update(content=None)
