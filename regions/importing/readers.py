"""Files to typed rows, without a database. All faults of a file are found in one pass."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from regions.importing.folder import CaseFolder
from regions.importing.problems import Problem, Severity
from regions.importing.schema import BadValue, Column, Row, Table

# A cell longer than this is an unclosed quote, not data.
csv.field_size_limit(1_000_000)


@dataclass(frozen=True)
class Content:
    """What was read of one table: `rows` fit the schema, `faulty` are those with a cell that does not.

    `readable` is False where the header or the encoding is wrong, so that nothing is known of the rows.
    """

    rows: list[Row] = field(default_factory=list)
    faulty: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    readable: bool = True

    def seen(self, column: str) -> set[Any]:
        """Every value of a column, those of faulty rows included: what other tables may refer to."""
        return {row[column] for row in (*self.rows, *self.faulty) if column not in row.faulty}


def read_table(folder: CaseFolder, table: Table) -> tuple[list[Row], list[Problem]]:
    """All good rows of a CSV table and all its problems. A missing optional table is empty and no problem."""
    content = read_content(folder, table)
    return content.rows, content.problems


def read_content(folder: CaseFolder, table: Table) -> Content:
    """A CSV table with its faulty rows kept apart."""
    if not folder.has(table.file):
        if not table.required:
            return Content()
        columns = ", ".join(column.name for column in table.columns if column.required)
        expectation = f"expected this file with the columns {columns}"
        missing = Problem(table.file, 0, "", "", expectation, "missing_file")
        return Content(problems=[missing], readable=False)
    text, problems = decode(folder.content(table.file), table.file)
    if text is None:
        return Content(problems=problems, readable=False)
    return parse_csv(text, table)


def decode(content: bytes, file: str) -> tuple[str | None, list[Problem]]:
    """UTF-8 text (a byte order mark is dropped) or the line of every byte that is not UTF-8."""
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    if not content.strip():
        expectation = "expected a header and at least one row; the file is empty"
        return None, [Problem(file, 0, "", "", expectation, "empty_file")]
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError:
        pass
    problems = []
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            around = line[max(0, error.start - 15) : error.start + 15].decode("utf-8", "backslashreplace")
            expectation = f"expected UTF-8 text; byte 0x{line[error.start]:02x} is not (save the file as UTF-8)"
            problems.append(Problem(file, number, "", around, expectation, "bad_encoding"))
    return None, problems


def parse_csv(text: str, table: Table) -> Content:
    """Rows and problems of CSV text: header, number of cells, each cell, duplicate keys."""
    records = numbered_records(text)
    try:
        header_line, header = next(records)
    except csv.Error as error:
        problem = Problem(table.file, 1, "", "", f"expected a CSV header ({error})", "bad_csv")
        return Content(problems=[problem], readable=False)
    header = [name.strip() for name in header]
    positions, problems = match_header(header, header_line, table)
    readable = not any(problem.severity == "error" for problem in problems)
    rows: list[Row] = []
    faulty: list[Row] = []
    try:
        for line, cells in records:
            if len(cells) != len(header):
                expectation = f"expected {len(header)} cells as in the header, found {len(cells)}"
                problems.append(Problem(table.file, line, "", ",".join(cells), expectation, "bad_row"))
                continue
            row, faults = parse_row(cells, line, positions, table)
            problems += faults
            (faulty if faults else rows).append(row)
    except csv.Error as error:
        problems.append(Problem(table.file, 0, "", "", f"expected CSV ({error})", "bad_csv"))
        readable = False
    if not rows and not problems:
        severity: Severity = "error" if table.required else "warning"
        expectation = "expected at least one row below the header"
        problems.append(Problem(table.file, 0, "", "", expectation, "no_rows", severity))
    problems += duplicate_keys([*rows, *faulty], table)
    return Content(rows, faulty, problems, readable)


def numbered_records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the line on which each begins; empty lines are skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def match_header(header: list[str], line: int, table: Table) -> tuple[dict[Column, int], list[Problem]]:
    """Position of each known column; problems for missing, repeated and unknown ones."""
    problems = []
    for name in sorted({name for name in header if header.count(name) > 1}):
        problems.append(
            Problem(table.file, line, name, name, "expected each column once in the header", "duplicate_column")
        )
    positions: dict[Column, int] = {}
    used: set[str] = set()
    for column in table.columns:
        found = [name for name in (column.name, *column.synonyms) if name in header]
        used.update(found)
        if len(found) > 1:
            expectation = f"expected only one of the columns {', '.join(found)}"
            problems.append(Problem(table.file, line, found[1], found[1], expectation, "duplicate_column"))
        if found:
            positions[column] = header.index(found[0])
        elif column.required:
            names = " or ".join((column.name, *column.synonyms))
            expectation = f"expected a column {names} in the header, which has {', '.join(header)}"
            problems.append(Problem(table.file, line, column.name, "", expectation, "missing_column"))
    for name in header:
        if name not in used:
            known = ", ".join(column.name for column in table.columns)
            expectation = f"not a known column, ignored; known are {known}"
            problems.append(Problem(table.file, line, name, name, expectation, "unknown_column", "warning"))
    return positions, problems


def parse_row(cells: list[str], line: int, positions: dict[Column, int], table: Table) -> tuple[Row, list[Problem]]:
    """The typed row and a problem for each cell that does not fit its column."""
    values: dict[str, Any] = {column.name: column.default for column in table.columns}
    raw: dict[str, str] = {}
    problems = []
    for column, position in positions.items():
        raw[column.name] = cells[position]
        try:
            values[column.name] = column.parse(cells[position])
        except BadValue as fault:
            problems.append(Problem(table.file, line, column.name, cells[position], fault.expectation, fault.kind))
    return Row(table.file, line, values, raw, frozenset(problem.column for problem in problems)), problems


def duplicate_keys(rows: list[Row], table: Table) -> list[Problem]:
    """Rows that repeat the key of an earlier row; a table without a key may repeat anything."""
    if not table.key:
        return []
    first_line: dict[tuple[Any, ...], int] = {}
    problems = []
    for row in sorted(rows, key=lambda row: row.line):
        if row.faulty.intersection(table.key):
            continue
        key = tuple(row.get(name) for name in table.key)
        if key in first_line:
            expectation = f"expected each {' + '.join(table.key)} once; first given in row {first_line[key]}"
            value = ", ".join("" if part is None else str(part) for part in key)
            problems.append(Problem(table.file, row.line, "+".join(table.key), value, expectation, "duplicate_key"))
        else:
            first_line[key] = row.line
    return problems


def read_json(folder: CaseFolder, file: str) -> tuple[Any, list[Problem]]:
    """The content of a JSON file, or None with the line where it stops being JSON."""
    text, problems = decode(folder.content(file), file)
    if text is None:
        return None, problems
    try:
        return json.loads(text, parse_constant=refuse_constant), []
    except json.JSONDecodeError as error:
        return None, [Problem(file, error.lineno, "", "", f"expected JSON ({error.msg})", "bad_json")]
    except (ValueError, RecursionError) as error:
        return None, [Problem(file, 0, "", "", f"expected JSON ({error})", "bad_json")]


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")
