"""Read-only REST views of plans, runs and rankings."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from planner.models import Scenario
from planner.services import run_start
from tests.factories.plans import HEADLINE
from tests.factories.runs import FEW, finished_run

pytestmark = pytest.mark.django_db

NAMES = (
    "case", "economy", "region", "crossing", "sector", "sector-flow", "crossing-flow", "delay", "import", "report",
    "intervention", "parameter-set", "scenario", "run", "effect", "ranking",
)  # fmt: skip


@pytest.fixture
def reader(client):
    user = get_user_model().objects.create_user("reader", password="a password for tests")
    user.user_permissions.add(Permission.objects.get(codename="view_case"))
    client.force_login(user)
    return client


@pytest.fixture
def run(case):
    return finished_run(case)


@pytest.mark.parametrize("name", NAMES)
def test_only_for_people_who_signed_in(client, name):
    assert client.get(reverse(f"{name}-list")).status_code in (401, 403)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("intervention", "run")])
def test_what_cannot_be_written(reader, name):
    for method in (reader.post, reader.put, reader.patch, reader.delete):
        assert method(reverse(f"{name}-list"), content_type="application/json").status_code in (403, 405)


def test_lists_and_single_objects(reader, run):
    Scenario.objects.create(case=run.case, name="usual", parameter_set=run.parameter_set)
    for name in NAMES:
        answer = reader.get(reverse(f"{name}-list"))
        assert answer.status_code == 200, name
        row = answer.json()["results"][0]
        key = row["name"] if name == "case" else row["run"] if name == "report" else row["id"]
        assert reader.get(reverse(f"{name}-detail", args=[key])).status_code == 200, name


def test_ranking(reader, run):
    (ranking,) = reader.get(reverse("ranking-list"), {"case": "small-2023", "criterion": "imbalance"}).json()["results"]
    assert (ranking["run"], ranking["closure"]) == (run.pk, "world_share")
    assert ranking["length"] == 4
    rows = reader.get(ranking["rows"]).json()["results"]
    assert [row["intervention"] for row in rows] == ["exporters", "more-booths", "visitors", "tariff"]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4]
    assert not reader.get(reverse("ranking-list"), {"case": "other"}).json()["results"]


def test_run_and_its_report(reader, run):
    (listed,) = reader.get(reverse("run-list"), {"state": "done"}).json()["results"]
    assert listed["progress"] == {"total": 5, "done": 5, "failed": 0, "running": 0, "reused": 0}
    assert "parameters" not in listed
    single = reader.get(reverse("run-detail", args=[run.pk])).json()
    assert {document["id"] for document in single["intervention_documents"]} == set(single["interventions"])
    assert {row["key"] for row in single["parameters"]} == {"theta", "goods_time_value_per_day"}
    report = reader.get(reverse("run-report", args=[run.pk])).json()
    assert report["baseline"]["index"] == pytest.approx(HEADLINE, abs=1e-9)


def test_a_run_under_way_has_no_report(reader, case):
    run = run_start(case, settings=FEW).run
    assert reader.get(reverse("run-report", args=[run.pk])).status_code == 404


def test_effects_carry_summaries_not_arrays(reader, run):
    (effect,) = reader.get(reverse("effect-list"), {"run": run.pk, "intervention": "tariff"}).json()["results"]
    assert effect["summary"]["full.index_change"]["mean"] > 0
    assert "arrays" not in effect
    (other,) = reader.get(reverse("effect-list"), {"status": "not_applicable"}).json()["results"]
    assert "short_run" in other["reason"]


def test_interventions(reader, case):
    rows = reader.get(reverse("intervention-list"), {"kind": "facilitation"}).json()["results"]
    assert [row["slug"] for row in rows] == ["more-booths"]
    assert rows[0]["channels"][0]["type"] == "wait_minutes"
    assert rows[0]["costs"][0]["currency"] == "USD"
    assert rows[0]["closures"] == []


def test_the_number_of_queries_does_not_grow(reader, case, run, django_assert_max_num_queries):
    finished_run(case, slugs=["exporters", "tariff"])
    for name in ("intervention", "run", "ranking", "effect", "parameter-set"):
        with django_assert_max_num_queries(9):
            assert reader.get(reverse(f"{name}-list")).status_code == 200


def test_unknown_values_are_problems_not_faults(reader, run):
    assert reader.get(reverse("run-list"), {"state": "lost"}).status_code == 400
    assert reader.get(reverse("run-detail", args=[10**9])).status_code == 404
    assert reader.get("/api/v1/runs/not-a-number/").status_code == 404


def test_schema_names_every_view(reader, run):
    schema = reader.get(reverse("schema"), headers={"accept": "application/json"}).json()
    assert schema["openapi"].startswith("3.1")
    paths = set(schema["paths"])
    assert {"/api/v1/cases/", "/api/v1/runs/{id}/", "/api/v1/runs/{id}/report/", "/api/v1/rankings/"} <= paths
