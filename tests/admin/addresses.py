"""Every page of the admin for the tests that visit them all, taken from the address table itself, and why some are left out."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.test import RequestFactory
from django.urls import get_resolver, reverse

KINDS = ("changelist", "add", "change", "history", "simple_history", "delete")
# These pages have one template for all models; each is visited for the models that have most to show.
OF_ONE_TEMPLATE = {
    "delete": ("planner_intervention", "regions_crossing"),
    "history": ("planner_intervention", "planner_parameterset", "regions_crossing", "auth_user"),
    "simple_history": ("planner_intervention", "planner_parameterset", "regions_crossing"),
}
# A form to add something is that of a row, which is visited; these have more to them.
ADD_FORMS = (
    "auth_user", "planner_importjob", "planner_intervention", "planner_schedule", "regions_crossing", "regions_region",
)  # fmt: skip
LEFT_OUT = {
    "logout": "takes a POST; the page after it is the sign-in page",
    "autocomplete": "answers JSON",
    "jsi18n": "a script",
    "view_on_site": "leads elsewhere; no model has such an address",
    "desk_latest_map": "leads to the map of the case at hand, which is visited",
    "desk_diagnosis": "leads to the diagnosis of a run, which is visited",
    "desk_compare_file": "a file",
    "desk_layer": "answers JSON",
    "desk_outline": "answers JSON",
    "regions_importbatch_undo": "takes a POST and leads back",
    "planner_importjob_progress": "answers JSON",
    "planner_importjob_check": "takes a POST and leads back",
    "planner_importjob_load": "takes a POST and leads back",
    "planner_importjob_discard": "takes a POST and leads back",
    "planner_intervention_targets": "answers JSON",
    "planner_intervention_copy": "takes a POST and leads to the copy",
    "planner_run_inputs": "answers JSON",
    "planner_run_retry": "takes a POST and leads back",
    "planner_run_progress": "answers JSON",
    "planner_run_cancel": "takes a POST and leads back",
    "planner_run_review": "takes a POST and leads back",
    "planner_run_draws": "answers JSON",
    "planner_run_map_data": "answers JSON",
    "planner_run_report": "the report, a document of its own with tests of its own",
    "planner_occurrence_file": "the report, a document of its own with tests of its own",
}


def admin_names() -> set[str]:
    """Names of all addresses below /admin/."""

    def walk(resolver: Any, path: str = "") -> Iterator[tuple[str, str]]:
        for one in resolver.url_patterns:
            if hasattr(one, "url_patterns"):
                yield from walk(one, path + str(one.pattern))
            elif one.name:
                yield path + str(one.pattern), one.name

    return {name for path, name in walk(get_resolver()) if path.startswith("admin/")}


def own_pages(run: Any) -> dict[str, str]:
    """Pages that are not a model's list, form or history."""
    case, row = run.case, run.case.interventions.get(slug="visitors")
    tabs = ("ranking", "quadrant", "diagnosis", "sensitivity", "portfolio", "minutes", "map")
    return {
        "index": reverse("admin:index"),
        "app_list": reverse("admin:app_list", args=["planner"]),
        "password_change": reverse("admin:password_change"),
        "password_change_done": reverse("admin:password_change_done"),
        "auth_user_password_change": reverse("admin:auth_user_password_change", args=[run.requested_by_id]),
        "case_quality": reverse("admin:case_quality", args=[case.name]),
        "desk_help": reverse("admin:desk_help"),
        "desk_map": reverse("admin:desk_map", args=[case.pk]),
        "desk_compare": f"{reverse('admin:desk_compare')}?run={run.pk}",
        "planner_intervention_look": reverse("admin:planner_intervention_look", args=[row.pk]),
        "planner_run_start": f"{reverse('admin:planner_run_start')}?case={case.pk}",
        **{f"planner_run_{tab}": reverse(f"admin:planner_run_{tab}", args=[run.pk]) for tab in tabs},
        "planner_run_passport": reverse("admin:planner_run_passport", args=[run.pk, "ev_musd", "visitors"]),
        "planner_run_why": reverse("admin:planner_run_why", args=[run.pk, "visitors"]),
    }


def model_pages(user: Any) -> dict[str, str]:
    """Lists and forms of all models as this person may open them, with a row where there is one."""
    request = RequestFactory().get("/admin/")
    request.user = user
    pages: dict[str, str] = {}
    for model, page in admin.site._registry.items():
        stem = f"{model._meta.app_label}_{model._meta.model_name}"
        pages[f"{stem}_changelist"] = reverse(f"admin:{stem}_changelist")
        row = model._default_manager.first()
        if page.has_add_permission(request) and (row is None or stem in ADD_FORMS):
            pages[f"{stem}_add"] = reverse(f"admin:{stem}_add")
        if row is None:
            continue
        pages[f"{stem}_change"] = reverse(f"admin:{stem}_change", args=[row.pk])
        for kind, stems in OF_ONE_TEMPLATE.items():
            if stem in stems and kind != "simple_history":
                pages[f"{stem}_{kind}"] = reverse(f"admin:{stem}_{kind}", args=[row.pk])
        if stem in OF_ONE_TEMPLATE["simple_history"]:
            version = row.history.first()
            pages[f"{stem}_simple_history"] = reverse(f"admin:{stem}_simple_history", args=[row.pk, version.pk])
    return pages


def reason(name: str, pages: dict[str, str]) -> str:
    """Why a page is not visited; empty where nothing excuses it."""
    stem, _, kind = name.rpartition("_")
    if name.endswith("_simple_history"):
        stem, kind = name.removesuffix("_simple_history"), "simple_history"
    if name in LEFT_OUT:
        return LEFT_OUT[name]
    if kind in OF_ONE_TEMPLATE and stem not in OF_ONE_TEMPLATE[kind]:
        return "one template for all models, visited for others"
    if kind == "add" and f"{stem}_change" in pages:
        return "the form of a row, which is visited"
    if kind == "add" and f"{stem}_changelist" in pages:
        return "nobody may add one"
    return ""
