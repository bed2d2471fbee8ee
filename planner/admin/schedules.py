"""Schedules of reports with their recipients; what they did; deliveries to send again; alerts to look at."""

from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from planner import tasks
from planner.admin.base import ComputedAdmin
from planner.models import Alert, Delivery, DeliveryAttempt, Occurrence, Recipient, ReportFile, Schedule
from planner.models.schedule import REPORT_FORMATS, OutletKind
from planner.models.vocabulary import InterventionKind
from planner.services.alerts import alert_seen
from planner.services.deliveries import delivery_resend
from planner.services.outlets import webhook_secret
from planner.services.schedules import (
    MOST_RECIPIENTS,
    check_recipient,
    next_due,
    prepare_schedule,
    schedule_fire,
    schedule_pause,
)
from planner.views.report_files import file_response
from regions.access import Role, request_access
from regions.admin.base import EditedAdmin, RoleChecks, VersionedForm

FORMAT_CHOICES = [(one, one.upper()) for one in REPORT_FORMATS]
SHOWN_OCCURRENCES = 10


class ScheduleForm(VersionedForm):
    """Lists as boxes to tick, the time zone as a choice."""

    time_zone = forms.ChoiceField(label=_("time zone"), choices=lambda: [(n, n) for n in sorted(available_timezones())])
    kinds = forms.MultipleChoiceField(
        label=_("kinds of interventions"),
        choices=InterventionKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all. The ranking is then among these."),
    )
    formats = forms.MultipleChoiceField(label=_("formats"), choices=FORMAT_CHOICES, widget=forms.CheckboxSelectMultiple)
    languages = forms.MultipleChoiceField(
        label=_("languages"), choices=settings.LANGUAGES, widget=forms.CheckboxSelectMultiple
    )


class RecipientForm(forms.ModelForm):
    """One recipient, to an address that the operator allows."""

    formats = forms.MultipleChoiceField(
        label=_("formats"), choices=FORMAT_CHOICES, required=False, widget=forms.CheckboxSelectMultiple
    )
    language = forms.ChoiceField(label=_("language"), choices=[("", _("all")), *settings.LANGUAGES], required=False)

    class Meta:
        model = Recipient
        fields = ("kind", "address", "attach", "formats", "language")

    def clean(self) -> dict[str, Any]:
        """Refuse what deliveries would refuse."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") and cleaned.get("address"):
            try:
                check_recipient(Recipient(kind=cleaned["kind"], address=cleaned["address"]))
            except ValidationError as error:
                self.add_error("address", error.messages)
        return cleaned


class RecipientInline(RoleChecks, admin.StackedInline):
    """Where the reports go."""

    model = Recipient
    form = RecipientForm
    extra = 0
    max_num = MOST_RECIPIENTS
    readonly_fields = ("signed_with",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The secret of a webhook is for those who may change the schedule."""
        fields = [*RecipientForm.Meta.fields]
        return [*fields, "signed_with"] if self.has_change_permission(request, obj) else fields

    @admin.display(description=_("signed with"))
    def signed_with(self, recipient: Recipient) -> str:
        """The secret of a webhook: there is none of other ways."""
        if recipient.kind != OutletKind.WEBHOOK or recipient.pk is None:
            return "–"
        return format_html("<code>{}</code>", webhook_secret(recipient))


@admin.register(Schedule)
class ScheduleAdmin(EditedAdmin):
    """Schedules: when, what, as whom, to whom."""

    form = ScheduleForm
    list_display = ("name", "case", "when", "next_time", "paused", "source", "run_as", "last_state")
    list_filter = ("case", "paused", "source")
    search_fields = ("name", "case__name", "run_as__username", "recipients__address")
    list_select_related = ("case", "run_as")
    inlines = (RecipientInline,)
    actions = ("fire", "pause", "go_on")
    readonly_fields = ("runs_as", "next_time", "history_of_reports")
    fieldsets = (
        (None, {"fields": ("version_seen", "case", "name", "paused", "runs_as", "run_as")}),
        (
            _("When"),
            {
                "description": _("A cron line, or else an interval: every, unit and first time."),
                "fields": ("time_zone", "cron", ("every", "period"), "starts_at", "next_time"),
            },
        ),
        (_("What"), {"fields": ("source", "scenario", "kinds", "formats", "languages", "skip_unchanged")}),
        (_("Files, links, alerts"), {"fields": ("keep_days", "link_days", "link_sign_in", "alert_email")}),
        (_("Reports so far"), {"fields": ("history_of_reports",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Administrators choose as whom it runs; everybody else lends themselves. A new one has no history."""
        hidden = {"runs_as"} if request.user.is_superuser else {"run_as"}
        if obj is None:
            hidden |= {"history_of_reports", "next_time", "runs_as"}
        shown = [
            (title, {**options, "fields": tuple(field for field in options["fields"] if field not in hidden)})
            for title, options in self.fieldsets
        ]
        return [entry for entry in shown if entry[1]["fields"]]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Runs as oneself, every Monday morning."""
        return {"run_as": request.user.pk, "cron": "0 7 * * mon", **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: bool) -> None:
        """As whom and from when are decided by the service's rules."""
        before = Schedule.objects.get(pk=obj.pk) if change else None
        prepare_schedule(obj, before, cast(User, request.user))
        super().save_model(request, obj, form, change)

    @admin.display(description=_("runs as"))
    def runs_as(self, schedule: Schedule) -> str:
        """The person; saving makes it the one who saves."""
        return _("%(user)s; whoever saves this page takes over") % {"user": schedule.run_as}

    @admin.display(description=_("when"))
    def when(self, schedule: Schedule) -> str:
        """Cron line or interval."""
        return schedule.timing_words()

    @admin.display(description=_("next"))
    def next_time(self, schedule: Schedule) -> Any:
        """The next due time; none while it is paused."""
        return next_due(schedule) if schedule.pk else None

    @admin.display(description=_("last report"))
    def last_state(self, schedule: Schedule) -> str:
        """How the last one ended."""
        last = schedule.occurrences.first()
        return occurrence_link(last) if last else "–"

    @admin.display(description=_("the last ones"))
    def history_of_reports(self, schedule: Schedule) -> str:
        """The last reports, newest first, and where all are."""
        rows = schedule.occurrences.all()[:SHOWN_OCCURRENCES]
        items = format_html_join("", "<li>{}: {}</li>", ((str(one), occurrence_link(one)) for one in rows))
        address = reverse("admin:planner_occurrence_changelist")
        return format_html(
            '<ul>{}</ul><p><a href="{}?schedule__id__exact={}">{}</a></p>',
            items,
            address,
            schedule.pk,
            _("All of them"),
        )

    def chosen(self, request: HttpRequest, rows: QuerySet[Schedule]) -> list[Schedule]:
        """The selected schedules; all must be of cases in which the user plans."""
        access = request_access(request)
        found = list(rows.select_related("case", "run_as"))
        if not all(access.may(Role.PLANNER, one.case_id) for one in found):
            raise PermissionDenied
        return found

    @admin.action(description=_("Make the report of the selected schedules now"), permissions=["change"])
    def fire(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> None:
        """Besides the due times."""
        for schedule in self.chosen(request, queryset):
            with transaction.atomic():
                occurrence = schedule_fire(schedule, cast(User, request.user))
                tasks.enqueue_report(occurrence)
        self.message_user(request, _("The reports are being made; see the scheduled reports."), messages.SUCCESS)

    @admin.action(description=_("Pause the selected schedules"), permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> None:
        """Nothing is due while they are paused."""
        for schedule in self.chosen(request, queryset):
            schedule_pause(schedule, True, cast(User, request.user))

    @admin.action(description=_("Let the selected schedules go on"), permissions=["change"])
    def go_on(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> None:
        """From now; what was due meanwhile is not made up."""
        for schedule in self.chosen(request, queryset):
            schedule_pause(schedule, False, cast(User, request.user))


def occurrence_link(occurrence: Occurrence) -> str:
    """The state as a link to the report's page."""
    address = reverse("admin:planner_occurrence_change", args=[occurrence.pk])
    return format_html('<a href="{}">{}</a>', address, occurrence.get_state_display())


class ComputedInline(RoleChecks, admin.TabularInline):
    """Rows that only services write."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, *arguments: Any) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


class FileInline(ComputedInline):
    """The files of a scheduled report."""

    model = ReportFile
    fields = ("download", "language", "size", "sha256", "expires_at")
    readonly_fields = ("download",)
    show_change_link = False

    @admin.display(description=_("file"))
    def download(self, file: ReportFile) -> str:
        """A link while it is kept."""
        if not file.size or file.content is None:
            return _("%(name)s (no longer kept)") % {"name": file.name}
        address = reverse("admin:planner_occurrence_file", args=[file.occurrence_id, file.pk])
        return format_html('<a href="{}">{}</a>', address, file.name)


class DeliveryInline(ComputedInline):
    """Where a scheduled report went."""

    model = Delivery
    fields = ("kind", "address", "is_alert", "state", "attempts", "next_attempt_at", "sent_at", "error")


class AttemptInline(ComputedInline):
    """Every attempt of a delivery."""

    model = DeliveryAttempt
    fields = ("at", "ok", "detail")
    show_change_link = False


@admin.register(Occurrence)
class OccurrenceAdmin(ComputedAdmin):
    """What schedules did, newest first."""

    list_display = ("__str__", "state", "missed", "manual", "run", "reason", "finished_at")
    list_filter = ("state", "schedule__case", "schedule")
    search_fields = ("schedule__name", "reason")
    list_select_related = ("schedule", "run")
    date_hierarchy = "due_at"
    exclude = ("claim", "lease_until", "fingerprint")
    inlines = (FileInline, DeliveryInline)

    def get_urls(self) -> list[URLPattern]:
        """The files before the general pages."""
        own = path(
            "<int:occurrence_id>/file/<int:file_id>/",
            self.admin_site.admin_view(self.file_view),
            name="planner_occurrence_file",
        )
        return [own, *super().get_urls()]

    def file_view(self, request: HttpRequest, occurrence_id: int, file_id: int) -> HttpResponse:
        """One file, for viewers of its case."""
        file = ReportFile.objects.filter(pk=file_id, occurrence_id=occurrence_id).first()
        if file is None or file.content is None:
            raise Http404
        if not self.has_view_permission(request, file.occurrence):
            raise PermissionDenied
        return file_response(file.name, file.format, bytes(file.content))


@admin.register(Delivery)
class DeliveryAdmin(ComputedAdmin):
    """Deliveries with their attempts; those that were given up can be sent again."""

    list_display = ("__str__", "occurrence", "is_alert", "state", "attempts", "next_attempt_at", "sent_at", "error")
    list_filter = ("state", "kind", "is_alert", "occurrence__schedule__case")
    search_fields = ("address", "error", "occurrence__schedule__name")
    list_select_related = ("occurrence__schedule",)
    exclude = ("claim", "lease_until")
    inlines = (AttemptInline,)
    actions = ("send_again",)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """For planners; of which case is looked at row by row."""
        return request_access(request).anywhere(Role.PLANNER)

    @admin.action(description=_("Send the selected deliveries again"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Those that were given up, from their first attempt on."""
        rows = list(queryset.select_related("occurrence__schedule"))
        access = request_access(request)
        if not all(access.may(Role.PLANNER, one.occurrence.schedule.case_id) for one in rows):
            raise PermissionDenied
        sent = [one for one in rows if delivery_resend(one, cast(User, request.user))]
        tasks.enqueue_deliveries(sent)
        text = ngettext("%(count)d delivery is tried again.", "%(count)d deliveries are tried again.", len(sent))
        self.message_user(request, text % {"count": len(sent)}, messages.SUCCESS if sent else messages.INFO)


@admin.register(Alert)
class AlertAdmin(ComputedAdmin):
    """What somebody should look at, until they say that they did."""

    list_display = ("kind", "schedule", "occurrence", "message", "created_at", "seen_by", "seen_at")
    list_filter = (("seen_at", admin.EmptyFieldListFilter), "kind", "schedule__case")
    search_fields = ("message", "schedule__name")
    list_select_related = ("schedule", "occurrence__schedule", "seen_by")
    actions = ("seen",)

    def has_seen_permission(self, request: HttpRequest) -> bool:
        """For planners."""
        return request_access(request).anywhere(Role.PLANNER)

    @admin.action(description=_("I have seen the selected alerts"), permissions=["seen"])
    def seen(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        """They are open no longer."""
        access = request_access(request)
        for alert in queryset.select_related("schedule"):
            if not access.may(Role.PLANNER, alert.schedule.case_id):
                raise PermissionDenied
            alert_seen(alert, cast(User, request.user))
