"""Put a delivery's parcel together: words for people, facts for programs, files, and links that expire."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planner.models import Delivery, ReportFile
from planner.reports.media_types import MEDIA_TYPES
from planner.services.outlets import Enclosure, Parcel, Refused, webhook_secret

LINK_SALT = "planner.report-link"
EVENT = "report.made"


def reader_language(delivery: Delivery) -> str:
    """The recipient's language, else the first of the schedule."""
    chosen = delivery.recipient.language if delivery.recipient else ""
    return str(chosen or delivery.occurrence.schedule.languages[0])


def report_parcel(delivery: Delivery, now: datetime) -> Parcel:
    """The report for its recipient: formats and language as chosen. Raises Refused where nothing is left to send."""
    occurrence, recipient = delivery.occurrence, delivery.recipient
    schedule, run = occurrence.schedule, occurrence.run
    if recipient is None:
        raise Refused(_("The recipient was removed."))
    files = [
        one
        for one in occurrence.files.all()
        if (not recipient.formats or one.format in recipient.formats)
        and (not recipient.language or one.language == recipient.language)
    ]
    if not files:
        raise Refused(_("No file of the report has the formats and language of the recipient."))
    if gone := [one.name for one in files if one.content is None]:
        raise Refused(_("No longer kept: %(names)s.") % {"names": ", ".join(gone)})
    until = now + timedelta(days=schedule.link_days)
    enclosures = [enclosure(one, until) for one in files]
    words = {
        "case": schedule.case.title,
        "name": schedule.name,
        "run": run.pk if run else "–",
        "review": run.get_review_display() if run else "–",
        "due": occurrence.due_at.strftime("%Y-%m-%d %H:%M UTC"),
    }
    lines = [
        _("%(case)s: report of the schedule “%(name)s”.") % words,
        _("Run %(run)s, status: %(review)s. Due %(due)s.") % words,
    ]
    if occurrence.missed:
        lines.append(
            ngettext(
                "%(count)d earlier report was missed while the planner was not running; this one makes up for it.",
                "%(count)d earlier reports were missed while the planner was not running; this one makes up for them.",
                occurrence.missed,
            )
            % {"count": occurrence.missed}
        )
    if schedule.link_sign_in and not (recipient.attach and recipient.kind == "email"):
        lines.append(_("Links work until %(until)s for those who may see the case.") % {"until": f"{until:%Y-%m-%d}"})
    return Parcel(
        uid=str(delivery.uid),
        address=delivery.address,
        subject=_("Report: %(case)s, %(name)s") % words,
        text="\n".join(lines),
        facts=facts(delivery, enclosures, until),
        enclosures=enclosures,
        attach=recipient.attach,
        place=(schedule.case.name, slugify(schedule.name) or str(schedule.pk), f"{occurrence.due_at:%Y%m%dT%H%M%SZ}"),
        secret=webhook_secret(recipient).encode(),
    )


def facts(delivery: Delivery, enclosures: list[Enclosure], until: datetime) -> dict[str, object]:
    """The body of a webhook."""
    occurrence = delivery.occurrence
    run = occurrence.run
    return {
        "event": EVENT,
        "delivery": str(delivery.uid),
        "case": occurrence.schedule.case.name,
        "schedule": {"id": occurrence.schedule_id, "name": occurrence.schedule.name},
        "due_at": occurrence.due_at.isoformat(),
        "missed": occurrence.missed,
        "run": run.pk if run else None,
        "review": run.review if run else None,
        "input_digest": run.input_digest if run else None,
        "fingerprint": occurrence.fingerprint,
        "links_until": until.isoformat(),
        "files": [
            {
                "name": one.name,
                "format": one.format,
                "language": one.language,
                "bytes": len(one.content),
                "sha256": one.sha256,
                "url": one.url,
            }
            for one in enclosures
        ],
    }


def alert_parcel(delivery: Delivery) -> Parcel:
    """Everything that went wrong with an occurrence."""
    occurrence = delivery.occurrence
    schedule = occurrence.schedule
    lines = [f"{alert.get_kind_display()}: {alert.message}" for alert in occurrence.alerts.order_by("pk")]
    if settings.PUBLIC_URL:
        lines.append(settings.PUBLIC_URL + reverse("admin:planner_occurrence_change", args=[occurrence.pk]))
    return Parcel(
        uid=str(delivery.uid),
        address=delivery.address,
        subject=_("Alert: the scheduled report “%(name)s” needs attention") % {"name": schedule.name},
        text="\n\n".join([str(occurrence), *lines]),
        facts={},
    )


def enclosure(file: ReportFile, until: datetime) -> Enclosure:
    """A file with its link."""
    return Enclosure(
        name=file.name,
        media_type=MEDIA_TYPES[file.format],
        content=bytes(file.content or b""),
        format=file.format,
        language=file.language,
        sha256=file.sha256,
        url=file_link(file, until),
    )


# --- Links ------------------------------------------------------------------------------------------------------------


def file_link(file: ReportFile, until: datetime) -> str:
    """A signed address of the file that works until then; empty without a public address of the installation."""
    if not settings.PUBLIC_URL:
        return ""
    token = signing.dumps({"file": file.pk, "until": int(until.timestamp())}, salt=LINK_SALT)
    return settings.PUBLIC_URL + reverse("report-file", args=[token])


def linked_file(token: str, now: datetime | None = None) -> ReportFile | None:
    """The file that a link names, if the link is ours and has not expired and the file is still kept."""
    try:
        values = signing.loads(token, salt=LINK_SALT)
    except signing.BadSignature:
        return None
    if values["until"] < (now or timezone.now()).timestamp():
        return None
    rows = ReportFile.objects.select_related("occurrence__schedule__run_as")
    return rows.filter(pk=values["file"], content__isnull=False).first()
