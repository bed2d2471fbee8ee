"""Compiled passes are kept apart for each state of the sources."""

import os
from pathlib import Path

from planner import engine
from planner.engine.compiled_cache import VARIABLE, keep_apart, sources_digest


def test_any_source_changes_the_folder(tmp_path):
    (tmp_path / "one.py").write_text("A = 1\n")
    (tmp_path / "two.py").write_text("B = 1\n")
    before = sources_digest(tmp_path)
    (tmp_path / "one.py").write_text("A = 2\n")
    changed = sources_digest(tmp_path)
    (tmp_path / "one.py").rename(tmp_path / "three.py")
    assert len({before, changed, sources_digest(tmp_path)}) == 3


def test_the_engine_has_a_folder_of_its_own():
    here = Path(engine.__file__).parent
    assert Path(os.environ[VARIABLE]).name == f"engine-{sources_digest(here)}"


def test_a_folder_that_is_set_is_kept_and_a_child_does_not_nest(tmp_path, monkeypatch):
    (tmp_path / "one.py").write_text("A = 1\n")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "given"))
    keep_apart(tmp_path)
    first = os.environ[VARIABLE]
    keep_apart(tmp_path)
    assert os.environ[VARIABLE] == first == str(tmp_path / "given" / f"engine-{sources_digest(tmp_path)}")
