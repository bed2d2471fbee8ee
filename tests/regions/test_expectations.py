"""Expectations of imports in other languages: every form is still written by a reader or a check, and all its values stay."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from regions.importing.expectations import FORMS as USUAL
from regions.importing.expectations import expectation_words
from regions.importing.loader import import_case
from regions.importing.problems import ImportRefused
from regions.importing.rare_expectations import RARE
from regions.recognised import PLACEHOLDER
from tests.regions.case_files import write_case

FORMS = (*USUAL, *RARE)
ROOT = Path(__file__).resolve().parents[2]
JOINTS = re.compile(r"\"\s*\n?\s*(?:\+ )?f?\"|\s*\n\s+")


def written() -> str:
    """Sources of readers and checks in one piece, each value a gap."""
    files = [*(ROOT / "regions" / "importing").glob("*.py"), *(ROOT / "planner" / "importing").glob("*.py")]
    files += [ROOT / "planner" / "services" / "import_jobs.py", ROOT / "regions" / "geo.py"]
    text = "\n".join(
        one.read_text(encoding="utf-8") for one in sorted(files) if not one.name.endswith("expectations.py")
    )
    return JOINTS.sub(" ", re.sub(r"\"\s*\n\s*f?\"", "", text))


def test_every_form_is_still_written_somewhere():
    sources = written()
    for form in FORMS:
        pieces = [piece.strip() for piece in PLACEHOLDER.split(form)[::2] if len(piece.strip()) > 4]
        assert all(piece in sources for piece in pieces), form


@pytest.mark.parametrize("language", ["fr", "es"])
def test_nothing_of_a_known_expectation_stays_english(language):
    with translation.override(language):
        for form in FORMS:
            told = expectation_words(PLACEHOLDER.sub(lambda found: f"<{found.group(1)}>", form))
            assert not told.startswith("expected"), form
            assert all(f"<{name}>" in told for name in PLACEHOLDER.findall(form)), form
        assert expectation_words("expected something nobody knows") == "expected something nobody knows"


def test_problems_of_a_real_refusal_are_said_in_french(db, tmp_path):
    write_case(
        tmp_path / "bad-2023", crossings="code,name,latitude,longitude,us_region,facing_region\n1,A,x,2,US-MI,NO\n"
    )
    with pytest.raises(ImportRefused) as refused:
        import_case(tmp_path / "bad-2023")
    with translation.override("fr"):
        said = [expectation_words(one.expectation) for one in refused.value.problems.errors]
    number = "attendu\u00a0: un nombre (point décimal, sans séparateur de milliers), au moins -90, au plus 90 (degrees north)"
    assert number in said
    with translation.override("es"):
        assert expectation_words("expected a whole number, above 0; the cell is empty").endswith(
            "; la celda está vacía"
        )


# What clients of the API and the command line alone are told stays English.
PLACES = ("regions/importing", "regions/geo.py", "planner/importing/checks.py")


def sentences(path: Path) -> Iterator[str]:
    """Texts of a module that begin with "expected", with a stand-in for what is filled in; whole sentences only."""
    todo: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "X9X" for part in node.values)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node.value
        else:
            todo += ast.iter_child_nodes(node)


def test_every_sentence_of_imports_is_known_in_other_languages() -> None:
    modules = [
        path for place in PLACES for path in ([ROOT / place] if place.endswith(".py") else (ROOT / place).glob("*.py"))
    ]
    found = {text for path in modules for text in sentences(path) if text.startswith("expected ") and len(text) > 12}
    assert len(found) > 150
    with translation.override("fr"):
        unknown = {text for text in found if expectation_words(text).startswith("expected")}
    # Beginnings to which a reader adds the rest.
    assert {text for text in unknown if not text.endswith((" ", "-", "("))} == set()
