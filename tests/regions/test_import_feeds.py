"""Snapshots of the US agency's feed of waits, JSON and XML: the same records, times on the port's clocks, nothing unsafe."""

import json
from datetime import date, timedelta
from xml.sax.saxutils import escape

import pytest

from regions.importing import registry
from regions.importing.loader import import_case
from regions.importing.problems import ImportRefused
from regions.importing.wait_feeds import FeedTable
from regions.models import Delay
from regions.models.choices import VehicleClass
from regions.selectors import waits_frame
from tests.regions.case_files import write_case


def lane(minutes, at="At 2:00 pm EDT", status="delay"):
    return {"update_time": at, "operational_status": status, "delay_minutes": minutes, "lanes_open": "2"}


def port(day="7/3/2023", time="14:20:00", number="090102", trucks=None, cars=None, **more):
    return {
        "port_number": number,
        "border": "Canadian Border",
        "port_name": "Buffalo",
        "crossing_name": "Old Bridge",
        "date": day,
        "time": time,
        "port_status": "Open",
        "commercial_vehicle_lanes": {
            "maximum_lanes": "5",
            "standard_lanes": trucks or lane("25"),
            "FAST_lanes": lane("3"),
        },
        "passenger_vehicle_lanes": {"standard_lanes": cars or lane("12"), "NEXUS_SENTRI_lanes": lane("2")},
        **more,
    }


def as_xml(content):
    if isinstance(content, dict):
        return "".join(f"<{name}>{as_xml(value)}</{name}>" for name, value in content.items())
    return escape(str(content))


def written(tmp_path, text, name="kept.txt"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def records(path):
    return [(cells[0], *cells[2:3], *cells[4:]) for _, cells in FeedTable(path).records()]


PORTS = [port(), port(number="380201", trucks=lane("0", "At Noon EST", "no delay"), cars=lane("", "", "N/A"))]
EXPECTED = [
    ("090102", "truck", "2023-07-03 14:00", "25"),
    ("090102", "car", "2023-07-03 14:00", "12"),
    ("380201", "truck", "2023-07-03 12:00", "0"),
    ("380201", "car", "2023-07-03 14:20", "N/A"),
]
KEPT = {
    "a list": json.dumps(PORTS),
    "snapshots in a list": json.dumps([{"taken": "x", "ports": PORTS[:1]}, PORTS[1:]]),
    "JSON lines": "\n".join(json.dumps(one) for one in PORTS) + "\n",
    "with a byte order mark": "\ufeff" + json.dumps(PORTS),
    "XML": f"<?xml version='1.0'?><border_wait_time>{''.join(f'<port>{as_xml(one)}</port>' for one in PORTS)}</border_wait_time>",
    "XML of several": "<kept>" + "".join(f"<border_wait_time><port>{as_xml(one)}</port></border_wait_time>" for one in PORTS) + "</kept>",
}  # fmt: skip


@pytest.mark.parametrize("kept", KEPT)
def test_every_way_of_keeping_snapshots_gives_the_same_records(tmp_path, kept):
    path = written(tmp_path, KEPT[kept])
    assert registry.read_columns(path).kind == "feed"
    assert registry.detect(path)[0].format.id == "wait_records"
    assert records(path) == EXPECTED


@pytest.mark.parametrize(
    ("day", "time", "at", "start"),
    [
        ("7/3/2023", "00:10:00", "At 11:00 pm EDT", "2023-07-02 23:00"),
        ("7/3/2023", "00:10:00", "At Midnight EDT", "2023-07-03 00:00"),
        ("2023-07-03", "12:30:00", "At 12:00 pm EDT", "2023-07-03 12:00"),
        ("7/3/2023", "12:30:00", "", "2023-07-03 12:30"),
        ("someday", "12:30:00", "At 9:00 am EDT", "someday At 9:00 am EDT"),
    ],
)
def test_the_hour_of_the_lane_on_the_date_of_the_port(tmp_path, day, time, at, start):
    path = written(tmp_path, json.dumps([port(day, time, trucks=lane("25", at), passenger_vehicle_lanes={})]))
    assert records(path) == [("090102", "truck", start, "25")]


@pytest.mark.django_db
def test_a_feed_becomes_measurements_of_trucks_and_cars(tmp_path):
    """Hourly for a month: trucks wait 20 minutes, cars 12; closed hours are no measurement."""
    case = import_case(write_case(tmp_path / "small-2023")).batch.case
    days = [date(2023, 6, 1) + timedelta(days=number) for number in range(30)]
    snapshots = [
        port(
            f"{day.month}/{day.day}/{day.year}", f"{hour:02d}:20:00",
            trucks=lane("20", f"At {hour % 12 or 12}:00 {'pm' if hour > 11 else 'am'} EDT") if hour else lane("", "", "Lanes Closed"),
            cars=lane("12", f"At {hour % 12 or 12}:00 {'pm' if hour > 11 else 'am'} EDT"),
        )
        for day in days
        for hour in range(24)
    ]  # fmt: skip
    path = written(tmp_path, "\n".join(map(json.dumps, snapshots)))
    report = registry.load("wait_records", path, case, {"direction": "=US"})
    assert report.outcome == "loaded"
    means = Delay.objects.filter(crossing__case=case, statistic="mean", method="agency feed, standard lanes")
    found = {row.vehicle_class: (row.minutes, row.sample_size) for row in means}
    assert found == {"truck": (20.0, 30 * 23), "car": (12.0, 30 * 24)}
    assert waits_frame(case, VehicleClass.CAR)[["crossing", "direction", "minutes"]].values.tolist() == [
        ["0901", "US", 12.0]
    ]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ('<!DOCTYPE a [<!ENTITY b "ha">]><border_wait_time><port>&b;</port></border_wait_time>', "bad_xml", "document type"),
        ("<border_wait_time><port></border_wait_time>", "bad_xml", "whole XML"),
        ('{"port_number": "090102"}\n{"port_number": ', "bad_json", "JSON lines"),
        ("[" * 50_000 + '"port_number"', "bad_json", "JSON"),
    ],
)  # fmt: skip
def test_what_is_broken_or_unsafe_is_refused(tmp_path, text, kind, words):
    with pytest.raises(ImportRefused) as refusal:
        FeedTable(written(tmp_path, text))
    (problem,) = refusal.value.problems.errors
    assert (problem.kind, words in problem.expectation) == (kind, True)
