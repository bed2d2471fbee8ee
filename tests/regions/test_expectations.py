"""Expectations of imports in other languages: every form is still written by a reader or a check, and all its values stay."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from regions.importing.expectations import FORMS, expectation_words
from regions.importing.loader import import_case
from regions.importing.problems import ImportRefused
from regions.recognised import PLACEHOLDER
from tests.regions.case_files import write_case

ROOT = Path(__file__).resolve().parents[2]
JOINTS = re.compile(r"\"\s*\n?\s*(?:\+ )?f?\"|\s*\n\s+")


def written() -> str:
    """Sources of readers and checks in one piece, each value a gap."""
    files = [*(ROOT / "regions" / "importing").glob("*.py"), *(ROOT / "planner" / "importing").glob("*.py")]
    files += [ROOT / "planner" / "services" / "import_jobs.py"]
    text = "\n".join(one.read_text(encoding="utf-8") for one in sorted(files) if one.name != "expectations.py")
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
