"""Schedules in the admin: written, paused, fired; files and secrets for those who may see them."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from planner.models import Alert, Delivery, Occurrence, ReportFile, Schedule
from planner.services.alerts import raise_alert
from planner.services.occurrences import occurrence_make
from planner.services.outlets import webhook_secret
from regions.access import Role, grant
from tests.factories.runs import finished_run

pytestmark = pytest.mark.django_db
ADD = reverse("admin:planner_schedule_add")


def form(case, *recipients, **changes) -> dict:
    """What the page posts."""
    fields = {
        "case": case.pk, "name": "Weekly", "time_zone": "America/Toronto", "cron": "0 7 * * mon", "every": "",
        "period": "", "starts_at_0": "", "starts_at_1": "", "source": "latest", "scenario": "", "formats": ["csv", "html"],
        "languages": ["en", "fr"], "skip_unchanged": "on", "keep_days": 30, "link_days": 7, "alert_email": "",
        "link_sign_in": "on", "recipients-TOTAL_FORMS": len(recipients), "recipients-INITIAL_FORMS": 0,
    }  # fmt: skip
    for number, recipient in enumerate(recipients):
        fields |= {f"recipients-{number}-{name}": value for name, value in recipient.items()}
    return fields | changes


@pytest.fixture
def planner(client, case) -> User:
    user = User.objects.create_user("paula", email="paula@bank.example", password="x", is_staff=True)
    grant(user, case, Role.PLANNER)
    client.force_login(user)
    return user


def test_a_planner_writes_a_schedule_that_runs_as_themselves(client, case, planner, settings):
    settings.REPORT_WEBHOOK_DOMAINS = ["hooks.example"]
    page = client.get(ADD)
    assert page.status_code == 200
    assert b'name="run_as"' not in page.content
    other = User.objects.create_superuser("root", password="x")
    webhook = {"kind": "webhook", "address": "https://hooks.example/x", "formats": ["csv"], "language": "fr"}
    answer = client.post(ADD, form(case, webhook, run_as=other.pk))
    assert answer.status_code == 302, answer.context["errors"]
    schedule = Schedule.objects.get()
    assert (schedule.run_as, schedule.languages, schedule.formats) == (planner, ["en", "fr"], ["csv", "html"])
    (recipient,) = schedule.recipients.all()
    change = client.get(reverse("admin:planner_schedule_change", args=[schedule.pk])).content.decode()
    assert webhook_secret(recipient) in change
    viewer = User.objects.create_user("vera", password="x", is_staff=True)
    grant(viewer, case, Role.VIEWER)
    client.force_login(viewer)
    seen = client.get(reverse("admin:planner_schedule_change", args=[schedule.pk]))
    assert seen.status_code == 200
    assert webhook_secret(recipient) not in seen.content.decode()


def test_faults_stand_at_their_fields_and_nothing_is_saved(client, case, planner):
    mail = {"kind": "email", "address": "x@elsewhere.example"}
    page = client.post(ADD, form(case, mail, cron="0 7 * *")).content.decode()
    assert "expected five" in page
    assert "REPORT_EMAIL_DOMAINS" in page
    assert not Schedule.objects.exists()


def test_fire_pause_and_go_on(client, case, planner, monkeypatch):
    monkeypatch.setattr("planner.tasks.enqueue_report", lambda occurrence: None)
    finished_run(case, slugs=["exporters"])
    client.post(ADD, form(case, {"kind": "folder", "address": "weekly"}))
    schedule = Schedule.objects.get()
    listed = reverse("admin:planner_schedule_changelist")

    def act(action: str) -> None:
        answer = client.post(listed, {"action": action, "_selected_action": [schedule.pk]})
        assert answer.status_code == 302

    act("fire")
    occurrence = Occurrence.objects.get()
    assert occurrence.manual
    occurrence_make(occurrence.pk)
    act("pause")
    assert Schedule.objects.get().paused
    act("go_on")
    assert not Schedule.objects.get().paused

    page = client.get(reverse("admin:planner_occurrence_change", args=[occurrence.pk]))
    assert page.status_code == 200
    file = ReportFile.objects.get(format="html", language="fr")
    address = reverse("admin:planner_occurrence_file", args=[occurrence.pk, file.pk])
    assert address in page.content.decode()
    answer = client.get(address)
    assert answer.content == bytes(file.content)
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    client.force_login(User.objects.create_user("stranger", password="x", is_staff=True))
    assert client.get(address).status_code == 403
    assert client.post(listed, {"action": "fire", "_selected_action": [schedule.pk]}).status_code == 403


def test_dead_deliveries_are_sent_again_and_alerts_are_seen(client, case, planner, monkeypatch):
    monkeypatch.setattr("planner.tasks.enqueue_deliveries", lambda deliveries: None)
    finished_run(case, slugs=["exporters"])
    client.post(ADD, form(case, {"kind": "folder", "address": "weekly"}))
    occurrence = Occurrence.objects.create(schedule=Schedule.objects.get(), due_at="2026-05-01T09:00Z")
    occurrence_make(occurrence.pk)
    delivery = Delivery.objects.get()
    Delivery.objects.update(state="dead", next_attempt_at=None)
    raise_alert(occurrence, "undelivered", "gone")
    listed = reverse("admin:planner_delivery_changelist")
    client.post(listed, {"action": "send_again", "_selected_action": [delivery.pk]})
    delivery.refresh_from_db()
    assert delivery.state == "waiting"
    assert client.get(reverse("admin:planner_delivery_change", args=[delivery.pk])).status_code == 200
    alerts = reverse("admin:planner_alert_changelist")
    assert b"gone" in client.get(alerts).content
    client.post(alerts, {"action": "seen", "_selected_action": [Alert.objects.get().pk]})
    assert Alert.objects.get().seen_by == planner
