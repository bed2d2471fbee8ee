"""Planners write interventions over REST: whole or not at all, and never over what somebody else changed."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from planner.models import Intervention
from regions.access import Role, grant
from tests.factories.regions import CaseFactory

pytestmark = pytest.mark.django_db

CHANNEL = {
    "type": "wait_minutes", "crossing": "0901", "direction": "US", "low": -8, "central": -5, "high": -2,
    "unit": "minutes", "source": "Assumption", "grade": "D",
}  # fmt: skip
COST = {"year": 2026, "category": "capital", "amount_musd": 40, "source": "Plan", "grade": "C"}
NEW = {
    "case": "small-2023", "slug": "new", "name": "New", "kind": "facilitation", "closures": ["balanced", "world_share"],
    "channels": [CHANNEL], "costs": [COST],
}  # fmt: skip


@pytest.fixture
def api(client, case):
    user = User.objects.create_user("planner", password="a password for tests")
    grant(user, case, Role.PLANNER)
    client.force_login(user)
    return client


@pytest.fixture
def send(api):
    def send(method, address, body=None, **headers):
        return getattr(api, method)(address, body or {}, content_type="application/json", headers=headers)

    return send


def test_made_whole(send, api):
    answer = send("post", reverse("intervention-list"), NEW)
    assert answer.status_code == 201, answer.content
    made = api.get(answer.headers["Location"]).json()
    assert {name: made[name] for name in ("slug", "closures", "version")} == {
        "slug": "new", "closures": ["balanced", "world_share"], "version": 1,
    }  # fmt: skip
    assert (made["channels"][0]["central"], made["costs"][0]["currency"]) == (-5, "USD")
    row = Intervention.objects.get(slug="new")
    assert row.history.first().history_user.username == "planner"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"channels": [CHANNEL, CHANNEL | {"low": 1}]}, "#/channels/1"),
        ({"channels": [CHANNEL | {"unit": "hours"}]}, "#/channels/0/unit"),
        ({"channels": [CHANNEL | {"crossing": "9999"}]}, "#/channels/0/crossing"),
        ({"channels": [CHANNEL | {"low": 1e300, "central": 1e300, "high": 1e300}]}, "#/channels/0"),
        ({"costs": [COST | {"year": 1}]}, "#/costs/0"),
        ({"slug": "tariff"}, "#"),
        ({"kind": "wonder"}, "#/kind"),
        ({"closures": ["closed"]}, "#/closures/0"),
        ({"case": "no-such"}, "#/case"),
    ],
)
def test_a_fault_is_shown_and_nothing_is_written(send, change, pointer):
    before = Intervention.objects.count()
    answer = send("post", reverse("intervention-list"), NEW | change)
    assert answer.status_code == 400, answer.content
    assert any(error["pointer"].startswith(pointer) for error in answer.json()["errors"]), answer.json()
    assert Intervention.objects.count() == before


def test_the_second_of_two_editors_is_told(send, api):
    address = reverse("intervention-detail", args=[Intervention.objects.get(slug="tariff").pk])
    seen = api.get(address).headers["ETag"]
    assert send("patch", address, {"name": "First"}).status_code == 428
    first = send("patch", address, {"name": "First"}, **{"If-Match": seen})
    assert (first.status_code, first.json()["version"]) == (200, 2)
    assert send("patch", address, {"name": "Second"}, **{"If-Match": seen}).status_code == 412
    assert send("delete", address, **{"If-Match": seen}).status_code == 412
    assert first.headers["ETag"] == api.get(address).headers["ETag"]
    assert send("patch", address, {"name": "Third"}, **{"If-Match": first.headers["ETag"]}).status_code == 200
    assert len(api.get(address).json()["channels"]) == 1, "what was not sent stays"


def test_a_change_of_a_channel_elsewhere_is_noticed(send, api):
    row = Intervention.objects.get(slug="tariff")
    address = reverse("intervention-detail", args=[row.pk])
    seen = api.get(address).headers["ETag"]
    row.channels.update(high=0.2)
    assert send("patch", address, {"name": "Mine"}, **{"If-Match": seen}).status_code == 412


def test_a_faulty_change_leaves_the_old_rows(send, api):
    row = Intervention.objects.get(slug="tariff")
    address = reverse("intervention-detail", args=[row.pk])
    seen = api.get(address).headers["ETag"]
    body = {"channels": [CHANNEL, CHANNEL | {"unit": "hours"}]}
    assert send("patch", address, body, **{"If-Match": seen}).status_code == 400
    assert [channel.type for channel in row.channels.all()] == ["tariff"]
    assert api.get(address).headers["ETag"] == seen


def test_it_stays_in_its_case(send, api, case):
    other = CaseFactory(name="other")
    grant(User.objects.get(username="planner"), other, Role.PLANNER)
    address = reverse("intervention-detail", args=[Intervention.objects.get(slug="tariff").pk])
    seen = api.get(address).headers["ETag"]
    assert send("patch", address, {"case": "other"}, **{"If-Match": seen}).status_code == 400


def test_removed(send, api):
    address = reverse("intervention-detail", args=[Intervention.objects.get(slug="tariff").pk])
    assert send("delete", address, **{"If-Match": api.get(address).headers["ETag"]}).status_code == 204
    assert api.get(address).status_code == 404
