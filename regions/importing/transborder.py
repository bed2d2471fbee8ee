"""BTS TransBorder freight files, dot1, dot2 and dot3, monthly and annual: columns by header, codes kept as published."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args

import numpy as np

from regions.importing.columnar import MISSING, AnyColumn, Chunk, CodeColumn, ColumnarFile, NumberColumn
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.repeats import RepeatedKeys, key_hashes
from regions.importing.schema import BadValue
from regions.importing.streams import DataFile

Dataset = Literal["dot1", "dot2", "dot3"]

WHOLE_YEAR = 0
EXPORT, IMPORT = 1, 2
CANADA, MEXICO = "1220", "2010"
# Weight is recorded on exports by these modes only; elsewhere on exports 0 means "not recorded".
VESSEL, AIR = 1, 3
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

US_STATES = frozenset(
    [
        "AL",
        "AK",
        "AZ",
        "AR",
        "CA",
        "CO",
        "CT",
        "DE",
        "DC",
        "FL",
        "GA",
        "HI",
        "ID",
        "IL",
        "IN",
        "IA",
        "KS",
        "KY",
        "LA",
        "ME",
        "MD",
        "MA",
        "MI",
        "MN",
        "MS",
        "MO",
        "MT",
        "NE",
        "NV",
        "NH",
        "NJ",
        "NM",
        "NY",
        "NC",
        "ND",
        "OH",
        "OK",
        "OR",
        "PA",
        "RI",
        "SC",
        "SD",
        "TN",
        "TX",
        "UT",
        "VT",
        "VA",
        "WA",
        "WV",
        "WI",
        "WY",
        "PR",
        "VI",
    ]
)
MEXICAN_STATES = frozenset(
    [
        "AG",
        "BC",
        "BN",
        "BS",
        "CH",
        "CL",
        "CM",
        "CO",
        "CS",
        "DF",
        "DG",
        "GR",
        "GT",
        "HG",
        "JA",
        "MI",
        "MO",
        "MX",
        "NA",
        "NL",
        "OA",
        "PU",
        "QR",
        "QT",
        "SI",
        "SL",
        "SO",
        "TB",
        "TL",
        "TM",
        "VE",
        "YU",
        "ZA",
    ]
)
CANADIAN_PROVINCES = frozenset(["XA", "XB", "XC", "XM", "XN", "XO", "XP", "XQ", "XS", "XT", "XV", "XW", "XY"])
# As published: state, or province, unknown. Kept as they are.
UNKNOWN_PLACES = frozenset(("XX", "OT", "DU"))

Parsed = tuple[Any, tuple[str, ...]]


def choice(words: str, **meanings: Any) -> Callable[[str], Parsed]:
    """Parser of a column that admits only some texts."""

    def parse(text: str) -> Parsed:
        plain = text.lstrip("0") or text[:1]
        if plain not in meanings:
            raise BadValue("unknown_choice", words)
        return meanings[plain], ()

    return parse


def place(words: str, known: frozenset[str], blank: bool) -> Callable[[str], Parsed]:
    """Parser of a state or province: `NA` is Nayarit, unknown ones are kept, others are noted."""

    def parse(text: str) -> Parsed:
        if not text and blank:
            return "", ()
        code = text.upper()
        if not re.fullmatch("[A-Z]{2}", code):
            raise BadValue("bad_code", words)
        if code in UNKNOWN_PLACES:
            return code, ("unknown",)
        return code, (() if code in known else ("not_in_list",))

    return parse


def port(text: str) -> Parsed:
    """Schedule D: two digits of the district and two of the port, or XX for the rest of the district."""
    code = text.upper()
    if re.fullmatch(r"\d{3}", code):
        return f"0{code}", ("zero_restored",)
    if not re.fullmatch(r"\d\d(\d\d|XX)", code):
        raise BadValue("bad_code", "expected a port code of four digits, or two digits and XX (rest of the district)")
    return code, (("rest_of_district",) if code.endswith("XX") else ())


def commodity(text: str) -> Parsed:
    """Chapter of the Harmonized System."""
    if re.fullmatch(r"[1-9]", text):
        return f"0{text}", ("zero_restored",)
    if not re.fullmatch(r"\d\d", text) or text == "00":
        raise BadValue("bad_code", "expected a two-digit chapter of the Harmonized System, 01 to 99")
    return text, ()


def mode(text: str) -> Parsed:
    """Mode of transport as published: 1 vessel, 3 air, 4 mail, 5 truck, 6 rail, 7 pipeline, 8 other, 9 trade zone."""
    plain = text.lstrip("0")
    if not re.fullmatch(r"[1-9]", plain):
        raise BadValue("unknown_choice", "expected a mode of transport, 1 to 9")
    return int(plain), (("not_in_list",) if plain == "2" else ())


def month(text: str) -> Parsed:
    """A month by number or by its English name."""
    name = text[:3].lower()
    if name in MONTHS:
        return MONTHS.index(name) + 1, ()
    if not re.fullmatch(r"0?[1-9]|1[0-2]", text):
        raise BadValue("not_a_date", "expected a month, 1 to 12")
    return int(text), ()


def year(text: str) -> Parsed:
    """The statistical year; the series begins in 1993."""
    if not re.fullmatch(r"(19|20|21)\d\d", text) or int(text) < 1993:
        raise BadValue("not_a_date", "expected a year of four digits, 1993 or later")
    return int(text), ()


def flag(text: str) -> Parsed:
    """A one-letter code kept as published."""
    if len(text) > 1 or not (text.isalnum() or not text):
        raise BadValue("bad_code", "expected one letter or digit, or nothing")
    return text.upper(), ()


TRADE_TYPE = CodeColumn(
    "TRDTYPE", choice("expected 1 (US export) or 2 (US import)", **{"1": EXPORT, "2": IMPORT}),
    description="1 = export of the United States, 2 = import",
)  # fmt: skip
STATE = CodeColumn(
    "USASTATE", place("expected the two letters of a US state", US_STATES, blank=False), required=False,
    description="state of origin or destination; DU = unknown",
)  # fmt: skip
PORT = CodeColumn(
    "DEPE", port, required=False, description="port, Schedule D, with leading zeros; XX = rest of district"
)
COMMODITY = CodeColumn("COMMODITY2", commodity, required=False, synonyms=("COMMODITY",), description="HS chapter")
MODE = CodeColumn("DISAGMOT", mode, description="mode of transport, 1 to 9")
MEXICAN_STATE = CodeColumn(
    "MEXSTATE", place("expected the two letters of a Mexican state, or nothing", MEXICAN_STATES, blank=True),
    required=False, description="Mexican state, exports only; NA = Nayarit; XX and OT = unknown",
)  # fmt: skip
PROVINCE = CodeColumn(
    "CANPROV", place("expected the two letters of a Canadian province, or nothing", CANADIAN_PROVINCES, blank=True),
    required=False, description="Canadian province; OT = unknown",
)  # fmt: skip
COUNTRY = CodeColumn(
    "COUNTRY", choice("expected 1220 (Canada) or 2010 (Mexico)", **{CANADA: CANADA, MEXICO: MEXICO}),
    description="1220 = Canada, 2010 = Mexico",
)  # fmt: skip
ORIGIN = CodeColumn("DF", flag, required=False, description="1 = produced in the United States, 2 = elsewhere")
CONTAINER = CodeColumn("CONTCODE", flag, required=False, description="X or 1 = in a container, 0 = not")
MONTH = CodeColumn("MONTH", month, required=False, description="absent in files of a whole year")
YEAR = CodeColumn("YEAR", year, description="statistical year")
VALUE = NumberColumn("VALUE", "USD", description="value of the goods")
WEIGHT = NumberColumn(
    "SHIPWT", "kg", blank=True, required=False, description="weight; 0 on surface exports = not recorded"
)
CHARGES = NumberColumn("FREIGHT_CHARGES", "USD", blank=True, required=False, description="freight charges")

KEY_COLUMNS = (
    TRADE_TYPE, STATE, PORT, COMMODITY, MODE, MEXICAN_STATE, PROVINCE, COUNTRY, ORIGIN, CONTAINER, MONTH, YEAR,
)  # fmt: skip
AMOUNTS = (VALUE, WEIGHT, CHARGES)
COLUMNS: tuple[AnyColumn, ...] = (*KEY_COLUMNS, *AMOUNTS)
OF_DATASET: dict[str, tuple[AnyColumn, ...]] = {
    "dot1": (STATE, PORT, MEXICAN_STATE, PROVINCE),
    "dot2": (STATE, COMMODITY, MEXICAN_STATE, PROVINCE),
    "dot3": (PORT, COMMODITY),
}


class TransBorderFile:
    """One file: which table it is, its rows in chunks, and what there is to say about their quality."""

    def __init__(self, source: DataFile) -> None:
        self.source = source
        self.file = ColumnarFile(source, COLUMNS)
        self.dataset = self.find_dataset()
        self.monthly = self.file.has(MONTH)
        self.repeats = RepeatedKeys()
        self.checked = False

    def find_dataset(self) -> Dataset:
        """Which of the three tables has these columns."""
        crossed = {column.name for column in (STATE, PORT, COMMODITY) if self.file.has(column)}
        for dataset in get_args(Dataset):
            columns = OF_DATASET[dataset]
            if crossed == {column.name for column in columns if column in (STATE, PORT, COMMODITY)}:
                missing = [column.name for column in columns if not self.file.has(column)]
                if not missing:
                    return dataset
                raise self.refused("missing_column", f"expected the columns {', '.join(missing)} too ({dataset})")
        expectation = (
            "expected two of USASTATE, DEPE and COMMODITY2: state by port (dot1), state by commodity (dot2), "
            f"or port by commodity (dot3); found {', '.join(sorted(crossed)) or 'none'}"
        )
        raise self.refused("missing_column", expectation)

    def refused(self, kind: str, expectation: str) -> ImportRefused:
        return ImportRefused(Problems([Problem(self.source.name, 1, "", "", expectation, kind)]))

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
        if self.repeats.too_many:
            expectation = "expected each row once; over a million keys are repeated: was the file joined to itself?"
            problems.add(Problem(self.source.name, 0, "", "", expectation, "duplicate_rows"))
        self.checked = not problems.error_count
        return problems

    def key_cells(self, chunk: Chunk) -> list[np.ndarray]:
        return [chunk.codes[column.name] for column in KEY_COLUMNS if column.name in chunk.codes]

    def rows(self) -> Iterator[Chunk]:
        """The rows of a checked file: exact copies of earlier rows left out, weight 0 of surface exports MISSING."""
        if not self.checked:
            raise RuntimeError("check() comes before rows()")
        self.repeats.start()
        for chunk in self.file.chunks():
            amounts = [chunk.numbers[column.name] for column in AMOUNTS if column.name in chunk.numbers]
            wanted = self.repeats.first_of_copies(self.key_cells(chunk), amounts)
            yield self.without_false_weights(chunk if wanted is None else chunk.keep(wanted))

    def without_false_weights(self, chunk: Chunk) -> Chunk:
        """Weight 0 on exports by other modes than vessel and air was not recorded."""
        if WEIGHT.name in chunk.numbers:
            modes = self.values(MODE, chunk).astype(np.int64)
            exports = self.values(TRADE_TYPE, chunk).astype(np.int64) == EXPORT
            surface = (modes != VESSEL) & (modes != AIR)
            weights = chunk.numbers[WEIGHT.name]
            chunk.numbers[WEIGHT.name] = np.where(exports & surface & (weights == 0), MISSING, weights)
        return chunk

    def values(self, column: CodeColumn, chunk: Chunk, absent: Any = "") -> np.ndarray:
        """The values of a column; `absent` in each row where the file does not have it."""
        if column.name not in chunk.codes:
            return np.full(chunk.size, absent, dtype=object)
        return self.file.vocabularies[column.name].take(chunk.codes[column.name])

    def matching(self, column: CodeColumn, chunk: Chunk, test: Callable[[Any], bool]) -> np.ndarray:
        """Mask of the rows whose value passes the test; none where the file does not have the column."""
        if column.name not in chunk.codes:
            return np.zeros(chunk.size, dtype=bool)
        passes = np.array([test(value) for value in self.file.vocabularies[column.name].values], dtype=bool)
        return passes[chunk.codes[column.name]]

    def numbers(self, column: NumberColumn, chunk: Chunk) -> np.ndarray:
        """The numbers of a column; MISSING in each row where the file does not have it."""
        return chunk.numbers.get(column.name, np.full(chunk.size, MISSING, dtype=np.int64))
