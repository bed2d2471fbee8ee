"""A planner's way through the admin in a real browser: pick interventions, estimate, watch, read the ranking."""

import os
import re
import shutil

import pytest
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from planner.models import Run
from regions.models import Case
from tests.factories.plans import HEADLINE, import_plans

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_browser, pytest.mark.needs_broker]

PASSWORD = "a password for tests"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip


@pytest.fixture
def case(transactional_db, tmp_path) -> Case:
    """The small case; the flush of an earlier test may have left stale content types in the cache."""
    ContentType.objects.clear_cache()
    return import_plans(tmp_path / "small-2023")


@pytest.fixture
def page(live_server, monkeypatch):
    """A page at laptop size; every fault of the console and every request that leaves the server is kept."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    # Playwright runs an event loop in this thread, which Django takes for asynchronous code.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1366, "height": 768}, base_url=live_server.url)
        page.faults = []
        page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on(
            "request",
            lambda one: None if one.url.startswith((live_server.url, "data:")) else page.faults.append(one.url),
        )
        yield page
        browser.close()


def sign_in(page) -> None:
    get_user_model().objects.create_superuser("root", "root@example.org", PASSWORD)
    page.goto(reverse("admin:index"))
    page.fill("#id_username", "root")
    page.fill("#id_password", PASSWORD)
    page.click("#login-form [type=submit]")


def test_from_interventions_to_the_ranking(page, case, one_worker):
    sign_in(page)
    page.goto(reverse("admin:planner_intervention_changelist"))
    page.check("#action-toggle")
    page.select_option("select[name=action]", "estimate")
    page.click("button[name=index]")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/planner/run/*/change/")
    # The page follows the run by itself and reloads at its end.
    page.get_by_role("link", name="See the ranking").click(timeout=60_000)
    page.wait_for_url("**/ranking/")
    assert Run.objects.get().state == "done"
    assert page.get_by_text(f"{HEADLINE:.7f}").count() >= 1
    assert page.locator("svg.bar").count() == 8
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"

    page.get_by_role("link", name="Welfare: the largest gain").click()
    page.get_by_role("link", name="More booths at the Old Bridge").click()
    steps = page.get_by_role("region", name="From the border to the rank").get_by_role("row")
    for step in ("At the crossing, before trucks answer", "At the crossing"):
        row = steps.filter(has=page.get_by_role("rowheader", name=step, exact=True))
        assert row.get_by_role("cell", name=re.compile("^Mean truck wait at Old Bridge, entering ")).count() == 1, step
    page.go_back()
    page.locator(".downloads .open-report").click()
    assert page.get_by_role("heading", name="A small border").count() >= 1
    # The report's own style sheet is let through by its hash.
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    assert page.faults == []


def test_a_run_is_cancelled_from_its_page(page, case, monkeypatch):
    monkeypatch.setattr("planner.admin.estimation.tasks.enqueue_run", lambda run: None)
    sign_in(page)
    page.goto(reverse("admin:planner_intervention_changelist"))
    page.check("#action-toggle")
    page.select_option("select[name=action]", "estimate")
    page.click("button[name=index]")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/planner/run/*/change/")
    page.get_by_role("button", name="Cancel this run").click()
    page.get_by_text("The run is cancelled.").wait_for()
    assert Run.objects.get().state == "cancelled"
    assert page.faults == []
