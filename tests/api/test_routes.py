"""Every route of the project by every method, for each role, on the own and on a foreign case.

A route without an entry in ROUTES fails `test_every_route_has_an_entry`: whoever adds one says from which role on it may
be used. Whatever the entry says, nothing of a foreign case is shown or changed.
"""

import hashlib
import re
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Concat
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from planner.api import events
from planner.models import ReportFile, RunAnalysis
from regions.access import Role, case_path, grant
from regions.models import Case, Region

pytestmark = pytest.mark.django_db

# From which role on a case a route may be used; the first two need no case.
ANYBODY, SIGNED_IN, VIEWER, PLANNER, APPROVER, ADMINISTRATOR = range(6)
LEVELS = {"anonymous": ANYBODY, "none": SIGNED_IN, "viewer": VIEWER, "planner": PLANNER, "approver": APPROVER}
READ = {"get": VIEWER}
LISTED = {"get": SIGNED_IN}

FACTS = (
    "case",
    "economy",
    "region",
    "crossing",
    "sector",
    "sector-flow",
    "crossing-flow",
    "delay",
    "hourly-wait",
    "crossing-attribute",
)
RESULTS = (
    "effect",
    "ranking",
    "report",
    "analysis",
    "diagnosis",
    "minute-value",
    "portfolio",
    "parameter-set",
    "scenario",
)
KEPT = ("scheduled-report", "delivery", "alert")
WRITTEN = {"get": VIEWER, "put": PLANNER, "patch": PLANNER, "delete": PLANNER}
# Lists show what the reader may see and answer with an empty page otherwise: signed in is enough.
ROUTES: dict[str, dict[str, int]] = {
    **{f"{name}-list": LISTED for name in (*FACTS, *RESULTS, *KEPT)},
    **{f"{name}-detail": READ for name in (*FACTS, *RESULTS, *KEPT, "run", "import")},
    **{f"{name}-list": {"get": SIGNED_IN, "post": PLANNER} for name in ("intervention", "run", "schedule", "import")},
    **{f"{name}-detail": WRITTEN for name in ("intervention", "schedule")},
    "index": LISTED,
    "effect-outcomes": READ,
    "ranking-rows": READ,
    "minute-value-rows": READ,
    "import-formats": LISTED,
    "import-undo": {"post": PLANNER},
    "run-cancel": {"post": PLANNER},
    "run-review": {"post": APPROVER},
    **{f"run-{name}": READ for name in ("parts", "events", "report")},
    "schedule-fire": {"post": PLANNER},
    "scheduled-report-file": READ,
    "delivery-resend": {"post": PLANNER},
    "alert-seen": {"post": PLANNER},
    "case-quality": READ,
    "features": LISTED,
    "features-conformance": LISTED,
    "features-collections": LISTED,
    **{f"features-{name}": READ for name in ("collection", "items", "item")},
    "schema": LISTED,
    "docs": LISTED,
    "health": {"get": ANYBODY},
    "health-live": {"get": ANYBODY},
    "health-ready": {"get": ANYBODY},
    "metrics": {"get": ADMINISTRATOR},
    "home": {"get": ANYBODY},
    "icon": {"get": ANYBODY},
    # A signed link that expires is its own key.
    "report-file": {"get": ANYBODY},
    "admin:index": LISTED,
    "admin:login": {"get": ANYBODY, "post": ANYBODY},
    "admin:logout": {"post": ANYBODY},
    "admin:password_change": {"get": SIGNED_IN, "post": SIGNED_IN},
    "admin:password_change_done": LISTED,
    "admin:jsi18n": LISTED,
    "admin:desk_help": LISTED,
    "admin:desk_latest_map": LISTED,
    **{f"admin:desk_{name}": READ for name in ("map", "layer", "outline")},
    "admin:case_quality": READ,
    "set_language": {"post": ANYBODY},
    "admin:desk_compare": LISTED,
    # Nothing is named here: what may be compared is looked at where the runs are.
    "admin:desk_compare_file": {"get": ADMINISTRATOR},
    "comparison": LISTED,
    "admin:desk_diagnosis": LISTED,
    # Of imports that wait for a word of the person who sent them: there is none here.
    **{f"admin:planner_importjob_{name}": {"post": ADMINISTRATOR} for name in ("check", "discard", "load")},
    "admin:planner_importjob_progress": {"get": ADMINISTRATOR},
    "admin:regions_importbatch_undo": {"post": PLANNER},
    "admin:planner_run_start": {"get": PLANNER, "post": PLANNER},
    "admin:planner_run_inputs": LISTED,
    **{f"admin:planner_run_{name}": {"post": PLANNER} for name in ("retry", "cancel")},
    "admin:planner_run_review": {"post": APPROVER},
    **{
        f"admin:planner_run_{name}": READ
        for name in ("progress", "ranking", "draws", "quadrant", "map", "map_data", "passport", "why", "report")
    },
    **{f"admin:planner_run_{name}": READ for name in ("diagnosis", "minutes", "portfolio", "sensitivity")},
    "admin:planner_intervention_targets": READ,
    "admin:planner_intervention_look": {"post": PLANNER},
    "admin:planner_intervention_copy": {"post": PLANNER},
    "admin:planner_occurrence_file": READ,
}
# Django's own pages of the registered models keep to the model's permissions, which regions/admin/base.py holds; here
# only what they show and change of a foreign case is looked at.
PAGES = ("changelist", "add", "change", "delete", "history", "simple_history")
GENERIC = {
    f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}" for model in admin.site._registry for page in PAGES
} | {"admin:?", "admin:autocomplete", "admin:app_list", "admin:view_on_site", "admin:auth_user_password_change"}
MARK = "Hiddenmark"


def routes() -> dict[str, URLPattern]:
    """All routes by name; a name that the project uses twice counts once."""

    def walk(patterns, space=""):
        for one in patterns:
            if hasattr(one, "url_patterns"):
                yield from walk(one.url_patterns, f"{space}{one.namespace}:" if one.namespace else space)
            else:
                yield space + (one.name or ("icon" if "favicon" in str(one.pattern) else "?")), one

    return dict(walk(get_resolver().url_patterns))


ALL = routes()


def methods(pattern: URLPattern) -> list[str]:
    """The methods of an API view; for pages those that browsers send."""
    actions = getattr(pattern.callback, "actions", None)
    return sorted(set(actions) - {"head", "options"}) if actions else ["get", "post"]


def test_every_route_has_an_entry():
    known = {name for name in ALL if name not in GENERIC}
    assert known == set(ROUTES), "say in ROUTES from which role on the route may be used"
    for name in known:
        actions = getattr(ALL[name].callback, "actions", None)
        if actions:
            assert set(ROUTES[name]) == set(methods(ALL[name])), name


# --- Addresses --------------------------------------------------------------------------------------------------------


def rows_of(model: Any, case: Case) -> Any:
    """The rows of a case; all of a model that belongs to none."""
    path = case_path(model)
    return (
        model._default_manager.filter(**{path or "pk": case.pk}) if path is not None else model._default_manager.all()
    )


def value(name: str, group: str, case: Case) -> Any:
    """What stands for one group of a route's address."""
    view = getattr(ALL[name].callback, "cls", None)
    if view is not None and group in (
        view.lookup_url_kwarg or view.lookup_field if hasattr(view, "lookup_field") else "",
        "pk",
    ):
        rows = rows_of(view.queryset.model, case)
        kind = getattr(view, "kind", "")
        row = rows.filter(kind=kind).first() if kind else rows.order_by("pk").first()
        return getattr(row, view.lookup_field) if row else 10**9
    run = case.runs.get()
    file = ReportFile.objects.filter(occurrence__schedule__case=case).first()
    model = re.fullmatch(r"admin:(django_celery_beat|[a-z]+)_([a-z]+)_\w+", name)
    fixed = {
        "case_id": case.pk,
        "name": case.name,
        "run_id": run.pk,
        "ranking": run.rankings.first().pk,
        "region_id": Region.objects.filter(case=case).first().pk,
        "collection": f"{case.name}.regions",
        "feature_id": Region.objects.filter(case=case).first().pk,
        "occurrence_id": file.occurrence_id,
        "file_id": file.pk,
        "intervention": "tariff",
        "layer": "regions",
        "kind": "json",
        "measure": "ev_musd",
        "subject": "tariff",
        "token": "no-such-token",
        "app_label": "planner",
        "id": User.objects.get(username="somebody-else").pk,
    }
    if group in ("object_id", "pk") and model:
        row = rows_of(apps.get_model(*model.groups()), case).order_by("pk").first()
        return row.pk if row else 10**9
    return fixed[group]


def groups_of(name: str) -> list[str]:
    """The groups of the route's address."""
    pattern = ALL[name].pattern
    return list(pattern.converters) or list(pattern.regex.groupindex)


def address(name: str, case: Case) -> str:
    """The route's address for the case."""
    groups = groups_of(name)
    if name == "icon":
        return "/favicon.ico"
    prefix = {"admin:planner_run_start": f"?case={case.pk}", "admin:planner_run_inputs": f"?runs={case.runs.get().pk}"}
    prefix["admin:planner_intervention_targets"] = f"?case={case.pk}&field=crossing"
    prefix["scheduled-report-file"] = f"?file={ReportFile.objects.get(occurrence__schedule__case=case).pk}"
    return reverse(name, kwargs={group: value(name, group, case) for group in groups}) + prefix.get(name, "")


def changelist(name: str, case: Case) -> str | None:
    """The address of one of Django's own pages; None for those that cannot be asked for by themselves."""
    if name in ("admin:?", "admin:view_on_site", "admin:autocomplete"):
        return None
    if name.endswith("_simple_history"):
        model = apps.get_model(*re.fullmatch(r"admin:(\w+?)_([a-z]+)_simple_history", name).groups())
        row = rows_of(model, case).order_by("pk").first()
        past = model.history.filter(id=row.pk).first() if row else None
        return reverse(name, args=[row.pk, past.pk]) if past else None
    return address(name, case)


# --- The test ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def marked(cases, monkeypatch):
    """The foreign case has a mark in every name and title, so that nothing of it can be shown without being seen."""
    User.objects.create_user("somebody-else")
    foreign = cases["foreign"]
    for model in apps.get_models():
        if model._meta.app_label not in ("regions", "planner") or case_path(model) is None or model is Case:
            continue
        for field in model._meta.fields:
            if field.name in ("name", "title", "label") and isinstance(field, CharField) and not field.choices:
                rows_of(model, foreign).update(**{field.name: Concat(F(field.name), Value(MARK))})
    Case.objects.filter(pk=foreign.pk).update(title=MARK, description=MARK)
    for analysis in RunAnalysis.objects.filter(run__case=foreign):
        analysis.document["mark"] = MARK
        analysis.save()
    foreign.refresh_from_db()
    for name in ("enqueue_run", "enqueue_report", "enqueue_deliveries"):
        monkeypatch.setattr(f"planner.tasks.{name}", lambda *_: None)
    monkeypatch.setattr(events, "LONGEST_SECONDS", 0)
    return cases


def plain(one: Any) -> Any:
    """A value whose text says all of it."""
    return one.ewkt if hasattr(one, "ewkt") else bytes(one) if isinstance(one, memoryview) else one


def state_of(case: Case) -> str:
    """A digest of every row of the case, of history and of the log."""
    digest = hashlib.sha256()
    for model in apps.get_models():
        if model._meta.app_label in ("regions", "planner") and case_path(model) is not None:
            for row in rows_of(model, case).order_by("pk").values_list():
                digest.update(repr((model.__name__, [plain(one) for one in row])).encode())
    digest.update(repr(list(LogEntry.objects.order_by("pk").values_list())).encode())
    return digest.hexdigest()


def send(client: Client, method: str, target: str, api: bool) -> Any:
    """One request; what it writes is taken back, so that the next finds what this one found."""
    options: dict[str, Any] = {"headers": {"if-match": "*"}}
    data: Any = {"step": "approved"} if target.endswith("/review/") else {}
    if method == "post" and not api:
        options = {}
    elif method != "get":
        options["content_type"] = "application/json"
    if method in ("post", "put", "patch") and api and target.startswith("/api/v1/imports/") and "undo" not in target:
        options.pop("content_type")
    with transaction.atomic():
        answer = getattr(client, method)(target, data, **options)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer, content


def refused(answer: Any) -> bool:
    """Whether the reader was kept out."""
    if answer.status_code in (401, 403, 404):
        return True
    return answer.status_code == 302 and "/login/" in answer.headers["Location"]


@pytest.mark.parametrize("role", LEVELS)
def test_roles(marked, role):
    own, foreign = marked["own"], marked["foreign"]
    client = Client(raise_request_exception=False)
    if role != "anonymous":
        user = User.objects.create_user("somebody", is_staff=True)
        if LEVELS[role] >= VIEWER:
            grant(user, own, Role[role.upper()])
        client.force_login(user)
    signed_in = {name: morsel.value for name, morsel in client.cookies.items()}
    before = state_of(foreign)
    wrong = []
    for name, pattern in ALL.items():
        generic = name in GENERIC
        if generic and role not in ("viewer", "approver"):
            continue
        api = getattr(pattern.callback, "actions", None) is not None
        for case in (own, foreign):
            target = changelist(name, case) if generic else address(name, case)
            if target is None or (generic and case is own):
                continue
            for method in methods(pattern) if generic else ROUTES.get(name, ()):
                client.cookies = SimpleCookie(signed_in)
                answer, content = send(client, method, target, api)
                said = f"{method} {name} of the {'own' if case is own else 'foreign'} case: {answer.status_code}"
                if answer.status_code >= 500 and name != "health-ready":
                    wrong.append(said)
                if MARK.encode() in content:
                    wrong.append(f"{said} shows what is foreign")
                if generic:
                    continue
                needed = ROUTES[name][method]
                listed = "?" not in target and not groups_of(name)
                may = LEVELS[role] >= needed and (case is own or needed <= SIGNED_IN or listed)
                if name == "report-file":
                    may = False
                if refused(answer) == may:
                    wrong.append(f"{said}, expected it to be {'let in' if may else 'kept out'}")
    assert state_of(foreign) == before, "something of the foreign case was changed"
    assert not wrong, "\n".join(wrong)


def test_the_digest_sees_a_change(marked):
    """The comparison above can fail, and only then does."""
    before = state_of(marked["foreign"])
    assert state_of(marked["foreign"]) == before
    marked["foreign"].interventions.filter(slug="tariff").update(notes="x")
    assert state_of(marked["foreign"]) != before
