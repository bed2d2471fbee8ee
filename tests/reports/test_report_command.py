"""`manage.py report`: the file, or an exit code with a reason."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from planner.models import Run
from planner.reports import FORMATS
from planner.services import run_start
from regions.models import Case

FinishedRun = Callable[..., Run]


def test_each_format_is_written_and_its_path_printed(finished_run: FinishedRun, tmp_path: Path, capsys: Any) -> None:
    run = finished_run()
    for kind in FORMATS:
        path = tmp_path / f"report.{kind}"
        call_command("report", str(run.pk), "--format", kind, "--out", str(path))
        assert str(path) in capsys.readouterr().out
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "report.csv").read_text(encoding="utf-8-sig"))))
    markup = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert {row["intervention"] for row in rows} == {measure["id"] for measure in document["interventions"]}
    assert all(measure["name"].replace("'", "&#x27;") in markup for measure in document["interventions"])
    assert markup.startswith("<!doctype html>")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_bad_arguments_exit_with_2_and_a_finished_run_is_needed(case: Case, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    with pytest.raises(CommandError, match="no run 999") as unknown:
        call_command("report", "999", "--out", str(target))
    assert unknown.value.returncode == 2
    run = run_start(case, settings={"draws": 5}).run
    with pytest.raises(CommandError, match="no folder") as nowhere:
        call_command("report", str(run.pk), "--out", str(tmp_path / "missing" / "report.html"))
    assert nowhere.value.returncode == 2
    with pytest.raises(CommandError, match="is a folder") as folder:
        call_command("report", str(run.pk), "--out", str(tmp_path))
    assert folder.value.returncode == 2
    with pytest.raises(CommandError, match="has no results") as unfinished:
        call_command("report", str(run.pk), "--out", str(target))
    assert unfinished.value.returncode == 1
    with pytest.raises(CommandError, match="invalid choice: 'docx'"):
        call_command("report", str(run.pk), "--format", "docx", "--out", str(target))
    assert not target.exists()
