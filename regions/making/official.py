"""The raw TransBorder files of a folder as totals of one border and year, and whether they agree with each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regions.importing import transborder
from regions.importing.columnar import plain_name
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.streams import DataFile, inspect
from regions.importing.transborder import WHOLE_YEAR, TransBorderFile

Progress = Callable[[int, int, str], None]

KEYS = {
    "trade": transborder.TRADE_TYPE,
    "state": transborder.STATE,
    "port": transborder.PORT,
    "chapter": transborder.COMMODITY,
    "mode": transborder.MODE,
    "mexican": transborder.MEXICAN_STATE,
    "province": transborder.PROVINCE,
}
ALL_MONTHS = frozenset(range(1, 13))
# Tables are sums of the same records; rounding is the only difference that is no fault.
AGREEMENT_SHARE = 1e-6


@dataclass(frozen=True)
class Check:
    """One comparison of tables that should agree; `difference` is the largest of any cell, in USD."""

    name: str
    holds: bool
    cells: int
    difference_usd: float
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "holds": self.holds,
            "cells": self.cells,
            "largest_difference_usd": self.difference_usd,
            "detail": self.detail,
        }


@dataclass
class Official:
    """Totals by table (dot1, dot2, dot3): a frame with the columns of KEYS, month (0 = whole year) and value (USD)."""

    year: int
    totals: dict[str, pd.DataFrame] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def months(self, dataset: str) -> frozenset[int]:
        """Months with rows; `WHOLE_YEAR` among them where there is an annual file."""
        return frozenset(self.totals[dataset]["month"].unique().tolist()) if dataset in self.totals else frozenset()

    def covers_year(self, dataset: str) -> bool:
        """Whether the table has the whole year: twelve months, or an annual file."""
        months = self.months(dataset)
        return WHOLE_YEAR in months or months >= ALL_MONTHS

    def of_year(self, dataset: str) -> pd.DataFrame:
        """The rows that make up the year, from the months where all are there, else from the annual file."""
        frame = self.totals[dataset]
        monthly = self.months(dataset) >= ALL_MONTHS
        return frame[(frame["month"] != WHOLE_YEAR) if monthly else (frame["month"] == WHOLE_YEAR)]

    def monthly(self, dataset: str) -> pd.DataFrame:
        """The rows of single months, whichever there are."""
        frame = self.totals[dataset]
        return frame[frame["month"] != WHOLE_YEAR]


def read_official(directory: Path, country: str, year: int, progress: Progress | None = None) -> Official:
    """Reads every TransBorder file of the folder; raises ImportRefused with all problems of all files."""
    if not directory.is_dir():
        expectation = "expected a folder with TransBorder files"
        raise ImportRefused(Problems([Problem(str(directory), 0, "", "", expectation, "missing_folder")]))
    official, problems = Official(year), Problems()
    pieces: dict[str, list[pd.DataFrame]] = {}
    covered: dict[tuple[str, int], str] = {}
    for path in sorted(entry for entry in directory.iterdir() if entry.is_file()):
        try:
            source = inspect(path)
            if not is_transborder(source):
                official.ignored.append(path.name)
                continue
            frame = read_file(source, country, year, official, problems, progress)
        except ImportRefused as refusal:
            if looks_official(path):
                problems.merge(refusal.problems)
            else:
                official.ignored.append(path.name)
            continue
        if frame is None:
            continue
        dataset, rows = frame
        for month in sorted(rows["month"].unique().tolist()):
            if (dataset, month) in covered:
                period = f"{year}-{month:02d}" if month else str(year)
                expectation = f"expected each period once; {covered[dataset, month]} holds {dataset} of {period} too"
                problems.add(Problem(path.name, 0, "", "", expectation, "covered_twice"))
            covered[dataset, month] = path.name
        pieces.setdefault(dataset, []).append(rows)
    official.totals = {
        dataset: pd.concat(frames, ignore_index=True).groupby([*KEYS, "month"], as_index=False, sort=True).sum()
        for dataset, frames in pieces.items()
    }
    problems.extend(completeness(official, directory))
    if problems.error_count:
        raise ImportRefused(problems)
    return official


def is_transborder(source: DataFile) -> bool:
    """Whether the header has the columns that only these files have."""
    try:
        names = {plain_name(name) for name in source.header()}
    except (UnicodeDecodeError, ValueError):
        return False
    return {plain_name(transborder.TRADE_TYPE.name), plain_name(transborder.MODE.name)} <= names


def looks_official(path: Path) -> bool:
    """Whether a file that cannot be read claims by its name to be one of these."""
    return path.name.lower().startswith("dot")


def read_file(
    source: DataFile, country: str, year: int, official: Official, problems: Problems, progress: Progress | None
) -> tuple[str, pd.DataFrame] | None:
    """Table and totals of one file; None where it has faults or no row of the border and year."""
    file = TransBorderFile(source)
    found = file.check(progress)
    if found.error_count:
        problems.merge(found)
        return None
    frames = []
    for chunk in file.rows():
        wanted = (file.values(transborder.COUNTRY, chunk) == country) & (file.values(transborder.YEAR, chunk) == year)
        if not wanted.any():
            continue
        kept = chunk.keep(wanted)
        frame = pd.DataFrame({name: file.values(column, kept) for name, column in KEYS.items()})
        frame["month"] = file.values(transborder.MONTH, kept, absent=WHOLE_YEAR).astype(np.int64)
        frame["value"] = file.numbers(transborder.VALUE, kept).astype(float)
        frames.append(frame.groupby([*KEYS, "month"], as_index=False, sort=True).sum())
    if not frames:
        official.ignored.append(source.name)
        return None
    rows = pd.concat(frames, ignore_index=True)
    official.files.append(
        {
            "name": source.name,
            "sha256": source.sha256,
            "table": file.dataset,
            "months": sorted(rows["month"].unique().tolist()),
            "value_usd": float(rows["value"].sum()),
        }
    )
    return file.dataset, rows


def completeness(official: Official, directory: Path) -> list[Problem]:
    """The table by state and port must cover the year; that by commodity at least one month of it."""
    problems = []
    if not official.covers_year("dot1"):
        missing = sorted(ALL_MONTHS - official.months("dot1"))
        expectation = (
            f"expected dot1 of the whole year {official.year}: twelve months or the annual file; "
            f"there is none for {', '.join(f'{official.year}-{month:02d}' for month in missing)}. "
            "A missing month is not a zero"
        )
        problems.append(Problem(directory.name, 0, "", "", expectation, "missing_month"))
    if "dot2" not in official.totals:
        expectation = f"expected dot2 (state by commodity) of at least one month of {official.year}"
        problems.append(Problem(directory.name, 0, "", "", expectation, "missing_table"))
    return problems


def agreement(official: Official) -> list[Check]:
    """Months against the year, and the tables against each other over what they have in common."""
    checks = []
    for dataset in sorted(official.totals):
        months = official.months(dataset)
        if WHOLE_YEAR in months and months >= ALL_MONTHS:
            frame = official.totals[dataset]
            annual = frame["month"] == WHOLE_YEAR
            checks.append(compare(f"{dataset}: months = year", frame[~annual], frame[annual], list(KEYS)))
    for other, keys in (
        ("dot2", ["trade", "state", "mode", "mexican", "province"]),
        ("dot3", ["trade", "port", "mode"]),
    ):
        shared = sorted((official.months("dot1") & official.months(other)) - {WHOLE_YEAR})
        whole = not shared and official.covers_year("dot1") and official.covers_year(other)
        if not (shared or whole):
            continue
        one, two = (
            official.of_year(name) if whole else official.totals[name][official.totals[name]["month"].isin(shared)]
            for name in ("dot1", other)
        )
        detail = "whole year" if whole else ", ".join(f"{official.year}-{month:02d}" for month in shared)
        checks.append(compare(f"dot1 = {other}", one, two, keys, detail))
    return checks


def compare(name: str, one: pd.DataFrame, two: pd.DataFrame, keys: list[str], detail: str = "") -> Check:
    """The largest difference of any cell of two tables summed over the same keys."""
    both = pd.concat([frame.groupby(keys)["value"].sum() for frame in (one, two)], axis=1).fillna(0.0)
    difference = (both.iloc[:, 0] - both.iloc[:, 1]).abs()
    largest = float(difference.max()) if len(both) else 0.0
    total = float(both.to_numpy().max()) if len(both) else 0.0
    return Check(name, largest <= max(1.0, AGREEMENT_SHARE * total), len(both), largest, detail)
