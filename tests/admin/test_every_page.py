"""Pages of our own in a real browser: axe in light and dark, width, console, network, hostile names; pages of faults."""

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.urls import path, reverse

from planner.config.urls import (
    handler400,  # noqa: F401
    handler403,  # noqa: F401
    handler404,  # noqa: F401
    handler500,  # noqa: F401
)
from planner.config.urls import urlpatterns as usual_addresses
from tests.admin.addresses import own_pages
from tests.admin.browsing import PASSWORD, browser, faults_of, open_page, sign_in
from tests.admin.hostile import hostile_run, import_pages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_browser]

ANALYSES = ["diagnosis", "minute_values", "closures", "variance", "portfolio"]


def fault(request):
    """A page that fails, for the page that says so."""
    raise RuntimeError("on purpose")


urlpatterns = [path("fault/", fault), *usual_addresses]


@pytest.fixture(autouse=True)
def usual(transactional_db, monkeypatch):
    """Playwright runs an event loop in this thread; an earlier flush has left stale content types."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    monkeypatch.setattr("planner.tasks.enqueue_deliveries", lambda deliveries: None)
    ContentType.objects.clear_cache()


def test_our_own_pages_are_clean_with_hostile_names(live_server, tmp_path):
    """axe finds nothing serious, no name becomes markup, nothing scrolls sideways, nothing comes from elsewhere."""
    run = hostile_run(tmp_path, analyses=ANALYSES)
    pages = {**own_pages(run), **import_pages(run.case)}
    with browser() as started:
        page = open_page(started, live_server.url, reduced_motion="reduce")
        found = faults_of(page, "login", reverse("admin:login"))
        sign_in(page)
        found += [one for name, address in pages.items() for one in faults_of(page, name, address)]
    assert not found, "\n".join(found)


def test_pages_that_say_what_went_wrong(live_server, settings):
    settings.ROOT_URLCONF = __name__
    User.objects.create_user("viewer", password=PASSWORD, is_staff=True)
    with browser() as started:
        page = open_page(started, live_server.url, reduced_motion="reduce")
        sign_in(page, "viewer")
        wrong = {
            "404": "/admin/nothing/",
            "403": reverse("admin:planner_run_start"),
            "500": "/fault/",
            "empty": "/admin/",
        }
        found = []
        for name, address in wrong.items():
            told = faults_of(page, f"error-{name}", address)
            # The browser itself notes the status of the page that was asked for.
            found += [one for one in told if "Failed to load resource" not in one]
            if name != "empty":
                assert page.get_by_role("link", name="To your desk").count() == 1, name
        page.goto("/fault/")
        assert "on purpose" not in page.content()
    assert not found, "\n".join(found)
