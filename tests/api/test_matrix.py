"""Every address of the API and every page of a run, for each role, on the own and on a foreign case."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import NoReverseMatch, reverse

from planner.api.urls import urlpatterns
from planner.models import Intervention, ReportFile, Run
from regions.access import Role, grant
from regions.models import Case

pytestmark = pytest.mark.django_db

ROLES = [None, *Role]
RUN_PAGES = (
    ("progress", []),
    ("ranking", []),
    ("why", ["tariff"]),
    *(
        (page, [])
        for page in ("quadrant", "diagnosis", "sensitivity", "portfolio", "minutes", "map", "map_data", "draws")
    ),
    ("passport", ["ev_musd", "tariff"]),
    ("report", ["json"]),
    ("review", []),
    ("cancel", []),
    ("retry", []),
)
POSTED = ("review", "cancel", "retry")


def names_of_lists() -> list[str]:
    """The names of all lists that the API has."""

    def walk(patterns):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns)
            elif pattern.name and pattern.name.endswith("-list"):
                yield pattern.name.removesuffix("-list")

    return sorted(set(walk(urlpatterns)))


def person(case: Case, role: Role | None) -> User:
    user = User.objects.create_user("somebody", password="x", is_staff=True)
    if role:
        grant(user, case, role)
    return user


def keys(client, name) -> dict[str, set]:
    """Keys of the rows by case, as an administrator sees them."""
    found: dict[str, set] = {"small-2023": set(), "foreign": set()}
    for row in client.get(reverse(f"{name}-list"), {"page_size": 1000}).json()["results"]:
        run = Run.objects.select_related("case").get(pk=row["run"]) if "run" in row else None
        case = run.case.name if run else row["name"] if name == "case" else row["case"]
        found[case].add(row["name"] if name == "case" else row["run"] if name == "report" else row["id"])
    return found


@pytest.mark.parametrize("role", ROLES)
def test_reading(client, admin_client, cases, role):
    names = names_of_lists()
    assert len(names) >= 15
    client.force_login(person(cases["own"], role))
    for name in names:
        every = keys(admin_client, name)
        assert every["foreign"], f"nothing to leak in {name}"
        seen = keys(client, name)
        assert seen == {"small-2023": every["small-2023"] if role else set(), "foreign": set()}, name
        for case, status in (("small-2023", 200 if role else 404), ("foreign", 404)):
            key = min(every[case])
            assert client.get(reverse(f"{name}-detail", args=[key])).status_code == status, (name, case)
            for kind in ("csv", "xlsx"):
                try:
                    content = client.get(reverse(f"{name}-list"), {"format": kind}).content
                except NoReverseMatch:
                    continue
                assert b"foreign" not in content


@pytest.mark.parametrize("role", ROLES)
def test_pages_below_a_run_and_a_ranking(client, cases, role):
    client.force_login(person(cases["own"], role))
    for name, case in cases.items():
        run = case.runs.get()
        seen = 200 if role and name == "own" else 404
        addresses = [reverse(f"run-{page}", args=[run.pk]) for page in ("report", "parts", "events")]
        addresses += [reverse("ranking-rows", args=[ranking.pk]) for ranking in run.rankings.all()]
        addresses += [f"{addresses[0]}?format={kind}" for kind in ("csv", "html")]
        file = ReportFile.objects.get(occurrence__run=run)
        addresses.append(f"{reverse('scheduled-report-file', args=[file.occurrence_id])}?file={file.pk}")
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == seen, address
            if answer.streaming:
                assert b"finished" in b"".join(answer.streaming_content)


@pytest.mark.parametrize("role", ROLES)
def test_writing(client, cases, role, monkeypatch):
    monkeypatch.setattr("planner.tasks.enqueue_run", lambda run: None)
    monkeypatch.setattr("planner.tasks.enqueue_report", lambda occurrence: None)
    monkeypatch.setattr("planner.tasks.enqueue_deliveries", lambda deliveries: None)
    client.force_login(person(cases["own"], role))
    plans, approves = bool(role and role >= Role.PLANNER), role == Role.APPROVER

    def send(method, address, body=None):
        headers = {"If-Match": "*"}
        return getattr(client, method)(
            address, body or {}, content_type="application/json", headers=headers
        ).status_code

    for name, case in cases.items():
        own = name == "own"
        run, row = case.runs.get(), case.interventions.get(slug="visitors")
        start = send("post", reverse("run-list"), {"case": case.name, "interventions": ["tariff"], "draws": 5})
        assert start == (202 if own and plans else 400 if plans else 403), "a foreign case is no case one could name"
        new = {"case": case.name, "slug": "new", "name": "New", "kind": "digital"}
        assert send("post", reverse("intervention-list"), new) == (201 if own and plans else 400 if plans else 403)
        hidden = 404 if plans else 403
        one = reverse("intervention-detail", args=[row.pk])
        assert send("patch", one, {"name": "Changed"}) == (200 if own and plans else hidden)
        assert send("delete", one) == (204 if own and plans else hidden)
        cancel = send("post", reverse("run-cancel", args=[run.pk]))
        assert cancel == (409 if own and plans else hidden)
        review = send("post", reverse("run-review", args=[run.pk]), {"step": "approved"})
        assert review == (200 if own and approves else 404 if approves else 403)
        schedule = case.schedules.get()
        occurrence = schedule.occurrences.get()
        weekly = {"case": case.name, "name": "new", "cron": "0 7 * * *"}
        made = send("post", reverse("schedule-list"), weekly)
        assert made == (201 if own and plans else 400 if plans else 403)
        assert send("post", reverse("schedule-fire", args=[schedule.pk])) == (202 if own and plans else hidden)
        for action, row in (("delivery-resend", occurrence.deliveries.get()), ("alert-seen", occurrence.alerts.get())):
            assert send("post", reverse(action, args=[row.pk])) == (200 if own and plans else hidden), action
        assert send("patch", reverse("schedule-detail", args=[schedule.pk]), {"paused": True}) == (
            200 if own and plans else hidden
        )
        assert send("delete", reverse("schedule-detail", args=[schedule.pk])) == (204 if own and plans else hidden)
    foreign = cases["foreign"]
    assert foreign.runs.count() == 1
    assert not Intervention.objects.filter(case=foreign, slug="new").exists()
    assert foreign.interventions.get(slug="visitors").name == "Cross-border festival"
    assert foreign.runs.get().review == "draft"
    schedule = foreign.schedules.get()
    assert (schedule.paused, schedule.occurrences.count()) == (False, 1)
    assert schedule.occurrences.get().deliveries.get().state == "dead"
    assert schedule.alerts.get().seen_at is None


@pytest.mark.parametrize("role", ROLES)
def test_admin_pages_of_a_run(client, cases, role):
    client.force_login(person(cases["own"], role))
    for name, case in cases.items():
        run = case.runs.get()
        for page, arguments in RUN_PAGES:
            address = reverse(f"admin:planner_run_{page}", args=[run.pk, *arguments])
            answer = client.post(address) if page in POSTED else client.get(address)
            if role is None or name == "foreign" or page == "review":
                assert answer.status_code == 403, (page, name)
            elif page in ("cancel", "retry"):
                assert answer.status_code == (403 if role < Role.PLANNER else 302)
            else:
                assert answer.status_code == 200
        planner = role is not None and role >= Role.PLANNER
        start = client.get(reverse("admin:planner_run_start"), {"case": case.pk})
        assert start.status_code == (200 if planner and name == "own" else 403)
        inputs = client.get(reverse("admin:planner_run_inputs"), {"runs": run.pk})
        assert inputs.json() == ({str(run.pk): {"state": "same", "label": "as they are now", "details": []}}
                                 if role and name == "own" else {})  # fmt: skip
        for model in (
            "run",
            "effect",
            "ranking",
            "rankingrow",
            "runpart",
            "intervention",
            "scenario",
            "parameterset",
            "schedule",
            "occurrence",
            "delivery",
            "alert",
        ):
            listed = client.get(reverse(f"admin:planner_{model}_changelist"))
            assert listed.status_code == (200 if role else 403), model
            assert not re.search(r"\bforeign\b", listed.content.decode()), model


@pytest.mark.parametrize("name", names_of_lists())
def test_strangers(client, name):
    for address in (reverse(f"{name}-list"), reverse(f"{name}-detail", args=["1"])):
        assert client.get(address).status_code == 401
