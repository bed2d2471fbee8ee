"""Runs over REST: started once, followed, cancelled, approved; tokens, events and reports."""

import json
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from planner import tasks
from planner.api import events, runs
from planner.models import ApiToken, IdempotencyKey, Run
from planner.services import run_estimate_part, run_finish, run_start
from regions.access import Role, grant
from tests.factories.runs import FEW, finished_run

pytestmark = pytest.mark.django_db

START = {"case": "small-2023", "interventions": ["exporters", "tariff"], "draws": 20, "seed": 3}


@pytest.fixture
def sent(monkeypatch) -> list[Run]:
    """The runs whose messages were sent; no broker takes part here."""
    sent: list[Run] = []
    monkeypatch.setattr(runs.tasks, "enqueue_run", sent.append)
    return sent


@pytest.fixture
def user(case) -> User:
    user = User.objects.create_user("planner", password="a password for tests")
    grant(user, case, Role.PLANNER)
    return user


@pytest.fixture
def api(client, user):
    client.force_login(user)
    return client


def post(client, name, body=None, *arguments, **headers):
    return client.post(reverse(name, args=arguments), body or {}, content_type="application/json", headers=headers)


class TestStart:
    def test_accepted_with_its_address(self, api, user, sent):
        answer = post(api, "run-list", START)
        run = Run.objects.get()
        assert (answer.status_code, answer.json()["id"]) == (202, run.pk)
        assert api.get(answer.headers["Location"]).json()["state"] == "pending"
        assert (run.requested_by, run.draws, run.seed, sent) == (user, 20, 3, [run])
        assert [part.intervention for part in run.parts.all()] == ["exporters", "tariff"]

    def test_the_same_request_is_the_same_run(self, api, sent):
        assert post(api, "run-list", START).json()["id"] == post(api, "run-list", START).json()["id"]
        assert len(sent) == 1

    def test_a_key_gives_the_first_answer_again_even_after_the_end(self, api, sent):
        first = post(api, "run-list", START, **{"Idempotency-Key": "mine"})
        run = Run.objects.get()
        for part in run.parts.all():
            run_estimate_part(part.pk)
        assert run_finish(run.pk)
        again = post(api, "run-list", START, **{"Idempotency-Key": "mine"})
        assert (again.status_code, again.json(), again.headers["Location"]) == (
            202, first.json(), first.headers["Location"],
        )  # fmt: skip
        assert again.headers["Idempotency-Replayed"] == "true"
        assert (Run.objects.count(), len(sent)) == (1, 1)
        assert post(api, "run-list", START).json()["id"] != run.pk, "without the key it is a new run"

    def test_a_key_stands_for_one_request(self, api, sent):
        post(api, "run-list", START, **{"Idempotency-Key": "mine"})
        assert post(api, "run-list", START | {"seed": 4}, **{"Idempotency-Key": "mine"}).status_code == 422
        assert post(api, "run-list", START, **{"Idempotency-Key": "k" * 256}).status_code == 400

    def test_a_key_belongs_to_its_user(self, api, client, case, sent):
        post(api, "run-list", START, **{"Idempotency-Key": "mine"})
        other = User.objects.create_user("other")
        grant(other, case, Role.PLANNER)
        client.force_login(other)
        answer = post(client, "run-list", START | {"seed": 9}, **{"Idempotency-Key": "mine"})
        assert (answer.status_code, Run.objects.count()) == (202, 2)

    def test_a_refusal_keeps_no_answer(self, api, case, sent):
        case.interventions.get(slug="tariff").channels.update(low=0, central=0, high=0)
        refused = post(api, "run-list", START, **{"Idempotency-Key": "mine"})
        assert refused.status_code == 422
        assert "no model input changes" in refused.json()["errors"][0]["detail"]
        assert not IdempotencyKey.objects.exists()
        case.interventions.get(slug="tariff").channels.update(low=0.1, central=0.1, high=0.1)
        assert post(api, "run-list", START, **{"Idempotency-Key": "mine"}).status_code == 202

    def test_all_unknown_ids_are_named(self, api, sent):
        answer = post(api, "run-list", START | {"interventions": ["lost", "tariff", "gone"]})
        assert answer.status_code == 422
        assert len(answer.json()["errors"]) == 2

    def test_a_broker_that_is_down_delays_and_loses_nothing(self, api, monkeypatch, django_capture_on_commit_callbacks):
        def down(*_):
            raise OperationalError("no broker")

        monkeypatch.setattr(tasks.estimate_part, "delay", down)
        with django_capture_on_commit_callbacks(execute=True):
            assert post(api, "run-list", START).status_code == 202
        assert not Run.objects.get().parts.exclude(queued_at=None).exists(), "the next sweep sends them"


class TestFollow:
    def test_cancel_once(self, api, case):
        run = run_start(case, settings=FEW).run
        answer = post(api, "run-cancel", None, run.pk)
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
        assert post(api, "run-cancel", None, run.pk).status_code == 409

    def test_parts_tell_why_they_failed(self, api, case):
        run = run_start(case, settings=FEW).run
        run.parts.filter(intervention="tariff").update(state="failed", error="no equilibrium")
        rows = api.get(reverse("run-parts", args=[run.pk])).json()
        assert [row["error"] for row in rows if row["intervention"] == "tariff"] == ["no equilibrium"]

    def test_events_until_the_end(self, api, case, monkeypatch):
        run = run_start(case, slugs=["exporters", "tariff"], settings=FEW).run
        work = [*run.parts.values_list("pk", flat=True)]

        def meanwhile(_):
            if work:
                run_estimate_part(work.pop(0))
            else:
                run_finish(run.pk)

        monkeypatch.setattr(events.time, "sleep", meanwhile)
        answer = api.get(reverse("run-events", args=[run.pk]), headers={"accept": "text/event-stream"})
        assert answer.headers["Content-Type"] == "text/event-stream"
        text = b"".join(answer.streaming_content).decode()
        blocks = [block.split("\n") for block in text.split("\n\n") if block.startswith("event")]
        names = [block[0].removeprefix("event: ") for block in blocks]
        counts = [json.loads(block[1].removeprefix("data: "))["done"] for block in blocks]
        assert (names, counts) == (["progress", "progress", "progress", "finished"], [0, 1, 2, 2])

    def test_events_end_with_the_access(self, api, user, case, monkeypatch):
        run = run_start(case, settings=FEW).run
        monkeypatch.setattr(events.time, "sleep", lambda _: user.groups.clear())
        answer = api.get(reverse("run-events", args=[run.pk]))
        assert b"".join(answer.streaming_content).count(b"event:") == 1

    def test_streams_leave_room_for_other_requests(self, api, case, monkeypatch):
        run = run_start(case, settings=FEW).run
        monkeypatch.setattr(events, "LONGEST_SECONDS", 0)
        for _ in range(2):
            open_streams = [api.get(reverse("run-events", args=[run.pk])) for _ in range(2)]
            full = api.get(reverse("run-events", args=[run.pk]))
            assert (full.status_code, full.headers["Retry-After"]) == (503, "5")
            for stream in open_streams:
                # To its end, which gives its place back.
                assert b"event: progress" in b"".join(stream.streaming_content)

    def test_review(self, client, case):
        run = finished_run(case)
        approver = User.objects.create_user("approver")
        grant(approver, case, Role.APPROVER)
        client.force_login(approver)
        assert post(client, "run-review", {"step": "frozen"}, run.pk).status_code == 409
        assert post(client, "run-review", {"step": "approved"}, run.pk).json()["review"] == "approved"
        assert post(client, "run-review", {"step": "lost"}, run.pk).status_code == 400


class TestResults:
    def test_every_format_of_the_report(self, api, case):
        run = finished_run(case)
        (report,) = api.get(reverse("report-list")).json()["results"]
        assert {"html", "json", "csv"} <= {file["format"] for file in report["files"]}
        for file in report["files"]:
            answer = api.get(file["url"])
            assert answer.status_code == 200, file
            assert answer.headers["Content-Type"].split(";")[0] == file["media_type"]
            assert f'small-2023-run-{run.pk}.{file["format"]}"' in answer.headers["Content-Disposition"]
            assert len(answer.content) > 500
        html = {code: api.get(f"/api/v1/runs/{run.pk}/report/?format=html&language={code}") for code in ("en", "fr")}
        assert [answer.status_code for answer in html.values()] == [200, 200]
        assert 'lang="fr"' in html["fr"].content.decode()
        assert html["fr"].content != html["en"].content
        assert api.get(f"/api/v1/runs/{run.pk}/report/?language=xx").status_code == 400

    def test_ranking_rows(self, api, case, django_assert_num_queries):
        run = finished_run(case)
        rows = reverse("ranking-rows", args=[run.rankings.get(criterion="imbalance").pk])
        assert [row["rank"] for row in api.get(rows, {"ordering": "-rank", "page_size": 2}).json()["results"]] == [4, 3]
        assert len(api.get(rows, {"rank_max": 2}).json()["results"]) == 2
        text = api.get(rows, {"format": "csv"}).content.decode().splitlines()
        assert text[0].startswith("rank,intervention,score_mean")
        assert len(text) == 5
        places = {one["id"]: one["geometry"] for one in api.get(rows, {"format": "geojson"}).json()["features"]}
        assert places["more-booths"] == {"type": "MultiPoint", "coordinates": [[-83.05, 42.3]]}
        assert places["exporters"] is None
        assert api.get(reverse("ranking-rows", args=[10**9])).status_code == 404


def token(user, *scopes, life=timedelta(days=1)) -> dict[str, str]:
    row = ApiToken(user=user, name="t", scopes=list(scopes), expires_at=timezone.now() + life)
    text = row.issue()
    row.save()
    return {"authorization": f"Bearer {text}"}


class TestTokens:
    def test_scopes_limit_the_roles(self, client, user, case, sent):
        for scope, status in (("read", 403), ("plan", 202)):
            headers = token(user, scope)
            assert client.get(reverse("run-list"), headers=headers).status_code == 200
            assert post(client, "run-list", START, **headers).status_code == status
        run = finished_run(case)
        assert post(client, "run-review", {"step": "approved"}, run.pk, **token(user, "approve")).status_code == 403, (
            "a scope gives no role that its owner lacks"
        )

    def test_the_log_names_the_way_and_not_the_secret(self, client, user, sent):
        headers = token(user, "plan")
        body = {"case": "small-2023", "slug": "new", "name": "New", "kind": "digital"}
        assert post(client, "intervention-list", body, **headers).status_code == 201
        entry = LogEntry.objects.get()
        assert entry.change_message == f"by the API, token {ApiToken.objects.get().prefix}"

    @pytest.mark.parametrize("spoil", ["expired", "revoked", "inactive", "unknown", "empty", "not ascii"])
    def test_what_does_not_count(self, client, user, spoil):
        headers = token(user, "read", life=timedelta(seconds=-1 if spoil == "expired" else 60))
        if spoil == "revoked":
            ApiToken.objects.update(revoked_at=timezone.now())
        elif spoil == "inactive":
            User.objects.update(is_active=False)
        elif spoil != "expired":
            headers = {
                "authorization": {"unknown": "Bearer btp_x_y", "empty": "Bearer", "not ascii": "Bearer \xe9"}[spoil]
            }
        answer = client.get(reverse("run-list"), headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'

    def test_the_last_use_is_kept(self, client, user):
        client.get(reverse("run-list"), headers=token(user, "read"))
        assert ApiToken.objects.get().last_used_at is not None
