"""Waits of trucks by the hour at which they arrive: how the mean wait of a queue is spread over a week.

From the same path of the queue as the mean: with cumulative arrivals A(t) and starts of service S(t) = A(t) - L(t), L in
the line, first come is first served: the truck that arrives as number n waits from A^-1(n) to S^-1(n). The mean over a
week's trucks is the queue's mean wait, since the area between A and S is (Little's law). What is spread here is the time
of arrival; chance within one half hour (the next truck's service may be long) is averaged over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.queue_kernel import STEPS_PER_DAY, all_lines
from planner.engine.queues import Stations
from planner.engine.types import Array

PER_STEP = 16  # trucks looked at in each half hour
WEEKDAYS = 5
TAIL = 0.95


@dataclass(frozen=True)
class WaitProfile:
    """Waits of one queue, hours: mean, median and 95 % quantile over a week's trucks; by_hour: weekdays' mean for trucks
    that arrive in each hour, (24,), NaN while it is closed."""

    mean: float
    median: float
    p95: float
    by_hour: Array


def wait_profiles(stations: Stations, no_queue: Array, shift: Array) -> list[WaitProfile]:
    """Profiles of queues with one column each.

    no_queue (station,): hours of every wait that are no queue; shift (station,): hours by which the mean moves from outside,
    spread over the hours in proportion to their waits.
    """
    if not len(no_queue):
        return []
    arguments = stations.arguments()
    trucks = arguments[2] * arguments[4]
    lines = all_lines(*arguments)
    return [_profile(line, trucks[at], float(no_queue[at]), float(shift[at])) for at, line in enumerate(lines)]


def _profile(line: Array, arrivals: Array, no_queue: float, shift: float) -> WaitProfile:
    """From trucks in the line at the end of each half hour, and arrivals in it, (step,)."""
    length = 24 / STEPS_PER_DAY
    ends = np.arange(len(arrivals) + 1) * length
    come = np.concatenate([[0.0], np.cumsum(arrivals)])
    week = float(come[-1])
    if week <= 0:
        return WaitProfile(0.0, 0.0, 0.0, np.full(24, np.nan))
    # The week repeats: who is still in the line at its end is served at the start of the next.
    started = np.maximum.accumulate(come - np.concatenate([[line[-1]], line]))
    started, times = np.concatenate([started, started[1:] + week]), np.concatenate([ends, ends[1:] + ends[-1]])
    part = (np.arange(PER_STEP) + 0.5) / PER_STEP
    number = (come[:-1, None] + arrivals[:, None] * part).ravel()
    arrived = (ends[:-1, None] + length * part).ravel()
    waits = np.maximum(np.interp(number, started, times) - arrived, 0.0) + no_queue
    weight = np.repeat(arrivals / PER_STEP, PER_STEP)
    mean = float((weight * waits).sum() / week)
    waits = waits * (max(mean + shift, 0.0) / mean) if mean > 0 else waits + max(shift, 0.0)
    order = np.argsort(waits, kind="stable")
    share = (np.cumsum(weight[order]) - weight[order] / 2) / week
    hour = (arrived % 24).astype(np.intp)
    weekday = arrived < 24 * WEEKDAYS
    total = np.bincount(hour[weekday], weight[weekday], 24)
    sums = np.bincount(hour[weekday], (weight * waits)[weekday], 24)
    return WaitProfile(
        mean=float((weight * waits).sum() / week),
        median=float(np.interp(0.5, share, waits[order])),
        p95=float(np.interp(TAIL, share, waits[order])),
        by_hour=np.divide(sums, total, out=np.full(24, np.nan), where=total > 0),
    )
