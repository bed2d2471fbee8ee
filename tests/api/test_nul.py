"""Characters that no database text can hold are refused in words, on every database."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from regions.access import Role, grant

pytestmark = pytest.mark.django_db
NUL = "a\x00b"


@pytest.fixture
def api(client, case):
    user = User.objects.create_user("planner")
    grant(user, case, Role.PLANNER)
    client.force_login(user)
    client.raise_request_exception = False
    return client


def test_in_bodies(api, case):
    intervention = {"case": case.name, "slug": "new", "name": "New", "kind": "digital"}
    channel = {"channel": "booths", "value": 1, "unit": "booths", "crossing": NUL}
    schedule = {"case": case.name, "name": "new", "cron": "0 7 * * *"}
    run = {"case": case.name, "interventions": ["tariff"], "draws": 5}
    for address, good, wrong in (
        ("intervention-list", intervention, {"name": NUL}),
        ("intervention-list", intervention, {"notes": NUL}),
        ("intervention-list", intervention, {"slug": NUL}),
        ("intervention-list", intervention, {"channels": [channel]}),
        ("schedule-list", schedule, {"name": NUL}),
        ("schedule-list", schedule, {"recipients": [{"kind": "folder", "address": NUL}]}),
        ("run-list", run, {"case": NUL}),
        ("run-list", run, {"interventions": [NUL]}),
    ):
        answer = api.post(reverse(address), good | wrong, content_type="application/json")
        assert answer.status_code == 400, (address, wrong, answer.status_code)


def test_in_addresses(api, case):
    for address in ("/api/v1/interventions/?case=a%00b", "/api/v1/runs/?state=%00", "/api/v1/regions/?code=a%00"):
        assert api.get(address).status_code == 400, address
    for address in (
        "/api/v1/cases/a%00b/",
        "/api/v1/interventions/%00/",
        "/api/v1/runs/1%00/",
        "/admin/cases/a%00b/quality/",
    ):
        assert api.get(address).status_code == 404, address
