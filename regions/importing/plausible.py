"""Whether amounts can be what their unit says: a slip by a thousand shows against people and output."""

from __future__ import annotations

import math

# USD per head and year: from the poorest economies' regions to the richest city states, with room on both sides.
LEAST_GDP_PER_HEAD_USD, MOST_GDP_PER_HEAD_USD = 150.0, 500_000.0
# Goods trade across one border in GDP. Entrepots reach about 2; a slip by a thousand gives 10 and more.
MOST_TRADE_IN_GDP = 5.0
# Below this median over places with trade, a slip by a thousand the other way is likelier than so closed a border.
LEAST_TRADE_IN_GDP = 2e-5
# So far from what was stored before is no revision.
MOST_CHANGE = 300.0
THOUSANDS = (1e-9, 1e-6, 1e-3, 1e3, 1e6, 1e9)


def thousand_that_fits(value: float, least: float, most: float) -> float | None:
    """The power of a thousand that brings a value between two bounds, the smallest one; None where none does."""
    fitting = [factor for factor in THOUSANDS if least <= value * factor <= most]
    return min(fitting, key=lambda factor: abs(math.log(factor)), default=None)


def in_words(factor: float | None) -> str:
    """A hint at the unit."""
    if factor is None:
        return ""
    return f"; {'a thousandth' if factor == 1e-3 else f'{factor:g} times'} of it would fit: is the unit right?"


def far_apart(before: float, now: float) -> bool:
    """Whether two positive numbers differ by so much that one is in another unit."""
    return before > 0 and now > 0 and abs(math.log(now / before)) > math.log(MOST_CHANGE)
