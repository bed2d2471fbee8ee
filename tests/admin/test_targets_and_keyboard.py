"""Targets picked on a map beside the fields, in step with them; places made with nothing but the keyboard."""

import json

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from planner.models import Intervention
from regions.models import Crossing, Region
from tests.admin.browsing import browser, open_page, picture, serious_problems, sign_in
from tests.factories.plans import import_plans

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_browser]

MOST_TABS = 90
SQUARE = {"type": "Polygon", "coordinates": [[[-80, 44], [-79, 44], [-79, 45], [-80, 45], [-80, 44]]]}


@pytest.fixture
def case(transactional_db, tmp_path, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    ContentType.objects.clear_cache()
    return import_plans(tmp_path / "small-2023")


def click_at(page, longitude: float, latitude: float) -> None:
    """A click of the mouse at a place of the map."""
    holder = page.locator("#target-map .map")
    holder.scroll_into_view_if_needed()
    holder.evaluate("(one, at) => one.planner.map.setView(at, 6, { animate: false })", [latitude, longitude])
    spot = holder.evaluate(
        "(one, at) => { const p = one.planner.map.latLngToContainerPoint(at); return [p.x, p.y]; }",
        [latitude, longitude],
    )
    box = holder.bounding_box()
    page.mouse.click(box["x"] + spot[0], box["y"] + spot[1])


def test_targets_are_picked_on_the_map_and_in_the_fields(case, live_server):
    row = case.interventions.get(slug="more-booths")
    old, new = (case.crossings.get(code=code).point for code in ("0901", "3802"))
    with browser() as started:
        page = open_page(started, live_server.url)
        sign_in(page)
        page.goto(reverse("admin:planner_intervention_change", args=[row.pk]))
        button = page.locator("#channels-0 button[data-pick]")
        button.click()
        page.locator("#target-map[data-ready=true]").wait_for()
        assert button.get_attribute("aria-expanded") == "true"
        click_at(page, new.x, new.y)
        assert page.input_value("#id_channels-0-crossing") == "0901; 3802"
        assert "3802" in page.locator("#target-map [role=status]").inner_text()
        click_at(page, old.x, old.y)
        assert page.input_value("#id_channels-0-crossing") == "3802"
        # What is typed is marked on the map: a click then takes it out again.
        page.fill("#id_channels-0-crossing", "3802; 0901")
        click_at(page, old.x, old.y)
        assert page.input_value("#id_channels-0-crossing") == "3802"
        picture(page, "targets-on-the-map")
        assert serious_problems(page) == []
        page.click("[name=_save]")
        page.wait_for_url("**/planner/intervention/")
        assert row.channels.get().crossing == "3802"

        # Places of another channel go where its type reads them, by the field that is chosen.
        other = case.interventions.get(slug="visitors")
        page.goto(reverse("admin:planner_intervention_change", args=[other.pk]))
        page.locator("#channels-0 button[data-pick]").click()
        page.locator("#target-map[data-ready=true]").wait_for()
        page.get_by_role("radio", name="origins").check()
        ontario = case.regions.get(code="CA-ON")
        click_at(page, ontario.point.x, ontario.point.y)
        assert page.input_value("#id_channels-0-origin") == "CA; CA-ON"
        assert page.faults == []
    assert Intervention.objects.get(slug="visitors").channels.get().origin == "CA"


def tab_to(page, selector: str) -> None:
    """By the Tab key to the field, as somebody without a mouse would go."""
    wanted = page.locator(selector)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one.contains(document.activeElement)"):
            return
    raise AssertionError(f"the keyboard does not come to {selector}")


def type_into(page, field: str, text: str) -> None:
    tab_to(page, f"#id_{field}")
    page.keyboard.type(text)


def choose(page, field: str, text: str) -> None:
    """In a field that is searched as one types: open, type, take the first."""
    tab_to(page, f".field-{field} .select2-selection")
    page.keyboard.press("Enter")
    page.locator(".select2-container--open .select2-search__field").wait_for()
    page.keyboard.type(text)
    page.locator(".select2-results__option--highlighted", has_text=text).wait_for()
    page.keyboard.press("Enter")


def save(page) -> None:
    tab_to(page, "[name=_save]")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_crossing_and_a_region_are_made_by_keyboard_alone(case, live_server):
    with browser() as started:
        page = open_page(started, live_server.url)
        sign_in(page)
        page.goto(f"{reverse('admin:regions_crossing_add')}?case={case.pk}")
        page.locator("[data-map=edit][data-ready=true]").wait_for()
        type_into(page, "code", "0999")
        type_into(page, "name", "Third Bridge")
        choose(page, "region_a", "Michigan")
        choose(page, "region_b", "Ontario")
        type_into(page, "latitude", "42.5")
        type_into(page, "longitude", "-82.75")
        shown = page.locator("[data-map=edit] .map-place")
        assert shown.count() == 1, "what is typed is on the map at once"
        save(page)
        page.wait_for_url("**/regions/crossing/")
        point = Crossing.objects.get(code="0999").point
        assert (point.x, point.y) == (-82.75, 42.5)

        page.goto(f"{reverse('admin:regions_region_add')}?case={case.pk}")
        page.locator("[data-map=edit][data-ready=true]").wait_for()
        type_into(page, "code", "CA-GB")
        type_into(page, "name", "Georgian Bay")
        choose(page, "economy", "CA")
        type_into(page, "kind", "Border")
        type_into(page, "gdp_musd", "5000")
        type_into(page, "population", "90000")
        type_into(page, "latitude", "44.5")
        type_into(page, "longitude", "-79.5")
        type_into(page, "outline_geojson", json.dumps(SQUARE))
        picture(page, "region-by-keyboard")
        save(page)
        assert page.locator(".errorlist").all_inner_texts() == []
        page.wait_for_url("**/regions/region/")
        region = Region.objects.get(code="CA-GB")
        assert region.outline.extent == (-80.0, 44.0, -79.0, 45.0)
        assert page.faults == []
