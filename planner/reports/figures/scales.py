"""Axes: linear and symmetric-logarithmic scales with round ticks."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

MOST_DECADES = 6


@dataclass(frozen=True)
class LinearScale:
    """Maps [low, high] to [start, end]."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low
        return self.start + (self.end - self.start) * ((value - self.low) / span if span else 0.5)

    def ticks(self, most: int = 6) -> list[float]:
        return round_ticks(self.low, self.high, most)


@dataclass(frozen=True)
class SymlogScale:
    """Logarithmic on both sides of zero, linear within +-`threshold`; one decade takes the same room everywhere."""

    low: float
    high: float
    threshold: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        first, last = self._bend(self.low), self._bend(self.high)
        share = (self._bend(value) - first) / (last - first)
        return self.start + (self.end - self.start) * min(max(share, 0.0), 1.0)

    def _bend(self, value: float) -> float:
        size = abs(value) / self.threshold
        return math.copysign(size if size <= 1 else 1 + math.log10(size), value)

    def ticks(self, least_gap: float = 46.0) -> list[float]:
        """Powers of ten and zero, thinned so that neighbours are at least `least_gap` apart; zero always stays."""
        powers = []
        value = self.threshold
        while value <= max(abs(self.low), abs(self.high)) * 1.0000001:
            powers.append(value)
            value *= 10
        kept = [0.0]
        for side in (-1, 1):
            last = self(0.0)
            for power in powers:
                place = self(side * power)
                if self.low <= side * power * 1.0000001 <= self.high * 1.0000001 and abs(place - last) >= least_gap:
                    kept.append(side * power)
                    last = place
        return sorted(kept)


def symlog_scale(values: Iterable[float], start: float, end: float, room: float = 1.35) -> SymlogScale:
    """A scale that holds zero and the values times `room`, at most six decades a side."""
    sizes = [abs(value) for value in values if value]
    if not sizes:
        return SymlogScale(-1.0, 1.0, 1.0, start, end)
    top = math.ceil(math.log10(max(sizes)) - 1e-9)
    bottom = max(math.floor(math.log10(min(sizes)) + 1e-9), top - MOST_DECADES)
    threshold = 10.0 ** min(bottom, top - 1)
    numbers = [value for value in values if value]
    lowest, highest = min(numbers), max(numbers)
    return SymlogScale(_outer(lowest, threshold, -1, room), _outer(highest, threshold, 1, room), threshold, start, end)


def _outer(value: float, threshold: float, side: int, room: float) -> float:
    """The end of the axis on one side: a little beyond the value, or one threshold where nothing lies."""
    size = side * value
    if size <= threshold:
        return side * threshold
    return side * size * room


def linear_scale(values: Iterable[float], start: float, end: float) -> LinearScale:
    """A scale that holds the values and zero with a small margin."""
    numbers = [0.0, *values]
    low, high = min(numbers), max(numbers)
    margin = (high - low) * 0.04 or 1.0
    return LinearScale(low - margin if low < 0 else 0.0, high + margin if high > 0 else 0.0, start, end)


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten inside the range."""
    span = high - low
    if span <= 0:
        return [low]
    raw = span / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]
