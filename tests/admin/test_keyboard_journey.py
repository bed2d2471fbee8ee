"""The planner's way by keyboard alone: from a zip, over a run that is cancelled and tried again, to an approved report."""

import re

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from planner.config.embedded import embedded_worker
from planner.models import Intervention, Run
from regions.models import Case
from tests.admin.browsing import PASSWORD, browser, open_page
from tests.admin.test_journey import packed_case, people  # noqa: F401
from tests.admin.test_targets_and_keyboard import save, tab_to, type_into

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs_browser,
    pytest.mark.needs_broker,
    pytest.mark.embedded_only,
]


def press(page, selector: str, key: str = "Enter") -> None:
    """A key on the thing that the Tab key has come to."""
    tab_to(page, selector)
    page.keyboard.press(key)


def sign_in_by_keyboard(page, name: str) -> None:
    page.goto(reverse("admin:login"))
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation(url="**/admin/"):
        page.keyboard.press("Enter")


def choose_option(page, field: str, label: str) -> None:
    """In a plain list of choices: its letters choose."""
    type_into(page, field, label)


def import_the_case(page, path: str) -> None:
    page.goto(reverse("admin:planner_importjob_add"))
    tab_to(page, "#id_files")
    page.set_input_files("#id_files", path)  # the system's own window is not the page's
    press(page, ".desk form button[type=submit]")
    page.wait_for_url("**/planner/importjob/*/change/")
    tab_to(page, "[name=option_name]")
    page.keyboard.press("Control+a")
    page.keyboard.type("small-2023")
    with embedded_worker():
        press(page, "form[action$='/check/'] button[type=submit]")
        page.get_by_text("This was a dry run: nothing is stored.").wait_for(timeout=60_000)
        press(page, "form[action$='/load/'] button")
        page.get_by_text("Imported.").wait_for(timeout=60_000)
    assert Case.objects.get().name == "small-2023"


def add_an_intervention(page) -> None:
    page.goto(f"{reverse('admin:planner_intervention_add')}?case={Case.objects.get().pk}")
    type_into(page, "name", "Booths and advice")
    choose_option(page, "kind", "Trade facil")
    for number, (kind, low, central, high, where) in enumerate(
        (("Wait, change in min", "-4", "-3", "-1", {"crossing": "3802"}),
         ("Productivity", "0.01", "0.02", "0.03", {"place": "US-MI"}))
    ):  # fmt: skip
        press(page, "#channels-group .add-row a")
        choose_option(page, f"channels-{number}-type", kind)
        for name, value in (("low", low), ("central", central), ("high", high)):
            type_into(page, f"channels-{number}-{name}", value)
        type_into(page, f"channels-{number}-source", "A plan")
        choose_option(page, f"channels-{number}-grade", "D")
        for name, value in where.items():
            type_into(page, f"channels-{number}-{name}", value)
    save(page)
    assert page.locator(".errorlist").all_inner_texts() == []
    assert Intervention.objects.get(slug="booths-and-advice").channels.count() == 2


def start(page) -> int:
    page.goto(reverse("admin:planner_run_start"))
    press(page, "details summary:has(+ .fields)")
    tab_to(page, "#id_draws")
    page.keyboard.press("Control+a")
    page.keyboard.type("20")
    press(page, "[name=look]")
    page.get_by_role("heading", name="What would run").wait_for()
    press(page, "section.preview [name=start]")
    page.wait_for_url("**/planner/run/*/change/")
    return int(re.search(r"/run/(\d+)/", page.url)[1])


def finish(page) -> None:
    with embedded_worker():
        page.locator(".run-progress a[href$='/ranking/']").wait_for(timeout=120_000)
    press(page, ".run-progress a[href$='/ranking/']")
    page.wait_for_url("**/ranking/")


def read_the_ranking(page) -> None:
    """Weights, a column's order, the search, and the passport of a number."""
    status = page.locator("[data-ranking-status]")
    press(page, "details.weights > summary")
    before = status.inner_text()
    press(page, ".weights input[type=range] >> nth=-1", "End")
    page.wait_for_function(
        "before => document.querySelector('[data-ranking-status]').innerText !== before", arg=before, timeout=20_000
    )
    press(page, "button[data-sort=name]")
    names = [text.strip() for text in page.locator("table.ranking tbody th a").all_inner_texts()]
    assert names == sorted(names, key=str.lower) or names == sorted(names, key=str.lower, reverse=True)
    page.goto(page.url)
    type_into_selector(page, "#filter-text", "booths and")
    assert page.locator("table.ranking tbody tr:visible").count() == 1
    press(page, "table.ranking a.passport[href*='/ev_musd/booths-and-advice/']")
    page.wait_for_url("**/number/ev_musd/booths-and-advice/")


def type_into_selector(page, selector: str, text: str) -> None:
    tab_to(page, selector)
    page.keyboard.type(text)


def test_all_of_it_by_keyboard(live_server, monkeypatch, people, tmp_path):  # noqa: F811
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    ContentType.objects.clear_cache()
    with browser() as started:
        page = open_page(started, live_server.url)
        page.set_default_timeout(120_000)
        sign_in_by_keyboard(page, "planner")
        import_the_case(page, packed_case(tmp_path))
        add_an_intervention(page)

        first = start(page)  # nobody works yet: it waits, and can be cancelled
        press(page, ".run-cancel button")
        page.locator("button[formaction$='/retry/']").wait_for()
        assert Run.objects.get(pk=first).state == "cancelled"
        press(page, "button[formaction$='/retry/']")
        page.locator(".run-cancel button").wait_for()
        finish(page)
        assert Run.objects.get(pk=first).state == "done"
        read_the_ranking(page)

        # One number changed, and taken back from its history.
        row = Intervention.objects.get(slug="booths-and-advice")
        page.goto(reverse("admin:planner_intervention_change", args=[row.pk]))
        tab_to(page, "#id_channels-0-central")
        page.keyboard.press("Control+a")
        page.keyboard.type("-2")
        save(page)
        assert row.channels.get(type="wait_minutes").central == -2
        second = start(page)
        finish(page)
        page.goto(reverse("admin:desk_compare"))
        for number in (first, second):
            press(page, f"input[name=run][value='{number}']", "Space")
        press(page, ".choose-runs button")
        page.locator("table.data").last.wait_for()
        assert page.get_by_text("Booths and advice").count() >= 1
        page.goto(reverse("admin:planner_intervention_history", args=[row.pk]))
        press(page, "#content table tbody tr:last-child a")
        page.wait_for_url("**/history/*/")
        save(page)
        assert row.channels.get(type="wait_minutes").central == -3

        other = open_page(started, live_server.url)
        other.set_default_timeout(60_000)
        sign_in_by_keyboard(other, "approver")
        other.goto(reverse("admin:planner_run_change", args=[first]))
        press(other, "button[name=step][value=approved]")
        other.locator(".field-review .readonly", has_text="Approved").wait_for()
        assert Run.objects.get(pk=first).reviewed_by.username == "approver"

        page.goto(reverse("admin:planner_run_ranking", args=[first]))
        with page.expect_download() as waiting:
            press(page, "a[href*='report.csv'] >> nth=0")
        assert "booths-and-advice" in waiting.value.path().read_text(encoding="utf-8-sig")
        assert page.faults == []
        assert other.faults == []
