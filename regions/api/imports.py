"""Imports over REST: which formats there are, a dry run or the import itself, and taking a batch back."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.throttling import ScopedRateThrottle

from regions.access import Role, request_access
from regions.api.base import ReadOnlyViewSet
from regions.api.parsers import BoundedJSONParser
from regions.api.problems import Conflict, Refused
from regions.api.serializers import ImportSerializer, NamedField
from regions.api.strict import StrictFields, refuse_body
from regions.importing import registry
from regions.importing.problems import ImportRefused
from regions.importing.undo import UndoRefused
from regions.models import Case, ImportBatch

MIB = 1024 * 1024
MOST_FILES = 40
WHOLE_CASE = "case"


class TooLarge(APIException):
    """More than an upload may have."""

    status_code = 413
    default_detail = "The upload is too large."
    default_code = "too_large"


class RefusedImport(Refused):
    """The files cannot be imported; nothing was changed. Each problem says where it is and what is expected.

    folder: where the server kept the files meanwhile, which is nobody's business.
    """

    default_detail = "The files were refused; nothing was changed."

    def __init__(self, refusal: ImportRefused, folder: Path) -> None:
        def public(text: str) -> str:
            return text.replace(f"{folder}/", "")

        shown = [
            replace(problem, value=public(problem.value), expectation=public(problem.expectation))
            for problem in refusal.problems.errors
        ]
        super().__init__([str(problem) for problem in shown])
        self.entries = [
            {
                "detail": str(problem),
                "pointer": "#/files",
                **{k: v for k, v in problem.as_dict().items() if k != "detail"},
            }
            for problem in shown
        ]


class JsonText(serializers.CharField):
    """A JSON object, as a text in a form or as itself."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:  # type: ignore[override]
        """The object."""
        text = super().to_internal_value(data)
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise serializers.ValidationError("expected a JSON object") from error
        if not isinstance(value, dict) or not all(isinstance(one, (str, bool)) for one in value.values()):
            raise serializers.ValidationError("expected a JSON object of texts and truth values")
        return value


class ImportRequestSerializer(StrictFields):
    """What to import, as multipart/form-data."""

    files = serializers.ListField(
        child=serializers.FileField(max_length=200), allow_empty=False, max_length=MOST_FILES,
        help_text="One file; several where the format takes them. A case comes as a zip file.",
    )  # fmt: skip
    kind = serializers.ChoiceField(
        choices=[(one.id, one.id) for one in registry.formats()], help_text="One of imports/formats/."
    )
    case = NamedField(
        "name", queryset=Case.objects.all(), required=False, allow_null=True, default=None,
        help_text="The case to import into; none for a new case and for official files.",
    )  # fmt: skip
    dry_run = serializers.BooleanField(default=False, help_text="Check and compare everything, store nothing.")
    mapping = JsonText(required=False, default="{}", help_text='{"field": "column of the file"}; "=text" for all rows.')
    options = JsonText(required=False, default="{}", help_text="Options of the format, as a JSON object.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Only cases in which the user plans."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            fields["case"].queryset = request_access(request).limit(Case.objects.all(), Role.PLANNER)  # type: ignore[attr-defined]
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A whole case is imported under the name of the case that was named."""
        for name in ("mapping", "options"):
            if isinstance(attrs[name], str):
                attrs[name] = json.loads(attrs[name])
        if attrs["kind"] == WHOLE_CASE and attrs["case"] is not None:
            attrs["options"] |= {"name": attrs["case"].name, "replace": True}
        return attrs


class ImportReportSerializer(serializers.Serializer):
    """What an import did, or would do."""

    format = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["loaded", "unchanged", "checked"], help_text="checked: a dry run.")
    rows = serializers.DictField(child=serializers.IntegerField())
    changes = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))
    differences = serializers.ListField(child=serializers.DictField(), help_text="The first rows that differ.")
    quality = serializers.DictField()
    problems = serializers.DictField(help_text="Warnings: counts by kind and the first 50.")
    batches = serializers.ListField(child=serializers.IntegerField())
    case = serializers.CharField(allow_blank=True)


class FormatFieldSerializer(serializers.Serializer):
    """A column that a format knows."""

    name = serializers.CharField()
    unit = serializers.CharField()
    required = serializers.BooleanField()
    expectation = serializers.CharField()
    description = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField())


class FormatOptionSerializer(serializers.Serializer):
    """A choice beside the mapping."""

    name = serializers.CharField()
    label = serializers.CharField()
    help = serializers.CharField()
    type = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField())


class FormatSerializer(serializers.Serializer):
    """A format that can be imported."""

    id = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    needs_case = serializers.BooleanField()
    several_files = serializers.BooleanField()
    can_map = serializers.BooleanField()
    options = FormatOptionSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        """`fields` is a name that serializers keep for themselves."""
        return {**super().get_fields(), "fields": FormatFieldSerializer(many=True)}


class ImportActions(ReadOnlyViewSet):
    """Adds writing to the view of imports."""

    parser_classes = (MultiPartParser,)

    def get_throttles(self) -> list[Any]:
        """Uploads have a limit of their own."""
        if self.action == "create":
            self.throttle_scope = "imports"
            return [*super().get_throttles(), ScopedRateThrottle()]
        return super().get_throttles()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Nothing of an upload is read before it is known to be small enough and its sender to be somebody."""
        super().initial(request, *args, **kwargs)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if self.action == "create" and int(length) > settings.UPLOAD_MOST_MIB * MIB:
            raise TooLarge(f"{int(length)} bytes: expected at most {settings.UPLOAD_MOST_MIB} MiB")

    @extend_schema(
        request={"multipart/form-data": ImportRequestSerializer},
        responses={
            200: OpenApiResponse(ImportReportSerializer, description="A dry run, or nothing would change."),
            201: OpenApiResponse(ImportReportSerializer, description="Imported; the Location header is the batch."),
        },
    )
    def create(self, request: Request) -> Response:
        """Import files, whole or not at all; with dry_run everything is checked and nothing stored."""
        asked = ImportRequestSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        if values["case"] is None and not request_access(request).may(Role.PLANNER, None):
            raise PermissionDenied("What belongs to no case that you plan in is imported by planners of all cases.")
        folder = Path(tempfile.mkdtemp(prefix="planner-upload-"))
        try:
            paths = [store(file, folder, number) for number, file in enumerate(values["files"])]
            act = registry.dry_run if values["dry_run"] else registry.load
            report = act(
                values["kind"], paths, values["case"], values["mapping"], options=values["options"], user=request.user
            )
        except ImportRefused as refusal:
            raise RefusedImport(refusal, folder) from refusal
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        response = Response(report.as_json(), status=201 if report.outcome == "loaded" else 200)
        if report.batches:
            response.headers["Location"] = reverse("import-detail", args=[report.batches[0].pk], request=request)
        return response

    @extend_schema(request=None, responses={200: ImportSerializer})
    @action(detail=True, methods=["post"], parser_classes=(BoundedJSONParser, MultiPartParser))
    def undo(self, request: Request, pk: Any = None) -> Response:
        """Take back what an import brought; 409 where something uses it, or it was replaced or undone."""
        batch: ImportBatch = self.get_object()
        refuse_body(request)
        try:
            with transaction.atomic():
                registry.undo(batch.pk)
        except UndoRefused as refused:
            raise Conflict(str(refused)) from refused
        batch.refresh_from_db()
        return Response(ImportSerializer(batch, context=self.get_serializer_context()).data)

    @extend_schema(responses={200: FormatSerializer(many=True)}, filters=False)
    @action(detail=False, pagination_class=None)
    def formats(self, request: Request) -> Response:
        """What can be imported: formats with their columns, units and options."""
        self.filter_queryset(self.get_queryset())
        return Response(FormatSerializer(registry.formats(), many=True).data)


def store(file: UploadedFile, folder: Path, number: int) -> Path:
    """The upload under its own name, in a folder of its own: names in messages are those that the sender knows."""
    home = folder / str(number)
    home.mkdir()
    name = Path(str(file.name).replace("\\", "/")).name.replace("\x00", "") or "upload"
    path = home / name[:150]
    with path.open("wb") as out:
        for chunk in file.chunks():
            out.write(chunk)
    return path
