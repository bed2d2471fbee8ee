"""What containers ask: does the web answer, does the schedule send."""

import datetime
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from planner.config import healthcheck


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.headers["Host"] == "planner.example" and self.path == "/healthz" else 400)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def web(monkeypatch):
    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("PORT", str(server.server_port))
    yield monkeypatch
    server.shutdown()
    thread.join()
    server.server_close()


def test_web_is_asked_by_its_public_name(web, capsys):
    web.setenv("ALLOWED_HOSTS", "planner.example,other.example")
    assert healthcheck.main(["web"]) == 0
    web.setenv("ALLOWED_HOSTS", "other.example")
    assert healthcheck.main(["web"]) == 1
    assert "answer 400" in capsys.readouterr().err


def test_no_web(monkeypatch, capsys):
    monkeypatch.setenv("PORT", "1")
    assert healthcheck.main(["web"]) == 1
    assert "no answer" in capsys.readouterr().err


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "code"), [(None, 1), (1, 0), (30, 1)])
def test_the_schedule_has_sent_lately(minutes, code):
    every, _ = IntervalSchedule.objects.get_or_create(every=60, period="seconds")
    PeriodicTask.objects.update_or_create(
        name="sweep-runs",
        defaults={
            "task": "planner.sweep_runs",
            "interval": every,
            "last_run_at": None if minutes is None else timezone.now() - datetime.timedelta(minutes=minutes),
        },
    )
    assert healthcheck.main(["beat"]) == code


def test_unknown_part(capsys):
    assert healthcheck.main(["database"]) == 2
    assert "expected one of web, beat" in capsys.readouterr().err
