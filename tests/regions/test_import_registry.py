"""The registry of formats: what a file is, which columns it has, and one way to check, load and undo all of them."""

import json
import zipfile

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from regions.importing import registry
from regions.importing.problems import ImportRefused
from regions.models import Case, ImportBatch, TransBorderFlow
from tests.regions.case_files import write_case
from tests.regions.transborder_files import ROWS, write


def kinds(refusal) -> set[str]:
    return {problem.kind for problem in refusal.value.problems.errors}


def test_formats_have_ids_of_their_own_and_a_page():
    ids = [one.id for one in registry.formats()]
    assert len(set(ids)) == len(ids)
    assert {"case", "transborder", "border_entry"} <= set(ids)
    assert registry.get_format("case").title
    with pytest.raises(KeyError):
        registry.get_format("nothing")


def test_a_file_is_recognised_by_its_columns_and_not_by_its_name(tmp_path):
    path = write(tmp_path, *ROWS, name="entry.csv")
    (found,) = registry.detect(path)[:1]
    assert (found.format.id, found.likeness) == ("transborder", 1.0)
    seen = registry.read_columns(path)
    assert seen.names[:3] == ("TRDTYPE", "USASTATE", "DEPE")
    assert all(len(row) == len(seen.names) for row in seen.sample)
    assert registry.suggest_mapping("transborder", path)["DEPE"] == "DEPE"


def test_a_case_is_recognised_as_folder_and_as_zip(tmp_path):
    folder = write_case(tmp_path / "small-2023")
    packed = tmp_path / "anything.bin"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    assert [one.format.id for one in registry.detect(folder)] == ["case"]
    assert [one.format.id for one in registry.detect(packed)] == ["case"]


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "geojson", "csv"])
def test_columns_of_each_kind_of_file(tmp_path, kind):
    path = tmp_path / "table"
    if kind == "xlsx":
        book = openpyxl.Workbook()
        book.active.append(["place", "share"])
        book.active.append(["US-MI", 0.5])
        book.create_sheet("notes")
        book.save(path)
    elif kind == "parquet":
        parquet.write_table(pa.table({"place": ["US-MI"], "share": [0.5]}), path)
    elif kind == "geojson":
        feature = {"type": "Feature", "properties": {"place": "US-MI", "share": 0.5}, "geometry": None}
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    else:
        path.write_text("place;share\nUS-MI;0.5\n")
    seen = registry.read_columns(path)
    assert (seen.kind, seen.names, seen.sample) == (kind, ("place", "share"), (("US-MI", "0.5"),))
    assert seen.layers == (("Sheet", "notes") if kind == "xlsx" else ())


@pytest.mark.django_db
def test_dry_run_load_and_undo_through_one_interface(tmp_path):
    path = write(tmp_path, *ROWS)
    calls = []
    checked = registry.dry_run("transborder", path, progress=lambda *state: calls.append(state))
    assert checked.outcome == "checked"
    assert calls
    assert not TransBorderFlow.objects.exists()
    loaded = registry.load("transborder", [path])
    assert loaded.outcome == "loaded"
    assert loaded.rows == checked.rows
    assert json.loads(json.dumps(loaded.as_json()))["batches"] == [loaded.batches[0].pk]
    assert registry.load("transborder", path).outcome == "unchanged"
    registry.undo(loaded.batches[0].pk)
    assert not TransBorderFlow.objects.exists()


@pytest.mark.django_db
def test_a_whole_case_through_the_registry(tmp_path):
    folder = write_case(tmp_path / "small-2023")
    assert registry.dry_run("case", folder).case_name == "small-2023"
    assert not Case.objects.exists()
    assert registry.load("case", folder).outcome == "loaded"
    (folder / "tariffs.csv").unlink()
    with pytest.raises(ImportRefused) as refusal:
        registry.load("case", folder)
    assert kinds(refusal) == {"case_exists"}
    assert registry.load("case", folder, options={"replace": True}).outcome == "loaded"
    assert ImportBatch.objects.count() == 2


def test_requests_that_a_format_cannot_meet(tmp_path):
    path = write(tmp_path, *ROWS)
    with pytest.raises(ImportRefused) as refusal:
        registry.load("transborder", path, None, {"nothing": "A"}, options={"colour": "red"})
    assert kinds(refusal) == {"unknown_column", "unknown_option"}
    with pytest.raises(ImportRefused) as refusal:
        registry.load("case", [path, path])
    assert kinds(refusal) == {"several_files"}


def test_files_that_are_nothing_that_can_be_imported(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"\xd0\xcf\x11\xe0old excel")
    with pytest.raises(ImportRefused) as refusal:
        registry.detect(path)
    assert kinds(refusal) == {"bad_file_type"}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("picture.png", b"x")
    with pytest.raises(ImportRefused) as refusal:
        registry.detect(path)
    assert kinds(refusal) == {"bad_file_type"}
    with pytest.raises(ImportRefused):
        registry.detect(tmp_path / "absent")
