"""Tables in any kind of file as rows of texts: CSV, XLSX and Parquet here, geographic files in vector_files."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import openpyxl
import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException
from pyarrow import parquet

from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.streams import MIB, DataFile, Limits, inspect
from regions.importing.workbooks import check_workbook

DELIMITERS = ",;\t|"
PARQUET_ROWS = 20_000


@dataclass(frozen=True)
class TableLimits:
    """What one table may hold. Official files are read as streams and have limits of their own."""

    rows: int = 2_000_000
    columns: int = 1_000
    packed_bytes: int = 256 * MIB
    unpacked_bytes: int = 1024 * MIB
    workbook_bytes: int = 256 * MIB
    json_bytes: int = 96 * MIB


LIMITS = TableLimits()


class TableFile(Protocol):
    """One table of a file. `records` gives the row (line or feature number) and its cells in the order of `names`."""

    path: Path
    kind: str
    names: tuple[str, ...]
    layers: tuple[str, ...]
    crs: str
    geometry: str
    rows: int | None

    def records(self) -> Iterator[tuple[int, tuple[str, ...]]]: ...

    def shapes(self) -> list[Any] | None:
        """The shape of each record as shapely has it, in the file's own coordinates; None where it has no shapes."""


def refused(path: Path, value: str, expectation: str, kind: str, row: int = 0) -> ImportRefused:
    """A refusal of the whole file."""
    return ImportRefused(Problems([Problem(path.name, row, "", value, expectation, kind)]))


def checked_header(path: Path, cells: list[str], limits: TableLimits) -> tuple[str, ...]:
    """The names of the columns; refused where there are none or far too many."""
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > limits.columns:
        raise refused(
            path, f"{len(cells)} columns", f"expected at most {limits.columns} columns", "too_many_columns", 1
        )
    if not cells:
        raise refused(path, "", "expected the names of the columns in the first row", "empty_file", 1)
    return tuple(cell.strip() for cell in cells)


def checked_rows(path: Path, rows: int, limits: TableLimits) -> int:
    """The number of rows; refused where there are too many."""
    if rows > limits.rows:
        raise refused(path, f"{rows} rows", f"expected at most {limits.rows} rows", "too_many_rows")
    return rows


def as_text(value: Any) -> str:
    """A typed cell as the text that a CSV file would hold."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value).strip()


def delimiter_of(source: DataFile) -> str:
    """What stands between the cells of the first line."""
    with source.text() as text:
        first = text.readline(1 << 20)
    return max(DELIMITERS, key=first.count)


class CsvTable:
    """CSV text, plain or packed, with commas, semicolons, tabs or bars between cells."""

    kind = "csv"
    layers: tuple[str, ...] = ()
    crs = geometry = ""
    rows: int | None = None

    def __init__(self, path: Path, limits: TableLimits = LIMITS) -> None:
        self.path = path
        self.limits = limits
        self.source: DataFile = inspect(path, Limits(limits.packed_bytes, limits.unpacked_bytes))
        checked_rows(path, self.source.lines - 1, limits)
        self.delimiter = delimiter_of(self.source)
        self.names = checked_header(path, next(self.lines(), (1, []))[1], limits)

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """Line and cells of each record that is not empty."""
        with self.source.text() as text:
            reader = csv.reader(text, delimiter=self.delimiter, strict=True)
            line = 1
            try:
                for cells in reader:
                    if any(cell.strip() for cell in cells):
                        yield line, cells
                    line = reader.line_num + 1
            except csv.Error as error:
                raise refused(self.path, "", f"expected CSV text ({error})", "bad_csv", line) from error

    def records(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Every row below the header."""
        rows = self.lines()
        next(rows, None)
        for line, cells in rows:
            while len(cells) > len(self.names) and not cells[-1].strip():
                cells.pop()
            yield line, tuple(cells)

    def shapes(self) -> list[Any] | None:
        """None: positions are in columns."""
        return None


class WorkbookTable:
    """One sheet of an XLSX workbook: the values that were last computed, no formulas, no links."""

    kind = "xlsx"
    crs = geometry = ""
    rows: int | None = None

    def __init__(self, path: Path, layer: str = "", limits: TableLimits = LIMITS) -> None:
        self.path = path
        self.limits = limits
        check_workbook(path, limits.packed_bytes, limits.workbook_bytes)
        with self.opened() as book:
            self.layers = tuple(sheet.title for sheet in book.worksheets)
        if not self.layers or (layer and layer not in self.layers):
            raise refused(
                path, layer, f"expected a sheet with this name; there are {', '.join(self.layers)}", "no_layer"
            )
        self.layer = layer or self.layers[0]
        self.names = checked_header(path, list(next(self.lines(), (1, ()))[1]), limits)

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """The workbook, read as a stream, whatever the name of its file."""
        with self.path.open("rb") as file:
            try:
                book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            except (InvalidFileException, KeyError, ValueError, OSError, SyntaxError, TypeError) as error:
                expectation = f"expected a readable XLSX workbook ({error})"
                raise refused(self.path, "", expectation, "bad_workbook") from error
            with closing(book):
                yield book

    def lines(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Row number and cells of each row that is not empty."""
        found = 0
        with self.opened() as book:
            sheet = book[self.layer]
            # What the file says of its own size may be anything.
            sheet.reset_dimensions()
            try:
                for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                    if len(cells) > self.limits.columns and any(
                        cell is not None for cell in cells[self.limits.columns :]
                    ):
                        expectation = f"expected at most {self.limits.columns} columns"
                        raise refused(self.path, f"{len(cells)} columns", expectation, "too_many_columns", number)
                    texts = tuple(as_text(cell) for cell in cells[: self.limits.columns])
                    if any(texts):
                        checked_rows(self.path, found, self.limits)
                        found += 1
                        yield number, texts
            except (ValueError, KeyError, SyntaxError, OSError, TypeError) as error:
                raise refused(self.path, "", f"expected a readable sheet ({error})", "bad_workbook") from error

    def records(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Every row below the header; rows end where their last value does."""
        width = len(self.names)
        rows = self.lines()
        next(rows, None)
        for number, cells in rows:
            cells = cells + ("",) * (width - len(cells))
            yield number, cells if any(cells[width:]) else cells[:width]

    def shapes(self) -> list[Any] | None:
        """None: positions are in columns."""
        return None


class ParquetTable:
    """A Parquet file with flat columns."""

    kind = "parquet"
    layers: tuple[str, ...] = ()
    crs = geometry = ""

    def __init__(self, path: Path, limits: TableLimits = LIMITS) -> None:
        self.path = path
        size = path.stat().st_size
        if size > limits.packed_bytes:
            expectation = f"expected a file of at most {limits.packed_bytes // MIB} MiB"
            raise refused(path, f"{size} bytes", expectation, "too_large")
        try:
            with parquet.ParquetFile(path) as file:
                metadata, schema = file.metadata, file.schema_arrow
        except (pa.ArrowException, OSError) as error:
            raise refused(path, "", f"expected a whole Parquet file ({error})", "bad_packing") from error
        unpacked = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
        if unpacked > limits.unpacked_bytes:
            expectation = f"expected at most {limits.unpacked_bytes // MIB} MiB when unpacked"
            raise refused(path, f"{unpacked} bytes", expectation, "too_large")
        self.rows: int | None = checked_rows(path, metadata.num_rows, limits)
        self.names = checked_header(path, list(schema.names), limits)
        nested = [one.name for one in schema if pa.types.is_nested(one.type) or pa.types.is_binary(one.type)]
        if nested:
            raise refused(
                path, ", ".join(nested[:6]), "expected columns of plain numbers, texts and dates", "bad_column"
            )

    def records(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Every row, from 1."""
        number = 0
        try:
            with parquet.ParquetFile(self.path) as file:
                for batch in file.iter_batches(PARQUET_ROWS):
                    columns = [[as_text(value) for value in column.to_pylist()] for column in batch.columns]
                    for cells in zip(*columns, strict=True):
                        number += 1
                        yield number, cells
        except (pa.ArrowException, OSError) as error:
            raise refused(self.path, "", f"expected a whole Parquet file ({error})", "bad_packing") from error

    def shapes(self) -> list[Any] | None:
        """None: positions are in columns."""
        return None
