"""What weight would change the first place of a weighted sum: exact, along each weight (model.md 9).

Method. One weight t runs from 0 to 1 while the others keep their proportions, (1 - t) w_j / (1 - w_k) (equal parts where
they are all zero). Each option's mean score is then a straight line in t; the first place changes at the corners of the
upper envelope of these lines. In a single draw, the weights at which today's first option is the best are one interval,
each other option cutting off one side of it: its ends over draws say how firm the change is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planner.engine.criteria import SHORTEST_SPAN, Table, check_weights, normalise
from planner.engine.types import Array


@dataclass(frozen=True)
class Span:
    """An option that is first while a weight lies between two values."""

    low: float
    high: float
    first: str


@dataclass(frozen=True)
class WeightBreaks:
    """Where the first place changes along one weight, at the means.

    weight: today's, of weights that add up to 1; first: today's first option; spans: from 0 to 1 without gaps;
    below, above: the nearest weights at which the first place is lost, None where it is never;
    holds_low, holds_high: (draw,), the weights between which today's first is the best in that draw, NaN where it never is.
    """

    criterion: str
    weight: float
    first: str
    spans: tuple[Span, ...]
    below: float | None
    above: float | None
    holds_low: Array
    holds_high: Array

    @property
    def challengers(self) -> tuple[str | None, str | None]:
        """Who takes the first place just below and just above."""
        names = [span.first for span in self.spans]
        place = next(position for position, span in enumerate(self.spans) if span.first == self.first)
        return (
            names[place - 1] if place > 0 else None,
            names[place + 1] if place + 1 < len(names) else None,
        )


def weight_breaks(table: Table, weights: Mapping[str, float], normalisation: str = "range") -> tuple[WeightBreaks, ...]:
    """The breaks along each criterion's weight; ValueError for wrong weights or a table without options."""
    if not table.options:
        raise ValueError("no option has a number for every criterion: there is no first place")
    share = check_weights(table, weights)
    scaled = normalise(table, normalisation)
    leader = table.options[int(np.tensordot(share, scaled, axes=1).mean(axis=1).argmax())]
    found = []
    for number, criterion in enumerate(table.criteria):
        weight = float(share[number])
        at_zero = np.tensordot(_others(share, number), scaled, axes=1)
        slope = scaled[number] - at_zero
        spans = _envelope(table.options, at_zero.mean(axis=1), slope.mean(axis=1))
        mine = _span_at(spans, weight, leader)
        low, high = _interval(at_zero, slope, table.options.index(mine.first))
        found.append(
            WeightBreaks(
                criterion=criterion.name,
                weight=weight,
                first=mine.first,
                spans=spans,
                below=mine.low if mine.low > 0 else None,
                above=mine.high if mine.high < 1 else None,
                holds_low=low,
                holds_high=high,
            )
        )
    return tuple(found)


def _span_at(spans: tuple[Span, ...], weight: float, leader: str) -> Span:
    """The span around a weight; at a corner, that of the leader where it is one of the two."""
    around = [span for span in spans if span.low - SHORTEST_SPAN <= weight <= span.high + SHORTEST_SPAN]
    return next((span for span in around if span.first == leader), around[0])


def _others(share: Array, number: int) -> Array:
    """Weights with one set to zero and the others in their proportions, adding up to 1; equal parts where all are zero."""
    rest = share.copy()
    rest[number] = 0.0
    if rest.sum() <= 0:
        rest = np.ones_like(share)
        rest[number] = 0.0
    return np.asarray(rest / rest.sum()) if rest.sum() > 0 else rest


def _envelope(options: tuple[str, ...], at_zero: Array, slope: Array) -> tuple[Span, ...]:
    """Upper envelope of straight lines on [0, 1]; equal lines go to the first in order."""
    current = int(np.lexsort((np.arange(len(options)), -slope, -at_zero))[0])
    begin, spans = 0.0, []
    while True:
        steeper = np.flatnonzero(slope > slope[current])
        cuts = (at_zero[current] - at_zero[steeper]) / (slope[steeper] - slope[current])
        end = float(max(cuts.min(initial=1.0), begin))
        if min(end, 1.0) - begin > SHORTEST_SPAN:
            spans.append(Span(begin, min(end, 1.0), options[current]))
            begin = min(end, 1.0)
        if end >= 1.0 or not len(steeper):
            break
        tied = steeper[cuts <= end + SHORTEST_SPAN]
        current = int(tied[np.argmax(slope[tied])])
    last = spans[-1]
    return (*spans[:-1], Span(last.low, 1.0, last.first))


def _interval(at_zero: Array, slope: Array, first: int) -> tuple[Array, Array]:
    """Ends of the weights in [0, 1] at which `first` is the best, by draw, from lines (option, draw); NaN where none."""
    ahead, gains = at_zero[first] - at_zero, slope[first] - slope
    with np.errstate(divide="ignore", invalid="ignore"):
        root = -ahead / gains
    low = np.where(gains > 0, root, 0.0).max(axis=0).clip(min=0.0)
    high = np.where(gains < 0, root, 1.0).min(axis=0).clip(max=1.0)
    never = (low > high) | ((gains == 0) & (ahead < 0)).any(axis=0)
    return np.where(never, np.nan, low), np.where(never, np.nan, high)
