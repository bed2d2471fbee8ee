"""Reports in French and Spanish: nothing is left in English, placeholders stay, numbers stay the same."""

import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import polib
import pytest
from django.core.management import call_command
from django.utils import translation

from planner.engine.channels import TYPES
from planner.models import Run
from planner.reports.context import build_context
from planner.reports.cover import Cover
from planner.reports.glossary import REFERENCES
from planner.reports.html_writer import report_html
from planner.reports.json_writer import report_json
from planner.reports.numbers import format_date, format_interval, format_number
from planner.reports.pdf_document import pdf_document
from planner.reports.vocabulary import CHANNELS
from planner.reports.writers import FORMATS, Report
from planner.reports.xlsx_writer import report_xlsx
from tests.reports.catalogue import LANGUAGES, LOCALE, REPORTS, asked_for, catalogue
from tests.reports.synthetic import synthetic_context, synthetic_outlines

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
OPEN, CLOSE = "\u27e6", "\u27e7"
COVER = Cover(7, "approved", "Paula", "Anna", "2026-05-01", ("digital", "tourism"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_with_its_placeholders(language: str) -> None:
    kept = {entry.msgid: entry for entry in catalogue(language)}
    wanted = asked_for()
    assert len(wanted) > 400
    assert sorted(set(wanted) - set(kept)) == [], "python -m tests.reports.catalogue adds them"
    assert sorted(set(kept) - set(wanted)) == [], "python -m tests.reports.catalogue removes them"
    for entry in kept.values():
        assert entry.translated(), entry.msgid
        assert not entry.fuzzy, entry.msgid
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(entry.msgid)), entry.msgid
            assert text[:1].isspace() == entry.msgid[:1].isspace(), entry.msgid
            assert text[-1:].isspace() == entry.msgid[-1:].isspace(), entry.msgid


def test_no_message_hides_inside_a_formatted_string() -> None:
    """There the extraction of Python 3.11 does not find it, and it would stay English without anybody noticing."""
    hidden = re.compile(r"""\bf(["'])(?:(?!\1).)*\{_\(""")
    assert hidden.search("f\"{_('into')} x\"")
    found = [path.name for path in REPORTS.rglob("*.py") if hidden.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_every_channel_has_words() -> None:
    assert set(TYPES) <= set(CHANNELS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_texts(language: str) -> None:
    compiled = polib.mofile(str(LOCALE / language / "LC_MESSAGES" / "django.mo"))
    assert {e.msgid: (e.msgstr, e.msgstr_plural) for e in compiled} == {
        e.msgid: (e.msgstr, e.msgstr_plural) for e in catalogue(language)
    }


class Texts(HTMLParser):
    """What a reader can see or hear of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.hidden = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.hidden = tag == "style"
        self.found += [value or "" for name, value in attrs if name in ("aria-label", "title", "alt")]

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.found.append(data)


def unmarked(text: str) -> str:
    """What is left of a text without everything between the marks."""
    depth, left = 0, []
    # The second line of what was broken over two.
    text = re.sub(f"^[^{OPEN}{CLOSE}]*{CLOSE}", "", text)
    for character in text:
        depth += (character == OPEN) - (character == CLOSE)
        left.append(character if depth == 0 and character != CLOSE else " ")
    return "".join(left)


def strings_of(node: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield str(key)
            yield from strings_of(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from strings_of(value)
    elif isinstance(node, str):
        yield node


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language in which every translation is its message between marks: what has none was never asked for."""
    real = translation._trans
    monkeypatch.setattr(real, "gettext", lambda message: f"{OPEN}{message}{CLOSE}" if message else "")
    monkeypatch.setattr(real, "ngettext", lambda one, many, count: f"{OPEN}{one if count == 1 else many}{CLOSE}")
    with translation.override("fr"):
        yield


def left_over(texts: list[str], document: Any) -> set[str]:
    """Words outside the marks that do not come from the case either."""
    own = " ".join(strings_of(document))
    allowed = set(re.findall(r"[A-Za-z]{3,}", own)) | {"Paula", "Anna", "exp", "VOT", "fee"}
    # Names that a drawing had no room for end in the middle of a word.
    left = (re.sub(r"[A-Za-z]+\u2026", "", unmarked(text)) for text in texts)
    return {word for text in left for word in re.findall(r"[A-Za-z]{3,}", text)} - allowed


def test_no_word_of_the_html_report_bypasses_the_catalogue(marked: None) -> None:
    context = synthetic_context(12)
    page = Texts()
    page.feed(report_html(context, synthetic_outlines(), COVER).decode())
    assert len(page.found) > 500
    assert left_over(page.found, [context, REFERENCES]) == set()


def test_no_word_of_the_pdf_bypasses_the_catalogue(marked: None) -> None:
    context = synthetic_context(12)
    document = pdf_document(context, synthetic_outlines(), COVER)
    shapes = ("kind", "aligns", "svg")

    def shown(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "svg":
                    page = Texts()
                    page.feed(value)
                    yield from page.found
                elif key not in shapes:
                    yield from shown(value)
        elif isinstance(node, list):
            for value in node:
                yield from shown(value)
        elif isinstance(node, str) and node not in ("wide", ""):
            yield node

    assert left_over(list(shown(document)), [context, REFERENCES]) == set()


def test_numbers_and_dates_in_each_language() -> None:
    assert format_number(1234567, "count") == "1,234,567"
    for language, thousands in (("fr", "1\u202f234\u202f567"), ("es", "1\u202f234\u202f567")):
        with translation.override(language):
            assert format_number(1234567, "count") == thousands
            assert format_number(0.1234567, "index") == "0,1234567"
            assert format_interval(-0.5, 0.25, "pct_change") == "\u22120,500 \u00e0 +0,250\u202f%".replace(
                "\u00e0", "\u00e0" if language == "fr" else "a"
            )
    with translation.override("fr"):
        assert format_date("2014-12-01") == "1 d\u00e9cembre 2014"
        assert format_date("about 2014") == "about 2014"
    with translation.override("es"):
        assert format_date("2014-12-01") == "1 de diciembre de 2014"


class Numbers(HTMLParser):
    """The stored values of all numbers on a page, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "data":
            self.found.append(dict(attrs)["value"])


def test_the_same_numbers_in_every_language() -> None:
    pages = {}
    for language in ("en", *LANGUAGES):
        page = Numbers()
        with translation.override(language):
            page.feed(report_html(synthetic_context(12)).decode())
        pages[language] = page.found
    assert len(pages["en"]) > 300
    assert pages["en"] == pages["fr"] == pages["es"]


def test_a_french_report_of_a_run(finished_run: Any, tmp_path: Path) -> None:
    run: Run = finished_run()
    with translation.override("fr"):
        context = build_context(run)
    assert report_json(context) == report_json(build_context(run)), "the document itself is in no reader's language"
    html = Report(run, context, COVER, "fr").file("html").decode()
    assert '<html lang="fr">' in html
    assert "Attente moyenne des camions \u00e0 Old Bridge" in html
    assert "n’a de sens que sous short_run" in html
    assert "Approuv\u00e9" in html
    call_command("report", str(run.pk), "--format", "pdf", "--language", "es", "--out", str(tmp_path / "r.pdf"))
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
    assert set(FORMATS) >= {"html", "pdf"}


def test_the_first_sheet_of_the_workbook_is_in_the_language_and_all_others_are_the_same() -> None:
    context = synthetic_context(6)
    books = {}
    for language in ("en", "fr"):
        with translation.override(language):
            books[language] = openpyxl.load_workbook(io.BytesIO(report_xlsx(context, COVER)), read_only=True)
    one, other = books.values()
    assert one.sheetnames == other.sheetnames
    cells = {name: [list(book[name].iter_rows(values_only=True)) for book in books.values()] for name in one.sheetnames}
    first, *rest = one.sheetnames
    english, french = cells[first]
    assert french[0][0].startswith("Classement des interventions")
    assert len(english) == len(french)
    for name in rest:
        assert cells[name][0] == cells[name][1], name
