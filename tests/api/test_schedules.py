"""Schedules over the API: written with their recipients, conflicts told, files fetched."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from planner.models import Delivery, ReportFile, Schedule
from planner.services.occurrences import forget_files, occurrence_make
from regions.access import Role, grant
from tests.factories.runs import finished_run

pytestmark = pytest.mark.django_db
LIST = reverse("schedule-list")


@pytest.fixture
def client(client, case):
    user = User.objects.create_user("paula", password="x")
    grant(user, case, Role.PLANNER)
    client.force_login(user)
    return client


def send(client, method, address, body=None, **headers):
    return getattr(client, method)(address, body or {}, content_type="application/json", headers=headers)


def test_from_schedule_to_file(client, case, monkeypatch):
    monkeypatch.setattr("planner.tasks.enqueue_report", lambda occurrence: None)
    finished_run(case, slugs=["exporters"])
    body = {
        "case": case.name, "name": "Monthly", "cron": "0 6 L * *", "time_zone": "America/Toronto",
        "formats": ["csv"], "languages": ["en"], "recipients": [{"kind": "folder", "address": "monthly"}],
    }  # fmt: skip
    answer = send(client, "post", LIST, body)
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert made["run_as"] == "paula"
    assert made["next_due_at"]
    assert made["recipients"][0]["address"] == "monthly"
    one = answer.headers["Location"]
    etag = client.get(one).headers["ETag"]
    assert send(client, "patch", one, {"paused": True}).status_code == 428
    changed = send(client, "patch", one, {"recipients": [], "paused": True}, **{"If-Match": etag})
    assert (changed.status_code, changed.json()["recipients"], changed.json()["next_due_at"]) == (200, [], None)
    assert send(client, "patch", one, {"name": "Late"}, **{"If-Match": etag}).status_code == 412

    fired = send(client, "post", f"{one}fire/")
    assert fired.status_code == 202
    occurrence_make(fired.json()["id"])
    report = client.get(fired.headers["Location"]).json()
    (file,) = report["files"]
    stored = ReportFile.objects.get()
    assert (report["state"], file["sha256"]) == ("made", stored.sha256)
    assert client.get(file["url"]).content == bytes(stored.content)
    forget_files(stored.expires_at)
    assert client.get(fired.headers["Location"]).json()["files"][0]["url"] is None
    assert client.get(file["url"]).status_code == 404
    assert client.get(file["url"].split("?")[0]).status_code == 400


def test_faults_are_named_and_nothing_is_kept(client, case):
    body = {"case": case.name, "name": "Bad", "cron": "0 6 31 2 *", "recipients": []}
    answer = send(client, "post", LIST, body)
    assert answer.status_code == 400
    assert "never comes" in str(answer.json())
    body |= {"cron": "0 6 * * *", "recipients": [{"kind": "webhook", "address": "https://10.0.0.1/"}]}
    answer = send(client, "post", LIST, body)
    assert answer.status_code == 400
    assert "REPORT_WEBHOOK_DOMAINS" in str(answer.json())
    assert not Schedule.objects.exists()
    assert send(client, "post", LIST, body | {"recipients": [{"kind": "fax", "address": "1"}]}).status_code == 400
    twice = body | {"recipients": []}
    assert send(client, "post", LIST, twice).status_code == 201
    assert send(client, "post", LIST, twice).status_code == 400


def test_only_what_was_given_up_is_sent_again(client, case, monkeypatch):
    monkeypatch.setattr("planner.tasks.enqueue_deliveries", lambda deliveries: None)
    schedule = Schedule.objects.create(case=case, name="x", run_as=User.objects.get(), cron="0 7 * * *")
    occurrence = schedule.occurrences.create(due_at="2026-05-01T07:00Z")
    delivery = Delivery.objects.create(occurrence=occurrence, kind="folder", address="x", state="dead")
    address = reverse("delivery-resend", args=[delivery.pk])
    assert send(client, "post", address).json()["state"] == "waiting"
    assert send(client, "post", address).status_code == 409
