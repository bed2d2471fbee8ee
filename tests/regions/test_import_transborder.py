"""BTS TransBorder files: each known trap on a file made for it, batches, undo, and the command."""

import gzip
import io

import pyarrow as pa
import pytest
from django.core.management import call_command
from django.db import connection

from regions.importing import official_loader
from regions.importing.problems import ImportRefused
from regions.importing.streams import Limits, inspect
from regions.importing.transborder_loader import import_transborder
from regions.importing.undo import UndoRefused, undo_import
from regions.management import base
from regions.models import ImportBatch, TransBorderFlow
from tests.regions.transborder_files import ANNUAL, DOT1, DOT2, DOT3, ROWS, with_cell, write

pytestmark = [pytest.mark.django_db, pytest.mark.needs_database]

FIELDS = (
    "trade_type",
    "us_state",
    "port",
    "mode",
    "mexican_state",
    "canadian_province",
    "country",
    "value_usd",
    "weight_kg",
)


def stored(*fields):
    return sorted(TransBorderFlow.objects.values_list(*(fields or FIELDS)))


def one(*paths, **options):
    (result,) = import_transborder(paths, **options)
    return result


def refusal(*paths, **options):
    with pytest.raises(ImportRefused) as refused:
        import_transborder(paths, **options)
    assert not TransBorderFlow.objects.exists()
    assert not ImportBatch.objects.exists()
    return refused.value.problems


def test_rows_are_stored_as_published(tmp_path):
    result = one(write(tmp_path, *ROWS))
    assert (result.outcome, result.rows) == ("loaded", 5)
    assert stored() == [
        (1, "MI", "3801", 5, "", "XO", "1220", 1000, None),
        (1, "MI", "3801", 6, "", "XO", "1220", 300, 50),
        (1, "TX", "2304", 5, "NA", "", "2010", 400, None),
        (2, "MI", "3801", 5, "", "XO", "1220", 900, 700),
        (2, "TX", "2304", 5, "", "", "2010", 500, 600),
    ]
    assert set(TransBorderFlow.objects.values_list("dataset", "year", "month", "commodity")) == {("dot1", 2021, 1, "")}
    assert result.batch.coverage == ["dot1 2021-01"]


def test_columns_are_found_by_the_header_and_never_by_position(tmp_path):
    columns = DOT1.split(",")
    order = sorted(range(len(columns)), key=lambda position: columns[position])
    rows = [",".join(row.split(",")[position] for position in order) for row in ROWS]
    header = ",".join(columns[position].lower() for position in order)
    one(write(tmp_path, *rows, header=header))
    moved = stored()
    undo_import(ImportBatch.objects.get().pk)
    one(write(tmp_path, *ROWS))
    assert stored() == moved


def test_the_other_tables_and_the_annual_layout_are_recognised(tmp_path):
    dot2 = write(tmp_path, "1,MI,08,5,,XO,1220,70,0,1,1,0,1,2021", header=DOT2, name="a.csv")
    dot3 = write(tmp_path, "1,3801,08,5,1220,70,0,1,1,0,1,2021", header=DOT3, name="b.csv")
    annual = write(tmp_path, "1,MI,3801,5,,XO,1220,1,0,2021,70,0,1", header=ANNUAL, name="c.csv")
    results = import_transborder([dot2, dot3, annual])
    assert [result.batch.coverage for result in results] == [["dot2 2021-01"], ["dot3 2021-01"], ["dot1 2021"]]
    assert stored("dataset", "month", "us_state", "port", "commodity") == [
        ("dot1", 0, "MI", "3801", ""), ("dot2", 1, "MI", "", "08"), ("dot3", 1, "", "3801", "08"),
    ]  # fmt: skip


# Column orders and ways of writing that issues of other years have, and some that they might.
LAYOUTS = {
    "as in 2021": DOT1,
    "upper and lower case": DOT1.title(),
    "quoted with blanks": ",".join(f'"{name} "' for name in DOT1.split(",")),
    "year first, value last": ",".join(
        sorted(DOT1.split(","), key=lambda name: (name != "YEAR", name == "VALUE", name))
    ),
    "reversed": ",".join(reversed(DOT1.split(","))),
    "with columns of its own": DOT1 + ",STATION,REVISION",
    "without what may be absent": ",".join(
        name for name in DOT1.split(",") if name not in ("SHIPWT", "DF", "CONTCODE")
    ),
}


@pytest.mark.parametrize("year", [2015, 2019, 2024])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_of_other_years(tmp_path, layout, year):
    header = LAYOUTS[layout]
    order = [name.strip(' "').upper() for name in header.split(",")]
    rows = []
    for row in ROWS:
        cells = {**dict(zip(DOT1.split(","), row.split(","), strict=True)), "YEAR": str(year), "MONTH": "7"}
        # Other years write modes with a leading zero, and have codes that are in no list yet.
        cells["DISAGMOT"] = f"0{cells['DISAGMOT']}" if year == 2015 else cells["DISAGMOT"]
        cells["MEXSTATE"] = "CX" if year == 2024 and cells["MEXSTATE"] else cells["MEXSTATE"]
        rows.append(",".join(cells.get(name, "more") for name in order))
    result = one(write(tmp_path, *rows, header=header))
    state = "CX" if year == 2024 else "NA"
    assert stored("trade_type", "us_state", "port", "mode", "mexican_state", "value_usd", "year", "month") == [
        (1, "MI", "3801", 5, "", 1000, year, 7),
        (1, "MI", "3801", 6, "", 300, year, 7),
        (1, "TX", "2304", 5, state, 400, year, 7),
        (2, "MI", "3801", 5, "", 900, year, 7),
        (2, "TX", "2304", 5, "", 500, year, 7),
    ]
    assert result.batch.coverage == [f"dot1 {year}-07"]


def test_na_is_nayarit(tmp_path):
    one(write(tmp_path, ROWS[3]))
    assert stored("mexican_state") == [("NA",)]


@pytest.mark.parametrize(
    ("column", "code", "row"),
    [("MEXSTATE", "XX", 3), ("MEXSTATE", "OT", 3), ("CANPROV", "OT", 0), ("USASTATE", "DU", 0)],
)
def test_unknown_places_are_kept_counted_and_reported(tmp_path, column, code, row):
    result = one(write(tmp_path, with_cell(column, code, ROWS[row])))
    field = {"MEXSTATE": "mexican_state", "CANPROV": "canadian_province", "USASTATE": "us_state"}[column]
    assert stored(field) == [(code,)]
    value = int(ROWS[row].split(",")[7])
    assert result.quality["unknown_places"] == {f"{column} {code}": {"rows": 1, "value_usd": value}}
    assert any(f"{column} {code}" in str(problem) for problem in result.problems.warnings)


def test_a_code_outside_the_list_is_kept_and_reported(tmp_path):
    result = one(write(tmp_path, with_cell("MEXSTATE", "ZZ", ROWS[3])))
    assert result.quality["codes_not_in_list"] == {"MEXSTATE": 1}
    assert stored("mexican_state") == [("ZZ",)]


def test_imports_from_mexico_without_state_are_said(tmp_path):
    result = one(write(tmp_path, *ROWS))
    assert result.quality["mexican_imports_without_state"] == {"rows": 1, "value_usd": 500}
    assert "no_mexican_state" in {problem.kind for problem in result.problems.warnings}


def test_ports_keep_leading_zeros_and_lost_ones_come_back(tmp_path):
    result = one(write(tmp_path, with_cell("DEPE", "0901"), with_cell("DEPE", "106"), with_cell("DEPE", "23XX")))
    assert stored("port") == [("0106",), ("0901",), ("23XX",)]
    assert result.quality["leading_zeros_restored"] == {"DEPE": 1}
    assert result.quality["rest_of_district"] == {"rows": 1, "value_usd": 1000}


def test_weight_zero_of_surface_exports_is_not_recorded_and_elsewhere_zero(tmp_path):
    air = with_cell("DISAGMOT", "3")
    imported = with_cell("SHIPWT", "0", ROWS[2])
    blank = with_cell("SHIPWT", "", ROWS[2].replace("900", "901"))
    result = one(write(tmp_path, ROWS[0], air, imported, blank))
    assert stored("trade_type", "mode", "value_usd", "weight_kg") == [
        (1, 3, 1000, 0), (1, 5, 1000, None), (2, 5, 900, 0), (2, 5, 901, None),
    ]  # fmt: skip
    assert result.quality["weight_not_recorded_rows"] == 2


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("packing", [None, "gzip", "zstd"])
def test_line_ends_byte_order_marks_and_packing(tmp_path, end, mark, packing):
    path = write(tmp_path, *ROWS, end=end)
    content = mark + path.read_bytes()
    if packing == "gzip":
        content = gzip.compress(content)
    elif packing == "zstd":
        content = pa.compress(content, codec="zstd", asbytes=True)
    path.write_bytes(content)
    assert one(path).rows == 5
    assert len(stored()) == 5


def test_cp1252_in_a_column_that_nobody_reads(tmp_path):
    path = tmp_path / "dot1.csv"
    path.write_bytes(f"{DOT1},Estación\n{ROWS[0]},Piedras Negras – Zócalo\n".encode("cp1252"))
    result = one(path)
    assert (result.rows, result.quality["encoding"]) == (1, "cp1252")
    assert [problem.kind for problem in result.problems.warnings] == ["unknown_column"]


def test_exact_copies_are_left_out_and_other_amounts_are_kept(tmp_path):
    other = with_cell("VALUE", "7")
    result = one(write(tmp_path, *ROWS, ROWS[0], other, ROWS[0]))
    assert result.rows == 6
    assert result.quality["exact_copies_left_out"] == 2
    assert result.quality["same_key_other_values"] == 1
    assert {"duplicate_rows", "same_key"} <= {problem.kind for problem in result.problems.warnings}
    assert TransBorderFlow.objects.count() == 6


def test_copies_are_found_whatever_part_their_key_falls_in(tmp_path, monkeypatch):
    monkeypatch.setattr("regions.importing.repeats.KEYS_AT_A_TIME", 2)
    rows = [with_cell("VALUE", str(number), with_cell("DEPE", f"{number:04d}")) for number in range(100, 120)]
    assert one(write(tmp_path, *rows, rows[7], rows[13])).quality["exact_copies_left_out"] == 2


def test_a_missing_month_is_no_zero(tmp_path):
    rows = [with_cell("MONTH", month) for month in ("01", "2", "April")]
    result = one(write(tmp_path, *rows))
    assert result.batch.coverage == ["dot1 2021-01", "dot1 2021-02", "dot1 2021-04"]
    assert result.quality["missing_months"] == ["2021-03"]
    assert "missing, not zero" in " ".join(map(str, result.problems.warnings))


def test_every_fault_names_file_row_column_value_and_expectation(tmp_path):
    rows = (
        ROWS[0],
        with_cell("VALUE", '"1,5"'),
        "",
        with_cell("VALUE", "-3"),
        "1,MI,3801",
        with_cell("COUNTRY", "5700"),
        with_cell("MONTH", "13"),
        with_cell("DEPE", "Port"),
        with_cell("SHIPWT", "heavy"),
        with_cell("VALUE", ""),
    )
    problems = refusal(write(tmp_path, *rows))
    assert [(problem.row, problem.column, problem.value, problem.kind) for problem in problems.errors] == [
        (3, "VALUE", "1,5", "not_a_number"),
        (5, "VALUE", "-3", "not_a_number"),
        (6, "", "1,MI,3801", "bad_row"),
        (7, "COUNTRY", "5700", "unknown_choice"),
        (8, "MONTH", "13", "not_a_date"),
        (9, "DEPE", "Port", "bad_code"),
        (10, "SHIPWT", "heavy", "not_a_number"),
        (11, "VALUE", "", "missing_value"),
    ]
    assert all(problem.file == "dot1_0121.csv" and "expected" in problem.expectation for problem in problems.errors)


def test_ten_thousand_bad_rows_give_a_summary_and_the_first_fifty(tmp_path):
    bad = [with_cell("DISAGMOT", "x")] * 9_000 + [with_cell("VALUE", "x")] * 1_000
    problems = refusal(write(tmp_path, *bad))
    lines = problems.lines("error")
    assert problems.error_count == 10_000
    assert len(lines) == 50 + 3
    assert lines[-2:] == ["  not_a_number: 1000", "  unknown_choice: 9000"]


def test_a_bad_last_row_in_the_last_file_leaves_nothing(tmp_path):
    good = write(tmp_path, *ROWS)
    bad = write(tmp_path, with_cell("MONTH", "02"), with_cell("YEAR", "21"), name="dot1_0221.csv")
    problems = refusal(good, bad)
    assert [problem.file for problem in problems.errors] == ["dot1_0221.csv"]


def test_a_failure_in_the_middle_leaves_nothing(tmp_path, monkeypatch):
    paths = [write(tmp_path, *ROWS), write(tmp_path, with_cell("MONTH", "02"), name="b.csv")]
    close = official_loader.close_batch

    def full_disk(batch, result, coverage, replaced):
        if result.name == "b.csv":
            raise OSError(28, "No space left on device")
        close(batch, result, coverage, replaced)

    monkeypatch.setattr(official_loader, "close_batch", full_disk)
    with pytest.raises(OSError, match="No space"):
        import_transborder(paths)
    assert not TransBorderFlow.objects.exists()
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty_file"),
        (b"PK\x03\x04rest", "bad_file_type"),
        (b"a,b\n1,\0\n", "bad_file_type"),
        (b"\x1f\x8bnot gzip at all", "bad_packing"),
        (gzip.compress(DOT1.encode() + b"\n" + ROWS[0].encode() * 100)[:-20], "bad_packing"),
        (b"name,value\nx,1\n", "missing_column"),
        (DOT1.encode() + b"\n", "no_rows"),
        (DOT1.replace("DF", "VALUE").encode() + b"\n" + ROWS[0].encode(), "duplicate_column"),
        (DOT1.replace("CANPROV", "X").encode() + b"\n" + ROWS[0].encode(), "missing_column"),
    ],
)
def test_files_that_are_something_else(tmp_path, content, kind):
    path = tmp_path / "dot1.csv"
    path.write_bytes(content)
    assert kind in {problem.kind for problem in refusal(path).errors}


def test_a_file_that_unpacks_to_much_more_is_refused(tmp_path):
    path = tmp_path / "dot1.csv"
    path.write_bytes(gzip.compress(b"0" * 5_000_000))
    with pytest.raises(ImportRefused) as refused:
        inspect(path, Limits(ratio=10, ratio_floor_bytes=1_000_000))
    assert [problem.kind for problem in refused.value.problems] == ["too_large"]


def test_the_same_file_twice_changes_nothing(tmp_path):
    path = write(tmp_path, *ROWS)
    first = one(path)
    before = stored("pk")
    copy = tmp_path / "renamed.csv"
    copy.write_bytes(path.read_bytes())
    again = one(copy)
    assert (again.outcome, again.batch) == ("unchanged", first.batch)
    assert stored("pk") == before
    assert ImportBatch.objects.count() == 1


def test_the_same_file_twice_in_one_call_is_refused(tmp_path):
    path = write(tmp_path, *ROWS)
    assert [problem.kind for problem in refusal(path, path).errors] == ["same_file_twice"]


def test_a_month_is_covered_once_and_a_revision_replaces_it_until_undone(tmp_path):
    first = one(write(tmp_path, *ROWS)).batch
    before = stored("pk", *FIELDS[:-1])
    revised = write(tmp_path, with_cell("VALUE", "1001"), name="revised.csv")
    with pytest.raises(ImportRefused) as refused:
        import_transborder([revised])
    assert [problem.kind for problem in refused.value.problems.errors] == ["already_covered"]
    second = one(revised, replace=True).batch
    first.refresh_from_db()
    assert (first.status, first.superseded_by) == ("superseded", second)
    with pytest.raises(UndoRefused, match=f"replaced by batch {second.pk}"):
        undo_import(first.pk)
    with pytest.raises(ImportRefused) as refused:
        import_transborder([tmp_path / "dot1_0121.csv"])
    assert [problem.kind for problem in refused.value.problems.errors] == ["superseded_file"]
    undone = undo_import(second.pk)
    first.refresh_from_db()
    assert (undone.rows, undone.restored, first.status, first.superseded_by) == (1, (first,), "loaded", None)
    assert stored("pk", *FIELDS[:-1]) == before


def test_a_replacement_may_leave_no_hole(tmp_path):
    one(write(tmp_path, ROWS[0], with_cell("MONTH", "02")))
    with pytest.raises(ImportRefused) as refused:
        import_transborder([write(tmp_path, with_cell("VALUE", "5"), name="jan.csv")], replace=True)
    assert [problem.kind for problem in refused.value.problems.errors] == ["leaves_a_hole"]


def test_undo_refuses_what_was_changed_since(tmp_path):
    batch = one(write(tmp_path, *ROWS)).batch
    TransBorderFlow.objects.filter(value_usd=300).delete()
    with pytest.raises(UndoRefused, match="stored 5 rows and 4 are left"):
        undo_import(batch.pk)
    assert TransBorderFlow.objects.count() == 4


def test_undone_twice_or_never_there(tmp_path):
    batch = one(write(tmp_path, *ROWS)).batch
    undo_import(batch.pk)
    assert one(tmp_path / "dot1_0121.csv").outcome == "loaded"
    with pytest.raises(UndoRefused, match="undone before"):
        undo_import(batch.pk)
    with pytest.raises(UndoRefused, match="no batch"):
        undo_import(10**6)


def test_a_dry_run_reports_and_stores_nothing(tmp_path):
    result = one(write(tmp_path, *ROWS), dry_run=True)
    assert (result.outcome, result.rows, result.batch) == ("checked", 5, None)
    assert result.quality["by_direction"]["exports Canada"] == {"rows": 2, "value_usd": 1300}
    assert not TransBorderFlow.objects.exists()
    assert not ImportBatch.objects.exists()


def test_the_commands(tmp_path):
    path = write(tmp_path, *ROWS)
    out, err = io.StringIO(), io.StringIO()
    call_command("import_transborder", str(path), "--dry-run", stdout=out, stderr=err)
    assert "dry run, nothing stored" in out.getvalue()
    assert "no Mexican state" in err.getvalue()
    call_command("import_transborder", str(path), stdout=out, stderr=err)
    batch = ImportBatch.objects.get()
    assert f"5 rows  dot1_0121.csv: batch {batch.pk}" in out.getvalue()
    call_command("import_transborder", str(path), stdout=out, stderr=err)
    assert f"imported before as batch {batch.pk}; nothing changed" in out.getvalue()
    call_command("undo_import", str(batch.pk), stdout=out, stderr=err)
    assert "5 rows  dot1_0121.csv: taken back" in out.getvalue()
    assert not TransBorderFlow.objects.exists()
    with pytest.raises(base.BadInput, match="undone before"):
        call_command("undo_import", str(batch.pk), stdout=out, stderr=err)
    with pytest.raises(base.BadInput, match="no-such"):
        call_command("import_transborder", str(tmp_path / "no-such.csv"), stdout=out, stderr=err)


def test_the_database_itself_keeps_rows_and_batches_together(tmp_path):
    batch = one(write(tmp_path, *ROWS)).batch
    connection.check_constraints()
    with pytest.raises(Exception, match="protected"):
        batch.delete()
