"""Draws of uncertain numbers, the same for every intervention, and the summary of what comes out (model.md 9)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy.stats import qmc

from planner.engine.baseline import Baseline
from planner.engine.parameters import KEYS, base_key, lookup
from planner.engine.types import Array, Channel, Parameter, Parameters

INTERVAL = (0.05, 0.5, 0.95)


def triangular(uniform: Array, low: float, central: float, high: float) -> Array:
    """Quantiles of the triangular distribution (low, central, high) at `uniform` in [0, 1]; any shape."""
    if high <= low:
        return np.full_like(uniform, central)
    mode = (central - low) / (high - low)
    rising = low + np.sqrt(uniform * (high - low) * (central - low))
    falling = high - np.sqrt((1 - uniform) * (high - low) * (high - central))
    return np.asarray(np.where(uniform < mode, rising, falling))


def latin_hypercube(name: str, draws: int, seed: int) -> Array:
    """One dimension of a Latin hypercube, (draw,): one point per stratum, in an order that belongs to `name`.

    Dimensions of a Latin hypercube are independent permutations of strata. Seeding each by its name makes a number's
    draws the same whatever else is drawn: adding an intervention changes no other one's result.
    """
    digest = hashlib.sha256(f"{seed}|{name}".encode()).digest()
    sampler = qmc.LatinHypercube(d=1, rng=np.random.default_rng(np.frombuffer(digest, dtype=np.uint32)))
    return np.asarray(sampler.random(draws)[:, 0])


class Triangle(NamedTuple):
    """A triangular distribution."""

    low: float
    central: float
    high: float


WAIT_PREFIX = "wait:"


def wait_name(crossing: str, economy: str) -> str:
    """The name of an uncertain measured wait among all uncertain numbers: `wait:3801>US`."""
    return f"{WAIT_PREFIX}{crossing}>{economy}"


class Draws:
    """Values of parameters and channels over `count` draws; `count = 0` gives one column of central values.

    `window` (start, stop) takes some of the columns, which then are the same as in the whole.

    Parameters that change the baseline are scenarios: they are not drawn but stay at their central values.
    """

    def __init__(self, parameters: Parameters, count: int, seed: int, window: tuple[int, int] | None = None) -> None:
        self.parameters, self.count, self.seed = parameters, count, seed
        self.window = slice(*window) if window else slice(0, max(count, 1))
        self.columns = self.window.stop - self.window.start
        self._known: dict[tuple[str, float, float, float], Array] = {}

    def parameter(self, key: str, *, economy: str = "", sector: str = "") -> Array:
        """Values of a parameter, (column,)."""
        row = lookup(self.parameters, key, economy=economy, sector=sector)
        if KEYS[base_key(row.key)].scenario:
            return np.full(self.columns, row.central)
        return self._draw(f"parameter|{row.key}|{row.sector}", row)

    def channel(self, channel: Channel) -> Array:
        """Values of a channel, (column,)."""
        return self._draw(f"channel|{channel.id}", channel)

    def measured_wait(self, baseline: Baseline, crossing: int, economy: int) -> Array:
        """Hours of a measured wait at a crossing into an economy, (column,)."""
        network, at = baseline.network, (crossing, economy)
        name = wait_name(network.crossings[crossing], baseline.accounts.economies[economy])
        ends = (float(hours[at]) for hours in (network.wait_low_hours, network.wait_hours, network.wait_high_hours))
        return self.triangle(name, Triangle(*ends))

    def triangle(self, name: str, row: Triangle) -> Array:
        """Values of an uncertain number that is no parameter and no channel, (column,)."""
        return self._draw(name, row)

    def _draw(self, name: str, row: Parameter | Channel | Triangle) -> Array:
        if self.count == 0 or row.low == row.high:
            return np.full(self.columns, row.central)
        # By its values too: draws are kept for as long as a worker lives, and an intervention may be edited meanwhile.
        key = (name, row.low, row.central, row.high)
        if key not in self._known:
            uniform = latin_hypercube(name, self.count, self.seed)[self.window]
            self._known[key] = triangular(uniform, row.low, row.central, row.high)
        return self._known[key]

    def theta(self, baseline: Baseline) -> Array:
        """Trade elasticities: a common value times the sector's factor, (sector, column)."""
        return np.stack(
            [
                self.parameter("theta", sector=sector) * self.parameter("theta_factor", sector=sector)
                for sector in baseline.accounts.sectors
            ]
        )


def quantities(values: Array) -> dict[str, float]:
    """Mean, standard deviation, 5/50/95 % quantiles and the share of negative values over draws, (draw,)."""
    low, middle, high = np.quantile(values, INTERVAL)
    return {
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)) if len(values) > 1 else 0.0,
        "q05": float(low),
        "q50": float(middle),
        "q95": float(high),
        "p_negative": float((values < 0).mean()),
    }


def quantities_by_row(values: Array) -> list[dict[str, float]]:
    """The same for each row of (row, draw): one pass for all instead of a call for each."""
    low, middle, high = np.quantile(values, INTERVAL, axis=-1)
    spread = values.std(axis=-1, ddof=1) if values.shape[-1] > 1 else np.zeros(len(values))
    columns = (values.mean(axis=-1), spread, low, middle, high, (values < 0).mean(axis=-1))
    names = ("mean", "sd", "q05", "q50", "q95", "p_negative")
    return [dict(zip(names, row, strict=True)) for row in np.stack(columns, axis=1).tolist()]


def worst_grade(grades: Iterable[str]) -> str:
    """The weakest of some evidence grades; D where there is none."""
    return max(grades, default="D")
