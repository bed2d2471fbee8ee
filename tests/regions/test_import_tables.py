"""Tables into a case: accounts, flows, tariffs, input-output shares and measured waits, by mapping, checked, undone."""

import json

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from regions.importing import registry
from regions.importing.case_tables import registered_case_tables
from regions.importing.journal import FACT_MODELS, image
from regions.importing.loader import import_case
from regions.importing.problems import ImportRefused
from regions.models import (
    CrossingFlow,
    Delay,
    ImportBatch,
    InputOutputShare,
    Region,
    SectorFlow,
    Tariff,
    ValueAddedShare,
)
from tests.regions.case_files import write_case

pytestmark = pytest.mark.django_db

TARIFFS = "origin,destination,sector,rate,source\nCA-ON,US-MI,food,0.06,Schedule\nCA-ON,US-MI,cars,0.025,Schedule\n"
FLOWS = (
    "origin,destination,sector,crossing,mode,value_usd\n"
    "US-MI,CA-ON,cars,,,800000000\nUS-MI,CA-ON,,901,truck,800000000\n"
    "CA-ON,US-MI,food,,,300000000\nCA-ON,US-MI,cars,,,700000000\n"
    "CA-ON,US-MI,,0901,truck,600000000\nCA-ON,US-MI,,OTHER,pipeline,400000000\n"
)


@pytest.fixture
def case(tmp_path):
    return import_case(write_case(tmp_path / "small-2023")).batch.case


def table(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(*arguments, **options):
    """The problems of a load that is refused, as (row, column, value, kind)."""
    with pytest.raises(ImportRefused) as refusal:
        registry.load(*arguments, **options)
    return [(one.row, one.column, one.value, one.kind) for one in refusal.value.problems.errors]


def picture(case):
    further = [model for loader in registered_case_tables() for model in loader.models]
    return {model.__name__: image(model, case) for model in (*FACT_MODELS, *further)}


def warned(report):
    return {problem.kind for problem in report.problems.warnings}


EXAMPLES = {
    "accounts": "place,year,gdp_musd,population,jobs\nUS-MI,2023,660000,,5100000\nUS-MI,2022,640000,,\nCA-ON,,,15700000,\n",
    "tariffs": TARIFFS,
    "input_output": "place,input,sector,share\nCA-ON,cars,cars,0.3\nCA-ON,food,cars,0.2\nCA-ON,value_added,cars,0.5\n",
    "flows": FLOWS,
    "wait_measurements": (
        "crossing,direction,vehicle_class,period_start,period_end,statistic,minutes,minutes_low,minutes_high,method,"
        "sample_size,quality,source\n901,US,truck,2023-01-01,2023-12-31,mean,13,11,15,GPS,2000,B,Survey\n"
    ),
}


@pytest.mark.parametrize("format_id", EXAMPLES)
def test_every_table_is_recognised_checked_loaded_repeated_and_undone(tmp_path, case, format_id):
    path = table(tmp_path, EXAMPLES[format_id])
    assert registry.detect(path)[0].format.id == format_id
    before = picture(case)
    checked = registry.dry_run(format_id, path, case)
    assert (checked.outcome, picture(case)) == ("checked", before)
    assert not ImportBatch.objects.exclude(kind="case_folder").exists()
    loaded = registry.load(format_id, path, case)
    assert loaded.outcome == "loaded"
    assert loaded.changes == checked.changes
    assert loaded.differences == checked.differences
    assert sum(counts["created"] + counts["updated"] for counts in loaded.changes.values()) == len(loaded.differences)
    json.dumps(loaded.as_json())
    after = picture(case)
    assert after != before
    again = registry.load(format_id, path, case)
    assert (again.outcome, again.batches, picture(case)) == ("unchanged", (), after)
    registry.undo(loaded.batches[0].pk)
    assert picture(case) == before


def test_accounts_are_those_of_the_year_and_leave_what_they_do_not_give(tmp_path, case):
    report = registry.load("accounts", table(tmp_path, EXAMPLES["accounts"]), case)
    assert warned(report) == {"other_year"}
    michigan, ontario = Region.objects.get(code="US-MI"), Region.objects.get(code="CA-ON")
    assert (michigan.gdp_musd, michigan.population, michigan.jobs) == (660000, 10037261, 5100000)
    assert (ontario.gdp_musd, ontario.population) == (829476.9, 15700000)
    assert michigan.version == 2
    assert report.quality["places_without_a_row"] == ["US-REST"]
    (difference,) = [one for one in report.differences if one["key"] == "US-MI"]
    assert difference["before"] == {"gdp_musd": 658992.3, "jobs": None}
    assert difference["after"] == {"gdp_musd": 660000.0, "jobs": 5100000}


def test_units_that_are_wrong_by_a_thousand_are_caught(tmp_path, case):
    path = table(tmp_path, "place,gdp\nUS-MI,658992300\n")
    assert refused("accounts", path, case) == [(2, "gdp", "658992300", "implausible_unit")]
    report = registry.load("accounts", path, case, options={"gdp_unit": "thousand USD"})
    assert report.outcome == "unchanged"
    accepted = registry.dry_run("accounts", path, case, options={"accept_implausible": True})
    assert "implausible_unit" in warned(accepted)
    assert refused("accounts", table(tmp_path, "place,jobs\nUS-MI,5100\n"), case) == [
        (2, "jobs", "5100", "implausible_unit")
    ]
    assert refused("accounts", table(tmp_path, "place,jobs\nUS-MI,51000000\n"), case) == [
        (2, "jobs", "51000000", "too_many_jobs")
    ]


def test_flows_in_another_unit_are_caught_against_the_accounts(tmp_path, case):
    path = table(tmp_path, FLOWS)
    errors = refused("flows", path, case, options={"value_unit": "million USD"})
    assert {kind for *_, kind in errors} == {"implausible_unit"}
    assert "times its GDP" in errors[0][2]
    small = table(tmp_path, FLOWS.replace("000000\n", "\n"))
    assert {kind for *_, kind in refused("flows", small, case)} == {"implausible_unit"}
    assert registry.load("flows", small, case, options={"value_unit": "million USD"}).outcome == "loaded"


def test_flows_by_sector_and_by_crossing_add_up(tmp_path, case):
    report = registry.load("flows", table(tmp_path, FLOWS), case)
    assert report.quality["leading_zeros_restored"] == {"crossing": 1}
    assert SectorFlow.objects.get(origin__code="US-MI", sector__code="cars").value_usd == 8e8
    assert CrossingFlow.objects.get(origin__code="CA-ON", crossing=None).value_usd == 4e8
    # The pair that the file does not name is as it was.
    assert SectorFlow.objects.get(origin__code="US-REST").value_usd == 300000
    path = table(tmp_path, "origin,destination,sector,value\nUS-MI,CA-ON,cars,900000000\n")
    ((_, _, value, kind),) = refused("flows", path, case)
    assert (value, kind) == ("US-MI to CA-ON", "totals_differ")
    assert warned(registry.dry_run("flows", path, case, options={"accept_differences": True})) == {"totals_differ"}


def test_only_the_rows_of_the_file_are_left_where_that_is_asked_for(tmp_path, case):
    report = registry.load(
        "flows", table(tmp_path, FLOWS), case, options={"only_these": True, "accept_implausible": True}
    )
    assert report.changes["sectorflow"] == {"created": 0, "updated": 3, "unchanged": 0, "deleted": 1}
    assert not SectorFlow.objects.filter(origin__code="US-REST").exists()
    registry.undo(report.batches[0].pk)
    assert SectorFlow.objects.get(origin__code="US-REST").value_usd == 300000


def test_every_fault_of_flows_is_named(tmp_path, case):
    text = (
        "origin,destination,sector,crossing,mode,value\n"
        "US-MI,CA-XX,cars,,,1000000\n"
        "US-MI,US-REST,cars,,,1000000\n"
        "US-MI,CA-ON,cars,0901,truck,1000000\n"
        "US-MI,CA-ON,,0901,,1000000\n"
        "US-MI,CA-ON,steel,,,-5\n"
        "US-MI,CA-ON,,9999,truck,1000000\n"
    )
    assert refused("flows", table(tmp_path, text), case)[:6] == [
        (6, "value", "-5", "negative"),
        (2, "destination", "CA-XX", "unknown_code"),
        (3, "destination", "US-REST", "same_economy"),
        (4, "sector", "cars", "bad_row"),
        (5, "mode", "", "missing_value"),
        (7, "crossing", "9999", "unknown_code"),
    ]
    assert SectorFlow.objects.filter(value_usd=1e6).count() == 0


def test_rates_in_per_cent_are_caught(tmp_path, case):
    path = table(tmp_path, TARIFFS.replace("0.06", "6").replace("0.025", "2.5"))
    assert [kind for *_, kind in refused("tariffs", path, case)] == ["implausible_unit", "implausible_unit"]
    registry.load("tariffs", path, case, options={"rate_unit": "per cent"})
    assert sorted(Tariff.objects.values_list("rate", flat=True)) == pytest.approx([0.025, 0.06])


def test_input_output_in_money_becomes_shares(tmp_path, case):
    text = "place,input,sector,value\nCA-ON,cars,cars,30\nCA-ON,value_added,cars,50\nCA-ON,food,cars,20\n"
    registry.load("input_output", table(tmp_path, text), case)
    ontario = InputOutputShare.objects.filter(place__code="CA-ON")
    assert sorted(ontario.values_list("input__code", "share")) == [("cars", 0.3), ("food", 0.2)]
    assert ValueAddedShare.objects.get(place__code="CA-ON").share == 0.5
    without = table(tmp_path, "place,input,sector,value\nCA-ON,cars,food,30\n")
    assert refused("input_output", without, case) == [(2, "input", "cars", "missing_value")]
    both = table(tmp_path, "place,input,sector,value,share\nCA-ON,cars,food,30,0.2\n")
    assert [kind for *_, kind in refused("input_output", both, case)] == ["missing_column"]


def test_shares_that_do_not_add_up(tmp_path, case):
    path = table(tmp_path, "place,input,sector,share\nUS-MI,cars,cars,0.45\n")
    assert refused("input_output", path, case) == [(0, "share", "US-MI, cars", "cost_shares_add_up")]
    assert InputOutputShare.objects.get(input__code="cars").share == 0.4


def test_faults_of_measured_waits(tmp_path, case):
    text = EXAMPLES["wait_measurements"].replace("901,US", "901,XX").replace("2023-12-31,mean", "2022-12-31,mean")
    text += "0901,US,truck,2023-01-01,2023-12-31,mean,13,14,15,other,,B,Survey\n"
    assert refused("wait_measurements", table(tmp_path, text), case) == [
        (2, "direction", "XX", "unknown_code"),
        (3, "minutes_low", "14", "bad_interval"),
    ]
    late = EXAMPLES["wait_measurements"].replace("2023-12-31,mean", "2022-12-31,mean")
    assert refused("wait_measurements", table(tmp_path, late), case) == [(2, "period_end", "2022-12-31", "bad_period")]
    registry.load("wait_measurements", table(tmp_path, EXAMPLES["wait_measurements"]), case)
    wait = Delay.objects.get(statistic="mean")
    assert (wait.minutes, wait.minutes_low, wait.minutes_high) == (13, 11, 15)


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "semicolons", "gzip"])
def test_flows_from_other_kinds_of_files(tmp_path, case, kind):
    import gzip

    header, *rows = [line.split(",") for line in FLOWS.splitlines()]
    path = tmp_path / "flows.csv"
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in (header, *([*cells[:5], float(cells[5])] for cells in rows)):
            # Spreadsheets make numbers of codes.
            book.active.append([int(cell) if str(cell).isdigit() else cell or None for cell in row])
        book.save(path)
    elif kind == "parquet":
        columns = {name: [cells[place] or None for cells in rows] for place, name in enumerate(header)}
        columns["value_usd"] = [float(value) for value in columns["value_usd"]]
        parquet.write_table(pa.table(columns), path)
    elif kind == "semicolons":
        path.write_text(FLOWS.replace(",", ";"))
    else:
        path.write_bytes(gzip.compress(FLOWS.encode()))
    report = registry.load("flows", path, case)
    assert report.quality["rows_by_sector"] == report.quality["rows_by_crossing"] == 3
    assert sorted(SectorFlow.objects.values_list("value_usd", flat=True)) == [3e5, 3e8, 7e8, 8e8]


def test_columns_are_mapped_and_constant(tmp_path, case):
    path = table(tmp_path, "Verkäufer;Käufer;Zoll\nCA-ON;US-MI;0.06\n")
    mapping = {"origin": "Verkäufer", "destination": "Käufer", "rate": "Zoll", "sector": "=food"}
    report = registry.load("tariffs", path, case, mapping)
    assert Tariff.objects.get().rate == 0.06
    assert report.batches[0].quality["mapping"] == mapping
    assert [kind for *_, kind in refused("tariffs", path, case, {**mapping, "rate": "Rate"})] == ["missing_column"]


def test_copies_are_left_out_and_other_rows_of_a_key_refused(tmp_path, case):
    report = registry.load("tariffs", table(tmp_path, TARIFFS + "CA-ON,US-MI,food,0.06,Schedule\n"), case)
    assert warned(report) == {"duplicate_rows"}
    ((row, _, _, kind),) = refused("tariffs", table(tmp_path, TARIFFS + "CA-ON,US-MI,food,0.07,Schedule\n"), case)
    assert (row, kind) == (4, "duplicate_key")


def test_ten_thousand_bad_rows_are_counted_by_kind(tmp_path, case):
    rows = "".join(f"CA-ON,US-MI,food{number},x,\n" for number in range(10_000))
    path = table(tmp_path, "origin,destination,sector,rate,source\n" + rows)
    with pytest.raises(ImportRefused) as refusal:
        registry.load("tariffs", path, case)
    found = refusal.value.problems.as_json()["errors"]
    assert found["by_kind"] == {"not_a_number": 10_000}
    assert len(found["first"]) == 50
    assert len(refusal.value.problems.lines("error")) == 52


def test_a_failure_in_the_middle_leaves_nothing(tmp_path, case, monkeypatch):
    from regions.importing import case_import

    before = picture(case)

    def fail(*arguments):
        raise OSError("no space left on device")

    monkeypatch.setattr(case_import, "finish", fail)
    with pytest.raises(OSError, match="no space"):
        registry.load("tariffs", table(tmp_path, TARIFFS), case)
    assert picture(case) == before
    assert ImportBatch.objects.count() == 1


def test_progress_that_stops_the_import(tmp_path, case):
    before = picture(case)

    def stop(done, total, what):
        if what.startswith("storing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        registry.load("tariffs", table(tmp_path, TARIFFS), case, progress=stop)
    assert picture(case) == before


def test_a_later_import_of_the_same_rows_is_undone_first(tmp_path, case):
    first = registry.load("tariffs", table(tmp_path, TARIFFS), case).batches[0]
    second = registry.load("tariffs", table(tmp_path, TARIFFS.replace("0.06", "0.08")), case).batches[0]
    with pytest.raises(registry.UndoRefused, match=f"batch {second.pk} changed it"):
        registry.undo(first.pk)
    registry.undo(second.pk)
    registry.undo(first.pk)
    assert Tariff.objects.get().rate == 0.05
