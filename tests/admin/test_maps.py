"""Maps: one compressed answer for each layer, drawn at once at full size; what is drawn on the map is what is saved."""

import gzip
import json
import math

import pytest
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.urls import reverse

from regions.access import Role, grant
from regions.map_layers import flows_layer
from regions.models import Case, Crossing, CrossingFlow, Economy, Region, Sector, SectorFlow
from tests.admin.browsing import browser, open_page, picture, sign_in
from tests.factories.plans import import_plans

MEBIBYTE = 1 << 20


def hexagonal(longitude: float, latitude: float, size: float, corners: int = 60) -> MultiPolygon:
    """A round outline with as many corners as outlines of real places have after some thinning."""
    angles = [2 * math.pi * step / corners for step in range(corners)]
    ring = [(longitude + size * math.cos(one), latitude + size * math.sin(one)) for one in angles]
    return MultiPolygon(Polygon([*ring, ring[0]], srid=4326), srid=4326)


def large_case(regions: int = 1000, crossings: int = 5000) -> Case:
    """A border of that many regions and crossings."""
    case = Case.objects.create(name="large", title="A large border", year=2023, price_year=2023)
    sides = [Economy.objects.create(case=case, code=code, name=code) for code in ("AA", "BB")]
    rows = []
    for number in range(regions):
        longitude, latitude = -120 + 1.2 * (number % 50), 30 + 1.2 * (number // 50)
        rows.append(
            Region(
                case=case, code=f"R{number}", name=f"Region {number}", economy=sides[number % 2], kind="border",
                gdp_musd=1000 + number, population=1000 + number, point=Point(longitude, latitude, srid=4326),
                outline=hexagonal(longitude, latitude, 0.55),
            )
        )  # fmt: skip
    made = Region.objects.bulk_create(rows, batch_size=500)
    points = Crossing.objects.bulk_create(
        [
            Crossing(
                case=case, code=f"C{number}", name=f"Crossing {number}", region_a=made[number % regions // 2 * 2],
                region_b=made[number % regions // 2 * 2 + 1], trucks_inbound=number,
                point=Point(-120 + 60 * (number % 997) / 997, 30 + 24 * (number % 499) / 499, srid=4326),
            )
            for number in range(crossings)
        ],
        batch_size=500,
    )  # fmt: skip
    CrossingFlow.objects.bulk_create(
        [
            CrossingFlow(
                case=case, origin=one.region_a, destination=one.region_b, crossing=one, mode="truck",
                value_usd=1e6 * (1 + number % 700),
            )
            for number, one in enumerate(points)
        ],
        batch_size=500,
    )  # fmt: skip
    goods = Sector.objects.create(case=case, code="goods", name="Goods", kind="goods")
    SectorFlow.objects.bulk_create(
        [
            SectorFlow(
                case=case, origin=made[number % regions], destination=made[(number * 7 + 1) % regions], sector=goods,
                value_usd=1e6 * (1 + number),
            )
            for number in range(regions)
        ],
        batch_size=500,
    )  # fmt: skip
    return case


def test_layers_are_for_those_who_see_the_case(client, case):
    person = get_user_model().objects.create_user("reader", password="a password for tests", is_staff=True)
    client.force_login(person)
    addresses = [reverse("admin:desk_layer", args=[case.pk, layer]) for layer in ("regions", "crossings", "flows")]
    addresses += [reverse("admin:desk_map", args=[case.pk])]
    addresses += [reverse("admin:desk_outline", args=[case.regions.first().pk])]
    assert [client.get(address).status_code for address in addresses] == [404] * len(addresses)
    grant(person, case, Role.VIEWER)
    assert [client.get(address).status_code for address in addresses] == [200] * len(addresses)
    assert client.get(reverse("admin:desk_layer", args=[case.pk, "secrets"])).status_code == 404
    page = client.get(addresses[3]).content.decode()
    assert reverse("admin:regions_crossing_add") not in page, "a viewer is offered no drawing"


def test_flows_join_both_ways_and_say_who_sells_more(case):
    lines = {(first, second): (out, back) for first, second, out, back in flows_layer(case)["lines"]}
    # Ontario sells cars 38 and food 6 to Michigan and buys 18 and 5, in billions.
    assert lines[("CA-ON", "US-MI")] == (44_000, 23_000)
    assert lines[("CA-ON", "US-REST")] == (90_000, 80_000)


def test_crossings_carry_trade_and_the_chosen_wait(client, case, admin_user):
    client.force_login(admin_user)
    answer = client.get(reverse("admin:desk_layer", args=[case.pk, "crossings"]))
    found = {one["id"]: one["properties"] for one in answer.json()["features"]}
    assert found["0901"]["trade_musd"] == 30_000 + 17_000 + 90_000
    assert found["0901"]["waits"]["US"] == {"minutes": 22.0, "grade": "B", "source": "Survey"}
    again = client.get(answer.request["PATH_INFO"], headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.django_db(transaction=True)
@pytest.mark.needs_browser
def test_a_large_border_is_drawn_from_one_request_a_layer(live_server, monkeypatch, client, admin_user):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    ContentType.objects.clear_cache()
    case = large_case()
    client.force_login(admin_user)
    for layer in ("regions", "crossings", "flows"):
        answer = client.get(reverse("admin:desk_layer", args=[case.pk, layer]), headers={"Accept-Encoding": "gzip"})
        assert answer["Content-Encoding"] == "gzip"
        assert len(answer.content) <= MEBIBYTE, layer
        print(f"layer {layer}: {len(answer.content) / 1024:.0f} KiB compressed")
        assert json.loads(gzip.decompress(answer.content))
    with browser() as started:
        page = open_page(started, live_server.url)
        sign_in(page)
        page.goto(reverse("admin:desk_map", args=[case.pk]))
        page.locator("[data-map=case][data-ready=true]").wait_for(timeout=60_000)
        layers = [address for address in page.asked if "/layers/" in address]
        assert len(layers) == len(set(layers)) == 3
        frames = dragged_frames(page)
        print(f"panning: median frame {frames['median']:.1f} ms, 95 % {frames['most']:.1f} ms of {frames['count']}")
        assert frames["count"] > 5
        picture(page, "map-large", full=False)
        # By keyboard: find a crossing, its details open as text.
        page.fill("[data-map-find]", "Crossing 4321 (C4321)")
        page.keyboard.press("Tab")
        page.get_by_role("heading", name="Crossing 4321").wait_for()
        assert page.faults == []


START_CLOCK = """() => {
  const times = []; let last = performance.now(); window.stopClock = false;
  const frame = (now) => { times.push(now - last); last = now; if (!window.stopClock) requestAnimationFrame(frame); };
  requestAnimationFrame(frame); window.frameTimes = times;
}"""
STOP_CLOCK = """() => {
  window.stopClock = true; const times = window.frameTimes.slice(1).sort((a, b) => a - b);
  return { count: times.length, median: times[Math.floor(times.length / 2)], most: times[Math.floor(times.length * 0.95)] };
}"""


def dragged_frames(page) -> dict[str, float]:
    """Times between frames while a hand drags the map, milliseconds."""
    box = page.locator("[data-map=case]").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(START_CLOCK)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(x + 4 * step, y + 2 * (step % 20))
    times = page.evaluate(STOP_CLOCK)
    page.mouse.up()
    return times


@pytest.mark.django_db(transaction=True)
@pytest.mark.needs_browser
def test_a_crossing_and_a_region_are_drawn_and_saved(live_server, monkeypatch, tmp_path):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    ContentType.objects.clear_cache()
    case = import_plans(tmp_path / "small-2023")
    with browser() as started:
        page = open_page(started, live_server.url)
        sign_in(page)
        region = case.regions.get(code="US-MI")
        page.goto(reverse("admin:regions_region_change", args=[region.pk]))
        page.locator("[data-map=edit][data-ready=true]").wait_for()
        # What Geoman hands over when a polygon was drawn.
        page.evaluate(
            """() => { const { map, places } = document.querySelector('[data-map=edit]').planner; places.clearLayers();
            [[[-86, 42], [-83, 42], [-83, 45], [-86, 45]], [[-88, 46], [-85, 46], [-85, 47]]].forEach((ring) => {
              const layer = L.polygon(ring.map(([lng, lat]) => [lat, lng])); places.addLayer(layer); map.fire('pm:create', { layer }); }); }"""
        )
        page.click("[name=_save]")
        page.wait_for_url("**/regions/region/")
        region.refresh_from_db()
        assert len(region.outline) == 2
        assert region.outline.extent == (-88.0, 42.0, -83.0, 47.0)

        page.goto(f"{reverse('admin:regions_crossing_add')}?case={case.pk}")
        page.locator("[data-map=edit][data-ready=true]").wait_for()
        page.click("[data-map-place]")
        box = page.locator("[data-map=edit]").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        latitude = float(page.input_value("#id_latitude"))
        page.fill("#id_longitude", "-82.5")
        assert -90 < latitude < 90
        page.fill("#id_latitude", "95")
        picture(page, "crossing-drawn")
        page.click("[name=_save]")
        assert page.locator("#id_latitude").evaluate("field => !field.checkValidity()"), "95 degrees is refused"
        assert page.faults == []
