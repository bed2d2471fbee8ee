"""Raw records of waits (border agencies' feeds, sensors, surveys): read as a stream, counted, never kept one by one."""

from __future__ import annotations

import csv
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from regions.importing.columnar import Chunk, CodeColumn, ColumnarFile, TextColumn
from regions.importing.problems import SHOWN_PROBLEMS, ImportRefused, Problem, Problems
from regions.importing.repeats import RepeatedKeys, key_hashes
from regions.importing.requests import CONSTANT, Progress
from regions.importing.schema import BadValue
from regions.importing.sniffing import kind_of, open_table
from regions.importing.streams import DataFile, inspect
from regions.importing.table_files import delimiter_of
from regions.importing.wait_counts import GroupCounts
from regions.importing.wait_statistics import TENTHS
from regions.importing.wait_times import EXPECTATION as TIME_EXPECTATION
from regions.importing.wait_times import LocalTimes, in_zone, known_zone, parse_times

LONGEST_MINUTES = 100_000.0
UNITS = {"minutes": 1.0, "hours": 60.0, "seconds": 1 / 60}
NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)$"
NO_WAIT = ("no delay", "none", "no wait")
NOT_MEASURED = ("", "n/a", "na", "null", "nan", "none reported", "update pending", "lanes closed", "closed", "-")
MINUTES_EXPECTATION = "expected minutes as a number, 'no delay', or nothing where there was no measurement"
CLASSES = {
    "truck": ("truck", "trucks", "commercial", "commercial vehicles", "cov", "cargo", "standard lanes truck", "fast"),
    "car": ("car", "cars", "passenger", "passenger vehicles", "pov", "personal", "personal vehicles", "traveller", "traveler"),
    "bus": ("bus", "buses"),
    "pedestrian": ("pedestrian", "pedestrians", "ped"),
    "rail": ("rail", "train", "trains"),
}  # fmt: skip
CLASS_OF = {words: name for name, all_words in CLASSES.items() for words in all_words}
RECORDED = "records"
Parsed = tuple[Any, tuple[str, ...]]


def text(most: int, words: str) -> Any:
    """Parser of a text that must be there."""

    def parse(cell: str) -> Parsed:
        if not cell or len(cell) > most or not cell.isprintable():
            raise BadValue("missing_value" if not cell else "bad_text", words)
        return cell, ()

    return parse


def vehicle_class(cell: str) -> Parsed:
    """One of the five classes, by any of its names."""
    plain = re.sub(r"[\s_-]+", " ", cell.lower()).strip()
    if plain not in CLASS_OF:
        raise BadValue("unknown_choice", f"expected one of {', '.join(CLASSES)}")
    return CLASS_OF[plain], (() if plain == CLASS_OF[plain] else ("renamed",))


def time_zone(cell: str) -> Parsed:
    """A name of the IANA database."""
    if not known_zone(cell):
        raise BadValue("unknown_zone", "expected a time zone such as America/Detroit")
    return cell, ()


CROSSING = CodeColumn(
    "crossing", text(200, "expected the code or the name of a crossing"),
    synonyms=("port_code", "port_number", "crossing_code", "port", "crossing_name"),
    description="code or name; six-digit port numbers are read by their first four digits",
)  # fmt: skip
DIRECTION = CodeColumn(
    "direction", text(40, "expected the code of the economy that is entered"), synonyms=("entering",),
    description="code of the economy that is entered",
)  # fmt: skip
VEHICLES = CodeColumn(
    "vehicle_class", vehicle_class, synonyms=("vehicle", "traffic", "lane_type", "mode"),
    description="truck, car, bus, pedestrian or rail; commercial, POV and the like are understood",
)  # fmt: skip
START = TextColumn(
    "start", "", TIME_EXPECTATION, required=False, synonyms=("timestamp", "datetime", "date_time", "time_start"),
    description="when the wait began or was observed, with or without offset",
)  # fmt: skip
DATE = TextColumn("date", "", "expected a date", required=False, description="with `time`, in the place of `start`")
TIME = TextColumn("time", "", "expected a time", required=False, synonyms=("update_time",), description="with `date`")
MINUTES = TextColumn(
    "minutes", "minutes, or as the option says", MINUTES_EXPECTATION,
    synonyms=("delay_minutes", "wait_minutes", "wait_time", "wait", "delay"),
    description="how long it took; empty, N/A, Lanes Closed and Update Pending are no measurement",
)  # fmt: skip
METHOD = CodeColumn(
    "method", text(200, "expected how it was measured"), required=False, description=f"how; {RECORDED} without it"
)
ZONE = CodeColumn("time_zone", time_zone, required=False, synonyms=("timezone", "tz"), description="of the crossing")

COLUMNS = (CROSSING, DIRECTION, VEHICLES, START, DATE, TIME, MINUTES, METHOD, ZONE)
KEYS = (CROSSING, DIRECTION, VEHICLES, METHOD)


@dataclass
class Records:
    """A chunk of records: the row's group (places in the vocabularies), local and universal time, minutes.

    NaN minutes are no measurement; `faulty` rows have a cell that does not fit and are told of in the findings.
    """

    first_record: int
    group: NDArray[np.int64]
    times: LocalTimes
    minutes: NDArray[np.float64]
    faulty: NDArray[np.bool_]


@dataclass
class Seen:
    """What was found on the way through a file."""

    not_measured: int = 0
    negative: Counter[float] = field(default_factory=Counter)
    skipped: int = 0
    twice: int = 0
    with_offset: int = 0
    without_zone: int = 0


class WaitFile:
    """One file of records. `check` goes through it once, `count` a second time."""

    def __init__(self, source: DataFile, name: str, mapping: Mapping[str, str], options: Mapping[str, Any]) -> None:
        self.source = source
        self.name = name
        self.constants = {
            column: value.removeprefix(CONSTANT) for column, value in mapping.items() if value.startswith(CONSTANT)
        }
        mapped = {column: value for column, value in mapping.items() if not value.startswith(CONSTANT)}
        columns = tuple(column for column in COLUMNS if column.name not in self.constants)
        self.file = ColumnarFile(source, columns, mapped)
        self.zone = str(options.get("time_zone") or "")
        self.factor = UNITS.get(str(options.get("wait_unit") or "minutes"), 0.0)
        self.zero_is_missing = bool(options.get("zero_is_missing"))
        self.repeats = RepeatedKeys()
        self.seen = Seen()
        self.fixed = self.fixed_values()

    def fixed_values(self) -> dict[str, Any]:
        """Values that hold for every row; raises ImportRefused for what does not fit."""
        problems = Problems()
        fixed: dict[str, Any] = {METHOD.name: RECORDED, ZONE.name: self.zone}
        for name, cell in self.constants.items():
            column = next(one for one in COLUMNS if one.name == name)
            if not isinstance(column, CodeColumn):
                problems.add(
                    Problem(self.name, 0, name, cell, "expected a column of the file, not one value", "bad_constant")
                )
                continue
            try:
                fixed[name] = column.parse(cell)[0]
            except BadValue as fault:
                problems.add(Problem(self.name, 0, name, cell, fault.expectation, fault.kind))
        if self.zone and not known_zone(self.zone):
            words = "expected a time zone such as America/Detroit"
            problems.add(Problem(self.name, 0, ZONE.name, self.zone, words, "unknown_zone"))
        if not self.factor:
            words = f"expected one of {', '.join(UNITS)}"
            problems.add(Problem(self.name, 0, "wait_unit", "", words, "unknown_option"))
        if not (self.file.has(START) or (self.file.has(DATE) and self.file.has(TIME))):
            words = "expected a column start, or the columns date and time"
            problems.add(Problem(self.name, 1, START.name, "", words, "missing_column"))
        if problems.errors:
            raise ImportRefused(problems)
        return fixed

    # One pass ----------------------------------------------------------------------------------------------------

    def passes(self, progress: Progress | None, what: str) -> Iterator[Records]:
        """The records in chunks."""
        self.seen = Seen()
        for chunk in self.file.chunks():
            yield self.records(chunk)
            if progress:
                progress(self.file.records, self.source.lines, f"{what} {self.name}")

    def records(self, chunk: Chunk) -> Records:
        """One chunk, parsed as a whole."""
        group = np.zeros(chunk.size, dtype=np.int64)
        faulty = np.zeros(chunk.size, dtype=bool)
        for column in KEYS:
            codes = chunk.codes.get(column.name)
            group = group * 2**16 + (0 if codes is None else np.maximum(codes, 0).astype(np.int64))
            faulty |= False if codes is None else codes < 0
        times, bad_times = self.times(chunk)
        minutes, bad_minutes = self.minutes(chunk)
        return Records(chunk.first_record, group, times, minutes, faulty | bad_times | bad_minutes)

    def times(self, chunk: Chunk) -> tuple[LocalTimes, NDArray[np.bool_]]:
        """When each record was made, and which cells do not fit."""
        if START.name in chunk.texts:
            column, texts = START.name, chunk.texts[START.name]
        else:
            column = DATE.name
            texts = compute.binary_join_element_wise(chunk.texts[DATE.name], chunk.texts[TIME.name], " ")
        parsed = parse_times(texts)
        bad = np.isnat(parsed.written)
        self.fault(chunk, column, texts, bad, TIME_EXPECTATION, "not_a_time")
        local = self.in_zones(chunk, parsed)
        with_offset = ~np.isnan(parsed.offset_seconds)
        self.seen.with_offset += int(with_offset.sum())
        self.seen.skipped += int(local.skipped.sum())
        self.seen.twice += int(local.twice.sum())
        return local, bad

    def in_zones(self, chunk: Chunk, parsed: Any) -> LocalTimes:
        """On the clocks of the row's zone, of the whole file's, or as written."""
        codes = chunk.codes.get(ZONE.name)
        if codes is None:
            zone = str(self.fixed[ZONE.name])
            if not zone:
                self.seen.without_zone += int((~np.isnan(parsed.offset_seconds)).sum())
            return in_zone(parsed, zone)
        zones = self.file.vocabularies[ZONE.name].values
        whole = in_zone(parsed, "")
        local, universal = whole.local.copy(), whole.universal.copy()
        skipped, twice = whole.skipped.copy(), whole.twice.copy()
        for place, zone in enumerate(zones):
            rows = codes == place
            if rows.any():
                found = in_zone(type(parsed)(parsed.written[rows], parsed.offset_seconds[rows]), zone)
                local[rows], universal[rows] = found.local, found.universal
                skipped[rows], twice[rows] = found.skipped, found.twice
        return LocalTimes(local, universal, skipped, twice)

    def minutes(self, chunk: Chunk) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Minutes; NaN where there was no measurement; and which cells do not fit."""
        texts = compute.utf8_trim_whitespace(chunk.texts[MINUTES.name])
        encoded = compute.dictionary_encode(texts)
        distinct = encoded.dictionary
        numeric = compute.match_substring_regex(distinct, NUMBER)
        filled = compute.if_else(numeric, distinct, "nan")
        values = filled.cast(pa.float64()).to_numpy(zero_copy_only=False) * self.factor
        values = np.array(values)
        fits = np.asarray(numeric)
        lower = compute.utf8_lower(distinct).to_pylist()
        for place in np.flatnonzero(~fits).tolist():
            if lower[place] in NO_WAIT:
                values[place] = 0.0
            fits[place] = lower[place] in NO_WAIT or lower[place] in NOT_MEASURED
        fits &= ~(np.abs(values) > LONGEST_MINUTES)
        places = encoded.indices.to_numpy(zero_copy_only=False)
        minutes, bad = values[places], ~fits[places]
        self.fault(chunk, MINUTES.name, chunk.texts[MINUTES.name], bad, MINUTES_EXPECTATION, "not_a_number")
        if self.zero_is_missing:
            minutes = np.where(minutes == 0, np.nan, minutes)
        negative = minutes < 0
        for value, count in zip(*np.unique(minutes[negative], return_counts=True), strict=True):
            self.seen.negative[float(value)] += int(count)
        minutes = np.where(negative, np.nan, minutes)
        self.seen.not_measured += int((np.isnan(minutes) & ~bad & ~negative).sum())
        return minutes, bad

    def fault(self, chunk: Chunk, column: str, texts: Any, bad: NDArray[np.bool_], expectation: str, kind: str) -> None:
        """Cells that do not fit, for the findings of the file."""
        where = np.flatnonzero(bad)
        if len(where):
            shown = where[:SHOWN_PROBLEMS]
            cells = [texts[int(place)].as_py() or "" for place in shown]
            self.file.findings.add(shown + chunk.first_record, column, cells, (expectation, kind), len(where))
            self.file.findings.trim()

    # Both passes --------------------------------------------------------------------------------------------------

    def check(self, counts: GroupCounts, progress: Progress | None) -> Problems:
        """The first pass: every faulty cell, which records repeat others, and the values of each group."""
        with self.repeats.collecting() as collector:
            for records in self.passes(progress, "checking"):
                collector.add(key_hashes(self.key(records)))
                good = self.usable(records)
                counts.add_values(records.group[good], tenths(records.minutes[good]))
        problems = self.file.problems()
        if not self.file.records and not problems.error_count:
            expectation = "expected at least one row below the header"
            problems.add(Problem(self.name, 0, "", "", expectation, "no_rows"))
        if self.seen.without_zone:
            words = "expected a time zone: the times have an offset, and the hour of the day depends on it"
            problems.add(Problem(self.name, 0, ZONE.name, "", words, "no_time_zone"))
        return problems

    def key(self, records: Records) -> list[NDArray[Any]]:
        """What makes two records the same one."""
        return [records.group, records.times.universal.astype(np.int64)]

    def usable(self, records: Records) -> NDArray[np.bool_]:
        """Records with a measurement at a time that there was."""
        return ~(records.faulty | np.isnan(records.minutes) | records.times.skipped)

    def count(self, counts: GroupCounts, progress: Progress | None) -> None:
        """The second pass: copies and sentinels left out, outliers flagged, the rest counted."""
        self.repeats.start()
        for records in self.passes(progress, "counting"):
            in_tenths = tenths(np.nan_to_num(records.minutes, nan=-1.0))
            wanted = self.repeats.first_of_copies(self.key(records), [in_tenths])
            good = self.usable(records) if wanted is None else self.usable(records) & wanted
            counts.add_records(records, good, in_tenths)

    def code(self, column: CodeColumn, place: int) -> Any:
        """The value behind a place in a column's vocabulary, or the one of all rows."""
        vocabulary = self.file.vocabularies.get(column.name)
        return vocabulary.values[place] if vocabulary else self.fixed[column.name]

    def group_key(self, group: int) -> tuple[Any, ...]:
        """Crossing, direction, vehicle class and method of a group."""
        places = [(group >> shift) & 0xFFFF for shift in (48, 32, 16, 0)]
        return tuple(self.code(column, place) for column, place in zip(KEYS, places, strict=True))


def tenths(minutes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Minutes in tenths."""
    return np.rint(minutes * TENTHS).astype(np.int64)


def text_source(path: Path, options: Mapping[str, Any], folder: Path) -> DataFile:
    """The file as CSV text with commas: itself, or a copy of another kind of table in the folder."""
    if kind_of(path) == "csv":
        source = inspect(path)
        if delimiter_of(source) == ",":
            return source
    table = open_table(path, options)
    copy = folder / f"{path.name}.csv"
    with copy.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.names)
        writer.writerows(map(timed, cells) for _, cells in table.records())
    return inspect(copy)


def timed(cell: str) -> str:
    """Midnight in full: typed cells hold the time of it, which is left out as a text."""
    return f"{cell} 00:00" if re.fullmatch(r"\d{4}-\d\d-\d\d", cell) else cell


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """Where the copy of a workbook lies while it is read."""
    return tempfile.TemporaryDirectory(prefix="waits-")
