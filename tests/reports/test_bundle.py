"""The zip of a report: an honest one holds, and of a changed one the first number, file or hash that differs is named."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.management import CommandError, call_command

from planner.analyses import ANALYSES
from planner.models import Run
from planner.reports import unpacking
from planner.reports.bundle import DOCUMENT, MANIFEST, PARAMETERS, RUN, report_zip
from planner.reports.context import build_context
from planner.reports.cover import run_cover
from planner.reports.json_writer import report_json
from planner.reports.schema import SCHEMA_FILE, report_schema
from planner.reports.unpacking import ZipRefused, read_zip
from planner.reports.verification import first_difference, verify_zip
from tests.reports.synthetic import synthetic_context

Changes = dict[str, Callable[[bytes], bytes]]


@pytest.fixture
def bundle(finished_run: Callable[..., Run], tmp_path: Path) -> Path:
    path = tmp_path / "report.zip"
    run = finished_run(draws=5)
    path.write_bytes(report_zip(run, build_context(run), run_cover(run), "fr"))
    return path


def changed(path: Path, changes: Changes, honest_manifest: bool = True) -> Path:
    """A copy with some files changed; the manifest follows unless it is to be caught lying."""
    files = read_zip(path)
    manifest = json.loads(files[MANIFEST])
    for name, change in changes.items():
        files[name] = change(files[name])
        if honest_manifest and name != MANIFEST:
            manifest["files"][name]["sha256"] = hashlib.sha256(files[name]).hexdigest()
    files[MANIFEST] = json.dumps(manifest).encode()
    return packed(path.with_name("changed.zip"), files)


def packed(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def edited(edit: Callable[[Any], None]) -> Callable[[bytes], bytes]:
    """A change of a JSON file that keeps its layout."""

    def change(content: bytes) -> bytes:
        document = json.loads(content)
        edit(document)
        return (json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()

    return change


def one_number_changed(node: Any) -> bool:
    """Changes the first number that is not tiny by a ten-thousandth of itself; whether there was one."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for place, value in list(pairs):
        if isinstance(value, float) and abs(value) > 1e-3:
            node[place] = value * 1.0001
            return True
        if one_number_changed(value):
            return True
    return False


def test_analyses_are_computed_again_and_compared(finished_run: Callable[..., Run], tmp_path: Path) -> None:
    run = finished_run(draws=50, analyses=ANALYSES)
    context = build_context(run)
    assert list(context["analyses"]) == list(ANALYSES)
    assert {entry["status"] for entry in context["analyses"].values()} == {"done"}
    jsonschema.validate(json.loads(report_json(context)), report_schema())
    path = tmp_path / "report.zip"
    path.write_bytes(report_zip(run, context))
    verdict = verify_zip(path)
    assert (verdict.difference, verdict.notes) == ("", [])
    document = json.loads(read_zip(path)[DOCUMENT])
    again = json.loads(read_zip(path)[DOCUMENT])
    for kind in ANALYSES:
        assert one_number_changed(document["analyses"][kind]["document"]), kind
        difference, _ = first_difference(document, again)
        assert difference.startswith(f"analyses.{kind}.document."), difference
        document["analyses"][kind] = again["analyses"][kind]
    for section in ("baseline", "interventions", "ranking", "quality"):
        assert one_number_changed(document[section]), section
        difference, _ = first_difference(document, again)
        assert difference.startswith(section), difference
        document[section] = json.loads(read_zip(path)[DOCUMENT])[section]
    document["left_out_draws"]["left_out"] = 1
    assert first_difference(document, again)[0] == "left_out_draws.left_out: 1 in the report, 0 computed again"
    limited = build_context(run, ["facilitation"])
    assert list(limited["analyses"]) == ["diagnosis", "minute_values"], "what compares all measures is left out"


def scaled_mean(document: Any) -> None:
    """One number changed by a hundred-thousandth of itself."""
    measure = next(entry for entry in document["interventions"] if entry["id"] == "exporters")
    measure["full"]["ev_musd"]["mean"] *= 1.00001


def raised_theta(rows: Any) -> None:
    next(row for row in rows if row["key"] == "theta")["central"] += 0.1


def other_seed(run: Any) -> None:
    run["seed"] += 1


def test_an_honest_zip_holds_without_a_database(bundle: Path, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        verdict = verify_zip(bundle)
    assert (verdict.difference, verdict.notes) == ("", [])
    assert verdict.numbers > 1000
    names = set(read_zip(bundle))
    assert {"report.html", "report.pdf", "report.xlsx", DOCUMENT, "data/datapackage.json", MANIFEST} <= names


def test_equal_runs_give_equal_zips(finished_run: Callable[..., Run]) -> None:
    one, two = finished_run(draws=5), finished_run(draws=5)
    assert report_zip(one, build_context(one)) == report_zip(two, build_context(two))


@pytest.mark.parametrize(
    ("changes", "honest_manifest", "named"),
    [
        ({"report.html": lambda content: content + b" "}, False, "report.html: its SHA-256"),
        ({DOCUMENT: edited(scaled_mean)}, True, "interventions[exporters].full.ev_musd.mean"),
        ({PARAMETERS: edited(raised_theta)}, True, "draws."),
        ({RUN: edited(other_seed)}, True, "draws."),
        ({"ranking.csv": lambda content: content.replace(b"More booths", b"Less booths")}, True, "ranking.csv: line"),
        ({"data/regions.csv": lambda content: content.replace(b"23000", b"23001")}, True, "data/regions.csv: line"),
        ({"report.html": lambda content: content.replace(b"0.1710526", b"0.1710527", 1)}, True, "report.html: line"),
        ({"report.xlsx": lambda content: content[:-1]}, True, "report.xlsx: not what is written"),
        ({"results.parquet": lambda content: content[:100]}, True, "results.parquet: cannot be read"),
    ],
)
def test_the_first_difference_is_named(bundle: Path, changes: Changes, honest_manifest: bool, named: str) -> None:
    difference = verify_zip(changed(bundle, changes, honest_manifest)).difference
    assert difference.startswith(named), difference


def test_files_that_are_missing_or_added_are_named(bundle: Path) -> None:
    files = read_zip(bundle)
    less = packed(bundle.with_name("less.zip"), {name: files[name] for name in files if name != "ranking.csv"})
    assert verify_zip(less).difference == "ranking.csv: listed in manifest.json, not in the zip"
    more = packed(bundle.with_name("more.zip"), {**files, "data/extra.csv": b"x"})
    assert verify_zip(more).difference == "data/extra.csv: not listed in manifest.json"


def test_every_number_of_a_document_is_compared() -> None:
    document = json.loads(report_json(synthetic_context(4)))
    other = json.loads(report_json(synthetic_context(4)))
    assert first_difference(document, other)[0] == ""
    other["ranking"]["rows"][1]["p_rank"][2] += 0.01
    assert "ranking.rows[" in first_difference(document, other)[0]
    assert ".p_rank[2]: " in first_difference(document, other)[0]


def test_what_is_no_report_zip_is_refused(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = tmp_path / "text.zip"
    text.write_text("no zip")
    with pytest.raises(ZipRefused, match="cannot be read as a zip"):
        verify_zip(text)
    with pytest.raises(ZipRefused, match="not one of a report's files"):
        read_zip(packed(tmp_path / "up.zip", {"../manifest.json": b"{}"}))
    with pytest.raises(ZipRefused, match="there is no manifest"):
        verify_zip(packed(tmp_path / "other.zip", {"a.txt": b""}))
    with pytest.raises(ZipRefused, match="not that of a report zip"):
        verify_zip(packed(tmp_path / "format.zip", {MANIFEST: b'{"format": "x"}'}))
    deep = packed(tmp_path / "deep.zip", {MANIFEST: b"[" * 200_000})
    with pytest.raises(ZipRefused, match="is not JSON"):
        verify_zip(deep)
    with pytest.raises(ZipRefused, match="draws must be a whole number"):
        verify_zip(changed(bundle, {RUN: edited(lambda run: run.update(draws=10**9))}))
    with pytest.raises(ZipRefused, match="cannot be computed"):
        verify_zip(changed(bundle, {PARAMETERS: edited(lambda rows: rows[0].pop("low"))}))
    monkeypatch.setattr(unpacking, "MOST_FILE_BYTES", 1000)
    with pytest.raises(ZipRefused, match=r"zeros\.bin is larger"):
        read_zip(packed(tmp_path / "bomb.zip", {"zeros.bin": bytes(2_000_000)}))
    monkeypatch.setattr(unpacking, "MOST_FILES", 2)
    with pytest.raises(ZipRefused, match="3 files"):
        read_zip(packed(tmp_path / "many.zip", {f"{number}.txt": b"" for number in range(3)}))


def test_the_command_says_what_it_compared_or_what_differs(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify", str(bundle))
    assert "numbers computed again" in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"interventions\[exporters\]") as differs:
        call_command("verify", str(changed(bundle, {DOCUMENT: edited(scaled_mean)})))
    assert differs.value.returncode == 1
    with pytest.raises(CommandError, match="no file") as missing:
        call_command("verify", str(bundle.with_name("none.zip")))
    assert missing.value.returncode == 2


def test_the_published_schema_holds_for_made_up_and_real_reports(finished_run: Callable[..., Run]) -> None:
    schema = report_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    runs = (finished_run(draws=5), finished_run(draws=5, criterion="welfare", closure="balanced"))
    contexts = [synthetic_context(), synthetic_context(0), *(build_context(run) for run in runs)]
    for context in contexts:
        assert [error.message for error in validator.iter_errors(json.loads(report_json(context)))] == []
    document = json.loads(report_json(contexts[0]))
    document["ranking"]["rows"][0]["rank"] = "first"
    document["surprise"] = 1
    assert len(list(validator.iter_errors(document))) == 2
    assert json.loads(SCHEMA_FILE.read_text())["$schema"].endswith("2020-12/schema")


def test_every_object_of_the_schema_says_what_it_may_hold() -> None:
    todo: list[Any] = [report_schema()]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            if node.get("type") == "object" and "properties" in node:
                assert node["additionalProperties"] is False
            todo += node.values()
        elif isinstance(node, list):
            todo += node
