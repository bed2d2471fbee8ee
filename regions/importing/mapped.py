"""The rows of any table file as typed rows of one column dictionary, by a mapping or by the names in the header."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from regions.importing.columnar import plain_name
from regions.importing.problems import Problem, Problems
from regions.importing.readers import duplicate_keys
from regions.importing.requests import CONSTANT, Progress
from regions.importing.schema import BadValue, Column, Row, Table
from regions.importing.table_files import TableFile

# Faults beyond these are counted by kind and not kept.
KEPT_FAULTS = 1_000
ROWS_BETWEEN_CALLS = 5_000

Cell = Callable[[tuple[str, ...]], str]


@dataclass
class MappedRows:
    """`rows` fit the dictionary; `faulty` have a cell that does not. `given`: the columns that the file or mapping has."""

    table: Table
    file: str
    rows: list[Row] = field(default_factory=list)
    faulty: int = 0
    problems: Problems = field(default_factory=Problems)
    given: frozenset[str] = frozenset()
    # Shapes by the number of the row, in the file's own coordinates; empty where the file has none.
    shapes: dict[int, Any] = field(default_factory=dict)
    crs: str = ""

    @property
    def count(self) -> int:
        """Rows that were taken from the file."""
        return len(self.rows)

    def problem(
        self, row: Row | None, column: str, expectation: str, kind: str, severity: Any = "error", value: str = ""
    ) -> None:
        """Adds a problem of a row, or of the whole file."""
        text = value or (row.text(column) if row else "")
        self.problems.add(Problem(self.file, row.line if row else 0, column, text, expectation, kind, severity))


def read_mapped(
    source: TableFile, table: Table, mapping: Mapping[str, str], progress: Progress | None = None
) -> MappedRows:
    """All rows of a file; every fault is a problem of the result."""
    result = MappedRows(table, source.path.name, crs=source.crs)
    cells = matched(source, table, mapping, result)
    if result.problems.errors:
        return result
    shapes = source.shapes()
    width = len(source.names)
    kept = 0
    more: Counter[str] = Counter()
    expected = source.rows or 0
    for position, (number, texts) in enumerate(source.records()):
        if progress and position % ROWS_BETWEEN_CALLS == 0:
            progress(position, max(expected, position), f"reading {source.path.name}")
        if len(texts) != width:
            faults = [ragged(source, number, texts, width)]
        else:
            row, faults = typed_row(source, table, cells, number, texts)
            if not faults:
                result.rows.append(row)
                if shapes is not None:
                    result.shapes[number] = shapes[position]
        result.faulty += bool(faults)
        for fault in faults:
            kept += 1
            if kept <= KEPT_FAULTS:
                result.problems.add(fault)
            else:
                more[fault.kind] += 1
    for kind, count in more.items():
        result.problems.count_more(kind, count)
    if not result.rows and not result.problems.error_count:
        result.problem(None, "", "expected at least one row below the header", "no_rows")
    repeated_rows(result)
    return result


def matched(source: TableFile, table: Table, mapping: Mapping[str, str], result: MappedRows) -> dict[Column, Cell]:
    """For each column of the dictionary the function that takes its cell from a row."""
    written: dict[str, list[int]] = {}
    for place, name in enumerate(source.names):
        written.setdefault(plain_name(name), []).append(place)
    found: dict[Column, Cell] = {}
    used: set[int] = set()
    for column in table.columns:
        wanted = mapping.get(column.name, "")
        if wanted.startswith(CONSTANT):
            found[column] = constant(wanted.removeprefix(CONSTANT))
            continue
        if wanted and wanted not in source.names:
            expectation = f"expected a column of the file, which has {', '.join(source.names[:40])}"
            result.problem(None, column.name, expectation, "missing_column", value=wanted)
            continue
        names = [wanted] if wanted else [column.name, *column.synonyms]
        places = sorted({place for name in names for place in written.get(plain_name(name), [])})
        if wanted:
            places = [source.names.index(wanted)]
        if len(places) > 1:
            several = ", ".join(source.names[place] for place in places)
            result.problem(None, column.name, f"expected one column, found {several}", "duplicate_column")
        elif places:
            found[column] = taken(places[0])
            used.add(places[0])
        elif column.required:
            expectation = f"expected a column {column.name} in the header, which has {', '.join(source.names[:40])}"
            result.problem(None, column.name, expectation, "missing_column")
    result.given = frozenset(column.name for column in found)
    for place, name in enumerate(source.names):
        if place not in used:
            result.problem(None, name, "not a column of this format, ignored", "unknown_column", "warning")
    return found


def constant(text: str) -> Cell:
    """The same cell in every row."""
    return lambda cells: text


def taken(place: int) -> Cell:
    """The cell at a place."""
    return lambda cells: cells[place]


def ragged(source: TableFile, number: int, texts: tuple[str, ...], width: int) -> Problem:
    """A row with too many or too few cells."""
    expectation = f"expected {width} cells as in the header, found {len(texts)}"
    return Problem(source.path.name, number, "", ",".join(texts), expectation, "bad_row")


def typed_row(
    source: TableFile, table: Table, cells: dict[Column, Cell], number: int, texts: tuple[str, ...]
) -> tuple[Row, list[Problem]]:
    """One row and a problem for each cell that does not fit."""
    values: dict[str, Any] = {column.name: column.default for column in table.columns}
    raw: dict[str, str] = {}
    faults = []
    for column, cell in cells.items():
        text = raw[column.name] = cell(texts)
        try:
            values[column.name] = column.parse(text)
        except BadValue as fault:
            faults.append(Problem(source.path.name, number, column.name, text, fault.expectation, fault.kind))
    return Row(source.path.name, number, values, raw), faults


def repeated_rows(result: MappedRows) -> None:
    """Exact copies of a row are left out and reported; other rows with the same key are errors."""
    seen: dict[tuple[Any, ...], Row] = {}
    kept, copies = [], 0
    for row in result.rows:
        key = tuple(row.get(name) for name in result.table.key)
        first = seen.setdefault(key, row)
        if first is not row and first.values == row.values and row.line not in result.shapes:
            copies += 1
        else:
            kept.append(row)
    result.rows = kept
    if copies:
        words = f"{copies} exact copies of earlier rows left out"
        result.problem(None, "", words, "duplicate_rows", "warning")
    for problem in duplicate_keys(kept, result.table):
        result.problems.add(problem)
