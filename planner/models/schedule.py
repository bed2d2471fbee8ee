"""Schedules that make and deliver reports by themselves, and whom each report goes to."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from planner.models.scenario import Scenario
from planner.models.timing import Timing, known_cron, known_time_zone
from planner.models.vocabulary import InterventionKind, choice_constraint
from regions.models.base import Versioned

REPORT_FORMATS = ("html", "pdf", "xlsx", "csv", "json", "parquet", "zip")
LONGEST_LINK_DAYS = 90
LONGEST_KEEP_DAYS = 3650


class Period(models.TextChoices):
    """Units of an interval."""

    MINUTES = "minutes", _("minutes")
    HOURS = "hours", _("hours")
    DAYS = "days", _("days")
    WEEKS = "weeks", _("weeks")
    MONTHS = "months", _("months")


class ReportSource(models.TextChoices):
    """Which run a scheduled report shows."""

    LATEST = "latest", _("The latest finished run")
    APPROVED = "approved", _("The latest approved run")
    NEW = "new", _("A new run, started for the report")


class OutletKind(models.TextChoices):
    """Ways by which a report is delivered."""

    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Signed webhook")
    FOLDER = "folder", _("Folder on the server")
    S3 = "s3", _("S3-compatible store")


def some_of(known: Any, value: Any, empty: bool = True) -> None:
    """A list without repetition of known words."""
    if not isinstance(value, list) or (not value and not empty) or len(set(map(str, value))) != len(value):
        raise ValidationError(_("Expected a list of %(known)s, each once."), params={"known": ", ".join(known)})
    if unknown := [str(one) for one in value if one not in known]:
        raise ValidationError(
            _("%(unknown)s: expected some of %(known)s."),
            params={"unknown": ", ".join(unknown), "known": ", ".join(known)},
        )


def known_formats(value: Any) -> None:
    """Formats of reports, at least one."""
    some_of(REPORT_FORMATS, value, empty=False)


def known_formats_or_all(value: Any) -> None:
    """Formats of reports; none means all."""
    some_of(REPORT_FORMATS, value)


def known_languages(value: Any) -> None:
    """Languages of reports, at least one."""
    some_of([code for code, _name in settings.LANGUAGES], value, empty=False)


def known_kinds(value: Any) -> None:
    """Kinds of interventions; none means all."""
    some_of(InterventionKind.values, value)


def first_formats() -> list[str]:
    """What most people read."""
    return ["pdf"]


def first_languages() -> list[str]:
    """The usual language."""
    return [settings.LANGUAGE_CODE]


class Schedule(Versioned):
    """What is reported, when, as whom; its due times become occurrences, each of which happens once."""

    case = models.ForeignKey("regions.Case", on_delete=models.PROTECT, related_name="schedules", verbose_name=_("case"))
    name = models.CharField(_("name"), max_length=80)
    run_as = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("runs as"),
        help_text=_("The report is made with this person's permissions, read anew each time."),
    )
    paused = models.BooleanField(_("paused"), default=False)
    active_since = models.DateTimeField(_("active since"), default=timezone.now, editable=False)

    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[known_time_zone])
    cron = models.CharField(
        _("cron line"),
        max_length=100,
        blank=True,
        validators=[known_cron],
        help_text=_(
            "Minute, hour, day of the month, month, day of the week, such as 0 7 * * mon. "
            "L among the days of the month is the last one."
        ),
    )
    every = models.PositiveIntegerField(
        _("every"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    period = models.CharField(_("unit"), max_length=10, choices=Period.choices, blank=True)
    starts_at = models.DateTimeField(
        _("first time"), null=True, blank=True, help_text=_("Of an interval: it is counted from here.")
    )

    source = models.CharField(_("which run"), max_length=10, choices=ReportSource.choices, default=ReportSource.LATEST)
    scenario = models.ForeignKey(
        Scenario,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="schedules",
        verbose_name=_("scenario"),
        help_text=_("Only runs of this scenario; settings of a new run."),
    )
    kinds = models.JSONField(
        _("kinds of interventions"),
        default=list,
        blank=True,
        validators=[known_kinds],
        help_text=_("None chosen: all. The ranking is then among these."),
    )
    formats = models.JSONField(_("formats"), default=first_formats, validators=[known_formats])
    languages = models.JSONField(_("languages"), default=first_languages, validators=[known_languages])
    skip_unchanged = models.BooleanField(
        _("skip where nothing changed"), default=True, help_text=_("Sends nothing if the report would be the same.")
    )
    keep_days = models.PositiveIntegerField(
        _("days kept"), default=180, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_KEEP_DAYS)]
    )
    link_days = models.PositiveIntegerField(
        _("days that links work"), default=14, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_LINK_DAYS)]
    )
    link_sign_in = models.BooleanField(
        _("links need signing in"),
        default=True,
        help_text=_("Otherwise whoever holds the link reads the report until it expires."),
    )
    alert_email = models.EmailField(
        _("alerts to"), blank=True, help_text=_("Empty: to the person that the schedule runs as.")
    )

    history = HistoricalRecords(excluded_fields=["active_since"])

    class Meta:
        ordering = ["case", "name"]
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        constraints = [
            models.UniqueConstraint(fields=["case", "name"], name="planner_schedule_name_once_per_case"),
            choice_constraint("schedule", "source", ReportSource),
            models.CheckConstraint(
                condition=Q(every__isnull=True, period="", starts_at__isnull=True) & ~Q(cron="")
                | Q(cron="", every__gte=1, period__in=Period.values, starts_at__isnull=False),
                name="planner_schedule_cron_or_interval",
                violation_error_message=_("Give a cron line, or else an interval: every, unit and first time."),
            ),
            models.CheckConstraint(
                condition=Q(keep_days__gte=1, link_days__gte=1, link_days__lte=LONGEST_LINK_DAYS),
                name="planner_schedule_days_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The scenario is of the case."""
        if self.scenario is not None and self.scenario.case_id != self.case_id:
            raise ValidationError({"scenario": _("The scenario is of another case.")})

    @property
    def timing(self) -> Timing:
        """When it is due."""
        return Timing(self.time_zone, self.cron, self.every, self.period, self.starts_at)

    def timing_words(self) -> str:
        """When it is due, in short."""
        if self.cron:
            return f"{self.cron} ({self.time_zone})"
        return _("every %(every)s %(period)s (%(zone)s)") % {
            "every": self.every,
            "period": self.get_period_display(),
            "zone": self.time_zone,
        }


class Recipient(models.Model):
    """Where a schedule's reports go."""

    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, related_name="recipients", verbose_name=_("schedule")
    )
    kind = models.CharField(_("by"), max_length=10, choices=OutletKind.choices, default=OutletKind.EMAIL)
    address = models.CharField(
        _("address"),
        max_length=500,
        help_text=_("An e-mail address, https://..., a folder's name, or s3://bucket/prefix."),
    )
    attach = models.BooleanField(
        _("attach files"), default=True, help_text=_("E-mail: files attached; otherwise links that expire.")
    )
    formats = models.JSONField(
        _("formats"), default=list, blank=True, validators=[known_formats_or_all], help_text=_("None chosen: all.")
    )
    language = models.CharField(_("language"), max_length=10, blank=True, help_text=_("Empty: all of the schedule."))
    secret_version = models.PositiveIntegerField(_("version of the secret"), default=1, editable=False)

    class Meta:
        ordering = ["schedule", "pk"]
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        constraints = [
            models.UniqueConstraint(fields=["schedule", "kind", "address"], name="planner_recipient_once_per_schedule"),
            choice_constraint("recipient", "kind", OutletKind),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.address}"
