"""Discounting, rates of return, payback and phasing in, by hand and by their properties."""

import numpy as np
import pytest

from planner.engine.cash_flows import (
    DEFINED,
    NO_CHANGE,
    OUTSIDE,
    REVERSED,
    SEVERAL,
    discount_factors,
    internal_rate,
    payback_years,
    ramp_effect,
    ramp_path,
)

YEARS = np.arange(2024, 2030)


def columns(*flows):
    return np.array(flows, dtype=float).T


@pytest.mark.parametrize(
    ("start", "ramp", "expected"),
    [
        (2026, 0, [0, 0, 1, 1, 1, 1]),
        (2026, 1, [0, 0, 0.5, 1, 1, 1]),
        (2026, 2, [0, 0, 0.25, 0.75, 1, 1]),
        (2025, 1.5, [0, 1 / 3, 1 - 0.25 / 3, 1, 1, 1]),
        (2022, 4, [0.625, 0.875, 1, 1, 1, 1]),
        (2040, 3, [0] * 6),
    ],
)
def test_ramp(start, ramp, expected):
    # 1.5 years: the first year ends at 2/3, mean 1/3; the second climbs for half a year from 2/3, losing 1/2 * 1/2 * 1/3.
    assert ramp_path(YEARS, start, ramp) == pytest.approx(expected)


def test_effect_follows_the_parabola_through_zero_half_and_full():
    ramp = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    truth = ramp[:, None] * [3.0, -2.0] + ramp[:, None] ** 2 * [1.0, 5.0]
    assert ramp_effect(truth[2], truth[4], ramp) == pytest.approx(truth)


def test_discount_factors_by_draw():
    assert discount_factors(np.array([0.0, 0.25]), 3) == pytest.approx(columns([1, 1, 1], [1, 0.8, 0.64]))


def test_rates_and_why_there_is_none():
    flows = columns(
        [-100, 60, 60],  # one rate
        [-100, 230, -132],  # 10 % and 20 %
        [-1, 10, 10],
        [100, -60, -60],  # a loan
        [10, 10, 10],
        [0, 0, 0],
        [-1e-4, 1000, 0],  # a rate beyond the range searched
        [0, 0, -100],
    )
    rate, status = internal_rate(flows)
    assert list(status) == [DEFINED, SEVERAL, DEFINED, REVERSED, NO_CHANGE, NO_CHANGE, OUTSIDE, NO_CHANGE]
    assert list(np.isfinite(rate)) == [code == DEFINED for code in status]
    assert (flows[:, status == DEFINED] * (1 + rate[status == DEFINED]) ** -np.arange(3.0)[:, None]).sum(
        axis=0
    ) == pytest.approx(0, abs=1e-10)


def test_a_cost_at_the_end_still_leaves_one_rate():
    # Two changes of sign, one rate in the range: the other is at -99.9 %, where no investment is.
    rate, status = internal_rate(columns([-100, 120, -0.1]))
    assert status[0] == DEFINED
    assert rate[0] == pytest.approx((120 + np.sqrt(120**2 - 4 * 100 * 0.1)) / 200 - 1)


def test_rate_of_a_perpetual_loss_is_negative():
    rate, status = internal_rate(columns([-100, 20, 20, 20]))
    assert status[0] == DEFINED
    assert -0.4 < rate[0] < 0


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        ([-100, 50, 50, 50], 2),
        ([-100, 40, 40, 40], 2.5),
        ([0, -100, 50, 50], 2),  # counted from the outlay
        ([-100, 200, -150, 100], 2.5),  # the first recovery does not last
        ([-100, 50, 40, 0], np.inf),
        ([10, 20, 0, 5], 0),
        ([0, 0, 0, 0], 0),
        ([-100, 0, 0, 100], 3),
        ([-0.3, 0.1, 0.1, 0.1], 3),  # rounding does not delay it
        ([0, 0, 0, -1], np.inf),
    ],
)
def test_payback(flows, expected):
    assert payback_years(columns(flows, flows)) == pytest.approx([expected, expected])
