"""Reasons in the reader's language: every form is one that the sources still write, and reasons inside reasons are said too."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from planner.engine.errors import NegativeSpending, SolveFailed
from planner.reports.reasons import FORMS, PARTS, reason_words
from regions.recognised import PLACEHOLDER

PLANNER = Path(__file__).resolve().parents[2] / "planner"
WRITERS = ("engine", "analyses", "services", "reports/context.py")
# What stands between two pieces of one sentence in a source: quotes, line breaks, and the values put in.
JOINTS = re.compile(r"\"\s*\n?\s*f?\"")


def written() -> str:
    """Sources that write sentences, with the sentences in one piece and each value as a gap."""
    files = []
    for name in WRITERS:
        place = PLANNER / name
        files += [place] if place.is_file() else sorted(place.rglob("*.py"))
    text = JOINTS.sub("", "\n".join(one.read_text(encoding="utf-8") for one in files))
    return re.sub(r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", "\0", text)


def test_every_form_is_still_written_somewhere():
    sources = written()
    for form in FORMS:
        pieces = [piece for piece in PLACEHOLDER.split(form)[::2] if len(piece.strip()) > 3]
        assert all(piece.strip() in sources for piece in pieces), form


@pytest.mark.parametrize("language", ["fr", "es"])
def test_nothing_of_a_known_reason_stays_english(language):
    with translation.override(language):
        for form in FORMS:
            sample = PLACEHOLDER.sub(lambda found: f"<{found.group(1)}>", form)
            told = reason_words(sample)
            assert told != sample
            for name in set(PLACEHOLDER.findall(form)) - {"reason"}:
                assert f"<{name}>" in told, form


@pytest.mark.parametrize("language", ["fr", "es"])
def test_what_stands_in_the_gaps_is_said_too(language):
    with translation.override(language):
        for part in PARTS:
            told = reason_words(
                f"cuts the {part} at 3801 into US by up to 5 minutes, but it is 3; expected a cut no larger than that"
            )
            assert part not in told


def test_what_the_engine_raises_is_recognised():
    failed = SolveFailed(200, 0.0123, "US-MI", 3, "make the shock smaller")
    inner = NegativeSpending("CA-ON", -0.2, 1)
    with translation.override("fr"):
        assert reason_words(str(failed)).startswith("pas d’équilibre après 200 itérations dans 3 colonne(s)")
        told = reason_words(f"12 of 500 draws have no solution and are left out; draw 7: {inner}")
        assert told.startswith("12 tirages sur 500")
        assert "la dépense finale de CA-ON serait -0.2" in told
        # The name of the fault before a stored sentence goes; a sentence that nobody knows stays.
        assert reason_words(f"SolveFailed: {failed}").startswith("pas d’équilibre")
        assert reason_words("a bridge too far") == "a bridge too far"
    assert reason_words(str(failed)) == str(failed)
