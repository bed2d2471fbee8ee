"""What the engine gets to see of a case."""

import datetime

import numpy as np
import pytest

from regions.importing.loader import import_case
from regions.models import Case, Crossing, CrossingFlow, Region, SectorFlow
from regions.selectors import case_digest, case_frames, chosen_waits, places_geodataframe
from tests.factories import regions as make
from tests.regions.case_files import FILES, REQUIRED, edited, write_case

pytestmark = pytest.mark.django_db

WAITS = [
    "crossing", "direction", "minutes", "minutes_low", "minutes_high", "grade", "source", "statistic", "period_start",
    "period_end", "sample_size", "method", "p95_minutes",
]  # fmt: skip
COLUMNS = {
    "economies": ["id", "name"],
    "places": ["id", "name", "economy", "gdp_musd", "population", "latitude", "longitude", "kind", "area_km2"],
    "sectors": ["id", "name", "kind"],
    "crossings": [
        "code", "name", "latitude", "longitude", "region_a", "region_b", "travellers_inbound", "cars_inbound",
        "car_people_inbound", "trucks_inbound", "truck_loaded_share",
    ],
    "sector_flows": ["origin", "destination", "sector", "value_musd", "how"],
    "crossing_flows": ["origin", "destination", "crossing", "mode", "value_musd"],
    "waits": WAITS,
    "traveller_waits": WAITS,
    "fees": ["crossing", "truck_fee_usd", "grade", "source"],
    "booths": ["crossing", "direction", "booths", "grade", "source"],
    "car_booths": ["crossing", "direction", "booths", "grade", "source"],
    "hours": ["crossing", "opens", "closes", "grade", "source"],
    "io": ["place", "input", "sector", "share"],
    "value_added": ["place", "sector", "share"],
    "tariffs": ["origin", "destination", "sector", "rate"],
}  # fmt: skip


@pytest.fixture
def case(tmp_path):
    import_case(write_case(tmp_path / "small-2023"))
    return Case.objects.get()


def test_frames_have_the_columns_of_the_engine(case, tmp_path):
    import_case(write_case(tmp_path / "bare-2023", only=REQUIRED))
    for name in ("small-2023", "bare-2023"):
        frames = case_frames(Case.objects.get(name=name))
        assert {key: list(data.columns) for key, data in frames.items()} == COLUMNS


def test_frames_hold_the_rows_of_the_files(case):
    frames = case_frames(case)
    assert frames["places"]["id"].tolist() == ["CA-ON", "US-MI", "US-REST"]
    assert frames["sector_flows"].values.tolist() == [
        ["CA-ON", "US-MI", "cars", 0.7, "observed"],
        ["CA-ON", "US-MI", "food", 0.3, "observed"],
        ["US-MI", "CA-ON", "cars", 0.5, "observed"],
        ["US-REST", "CA-ON", "food", 0.3, "observed"],
    ]
    assert frames["crossing_flows"].values.tolist() == [
        ["CA-ON", "US-MI", "0901", "truck", 0.6],
        ["CA-ON", "US-MI", "OTHER", "pipeline", 0.4],
        ["US-MI", "CA-ON", "0901", "truck", 0.5],
        ["US-REST", "CA-ON", "3802", "rail", 0.3],
    ]
    waits = frames["waits"].to_dict("records")
    assert [{key: value for key, value in row.items() if value == value} for row in waits] == [
        {
            "crossing": "0901", "direction": "US", "minutes": 12.1, "grade": "B", "source": "Survey", "statistic": "mean",
            "period_start": "2023-01-01", "period_end": "2023-12-31", "sample_size": 2000.0, "method": "GPS",
            "p95_minutes": 33.0,
        }
    ]  # fmt: skip
    assert frames["fees"].values.tolist() == [["0901", 17.6, "B", "Authority"]]
    assert frames["io"].values.tolist() == [["US-MI", "cars", "cars", 0.4], ["US-MI", "food", "cars", 0.1]]
    assert frames["value_added"].values.tolist() == [["US-MI", "cars", 0.5]]
    assert frames["tariffs"].values.tolist() == [["CA-ON", "US-MI", "food", 0.05]]


def test_unreported_counts_are_missing_and_not_zero(case):
    crossings = case_frames(case)["crossings"].set_index("code")
    assert crossings.loc["0901", ["trucks_inbound", "travellers_inbound", "truck_loaded_share"]].tolist() == [
        1000.0,
        5000.0,
        0.75,
    ]
    assert crossings.loc["3802", ["trucks_inbound", "travellers_inbound", "truck_loaded_share"]].isna().all()
    assert crossings["trucks_inbound"].dtype == np.float64


def test_area_only_where_there_is_an_outline(case):
    Region.objects.filter(code="US-REST").update(outline=None)
    areas = case_frames(case)["places"].set_index("id")["area_km2"]
    assert np.isnan(areas["US-REST"])
    # 4 degrees of longitude between 42 and 47 degrees north: R^2 * dlon * (sin 47 - sin 42) on the sphere.
    on_sphere = 6371.0088**2 * np.radians(4) * (np.sin(np.radians(47)) - np.sin(np.radians(42)))
    assert areas["US-MI"] == pytest.approx(on_sphere, rel=5e-3)


def test_number_of_queries_does_not_grow(case, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        case_frames(case)


def wait(crossing, **values):
    return make.DelayFactory(crossing=crossing, direction=crossing.region_a.economy, **values)


def year(number):
    return {"period_start": datetime.date(number, 1, 1), "period_end": datetime.date(number, 12, 31)}


def test_choice_of_the_wait():
    """A mean before a median, unless older by more than five years; then newest, best grade, largest sample."""
    crossing = make.CrossingFactory()
    case = crossing.case

    def chosen():
        return chosen_waits(case)["delay"].tolist()

    wait(crossing, statistic="p95", minutes=99)
    wait(crossing, vehicle_class="car", minutes=99)
    assert chosen() == []
    old_mean = wait(crossing, statistic="mean", quality="A", **year(2015))
    assert chosen() == [old_mean.pk]
    median = wait(crossing, statistic="median", quality="C", **year(2022))
    assert chosen() == [median.pk], "a mean of 2015 says less than a median of 2022"
    assert chosen_waits(case)["source"].tolist() == ["test (median)"]
    mean = wait(crossing, statistic="mean", quality="D", **year(2021))
    assert chosen() == [mean.pk], "a mean of about the same time goes first"
    newer = wait(crossing, statistic="mean", quality="D", **year(2023))
    assert chosen() == [newer.pk]
    better = wait(crossing, statistic="mean", quality="B", sample_size=10, **year(2023))
    assert chosen() == [better.pk]
    larger = wait(crossing, statistic="mean", quality="B", sample_size=500, **year(2023))
    assert chosen() == [larger.pk]


def test_choice_is_by_crossing_and_direction():
    crossing = make.CrossingFactory(code="0901")
    inbound = wait(crossing, minutes=5)
    outbound = make.DelayFactory(crossing=crossing, direction=crossing.region_b.economy, minutes=3)
    make.DelayFactory()
    rows = chosen_waits(crossing.case).set_index("direction")
    assert rows.loc[crossing.region_a.economy.code, ["minutes", "delay"]].tolist() == [5, inbound.pk]
    assert rows.loc[crossing.region_b.economy.code, ["minutes", "delay"]].tolist() == [3, outbound.pk]


def test_digest_does_not_depend_on_order_ids_or_the_name(case, tmp_path):
    def shuffled(file):
        head, *rows = FILES[file].strip().split("\n")
        return "\n".join([head, *reversed(rows)]) + "\n"

    import_case(
        write_case(
            tmp_path / "other-2023",
            regions=shuffled("regions.csv"),
            crossings=shuffled("crossings.csv"),
            sector_flows=shuffled("sector_flows.csv"),
            crossing_flows=shuffled("crossing_flows.csv"),
            economies=shuffled("economies.csv"),
        ),
        name="other-2023",
    )
    assert case_digest(Case.objects.get(name="other-2023")) == case_digest(case)


def change_gdp(case):
    Region.objects.filter(case=case, code="US-MI").update(gdp_musd=1)


def change_outline(case):
    Region.objects.filter(case=case, code="US-MI").update(outline=None)


def change_flow(case):
    SectorFlow.objects.filter(case=case, value_usd=700_000).update(value_usd=700_000.001)


def lose_flow(case):
    CrossingFlow.objects.filter(case=case, crossing=None).delete()


def change_trucks(case):
    Crossing.objects.filter(case=case, code="3802").update(trucks_inbound=0)


def change_year(case):
    case.year = 2022
    case.save()


@pytest.mark.parametrize("change", [change_gdp, change_outline, change_flow, lose_flow, change_trucks, change_year])
def test_digest_sees_every_change(case, change):
    before = case_digest(case)
    change(case)
    assert case_digest(case) != before


def test_digest_sees_another_wait(case, tmp_path):
    before = case_digest(case)
    import_case(write_case(tmp_path / "small-2023", **edited("delays", "mean,12.1", "mean,12.2")), replace=True)
    assert case_digest(case) != before


def test_outlines_as_geodataframe(case):
    outlines = places_geodataframe(case)
    assert outlines["id"].tolist() == ["CA-ON", "US-MI", "US-REST"]
    assert outlines["economy"].tolist() == ["CA", "US", "US"]
    assert set(outlines.geometry.geom_type) == {"MultiPolygon"}
    assert outlines.crs.to_epsg() == 4326
