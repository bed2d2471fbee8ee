"""BTS Border Crossing/Entry files: counts of those who enter the United States, by port, month and measure."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from regions.importing.columnar import Chunk, CodeColumn, ColumnarFile, NumberColumn
from regions.importing.problems import Problem, Problems
from regions.importing.repeats import RepeatedKeys, key_hashes
from regions.importing.schema import BadValue
from regions.importing.streams import DataFile

MEASURES = frozenset((
    "Bus Passengers", "Buses", "Pedestrians", "Personal Vehicle Passengers", "Personal Vehicles",
    "Rail Containers Empty", "Rail Containers Loaded", "Train Passengers", "Trains", "Truck Containers Empty",
    "Truck Containers Loaded", "Trucks",
))  # fmt: skip
BORDERS = frozenset(("US-Canada Border", "US-Mexico Border"))
# Month and year as the portal has given them over the years: in words, as a day of the month, as an ISO time.
DATE_PATTERNS = (
    (re.compile(r"[A-Za-z]{3} \d{4}\Z"), "%b %Y", 8),
    (re.compile(r"[A-Za-z]{4,9} \d{4}\Z"), "%B %Y", 14),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}( 0?\d{1,2}:\d\d:\d\d [AP]M)?\Z"), "%m/%d/%Y", None),
    (re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+Z?)?\Z"), "%Y-%m-%d", 10),
    (re.compile(r"\d{4}-\d\d\Z"), "%Y-%m", 7),
)

Parsed = tuple[Any, tuple[str, ...]]


def port(text: str) -> Parsed:
    """Schedule D, four digits."""
    if not re.fullmatch(r"\d{3,4}", text):
        raise BadValue("bad_code", "expected a port code of four digits")
    return text.zfill(4), (("zero_restored",) if len(text) == 3 else ())


def period(text: str) -> Parsed:
    """The month as year * 100 + month."""
    for pattern, form, length in DATE_PATTERNS:
        if pattern.match(text):
            try:
                found = datetime.datetime.strptime(text.split(" ")[0] if length is None else text[:length], form)
            except ValueError:
                break
            if found.year >= 1990:
                return found.year * 100 + found.month, ()
    raise BadValue("not_a_date", "expected a month such as Dec 2021, 12/01/2021 or 2021-12-01")


def text_of(words: str, longest: int, known: frozenset[str] | None = None) -> Callable[[str], Parsed]:
    """Parser of names; those outside a list are noted."""

    def parse(text: str) -> Parsed:
        if not text or len(text) > longest or not text.isprintable():
            raise BadValue("bad_text", words)
        return text, (() if known is None or text in known else ("not_in_list",))

    return parse


def degrees(most: float) -> Callable[[str], Parsed]:
    """Parser of a latitude or longitude; NaN where there is none."""

    def parse(text: str) -> Parsed:
        if not text:
            return math.nan, ("no_position",)
        if not re.fullmatch(r"-?\d{1,3}(\.\d*)?", text) or abs(float(text)) > most:
            raise BadValue("not_a_number", f"expected degrees, -{most:g} to {most:g}")
        return float(text), ()

    return parse


PORT_NAME = CodeColumn("Port Name", text_of("expected the name of a port", 200), description="not unique: the code is")
STATE = CodeColumn("State", text_of("expected the name of a state", 60), description="US state of the port")
PORT = CodeColumn("Port Code", port, description="Schedule D, four digits with leading zeros")
BORDER = CodeColumn(
    "Border", text_of("expected US-Canada Border or US-Mexico Border", 60, BORDERS), description="which border"
)
DATE = CodeColumn("Date", period, description="month: Dec 2021, 12/01/2021, 12/01/2021 12:00:00 AM or 2021-12-01")
MEASURE = CodeColumn("Measure", text_of("expected what is counted", 60, MEASURES), description="what is counted")
VALUE = NumberColumn("Value", "per month", description="number that entered the United States in the month")
LATITUDE = CodeColumn("Latitude", degrees(90), required=False, description="degrees north")
LONGITUDE = CodeColumn("Longitude", degrees(180), required=False, description="degrees east")
POINT = CodeColumn("Point", lambda text: ("", ()), required=False, synonyms=("Location",), description="not used")

KEY_COLUMNS = (PORT, BORDER, DATE, MEASURE)
COLUMNS = (PORT_NAME, STATE, PORT, BORDER, DATE, MEASURE, VALUE, LATITUDE, LONGITUDE, POINT)


class BorderEntryFile:
    """One file and its rows in chunks."""

    def __init__(self, source: DataFile) -> None:
        self.source = source
        self.file = ColumnarFile(source, COLUMNS)
        self.repeats = RepeatedKeys()

    def check(self, progress: Callable[[int, int, str], None] | None = None) -> Problems:
        """Goes through the file once: every faulty cell, and which rows repeat the key of another."""
        with self.repeats.collecting() as collector:
            for chunk in self.file.chunks():
                collector.add(key_hashes(self.key_cells(chunk)))
                if progress:
                    progress(self.file.records, self.source.lines, f"checking {self.source.name}")
        problems = self.file.problems()
        if not self.file.records and not problems.error_count:
            expectation = "expected at least one row below the header"
            problems.add(Problem(self.source.name, 0, "", "", expectation, "no_rows"))
        return problems

    def key_cells(self, chunk: Chunk) -> list[np.ndarray]:
        return [chunk.codes[column.name] for column in KEY_COLUMNS]

    def rows(self) -> Iterator[Chunk]:
        """The rows of a checked file, exact copies of earlier rows left out."""
        self.repeats.start()
        for chunk in self.file.chunks():
            wanted = self.repeats.first_of_copies(self.key_cells(chunk), [chunk.numbers[VALUE.name]])
            yield chunk if wanted is None else chunk.keep(wanted)

    def contradictions(self) -> list[tuple[Any, ...]]:
        """Port, border, month and measure with several different counts; known after `rows`."""
        vocabularies = [self.file.vocabularies[column.name] for column in KEY_COLUMNS]
        return sorted(
            tuple(vocabulary.values[cell] for vocabulary, cell in zip(vocabularies, key, strict=True))
            for key, counts in self.repeats.seen.items()
            if len(counts) > 1
        )

    def values(self, column: CodeColumn, chunk: Chunk, absent: Any = math.nan) -> np.ndarray:
        """The values of a column; `absent` in each row where the file does not have it."""
        if column.name not in chunk.codes:
            return np.full(chunk.size, absent)
        return self.file.vocabularies[column.name].take(chunk.codes[column.name])
