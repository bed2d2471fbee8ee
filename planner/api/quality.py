"""View of the quality of a case's data."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from planner.reports.case_quality import case_quality
from regions.access import request_access
from regions.models import Case
from regions.quality import words


class FindingSerializer(serializers.Serializer):
    """What was looked at and found about one data set."""

    dataset = serializers.CharField()
    dimension = serializers.CharField(help_text="completeness, timeliness, consistency, plausibility or evidence")
    code = serializers.CharField()
    grade = serializers.CharField(help_text="A good, B fair, C weak, D poor")
    value = serializers.FloatField(allow_null=True)
    facts = serializers.JSONField()
    reason = serializers.CharField(help_text="The finding in words.")


class DatasetGradeSerializer(serializers.Serializer):
    """Grade of a data set, the worst of its findings, and by dimension."""

    dataset = serializers.CharField()
    grade = serializers.CharField(help_text="A good, B fair, C weak, D poor")
    completeness = serializers.CharField(allow_null=True)
    timeliness = serializers.CharField(allow_null=True)
    consistency = serializers.CharField(allow_null=True)
    plausibility = serializers.CharField(allow_null=True)
    evidence = serializers.CharField(allow_null=True)


class ProvenanceSerializer(serializers.Serializer):
    """How the baseline of one place and sector was got, as shares of its value."""

    place = serializers.CharField()
    sector = serializers.CharField()
    value_musd = serializers.FloatField()
    known = serializers.FloatField(help_text="Observed or mirrored.")
    observed = serializers.FloatField()
    mirrored = serializers.FloatField()
    scaled = serializers.FloatField()
    imputed = serializers.FloatField()


class CaseQualitySerializer(serializers.Serializer):
    """Grades, findings, provenance, mirror records and imported files of a case."""

    case = serializers.CharField()
    year = serializers.IntegerField(help_text="Year to which ages are counted.")
    mirror_rule = serializers.CharField(allow_blank=True)
    datasets = DatasetGradeSerializer(many=True)
    findings = FindingSerializer(many=True)
    provenance = ProvenanceSerializer(many=True)
    mirrors = serializers.ListField(child=serializers.JSONField())
    files = serializers.ListField(child=serializers.JSONField())


class CaseQualityView(APIView):
    """How good the data of a case are today: a grade A to D for each data set, with the reasons."""

    @extend_schema(responses=CaseQualitySerializer, operation_id="cases_quality_retrieve")
    def get(self, request: Request, name: str) -> Response:
        """404 where there is no such case that the user may see."""
        case = get_object_or_404(request_access(request).limit(Case.objects.all()), name=name)
        found: dict[str, Any] = case_quality(case, timezone.localdate().year)
        findings = [{**one, "reason": words.reason(one)} for one in found["findings"]]
        return Response({**found, "findings": findings})
