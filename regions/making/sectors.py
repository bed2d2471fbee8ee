"""Chapters of the Harmonized System grouped into the sectors of a case; the grouping is a data file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regions.importing.folder import CaseFolder
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.readers import read_content
from regions.importing.schema import Column, Table

# Chapter 77 is reserved and not in use.
CHAPTERS = tuple(f"{number:02d}" for number in range(1, 100) if number != 77)
SERVICES = {
    "id": "services",
    "name": "Services",
    "kind": "services",
    "description": "Everything in GDP that is neither goods nor travel; not traded across the border in this case",
}
TRAVEL = {
    "id": "travel",
    "name": "Travel",
    "kind": "travel",
    "description": "Spending of visitors who cross the border by car, by bus or on foot; exports of the place visited",
}


def sector_table(file: str) -> Table:
    """The column dictionary of a sector map."""
    return Table(
        file,
        (
            Column("chapter", "code", max_length=2, description="chapter of the Harmonized System, 01 to 99"),
            Column("sector", "code", max_length=60),
            Column("name", required=False, blank=True, default=""),
            Column("description", required=False, blank=True, default="", max_length=2000),
        ),
        key=("chapter",),
        required=True,
        description="The sector of each chapter of the Harmonized System.",
    )


@dataclass(frozen=True)
class SectorMap:
    """Sector of each chapter, the sectors in the order of the file, and which file it was."""

    of_chapter: dict[str, str]
    rows: tuple[dict[str, str], ...]
    file: str
    sha256: str


def read_sector_map(path: Path) -> SectorMap:
    """Reads a map; raises ImportRefused where a chapter is unknown, missing or given twice."""
    folder = CaseFolder(path.parent)
    table = sector_table(path.name)
    content = read_content(folder, table)
    problems = Problems(content.problems)
    given: dict[str, str] = {}
    named: dict[str, dict[str, str]] = {}
    for row in content.rows:
        chapter = row["chapter"].zfill(2)
        if chapter not in CHAPTERS:
            expectation = "expected a chapter of the Harmonized System in use, 01 to 99 without 77"
            problems.add(Problem(path.name, row.line, "chapter", row.text("chapter"), expectation, "bad_code"))
            continue
        if row["sector"] in (SERVICES["id"], TRAVEL["id"]):
            expectation = "expected a goods sector; services and travel have no chapter"
            problems.add(Problem(path.name, row.line, "sector", row["sector"], expectation, "bad_value"))
        given[chapter] = row["sector"]
        named.setdefault(row["sector"], {"id": row["sector"], "name": "", "kind": "goods", "description": ""})
        for name in ("name", "description"):
            named[row["sector"]][name] = named[row["sector"]][name] or row[name]
    missing = [chapter for chapter in CHAPTERS if chapter not in given]
    if content.readable and missing:
        expectation = f"expected every chapter; there is none for {', '.join(missing)}"
        problems.add(Problem(path.name, 0, "chapter", "", expectation, "missing_value"))
    if problems.error_count:
        raise ImportRefused(problems)
    for sector in named.values():
        sector["name"] = sector["name"] or sector["id"].replace("_", " ").capitalize()
    return SectorMap(given, tuple(named.values()), path.name, hashlib.sha256(folder.content(path.name)).hexdigest())


def sector_rows(sectors: SectorMap) -> list[dict[str, Any]]:
    """Rows of sectors.csv: the goods, services and travel."""
    return [*sectors.rows, SERVICES, TRAVEL]
