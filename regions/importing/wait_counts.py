"""Counts of waits by group, hour of the week and value, gathered chunk by chunk in memory that the records bound."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from regions.importing.wait_statistics import TENTHS, Group, by_value, fence, sentinels, zeros_in_doubt

if TYPE_CHECKING:
    from regions.importing.wait_records import Records

Integers = NDArray[np.int64]
# Pieces are merged when they hold so many rows.
MERGE_AT = 1_000_000
SHOWN_OUTLIERS = 50
EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday, Monday being 0


@dataclass
class Tally:
    """Numbers and sums by several whole-number keys."""

    pieces: list[tuple[Integers, NDArray[np.float64]]] = field(default_factory=list)
    rows: int = 0

    def add(self, keys: Integers, amounts: NDArray[np.float64]) -> None:
        """Adds rows: `keys` (row, key), `amounts` (row, amount)."""
        self.pieces.append(totals(keys, amounts))
        self.rows += len(self.pieces[-1][0])
        if self.rows > MERGE_AT and len(self.pieces) > 1:
            self.pieces = [self.merged()]
            # Grows with what is different, so that merging stays rare.
            self.rows = len(self.pieces[0][0]) // 2

    def merged(self) -> tuple[Integers, NDArray[np.float64]]:
        """Keys in order, each once, with their amounts."""
        if not self.pieces:
            return np.empty((0, 1), dtype=np.int64), np.empty((0, 1))
        return totals(
            np.concatenate([keys for keys, _ in self.pieces]), np.concatenate([one for _, one in self.pieces])
        )


def totals(keys: Integers, amounts: NDArray[np.float64]) -> tuple[Integers, NDArray[np.float64]]:
    """Amounts summed by key."""
    if not len(keys):
        return keys, amounts
    order = np.lexsort(keys.T[::-1])
    keys, amounts = keys[order], amounts[order]
    starts = np.flatnonzero(np.r_[True, (keys[1:] != keys[:-1]).any(axis=1)])
    return keys[starts], np.add.reduceat(amounts, starts, axis=0)


@dataclass
class GroupCounts:
    """All groups of a file. The first pass fills `values`, from which sentinels and fences come; the second the rest."""

    values: Tally = field(default_factory=Tally)
    surface: Tally = field(default_factory=Tally)
    days: Tally = field(default_factory=Tally)
    found_sentinels: list[float] = field(default_factory=list)
    sentinel_count: int = 0
    fences: dict[int, float] = field(default_factory=dict)
    doubtful: set[int] = field(default_factory=set)
    outliers: dict[int, int] = field(default_factory=dict)
    left_out: dict[int, int] = field(default_factory=dict)
    # record number, minutes
    first_outliers: list[tuple[int, float]] = field(default_factory=list)

    def add_values(self, groups: Integers, in_tenths: Integers) -> None:
        """Measurements of the first pass."""
        self.values.add(np.column_stack([groups, in_tenths]), np.ones((len(groups), 1)))

    def look(self) -> None:
        """After the first pass: what is no measurement, and what is far out."""
        keys, counts = self.values.merged()
        if not len(keys):
            return
        numbers = counts[:, 0].astype(np.int64)
        pooled, pooled_counts = by_value(keys[:, 1], numbers)
        self.found_sentinels = sentinels(pooled, pooled_counts)
        no_value = np.isin(keys[:, 1], np.rint(np.array(self.found_sentinels) * TENTHS).astype(np.int64))
        self.sentinel_count = int(numbers[no_value].sum())
        keys, numbers = keys[~no_value], numbers[~no_value]
        for group in np.unique(keys[:, 0]).tolist():
            rows = keys[:, 0] == group
            minutes, found = keys[rows, 1] / TENTHS, numbers[rows]
            self.fences[group] = fence(minutes, found)
            if zeros_in_doubt(minutes, found):
                self.doubtful.add(group)

    def add_records(self, records: Records, good: NDArray[np.bool_], in_tenths: Integers) -> None:
        """Records of the second pass."""
        no_value = np.isin(in_tenths, np.rint(np.array(self.found_sentinels) * TENTHS).astype(np.int64))
        empty = ~records.faulty & (np.isnan(records.minutes) | no_value)
        for group, number in zip(*np.unique(records.group[empty], return_counts=True), strict=True):
            self.left_out[int(group)] = self.left_out.get(int(group), 0) + int(number)
        good = good & ~no_value
        groups, tenths = records.group[good], in_tenths[good]
        local = records.times.local[good]
        days = local.astype("datetime64[D]").astype(np.int64)
        hours = (local.astype(np.int64) // 3600) % 24
        weekdays = (days + EPOCH_WEEKDAY) % 7
        ones = np.ones(len(groups))
        self.surface.add(np.column_stack([groups, weekdays * 24 + hours, tenths]), ones[:, None])
        self.days.add(np.column_stack([groups, days]), np.column_stack([ones, records.minutes[good]]))
        self.flag(records, good, groups, tenths)

    def flag(self, records: Records, good: NDArray[np.bool_], groups: Integers, tenths: Integers) -> None:
        """Outliers are counted by group; the first ones are named."""
        distinct, places = np.unique(groups, return_inverse=True)
        limits = np.array([self.fences.get(int(group), np.inf) for group in distinct])
        if not len(distinct):
            return
        out = tenths / TENTHS > limits[places]
        for group, number in zip(*np.unique(groups[out], return_counts=True), strict=True):
            self.outliers[int(group)] = self.outliers.get(int(group), 0) + int(number)
        wanted = SHOWN_OUTLIERS - len(self.first_outliers)
        rows = np.flatnonzero(good)[out][:wanted] + records.first_record
        self.first_outliers += list(zip(rows.tolist(), (tenths[out][:wanted] / TENTHS).tolist(), strict=True))

    def groups(self) -> dict[int, Group]:
        """The groups that have a measurement."""
        surface, counts = self.surface.merged()
        days, sums = self.days.merged()
        found: dict[int, Group] = {}
        if not len(surface):
            return found
        for group in np.unique(surface[:, 0]).tolist():
            rows, of_day = surface[:, 0] == group, days[:, 0] == group
            found[group] = Group(
                tenths=surface[rows, 2],
                hours=surface[rows, 1],
                counts=counts[rows, 0].astype(np.int64),
                days=days[of_day, 1],
                day_sums=sums[of_day, 1],
                day_counts=sums[of_day, 0].astype(np.int64),
                outliers=self.outliers.get(group, 0),
                left_out=self.left_out.get(group, 0),
                doubtful_zeros=group in self.doubtful,
            )
        return found
