"""The report as one HTML file: no script, no address fetched, every style and figure inside."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.template import Context, Engine, Template

from planner.reports.cover import DRAFT, Cover
from planner.reports.figures.map_types import Rings
from planner.reports.json_writer import rounded
from planner.reports.view import report_view

TEMPLATES = Path(__file__).parent / "templates"
_ENGINE = Engine(
    dirs=[str(TEMPLATES)],
    autoescape=True,
    libraries={"i18n": "django.templatetags.i18n", "reports": "planner.reports.template_tags"},
    builtins=["django.templatetags.i18n", "planner.reports.template_tags"],
)


def report_html(context: Mapping[str, Any], outlines: Mapping[str, Rings] | None = None, cover: Cover = DRAFT) -> bytes:
    """The report of a context; `outlines` are rings of (longitude, latitude) by place id, for the map."""
    # Rounded first, so that signs, ties and sums are judged on the numbers that the JSON file holds.
    view = report_view(rounded(context), outlines or {}, cover)
    return template("report.html").render(Context(view)).encode("utf-8", "replace")


def template(name: str) -> Template:
    """One of the reports' templates."""
    return _ENGINE.get_template(f"reports/{name}")
