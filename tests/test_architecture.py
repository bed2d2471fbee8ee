"""The directions of imports, held by the contracts in .importlinter, and a few rules that it cannot say."""

import ast
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    path
    for package in ("planner", "regions")
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)


def test_import_contracts(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    code = lint_imports(config_filename=str(ROOT / ".importlinter"), no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_the_planner_package_itself_is_empty():
    # Anything here would run whenever the engine is imported.
    assert (ROOT / "planner" / "__init__.py").read_text() == ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_short_and_say_what_they_own(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 450, "split it: a module owns one thing"
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "a one-line docstring says what the module owns"
