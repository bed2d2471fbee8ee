"""Diagnosis, worth of a minute and the other analyses of a run over REST."""

import csv
import io

import pytest
from django.contrib.auth.models import User

from planner.models import RunAnalysis
from regions.access import Role, grant
from tests.factories.runs import finished_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(case):
    return finished_run(case, slugs=["tariff"], analyses=["diagnosis", "minute_values"])


@pytest.fixture
def api(client, case):
    user = User.objects.create_user("viewer")
    grant(user, case, Role.VIEWER)
    client.force_login(user)
    return client


def test_lists_hold_no_documents(api, run):
    rows = api.get("/api/v1/analyses/", {"run": run.pk}).json()["results"]
    assert [(row["kind"], row["status"]) for row in rows] == [("diagnosis", "done"), ("minute_values", "done")]
    assert all("document" not in row for row in rows)
    (only,) = api.get("/api/v1/diagnoses/").json()["results"]
    assert only["kind"] == "diagnosis"
    assert api.get("/api/v1/portfolios/").json()["results"] == []
    assert api.get(f"/api/v1/portfolios/{only['id']}/").status_code == 404, "an analysis of another kind"


def test_a_document_is_the_stored_one(api, run):
    row = RunAnalysis.objects.get(kind="diagnosis")
    found = api.get(f"/api/v1/diagnoses/{row.pk}/").json()
    assert found["document"] == row.document
    headline = found["document"]["headline"]
    assert sum(headline["parts"].values()) + headline["remainder"] == pytest.approx(headline["index"])


class TestMinuteValues:
    @pytest.fixture
    def rows(self, run):
        return f"/api/v1/minute-values/{RunAnalysis.objects.get(kind='minute_values').pk}/rows/"

    def test_filters_and_orders(self, api, rows):
        every = api.get(rows).json()["results"]
        assert len(every) == 4, "crossings and directions with trade by truck"
        ordered = [row["ev_musd"] for row in api.get(rows, {"ordering": "-ev_musd"}).json()["results"]]
        assert ordered == sorted(ordered, reverse=True)
        (one,) = api.get(rows, {"crossing": "0901", "direction": "CA"}).json()["results"]
        assert one in every
        assert api.get(rows, {"crossing": "none"}).json()["results"] == []
        for wrong in ({"ordering": "name"}, {"ordering": "--ev_musd"}, {"crosing": "0901"}):
            assert api.get(rows, wrong).status_code == 400

    def test_the_same_numbers_as_csv_and_on_the_map(self, api, rows):
        every = api.get(rows).json()["results"]
        lines = list(csv.DictReader(io.StringIO(api.get(rows, {"format": "csv"}).content.decode())))
        assert [float(line["index_change"]) for line in lines] == [row["index_change"] for row in every]
        places = api.get(rows, {"format": "geojson"}).json()["features"]
        assert places[0]["geometry"]["coordinates"] == [every[0]["longitude"], every[0]["latitude"]]
        assert places[0]["properties"]["ev_musd"] == every[0]["ev_musd"]

    def test_what_was_not_found_has_no_rows(self, api, rows):
        RunAnalysis.objects.filter(kind="minute_values").update(status="failed", reason="no derivative", document={})
        answer = api.get(rows)
        assert answer.status_code == 404
        assert "no derivative" in answer.json()["detail"]
