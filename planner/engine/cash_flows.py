"""Arithmetic of dated amounts: discounting, internal rate of return, payback, phasing in.

Amounts are (year, draw), the first row at the year discounted to; all functions treat every draw at once.
"""

from __future__ import annotations

import numpy as np

from planner.engine.types import Array, Codes

# Why a rate of return is, or is not, a number; the codes of `internal_rate` point here.
RATE_STATUS = ("defined", "no change of sign", "benefits before costs", "several rates", "outside the range searched")
DEFINED, NO_CHANGE, REVERSED, SEVERAL, OUTSIDE = range(5)
LOWEST_RATE, HIGHEST_RATE = -0.95, 1000.0
RATE_STEPS = 1001
BISECTIONS = 50  # one step of the search is 0.01 wide in ln(1 + r): halved to the spacing of doubles


def ramp_path(years: Array, start_year: int, ramp_years: float) -> Array:
    """How much of a full effect is there in each year, (year,), in [0, 1].

    The effect grows evenly from 0 at the start of `start_year` to 1 `ramp_years` later; a year gets its mean over that
    line (ramp 2: 0.25, 0.75, 1). Ramp 0 is a full effect from the start year on.
    """
    since = np.asarray(years, dtype=float) - start_year
    if ramp_years <= 0:
        return np.asarray((since >= 0).astype(float))

    def grown(elapsed: Array) -> Array:
        """Integral of the line from the start until `elapsed` years later."""
        rising = np.clip(elapsed, 0, ramp_years)
        return rising**2 / (2 * ramp_years) + np.maximum(elapsed - ramp_years, 0)

    return np.asarray(grown(since + 1) - grown(since))


def ramp_effect(half: Array, full: Array, ramp: Array) -> Array:
    """Effect at each year's ramp, (year, draw): the parabola through 0 and the effects at ramps 0.5 and 1, (draw,)."""
    linear, square = 4 * half - full, 2 * full - 4 * half
    return np.asarray(ramp[:, None] * linear + (ramp**2)[:, None] * square)


def discount_factors(rate: Array, years: int) -> Array:
    """(1 + r)^-t for t = 0, 1, ..., (year, draw), from rates per year, (draw,)."""
    return np.asarray((1 + rate)[None, :] ** -np.arange(years, dtype=float)[:, None])


def internal_rate(flows: Array) -> tuple[Array, Codes]:
    """Rate per year at which the present value of net flows (year, draw) is zero, (draw,), and a code of RATE_STATUS.

    A number only where costs come first and exactly one rate between -95 % and 100,000 % a year does it; NaN elsewhere.
    Every rate in that range is looked at (steps of 1 %), so a second one does not go unseen unless the two lie
    within one step.
    """
    count, draws = flows.shape
    times = np.arange(count, dtype=float)
    grid = np.linspace(np.log1p(LOWEST_RATE), np.log1p(HIGHEST_RATE), RATE_STEPS)
    positive = np.exp(-np.outer(grid, times)) @ flows >= 0
    crossings = positive[1:] != positive[:-1]
    found = crossings.sum(axis=0)
    signs = np.sign(flows)
    mixed = (signs > 0).any(axis=0) & (signs < 0).any(axis=0)
    status = np.full(draws, DEFINED, dtype=np.int8)
    status[found > 1] = SEVERAL
    status[found == 0] = OUTSIDE
    first = crossings.argmax(axis=0)
    column = np.arange(draws)
    status[(found == 1) & ~positive[first, column]] = REVERSED
    status[~mixed] = NO_CHANGE
    rate = np.full(draws, np.nan)
    good = status == DEFINED
    if good.any():
        low, high, chosen = grid[first[good]], grid[first[good] + 1], flows[:, good]
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            above = _present_value(chosen, np.exp(-middle)) >= 0
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        rate[good] = np.expm1((low + high) / 2)
    return rate, status


def _present_value(flows: Array, factor: Array) -> Array:
    """Sum of flows (year, draw) times factor^t, (draw,), by Horner's rule."""
    total = flows[-1]
    for amounts in flows[-2::-1]:
        total = total * factor + amounts
    return np.asarray(total)


def payback_years(flows: Array) -> Array:
    """Years from when the running sum of net flows (year, draw) first falls below zero until it is back for good, (draw,).

    Straight line within a year; 0 where the sum never falls below zero, infinite where it does not come back. Give
    discounted flows for the discounted payback.
    """
    running = flows.cumsum(axis=0)
    below = running < -1e-12 * np.abs(flows).sum(axis=0)
    years = len(flows)
    last = years - 1 - below[::-1].argmax(axis=0)
    column = np.arange(flows.shape[1])
    back = np.minimum(last + 1, years - 1)
    recovered = np.where(last + 1 < years, flows[back, column], np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        elapsed = last + np.minimum(-running[last, column] / recovered, 1.0)
    elapsed = elapsed - below.argmax(axis=0)
    elapsed = np.where(last + 1 < years, elapsed, np.inf)
    return np.asarray(np.where(below.any(axis=0), elapsed, 0.0))
