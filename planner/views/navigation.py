"""Navigation in the order of the work: data, diagnosis, interventions, estimate, compare, report; then administration.

A new model or page finds its place by one line in STEPS; models named in no step stand under the last one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regions.access import Role, request_access


@dataclass(frozen=True)
class Page:
    """A page of our own: the name of its address, and the role that it asks for on some case."""

    name: Any
    url_name: str
    role: Role = Role.VIEWER
    # Other addresses that belong to this page, by the beginning of their names.
    below: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One step of the work with its pages and lists ("app.model")."""

    key: str
    name: Any
    hint: Any
    pages: tuple[Page, ...] = ()
    models: tuple[str, ...] = ()
    numbered: bool = True


STEPS = (
    Step(
        "data",
        _("Data"),
        _("Places, crossings, trade and waits; where they come from and how good they are."),
        pages=(
            Page(_("Import data"), "admin:planner_importjob_add", Role.PLANNER),
            Page(_("Map"), "admin:desk_latest_map", below=("desk_map",)),
        ),
        models=(
            "planner.importjob",
            "regions.case",
            "regions.region",
            "regions.crossing",
            "regions.delay",
            "regions.sectorflow",
            "regions.crossingflow",
            "regions.importbatch",
            "regions.economy",
            "regions.sector",
            "regions.crossingattribute",
            "regions.crossingmode",
            "regions.waitcell",
            "regions.mirrorflow",
            "regions.tariff",
            "regions.inputoutputshare",
            "regions.valueaddedshare",
            "regions.importchange",
            "regions.transborderflow",
            "regions.borderentrycount",
        ),
    ),
    Step(
        "diagnosis",
        _("Diagnosis"),
        _("Why there is an imbalance, before anything is done about it."),
        pages=(
            Page(
                _("Diagnosis of the latest run"),
                "admin:desk_diagnosis",
                below=("planner_run_diagnosis",),
            ),
        ),
        models=("planner.runanalysis", "planner.snapshot"),
    ),
    Step(
        "interventions",
        _("Interventions"),
        _("What could be done, what it would cost and what is known about it."),
        models=("planner.intervention", "planner.channel", "planner.cost"),
    ),
    Step(
        "estimate",
        _("Estimate"),
        _("Start runs, follow them, see what failed."),
        pages=(Page(_("Estimate effects"), "admin:planner_run_start", Role.PLANNER),),
        models=("planner.run", "planner.scenario", "planner.parameterset", "planner.parameter", "planner.runpart"),
    ),
    Step(
        "compare",
        _("Compare"),
        _("What can be told apart, what lowers welfare, what changes between scenarios."),
        pages=(
            Page(
                _("Compare runs"),
                "admin:desk_compare",
                below=(
                    "planner_run_ranking",
                    "planner_run_quadrant",
                    "planner_run_passport",
                    "planner_run_why",
                    "planner_run_map",
                    "planner_run_sensitivity",
                    "planner_run_portfolio",
                    "planner_run_minutes",
                ),
            ),
        ),
        models=("planner.ranking", "planner.rankingrow", "planner.effect"),
    ),
    Step(
        "report",
        _("Report"),
        _("Reports and who gets them, by themselves."),
        models=(
            "planner.schedule",
            "planner.occurrence",
            "planner.delivery",
            "planner.alert",
        ),
    ),
    Step(
        "more",
        _("More"),
        _("Help, people and settings."),
        pages=(Page(_("Help and glossary"), "admin:desk_help"),),
        numbered=False,
    ),
)


@dataclass
class Link:
    """A link of a menu."""

    name: Any
    address: str
    current: bool


@dataclass
class Shown:
    """A step as the header shows it to one person."""

    key: str
    name: Any
    hint: Any
    number: int | None
    pages: list[Link] = field(default_factory=list)
    lists: list[Link] = field(default_factory=list)
    current: bool = False


def work_steps(request: HttpRequest, apps: Iterable[Mapping[str, Any]]) -> list[Shown]:
    """The steps with what this person may open; a step with nothing to open is left out."""
    here = getattr(request.resolver_match, "url_name", "") or ""
    lists = {
        f"{app['app_label']}.{model['object_name'].lower()}": model
        for app in apps
        for model in app["models"]
        if model.get("admin_url")
    }
    named = {name for step in STEPS for name in step.models}
    access = request_access(request)
    shown = []
    for position, step in enumerate(STEPS, start=1):
        names = [*step.models, *(name for name in lists if name not in named)] if step is STEPS[-1] else step.models
        one = Shown(step.key, step.name, step.hint, position if step.numbered else None)
        for page in step.pages:
            if access.anywhere(page.role):
                current = here == page.url_name.removeprefix("admin:") or (
                    bool(page.below) and here.startswith(page.below)
                )
                one.pages.append(Link(page.name, reverse(page.url_name), current))
        for name in names:
            if name in lists:
                current = here.startswith(f"{name.replace('.', '_')}_")
                one.lists.append(Link(lists[name]["name"], lists[name]["admin_url"], current))
        one.current = any(link.current for link in (*one.pages, *one.lists))
        if one.pages or one.lists:
            shown.append(one)
    return one_current(shown)


def one_current(steps: list[Shown]) -> list[Shown]:
    """A page of our own says more about where one is than the list below which its address hangs."""
    chosen = next((step for step in steps if any(page.current for page in step.pages)), None)
    if chosen is not None:
        for step in steps:
            step.current = step is chosen
    return steps
