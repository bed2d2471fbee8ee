"""Health and metrics: what is asked, who may ask, and what is said when a part is missing."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from planner.config import health
from planner.config.embedded import WORKER_THREAD
from planner.services import run_start
from tests.factories.plans import import_plans
from tests.factories.runs import FEW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch):
    monkeypatch.setattr(health, "_kept", None)


@pytest.fixture
def beat():
    every, _ = IntervalSchedule.objects.get_or_create(every=60, period="seconds")
    return PeriodicTask.objects.create(
        name="sweep-runs", task="planner.sweep_runs", interval=every, last_run_at=timezone.now()
    )


@pytest.fixture
def worker(settings, monkeypatch):
    """One that answers, whichever broker the tests have."""
    monkeypatch.setitem(health.CHECKS, "worker", lambda: None)


def test_live_asks_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get(reverse("health-live")).content == b"ok\n"


def test_ready(client, beat, worker):
    answer = client.get(reverse("health-ready"))
    assert (answer.status_code, answer.json()["ready"]) == (200, True), answer.json()


def test_a_late_schedule(client, beat, worker):
    PeriodicTask.objects.update(last_run_at=timezone.now() - timedelta(minutes=30))
    answer = client.get(reverse("health-ready"))
    assert answer.status_code == 503
    assert "nothing for 18" in answer.json()["beat"]["detail"]
    assert answer.json()["database"]["ok"]


def test_a_missing_database(client, beat, worker, monkeypatch):
    def away():
        raise OperationalError("connection to host 10.0.0.7 refused for user planner")

    monkeypatch.setitem(health.CHECKS, "database", away)
    monkeypatch.setattr(health, "check_database", away)
    for name in ("health", "health-ready"):
        answer = client.get(reverse(name))
        assert answer.status_code == 503
        assert b"10.0.0.7" not in answer.content


@pytest.mark.embedded_only
def test_the_embedded_worker_is_a_thread(client, beat):
    assert client.get(reverse("health-ready")).json()["worker"]["detail"] == "no worker in this process"
    health._kept = None
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name=WORKER_THREAD)
    thread.start()
    try:
        assert client.get(reverse("health-ready")).status_code == 200
    finally:
        end.set()
        thread.join()


def test_the_answer_is_kept_for_a_moment(client, beat, monkeypatch):
    asked = []
    monkeypatch.setitem(health.CHECKS, "worker", lambda: asked.append(1))
    for _ in range(3):
        client.get(reverse("health-ready"))
    assert len(asked) == 1


class TestMetrics:
    def test_who_may_read(self, client, settings):
        address = reverse("metrics")
        assert client.get(address).status_code == 401
        assert client.get(address, headers={"authorization": "Bearer "}).status_code == 401, "no token is set"
        settings.METRICS_TOKEN = "a token for tests"
        assert client.get(address, headers={"authorization": "Bearer another"}).status_code == 401
        assert client.get(address, headers={"authorization": "Bearer a token for tests"}).status_code == 200
        client.force_login(User.objects.create_user("staff", is_staff=True))
        assert client.get(address).status_code == 401

    def test_rows_and_requests(self, client, tmp_path, settings, beat):
        settings.METRICS_TOKEN = "a token for tests"
        run_start(import_plans(tmp_path / "small-2023"), slugs=["exporters", "tariff"], settings=FEW)
        client.get("/api/v1/cases/")
        text = client.get(reverse("metrics"), headers={"authorization": "Bearer a token for tests"}).content.decode()
        values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        assert float(values['planner_run_parts{state="pending"}']) == 2
        assert float(values['planner_runs{state="done"}']) == 0
        assert float(values['planner_http_requests_total{method="GET",status="401",view="case-list"}']) >= 1
        assert 0 <= float(values["planner_schedule_age_seconds"]) < 60
        assert float(values["planner_oldest_waiting_seconds"]) >= 0
