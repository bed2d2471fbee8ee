"""Files made to harm: too large, too wide, bombs, paths that climb, links to elsewhere, declarations. Nothing is read."""

import gzip
import io
import json
import sqlite3
import struct
import zipfile

import openpyxl
import pyarrow as pa
import pytest
from openpyxl.utils import get_column_letter
from pyarrow import parquet

from regions.importing import registry
from regions.importing.problems import ImportRefused
from regions.importing.table_files import LIMITS, CsvTable, TableLimits, WorkbookTable
from regions.importing.vector_files import GeoJsonTable
from regions.importing.workbooks import check_zip


def workbook(rows=(("place", "gdp"), ("US-MI", 1))):
    """The parts of a small workbook, by name."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(tmp_path, parts, name="file.xlsx"):
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return path


def refused(path, **options):
    """Kind and words of the only problem."""
    with pytest.raises(ImportRefused) as refusal:
        registry.read_columns(path, options)
    (problem,) = refusal.value.problems.errors
    assert problem.file == path.name
    return problem.kind, str(problem)


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("xl/externalLinks/externalLink1.xml", "external_link"),
        ("xl/connections.xml", "external_link"),
        ("xl/queryTables/queryTable1.xml", "external_link"),
        ("xl/vbaProject.bin", "macro"),
        ("../evil.xml", "bad_path"),
        ("/etc/evil.xml", "bad_path"),
        ("xl\\..\\evil.xml", "bad_path"),
    ],
)
def test_a_workbook_with_links_macros_or_paths_that_climb(tmp_path, part, kind):
    path = packed(tmp_path, {**workbook(), part: b"<a/>"})
    assert refused(path)[0] == kind


def test_a_plain_workbook_is_read(tmp_path):
    assert registry.read_columns(packed(tmp_path, workbook())).names == ("place", "gdp")


def test_a_workbook_of_a_million_columns(tmp_path):
    parts = workbook()
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    wide = sheet.replace("</row>", f'<c r="{get_column_letter(16384)}1"><v>1</v></c></row>', 1)
    parts["xl/worksheets/sheet1.xml"] = wide.encode()
    kind, words = refused(packed(tmp_path, parts))
    assert kind == "too_many_columns"
    assert f"at most {LIMITS.columns} columns" in words
    # A column beyond all that the format knows.
    parts["xl/worksheets/sheet1.xml"] = sheet.replace('r="B1"', 'r="ZZZZ1"').encode()
    assert refused(packed(tmp_path, parts))[0] in ("bad_workbook", "too_many_columns")


def test_a_workbook_that_says_it_is_huge_is_read_as_it_is(tmp_path):
    parts = workbook()
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(
        '<dimension ref="A1:B2"/>', '<dimension ref="A1:XFD1048576"/>'
    ).encode()
    assert b"XFD" in parts["xl/worksheets/sheet1.xml"]
    seen = registry.read_columns(packed(tmp_path, parts))
    assert (seen.names, seen.sample) == (("place", "gdp"), (("US-MI", "1"),))


def test_a_workbook_that_declares_entities(tmp_path):
    parts = workbook()
    laughs = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>'
    sheet = parts["xl/worksheets/sheet1.xml"]
    head, body = sheet[: sheet.index(b"<worksheet")], sheet[sheet.index(b"<worksheet") :]
    parts["xl/worksheets/sheet1.xml"] = head + laughs + body
    kind, words = refused(packed(tmp_path, parts))
    assert kind == "bad_workbook"
    assert "document type" in words


def test_zip_bombs(tmp_path):
    bomb = {**workbook(), "xl/worksheets/sheet1.xml": b"<worksheet>" + b"0" * (64 << 20)}
    kind, words = refused(packed(tmp_path, bomb))
    assert kind == "too_large"
    assert "MiB when unpacked" in words
    many = {**workbook(), **{f"xl/media/{number}.png": b"" for number in range(2_100)}}
    assert refused(packed(tmp_path, many))[0] == "too_many_files"


def test_a_zip_that_lies_about_its_size_is_read_no_further_than_it_says(tmp_path):
    """zipfile trusts the stated size, so that no more than it can ever come out."""
    path = packed(tmp_path, {**workbook(), "xl/worksheets/sheet1.xml": b"<worksheet>" + b"0" * (64 << 20)})
    content = bytearray(path.read_bytes())
    start = content.rindex(b"PK\x01\x02", 0, content.rindex(b"xl/worksheets/sheet1.xml"))
    struct.pack_into("<I", content, start + 24, 100)
    path.write_bytes(content)
    check_zip(path, LIMITS.packed_bytes, LIMITS.workbook_bytes, "a zip file")
    with pytest.raises(ImportRefused):
        registry.read_columns(path)
    with (
        zipfile.ZipFile(path) as archive,
        archive.open("xl/worksheets/sheet1.xml") as part,
        pytest.raises(zipfile.BadZipFile),
    ):
        part.read(1 << 20)


def test_a_table_that_unpacks_to_much_more(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(gzip.compress(b"place,gdp\n" + b"US-MI,1\n" * 20_000_000))
    assert refused(path)[0] == "too_large"
    assert path.stat().st_size < 2 << 20


def test_csv_of_a_million_columns_and_too_many_rows(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(",".join(f"c{number}" for number in range(100_000)) + "\n")
    assert refused(path)[0] == "too_many_columns"
    path.write_text("place,gdp\n" + "US-MI,1\n" * 20)
    with pytest.raises(ImportRefused, match="1 errors") as refusal:
        CsvTable(path, TableLimits(rows=10))
    assert refusal.value.problems.errors[0].kind == "too_many_rows"
    with pytest.raises(ImportRefused) as refusal:
        list(WorkbookTable(packed(tmp_path, workbook([["a"], *[["1"]] * 20])), "", TableLimits(rows=10)).records())
    assert refusal.value.problems.errors[0].kind == "too_many_rows"


def test_parquet_that_is_too_wide_nested_or_broken(tmp_path):
    path = tmp_path / "table.parquet"
    parquet.write_table(pa.table({f"c{number}": [1] for number in range(1_200)}), path)
    assert refused(path)[0] == "too_many_columns"
    parquet.write_table(pa.table({"place": [["US-MI"]]}), path)
    assert refused(path)[0] == "bad_column"
    path.write_bytes(path.read_bytes()[:200])
    assert refused(path)[0] == "bad_packing"
    parquet.write_table(pa.table({"place": pa.repeat("US-MI", 2_000_001)}), path)
    assert refused(path)[0] == "too_many_rows"


def test_geojson_that_is_too_large_too_deep_or_something_else(tmp_path):
    path = tmp_path / "places.geojson"
    path.write_text("[" * 100_000)
    assert refused(path)[0] == "bad_json"
    path.write_text(json.dumps({"type": "Topology", "objects": {}}))
    assert refused(path)[0] == "bad_geojson"
    path.write_text(json.dumps({"features": [{"properties": {"id": "x" * 1000}}]}))
    with pytest.raises(ImportRefused) as refusal:
        GeoJsonTable(path, TableLimits(json_bytes=500))
    assert refusal.value.problems.errors[0].kind == "too_large"


@pytest.mark.filterwarnings("ignore:GPKG")
def test_a_database_that_is_no_geopackage(tmp_path):
    path = tmp_path / "places.gpkg"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE secrets (password TEXT)")
    connection.close()
    assert refused(path)[0] in ("bad_geodata", "no_layer", "empty_file")
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4000)
    assert refused(path)[0] == "bad_geodata"


def test_text_that_is_no_table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"\xff\xfep\0l\0")
    assert refused(path)[0] == "bad_file_type"
    path.write_bytes(b"a,b\n\0\0\n")
    assert refused(path)[0] == "bad_file_type"
    path.write_text('a,b\n"never closed,1\n' + "x" * 2_000_000)
    with pytest.raises(ImportRefused) as refusal:
        registry.read_columns(path)
    assert refusal.value.problems.errors[0].kind == "bad_csv"
