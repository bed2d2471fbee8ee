"""The frame of every page: steps of the work by role, home page with bounded queries, vendored files as published."""

import hashlib
import json
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

import planner
from regions.access import Role, grant

VENDOR = Path(planner.__file__).parent / "static" / "vendor"


@pytest.fixture
def person(case):
    """Somebody who may see one case."""
    user = get_user_model().objects.create_user("reader", password="a password for tests", is_staff=True)
    grant(user, case, Role.VIEWER)
    return user


def test_vendored_files_are_those_of_the_packages():
    kept = json.loads((VENDOR / "versions.json").read_text())
    for folder, entry in kept.items():
        files = {
            str(path.relative_to(VENDOR / folder)): path for path in (VENDOR / folder).rglob("*") if path.is_file()
        }
        assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == entry["sha256"]
        assert "LICENSE" in files, folder
        assert entry["integrity"].startswith("sha512-")
        assert folder.endswith(entry["version"])


def test_home_of_a_reader_shows_their_case_and_no_other(client, case, person):
    other = type(case).objects.create(name="hidden", title="A hidden border", year=2023, price_year=2023)
    client.force_login(person)
    answer = client.get(reverse("admin:index"))
    text = answer.content.decode()
    assert case.title in text
    assert other.title not in text
    assert "No runs yet" in text
    keys = [step.key for step in answer.context["work_steps"]]
    assert keys[:2] == ["data", "diagnosis"]
    assert not any("/auth/" in link.address for step in answer.context["work_steps"] for link in step.lists)


def test_the_number_of_queries_of_the_home_page_does_not_grow_with_cases(
    client, case, admin_user, django_assert_max_num_queries
):
    for number in range(9):
        type(case).objects.create(name=f"more-{number}", title=f"Case {number}", year=2023, price_year=2023)
    client.force_login(admin_user)
    with django_assert_max_num_queries(24):
        assert client.get(reverse("admin:index")).status_code == 200


def test_hostile_titles_are_shown_as_text(client, case, admin_user):
    type(case).objects.create(name="x", title="<script>alert(1)</script>\u202e=1+1", year=2023, price_year=2023)
    client.force_login(admin_user)
    text = client.get(reverse("admin:index")).content.decode()
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text
