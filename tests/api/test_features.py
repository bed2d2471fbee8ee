"""OGC API Features: the standard's addresses, roles by case, and GDAL's own client as a reader."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.gis.geos import GEOSGeometry
from django.urls import reverse
from django.utils import timezone

from planner.models import ApiToken
from regions.access import Role, grant
from regions.models import Region
from tests.factories.plans import import_plans
from tests.factories.regions import CrossingFactory

SQUARE = {"type": "MultiPolygon", "coordinates": [[[[-90, 41], [-82, 41], [-82, 47], [-90, 47], [-90, 41]]]]}
READ = """
import sys, json, pyogrio
names = [name for name, _ in pyogrio.list_layers(sys.argv[1])]
rows = pyogrio.raw.read(sys.argv[1], layer=sys.argv[2], columns=["code"])[3][0]
near = pyogrio.raw.read(sys.argv[1], layer=sys.argv[2], columns=["code"], bbox=(-84, 42, -83, 42.5))[3][0]
print(json.dumps([sorted(names), sorted(rows), sorted(near)]))
"""


@pytest.fixture
def viewer(case) -> User:
    Region.objects.update(outline=None)
    Region.objects.filter(code="US-MI").update(outline=GEOSGeometry(json.dumps(SQUARE)))
    user = User.objects.create_user("viewer", password="a password for tests")
    grant(user, case, Role.VIEWER)
    return user


@pytest.fixture
def api(client, viewer):
    client.force_login(viewer)
    CrossingFactory(code="9999")
    return client


def test_from_the_landing_page_to_a_feature(api):
    def follow(document, rel):
        (address,) = [one["href"] for one in document["links"] if one["rel"] == rel]
        answer = api.get(address)
        assert answer.status_code == 200, address
        return answer.json()

    landing = api.get(reverse("features")).json()
    assert len(follow(landing, "conformance")["conformsTo"]) == 3
    assert follow(landing, "service-desc")["openapi"].startswith("3.1")
    collections = follow(landing, "data")["collections"]
    assert [one["id"] for one in collections] == ["small-2023.regions", "small-2023.crossings"]
    regions, crossings = (follow(one, "items") for one in collections)
    assert regions["features"][0]["type"] == "Feature"
    outlines = {one["properties"]["code"]: one["geometry"]["type"] for one in regions["features"]}
    assert outlines == {"US-MI": "MultiPolygon", "CA-ON": "Point", "US-REST": "Point"}
    one = crossings["features"][0]
    address = reverse("features-item", args=["small-2023.crossings", one["id"]])
    assert api.get(address).json()["properties"] == one["properties"]


def test_boxes_limits_and_properties(api):
    def codes(kind="crossings", **query):
        answer = api.get(reverse("features-items", args=[f"small-2023.{kind}"]), query)
        assert answer.headers["Content-Type"] == "application/geo+json"
        return sorted(one["properties"]["code"] for one in answer.json()["features"])

    assert codes(bbox="-84,42,-83,42.5") == ["0901"]
    assert codes(kind="regions", bbox="-83,41.5,-82.5,42") == ["US-MI"], "the outline counts, not the point"
    assert codes(kind="regions", economy="CA") == ["CA-ON"]
    page = api.get(reverse("features-items", args=["small-2023.crossings"]), {"limit": 1}).json()
    assert (page["numberMatched"], page["numberReturned"]) == (2, 1)
    (following,) = [one["href"] for one in page["links"] if one["rel"] == "next"]
    last = api.get(following).json()
    assert last["features"][0]["id"] != page["features"][0]["id"]
    assert not [one for one in last["links"] if one["rel"] == "next"]


@pytest.mark.parametrize(
    "query", ["bbox=1,2", "bbox=a,b,c,d", "limit=0", "limit=x", "offset=-1", "colour=red", "f=xml"]
)
def test_malformed_queries(api, query):
    answer = api.get(reverse("features-items", args=["small-2023.crossings"]) + f"?{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


def test_foreign_cases_and_strangers(api, client):
    foreign = CrossingFactory().case.name
    for name in (f"{foreign}.crossings", "small-2023.nothing", "nothing"):
        assert api.get(reverse("features-items", args=[name])).status_code == 404
    client.logout()
    assert client.get(reverse("features-collections")).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_gdal_reads_it(live_server, tmp_path):
    user = User.objects.create_user("map client")
    grant(user, import_plans(tmp_path / "small-2023"), Role.VIEWER)
    token = ApiToken(user=user, name="map", scopes=["read"], expires_at=timezone.now() + timedelta(hours=1))
    text = token.issue()
    token.save()
    environment = {**os.environ, "GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": text, "OAPIF_PAGE_SIZE": "1"}
    command = [sys.executable, "-c", READ, f"OAPIF:{live_server.url}/api/features/", "small-2023.crossings"]
    read = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert read.returncode == 0, read.stderr
    assert json.loads(read.stdout) == [
        ["small-2023.crossings", "small-2023.regions"], ["0901", "3802"], ["0901"],
    ]  # fmt: skip
