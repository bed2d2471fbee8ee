"""Records of waits: times and zones, values that are none, outliers, statistics with intervals, grades, the surface."""

import datetime

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from regions.importing import registry
from regions.importing.journal import image
from regions.importing.loader import import_case
from regions.importing.problems import ImportRefused
from regions.importing.wait_statistics import Group, quantile, sentinels, summarise, zeros_in_doubt
from regions.importing.wait_times import in_zone, parse_times
from regions.models import Delay, ImportBatch, WaitCell
from tests.regions.case_files import write_case

HEADER = "crossing,direction,vehicle_class,start,minutes"


@pytest.fixture
def case(tmp_path):
    return import_case(write_case(tmp_path / "small-2023")).batch.case


def record(start, minutes, crossing="3802", direction="US", vehicle="truck"):
    return f"{crossing},{direction},{vehicle},{start},{minutes}"


def write(tmp_path, *rows, header=HEADER, name="waits.csv"):
    path = tmp_path / name
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def season(days=60, minutes=lambda day, hour: 10 + hour % 5, start=datetime.date(2023, 6, 1)):
    """A record each hour of each day."""
    return [
        record(f"{start + datetime.timedelta(days=day)} {hour:02d}:00", minutes(day, hour))
        for day in range(days)
        for hour in range(24)
    ]


def load(path, case, mapping=None, **options):
    return registry.load("wait_records", path, case, mapping, options=options)


def refused(*arguments, **options):
    with pytest.raises(ImportRefused) as refusal:
        load(*arguments, **options)
    return [(one.row, one.column, one.value, one.kind) for one in refusal.value.problems.errors]


def warned(report):
    return {problem.kind: str(problem) for problem in report.problems.warnings}


# Statistics ------------------------------------------------------------------------------------------------------------


def group_of(values, days, start=datetime.date(2023, 1, 1)):
    """A group of records in one hour each, by day."""
    values, days = np.asarray(values, dtype=float), np.asarray(days)
    present = np.unique(days) + (start - datetime.date(1970, 1, 1)).days
    return Group(
        tenths=np.rint(values * 10).astype(np.int64),
        hours=np.arange(len(values)) % 168,
        counts=np.ones(len(values), dtype=np.int64),
        days=present,
        day_sums=np.bincount(days, weights=values),
        day_counts=np.bincount(days),
    )


def test_quantiles_are_those_of_numpy():
    rng = np.random.default_rng(1)
    values = np.round(rng.lognormal(2, 1, 501), 1)
    distinct, counts = np.unique(values, return_counts=True)
    for share in (0.0, 0.05, 0.5, 0.951, 1.0):
        assert quantile(distinct, counts, share) == pytest.approx(np.quantile(values, share))


def test_summary_of_known_values():
    values = [0, 10, 20, 30, 40] * 40
    found = summarise(group_of(values, np.repeat(np.arange(40), 5)), 2023)
    assert found.statistics["mean"].minutes == 20
    # Every day is the same, so that days say the mean exactly.
    assert (found.statistics["mean"].low, found.statistics["mean"].high) == (20, 20)
    assert found.statistics["median"].minutes == 20
    assert found.statistics["p95"].minutes == 40
    assert found.statistics["buffer"].minutes == 20
    assert (found.grade, found.reasons) == ("A", ())


def test_the_interval_holds_the_mean_as_often_as_it_says():
    """Days differ, records of a day resemble each other: one that took them as independent would hold it in 29 %."""
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        level = rng.normal(30, 6, 40)
        values = np.clip(np.repeat(level, 24) + rng.normal(0, 3, 40 * 24), 0, None)
        found = summarise(group_of(values, np.repeat(np.arange(40), 24)), 2023).statistics["mean"]
        held += found.low <= 30 <= found.high
    assert 0.86 <= held / 400 <= 0.94


def test_thin_and_old_records_get_a_lower_grade_and_a_wider_interval():
    rng = np.random.default_rng(3)
    values, days = rng.normal(30, 8, 60 * 24).clip(0), np.repeat(np.arange(60), 24)
    good = summarise(group_of(values, days), 2023)
    thin = summarise(group_of(values[:240], days[:240]), 2023)
    old = summarise(group_of(values, days, start=datetime.date(2018, 1, 1)), 2023)
    one_day = summarise(group_of(values[:24], days[:24]), 2023)
    width = {name: one.statistics["mean"].high - one.statistics["mean"].low for name, one in
             {"good": good, "thin": thin, "old": old, "one_day": one_day}.items()}  # fmt: skip
    assert (good.grade, thin.grade, old.grade) == ("A", "B", "B")
    assert one_day.grade == "D"
    assert width["good"] < width["thin"] < width["one_day"]
    assert width["old"] == pytest.approx(width["good"] * (1 + 0.25 * (years(2018, 3, 1) - 1)), rel=1e-9)
    assert summarise(group_of(values, days), 2023, best_grade="C").grade == "C"


def years(*day):
    return (datetime.date(2023, 12, 31) - datetime.date(*day)).days / 365.25


def test_sentinels_are_told_from_long_waits():
    values = np.array([0.0, 5.0, 10.0, 240.0, 999.0, 7777.0])
    assert sentinels(values, np.array([50, 500, 500, 3, 1, 40])) == [999.0, 7777.0]
    # One long wait is a long wait.
    assert sentinels(values[:4], np.array([50, 500, 500, 1])) == []
    assert sentinels(np.array([30.0, 480.0]), np.array([500, 20])) == [480.0]
    assert zeros_in_doubt(np.array([0.0, 20.0, 30.0]), np.array([60, 50, 50]))
    assert not zeros_in_doubt(np.array([0.0, 2.0, 30.0]), np.array([60, 5, 50]))


# Times -----------------------------------------------------------------------------------------------------------------


def local(text, zone=""):
    found = in_zone(parse_times(pa.array([text])), zone)
    return str(found.local[0]), bool(found.skipped[0]), bool(found.twice[0])


@pytest.mark.parametrize(
    ("text", "zone", "clock"),
    [
        ("2023-07-01 14:30", "", "2023-07-01T14:30:00"),
        ("2023-07-01T14:30:59.25", "", "2023-07-01T14:30:59"),
        ("7/1/2023 2:30 PM", "", "2023-07-01T14:30:00"),
        ("07/01/2023 12:05 am", "", "2023-07-01T00:05:00"),
        ("07/01/2023 23:05", "", "2023-07-01T23:05:00"),
        # Summer and winter differ by an hour on the clocks of Detroit.
        ("2023-07-01T14:30:00Z", "America/Detroit", "2023-07-01T10:30:00"),
        ("2023-01-01T03:30:00Z", "America/Detroit", "2022-12-31T22:30:00"),
        ("2023-07-01T14:30:00-05:00", "America/Detroit", "2023-07-01T15:30:00"),
        ("2023-07-01 14:30", "America/Detroit", "2023-07-01T14:30:00"),
    ],
)
def test_times_on_the_clocks_of_the_place(text, zone, clock):
    assert local(text, zone) == (clock, False, False)


def test_hours_that_clocks_skip_or_pass_twice():
    assert local("2023-03-12 02:30", "America/Detroit")[1:] == (True, False)
    assert local("2023-11-05 01:30", "America/Detroit") == ("2023-11-05T01:30:00", False, True)
    # With an offset nothing is in doubt: both come at half past one, an hour apart.
    first, second = (
        in_zone(parse_times(pa.array([f"2023-11-05T0{hour}:30:00Z"])), "America/Detroit") for hour in (5, 6)
    )
    assert first.local[0] == second.local[0] == np.datetime64("2023-11-05T01:30:00")
    assert first.universal[0] != second.universal[0]
    # A zone without summer time skips nothing.
    assert local("2023-03-12 02:30", "America/Phoenix")[1:] == (False, False)


@pytest.mark.parametrize(
    "text", ["2023-02-30 10:00", "2023-13-01 10:00", "2023-01-01 24:00", "13:00", "1/1/2023 13:00 PM", ""]
)
def test_times_that_no_calendar_has(text):
    assert np.isnat(parse_times(pa.array([text])).written[0])


# Import ----------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_records_become_measurements_and_a_surface(tmp_path, case):
    before = {model: image(model, case) for model in (Delay, WaitCell)}
    path = write(tmp_path, *season())
    assert registry.detect(path)[0].format.id == "wait_records"
    report = load(path, case, source="Authority", time_zone="America/Detroit")
    waits = {row.statistic: row for row in Delay.objects.filter(crossing__code="3802")}
    values = [10 + hour % 5 for hour in range(24)]
    assert waits["mean"].minutes == pytest.approx(np.mean(values), abs=1e-4)
    assert waits["median"].minutes == np.median(values)
    assert waits["p95"].minutes == np.quantile(values * 60, 0.95)
    assert waits["buffer"].minutes == pytest.approx(waits["p95"].minutes - waits["mean"].minutes, abs=1e-3)
    mean = waits["mean"]
    assert (mean.sample_size, mean.quality, mean.method, mean.source) == (1440, "A", "records", "Authority")
    assert (mean.period_start, mean.period_end) == (datetime.date(2023, 6, 1), datetime.date(2023, 7, 30))
    assert WaitCell.objects.count() == 168
    thursday = WaitCell.objects.get(weekday=3, hour=7)
    assert (thursday.mean_minutes, thursday.sample_size) == (12.0, 9)
    (told,) = report.quality["groups"]
    assert told["by_hour"]["7"] if "7" in told["by_hour"] else told["by_hour"][7] == 12.0
    again = load(path, case, source="Authority", time_zone="America/Detroit")
    assert again.outcome == "unchanged"
    registry.undo(report.batches[0].pk)
    assert {model: image(model, case) for model in (Delay, WaitCell)} == before


@pytest.mark.django_db
def test_what_is_no_measurement_is_left_out_and_said(tmp_path, case):
    rows = season()
    odd = [record(f"2023-08-01 0{hour}:10", value) for hour, value in enumerate(
        ["", "N/A", "Lanes Closed", "-1", "-1", "999", "no delay"]
    )]  # fmt: skip
    copies = [rows[0], rows[1]]
    report = load(write(tmp_path, *rows, *odd, *copies), case)
    told = warned(report)
    assert "3 records without a measurement" in told["not_measured"]
    assert "2 exact copies" in told["duplicate_rows"]
    sentinel = [str(one) for one in report.problems.warnings if one.kind == "sentinel"]
    assert len(sentinel) == 2
    assert "-1 (2 times)" in sentinel[0]
    assert '"999"' in sentinel[1]
    assert Delay.objects.get(crossing__code="3802", statistic="mean").sample_size == len(rows) + 1
    assert WaitCell.objects.get(weekday=1, hour=6).sample_size == 9


@pytest.mark.django_db
def test_outliers_are_flagged_kept_and_named(tmp_path, case):
    rows = [*season(), record("2023-08-02 10:10", 181)]
    report = load(write(tmp_path, *rows), case)
    assert f"1 outliers flagged and kept: 181 in row {len(rows) + 1}" in warned(report)["outliers"]
    assert report.quality["groups"][0]["outliers"] == 1
    mean = Delay.objects.get(crossing__code="3802", statistic="mean")
    assert mean.minutes == pytest.approx((sum(10 + hour % 5 for hour in range(24)) * 60 + 181) / 1441, abs=1e-3)


@pytest.mark.django_db
def test_zeros_that_may_mean_nothing_lower_the_grade_and_can_be_left_out(tmp_path, case):
    path = write(tmp_path, *season(minutes=lambda day, hour: 0 if hour < 12 else 20 + hour))
    report = load(path, case)
    assert "doubtful_zeros" in warned(report)
    assert report.quality["groups"][0]["grade"] == "B"
    without = registry.dry_run("wait_records", path, case, options={"zero_is_missing": True})
    assert "doubtful_zeros" not in warned(without)
    assert without.quality["groups"][0]["records"] == 720


@pytest.mark.django_db
def test_a_day_with_the_hour_that_comes_twice(tmp_path, case):
    start = datetime.datetime(2023, 11, 5, 4, tzinfo=datetime.UTC)
    rows = [record((start + datetime.timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ"), 10) for hour in range(25)]
    report = load(write(tmp_path, *rows), case, time_zone="America/Detroit")
    assert "duplicate_rows" not in warned(report)
    # Sunday has 25 hours: two records at one o'clock.
    assert WaitCell.objects.get(weekday=6, hour=1).sample_size == 2
    assert WaitCell.objects.filter(weekday=6).count() == 24
    assert refused(write(tmp_path, *rows), case) == [(0, "time_zone", "", "no_time_zone")]
    naive = write(
        tmp_path, record("2023-03-12 02:30", 10), record("2023-03-12 03:30", 12), record("2023-11-05 01:30", 9)
    )
    told = warned(registry.dry_run("wait_records", naive, case, options={"time_zone": "America/Detroit"}))
    assert "1 records in an hour that the clocks skipped" in told["time_that_never_was"]
    assert "ambiguous_time" in told


@pytest.mark.django_db
def test_a_feed_of_port_numbers_with_constants_and_other_crossings(tmp_path, case):
    rows = [
        f"{port},{day:02d}/07/2023,{hour}:00 PM,Commercial,{value}"
        for port, value in (("090102", 15), ("Old Bridge", 20), ("070801", 5))
        for day in range(1, 13)
        for hour in range(1, 12)
    ]
    path = write(tmp_path, *rows, header="port_number,date,time,lane_type,delay_minutes")
    assert registry.detect(path)[0].format.id == "wait_records"
    mapping = {"direction": "=US"}
    assert [(column, value, kind) for _, column, value, kind in refused(path, case, mapping)] == [
        ("crossing", "070801", "unknown_code")
    ]
    report = load(path, case, mapping, ignore_unknown=True)
    assert report.quality["records_at_other_crossings"] == {"070801": 132}
    assert [one["crossing"] for one in report.quality["groups"]] == ["0901"]
    assert report.quality["groups"][0]["records"] == 264


@pytest.mark.django_db
def test_every_fault_is_named(tmp_path, case):
    rows = [
        record("2023-07-01 10:00", "12"),
        record("yesterday", "12"),
        record("2023-07-01 10:00", "long"),
        record("2023-07-01 10:00", "12", vehicle="boat"),
        record("2023-07-01 10:00", "12") + ",more",
        record("2023-07-01 10:00", "12", crossing=""),
    ]
    assert refused(write(tmp_path, *rows), case) == [
        (3, "start", "yesterday", "not_a_time"),
        (4, "minutes", "long", "not_a_number"),
        (5, "vehicle_class", "boat", "unknown_choice"),
        (6, "", "3802,US,truck,2023-07-01 10:00,12,more", "bad_row"),
        (7, "crossing", "", "missing_value"),
    ]
    assert refused(write(tmp_path, record("2023-07-01 10:00", 12, direction="MX")), case)[0][3] == "unknown_code"
    assert refused(write(tmp_path, *season(days=2, minutes=lambda day, hour: 1200)), case)[0][3] == "implausible_unit"
    assert refused(write(tmp_path, *rows[:1]), case, time_zone="Detroit")[0][3] == "unknown_zone"
    assert refused(write(tmp_path, *rows[:1]), case, {"vehicle_class": "=boat"})[0][3] == "unknown_choice"
    assert (
        refused(
            write(tmp_path, "3802,12", header="crossing,minutes"), case, {"direction": "=US", "vehicle_class": "=truck"}
        )[0][3]
        == "missing_column"
    )
    assert ImportBatch.objects.count() == 1


@pytest.mark.django_db
def test_a_newer_series_replaces_the_surface_and_adds_measurements(tmp_path, case):
    load(write(tmp_path, *season()), case)
    newer = season(days=20, start=datetime.date(2023, 9, 1), minutes=lambda day, hour: 30)
    report = load(write(tmp_path, *(row for row in newer if " 10:" in row)), case)
    assert Delay.objects.filter(crossing__code="3802", statistic="mean").count() == 2
    assert sorted(set(WaitCell.objects.values_list("hour", flat=True))) == [10]
    registry.undo(report.batches[0].pk)
    assert WaitCell.objects.count() == 168


@pytest.mark.django_db
def test_parquet_and_hours_as_unit(tmp_path, case):
    rows = [row.split(",") for row in season(days=20)]
    columns = dict(zip(HEADER.split(","), map(list, zip(*rows, strict=True)), strict=True))
    columns["start"] = [datetime.datetime.fromisoformat(value) for value in columns["start"]]
    columns["minutes"] = [float(value) / 60 for value in columns["minutes"]]
    path = tmp_path / "waits.parquet"
    parquet.write_table(pa.table(columns), path)
    load(path, case, wait_unit="hours")
    assert Delay.objects.get(crossing__code="3802", statistic="median").minutes == pytest.approx(12)


@pytest.mark.django_db
def test_semicolons_and_a_zone_in_each_row(tmp_path, case):
    """The same moment is another hour in each zone."""
    rows = [f"3802;US;truck;2023-07-03T14:00:00Z;{minutes};{zone}" for minutes, zone in (
        (10, "America/Detroit"), (20, "America/Denver")
    )]  # fmt: skip
    load(write(tmp_path, *rows, header=HEADER.replace(",", ";") + ";time_zone"), case)
    assert sorted(WaitCell.objects.values_list("hour", "mean_minutes")) == [(8, 20.0), (10, 10.0)]


@pytest.mark.django_db
def test_the_page_of_a_crossing_shows_its_week(tmp_path, case, admin_client):
    load(write(tmp_path, *season(minutes=lambda day, hour: 50 if hour == 16 else 5)), case)
    crossing = case.crossings.get(code="3802")
    page = admin_client.get(f"/admin/regions/crossing/{crossing.pk}/change/").content.decode()
    assert page.count('class="level-3" title="median 50, 95th percentile 50 minutes') == 7
    assert page.count('class="level-0"') == 7 * 23
    assert "1440 records (records), 2023-06-01 to 2023-07-30" in page
    other = case.crossings.get(code="0901")
    assert "import records of waits" in admin_client.get(f"/admin/regions/crossing/{other.pk}/change/").content.decode()
