"""The read-only views of the facts and the problem documents of both apps."""

import csv
import io
import json

import openpyxl
import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.test import APIClient

from regions.api.problems import problem_handler
from regions.importing.loader import import_case
from regions.models import Case, Crossing, Region
from tests.factories import regions as make
from tests.regions.case_files import write_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(tmp_path):
    import_case(write_case(tmp_path / "small-2023"))
    client = APIClient()
    user = User.objects.create_user("reader")
    user.user_permissions.add(Permission.objects.get(codename="view_case"))
    client.force_authenticate(user)
    return client


def test_cases(api):
    page = api.get("/api/v1/cases/").json()
    assert [case["name"] for case in page["results"]] == ["small-2023"]
    case = api.get("/api/v1/cases/small-2023/").json()
    assert (case["title"], case["year"], case["sources"]) == ("A small border", 2023, [])


def test_regions_filter_and_order(api, tmp_path):
    import_case(write_case(tmp_path / "small-2023"), name="second")
    assert len(api.get("/api/v1/regions/").json()["results"]) == 6
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
        with django_assert_max_num_queries(7):
            assert api.get(f"/api/v1/{path}/").status_code == 200


def test_pages_are_bounded_and_lead_on(api):
    seen, address = [], "/api/v1/regions/?page_size=2&ordering=-gdp_musd"
    while address:
        answer = api.get(address)
        page = answer.json()
        assert len(page["results"]) <= 2
        assert ("Link" in answer.headers) == bool(page["next"])
        seen += [row["code"] for row in page["results"]]
        address = page["next"]
    assert seen == ["US-REST", "CA-ON", "US-MI"]
    for wrong in ("page_size=0", "page_size=1001", "page_size=x", "cursor=x", "cursor=W10", "cursor=" + "a" * 3000):
        assert api.get(f"/api/v1/regions/?{wrong}").status_code == 400


def test_a_cursor_belongs_to_its_order(api):
    link = api.get("/api/v1/regions/?page_size=1&ordering=name").json()["next"]
    assert api.get(link).status_code == 200
    assert api.get(link.replace("ordering=name", "ordering=-name")).status_code == 400


def test_rows_without_a_value_come_last_on_the_way_through(api):
    for order, codes in (("trucks_inbound", ["0901", "3802"]), ("-trucks_inbound", ["0901", "3802"])):
        address, seen = f"/api/v1/crossings/?page_size=1&ordering={order}", []
        while address:
            page = api.get(address).json()
            seen += [row["code"] for row in page["results"]]
            address = page["next"]
        assert seen == codes


def test_equal_values_are_neither_lost_nor_doubled(api):
    case = Case.objects.get()
    make.RegionFactory.create_batch(7, case=case, economy=case.economies.first(), gdp_musd=5.0)
    address, seen = "/api/v1/regions/?page_size=3&ordering=gdp_musd", []
    while address:
        page = api.get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert len(seen) == len(set(seen)) == 10


def test_what_is_not_known_is_an_error(api):
    for wrong in ("cas=small-2023", "ordering=secret", "ordering=code,code", "bbox=1,2,3", "geometry=cube"):
        answer = api.get(f"/api/v1/regions/?{wrong}")
        assert answer.status_code == 400, wrong
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_boxes(api):
    def codes(box):
        return [row["code"] for row in api.get(f"/api/v1/crossings/?bbox={box}").json()["results"]]

    assert codes("-84,42,-83,42.5") == ["0901"]
    assert codes("-83.05,42.3,-83.05,42.3") == ["0901"], "the edge belongs to the box"
    assert codes("-83.05,42,-83.05,43") == codes("-84,42.3,-83,42.3") == ["0901"], "a box may be a line"
    assert codes("-180,-90,180,90") == ["0901", "3802"]
    assert codes("170,40,-80,45") == ["0901", "3802"], "across the 180th meridian"
    assert codes("0,0,1,1") == []


def test_formats(api):
    collection = api.get("/api/v1/crossings/?format=geojson")
    assert collection.headers["Content-Type"] == "application/geo+json"
    first = collection.json()["features"][0]
    assert first["geometry"] == {"type": "Point", "coordinates": [-83.05, 42.3]}
    assert first["properties"]["code"] == "0901"
    lines = api.get("/api/v1/crossings/?format=csv&page_size=1")
    assert lines.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'rel="next"' in lines.headers["Link"]
    assert len(list(csv.reader(io.StringIO(lines.content.decode())))) == 2
    book = openpyxl.load_workbook(io.BytesIO(api.get("/api/v1/crossings/?format=xlsx").content))
    assert [row[2].value for row in book.active.iter_rows(max_row=2)] == ["code", "0901"]
    assert (
        api.get("/api/v1/crossings/", headers={"accept": "application/geo+json"}).json()["type"] == "FeatureCollection"
    )


def test_outlines_are_sent_when_they_are_asked_for(api):
    square = {"type": "MultiPolygon", "coordinates": [[[[-80, 45], [-75, 45], [-75, 50], [-80, 50], [-80, 45]]]]}
    Region.objects.filter(code="CA-ON").update(outline=GEOSGeometry(json.dumps(square)))
    point, outline = (
        api.get(f"/api/v1/regions/?code=CA-ON&format=geojson&geometry={kind}").json()["features"][0]["geometry"]["type"]
        for kind in ("point", "outline")
    )
    assert (point, outline) == ("Point", "MultiPolygon")


def test_spreadsheets_run_no_text(api):
    Region.objects.filter(code="CA-ON").update(name='=HYPERLINK("http://x")')
    rows = list(csv.reader(io.StringIO(api.get("/api/v1/regions/?code=CA-ON&format=csv").content.decode())))
    assert rows[1][3].startswith("'=")
    book = openpyxl.load_workbook(io.BytesIO(api.get("/api/v1/regions/?code=CA-ON&format=xlsx").content))
    assert book.active["D2"].data_type == "s"


def test_unchanged_answers_are_not_sent_again(api):
    for path in ("regions/", "cases/small-2023/", "crossings/?format=csv"):
        first = api.get(f"/api/v1/{path}")
        again = api.get(f"/api/v1/{path}", headers={"if-none-match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert first.headers["Cache-Control"] == "private, no-cache"
    Crossing.objects.filter(code="0901").update(name="Renamed")
    changed = api.get("/api/v1/crossings/?format=csv", headers={"if-none-match": first.headers["ETag"]})
    assert changed.status_code == 200


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
