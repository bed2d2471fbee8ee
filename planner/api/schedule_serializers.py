"""Schedules, scheduled reports, deliveries and alerts as JSON."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from planner.api.serializers import way_of
from planner.models import Alert, Delivery, DeliveryAttempt, Occurrence, Recipient, ReportFile, Scenario, Schedule
from planner.models.schedule import REPORT_FORMATS
from planner.models.vocabulary import InterventionKind
from planner.services.schedules import MOST_RECIPIENTS, next_due, schedule_save
from regions.access import Role, request_access
from regions.api.serializers import NamedField
from regions.api.strict import StrictFields
from regions.models import Case

LANGUAGES = ("en", "fr", "es")


class RecipientSerializer(StrictFields, serializers.ModelSerializer):
    """Where reports go; the formats and language of the schedule where none are named."""

    formats = serializers.ListField(child=serializers.ChoiceField(choices=REPORT_FORMATS), required=False)
    language = serializers.ChoiceField(choices=LANGUAGES, required=False, allow_blank=True)

    class Meta:
        model = Recipient
        fields = ("kind", "address", "attach", "formats", "language")
        validators: list[Any] = []


class ScheduleSerializer(StrictFields, serializers.ModelSerializer):
    """A schedule: a cron line, or else every, period and starts_at. It runs as whoever writes it."""

    case = NamedField("name", queryset=Case.objects.all())
    scenario = serializers.PrimaryKeyRelatedField(
        queryset=Scenario.objects.select_related("case"), required=False, allow_null=True
    )
    run_as = serializers.SlugRelatedField("username", read_only=True)
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=InterventionKind.choices), required=False)
    formats = serializers.ListField(child=serializers.ChoiceField(choices=REPORT_FORMATS), required=False)
    languages = serializers.ListField(child=serializers.ChoiceField(choices=LANGUAGES), required=False)
    recipients = RecipientSerializer(many=True, required=False, max_length=MOST_RECIPIENTS)  # type: ignore[call-arg]
    next_due_at = serializers.SerializerMethodField()

    class Meta:
        model = Schedule
        fields = (
            "id", "case", "name", "run_as", "paused", "time_zone", "cron", "every", "period", "starts_at", "next_due_at",
            "source", "scenario", "kinds", "formats", "languages", "skip_unchanged", "keep_days", "link_days",
            "link_sign_in", "alert_email", "recipients", "version", "updated_at",
        )  # fmt: skip
        read_only_fields = ("version", "updated_at")
        # The service checks the row as a whole, constraints included.
        validators: list[Any] = []

    def get_fields(self) -> dict[str, serializers.Field]:
        """Only what belongs to cases in which the user plans."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            for name in ("case", "scenario"):
                field: Any = fields[name]
                field.queryset = request_access(request).limit(field.queryset, Role.PLANNER)
        return fields

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_due_at(self, schedule: Schedule) -> Any:
        """None while it is paused."""
        return next_due(schedule)

    def validate_case(self, case: Case) -> Case:
        """Its history belongs to its case."""
        if self.instance is not None and self.instance.case_id != case.pk:
            raise serializers.ValidationError("A schedule stays in its case.")
        return case

    def create(self, validated_data: dict[str, Any]) -> Schedule:
        """A new one."""
        return self.write(Schedule(), validated_data)

    def update(self, instance: Schedule, validated_data: dict[str, Any]) -> Schedule:
        """Change one."""
        return self.write(instance, validated_data)

    def write(self, row: Schedule, values: dict[str, Any]) -> Schedule:
        """Through the service; its faults as those of the fields."""
        request = self.context["request"]
        try:
            written = schedule_save(row, values, request.user, way_of(request))
        except ValidationError as invalid:
            raise serializers.ValidationError(serializers.as_serializer_error(invalid)) from invalid
        return Schedule.objects.select_related("case", "run_as").get(pk=written.pk)


class ReportFileRowSerializer(serializers.ModelSerializer):
    """A file of a scheduled report; without an address once it is no longer kept."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = ReportFile
        fields = ("id", "name", "format", "language", "sha256", "size", "expires_at", "url")

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_url(self, file: ReportFile) -> str | None:
        """Where the file is."""
        if file.kept is False:  # type: ignore[attr-defined]
            return None
        address = reverse("scheduled-report-file", args=[file.occurrence_id], request=self.context.get("request"))
        return f"{address}?file={file.pk}"


class OccurrenceSerializer(serializers.ModelSerializer):
    """One due time of a schedule, how it ended and which files it made."""

    case = serializers.CharField(source="schedule.case.name", read_only=True)
    files = ReportFileRowSerializer(many=True, read_only=True)

    class Meta:
        model = Occurrence
        fields = (
            "id", "schedule", "case", "due_at", "manual", "missed", "state", "reason", "run", "fingerprint", "created_at",
            "finished_at", "files",
        )  # fmt: skip


class DeliveryAttemptSerializer(serializers.ModelSerializer):
    """One attempt."""

    class Meta:
        model = DeliveryAttempt
        fields = ("at", "ok", "detail")


class DeliverySerializer(serializers.ModelSerializer):
    """One delivery with every attempt."""

    case = serializers.CharField(source="occurrence.schedule.case.name", read_only=True)
    tries = DeliveryAttemptSerializer(many=True, read_only=True)

    class Meta:
        model = Delivery
        fields = (
            "id", "uid", "case", "occurrence", "kind", "address", "is_alert", "state", "attempts", "next_attempt_at",
            "error", "created_at", "sent_at", "tries",
        )  # fmt: skip


class AlertSerializer(serializers.ModelSerializer):
    """Something that somebody has to know."""

    case = serializers.CharField(source="schedule.case.name", read_only=True)
    seen_by = serializers.SlugRelatedField("username", read_only=True, allow_null=True)

    class Meta:
        model = Alert
        fields = ("id", "case", "schedule", "occurrence", "kind", "message", "created_at", "seen_by", "seen_at")
