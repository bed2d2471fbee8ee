"""Interventions, parameter sets, scenarios, runs, effects and rankings as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

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
    Scenario,
)
from planner.models.scenario import SETTING_FIELDS
from planner.models.vocabulary import split_list
from planner.selectors import run_progress


class ChannelSerializer(serializers.ModelSerializer):
    """One way in which an intervention changes an input of the model."""

    class Meta:
        model = Channel
        fields = (
            "type", "crossing", "direction", "origin", "destination", "sector", "place", "low", "central", "high",
            "unit", "source", "grade", "start_year", "ramp_years", "note",
        )  # fmt: skip


class CostSerializer(serializers.ModelSerializer):
    """The cost of one year, in the currency and price year of the case."""

    currency = serializers.CharField(read_only=True)
    price_year = serializers.IntegerField(read_only=True)

    class Meta:
        model = Cost
        fields = ("year", "category", "amount_musd", "currency", "price_year", "source", "grade", "note")


class InterventionSerializer(serializers.ModelSerializer):
    """An intervention with its channels and costs."""

    case = serializers.SlugRelatedField("name", read_only=True)
    closures = serializers.SerializerMethodField(help_text="Empty: all under which its channels have meaning.")
    channels = ChannelSerializer(many=True, read_only=True)
    costs = CostSerializer(many=True, read_only=True)

    class Meta:
        model = Intervention
        fields = (
            "id", "case", "slug", "name", "kind", "description", "closures", "maturity", "competence", "legal_test",
            "start_year", "source", "source_url", "notes", "channels", "costs", "updated_at",
        )  # fmt: skip

    def get_closures(self, intervention: Intervention) -> list[str]:
        """The closures as a list."""
        return split_list(intervention.closures)


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


class RunSerializer(serializers.ModelSerializer):
    """A run without the inputs that it copied."""

    case = serializers.SlugRelatedField("name", read_only=True)
    interventions = serializers.SerializerMethodField(help_text="Ids of the interventions that the run compares.")
    progress = serializers.SerializerMethodField()

    class Meta:
        model = Run
        fields = (
            "id", "case", "state", "reason", *SETTING_FIELDS, "interventions", "progress", "engine_version",
            "input_digest", "request_digest", "created_at", "started_at", "finished_at",
        )  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_interventions(self, run: Run) -> list[str]:
        """Ids, in the run's order."""
        return [document["id"] for document in run.interventions]

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, run: Run) -> dict[str, Any]:
        """From the counts that the view's query brought, or from the parts."""
        if hasattr(run, "parts_total"):
            return {name: getattr(run, f"parts_{name}") for name in ("total", "done", "failed", "running")}
        progress = run_progress(run)
        return {name: getattr(progress, name) for name in ("total", "done", "failed", "running")}


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


class RankingSerializer(serializers.ModelSerializer):
    """A ranking with its rows in order of rank."""

    case = serializers.CharField(source="run.case.name", read_only=True)
    closure = serializers.CharField(source="run.closure", read_only=True)
    rows = RankingRowSerializer(many=True, read_only=True)

    class Meta:
        model = Ranking
        fields = ("id", "run", "case", "closure", "criterion", "rows")
