"""Lists stay bounded: the number of queries does not grow with the rows, and no page loads them all."""

import datetime
import time

import numpy as np
import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from planner.models import Channel, Cost, Intervention
from regions.access import Role, grant
from regions.importing.bulk import bulk_writer
from regions.models import Case, Crossing, Delay, Economy, Region, Sector, SectorFlow

pytestmark = pytest.mark.django_db

PLACES, SECTORS, CROSSINGS = 160, 10, 100
FEW, MANY = (60, 60, 60), (100_000, 10_000, 1_000)
MOST_QUERIES = 20
LARGEST_PAGE = 400_000


def border(flows: int, delays: int, interventions: int) -> Case:
    """A case with so many rows, written in bulk."""
    case = Case.objects.create(name=f"b{flows}", title="A border", year=2023, price_year=2023)
    sides = [Economy.objects.create(case=case, code=code, name=code) for code in ("AA", "BB")]
    places = Region.objects.bulk_create(
        Region(
            case=case, code=f"R{n}", name=f"Region {n}", economy=sides[n % 2], kind="border", gdp_musd=100 + n,
            population=1000, point=Point(-100 + n / 10, 40, srid=4326),
        )
        for n in range(PLACES)
    )  # fmt: skip
    sectors = Sector.objects.bulk_create(
        Sector(case=case, code=f"s{n}", name=f"Sector {n}", kind="goods") for n in range(SECTORS)
    )
    crossings = Crossing.objects.bulk_create(
        Crossing(
            case=case, code=f"C{n}", name=f"Crossing {n}", region_a=places[0], region_b=places[1],
            point=Point(-100, 40 + n / 100, srid=4326),
        )
        for n in range(CROSSINGS)
    )  # fmt: skip
    # All pairs of places in each sector, by numbers, since a hundred thousand objects take their time.
    number = np.arange(flows)
    pair, sector = number // SECTORS, number % SECTORS
    origin, step = pair // (PLACES - 1), pair % (PLACES - 1)
    ids = np.array([place.pk for place in places])
    given = {
        "case": case.pk,
        "origin": ids[origin],
        "destination": ids[(origin + 1 + step) % PLACES],
        "sector": np.array([one.pk for one in sectors])[sector],
        "value_usd": np.full(flows, 1e6),
    }
    others = {one.name: one.get_default() for one in SectorFlow._meta.concrete_fields if not one.null}
    bulk_writer(SectorFlow)({**{name: value for name, value in others.items() if name != "id"}, **given})
    first = datetime.date(2000, 1, 1)
    Delay.objects.bulk_create(
        (
            Delay(
                crossing=crossings[n % CROSSINGS], direction=sides[n % 2], vehicle_class="truck", statistic="mean",
                minutes=n % 60, period_start=first + datetime.timedelta(days=n // CROSSINGS),
                period_end=first + datetime.timedelta(days=n // CROSSINGS), method="m", quality="C", source="s",
            )
            for n in range(delays)
        ),
        batch_size=5000,
    )  # fmt: skip
    made = Intervention.objects.bulk_create(
        Intervention(case=case, slug=f"i{n}", name=f"Intervention {n}", kind="facilitation")
        for n in range(interventions)
    )
    Channel.objects.bulk_create(
        Channel(
            intervention=one, type="wait_minutes", crossing="C1", low=-3, central=-2, high=-1, unit="minutes",
            source="s", grade="D",
        )
        for one in made
    )  # fmt: skip
    Cost.objects.bulk_create(
        Cost(intervention=one, year=2026, category="capital", amount_musd=1, source="s", grade="D") for one in made
    )
    return case


def ask(client, address: str, **query) -> tuple[int, int, float]:
    """Queries, bytes and seconds of processor time of one page."""
    began = time.thread_time()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get(address, query)
    assert answer.status_code == 200, address
    return len(asked), len(answer.content), time.thread_time() - began


def lists(user: User) -> list[str]:
    """Lists of all models that the person may see."""
    request = RequestFactory().get("/admin/")
    request.user = user
    return [
        f"{model._meta.app_label}_{model._meta.model_name}"
        for model, page in admin.site._registry.items()
        if page.has_view_permission(request)
    ]


def pages(case: Case, user: User) -> dict[str, tuple[str, dict]]:
    row = case.interventions.first()
    crossing = case.crossings.first()
    return {
        **{name: (reverse(f"admin:{name}_changelist"), {}) for name in lists(user)},
        "search": (reverse("admin:planner_intervention_changelist"), {"q": "Intervention 5"}),
        "an intervention": (reverse("admin:planner_intervention_change", args=[row.pk]), {}),
        "a crossing": (reverse("admin:regions_crossing_change", args=[crossing.pk]), {}),
        "the case": (reverse("admin:regions_case_change", args=[case.pk]), {}),
        "estimating": (reverse("admin:planner_run_start"), {"case": case.pk}),
        "home": (reverse("admin:index"), {}),
    }


def test_queries_and_size_do_not_grow_with_the_rows(client):
    """With 100,000 flows, 10,000 waits and 1,000 interventions as with sixty; the times are printed, not judged."""
    user = User.objects.create_user("planner", password="x", is_staff=True)
    client.force_login(user)
    few = border(*FEW)
    grant(user, few, Role.PLANNER)
    ask(client, reverse("admin:index"))
    small = {name: ask(client, address, **query) for name, (address, query) in pages(few, user).items()}
    many = border(*MANY)
    grant(user, many, Role.PLANNER)
    large = {name: ask(client, address, **query) for name, (address, query) in pages(many, user).items()}
    assert len(large) > 30
    for name, (queries, size, seconds) in large.items():
        print(f"{name}: {queries} queries, {size / 1024:.0f} KiB, {seconds * 1000:.0f} ms of processor time")
        # A second case may cost a query or two of its own, where pages say something of each case.
        assert queries <= max(small[name][0] + 4, MOST_QUERIES), (name, small[name][0], queries)
        assert queries <= 2 * MOST_QUERIES, name
        assert size <= LARGEST_PAGE, name
