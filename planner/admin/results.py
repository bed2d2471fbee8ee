"""Pages below a run: why an intervention stands where it does, and the report files."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from planner.models import Intervention, Run
from planner.models.vocabulary import RunState
from planner.reports import FORMATS, vocabulary, words
from planner.reports.numbers import format_number, format_range
from planner.selectors import run_report, run_told
from planner.views.report_files import file_response
from planner.views.run_pages import run_page_context

SMALL_CHANGES = "index"
STAGES = {
    "partial": gettext_lazy("Partial: prices and incomes stay"),
    "conditional": gettext_lazy("Conditional: sales and purchases of each place stay"),
    "full": gettext_lazy("Full: prices, wages and incomes answer"),
}
AT_A_CROSSING = ("wait", "wait_at_once")


def why_page(request: HttpRequest, run: Run, intervention: str, site: AdminSite) -> HttpResponse:
    """The chain from what changes at the border to the rank, with the source of each step."""
    common = run_page_context(request, run, site, _("Why"), "ranking")
    if run.state != RunState.DONE:
        return TemplateResponse(request, "admin/planner/run/no_results.html", common)
    document = run_told(run)
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
            "steps": linked_steps(measure.get("chain") or (), run),
            "channels": [
                {**one, "words": vocabulary.CHANNELS.get(one["type"], one["type"])} for one in measure["channels"]
            ],
            "row": row,
            "criterion": run.get_criterion_display().partition(":")[0].strip().lower(),
            "rank_range": format_range(row["rank_low"], row["rank_high"]) if row else "",
            "verdict": words.verdict(row, measure) if row else "",
            "kind": words.KINDS.get(measure["kind"], measure["kind"]),
            "maturity": words.MATURITY.get(measure["maturity"], measure["maturity"]),
            "stages": [
                (STAGES.get(stage, stage), measure["effect"][stage])
                for stage in document["run"]["stages"]
                if stage in (measure.get("effect") or {})
            ],
            "regions": [{**region, "name": names.get(region["id"], region["id"])} for region in regions],
            "edit_address": reverse("admin:planner_intervention_change", args=[current.pk]) if current else "",
        },
    )


def linked_steps(chain: Sequence[Mapping[str, Any]], run: Run) -> list[dict[str, Any]]:
    """The steps for the page; those at a crossing lead to its waits, with the source of each."""
    codes = {step["item"].partition(" into ")[0] for step in chain if step["step"] in AT_A_CROSSING}
    crossings = dict(run.case.crossings.filter(code__in=codes).values_list("code", "pk"))
    waits = reverse("admin:regions_delay_changelist")
    rows = []
    for step in chain:
        number = crossings.get(step["item"].partition(" into ")[0]) if step["step"] in AT_A_CROSSING else None
        rows.append({**step_row(step), "address": f"{waits}?crossing__id__exact={number}" if number else ""})
    return rows


def step_row(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step of the chain with its name and the format of its numbers; small changes of an index must stay readable."""
    kind = SMALL_CHANGES if step["unit"] in ("index", "ratio") else "plain"
    return {
        **step,
        "name": vocabulary.STEPS.get(step["step"], step["step"]),
        "before_text": format_number(step["before"], kind),
        "after_text": format_number(step["after"], kind),
        "unit": vocabulary.unit_words(step["unit"] or ""),
    }


def report_file(request: HttpRequest, run: Run, kind: str) -> HttpResponse:
    """The report of a finished run, in the language asked for or that of the page."""
    language = request.GET.get("language") or get_language() or settings.LANGUAGE_CODE
    if kind not in FORMATS or run.state != RunState.DONE or language not in dict(settings.LANGUAGES):
        raise Http404
    return file_response(f"{run.case.name}-run-{run.pk}.{kind}", kind, run_report(run, language).file(kind))
