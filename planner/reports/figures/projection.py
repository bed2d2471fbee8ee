"""Albers equal-area conic projection, its parallels chosen from what is to be shown."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Albers:
    """Longitude and latitude in degrees to plane coordinates, y upwards (Snyder 1987, eq. 14-1 to 14-6, sphere of radius 1)."""

    central_meridian: float
    n: float
    c: float
    rho0: float

    def __call__(self, longitude: float, latitude: float) -> Point:
        # The shorter way round the globe keeps the Aleutians beside Alaska.
        turn = (longitude - self.central_meridian + 180.0) % 360.0 - 180.0
        theta = self.n * math.radians(turn)
        rho = math.sqrt(max(self.c - 2 * self.n * math.sin(math.radians(latitude)), 0.0)) / self.n
        return rho * math.sin(theta), self.rho0 - rho * math.cos(theta)


def albers(points: Sequence[Point]) -> Albers:
    """The projection for the (longitude, latitude) points: parallels at a sixth from their southern and northern ends."""
    longitudes = [longitude for longitude, _ in points]
    latitudes = [latitude for _, latitude in points]
    south, north = min(latitudes), max(latitudes)
    span = max(north - south, 1.0)
    first, second = math.radians(south + span / 6), math.radians(north - span / 6)
    n = (math.sin(first) + math.sin(second)) / 2
    if abs(n) < 1e-3:
        # Parallels symmetric about the equator make the cone a cylinder; a shallow cone is indistinguishable here.
        n = math.copysign(1e-3, n or 1.0)
    c = math.cos(first) ** 2 + 2 * n * math.sin(first)
    middle = math.radians((south + north) / 2)
    return Albers((min(longitudes) + max(longitudes)) / 2, n, c, math.sqrt(max(c - 2 * n * math.sin(middle), 0.0)) / n)


def simplify(ring: Sequence[Point], tolerance: float) -> list[Point]:
    """The ring without points closer than the tolerance to the one kept before."""
    kept: list[Point] = []
    for point in ring:
        if not kept or math.dist(point, kept[-1]) >= tolerance:
            kept.append(point)
    return kept
