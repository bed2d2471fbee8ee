"""The catalogue of the reports' words: what the code asks for, and `python -m tests.reports.catalogue` to bring it up to date."""

import io
from collections.abc import Iterator
from pathlib import Path

import polib
from babel.messages.extract import extract
from django.utils.translation.template import templatize

REPORTS = Path(__file__).resolve().parents[2] / "planner" / "reports"
LOCALE = REPORTS / "locale"
LANGUAGES = ("fr", "es")
KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2)}


def asked_for() -> dict[str, str]:
    """{message: its plural, or nothing} of all that modules and templates of the reports ask for."""
    found: dict[str, str] = {}
    for text in sources():
        for _line, message, _comments, _context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
            singular, plural = (message, "") if isinstance(message, str) else message[:2]
            if singular:
                found[singular] = plural or found.get(singular, "")
    return found


def sources() -> Iterator[str]:
    """Python modules, and templates as the Python that Django makes of them."""
    for path in sorted(REPORTS.rglob("*.py")):
        yield path.read_text(encoding="utf-8")
    for path in sorted(REPORTS.rglob("*.html")):
        yield templatize(path.read_text(encoding="utf-8"), origin=str(path))


def catalogue(language: str) -> polib.POFile:
    """The kept catalogue of a language."""
    return polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po"), wrapwidth=0)


def update(language: str) -> list[str]:
    """Add what is asked for, remove what no longer is, compile; the messages without translation."""
    kept, wanted = catalogue(language), asked_for()
    for entry in [entry for entry in kept if entry.msgid not in wanted]:
        kept.remove(entry)
    known = {entry.msgid for entry in kept}
    for message, plural in wanted.items():
        if message not in known:
            plurals = {"msgid_plural": plural, "msgstr_plural": {0: "", 1: ""}} if plural else {}
            kept.append(polib.POEntry(msgid=message, **plurals))
    kept.sort(key=lambda entry: entry.msgid)
    kept.save()
    kept.save_as_mofile(str(LOCALE / language / "LC_MESSAGES" / "django.mo"))
    return [entry.msgid for entry in kept if not entry.translated()]


if __name__ == "__main__":
    for one in LANGUAGES:
        for message in update(one):
            print(f"{one}: {message}")
