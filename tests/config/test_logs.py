"""The log: JSON with ids in production, and no secret in it, in errors, in pages or in metrics."""

import io
import json
import logging
import logging.config
import uuid

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from planner import tasks
from planner.celery import app
from planner.config import health
from planner.config.logs import HIDDEN, known_secrets, log_settings, without_secrets
from planner.models import ApiToken
from planner.services import run_estimate_part, run_start
from tests.factories.runs import FEW

PLANTED = {
    "SECRET_KEY": 'planted "key" with quotes',
    "METRICS_TOKEN": "planted-metrics-token",
    "EMAIL_HOST_PASSWORD": "planted-mail-word",
    "DATABASE_URL": "postgis://planner:planted%2Fdatabase@db/planner",
    "BROKER_URL": "redis://:planted-broker@broker/0",
}
WORDS = [
    'planted "key" with quotes',
    "planted-metrics-token",
    "planted-mail-word",
    "planted/database",
    "planted-broker",
]


@pytest.fixture
def planted(monkeypatch):
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def lines(planted):
    """The production log as a list of documents that grows."""
    stream = io.StringIO()
    settings = log_settings("json", "INFO")
    settings["handlers"]["console"]["stream"] = stream
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    logging.config.dictConfig(settings)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = kept, level


def test_secrets_are_those_of_the_environment_and_of_addresses():
    found = known_secrets(PLANTED | {"PATH": "/usr/bin", "API_KEY": "short"})
    assert set(WORDS) <= found
    assert not {"/usr/bin", "short", "db"} & found
    assert without_secrets("redis://user:other-word@host/0", set()) == f"redis://{HIDDEN}@host/0"


def test_a_planted_secret_stands_in_no_log(lines):
    log = logging.getLogger("anything")
    for word in WORDS:
        log.info("told %s", word)
        log.info("beside", extra={"given": {"inside": word}})
        try:
            raise RuntimeError(f"could not use {word}")
        except RuntimeError:
            log.exception("a fault")
    log.warning("Authorization: Bearer abcdefgh12345678 and btp_0123abcd_%s", "x" * 43)
    text = json.dumps(lines())
    assert len(lines()) == 3 * len(WORDS) + 1
    for word in [*WORDS, json.dumps(WORDS[0])[1:-1], "abcdefgh12345678", "x" * 43]:
        assert word not in text.replace('\\\\"', '"'), word
    assert text.count(HIDDEN) >= 3 * len(WORDS)


@pytest.mark.django_db
def test_a_planted_secret_stands_in_no_page(client, lines, planted, settings, monkeypatch):
    """Errors, problem documents, health, metrics and the API's description, with broken servers behind them."""
    settings.SECRET_KEY, settings.METRICS_TOKEN = PLANTED["SECRET_KEY"], PLANTED["METRICS_TOKEN"]
    root = User.objects.create_superuser("root")

    def broken(*_, **__):
        raise RuntimeError(f"cannot reach {PLANTED['DATABASE_URL']} with {WORDS}")

    monkeypatch.setattr(health, "_kept", None)
    monkeypatch.setitem(health.CHECKS, "database", broken)
    monkeypatch.setattr("planner.api.plans.InterventionViewSet.get_queryset", broken)
    monkeypatch.setattr("planner.config.urls.admin.site.each_context", broken)
    client.force_login(root)
    client.raise_request_exception = False
    addresses = [reverse("health-ready"), reverse("metrics"), reverse("schema"), "/api/v1/interventions/"]
    answers = [client.get(address) for address in [*addresses, "/admin/", "/nowhere/"]]
    assert [answer.status_code for answer in answers] == [503, 200, 200, 500, 500, 404]
    said = "".join(answer.content.decode() + str(answer.headers) for answer in answers)
    for word in [*WORDS, "planted%2Fdatabase"]:
        assert word not in said
        assert word not in json.dumps(lines())
    faults = [line for line in lines() if "exception" in line]
    assert len(faults) == 2, "the fault itself is in the log, for those who run the server"
    assert all(HIDDEN in line["exception"] for line in faults)


@pytest.mark.django_db
def test_a_token_stands_nowhere_but_in_its_answer(client, lines):
    user = User.objects.create_user("somebody")
    token = ApiToken(user=user, name="t", scopes=["read"], expires_at=timezone.now() + timezone.timedelta(hours=1))
    text = token.issue()
    token.save()
    answer = client.get("/api/v1/cases/", {"token": text}, headers={"authorization": f"Bearer {text}"})
    assert answer.status_code == 400, "a parameter that is not known"
    assert text not in json.dumps(lines())


@pytest.mark.django_db
class TestIds:
    def test_a_request_has_an_id_in_log_and_answer(self, client, lines):
        given = uuid.uuid4().hex
        answer = client.get("/healthz/live?password=typed", headers={"x-request-id": given})
        assert answer.headers["X-Request-ID"] == given
        (line,) = [line for line in lines() if line["event"] == "request"]
        assert (line["request_id"], line["path"], line["status"], line["view"]) == (
            given, "/healthz/live", 200, "health-live",
        )  # fmt: skip
        assert "typed" not in json.dumps(line)

    def test_a_query_is_logged_with_no_fault(self, client, lines):
        assert client.get("/api/v1/runs/?password=typed").status_code == 401
        assert any(line["event"].startswith("Unauthorized") for line in lines())
        assert "typed" not in json.dumps(lines())

    @pytest.mark.parametrize("spoiled", ["", "short", "x" * 65, "with space 123", 'quote"12345678'])
    def test_a_spoiled_id_is_replaced(self, client, spoiled):
        made = client.get("/healthz/live", headers={"x-request-id": spoiled}).headers["X-Request-ID"]
        assert made != spoiled
        assert len(made) == 32

    def test_a_task_logs_run_part_and_request(self, tmp_path, lines, monkeypatch):
        from tests.factories.plans import import_plans

        run = run_start(import_plans(tmp_path / "small-2023"), slugs=["exporters"], settings=FEW).run
        part = run.parts.get()

        def spoken(part_id):
            logging.getLogger("planner.services").info("computing")
            return run_estimate_part(part_id)

        monkeypatch.setattr(tasks, "run_estimate_part", spoken)
        monkeypatch.setitem(app.conf, "task_always_eager", True)
        tasks.estimate_part.apply(args=[part.pk, run.pk], headers={"request_id": "r" * 8})
        (inside,) = [line for line in lines() if line["event"] == "computing"]
        (ended,) = [line for line in lines() if line["event"] == "task ended"]
        for line in (inside, ended):
            assert (line["run_id"], line["part_id"], line["task"]) == (run.pk, part.pk, "planner.estimate_part")
            assert line["task_id"]
        assert ended["state"] == "SUCCESS"
        logging.getLogger("after").info("afterwards")
        assert "task_id" not in lines()[-1]
