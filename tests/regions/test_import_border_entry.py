"""BTS Border Crossing/Entry files: the known traps, batches and the command."""

import io

import pytest
from django.core.management import call_command

from regions.importing.border_entry_loader import import_border_entry
from regions.importing.problems import ImportRefused
from regions.importing.undo import undo_import
from regions.models import BorderEntryCount, ImportBatch

pytestmark = [pytest.mark.django_db, pytest.mark.needs_database]

HEADER = "Port Name,State,Port Code,Border,Date,Measure,Value,Latitude,Longitude,Point"
ROW = "Eastport,Maine,0103,US-Canada Border,Jan 2021,Trucks,170,44.904,-66.98,POINT (-66.98 44.904)"


def write(folder, *rows, header=HEADER, name="entry.csv"):
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def one(path, **options):
    (result,) = import_border_entry([path], **options)
    return result


def refusal(path, **options):
    with pytest.raises(ImportRefused) as refused:
        import_border_entry([path], **options)
    return [(problem.row, problem.column, problem.kind) for problem in refused.value.problems.errors]


@pytest.mark.parametrize(
    "date",
    ["Jan 2021", "January 2021", "01/01/2021", "1/1/2021", "01/01/2021 12:00:00 AM", "2021-01-01", "2021-01",
     "2021-01-01T00:00:00.000"],
)  # fmt: skip
def test_text_dates(tmp_path, date):
    one(write(tmp_path, ROW.replace("Jan 2021", date)))
    assert BorderEntryCount.objects.values_list("year", "month", "value").get() == (2021, 1, 170)


def test_columns_are_found_by_name_whatever_case_order_and_blanks(tmp_path):
    row = "170,Trucks,2021-01-01,US-Canada Border,0103,Maine,Eastport"
    one(write(tmp_path, row, header="value,measure,date,border,port_code,STATE,port_name"))
    stored = BorderEntryCount.objects.get()
    assert (stored.port, stored.port_name, stored.value, stored.latitude, stored.longitude) == (
        "0103", "Eastport", 170, None, None,
    )  # fmt: skip


def test_two_ports_of_one_name_and_a_lost_zero(tmp_path):
    other = "Eastport,Idaho,3302,US-Canada Border,Jan 2021,Trucks,4205,48.999,-116.181,"
    result = one(write(tmp_path, ROW.replace("0103", "103"), other))
    assert sorted(BorderEntryCount.objects.values_list("port", "latitude")) == [("0103", 44.904), ("3302", 48.999)]
    assert result.quality["names_of_several_ports"] == {"Eastport": ["0103", "3302"]}
    assert result.quality["leading_zeros_restored"] == 1
    assert {problem.kind for problem in result.problems.warnings} == {"same_name", "zero_restored"}


def test_a_month_without_report_is_missing_and_not_zero(tmp_path):
    other = ROW.replace("Eastport", "Calais").replace("0103", "0115")
    result = one(write(tmp_path, ROW, other, other.replace("Jan", "Feb")))
    assert result.quality["months_without_report"] == {"0103": ["2021-02"]}
    assert result.batch.coverage == ["US-Canada Border 2021-01", "US-Canada Border 2021-02"]
    assert BorderEntryCount.objects.count() == 3


def test_copies_are_left_out_and_several_counts_kept_and_reported(tmp_path):
    result = one(write(tmp_path, ROW, ROW, ROW.replace("170", "171")))
    assert (result.rows, result.quality["exact_copies_left_out"]) == (2, 1)
    assert result.quality["several_counts"] == ["0103 2021-01 Trucks"]
    assert sorted(BorderEntryCount.objects.values_list("value", flat=True)) == [170, 171]
    assert {problem.kind for problem in result.problems.warnings} == {"several_counts", "duplicate_rows"}


def test_faults_are_named(tmp_path):
    rows = (
        ROW.replace("0103", "E1"), ROW.replace("Jan 2021", "2021"), ROW.replace("170", "-1"), ROW.replace("44.904", "95"),
        ROW.replace("Jan 2021", "Foo 2021"), ROW.replace("Eastport", ""),
    )  # fmt: skip
    assert refusal(write(tmp_path, *rows)) == [
        (2, "Port Code", "bad_code"), (3, "Date", "not_a_date"), (4, "Value", "not_a_number"),
        (5, "Latitude", "not_a_number"), (6, "Date", "not_a_date"), (7, "Port Name", "bad_text"),
    ]  # fmt: skip
    assert not BorderEntryCount.objects.exists()
    assert not ImportBatch.objects.exists()


def test_another_measure_is_kept_and_reported(tmp_path):
    result = one(write(tmp_path, ROW.replace("Trucks", "Drones")))
    assert result.quality["not_in_list"] == {"Measure": 1}
    assert BorderEntryCount.objects.get().measure == "Drones"


def test_a_newer_file_takes_the_place_of_an_older_one_until_undone(tmp_path):
    first = one(write(tmp_path, ROW)).batch
    assert one(write(tmp_path, ROW, name="copy.csv")).outcome == "unchanged"
    newer = write(tmp_path, ROW.replace("170", "180"), ROW.replace("Jan", "Feb"), name="newer.csv")
    assert refusal(newer) == [(0, "", "already_covered")]
    second = one(newer, replace=True).batch
    assert undo_import(second.pk).restored == (first,)
    assert BorderEntryCount.objects.get().value == 170


def test_the_command(tmp_path):
    path, out, err = write(tmp_path, ROW), io.StringIO(), io.StringIO()
    call_command("import_border_entry", str(path), "--dry-run", stdout=out, stderr=err)
    assert not BorderEntryCount.objects.exists()
    call_command("import_border_entry", str(path), stdout=out, stderr=err)
    assert f"1 rows  entry.csv: batch {ImportBatch.objects.get().pk}" in out.getvalue()
