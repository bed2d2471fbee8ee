"""Pages below a run: why an intervention stands where it does, and the report files."""

import base64
import hashlib
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from planner.models import Intervention, Run
from planner.models.vocabulary import RunState
from planner.reports import vocabulary, words, write
from planner.reports.numbers import format_number, format_range
from planner.selectors import run_context
from planner.views.run_pages import run_page_context

CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}
SMALL_CHANGES = "index"
INLINE_STYLE = re.compile(rb"<style[^>]*>(.*?)</style>", re.DOTALL)


def why_page(request: HttpRequest, run: Run, intervention: str, site: AdminSite) -> HttpResponse:
    """The chain from what changes at the border to the rank, with the source of each step."""
    common = run_page_context(request, run, site, _("Why"), "ranking")
    if run.state != RunState.DONE:
        return TemplateResponse(request, "admin/planner/run/no_results.html", common)
    document = run_context(run)
    measure = next((one for one in document["interventions"] if one["id"] == intervention), None)
    if measure is None:
        raise Http404(f"no intervention {intervention!r} in run {run.pk}")
    names = {region["id"]: region["name"] for region in document["baseline"]["regions"]}
    regions = (measure.get("full") or {}).get("regions", ())
    row = next((one for one in document["ranking"]["rows"] if one["intervention"] == intervention), None)
    current = Intervention.objects.filter(case=run.case, slug=intervention).first()
    return TemplateResponse(
        request,
        "admin/planner/run/why.html",
        {
            **common,
            "title": measure["name"],
            "document": document,
            "measure": measure,
            "steps": [step_row(step) for step in measure.get("chain") or ()],
            "channels": [
                {**one, "words": vocabulary.CHANNELS.get(one["type"], one["type"])} for one in measure["channels"]
            ],
            "row": row,
            "rank_range": format_range(row["rank_low"], row["rank_high"]) if row else "",
            "verdict": words.verdict(row, measure) if row else "",
            "kind": words.KINDS.get(measure["kind"], measure["kind"]),
            "maturity": words.MATURITY.get(measure["maturity"], measure["maturity"]),
            "stages": [
                (stage, measure["effect"][stage])
                for stage in document["run"]["stages"]
                if stage in (measure.get("effect") or {})
            ],
            "regions": [{**region, "name": names.get(region["id"], region["id"])} for region in regions],
            "edit_address": reverse("admin:planner_intervention_change", args=[current.pk]) if current else "",
        },
    )


def step_row(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step of the chain with its name and the format of its numbers; small changes of an index must stay readable."""
    kind = SMALL_CHANGES if step["unit"] in ("index", "ratio") else "plain"
    return {
        **step,
        "name": vocabulary.STEPS.get(step["step"], step["step"]),
        "before_text": format_number(step["before"], kind),
        "after_text": format_number(step["after"], kind),
    }


def report_file(request: HttpRequest, run: Run, kind: str) -> HttpResponse:
    """The report of a finished run; HTML opens in the browser, the others are downloads."""
    if kind not in CONTENT_TYPES or run.state != RunState.DONE:
        raise Http404
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"report.{kind}"
        write(run_context(run), kind, path)
        content = path.read_bytes()
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    name = f"{run.case.name}-run-{run.pk}.{kind}"
    response["Content-Disposition"] = f'{"inline" if kind == "html" else "attachment"}; filename="{name}"'
    if kind == "html":
        # The report carries its own style sheet; its hash is allowed, anything else inline still is not.
        hashes = [style_hash(style) for style in INLINE_STYLE.findall(content)]
        response._csp_update = {"style-src": hashes}  # type: ignore[attr-defined]
    return response


def style_hash(style: bytes) -> str:
    """The source expression that allows exactly this style sheet."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"
