"""The API's description: which problem documents each operation may answer with."""

from typing import Any

from regions.api.problems import CONTENT_TYPE
from regions.api.renderers import XLSX_TYPE, GeoJsonRenderer

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem document.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail", "pointer"],
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {"type": "string", "description": "JSON pointer to the value that is wrong."},
                    "file": {"type": "string", "description": "Of imports: the file, and where in it."},
                    "row": {"type": "integer", "description": "Line of the file; 0 for the whole file."},
                    "column": {"type": "string"},
                    "value": {"type": "string"},
                    "expectation": {"type": "string"},
                    "kind": {"type": "string"},
                },
            },
        },
    },
    "example": {
        "type": "about:blank",
        "title": "Invalid input",
        "status": 400,
        "detail": "Ensure this value is greater than or equal to 1.",
        "instance": "/api/v1/runs/",
        "errors": [{"detail": "Ensure this value is greater than or equal to 1.", "pointer": "#/draws"}],
    },
}
ALWAYS = {
    "400": "The request is malformed, or a parameter has no meaning.",
    "401": "No credentials, or none that count.",
    "403": "The role on the case, or the token's scopes, do not allow it.",
    "406": "None of the accepted formats is to be had.",
    "429": "Too many requests; Retry-After says when.",
}
WITH_BODY = {"415": "The body is not JSON.", "422": "Well formed, and cannot be carried out; errors say why."}
BY_PATH = {
    "imports": {"413": "The upload is too large."},
    "undo": {"409": "The import cannot be taken back."},
    "comparisons": {"404": "One of the runs is none that you may see, or has no results."},
    "cancel": {"409": "The run has ended."},
    "review": {"409": "The run cannot take this step."},
    "events": {"503": "Too many open streams."},
}
# What says by itself that a text is not empty.
VALUES = {"enum", "pattern", "format"}
EDITS = {
    "412": "Somebody else changed it after you read it.",
    "428": "If-Match is missing.",
}


def describe_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add the problem documents, and the ETag of what is read."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            found = dict(ALWAYS)
            if "{" in path:
                found["404"] = "There is nothing at this address, or nothing that you may see."
            if method in ("post", "put", "patch"):
                found |= WITH_BODY
            if method in ("put", "patch", "delete"):
                found |= EDITS
            found |= BY_PATH.get(path.rstrip("/").rsplit("/", 1)[-1], {})
            for status, description in found.items():
                content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
                operation["responses"].setdefault(status, {"description": description, "content": content})
            for parameter in operation.get("parameters", ()):
                schema = parameter["schema"]
                if parameter["in"] == "query" and schema.get("type") == "string" and not schema.keys() & VALUES:
                    schema["minLength"] = 1
            for answer in operation["responses"].values():
                describe_formats(answer.get("content", {}))
            if method == "get":
                operation["responses"]["304"] = {"description": "Unchanged since the ETag in If-None-Match."}
    return result


FEATURE = {
    "type": "object",
    "description": "GeoJSON: a FeatureCollection with `next` for lists, a Feature for a single object.",
    "required": ["type"],
    "properties": {"type": {"enum": ["FeatureCollection", "Feature"]}},
}
OTHER_FORMATS = {
    "text/csv": {"type": "string", "description": "The rows with their names in the first line."},
    XLSX_TYPE: {"type": "string", "format": "binary", "description": "The rows as a workbook of one sheet."},
    GeoJsonRenderer.media_type: FEATURE,
}


def describe_formats(content: dict[str, Any]) -> None:
    """The same rows have other shapes in other formats."""
    for media_type, schema in OTHER_FORMATS.items():
        if media_type in content:
            content[media_type] = {"schema": schema}


# --- Bodies -----------------------------------------------------------------------------------------------------------


def close_requests(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Bodies know their own names only; what is read only may be sent back as it was read."""
    schemas = result.get("components", {}).get("schemas", {})
    for name, schema in schemas.items():
        if not name.endswith("Request") or "properties" not in schema:
            continue
        schema["additionalProperties"] = False
        answer = schemas.get(name.removesuffix("Request").removeprefix("Patched"), {})
        for field, about in answer.get("properties", {}).items():
            if about.get("readOnly"):
                schema["properties"].setdefault(field, {"description": "Read only: changes nothing where it is sent."})
    return result
