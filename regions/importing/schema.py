"""Column dictionaries: the name, type, unit and admissible values of every column of every table."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ColumnType = Literal["text", "code", "integer", "number", "date"]

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z")
INTEGER = re.compile(r"[+-]?\d+(\.0*)?\Z")
NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)\Z", re.IGNORECASE)
CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*\Z")
# Larger amounts are always a slip of units; the bound also keeps whole numbers inside a database bigint.
LARGEST_NUMBER = 1e15


class BadValue(ValueError):
    """A cell that does not fit its column; `kind` counts it, the text says what is expected."""

    def __init__(self, kind: str, expectation: str) -> None:
        super().__init__(expectation)
        self.kind = kind
        self.expectation = expectation


@dataclass(frozen=True)
class Column:
    """One column of a table.

    `required`: the header must have it. `blank`: a cell may be empty (read as `default`).
    `choices`: the only admissible texts. `synonyms`: other header names read as this column.
    """

    name: str
    type: ColumnType = "text"
    unit: str = ""
    required: bool = True
    blank: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    max_length: int = 200
    synonyms: tuple[str, ...] = ()
    description: str = ""

    @property
    def expectation(self) -> str:
        """What a cell must hold, in words."""
        if self.choices:
            return "expected one of " + ", ".join(self.choices)
        words = {
            "text": f"expected text of at most {self.max_length} characters",
            "code": f"expected a code (letters, digits, _ . : -; at most {self.max_length} characters)",
            "integer": "expected a whole number",
            "number": "expected a number (decimal point, no thousands separators)",
            "date": "expected a date as YYYY-MM-DD",
        }[self.type]
        bounds = []
        if self.above is not None:
            bounds.append(f"above {self.above:g}")
        if self.minimum is not None:
            bounds.append(f"at least {self.minimum:g}")
        if self.maximum is not None:
            bounds.append(f"at most {self.maximum:g}")
        if bounds:
            words += ", " + " and ".join(bounds)
        return words + (f" ({self.unit})" if self.unit else "")

    def parse(self, text: str) -> Any:
        """The typed value of a cell; raises BadValue."""
        text = text.strip()
        if not text:
            if self.blank:
                return self.default
            raise BadValue("missing_value", self.expectation + "; the cell is empty")
        if self.choices and text not in self.choices:
            raise BadValue("unknown_choice", self.expectation)
        if self.type in ("integer", "number"):
            return self._parse_number(text)
        if self.type == "date":
            return self._parse_date(text)
        if len(text) > self.max_length:
            raise BadValue("too_long", self.expectation)
        # No database stores NUL, and JSON can hold halves of characters that no encoding has.
        if any((char < " " and char not in "\t\n\r") or "\ud800" <= char <= "\udfff" for char in text):
            raise BadValue("control_character", self.expectation + "; without control characters")
        if self.type == "code" and not self.choices and not CODE.match(text):
            raise BadValue("bad_code", self.expectation)
        return text

    def _parse_number(self, text: str) -> float | int:
        if NOT_FINITE.match(text):
            raise BadValue("not_finite", self.expectation + "; NaN and infinity are refused")
        if not (INTEGER if self.type == "integer" else NUMBER).match(text):
            raise BadValue("not_a_number", self.expectation)
        value = float(text)
        if not math.isfinite(value) or abs(value) > LARGEST_NUMBER:
            raise BadValue("too_large", self.expectation + f"; at most {LARGEST_NUMBER:g} in size")
        if self.minimum is not None and value < self.minimum:
            raise BadValue("negative" if self.minimum == 0 else "out_of_range", self.expectation)
        if self.above is not None and value <= self.above:
            raise BadValue("out_of_range", self.expectation)
        if self.maximum is not None and value > self.maximum:
            raise BadValue("out_of_range", self.expectation)
        return int(value) if self.type == "integer" else value

    def _parse_date(self, text: str) -> datetime.date:
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            raise BadValue("not_a_date", self.expectation) from None


@dataclass(frozen=True)
class Table:
    """One file of a case folder: its columns, the columns that identify a row, and whether it must be there."""

    file: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = False
    description: str = ""

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True)
class Row:
    """One typed row; `line` is its line in the file (0 where the row was derived, not read)."""

    file: str
    line: int
    values: Mapping[str, Any] = field(repr=False)
    raw: Mapping[str, str] = field(repr=False, default_factory=dict)
    # Columns whose cell did not fit; only rows without any are handed on to a loader.
    faulty: frozenset[str] = frozenset()

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def get(self, column: str, default: Any = None) -> Any:
        return self.values.get(column, default)

    def text(self, column: str) -> str:
        """The cell as written in the file, for messages."""
        if column in self.raw:
            return self.raw[column]
        value = self.values.get(column)
        return "" if value is None else str(value)
