"""A report's stored analyses and the names that go with them."""

from collections.abc import Mapping
from typing import Any

Context = Mapping[str, Any]


def found(context: Context, kind: str) -> dict[str, Any] | None:
    """The document of an analysis, None where the run has none."""
    analysis = (context.get("analyses") or {}).get(kind)
    return dict(analysis["document"]) if analysis and analysis["status"] == "done" else None


def measure_name(context: Context, identifier: str | None) -> str:
    """The name of a measure, its id where the report does not list it."""
    return next((one["name"] for one in context["interventions"] if one["id"] == identifier), identifier or "")


def place_name(context: Context, identifier: str) -> str:
    """The name of a place, its id where there is none."""
    return next((one["name"] for one in context["baseline"]["regions"] if one["id"] == identifier), identifier)


def economy_name(context: Context, identifier: str) -> str:
    """The name of an economy."""
    return next((one["name"] for one in context["case"]["economies"] if one["id"] == identifier), identifier)


def crossing_name(context: Context, code: str) -> str:
    """The name of a crossing, its code where there is none."""
    return next((one["name"] for one in context["baseline"]["crossings"] if one["code"] == code), code)
