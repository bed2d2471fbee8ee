"""Monthly series of what passed each port by truck, from official files: goods both ways, trucks into the United States."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from regions.importing import border_entry, transborder
from regions.importing.border_entry import BorderEntryFile
from regions.importing.columnar import plain_name
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.streams import DataFile, inspect
from regions.importing.transborder import IMPORT, TransBorderFile
from regions.making.geography import BORDERS, UNITED_STATES, Border
from regions.making.official import Progress, is_transborder

GOODS, TRUCKS = "goods_usd", "trucks"
TRUCK_MODE = 5
COLUMNS = ["measure", "port", "entered", "year", "month", "value"]


@dataclass(frozen=True)
class Series:
    """A frame with COLUMNS, one row a month; files that were read, and those passed over with the reason."""

    frame: pd.DataFrame
    files: tuple[str, ...]
    passed_over: tuple[str, ...]


def border_of(economies: Sequence[str]) -> Border:
    """The border between two economies; raises ImportRefused where official files know none."""
    for border in BORDERS.values():
        if set(border.economies) == set(economies):
            return border
    expectation = "expected a case of the United States with Canada or Mexico: official files cover no other border"
    raise ImportRefused(Problems([Problem("", 0, "", ", ".join(economies), expectation, "unknown_place")]))


def read_series(paths: Sequence[Path], border: Border, progress: Progress | None = None) -> Series:
    """Months by port from TransBorder dot1 (dot3 where no dot1 has the month) and Border Crossing/Entry files.

    Raises ImportRefused with the problems of all files; a month given by two files of one table is one of them.
    """
    problems = Problems()
    pieces: dict[str, list[pd.DataFrame]] = {"dot1": [], "dot3": [], TRUCKS: []}
    used, passed_over = [], []
    for path in paths:
        try:
            source = inspect(path)
            if is_transborder(source):
                table, frame = goods_months(source, border, problems, progress)
            elif is_border_entry(source):
                table, frame = TRUCKS, truck_months(source, border, problems, progress)
            else:
                expectation = "expected a TransBorder or a Border Crossing/Entry file, by its header"
                problems.add(Problem(path.name, 1, "", "", expectation, "unknown_format"))
                continue
        except ImportRefused as refusal:
            problems.merge(refusal.problems)
            continue
        if table not in pieces:
            passed_over.append(f"{path.name}: {table} names no port")
        elif frame.empty:
            passed_over.append(f"{path.name}: no month of the {border.entry_name} by truck")
        else:
            problems.extend(repeated_months(path.name, frame, pieces[table]))
            pieces[table].append(frame)
            used.append(path.name)
    if not problems.error_count and not any(pieces.values()):
        expectation = "expected at least one file with single months of goods or trucks by port"
        problems.add(Problem("--observed", 0, "", ", ".join(passed_over), expectation, "no_rows"))
    if problems.error_count:
        raise ImportRefused(problems)
    by_state, by_commodity = (joined(pieces[name]) for name in ("dot1", "dot3"))
    known = set(zip(by_state["year"], by_state["month"], strict=True))
    new = [key not in known for key in zip(by_commodity["year"], by_commodity["month"], strict=True)]
    frame = pd.concat([by_state, by_commodity[np.array(new, dtype=bool)], joined(pieces[TRUCKS])], ignore_index=True)
    return Series(frame.sort_values(COLUMNS[:-1]).reset_index(drop=True), tuple(used), tuple(passed_over))


def is_border_entry(source: DataFile) -> bool:
    """Whether the header has the columns that only these files have."""
    try:
        names = {plain_name(name) for name in source.header()}
    except (UnicodeDecodeError, ValueError):
        return False
    return {plain_name(column.name) for column in (border_entry.PORT, border_entry.MEASURE)} <= names


def joined(pieces: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=COLUMNS)


def repeated_months(name: str, frame: pd.DataFrame, earlier: list[pd.DataFrame]) -> list[Problem]:
    """Months that an earlier file of the same table has too."""
    known = {key for one in earlier for key in zip(one["year"], one["month"], strict=True)}
    twice = sorted(set(zip(frame["year"], frame["month"], strict=True)) & known)
    expectation = "expected each month once; an earlier file has it too"
    return [Problem(name, 0, "", f"{year}-{month:02d}", expectation, "covered_twice") for year, month in twice]


def goods_months(
    source: DataFile, border: Border, problems: Problems, progress: Progress | None
) -> tuple[str, pd.DataFrame]:
    """Goods by truck by port, economy entered and month; an annual file has none."""
    file = TransBorderFile(source)
    found = file.check(progress)
    empty = pd.DataFrame(columns=COLUMNS)
    if found.error_count:
        problems.merge(found)
        return file.dataset, empty
    frames = []
    for chunk in file.rows() if file.monthly and file.dataset != "dot2" else ():
        wanted = (file.values(transborder.COUNTRY, chunk) == border.country) & (
            file.values(transborder.MODE, chunk) == TRUCK_MODE
        )
        kept = chunk.keep(wanted)
        imports = file.values(transborder.TRADE_TYPE, kept) == IMPORT
        frames.append(
            pd.DataFrame(
                {
                    "measure": GOODS,
                    "port": file.values(transborder.PORT, kept),
                    "entered": np.where(imports, UNITED_STATES, border.facing),
                    "year": file.values(transborder.YEAR, kept).astype(np.int64),
                    "month": file.values(transborder.MONTH, kept).astype(np.int64),
                    "value": file.numbers(transborder.VALUE, kept).astype(float),
                }
            )
        )
    return file.dataset, summed(frames)


def truck_months(source: DataFile, border: Border, problems: Problems, progress: Progress | None) -> pd.DataFrame:
    """Trucks that entered the United States by port and month."""
    file = BorderEntryFile(source)
    found = file.check(progress)
    if found.error_count:
        problems.merge(found)
        return pd.DataFrame(columns=COLUMNS)
    frames = []
    for chunk in file.rows():
        kept = chunk.keep(
            (file.values(border_entry.BORDER, chunk) == border.entry_name)
            & (file.values(border_entry.MEASURE, chunk) == "Trucks")
        )
        periods = file.values(border_entry.DATE, kept).astype(np.int64)
        frames.append(
            pd.DataFrame(
                {
                    "measure": TRUCKS,
                    "port": file.values(border_entry.PORT, kept),
                    "entered": UNITED_STATES,
                    "year": periods // 100,
                    "month": periods % 100,
                    "value": kept.numbers[border_entry.VALUE.name].astype(float),
                }
            )
        )
    return summed(frames)


def summed(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """One row for each port, direction and month."""
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(frames, ignore_index=True).groupby(COLUMNS[:-1], as_index=False, sort=True)["value"].sum()
