"""Pages of a run's results: the ranking, why an intervention stands where it does, and the report files."""

import base64
import hashlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from planner.models import Intervention, Run
from planner.models.vocabulary import Criterion, RunState
from planner.reports import vocabulary, words, write
from planner.reports.figures.scales import SymlogScale, symlog_scale
from planner.reports.numbers import format_number, format_range, format_tick
from planner.reports.ranking_section import ROW_FIELDS
from planner.selectors import ranking_rows, run_context

BAR_WIDTH, BAR_HEIGHT, BAR_MARGIN = 150.0, 18.0, 6.0
CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}
SMALL_CHANGES = "index"
INLINE_STYLE = re.compile(rb"<style[^>]*>(.*?)</style>", re.DOTALL)


def ranking_page(request: HttpRequest, run: Run, site: AdminSite) -> HttpResponse:
    """The ranking with intervals and ties, balance beside welfare, and where the border stands before."""
    criterion = request.GET.get("criterion", run.criterion)
    if criterion not in Criterion.values:
        raise Http404(f"no criterion {criterion!r}")
    common = page_context(request, run, site, _("Ranking"))
    if run.state != RunState.DONE:
        return TemplateResponse(request, "admin/planner/run/no_results.html", common)
    document = run_context(run)
    measures = {measure["id"]: measure for measure in document["interventions"]}
    rows = criterion_rows(run, document, criterion)
    index_bars = bars([measures[row["intervention"]]["full"]["index_change"] for row in rows], "index_change")
    welfare_bars = bars([measures[row["intervention"]]["full"]["ev_musd"] for row in rows], "musd_change")
    marks = {row["tie_group"] for row in rows}
    return TemplateResponse(
        request,
        "admin/planner/run/ranking.html",
        {
            **common,
            "document": document,
            "criterion": criterion,
            "criteria": [(value, label, value == criterion) for value, label in Criterion.choices],
            "sentences": summary_sentences(document, rows, measures, criterion),
            "tie_groups": len(marks),
            "rows": [
                {
                    **row,
                    "measure": measures[row["intervention"]],
                    "chances": row.get("among_proposed") or row,
                    "rank_range": format_range(row["rank_low"], row["rank_high"]),
                    "index_bar": index_bar,
                    "welfare_bar": welfare_bar,
                    "first_of_group": position == 0 or rows[position - 1]["tie_group"] != row["tie_group"],
                }
                for position, (row, index_bar, welfare_bar) in enumerate(
                    zip(rows, index_bars["bars"], welfare_bars["bars"], strict=True)
                )
            ],
            "index_axis": index_bars,
            "welfare_axis": welfare_bars,
            "not_ranked": [
                {
                    **row,
                    "measure": measures[row["intervention"]],
                    "label": words.STATUS.get(row["status"], row["status"]),
                }
                for row in document["ranking"]["not_ranked"]
            ],
        },
    )


def criterion_rows(run: Run, document: Mapping[str, Any], criterion: str) -> list[dict[str, Any]]:
    """The report's rows for the run's own criterion, else those that are stored; both have the same fields."""
    if criterion == run.criterion:
        return list(document["ranking"]["rows"])
    return [{name: getattr(row, name) for name in ROW_FIELDS} for row in ranking_rows(run, criterion)]


def summary_sentences(
    document: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], measures: words.Measures, criterion: str
) -> list[str]:
    """Who is distinguishable, who lowers welfare, how much is imputed: the same words as the report."""
    if not rows:
        return [_("No intervention could be ranked; the reasons are below.")]
    tension = words.tension_sentences(rows, measures, document["orderings"])
    imputed = _("%(share)s of the value in the baseline is imputed, not observed.") % {
        "share": format_number(document["baseline"]["imputed_share"], "share")
    }
    leader = " ".join(words.leader_sentences(rows, measures, criterion))
    return [leader, " ".join(words.settled_sentences(rows, measures)), " ".join(tension["conflict"]), imputed]


def bars(quantities: Sequence[Mapping[str, Any]], kind: str) -> dict[str, Any]:
    """Interval bars on one axis for all rows; it is logarithmic on both sides of zero, since sizes differ so much."""
    values = [value for one in quantities for value in (one["q05"], one["mean"], one["q95"]) if value is not None]
    scale = symlog_scale(values, BAR_MARGIN, BAR_WIDTH - BAR_MARGIN)
    return {
        "width": BAR_WIDTH,
        "height": BAR_HEIGHT,
        "middle": BAR_HEIGHT / 2,
        "zero": round(scale(0.0), 1),
        "ticks": [{"at": round(scale(tick), 1), "label": format_tick(tick, kind)} for tick in scale.ticks(44.0)],
        "bars": [bar(one, scale) for one in quantities],
    }


def bar(one: Mapping[str, Any], scale: SymlogScale) -> dict[str, float] | None:
    """Places of an interval's ends and mean; None where a draw has no number."""
    if None in (one["q05"], one["mean"], one["q95"]):
        return None
    low, mean, high = (round(scale(one[name]), 1) for name in ("q05", "mean", "q95"))
    return {"low": low, "mean": mean, "high": high, "length": max(round(high - low, 1), 1.0)}


def why_page(request: HttpRequest, run: Run, intervention: str, site: AdminSite) -> HttpResponse:
    """The chain from what changes at the border to the rank, with the source of each step."""
    common = page_context(request, run, site, _("Why"))
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


def page_context(request: HttpRequest, run: Run, site: AdminSite, title: str) -> dict[str, Any]:
    """What every page below a run needs."""
    return {
        **site.each_context(request),
        # Wide tables need the room; the breadcrumbs lead back.
        "is_nav_sidebar_enabled": False,
        "run": run,
        "opts": Run._meta,
        "title": title,
    }
