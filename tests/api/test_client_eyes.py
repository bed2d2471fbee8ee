"""What a client that takes nothing for granted looks at: where to start, headers, events, units, numbers by place."""

import csv
import io
import json

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from planner.engine.effect import Effect as EngineEffect
from planner.models import Effect
from regions.access import Role, grant

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(client, cases):
    user = User.objects.create_user("planner")
    grant(user, cases["own"], Role.PLANNER)
    client.force_login(user)
    return client


def test_the_index_leads_to_every_list(api):
    found = api.get("/api/v1/").json()
    assert len(found["lists"]) >= 25
    for address in found["lists"].values():
        assert api.get(address, {"page_size": 1}).status_code == 200, address
    for name in ("description", "documentation", "features"):
        assert api.get(found[name]).status_code == 200


def test_without_the_last_slash(api):
    read = api.get("/api/v1/cases?year=2023")
    assert (read.status_code, read.headers["Location"]) == (301, "/api/v1/cases/?year=2023")
    sent = api.post("/api/v1/runs", {}, content_type="application/json")
    assert (sent.status_code, sent.headers["Location"]) == (308, "/api/v1/runs/")
    assert api.post("/api/v1/no-such-thing", {}, content_type="application/json").status_code == 404


def test_the_header_alone_has_the_etag(api):
    for address in ("/api/v1/cases/", "/api/v1/cases/small-2023/"):
        tag = api.get(address).headers["ETag"]
        assert api.head(address).headers["ETag"] == tag
        for method in (api.get, api.head):
            assert method(address, headers={"if-none-match": tag}).status_code == 304


def test_events_are_not_told_twice(api, cases):
    run = cases["own"].runs.get()
    address = reverse("run-events", args=[run.pk])
    lines = b"".join(api.get(address).streaming_content).decode().split("\n")
    (last,) = [line.removeprefix("id: ") for line in lines if line.startswith("id: ")]
    assert api.get(address, headers={"last-event-id": last}).status_code == 204
    again = api.get(address, headers={"last-event-id": "something else"})
    assert b"finished" in b"".join(again.streaming_content)


def test_scores_say_their_unit_and_which_are_best(api, cases):
    rows = api.get("/api/v1/rankings/").json()["results"]
    assert {row["criterion"]: (row["unit"], row["best"]) for row in rows} == {
        "imbalance": ("index points", "lowest"),
        "welfare": ("million USD a year", "highest"),
    }
    for row in rows:
        scores = [one["score_mean"] for one in api.get(row["rows"]).json()["results"]]
        assert scores == sorted(scores, reverse=row["best"] == "highest")
        for one in csv.DictReader(io.StringIO(api.get(row["rows"], {"format": "csv"}).content.decode())):
            assert one["settled_above"] in ("true", "false")


def test_parts_name_what_they_are(api, cases):
    rows = api.get(reverse("run-parts", args=[cases["own"].runs.get().pk])).json()
    assert all(bool(row["intervention"]) != bool(row["analysis"]) for row in rows)


def test_outcomes_by_place_are_those_of_the_draws(api, cases):
    effect = Effect.objects.filter(run__case=cases["own"], status="done").first()
    arrays = EngineEffect.from_bytes(bytes(effect.arrays)).arrays
    address = reverse("effect-outcomes", args=[effect.pk])
    rows = api.get(address).json()["results"]
    places = [row["place"] for row in rows if (row["stage"], row["measure"]) == ("full", "ev_musd")]
    assert len(places) == len(arrays["full.ev_musd"]) == 3
    for number, place in enumerate(places):
        (row,) = api.get(address, {"stage": "full", "measure": "ev_musd", "place": place}).json()["results"]
        assert row["mean"] == pytest.approx(arrays["full.ev_musd"][number].mean())
        assert row["q95"] == pytest.approx(np.quantile(arrays["full.ev_musd"][number], 0.95))
        assert row["unit"] == "million USD a year"
    whole = [row for row in rows if row["place"] is None]
    assert {row["measure"]: row["unit"] for row in whole} == {
        "index_change": "1", "index_with_travel_change": "1", "gap_change_musd": "million USD a year",
    }  # fmt: skip
    assert len(whole) == 9, "at three stages"
    assert api.get(address, {"stage": "whole"}).status_code == 400
    assert api.get(address, {"region": "US-MI"}).status_code == 400
    table = api.get(address, {"format": "csv"}).content.decode().splitlines()
    assert table[0].startswith("stage,measure,unit,place,mean")
    assert len(table) == len(rows) + 1


def test_the_examples_of_the_description_are_of_the_shipped_case(api, reference_slugs):
    schema = api.get("/api/schema/?format=json").json()
    text = json.dumps(schema["paths"]["/api/v1/runs/"]["post"]["requestBody"])
    assert any(slug in text for slug in reference_slugs)


@pytest.fixture
def reference_slugs() -> set[str]:
    from pathlib import Path

    folder = Path(__file__).resolve().parents[2] / "regions" / "cases" / "us-canada-2023"
    return {row["id"] for row in csv.DictReader((folder / "interventions.csv").open())}


def test_an_empty_filter_is_no_filter(api):
    for address in ("/api/v1/runs/?case=", "/api/v1/hourly-waits/?hour=", "/api/v1/rankings/?run=&criterion=welfare"):
        assert api.get(address).status_code == 400, address
