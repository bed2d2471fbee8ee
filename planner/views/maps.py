"""Maps: the map of a case, its layers as data, and what a run changes on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.admin import AdminSite
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page

from planner.models import Run
from planner.models.vocabulary import AnalysisKind, EffectStatus, RunState
from planner.selectors import run_analysis, run_told
from planner.views.run_pages import no_results, run_page_context
from regions.access import Role, request_access
from regions.map_layers import LAYERS
from regions.models import Case, Region


def viewable_case(request: HttpRequest, case_id: int) -> Case:
    """The case, for those who may see it; the others cannot tell that there is one."""
    case = request_access(request).limit(Case.objects.filter(pk=case_id)).first()
    if case is None:
        raise Http404
    return case


@gzip_page
@conditional_page
def layer_answer(request: HttpRequest, content: Any) -> HttpResponse:
    """A layer as compact JSON, compressed, and not sent again where the browser has it."""
    text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    patch_cache_control(response, private=True, no_cache=True)
    return response


def case_layer(request: HttpRequest, case_id: int, layer: str) -> HttpResponse:
    """One layer of a case."""
    case = viewable_case(request, case_id)
    if layer not in LAYERS:
        raise Http404(f"no layer {layer!r}")
    return layer_answer(request, LAYERS[layer](case))


def region_outline(request: HttpRequest, region_id: int) -> HttpResponse:
    """The outline of one region with all its points, to be edited."""
    region = request_access(request).limit(Region.objects.filter(pk=region_id)).first()
    if region is None:
        raise Http404
    return layer_answer(request, json.loads(region.outline.geojson) if region.outline else None)


def latest_map(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The map of the case that was changed last, or the home page with what to do."""
    case = request_access(request).limit(Case.objects.order_by("-updated_at")).first()
    return HttpResponseRedirect(reverse("admin:desk_map", args=[case.pk]) if case else reverse("admin:index"))


def map_page(request: HttpRequest, case_id: int, site: AdminSite) -> HttpResponse:
    """The map of a case, with the list that says the same."""
    case = viewable_case(request, case_id)
    access = request_access(request)
    cases = list(access.limit(Case.objects.order_by("name"))[:50])
    return TemplateResponse(
        request,
        "admin/desk/map.html",
        {
            **site.each_context(request),
            "title": _("Map: %(case)s") % {"case": case.title},
            "case": case,
            "cases": cases,
            "economies": list(case.economies.order_by("code")[:3]),
            "layers": case_addresses(case),
            "may_plan": access.may(Role.PLANNER, case.pk),
            "run": Run.objects.filter(case=case, state=RunState.DONE).first(),
        },
    )


def case_addresses(case: Case) -> dict[str, str]:
    """Where the layers of a case are."""
    return {name: reverse("admin:desk_layer", args=[case.pk, name]) for name in LAYERS}


def run_map_page(request: HttpRequest, run: Run, site: AdminSite) -> HttpResponse:
    """The map of a run: before and after one intervention, and the worth of a minute."""
    common = run_page_context(request, run, site, _("Map"), "map")
    if (answer := no_results(request, common)) is not None:
        return answer
    document = run_told(run)
    done = [(one["id"], one["name"]) for one in document["interventions"] if one["status"] == EffectStatus.DONE]
    minutes = run_analysis(run, AnalysisKind.MINUTE_VALUES)
    return TemplateResponse(
        request,
        "admin/desk/run_map.html",
        {
            **common,
            "layers": case_addresses(run.case),
            "economies": list(run.case.economies.order_by("code")[:3]),
            "results_address": reverse("admin:planner_run_map_data", args=[run.pk]),
            "chosen": first_proposed(document),
            "interventions": sorted(done, key=lambda one: one[1]),
            "minutes": minutes,
            "has_minutes": minutes is not None and minutes.status == EffectStatus.DONE,
        },
    )


def first_proposed(document: Mapping[str, Any]) -> str:
    """The best ranked intervention that is not there for comparison only: the map opens on what it changes."""
    rows = document["ranking"]["rows"]
    return next((row["intervention"] for row in rows if row.get("among_proposed")), "")


def run_map_data(request: HttpRequest, run: Run) -> HttpResponse:
    """What each intervention changes by region, at means, and the worth of a minute by crossing and direction."""
    if run.state != RunState.DONE:
        raise Http404
    document = run_told(run)
    before = {one["id"]: one for one in document["baseline"]["regions"]}
    minutes = run_analysis(run, AnalysisKind.MINUTE_VALUES)
    stations = minutes.document.get("stations", ()) if minutes and minutes.status == EffectStatus.DONE else ()
    return layer_answer(
        request,
        {
            "currency": document["case"]["currency"],
            "before": {
                key: {"exports": one["exports_musd"], "imports": one["imports_musd"], "balance": one["balance_musd"]}
                for key, one in before.items()
            },
            "changes": {
                one["id"]: {
                    region["id"]: [
                        region["exports_change_musd"]["mean"],
                        region["imports_change_musd"]["mean"],
                        region["balance_change_musd"]["mean"],
                        region["ev_musd"]["mean"],
                        region["tag"],
                    ]
                    for region in one["full"]["regions"]
                }
                for one in document["interventions"]
                if one["status"] == EffectStatus.DONE
            },
            "minutes": [
                [one["crossing"], one["direction"], one["index_change"], one["ev_musd"], one["wait_minutes"]]
                for one in stations
            ],
        },
    )
