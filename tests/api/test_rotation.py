"""Changing keys and tokens as docs/operations.md says: nobody is thrown out before the old one is taken away."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from planner.models import ApiToken, ReportFile
from planner.services.parcels import file_link, linked_file
from regions.access import Role, grant

pytestmark = pytest.mark.django_db


def test_the_secret_key(cases, settings):
    settings.PUBLIC_URL = "https://planner.example"
    user = User.objects.create_user("viewer", password="a long password of somebody")
    grant(user, cases["own"], Role.VIEWER)
    client = Client()
    client.force_login(user)
    link = file_link(ReportFile.objects.first(), timezone.now() + timedelta(days=1))

    def state() -> tuple[int, bool]:
        return client.get("/api/v1/cases/").status_code, linked_file(link.rstrip("/").rpartition("/")[2]) is not None

    assert state() == (200, True)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key, just as long as the one that was there before"
    newer, settings.SECRET_KEY = settings.SECRET_KEY, old
    client = Client()
    client.force_login(user)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = newer, [old]
    assert state() == (200, True), "with it among the former keys sessions and links go on"
    settings.SECRET_KEY_FALLBACKS = []
    assert state()[0] == 200, "the session was signed anew when it was used"


def test_tokens(cases, settings):
    user = User.objects.create_user("program")
    grant(user, cases["own"], Role.VIEWER)

    def token(name: str) -> tuple[ApiToken, str]:
        row = ApiToken(user=user, name=name, scopes=["read"], expires_at=timezone.now() + timedelta(days=1))
        text = row.issue()
        row.save()
        return row, text

    def status(text: str) -> int:
        return Client().get("/api/v1/cases/", headers={"authorization": f"Bearer {text}"}).status_code

    (first, old), (_, new) = token("old"), token("new")
    assert (status(old), status(new)) == (200, 200)
    settings.SECRET_KEY = "another key, just as long as the one that was there before"
    assert (status(old), status(new)) == (200, 200), "tokens depend on no key"
    first.delete()
    assert (status(old), status(new)) == (401, 200)
