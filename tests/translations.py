"""Catalogues of the pages' words: extracted from the sources, merged, compiled; no gettext program is needed.

python -m tests.translations            merge new words into the .po files and compile them; says what is missing
python -m tests.translations --check    exit code 1 where a word is untranslated, doubtful, stale or not compiled
"""

import importlib.util
import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import polib
from babel.messages.extract import extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("fr", "es")
# Reports have catalogues of their own.
# Of these no Spanish catalogue comes with the package.
PACKAGES = {"planner": ("simple_history",)}
CATALOGUES = {"planner": ("planner/reports/", "planner/engine/"), "regions": ()}
KEYWORDS = {
    "_": None, "_lazy": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2),
    "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)[sdrf]|%[sd]|\{(\w*)\}")
HEADER = {
    "Project-Id-Version": "border-trade-planner",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
}
PLURALS = {"fr": "nplurals=2; plural=(n > 1);", "es": "nplurals=2; plural=(n != 1);"}

# (context, singular, plural)
Key = tuple[str, str, str]


def package_sources(app: str) -> Iterator[tuple[Path, str]]:
    """Pages of packages that lack one of our languages."""
    for package in PACKAGES.get(app, ()):
        home = Path(str(importlib.util.find_spec(package).origin)).parent
        for name in ("admin.py", "models.py"):
            yield home / name, (home / name).read_text(encoding="utf-8")
        for path in sorted((home / "templates").rglob("*.html")):
            yield path, template_text(path)


def template_text(path: Path) -> str:
    """What is for translation in a template; the rest is blanked out, and its indentation would be none to Python."""
    text = templatize(path.read_text(encoding="utf-8"), origin=path.name)
    return "\n".join(line.strip() for line in text.splitlines())


def sources(app: str) -> Iterator[tuple[Path, str]]:
    """Python files and templates of an app, templates as xgettext would see them."""
    for path in sorted((ROOT / app).rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(CATALOGUES[app]) or "/migrations/" in name:
            continue
        if path.suffix == ".py":
            yield path, path.read_text(encoding="utf-8")
        elif path.suffix == ".html":
            yield path, template_text(path)
    yield from package_sources(app)


def messages(app: str) -> dict[Key, list[tuple[str, str]]]:
    """Every message of an app with the places where it stands."""
    found: dict[Key, list[tuple[str, str]]] = defaultdict(list)
    for path, text in sources(app):
        where = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT / app) else path.name
        for _line, ids, _comments, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
            singular, plural = (ids if isinstance(ids, tuple) else (ids, ""))[:2]
            if singular:
                found[context or "", singular, plural or ""].append((where, ""))
    return found


def catalogue(app: str, language: str) -> Path:
    return ROOT / app / "locale" / language / "LC_MESSAGES" / "django.po"


def key_of(entry: polib.POEntry) -> Key:
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""


def read(path: Path) -> polib.POFile:
    return polib.pofile(str(path), wrapwidth=110) if path.exists() else polib.POFile(wrapwidth=110)


def merged(app: str, language: str) -> polib.POFile:
    """The catalogue with exactly the messages of the sources; what was translated stays."""
    known = {key_of(entry): entry for entry in read(catalogue(app, language))}
    made = polib.POFile(wrapwidth=110)
    made.metadata = {**HEADER, "Language": language, "Plural-Forms": PLURALS[language]}
    for key, places in sorted(messages(app).items(), key=lambda one: (one[1][0], one[0])):
        context, singular, plural = key
        old = known.get(key)
        entry = polib.POEntry(msgid=singular, msgctxt=context or None, occurrences=sorted(set(places)))
        if plural:
            entry.msgid_plural = plural
            entry.msgstr_plural = dict(old.msgstr_plural) if old else {0: "", 1: ""}
        elif old:
            entry.msgstr = old.msgstr
        if "%(" in singular:
            entry.flags.append("python-format")
        made.append(entry)
    return made


def faults(app: str, language: str) -> list[str]:
    """What is wrong with a catalogue, in sentences."""
    path = catalogue(app, language)
    name = path.relative_to(ROOT)
    stored = {key_of(entry): entry for entry in read(path)}
    wanted = messages(app)
    found = [f"{name}: not in the catalogue: {key[1]!r}" for key in wanted.keys() - stored.keys()]
    found += [f"{name}: no longer in the sources: {key[1]!r}" for key in stored.keys() - wanted.keys()]
    for entry in stored.values():
        texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if entry.fuzzy or not texts or not all(texts):
            found.append(f"{name}: untranslated: {entry.msgid!r}")
        # Each form may leave out the number, and nothing else may be added.
        allowed = placeholders(entry.msgid) | placeholders(entry.msgid_plural or "")
        needed = placeholders(entry.msgid) & placeholders(entry.msgid_plural) if entry.msgid_plural else allowed
        for text in texts:
            if text and not needed <= placeholders(text) <= allowed:
                found.append(f"{name}: other placeholders in {text!r} than in {entry.msgid!r}")
    compiled = path.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != read(path).to_binary():
        found.append(f"{compiled.relative_to(ROOT)}: not compiled from the catalogue as it is")
    return sorted(found)


def placeholders(text: str) -> set[str]:
    return {one.group() for one in PLACEHOLDER.finditer(text)}


def update() -> int:
    """Write and compile all catalogues; the number of missing translations."""
    missing = 0
    for app in CATALOGUES:
        for language in LANGUAGES:
            path = catalogue(app, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            made = merged(app, language)
            made.save(str(path))
            path.with_suffix(".mo").write_bytes(read(path).to_binary())
            missing += len(made.untranslated_entries())
            print(f"{path.relative_to(ROOT)}: {len(made)} messages, {len(made.untranslated_entries())} untranslated")
    return missing


if __name__ == "__main__":
    if "--check" in sys.argv:
        problems = [fault for app in CATALOGUES for language in LANGUAGES for fault in faults(app, language)]
        print("\n".join(problems) or "The catalogues are complete.")
        sys.exit(bool(problems))
    update()
