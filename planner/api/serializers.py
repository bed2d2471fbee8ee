"""Interventions, parameter sets, scenarios, runs, effects and rankings as JSON."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.reverse import reverse

from planner.models import (
    Channel,
    Cost,
    Effect,
    Intervention,
    Parameter,
    ParameterSet,
    Ranking,
    RankingRow,
    Run,
    RunPart,
    Scenario,
)
from planner.models.scenario import LEAST_DRAWS, MOST_DRAWS, MOST_SEED, SETTING_FIELDS
from planner.models.vocabulary import (
    BaselineVariant,
    Closure,
    Criterion,
    Review,
    RunState,
    Standing,
    split_list,
)
from planner.reports import FORMATS
from planner.reports.media_types import MEDIA_TYPES
from planner.selectors import run_progress
from planner.services import InvalidParts, intervention_save
from regions.access import Role, request_access
from regions.api.serializers import NamedField
from regions.api.strict import StrictFields
from regions.models import Case

MOST_ROWS = 200
PROGRESS_FIELDS = ("total", "done", "failed", "running", "reused")
# JSON first: it is what a client gets that asks for nothing else.
REPORT_TYPES = {kind: MEDIA_TYPES[kind] for kind in sorted(FORMATS, key=lambda one: one != "json")}


def way_of(request: Request) -> str:
    """By which way a write came, for the audit log: the token's visible beginning, never its secret."""
    return f"by the API, token {request.auth.prefix}" if hasattr(request.auth, "prefix") else "by the API"


class ChannelSerializer(StrictFields, serializers.ModelSerializer):
    """One way in which an intervention changes an input of the model."""

    class Meta:
        model = Channel
        fields = (
            "type", "crossing", "direction", "origin", "destination", "sector", "place", "vehicle", "low", "central", "high",
            "unit", "source", "grade", "start_year", "ramp_years", "note",
        )  # fmt: skip


class CostSerializer(StrictFields, serializers.ModelSerializer):
    """The cost of one year, in the currency and price year of the case."""

    currency = serializers.CharField(read_only=True)
    price_year = serializers.IntegerField(read_only=True)

    class Meta:
        model = Cost
        fields = ("year", "category", "amount_musd", "currency", "price_year", "source", "grade", "note")


class ClosuresField(serializers.ListField):
    """Closures as a list; the column keeps them joined by ';'."""

    child = serializers.ChoiceField(choices=Closure.choices)

    def to_representation(self, data: Any) -> list[str]:
        """The text as a list."""
        return split_list(data)

    def to_internal_value(self, data: Any) -> str:  # type: ignore[override]
        """The list as the column's text, each once."""
        return ";".join(dict.fromkeys(super().to_internal_value(data)))


class InterventionSerializer(StrictFields, serializers.ModelSerializer):
    """An intervention with its channels and costs; lists that are sent replace what there was."""

    case = NamedField("name", queryset=Case.objects.all())
    closures = ClosuresField(required=False, help_text="Empty: all under which its channels have meaning.")
    channels = ChannelSerializer(many=True, required=False, max_length=MOST_ROWS)  # type: ignore[call-arg]
    costs = CostSerializer(many=True, required=False, max_length=MOST_ROWS)  # type: ignore[call-arg]

    class Meta:
        model = Intervention
        fields = (
            "id", "case", "slug", "name", "kind", "description", "closures", "maturity", "competence", "legal_test",
            "start_year", "source", "source_url", "notes", "channels", "costs", "version", "updated_at",
        )  # fmt: skip
        read_only_fields = ("version", "updated_at")

    def get_fields(self) -> dict[str, serializers.Field]:
        """The cases in which the user plans; an intervention stays in its case."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            fields["case"].queryset = request_access(request).limit(Case.objects.all(), Role.PLANNER)  # type: ignore[attr-defined]
        return fields

    def validate_case(self, case: Case) -> Case:
        """Everything that compares interventions relies on their case."""
        if self.instance is not None and self.instance.case_id != case.pk:
            raise serializers.ValidationError("An intervention stays in its case.")
        return case

    def create(self, validated_data: dict[str, Any]) -> Intervention:
        """A new one."""
        return self.write(Intervention(), validated_data)

    def update(self, instance: Intervention, validated_data: dict[str, Any]) -> Intervention:
        """Change one."""
        return self.write(instance, validated_data)

    def write(self, row: Intervention, values: dict[str, Any]) -> Intervention:
        """Through the service; its faults as those of the fields."""
        request = self.context["request"]
        try:
            written = intervention_save(row, values, request.user, way_of(request))
        except InvalidParts as invalid:
            raise serializers.ValidationError(invalid.faults) from invalid
        except ValidationError as invalid:
            raise serializers.ValidationError(serializers.as_serializer_error(invalid)) from invalid
        # Read again: rows that were prefetched before the change are gone.
        return Intervention.objects.select_related("case").get(pk=written.pk)


class ParameterSerializer(serializers.ModelSerializer):
    """One parameter with its distribution and source."""

    class Meta:
        model = Parameter
        fields = ("key", "sector", "low", "central", "high", "unit", "source", "grade", "as_of")


class ParameterSetSerializer(serializers.ModelSerializer):
    """A parameter set with its rows."""

    case = serializers.SlugRelatedField("name", read_only=True)
    parameters = ParameterSerializer(many=True, read_only=True)

    class Meta:
        model = ParameterSet
        fields = ("id", "case", "name", "as_of", "source", "is_default", "notes", "parameters", "updated_at")


class ScenarioSerializer(serializers.ModelSerializer):
    """Settings kept by name."""

    case = serializers.SlugRelatedField("name", read_only=True)

    class Meta:
        model = Scenario
        fields = ("id", "case", "name", "description", "parameter_set", *SETTING_FIELDS, "updated_at")


class ProgressSerializer(serializers.Serializer):
    """How far a run has come."""

    total = serializers.IntegerField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    running = serializers.IntegerField()
    reused = serializers.IntegerField(help_text="Of those done, taken from earlier runs with the same inputs.")


class RunStartSerializer(StrictFields):
    """What to estimate; everything but the case has a default."""

    case = NamedField("name", queryset=Case.objects.all())
    interventions = serializers.ListField(
        child=serializers.SlugField(max_length=80), required=False, allow_empty=False, max_length=10_000,
        help_text="Ids of the case's interventions; all where none are named.",
    )  # fmt: skip
    scenario = serializers.PrimaryKeyRelatedField(
        queryset=Scenario.objects.select_related("case", "parameter_set"), required=False, allow_null=True
    )
    parameter_set = serializers.PrimaryKeyRelatedField(
        queryset=ParameterSet.objects.all(), required=False, allow_null=True
    )
    closure = serializers.ChoiceField(choices=Closure.choices, required=False)
    criterion = serializers.ChoiceField(choices=Criterion.choices, required=False)
    standing = serializers.ChoiceField(choices=Standing.choices, required=False)
    draws = serializers.IntegerField(min_value=LEAST_DRAWS, max_value=MOST_DRAWS, required=False)
    seed = serializers.IntegerField(min_value=0, max_value=MOST_SEED, required=False)
    variant = serializers.ChoiceField(choices=BaselineVariant.choices, required=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        """Only what belongs to cases in which the user plans."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            access = request_access(request)
            for name in ("case", "scenario", "parameter_set"):
                field: Any = fields[name]
                field.queryset = access.limit(field.queryset, Role.PLANNER)
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Scenario and parameters are of the case."""
        faults = {
            name: [f"is not of case {attrs['case'].name}"]
            for name in ("scenario", "parameter_set")
            if attrs.get(name) is not None and attrs[name].case_id != attrs["case"].pk
        }
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


class ReviewSerializer(StrictFields):
    """The step to take."""

    step = serializers.ChoiceField(choices=Review.choices)


class RunPartSerializer(serializers.ModelSerializer):
    """One intervention or analysis of a run, the other name empty: how far it is, and why it failed."""

    class Meta:
        model = RunPart
        fields = (
            "position", "intervention", "analysis", "state", "attempts", "reused", "error", "claimed_at", "finished_at",
        )  # fmt: skip


class ProgressEventSerializer(ProgressSerializer):
    """What an event of progress carries."""

    state = serializers.ChoiceField(choices=RunState.choices)
    seconds_left = serializers.IntegerField(allow_null=True)


class RunSerializer(serializers.ModelSerializer):
    """A run without the inputs that it copied."""

    case = serializers.SlugRelatedField("name", read_only=True)
    interventions = serializers.SerializerMethodField(help_text="Ids of the interventions that the run compares.")
    progress = serializers.SerializerMethodField()

    class Meta:
        model = Run
        fields = (
            "id", "case", "state", "reason", *SETTING_FIELDS, "interventions", "progress", "review", "reviewed_at",
            "engine_version", "input_digest", "request_digest", "created_at", "started_at", "finished_at",
        )  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_interventions(self, run: Run) -> list[str]:
        """Ids, in the run's order."""
        return [document["id"] for document in run.interventions]

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, run: Run) -> dict[str, Any]:
        """From the counts that the view's query brought, or from the parts."""
        if hasattr(run, "parts_total"):
            return {name: getattr(run, f"parts_{name}") for name in PROGRESS_FIELDS}
        progress = run_progress(run)
        return {name: getattr(progress, name) for name in PROGRESS_FIELDS}


class RunDetailSerializer(RunSerializer):
    """A run with everything that it read, so that it can be repeated."""

    case_document = serializers.JSONField(read_only=True)
    parameters = ParameterSerializer(many=True, read_only=True)
    intervention_documents = serializers.JSONField(source="interventions", read_only=True)

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "case_document", "parameters", "intervention_documents")


class EffectSerializer(serializers.ModelSerializer):
    """An effect with the summary of each outcome over the draws."""

    class Meta:
        model = Effect
        fields = ("id", "run", "intervention", "status", "reason", "summary")


class RankingRowSerializer(serializers.ModelSerializer):
    """One place of a ranking."""

    class Meta:
        model = RankingRow
        fields = (
            "rank", "intervention", "score_mean", "q05", "q50", "q95", "p_best", "p_top3", "rank_low", "rank_high",
            "tie_group", "settled_above",
        )  # fmt: skip

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """All fields are plain numbers and texts: asking each field object would take most of the answer's time."""
        return {name: instance[name] for name in self.Meta.fields}


class RankingSerializer(serializers.ModelSerializer):
    """A ranking; its rows have pages of their own."""

    case = serializers.CharField(source="run.case.name", read_only=True)
    closure = serializers.CharField(source="run.closure", read_only=True)
    length = serializers.IntegerField(read_only=True, help_text="Number of rows.")
    unit = serializers.SerializerMethodField(help_text="Unit of score_mean and its quantiles.")
    best = serializers.SerializerMethodField(help_text="Which scores come first.")
    rows = serializers.HyperlinkedIdentityField("ranking-rows", lookup_url_kwarg="ranking")

    class Meta:
        model = Ranking
        fields = ("id", "run", "case", "closure", "criterion", "unit", "best", "length", "rows")

    def get_unit(self, ranking: Ranking) -> str:
        """Of welfare money; of imbalances a change of the index, which has no unit."""
        return (
            f"million {ranking.run.case.currency} a year" if ranking.criterion == Criterion.WELFARE else "index points"
        )

    @extend_schema_field(serializers.ChoiceField(choices=["highest", "lowest"]))
    def get_best(self, ranking: Ranking) -> str:
        """Welfare is to rise, imbalances are to fall."""
        return "highest" if ranking.criterion == Criterion.WELFARE else "lowest"


class ReportFileSerializer(serializers.Serializer):
    """One format of a report."""

    format = serializers.CharField()
    media_type = serializers.CharField()
    url = serializers.URLField()


class ReportSerializer(serializers.ModelSerializer):
    """The report of a finished run: which formats there are, and where."""

    run = serializers.IntegerField(source="pk", read_only=True)
    case = serializers.SlugRelatedField("name", read_only=True)
    files = serializers.SerializerMethodField()

    class Meta:
        model = Run
        fields = ("run", "case", "criterion", "closure", "review", "finished_at", "files")

    @extend_schema_field(ReportFileSerializer(many=True))
    def get_files(self, run: Run) -> list[dict[str, str]]:
        """The address of each format."""
        address = reverse("run-report", args=[run.pk], request=self.context.get("request"))
        return [
            {"format": kind, "media_type": REPORT_TYPES[kind], "url": f"{address}?format={kind}"}
            for kind in REPORT_TYPES
        ]
