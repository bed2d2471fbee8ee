"""Every fault of the API is a problem document, wherever it comes from."""

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from rest_framework.throttling import UserRateThrottle

from planner.api import plans

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(case) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root"))
    return client


def check(answer, status):
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert {"type", "title", "detail", "instance"} <= set(problem)
    assert "{" not in problem["title"]
    return problem


def test_faults(root):
    check(Client().get("/api/v1/cases/"), 401)
    check(root.get("/api/v1/no-such-thing/"), 404)
    check(root.get("/api/v1/cases/no-such-case/"), 404)
    check(root.delete("/api/v1/cases/small-2023/"), 405)
    check(root.get("/api/v1/cases/", headers={"accept": "image/png"}), 406)
    check(root.get("/api/v1/cases/?format=nonsense"), 406)
    check(root.get("/api/v1/cases/?year=old&format=csv"), 400)
    check(root.post("/api/v1/runs/", b"<run/>", content_type="application/xml"), 415)
    check(root.post("/api/v1/runs/", b"{", content_type="application/json"), 400)
    check(root.post("/api/v1/runs/", b"[]", content_type="application/json"), 400)
    nested = b"[" * 100_000 + b"]" * 100_000
    assert "nested" in check(root.post("/api/v1/runs/", nested, content_type="application/json"), 400)["detail"]
    problem = check(root.post("/api/v1/runs/", {"draws": 0}, content_type="application/json"), 400)
    assert {error["pointer"] for error in problem["errors"]} == {"#/case", "#/draws"}


def test_a_fault_of_ours_tells_nothing(root, monkeypatch):
    def broken(*_):
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(plans.InterventionViewSet, "get_queryset", broken)
    answer = root.get("/api/v1/interventions/")
    check(answer, 500)
    assert b"secret" not in answer.content


def test_too_many_requests(root, monkeypatch):
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "1/hour", "anon": None})
    cache.clear()
    root.get("/api/v1/cases/")
    answer = root.get("/api/v1/cases/")
    check(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0


def test_pages_keep_their_own_faults(root):
    answer = root.get("/no-such-page/")
    assert answer.status_code == 404
    assert "html" in answer.headers["Content-Type"]
