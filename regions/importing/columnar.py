"""Large CSV files in chunks of columns, found by the header, checked value by value, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute, csv

from regions.importing.problems import SHOWN_PROBLEMS, ImportRefused, Problem, Problems
from regions.importing.schema import BadValue
from regions.importing.streams import DataFile

BLOCK_BYTES = 1 << 20
# More different codes than this in one column means that the column holds something else.
MOST_CODES = 100_000
NUMBER_PATTERN = r"^ *-?[0-9]{1,15}(\.0*)? *$"
LARGEST_VALUE = 10**15
MISSING = -1


@dataclass(frozen=True)
class CodeColumn:
    """A column of few different texts. `parse` turns one text into its value and notes of what is odd about it."""

    name: str
    parse: Callable[[str], tuple[Any, tuple[str, ...]]]
    required: bool = True
    synonyms: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class NumberColumn:
    """A column of whole numbers that are not negative; an empty cell is MISSING where `blank` allows it."""

    name: str
    unit: str
    blank: bool = False
    required: bool = True
    synonyms: tuple[str, ...] = ()
    description: str = ""

    @property
    def expectation(self) -> str:
        return f"expected a whole number, not negative, without thousands separators ({self.unit})"


@dataclass(frozen=True)
class TextColumn:
    """A column that is handed on as texts, for readers that parse it as a whole."""

    name: str
    unit: str = ""
    expectation: str = ""
    required: bool = True
    synonyms: tuple[str, ...] = ()
    description: str = ""


AnyColumn = CodeColumn | NumberColumn | TextColumn


@dataclass
class Vocabulary:
    """The different texts of one column so far; a cell is the index of its value."""

    column: CodeColumn
    of_text: dict[str, int] = field(default_factory=dict)
    of_value: dict[Any, int] = field(default_factory=dict)
    values: list[Any] = field(default_factory=list)
    faults: dict[str, BadValue] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def index(self, text: str) -> int:
        """The index of a text's value; MISSING for a text that does not fit."""
        found = self.of_text.get(text)
        return self.learn(text) if found is None else found

    def learn(self, text: str) -> int:
        """Parses a text that was not seen before."""
        if len(self.of_text) >= MOST_CODES:
            expectation = f"expected a code; the column holds more than {MOST_CODES} different texts"
            raise ImportRefused(Problems([Problem("", 0, self.column.name, text, expectation, "bad_code")]))
        try:
            value, notes = self.column.parse(text.strip())
        except BadValue as fault:
            self.faults[text] = fault
            self.of_text[text] = MISSING
            return MISSING
        if notes:
            self.notes[text] = notes
        if value not in self.of_value:
            self.of_value[value] = len(self.values)
            self.values.append(value)
        self.of_text[text] = self.of_value[value]
        return self.of_text[text]

    def take(self, cells: np.ndarray) -> np.ndarray:
        """The values of the cells."""
        return np.array(self.values, dtype=object)[cells]


@dataclass
class Chunk:
    """Some rows: indices into the vocabularies, and whole numbers (MISSING where the cell is empty)."""

    first_record: int
    size: int
    codes: dict[str, np.ndarray]
    numbers: dict[str, np.ndarray]
    texts: dict[str, pa.StringArray] = field(default_factory=dict)

    def keep(self, wanted: np.ndarray) -> Chunk:
        """The rows of a mask."""
        return Chunk(
            self.first_record,
            int(wanted.sum()),
            {name: cells[wanted] for name, cells in self.codes.items()},
            {name: cells[wanted] for name, cells in self.numbers.items()},
            {name: cells.filter(pa.array(wanted)) for name, cells in self.texts.items()},
        )


@dataclass
class Findings:
    """Faulty cells of a file: all counted by kind, the first ones kept."""

    by_kind: Counter[str] = field(default_factory=Counter)
    # record number (from 0), column, text, what is expected, kind
    first: list[tuple[int, str, str, str, str]] = field(default_factory=list)
    ragged: int = 0
    noted: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, records: np.ndarray, column: str, texts: list[str], fault: tuple[str, str], total: int) -> None:
        """Faults of one kind in one column; `records` and `texts` are the first of `total`."""
        expectation, kind = fault
        self.by_kind[kind] += total
        for record, text in zip(records.tolist(), texts, strict=True):
            self.first.append((record, column, text, expectation, kind))

    def trim(self) -> None:
        """Keeps the first faults in the order of the file; those of a chunk come column by column."""
        self.first = sorted(self.first)[:SHOWN_PROBLEMS]


class ColumnarFile:
    """One file and the columns that are read from it; iterate over `chunks`, then ask for `problems`."""

    def __init__(
        self, source: DataFile, columns: tuple[AnyColumn, ...], mapping: Mapping[str, str] | None = None
    ) -> None:
        self.source = source
        self.columns = columns
        self.names, faults = match_columns(source, columns, mapping or {})
        if faults.errors:
            raise ImportRefused(faults)
        self.vocabularies = {
            column.name: Vocabulary(column) for column in columns if isinstance(column, CodeColumn) and self.has(column)
        }
        self.header_warnings = faults.warnings
        self.findings = Findings()
        self.records = 0

    def has(self, column: AnyColumn) -> bool:
        """Whether the file has the column."""
        return column.name in self.names

    def chunks(self) -> Iterator[Chunk]:
        """The rows in pieces; cells that do not fit are MISSING and noted in the findings."""
        self.findings = Findings()
        self.records = 0
        try:
            with self.source.bytes() as stream:
                for batch in self.reader(stream):
                    if batch.num_rows:
                        yield self.chunk(batch)
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            raise self.unreadable(error) from error

    def reader(self, stream: Any) -> csv.CSVStreamingReader:
        """pyarrow's reader: codes as dictionaries, numbers as text so that a bad one can be named."""
        types = {
            self.names[column.name]: (
                pa.dictionary(pa.int32(), pa.string()) if isinstance(column, CodeColumn) else pa.string()
            )
            for column in self.columns
            if self.has(column)
        }
        return csv.open_csv(
            stream,
            read_options=csv.ReadOptions(block_size=BLOCK_BYTES, encoding=self.source.encoding, use_threads=False),
            parse_options=csv.ParseOptions(invalid_row_handler=self.skip_ragged),
            convert_options=csv.ConvertOptions(
                column_types=types,
                include_columns=list(types),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )

    def skip_ragged(self, row: Any) -> str:
        """A row with too few or too many cells is counted and left out; its line is found at the end."""
        self.findings.ragged += 1
        self.findings.by_kind["bad_row"] += 1
        return "skip"

    def chunk(self, batch: pa.RecordBatch) -> Chunk:
        """One batch of pyarrow as a chunk."""
        first, self.records = self.records, self.records + batch.num_rows
        chunk = Chunk(first, batch.num_rows, {}, {})
        for column in self.columns:
            if not self.has(column):
                continue
            cells = batch.column(batch.schema.get_field_index(self.names[column.name]))
            if isinstance(column, CodeColumn):
                chunk.codes[column.name] = self.code_cells(column, cells, first)
            elif isinstance(column, TextColumn):
                chunk.texts[column.name] = cells
            else:
                chunk.numbers[column.name] = self.number_cells(column, cells, first)
        self.findings.trim()
        return chunk

    def code_cells(self, column: CodeColumn, cells: pa.DictionaryArray, first: int) -> np.ndarray:
        """Indices of the values; each different text is parsed once in a file."""
        vocabulary = self.vocabularies[column.name]
        texts = cells.dictionary.to_pylist()
        indices = cells.indices.to_numpy(zero_copy_only=False)
        known = np.array([vocabulary.index(text) for text in texts], dtype=np.int32)
        for position, text in enumerate(texts):
            if text in vocabulary.faults:
                where = np.flatnonzero(indices == position)
                shown = where[:SHOWN_PROBLEMS] + first
                fault = vocabulary.faults[text]
                words = (fault.expectation, fault.kind)
                self.findings.add(shown, column.name, [text] * len(shown), words, len(where))
            for note in vocabulary.notes.get(text, ()):
                self.findings.noted[(column.name, note)] += int((indices == position).sum())
        return known[indices]

    def number_cells(self, column: NumberColumn, cells: pa.StringArray, first: int) -> np.ndarray:
        """Whole numbers; what is not one is MISSING and noted."""
        try:
            values = cells.cast(pa.int64()).to_numpy(zero_copy_only=False)
            if not (values < 0).any() and not (values > LARGEST_VALUE).any():
                return values
        except pa.ArrowInvalid:
            pass
        text = compute.utf8_trim_whitespace(cells)
        empty = np.asarray(compute.equal(text, ""))
        fits = np.asarray(compute.match_substring_regex(text, NUMBER_PATTERN))
        whole = compute.replace_substring_regex(text, r"\.0*$", "")
        values = compute.if_else(pa.array(fits), whole, pa.scalar(str(MISSING))).cast(pa.int64()).to_numpy()
        faulty = (~fits & ~(empty & column.blank)) | (fits & ((values < 0) | (values > LARGEST_VALUE)))
        for kind, mask in (("missing_value", faulty & empty), ("not_a_number", faulty & ~empty)):
            where = np.flatnonzero(mask)
            if len(where):
                shown = where[:SHOWN_PROBLEMS]
                texts = [cells[int(record)].as_py() for record in shown]
                self.findings.add(shown + first, column.name, texts, (column.expectation, kind), len(where))
        return np.where(faulty, MISSING, values)

    def problems(self) -> Problems:
        """Everything found wrong so far, the first faults with their lines."""
        problems = Problems(self.header_warnings)
        lines, ragged = self.lines({record for record, *_ in self.findings.first})
        shown = [
            Problem(self.source.name, lines.get(record, 0), column, text, expectation, kind)
            for record, column, text, expectation, kind in self.findings.first
        ]
        shown = sorted([*ragged, *shown], key=lambda problem: problem.row)[:SHOWN_PROBLEMS]
        problems.extend(shown)
        kept = Counter(problem.kind for problem in shown)
        for kind, total in self.findings.by_kind.items():
            problems.count_more(kind, total - kept[kind])
        return problems

    def lines(self, records: set[int]) -> tuple[dict[int, int], list[Problem]]:
        """The lines of some records and the first ragged rows, by going through the file again."""
        found: dict[int, int] = {}
        ragged: list[Problem] = []
        if not records and not self.findings.ragged:
            return found, ragged
        rows = self.source.records()
        width = len(next(rows)[1])
        numbers = count()
        last = max(records, default=-1)
        for line, cells in rows:
            if len(cells) != width:
                if len(ragged) < SHOWN_PROBLEMS:
                    expectation = f"expected {width} cells as in the header, found {len(cells)}"
                    ragged.append(Problem(self.source.name, line, "", ",".join(cells), expectation, "bad_row"))
            else:
                record = next(numbers)
                if record in records:
                    found[record] = line
                if record >= last and len(ragged) >= min(self.findings.ragged, SHOWN_PROBLEMS):
                    break
        return found, ragged

    def unreadable(self, error: Exception) -> ImportRefused:
        """The refusal of a file that stops being CSV."""
        expectation = f"expected CSV text ({error})"
        return ImportRefused(Problems([Problem(self.source.name, 0, "", "", expectation, "bad_csv")]))


def match_columns(
    source: DataFile, columns: tuple[AnyColumn, ...], mapping: Mapping[str, str]
) -> tuple[dict[str, str], Problems]:
    """The header's name of each column, whatever its case and place; problems for missing and repeated ones.

    `mapping` names the file's column of some; the others are found by their own names and synonyms.
    """
    problems = Problems()
    try:
        header = source.header()
    except (UnicodeDecodeError, ValueError) as error:
        expectation = f"expected a CSV header ({error})"
        return {}, Problems([Problem(source.name, 1, "", "", expectation, "bad_csv")])
    written: dict[str, list[str]] = {}
    for name in header:
        written.setdefault(plain_name(name), []).append(name)
    names: dict[str, str] = {}
    known: set[str] = set()
    for column in columns:
        wanted = (mapping[column.name],) if column.name in mapping else (column.name, *column.synonyms)
        accepted = [plain_name(name) for name in wanted]
        found = [name for plain in dict.fromkeys(accepted) for name in written.get(plain, [])]
        known.update(accepted)
        if len(found) > 1:
            expectation = f"expected the column {column.name} once in the header, found {', '.join(found)}"
            problems.add(Problem(source.name, 1, column.name, found[1], expectation, "duplicate_column"))
        elif found:
            names[column.name] = found[0]
        elif column.required:
            expectation = f"expected a column {column.name} in the header, which has {', '.join(islice(header, 40))}"
            problems.add(Problem(source.name, 1, column.name, "", expectation, "missing_column"))
    for name in header:
        if plain_name(name) not in known:
            problems.add(Problem(source.name, 1, name, "", "not a known column, ignored", "unknown_column", "warning"))
    return names, problems


def plain_name(name: str) -> str:
    """A column's name without case, blanks and underscores: `Port Code`, `port_code` and `PORTCODE` are one."""
    return "".join(char for char in name.lower() if char.isalnum())
