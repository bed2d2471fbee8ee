"""One typographic rule in every catalogue: spaces before marks do not break, apostrophes are curved, one word for draws."""

import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = ("planner", "regions", "planner/reports")
PERCENT = r"%%|%(?:[\s.,;:)»]|$)"
# What a French or Spanish text may not have: marks after a plain space or none, straight apostrophes between letters.
FAULTS = {
    "fr": (
        r"(?<![\u00a0/\d])(?<!Authorization):(?=\s|$)", r"(?<![\u202f\u00a0&a-z0-9]);", r"(?<!\u202f)[?!](?=\s|$)", r"«(?!\u00a0)", r"(?<!\u00a0)»",
        r"(?<=\w)'(?=\w)", rf"(?<=[\d\w)] )(?:{PERCENT})",
    ),
    "es": (rf"(?<=[\d\w)] )(?:{PERCENT})", r"[Ss]orteo"),
}  # fmt: skip


def texts(catalogue: str, language: str) -> Iterator[tuple[str, str]]:
    for entry in polib.pofile(str(ROOT / catalogue / "locale" / language / "LC_MESSAGES" / "django.po")):
        for text in entry.msgstr_plural.values() if entry.msgid_plural else (entry.msgstr,):
            yield entry.msgid, text


@pytest.mark.parametrize("catalogue", CATALOGUES)
@pytest.mark.parametrize("language", FAULTS)
def test_texts_follow_the_rule(catalogue: str, language: str) -> None:
    wrong = [
        (message, pattern)
        for message, text in texts(catalogue, language)
        for pattern in FAULTS[language]
        if re.search(pattern, text)
    ]
    assert wrong == []
