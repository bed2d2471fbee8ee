"""Two to four runs side by side: first what was put in differently, then what came out differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from planner.models import Run
from planner.models.scenario import SETTING_FIELDS
from planner.models.vocabulary import RunState
from planner.reports.comparison import NotComparable
from planner.reports.comparison_writers import COMPARISON_FORMATS, comparison_file
from planner.reports.numbers import format_range
from planner.selectors import run_context, runs_compared
from planner.views.report_files import file_response
from regions.access import request_access

LEAST, MOST = 2, 4
OFFERED = 40
PARAMETER_FIELDS = ("low", "central", "high")


def compare_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Choose runs, or see those that were chosen."""
    rows = seen_runs(request)
    runs = asked_runs(request, rows)
    wanted = [run.pk for run in runs]
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Compare runs"),
        "offered": list(rows.order_by("-pk")[:OFFERED]),
        "wanted": wanted,
        "least": LEAST,
        "most": MOST,
        "file_kinds": COMPARISON_FORMATS,
    }
    if LEAST <= len(runs) <= MOST:
        context |= compared(runs)
    elif wanted:
        context["problem"] = _("Choose two to four runs.")
    return TemplateResponse(request, "admin/desk/compare.html", context)


def compare_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The comparison as a file, in the language of the page."""
    runs = asked_runs(request, seen_runs(request))
    if kind not in COMPARISON_FORMATS:
        raise Http404
    try:
        content = comparison_file(runs_compared(runs), kind, get_language() or settings.LANGUAGE_CODE)
    except NotComparable as error:
        raise Http404 from error
    return file_response(f"comparison-{'-'.join(str(run.pk) for run in runs)}.{kind}", kind, content)


def seen_runs(request: HttpRequest) -> QuerySet[Run]:
    """Finished runs of the user's cases."""
    rows = Run.objects.filter(state=RunState.DONE).select_related("case", "scenario", "snapshot")
    return request_access(request).limit(rows)


def asked_runs(request: HttpRequest, rows: QuerySet[Run]) -> list[Run]:
    """The runs of the address, in its order; 404 where one is not seen."""
    asked = request.GET.getlist("run")
    if any(not one.isascii() or not one.isdecimal() or len(one) > 12 for one in asked):
        raise Http404
    wanted = list(dict.fromkeys(int(one) for one in asked))
    found = {run.pk: run for run in rows.filter(pk__in=wanted)} if wanted else {}
    if len(found) < len(wanted):
        raise Http404
    return [found[pk] for pk in wanted]


def compared(runs: Sequence[Run]) -> dict[str, Any]:
    """Differences of inputs, then of outcomes."""
    documents = [run_context(run) for run in runs]
    chosen, parameters, interventions = setting_rows(runs), parameter_rows(runs), intervention_rows(runs)
    return {
        "runs": runs,
        "settings": chosen,
        "nothing_differs": not (parameters or interventions or any(differs for _name, _values, differs in chosen)),
        "facts_differ": len({run.snapshot_id for run in runs}) > 1,
        "cases_differ": len({run.case_id for run in runs}) > 1,
        "parameters": parameters,
        "interventions": interventions,
        "headline": [
            (_("Headline imbalance before"), [(one["baseline"]["index"], "index") for one in documents]),
            (_("Imputed share of the baseline"), [(one["baseline"]["imputed_share"], "share") for one in documents]),
            (_("Interventions ranked"), [(len(one["ranking"]["rows"]), "count") for one in documents]),
        ],
        "outcomes": outcome_rows(documents),
    }


def setting_rows(runs: Sequence[Run]) -> list[tuple[str, list[str], bool]]:
    """Settings in words, and whether they differ."""
    rows = []
    for name in (*SETTING_FIELDS, "engine_version"):
        field = Run._meta.get_field(name)
        show = [
            str(getattr(run, f"get_{name}_display", lambda run=run, name=name: getattr(run, name))()) for run in runs
        ]
        rows.append((str(getattr(field, "verbose_name", name)), show, len(set(show)) > 1))
    names = [str(run.scenario or "–") for run in runs]
    return [(_("scenario"), names, len(set(names)) > 1), *rows]


def parameter_rows(runs: Sequence[Run]) -> list[tuple[str, list[str]]]:
    """Parameters that are not the same everywhere."""
    tables = [{(row["key"], row.get("sector") or ""): row for row in run.parameters} for run in runs]
    rows = []
    for key, sector in sorted({key for table in tables for key in table}):
        texts = [value_text(table.get((key, sector))) for table in tables]
        if len(set(texts)) > 1:
            rows.append((f"{key} {sector}".strip(), texts))
    return rows


def value_text(row: Mapping[str, Any] | None) -> str:
    """Low, central and high of a parameter."""
    return "–" if row is None else " / ".join(f"{row[name]:g}" for name in PARAMETER_FIELDS)


def intervention_rows(runs: Sequence[Run]) -> list[tuple[str, list[str]]]:
    """Interventions that are in some of the runs only, or not the same in all."""
    tables = [{row["id"]: row for row in run.interventions} for run in runs]
    rows = []
    for identifier in sorted({one for table in tables for one in table}):
        present = [table.get(identifier) for table in tables]
        if all(one == present[0] for one in present):
            continue
        first = next(one for one in present if one is not None)
        texts = [
            _("not there") if one is None else (_("as in the first") if one == first else _("changed"))
            for one in present
        ]
        rows.append((first["name"], texts))
    return rows


def outcome_rows(documents: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """By intervention and run: rank with its interval, change of the index, welfare; those whose rank moves most first."""
    names: dict[str, str] = {}
    cells: dict[str, list[dict[str, Any] | None]] = {}
    for number, document in enumerate(documents):
        ranks = {row["intervention"]: row for row in document["ranking"]["rows"]}
        for one in document["interventions"]:
            names.setdefault(one["id"], one["name"])
            row = ranks.get(one["id"])
            entry = cells.setdefault(one["id"], [None] * len(documents))
            if row is not None:
                entry[number] = {
                    "rank": row["rank"],
                    "range": format_range(row["rank_low"], row["rank_high"]),
                    "tie": row["tie_group"],
                    "low": row["rank_low"],
                    "high": row["rank_high"],
                    "index": one["full"]["index_change"],
                    "welfare": one["full"]["ev_musd"],
                }
    rows = [{"name": names[key], "cells": entry, **movement(entry)} for key, entry in cells.items()]
    return sorted(rows, key=lambda row: (-row["moved"], row["name"]))


def movement(entry: Sequence[dict[str, Any] | None]) -> dict[str, Any]:
    """How far the rank moves, whether its intervals still touch, and whether a sign turns."""
    there = [one for one in entry if one is not None]
    if len(there) < LEAST:
        return {"moved": 0, "apart": False, "turned": False}
    ranks = [one["rank"] for one in there]
    return {
        "moved": max(ranks) - min(ranks),
        "apart": max(one["low"] for one in there) > min(one["high"] for one in there),
        "turned": len({one["index"]["mean"] > 0 for one in there}) > 1,
    }
