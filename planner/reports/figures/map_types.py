"""What the map shows, and the bounds of its colour classes."""

from collections.abc import Sequence
from dataclasses import dataclass

from planner.reports.figures.projection import Point

Rings = Sequence[Sequence[Point]]

BALANCE_BOUNDS = (-0.3, -0.1, 0.1, 0.3)
WAIT_CLASSES = ((2, 4, 6), (5, 10, 15), (10, 20, 30), (15, 30, 60))
UNKNOWN_WAIT = "#aab3bd"


@dataclass(frozen=True)
class MapRegion:
    """A place of the map; `normalised_balance` is None where it trades nothing or is a hinterland."""

    identifier: str
    name: str
    longitude: float
    latitude: float
    normalised_balance: float | None


@dataclass(frozen=True)
class MapCrossing:
    """A crossing with its trade in both directions and the longer of its two mean waits."""

    name: str
    longitude: float
    latitude: float
    trade_musd: float
    wait_minutes: float | None
    assumed: bool


@dataclass(frozen=True)
class MapFlow:
    """Trade between two regions in both directions together."""

    first: str
    second: str
    value_musd: float
