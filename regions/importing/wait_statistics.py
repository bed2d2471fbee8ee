"""Waits of one group of records summed up: mean, median, 95th percentile, buffer, intervals, grade, hours of the week.

Everything is computed from counts of values in tenths of a minute by hour of the week, and from sums by day, so that
memory depends on what the records say and not on how many there are.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

EPOCH = datetime.date(1970, 1, 1)
TENTHS = 10.0
CONFIDENCE_TAIL = 0.05
NORMAL_95 = 1.6448536269514722
P95 = 0.95
DAYS_IN_A_YEAR = 365.25
# Assumptions (grade D): how much an older measurement is worth less.
FRESH_YEARS, WIDER_PER_YEAR = 1.0, 0.25
GRADES = "ABCD"

Counts = NDArray[np.int64]


@dataclass
class Group:
    """The records of one crossing, direction, vehicle class and method."""

    # values in tenths of a minute and hour of the week, sorted by value, with their numbers
    tenths: Counts
    hours: Counts
    counts: Counts
    # days since 1970 with the sums of minutes and numbers of records, in order
    days: Counts
    day_sums: NDArray[np.float64]
    day_counts: Counts
    outliers: int = 0
    left_out: int = 0
    doubtful_zeros: bool = False

    @property
    def size(self) -> int:
        """Number of records."""
        return int(self.counts.sum())

    @property
    def first_day(self) -> datetime.date:
        """The day of the first record."""
        return EPOCH + datetime.timedelta(days=int(self.days[0]))

    @property
    def last_day(self) -> datetime.date:
        """The day of the last record."""
        return EPOCH + datetime.timedelta(days=int(self.days[-1]))


def together(groups: list[Group]) -> Group:
    """The records of several groups as one: lanes or names of one crossing."""
    if len(groups) == 1:
        return groups[0]
    days, places = np.unique(np.concatenate([one.days for one in groups]), return_inverse=True)
    sums = np.concatenate([one.day_sums for one in groups])
    numbers = np.concatenate([one.day_counts for one in groups])
    return Group(
        tenths=np.concatenate([one.tenths for one in groups]),
        hours=np.concatenate([one.hours for one in groups]),
        counts=np.concatenate([one.counts for one in groups]),
        days=days,
        day_sums=np.bincount(places, weights=sums).astype(float),
        day_counts=np.bincount(places, weights=numbers).astype(np.int64),
        outliers=sum(one.outliers for one in groups),
        left_out=sum(one.left_out for one in groups),
        doubtful_zeros=any(one.doubtful_zeros for one in groups),
    )


@dataclass(frozen=True)
class Statistic:
    """A statistic with its 90 % interval, minutes."""

    minutes: float
    low: float
    high: float


@dataclass(frozen=True)
class Summary:
    """What the records of a group say."""

    statistics: dict[str, Statistic]
    grade: str
    reasons: tuple[str, ...]
    by_hour: dict[int, float] = field(default_factory=dict)
    by_weekday: dict[int, float] = field(default_factory=dict)


def quantile(values: NDArray[np.float64], counts: Counts, share: float) -> float:
    """The quantile of values given with their numbers, interpolated between neighbours as numpy does it."""
    total = int(counts.sum())
    place = min(max(share, 0.0), 1.0) * (total - 1)
    below = math.floor(place)
    ends = np.cumsum(counts)
    low = values[np.searchsorted(ends, below, side="right")]
    high = values[np.searchsorted(ends, min(below + 1, total - 1), side="right")]
    return float(low + (place - below) * (high - low))


def summarise(group: Group, case_year: int, best_grade: str = "A") -> Summary:
    """Statistics, grade and profile of a group that has records."""
    values, counts = by_value(group.tenths, group.counts)
    mean = float(group.day_sums.sum() / group.size)
    age = years_old(group, case_year)
    wider = 1 + WIDER_PER_YEAR * max(age - FRESH_YEARS, 0)
    means, effective = mean_interval(group, values, counts, mean)
    statistics = {"mean": widened(mean, means, wider)}
    for name, share in (("median", 0.5), ("p95", P95)):
        found = quantile(values, counts, share)
        statistics[name] = widened(found, quantile_interval(values, counts, share, effective), wider)
    tail, middle = statistics["p95"], statistics["mean"]
    statistics["buffer"] = Statistic(
        max(tail.minutes - middle.minutes, 0.0),
        max(tail.low - middle.high, 0.0),
        max(tail.high - middle.low, tail.minutes - middle.minutes, 0.0),
    )
    grade, reasons = graded(group, age, best_grade)
    hours, weekdays = group.hours % 24, group.hours // 24
    return Summary(statistics, grade, reasons, averages(group, hours, 24), averages(group, weekdays, 7))


def by_value(tenths: Counts, counts: Counts) -> tuple[NDArray[np.float64], Counts]:
    """Values in minutes with their numbers, sorted."""
    values, places = np.unique(tenths, return_inverse=True)
    return values / TENTHS, np.bincount(places, weights=counts).astype(np.int64)


def averages(group: Group, keys: Counts, number: int) -> dict[int, float]:
    """Mean minutes by hour or weekday; without those that have no record."""
    totals = np.bincount(keys, weights=group.counts, minlength=number)
    sums = np.bincount(keys, weights=group.counts * group.tenths / TENTHS, minlength=number)
    return {key: round(float(sums[key] / totals[key]), 2) for key in range(number) if totals[key]}


def mean_interval(
    group: Group, values: NDArray[np.float64], counts: Counts, mean: float
) -> tuple[tuple[float, float] | None, float]:
    """90 % interval of the mean, and how many independent records the others are worth.

    Records of one day resemble each other, so days are the units that were drawn (a ratio estimator over clusters).
    """
    days, size = len(group.day_counts), group.size
    if days < 2:
        return None, 1.0
    residuals = group.day_sums - mean * group.day_counts
    variance = float(days / (days - 1) * (residuals**2).sum() / size**2)
    half = float(stdtrit(days - 1, 1 - CONFIDENCE_TAIL)) * math.sqrt(variance)
    spread = float((counts * (values - mean) ** 2).sum() / max(size - 1, 1))
    effective = min(float(size), spread / variance) if variance > 0 and spread > 0 else float(size)
    return (mean - half, mean + half), max(effective, 1.0)


def quantile_interval(
    values: NDArray[np.float64], counts: Counts, share: float, effective: float
) -> tuple[float, float] | None:
    """Values between which a quantile lies by the binomial law; None where one day says nothing of others."""
    if effective <= 1:
        return None
    step = NORMAL_95 * math.sqrt(share * (1 - share) / effective)
    return quantile(values, counts, share - step), quantile(values, counts, share + step)


def widened(minutes: float, interval: tuple[float, float] | None, wider: float) -> Statistic:
    """The interval, wider for older records; from nothing to twice the value where one day is all there is."""
    low, high = interval if interval is not None else (0.0, 2 * minutes + 10)
    low, high = minutes - wider * (minutes - low), minutes + wider * (high - minutes)
    return Statistic(minutes, max(min(low, minutes), 0.0), max(high, minutes))


def years_old(group: Group, case_year: int) -> float:
    """Years between the end of the records and the case's year; 0 where they reach into it."""
    if group.last_day.year >= case_year and group.first_day.year <= case_year:
        return 0.0
    if group.last_day.year < case_year:
        return (datetime.date(case_year, 12, 31) - group.last_day).days / DAYS_IN_A_YEAR
    return (group.first_day - datetime.date(case_year, 1, 1)).days / DAYS_IN_A_YEAR


def graded(group: Group, age: float, best_grade: str) -> tuple[str, tuple[str, ...]]:
    """The quality grade and what lowered it."""
    days, size = len(group.day_counts), group.size
    hours, weekdays = len(np.unique(group.hours % 24)), len(np.unique(group.hours // 24))
    lowered = (
        (2 if size < 20 or days < 3 else 1 if size < 100 or days < 14 else 0, f"{size} records on {days} days"),
        (1 if hours < 12 or weekdays < 5 else 0, f"only {hours} hours of the day and {weekdays} days of the week"),
        (2 if age > 6 else 1 if age > 3 else 0, f"{age:.0f} years from the case's year"),
        (1 if group.outliers > 0.05 * size else 0, f"{group.outliers} outliers"),
        (1 if group.left_out > 0.25 * size else 0, f"{group.left_out} records without a measurement"),
        (1 if group.doubtful_zeros else 0, "zeros that may mean that nothing was measured"),
    )
    steps = sum(count for count, _ in lowered)
    place = min(GRADES.index(best_grade) + steps, len(GRADES) - 1)
    return GRADES[place], tuple(words for count, words in lowered if count)


def cells(group: Group) -> list[tuple[int, int, int, float, float, float]]:
    """Weekday, hour, number, mean, median and 95th percentile of each hour of the week with records."""
    order = np.lexsort((group.tenths, group.hours))
    hours, tenths, counts = group.hours[order], group.tenths[order], group.counts[order]
    starts = np.flatnonzero(np.r_[True, hours[1:] != hours[:-1]])
    found = []
    for start, end in zip(starts, [*starts[1:], len(hours)], strict=True):
        values, numbers = tenths[start:end] / TENTHS, counts[start:end]
        size = int(numbers.sum())
        found.append(
            (
                *divmod(int(hours[start]), 24),
                size,
                float((values * numbers).sum() / size),
                quantile(values, numbers, 0.5),
                quantile(values, numbers, P95),
            )
        )
    return found


# Values that are none ----------------------------------------------------------------------------------------------------

# What recorders write where they have no measurement, minutes.
USUAL_SENTINELS = (888.0, 998.0, 999.0, 9998.0, 9999.0, 99999.0)
FEWEST_REPEATS, FAR_BEYOND = 5, 10.0
LEAST_SENTINEL_MINUTES = 200.0
# Fence in logarithms, so that long waits of a busy crossing are not outliers only for being long.
FENCE, LEAST_SPREAD = 3.0, 0.4
DOUBTFUL_SHARE, SMALLEST_TRUE_MINUTES = 0.3, 5.0


def sentinels(values: NDArray[np.float64], counts: Counts) -> list[float]:
    """Values that stand for "no measurement": the usual ones, and one that is repeated far beyond all others."""
    found = [value for value in values.tolist() if value in USUAL_SENTINELS]
    rest = ~np.isin(values, found)
    while rest.sum() > 1:
        places = np.flatnonzero(rest)
        last, others = places[-1], places[:-1]
        typical = quantile(values[others], counts[others], 0.995)
        beyond = values[last] > max(FAR_BEYOND * max(typical, 1.0), LEAST_SENTINEL_MINUTES)
        if not (beyond and counts[last] >= FEWEST_REPEATS):
            break
        found.append(float(values[last]))
        rest[last] = False
    return sorted(found)


def fence(values: NDArray[np.float64], counts: Counts) -> float:
    """Waits above this are flagged as outliers, minutes."""
    low, high = quantile(values, counts, 0.25), quantile(values, counts, 0.75)
    spread = max(math.log1p(high) - math.log1p(low), LEAST_SPREAD)
    return math.expm1(math.log1p(high) + FENCE * spread)


def zeros_in_doubt(values: NDArray[np.float64], counts: Counts) -> bool:
    """Many zeros and no small waits at all: zero most likely stands for "not measured"."""
    zeros = counts[values == 0].sum()
    small = counts[(values > 0) & (values < SMALLEST_TRUE_MINUTES)].sum()
    return bool(zeros > DOUBTFUL_SHARE * counts.sum() and small == 0 and (values > 0).any())
