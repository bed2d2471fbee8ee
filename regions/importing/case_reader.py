"""A whole case folder as typed rows: description, tables, outlines. No database."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry import MultiPolygon

from regions import geo
from regions.importing import tables
from regions.importing.case_tables import CaseContext
from regions.importing.folder import CaseFolder
from regions.importing.problems import Problem, Problems
from regions.importing.readers import Content, decode, read_content, read_json
from regions.importing.schema import BadValue, Column, Row, Table

SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*\Z")
TRAILING_YEAR = re.compile(r"(?:19|20|21)\d\d\Z")

CASE_KEYS = (
    Column("name", max_length=80, required=False, blank=True),
    Column("title", max_length=200, required=False, blank=True),
    Column("year", "integer", minimum=1900, maximum=2200, required=False, blank=True),
    Column("currency", "code", max_length=3, required=False, blank=True),
    Column("price_year", "integer", minimum=1900, maximum=2200, required=False, blank=True),
    Column("description", max_length=10_000, required=False, blank=True),
    Column("mirror_rule", "code", choices=tables.MIRROR_RULES, required=False, blank=True),
)
MADE_FORMAT = "border-trade-planner/made-case/"
SOURCE_TEXT = Column("source", blank=True, max_length=2000)


@dataclass(frozen=True)
class Description:
    """What case.json says, completed from the folder's name where it is silent."""

    name: str
    title: str
    year: int
    currency: str = "USD"
    price_year: int = 0
    description: str = ""
    sources: tuple[dict[str, str], ...] = ()
    mirror_rule: str = ""


@dataclass
class CaseRows:
    """All that a case folder holds. Rows of `contents` fit the schema; whether they fit each other is for checks."""

    description: Description
    contents: dict[str, Content]
    economies: list[Row]
    sectors: list[Row]
    outlines: dict[str, MultiPolygon] = field(default_factory=dict)
    outline_features: dict[str, int] = field(default_factory=dict)
    # The record of make_case, kept as it is.
    making: dict[str, Any] = field(default_factory=dict)
    missing_optional: tuple[str, ...] = ()

    def rows(self, table: Table) -> list[Row]:
        return self.contents[table.file].rows

    def readable(self, *needed: Table) -> bool:
        return all(self.contents[table.file].readable for table in needed)

    @property
    def economy_ids(self) -> set[str]:
        return {row["id"] for row in self.economies} | self.contents[tables.ECONOMIES.file].seen("id")

    @property
    def sector_ids(self) -> set[str]:
        return {row["id"] for row in self.sectors} | self.contents[tables.SECTORS.file].seen("id")

    def context(self) -> CaseContext:
        """The ids that further tables may refer to; those of faulty rows included, to report each fault once."""
        regions = self.contents[tables.REGIONS.file]
        crossings = self.contents[tables.CROSSINGS.file]
        return CaseContext(
            name=self.description.name,
            year=self.description.year,
            currency=self.description.currency,
            price_year=self.description.price_year,
            economies=frozenset(self.economy_ids),
            places={
                row["id"]: row["country"] or "" for row in (*regions.rows, *regions.faulty) if row["id"] is not None
            },
            sectors=frozenset(self.sector_ids),
            crossings={
                row["code"]: (row["region_a"] or "", row["region_b"] or "")
                for row in (*crossings.rows, *crossings.faulty)
                if row["code"] is not None
            },
            complete=self.readable(
                tables.ECONOMIES, tables.REGIONS, tables.SECTORS, tables.SECTOR_FLOWS, tables.CROSSINGS
            ),
        )


def read_case(folder: CaseFolder, name: str | None = None) -> tuple[CaseRows | None, Problems]:
    """Everything in the folder and every problem of reading it. None where no file at all could be read."""
    problems = Problems(folder.unreadable(tables.FACT_FILES))
    if problems.errors:
        return None, problems
    description, faults = read_description(folder, name)
    problems.extend(faults)
    contents = {}
    for table in tables.FACT_TABLES:
        contents[table.file] = read_content(folder, table)
        problems.extend(contents[table.file].problems)
    case = CaseRows(
        description=description,
        contents=contents,
        economies=economies_of(folder, contents),
        sectors=sectors_of(folder, contents),
        missing_optional=tuple(
            file for file in tables.FACT_FILES if not folder.has(file) and file not in required_files()
        ),
    )
    if folder.has(tables.OUTLINES_FILE):
        problems.extend(read_outlines(folder, case))
    if folder.has(tables.MADE_FILE):
        problems.extend(read_making(folder, case))
    return case, problems


def required_files() -> set[str]:
    return {table.file for table in tables.FACT_TABLES if table.required}


def economies_of(folder: CaseFolder, contents: dict[str, Content]) -> list[Row]:
    """Rows of economies.csv, or one for each country of regions.csv."""
    if folder.has(tables.ECONOMIES.file):
        return contents[tables.ECONOMIES.file].rows
    codes = sorted(code for code in contents[tables.REGIONS.file].seen("country") if code)
    return [Row(tables.REGIONS.file, 0, {"id": code, "name": code, "currency": ""}) for code in codes]


def sectors_of(folder: CaseFolder, contents: dict[str, Content]) -> list[Row]:
    """Rows of sectors.csv, or one goods sector for each that sector_flows.csv names."""
    if folder.has(tables.SECTORS.file):
        return contents[tables.SECTORS.file].rows
    codes = sorted(code for code in contents[tables.SECTOR_FLOWS.file].seen("sector") if code)
    return [
        Row(
            tables.SECTOR_FLOWS.file,
            0,
            {"id": code, "name": in_words(code), "kind": "goods", "description": "", "theta": None},
        )
        for code in codes
    ]


def in_words(code: str) -> str:
    return code.replace("_", " ").replace("-", " ").capitalize()


def read_description(folder: CaseFolder, name: str | None) -> tuple[Description, list[Problem]]:
    """Name, title and years of the case. `name` (from the command line) wins over the file."""
    given: dict[str, Any] = {}
    problems: list[Problem] = []
    sources: tuple[dict[str, str], ...] = ()
    if folder.has(tables.CASE_FILE):
        content, problems = read_json(folder, tables.CASE_FILE)
        if isinstance(content, dict):
            given, faults = described(content)
            sources, source_faults = read_sources(content.get("sources", []))
            problems += [*faults, *source_faults]
        elif not problems:
            problems.append(Problem(tables.CASE_FILE, 0, "", "", "expected a JSON object", "bad_json"))
    chosen = name or given.get("name") or folder.name
    if len(chosen) > 80 or not SLUG.match(chosen):
        file = "" if name else (tables.CASE_FILE if given.get("name") else folder.name)
        expectation = "expected a name of at most 80 lower-case letters, digits, - and _ (give one with --name)"
        problems.append(Problem(file or "--name", 0, "name", chosen, expectation, "bad_name"))
    year = given.get("year") or year_in(given.get("name") or folder.name) or year_in(chosen)
    if not year:
        expectation = 'expected the year of the flows: "year" in case.json, or a folder name that ends in it'
        problems.append(Problem(tables.CASE_FILE, 0, "year", "", expectation, "missing_value"))
        year = datetime.date.min.year
    return (
        Description(
            name=chosen,
            title=given.get("title") or in_words(chosen),
            year=year,
            currency=given.get("currency") or "USD",
            price_year=given.get("price_year") or year,
            description=given.get("description") or "",
            sources=sources,
            mirror_rule=given.get("mirror_rule") or "",
        ),
        problems,
    )


def year_in(name: str) -> int | None:
    found = TRAILING_YEAR.search(name)
    return int(found.group()) if found else None


def described(content: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The known keys of case.json, typed."""
    given = {}
    problems = []
    for column in CASE_KEYS:
        value = content.get(column.name)
        if value is None:
            continue
        text = value if isinstance(value, str) else repr(value)
        number_given = isinstance(value, int) and not isinstance(value, bool)
        try:
            if number_given != (column.type == "integer"):
                raise ValueError
            given[column.name] = column.parse(text)
        except ValueError:
            problems.append(Problem(tables.CASE_FILE, 0, column.name, text, column.expectation, "bad_value"))
    known = {column.name for column in CASE_KEYS} | {"sources"}
    for key in sorted(set(content) - known):
        expectation = f"not a known key, ignored; known are {', '.join(sorted(known))}"
        problems.append(Problem(tables.CASE_FILE, 0, key, "", expectation, "unknown_column", "warning"))
    return given, problems


def read_sources(content: Any) -> tuple[tuple[dict[str, str], ...], list[Problem]]:
    """The list of sources, each an object of texts."""
    expectation = "expected a list of objects with texts what, who, title and optional url, note"
    if not isinstance(content, list):
        return (), [Problem(tables.CASE_FILE, 0, "sources", repr(content), expectation, "bad_value")]
    problems = []
    for number, source in enumerate(content, start=1):
        fits = isinstance(source, dict) and all(isinstance(value, str) for value in source.values())
        if not (fits and {"what", "who", "title"} <= set(source)):
            problems.append(Problem(tables.CASE_FILE, 0, f"sources[{number}]", repr(source), expectation, "bad_value"))
            continue
        for key, value in source.items():
            try:
                SOURCE_TEXT.parse(value)
            except BadValue as fault:
                column = f"sources[{number}].{key}"
                problems.append(Problem(tables.CASE_FILE, 0, column, value, fault.expectation, fault.kind))
    return (() if problems else tuple(content)), problems


def read_outlines(folder: CaseFolder, case: CaseRows) -> Iterable[Problem]:
    """Fills the outlines of the case; returns the problems."""
    text, problems = decode(folder.content(tables.OUTLINES_FILE), tables.OUTLINES_FILE)
    if text is None:
        return problems
    frame, problems = geo.read_outlines(text, tables.OUTLINES_FILE)
    for identifier, number, outline in zip(frame["id"], frame["feature"], frame.geometry, strict=True):
        case.outlines[identifier] = outline
        case.outline_features[identifier] = int(number)
    return problems


def read_making(folder: CaseFolder, case: CaseRows) -> Iterable[Problem]:
    """Fills the record of how the case was made; returns the problems."""
    content, problems = read_json(folder, tables.MADE_FILE)
    if problems:
        return problems
    if not isinstance(content, dict) or not str(content.get("format", "")).startswith(MADE_FORMAT):
        expectation = f'expected the record of make_case, with a "format" that begins with {MADE_FORMAT}'
        return [Problem(tables.MADE_FILE, 0, "format", "", expectation, "bad_json")]
    case.making = content
    return []
