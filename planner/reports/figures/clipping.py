"""Polygons cut to the window of a map, and where a label sits in what is left."""

from collections.abc import Callable, Sequence

from planner.reports.figures.projection import Point
from planner.reports.figures.svg import Box


def clip_ring(ring: Sequence[Point], window: Box) -> list[Point]:
    """The part of a polygon inside the window (Sutherland-Hodgman, one side after the other)."""
    points = list(ring)
    sides: list[tuple[Callable[[Point], bool], int, float]] = [
        (lambda p: p[0] >= window.left, 0, window.left),
        (lambda p: p[0] <= window.right, 0, window.right),
        (lambda p: p[1] >= window.top, 1, window.top),
        (lambda p: p[1] <= window.bottom, 1, window.bottom),
    ]
    for inside, axis, bound in sides:
        points = _clip_side(points, inside, axis, bound)
        if not points:
            return []
    return points


def _clip_side(points: Sequence[Point], inside: Callable[[Point], bool], axis: int, bound: float) -> list[Point]:
    kept: list[Point] = []
    for place, point in enumerate(points):
        before = points[place - 1]
        if inside(point) != inside(before):
            share = (bound - before[axis]) / (point[axis] - before[axis])
            kept.append((before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])))
        if inside(point):
            kept.append(point)
    return kept


def area(ring: Sequence[Point]) -> float:
    return abs(_twice_area(ring)) / 2


def centroid(ring: Sequence[Point]) -> Point:
    """Centre of area; the mean of the points where the ring has none."""
    twice = _twice_area(ring)
    if abs(twice) < 1e-9:
        return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)
    x_sum = y_sum = 0.0
    for place, (x, y) in enumerate(ring):
        x0, y0 = ring[place - 1]
        cross = x0 * y - x * y0
        x_sum += (x0 + x) * cross
        y_sum += (y0 + y) * cross
    return x_sum / (3 * twice), y_sum / (3 * twice)


def _twice_area(ring: Sequence[Point]) -> float:
    return sum(ring[place - 1][0] * y - x * ring[place - 1][1] for place, (x, y) in enumerate(ring))
