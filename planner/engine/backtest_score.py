"""Predicted months against observed ones, crossing by crossing, beside what the months around them would have led to expect.

expected = mean of the daily rate over up to three undisturbed months before and after, times the days of the month;
predicted = expected (1 - f + f r): f the share of the month's days under the event, r the predicted ratio of what passes.
Noise is the same expectation's error in undisturbed months: an error below it says nothing against the prediction.
"""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.engine.types import Array

NEAREST = 3
KEYS = ["measure", "port", "entered"]


@dataclass(frozen=True)
class Event:
    """First and last day, both included."""

    start: datetime.date
    end: datetime.date

    def share(self, year: int, month: int) -> float:
        """Share of the month's days under the event."""
        days = calendar.monthrange(year, month)[1]
        first, last = datetime.date(year, month, 1), datetime.date(year, month, days)
        both = (min(self.end, last) - max(self.start, first)).days + 1
        return max(both, 0) / days

    def months(self) -> list[tuple[int, int]]:
        """Months that the event touches."""
        first, last = self.start.year * 12 + self.start.month - 1, self.end.year * 12 + self.end.month - 1
        return [(number // 12, number % 12 + 1) for number in range(first, last + 1)]


def score_months(series: pd.DataFrame, event: Event, ratios: dict[tuple[str, str, str], Array]) -> pd.DataFrame:
    """One row for each series with a ratio and each month of the event that it has, with all months around it.

    series: measure, port, entered, year, month, value. ratios: by (measure, port, entered), draws of during/before.
    Columns: KEYS, year, month, share, expected, predicted, low, high (5 and 95 % of the draws), observed, noise_share.
    """
    rows = []
    for key, group in series.groupby(KEYS, sort=True):
        if key not in ratios:
            continue
        months = group["year"].to_numpy(dtype=int) * 12 + group["month"].to_numpy(dtype=int) - 1
        value = group["value"].to_numpy(dtype=float)
        share = np.array([event.share(int(month) // 12, int(month) % 12 + 1) for month in months])
        days = np.array([calendar.monthrange(int(month) // 12, int(month) % 12 + 1)[1] for month in months])
        expected = expectations(months, value / days, share == 0) * days
        noise = noise_share(expected, value, share == 0)
        for number in np.flatnonzero((share > 0) & np.isfinite(expected)):
            drawn = expected[number] * (1 - share[number] + share[number] * ratios[key])
            low, middle, high = np.quantile(drawn, (0.05, 0.5, 0.95))
            rows.append(
                {
                    **dict(zip(KEYS, key, strict=True)), "year": int(months[number]) // 12,
                    "month": int(months[number]) % 12 + 1, "share": share[number], "expected": expected[number],
                    "predicted": middle, "low": low, "high": high, "observed": value[number], "noise_share": noise,
                }
            )  # fmt: skip
    columns = [
        *KEYS, "year", "month", "share", "expected", "predicted", "low", "high", "observed", "noise_share",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def expectations(months: Array, rate: Array, undisturbed: Array) -> Array:
    """Daily rate expected in each month from the nearest undisturbed ones on either side, itself left out; NaN without any."""
    found = np.full(len(rate), np.nan)
    for number, month in enumerate(months):
        apart = months - month
        sides = [
            np.flatnonzero(undisturbed & (apart < 0) & (apart >= -2 * NEAREST))[-NEAREST:],
            np.flatnonzero(undisturbed & (apart > 0) & (apart <= 2 * NEAREST))[:NEAREST],
        ]
        # Both sides weigh the same, so that a trend does not tilt the mean.
        means = [rate[side].mean() for side in sides if len(side)]
        if means:
            found[number] = float(np.mean(means))
    return found


def noise_share(expected: Array, value: Array, undisturbed: Array) -> float:
    """Root mean square of (observed - expected) / expected over undisturbed months; NaN where none can be told."""
    usable = undisturbed & np.isfinite(expected) & (expected > 0)
    if not usable.any():
        return float("nan")
    return float(np.sqrt(np.mean((value[usable] / expected[usable] - 1) ** 2)))


def summarise(rows: pd.DataFrame) -> dict[str, dict[str, float | int | None]]:
    """By measure: total error, root mean square error, and skill against "nothing happened" (1 perfect, 0 no better)."""
    result: dict[str, dict[str, float | int | None]] = {}
    for measure, group in rows.groupby("measure", sort=True):
        error = (group["predicted"] - group["observed"]).to_numpy(dtype=float)
        naive = (group["expected"] - group["observed"]).to_numpy(dtype=float)
        total = float(group["expected"].sum())
        # A prediction of no change is the naive one: no skill is claimed or denied.
        same = np.allclose(error, naive, rtol=1e-9, atol=1e-9 * max(total, 1.0))
        inside = ((group["observed"] >= group["low"]) & (group["observed"] <= group["high"])).mean()
        result[str(measure)] = {
            "rows": len(group),
            "expected": total,
            "predicted": float(group["predicted"].sum()),
            "observed": float(group["observed"].sum()),
            "absolute_error_share": float(np.abs(error).sum() / total) if total else None,
            "naive_absolute_error_share": float(np.abs(naive).sum() / total) if total else None,
            "skill": None if same or not (naive**2).sum() else float(1 - (error**2).sum() / (naive**2).sum()),
            "inside_interval_share": float(inside),
        }
    return result
