"""The read-only views of the facts and the problem documents of both apps."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.test import APIClient

from regions.api.problems import problem_handler
from regions.importing.loader import import_case
from regions.models import Crossing
from tests.regions.case_files import write_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(tmp_path):
    import_case(write_case(tmp_path / "small-2023"))
    client = APIClient()
    client.force_authenticate(User.objects.create_user("reader"))
    return client


def test_cases(api):
    page = api.get("/api/v1/cases/").json()
    assert [case["name"] for case in page["results"]] == ["small-2023"]
    case = api.get("/api/v1/cases/small-2023/").json()
    assert (case["title"], case["year"], case["sources"]) == ("A small border", 2023, [])


def test_regions_filter_and_order(api, tmp_path):
    import_case(write_case(tmp_path / "small-2023"), name="second")
    assert api.get("/api/v1/regions/").json()["count"] == 6
    page = api.get("/api/v1/regions/?case=small-2023&economy=US&ordering=-gdp_musd").json()
    assert [region["code"] for region in page["results"]] == ["US-REST", "US-MI"]
    michigan = page["results"][1]
    assert (michigan["latitude"], michigan["longitude"], michigan["kind"]) == (44.5, -85.0, "border")
    assert michigan["case"] == "small-2023"
    assert api.get("/api/v1/regions/?kind=inland").status_code == 400


def test_crossings(api):
    page = api.get("/api/v1/crossings/?mode=truck").json()
    (bridge,) = page["results"]
    assert (bridge["code"], bridge["region_a"], bridge["region_b"]) == ("0901", "US-MI", "CA-ON")
    assert bridge["modes"] == ["truck"]
    assert (bridge["opens_hour"], bridge["truck_booths"]) == (6.5, 5)
    pk = Crossing.objects.get(code="3802").pk
    assert api.get(f"/api/v1/crossings/{pk}/").json()["trucks_inbound"] is None


def test_number_of_queries_does_not_grow(api, django_assert_max_num_queries):
    for path in ("cases", "regions", "crossings"):
        with django_assert_max_num_queries(4):
            assert api.get(f"/api/v1/{path}/").status_code == 200


def test_pages_are_bounded(api):
    assert len(api.get("/api/v1/regions/?page_size=2").json()["results"]) == 2
    assert api.get("/api/v1/regions/?page_size=1000000").status_code == 200
    assert api.get("/api/v1/regions/?page=99").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written(api, method):
    assert getattr(api, method)("/api/v1/cases/small-2023/", {}).status_code == 405


def test_strangers_see_nothing():
    assert APIClient().get("/api/v1/cases/").status_code in (401, 403)


class Request:
    path = "/api/v1/runs/"


def handled(error):
    return problem_handler(error, {"request": Request()})


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (Http404(), 404, "Not found"),
        (PermissionDenied(), 403, "You do not have permission to perform this action"),
        (exceptions.NotAuthenticated(), 401, "Authentication credentials were not provided"),
        (exceptions.Throttled(), 429, "Request was throttled"),
    ],
)
def test_errors_are_problem_documents(error, status, title):
    response = handled(error)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert (response.data["status"], response.data["title"]) == (status, title)
    assert response.data["instance"] == "/api/v1/runs/"
    assert set(response.data) == {"type", "title", "status", "detail", "instance"}


def test_refused_input_points_at_each_field():
    error = exceptions.ValidationError(
        {"draws": ["Too few."], "channels": [{}, {"low": ["Must be a number."]}], "non_field_errors": ["Too much."]}
    )
    document = handled(error).data
    assert document["errors"] == [
        {"detail": "Too few.", "pointer": "#/draws"},
        {"detail": "Must be a number.", "pointer": "#/channels/1/low"},
        {"detail": "Too much.", "pointer": "#"},
    ]
    assert document["detail"] == "Too few.; Must be a number.; Too much."


def test_unknown_errors_are_left_to_django():
    assert handled(ZeroDivisionError()) is None
