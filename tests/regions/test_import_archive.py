"""A case in a zip file: read like the folder, and refused where it is made to do harm."""

import stat
import zipfile

import pytest

from regions.importing.archive import ArchiveLimits, CaseArchive
from regions.importing.loader import CaseExists, import_case
from regions.importing.problems import ImportRefused
from regions.models import Case, ImportBatch
from tests.regions.case_files import write_case


def pack(path, files, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return path


def pack_case(folder, path, inside=""):
    return pack(path, [(f"{inside}{file.name}", file.read_bytes()) for file in sorted(folder.iterdir())])


def refusal(path, **limits):
    with pytest.raises(ImportRefused) as refused:
        CaseArchive(path, ArchiveLimits(**limits))
    return {problem.kind for problem in refused.value.problems}


@pytest.mark.django_db
@pytest.mark.parametrize("inside", ["", "small-2023/"])
def test_a_zip_is_read_like_its_folder(tmp_path, inside):
    folder = write_case(tmp_path / "small-2023")
    archive = pack_case(folder, tmp_path / "sent by mail.zip", inside)
    assert import_case(archive).outcome == "loaded"
    assert import_case(folder).outcome == "unchanged"
    assert ImportBatch.objects.get().label == "sent by mail"
    write_case(folder, tariffs=None)
    with pytest.raises(CaseExists):
        import_case(pack_case(folder, tmp_path / "other.zip"))


@pytest.mark.django_db
def test_faults_inside_a_zip_are_named_as_in_a_folder(tmp_path):
    folder = write_case(tmp_path / "small-2023", sectors="id,name\ncars,Cars\n")
    with pytest.raises(ImportRefused) as refused:
        import_case(pack_case(folder, tmp_path / "case.zip"))
    assert ("sectors.csv", "kind", "missing_column") in {
        (problem.file, problem.column, problem.kind) for problem in refused.value.problems.errors
    }
    assert not Case.objects.exists()


def test_what_archivers_add_is_left_out(tmp_path):
    path = pack(tmp_path / "a.zip", [("case/a.csv", "x"), ("__MACOSX/case/._a.csv", "y"), ("case/.DS_Store", "z")])
    assert CaseArchive(path).names() == ["a.csv"]


@pytest.mark.parametrize(
    "name", ["../evil.csv", "/etc/evil.csv", "case/../../evil.csv", "..\\evil.csv", "C:evil.csv", "a/b/evil.csv"]
)
def test_a_path_that_climbs_out_is_refused(tmp_path, name):
    assert "bad_path" in refusal(pack(tmp_path / "a.zip", [(name, "x")]))
    assert not list(tmp_path.rglob("evil.csv"))


def test_a_link_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("regions.csv")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    assert refusal(path) == {"bad_path"}


def test_a_zip_bomb_is_refused(tmp_path):
    bomb = pack(tmp_path / "a.zip", [("regions.csv", b"0" * 3_000_000)])
    assert bomb.stat().st_size < 10_000
    assert refusal(bomb, ratio_floor_bytes=1_000_000) == {"too_large"}
    assert refusal(bomb, unpacked_bytes=1_000_000) == {"too_large"}
    assert CaseArchive(bomb).names() == ["regions.csv"]


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path):
    path = pack(tmp_path / "a.zip", [("regions.csv", b"0" * 3_000_000)])
    content = path.read_bytes()
    assert content.count((3_000_000).to_bytes(4, "little")) == 2
    path.write_bytes(content.replace((3_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")))
    assert refusal(path, unpacked_bytes=2_000_000) <= {"bad_packing", "too_large"}


@pytest.mark.parametrize(
    ("files", "limits", "kind"),
    [
        ([(f"{number}.csv", "x") for number in range(5)], {"entries": 4}, "too_many_files"),
        ([("a.csv", "x" * 100)], {"packed_bytes": 50}, "too_large"),
        ([("run.exe", "x")], {}, "bad_file_type"),
        ([("inner.zip", "x")], {}, "bad_file_type"),
        ([("a/x.csv", "1"), ("b/y.csv", "2")], {}, "bad_path"),
    ],
)
def test_other_bounds(tmp_path, files, limits, kind):
    assert kind in refusal(pack(tmp_path / "a.zip", files), **limits)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice(tmp_path):
    assert refusal(pack(tmp_path / "a.zip", [("a.csv", "1"), ("a.csv", "2")])) == {"same_file_twice"}


def test_a_broken_zip(tmp_path):
    path = pack(tmp_path / "a.zip", [("a.csv", "1,2\n" * 1000)])
    content = bytearray(path.read_bytes())
    content[40] ^= 0xFF
    path.write_bytes(content)
    assert refusal(path) == {"bad_packing"}


@pytest.mark.django_db
def test_neither_folder_nor_zip(tmp_path):
    path = tmp_path / "case.txt"
    path.write_text("no case")
    with pytest.raises(ImportRefused, match="1 errors"):
        import_case(path)
