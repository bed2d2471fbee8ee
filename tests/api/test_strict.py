"""A name that no body knows is refused in words, and nothing is done."""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from planner.models import Intervention, Run, Schedule
from regions.access import Role, grant
from regions.models import ImportBatch

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(client, cases):
    user = User.objects.create_user("approver")
    grant(user, cases["own"], Role.APPROVER)
    client.force_login(user)
    return client


def post(api, address, body, **options):
    return api.post(address, body, content_type="application/json", **options)


def pointers(answer) -> list[str]:
    assert answer.status_code == 400, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    return [error["pointer"] for error in answer.json()["errors"]]


def test_bodies(api, cases, monkeypatch):
    monkeypatch.setattr("planner.tasks.enqueue_run", lambda run: None)
    name = cases["own"].name
    intervention = {"case": name, "slug": "new", "name": "New", "kind": "digital"}
    for address, good, wrong, pointer in (
        ("run-list", {"case": name, "draws": 5}, {"interventon": ["tariff"]}, "#/interventon"),
        ("intervention-list", intervention, {"start~year/": 2030}, "#/start~0year~1"),
        ("intervention-list", intervention, {"costs": [{"year": 2026, "amount": 4}]}, "#/costs/0/amount"),
        ("intervention-list", intervention, {"channels": [{"x\x00": 4}]}, "#/channels/0/x?"),
        ("schedule-list", {"case": name, "name": "n", "cron": "0 7 * * *"}, {"pause": True}, "#/pause"),
    ):
        assert pointer in pointers(post(api, reverse(address), good | wrong)), address
    assert (Run.objects.count(), Schedule.objects.count()) == (2, 2)
    assert not Intervention.objects.filter(slug="new").exists()


def test_all_faults_at_once_with_the_names_that_there_are(api):
    answer = post(api, reverse("run-list"), {"drawz": 5, "seed": -1})
    assert set(pointers(answer)) == {"#/drawz", "#/seed", "#/case"}
    (words,) = [error["detail"] for error in answer.json()["errors"] if error["pointer"] == "#/drawz"]
    assert words.startswith("unknown field; expected one of case, ")
    assert "draws" in words


def test_what_was_read_can_be_sent_back(api, cases):
    for address, row in (
        ("intervention-detail", cases["own"].interventions.get(slug="tariff")),
        ("schedule-detail", cases["own"].schedules.get()),
    ):
        place = reverse(address, args=[row.pk])
        seen = api.get(place)
        back = api.put(place, seen.json(), content_type="application/json", headers={"If-Match": seen.headers["ETag"]})
        assert back.status_code == 200, back.content
        moving = ("version", "updated_at", "run_as")
        assert {k: v for k, v in back.json().items() if k not in moving} == {
            k: v for k, v in seen.json().items() if k not in moving
        }


def test_actions_without_a_body(api, cases):
    case = cases["own"]
    run, occurrence = case.runs.get(), case.schedules.get().occurrences.get()
    for action, row in (
        ("run-cancel", run),
        ("schedule-fire", occurrence.schedule),
        ("delivery-resend", occurrence.deliveries.get()),
        ("alert-seen", occurrence.alerts.get()),
        ("import-undo", ImportBatch.objects.filter(case=case).first()),
    ):
        assert pointers(post(api, reverse(action, args=[row.pk]), {"force": True})) == ["#/force"], action
    assert occurrence.deliveries.get().state == "dead"
    assert pointers(post(api, reverse("run-review", args=[run.pk]), {"step": "approved", "by": "me"})) == ["#/by"]
    assert Run.objects.get(pk=run.pk).review == "draft"


def test_uploads(api, cases):
    file = SimpleUploadedFile("tariffs.csv", b"x")
    before = ImportBatch.objects.count()
    body = {"kind": "tariffs", "case": cases["own"].name, "files": [file], "dryrun": "true"}
    assert pointers(api.post(reverse("import-list"), body)) == ["#/dryrun"]
    assert ImportBatch.objects.count() == before


def test_the_description_says_so(api):
    schemas = api.get("/api/schema/?format=json").json()["components"]["schemas"]
    bodies = {name: schema for name, schema in schemas.items() if name.endswith("Request") and "properties" in schema}
    assert len(bodies) >= 8
    assert all(schema["additionalProperties"] is False for schema in bodies.values())
    assert {"id", "version", "updated_at"} <= set(bodies["InterventionRequest"]["properties"])
