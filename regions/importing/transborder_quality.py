"""What there is to say about the quality of one TransBorder file: months, unknown places, what was not recorded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from regions.importing.columnar import MISSING, Chunk
from regions.importing.problems import Problem
from regions.importing.transborder import (
    COUNTRY,
    IMPORT,
    MEXICAN_STATE,
    MEXICO,
    MONTH,
    PORT,
    PROVINCE,
    STATE,
    TRADE_TYPE,
    UNKNOWN_PLACES,
    VALUE,
    WEIGHT,
    WHOLE_YEAR,
    YEAR,
    TransBorderFile,
)

DIRECTIONS = {1: "exports", 2: "imports"}
COUNTRIES = {"1220": "Canada", "2010": "Mexico"}


@dataclass
class Quality:
    """Counts over the rows of one file."""

    file: TransBorderFile
    rows: int = 0
    value_usd: int = 0
    by_period: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    by_direction: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    unknown: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    mexican_imports_without_state: list[int] = field(default_factory=lambda: [0, 0])
    rest_of_district: list[int] = field(default_factory=lambda: [0, 0])
    weight_not_recorded: int = 0

    def add(self, chunk: Chunk) -> None:
        """Counts the rows of a chunk, as it is stored."""
        file = self.file
        value = file.numbers(VALUE, chunk)
        self.rows += chunk.size
        self.value_usd += int(value.sum())
        years = file.values(YEAR, chunk).astype(np.int64)
        months = file.values(MONTH, chunk, absent=WHOLE_YEAR).astype(np.int64)
        for period in np.unique(years * 100 + months):
            tally(self.by_period, (int(period) // 100, int(period) % 100), years * 100 + months == period, value)
        trade, country = file.values(TRADE_TYPE, chunk).astype(np.int64), file.values(COUNTRY, chunk)
        for direction in DIRECTIONS:
            for code in COUNTRIES:
                tally(self.by_direction, (direction, code), (trade == direction) & (country == code), value)
        for column in (STATE, MEXICAN_STATE, PROVINCE):
            for code in UNKNOWN_PLACES:
                tally(self.unknown, (column.name, code), file.matching(column, chunk, code.__eq__), value)
        if self.file.file.has(MEXICAN_STATE):
            blank = (trade == IMPORT) & (country == MEXICO) & (file.values(MEXICAN_STATE, chunk) == "")
            self.mexican_imports_without_state[0] += int(blank.sum())
            self.mexican_imports_without_state[1] += int(value[blank].sum())
        rest = file.matching(PORT, chunk, lambda code: code.endswith("XX"))
        self.rest_of_district[0] += int(rest.sum())
        self.rest_of_district[1] += int(value[rest].sum())
        self.weight_not_recorded += int((file.numbers(WEIGHT, chunk) == MISSING).sum())

    def periods(self) -> list[tuple[int, int]]:
        """Year and month of every row, month 0 for a whole year."""
        return sorted(self.by_period)

    def missing_months(self) -> list[tuple[int, int]]:
        """Months of the file's years without a row, between the first and the last that has one: not zeros."""
        months = [(year, month) for year, month in self.periods() if month != WHOLE_YEAR]
        if not months:
            return []
        first, last = months[0], months[-1]
        span = [(year, month) for year in range(first[0], last[0] + 1) for month in range(1, 13)]
        return [period for period in span if first < period < last and period not in self.by_period]

    def coverage(self) -> list[str]:
        """Table and period of every row."""
        return [f"{self.file.dataset} {name_of(period)}" for period in self.periods()]

    def problems(self) -> list[Problem]:
        """The warnings, as problems of the whole file."""
        name = self.file.source.name
        return [Problem(name, 0, "", "", words, kind, "warning") for kind, words in self.warnings()]

    def notes(self) -> Counter[tuple[str, str]]:
        """Oddities of single codes, as the reader noted them."""
        return self.file.file.findings.noted

    def as_json(self) -> dict[str, Any]:
        """For the batch: everything counted, values in USD."""
        return {
            "dataset": self.file.dataset,
            "rows": self.rows,
            "value_usd": self.value_usd,
            "encoding": self.file.source.encoding,
            "periods": {name_of(period): rows_and_value(found) for period, found in sorted(self.by_period.items())},
            "missing_months": [name_of(period) for period in self.missing_months()],
            "by_direction": {
                f"{DIRECTIONS[direction]} {COUNTRIES[country]}": rows_and_value(found)
                for (direction, country), found in sorted(self.by_direction.items())
            },
            "unknown_places": {
                f"{column} {code}": rows_and_value(found)
                for (column, code), found in sorted(self.unknown.items())
                if found[0]
            },
            "mexican_imports_without_state": rows_and_value(self.mexican_imports_without_state),
            "rest_of_district": rows_and_value(self.rest_of_district),
            "weight_not_recorded_rows": self.weight_not_recorded,
            "exact_copies_left_out": self.file.repeats.copies,
            "same_key_other_values": self.file.repeats.same_key,
            "codes_not_in_list": {
                column: count for (column, note), count in sorted(self.notes().items()) if note == "not_in_list"
            },
            "leading_zeros_restored": {
                column: count for (column, note), count in sorted(self.notes().items()) if note == "zero_restored"
            },
        }

    def warnings(self) -> list[tuple[str, str]]:
        """Kind and words of everything a planner should know before trusting the file."""
        found = self.as_json()
        words = []
        if found["missing_months"]:
            months = ", ".join(found["missing_months"])
            words.append(("missing_month", f"no row for {months}; these months are missing, not zero"))
        for place, counts in found["unknown_places"].items():
            words.append(("unknown_place", f"{place}: place unknown, kept as such in {in_words(counts)}"))
        if found["mexican_imports_without_state"]["rows"]:
            counts = in_words(found["mexican_imports_without_state"])
            words.append(
                ("no_mexican_state", f"imports from Mexico carry no Mexican state: {counts}; no balance by state")
            )
        if found["rest_of_district"]["rows"]:
            words.append(
                ("rest_of_district", f"ports given as rest of district: {in_words(found['rest_of_district'])}")
            )
        if found["exact_copies_left_out"]:
            words.append(("duplicate_rows", f"{found['exact_copies_left_out']} exact copies of earlier rows left out"))
        if found["same_key_other_values"]:
            count = found["same_key_other_values"]
            words.append(("same_key", f"{count} rows repeat the codes of another with other amounts; both are kept"))
        for column, count in found["codes_not_in_list"].items():
            words.append(("code_not_in_list", f"{column}: {count} rows with codes that are not in the list of codes"))
        for column, count in found["leading_zeros_restored"].items():
            words.append(("zero_restored", f"{column}: leading zero lost in {count} rows and put back"))
        return words


def tally(counts: dict[Any, list[int]], key: Any, mask: np.ndarray, value: np.ndarray) -> None:
    """Adds rows and value of a mask."""
    total = counts.setdefault(key, [0, 0])
    rows = int(mask.sum())
    if rows:
        total[0] += rows
        total[1] += int(value[mask].sum())


def name_of(period: tuple[int, int]) -> str:
    """2021-01, or 2021 for a whole year."""
    year, month = period
    return str(year) if month == WHOLE_YEAR else f"{year}-{month:02d}"


def rows_and_value(found: list[int]) -> dict[str, int]:
    return {"rows": found[0], "value_usd": found[1]}


def in_words(counts: dict[str, int]) -> str:
    return f"{counts['rows']} rows, {counts['value_usd'] / 1e6:,.1f} million USD"
