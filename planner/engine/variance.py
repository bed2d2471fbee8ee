"""Which uncertain numbers an outcome's spread comes from: first-order shares of its variance (model.md 9).

Method. Inputs are drawn independently (Latin hypercube), and the outcome is known in every draw. `linear` regresses the
standardised outcome on the standardised inputs: R2 is the share of variance that straight lines explain, split in
proportion to the squared coefficients, which for independent inputs are the shares themselves; scaling them to R2 takes
out what inputs correlate by chance in a finite sample. `rank` does the same on ranks, which suits monotone outcomes that
are not straight; its shares are of the variance of ranks. `binned` needs no shape: the correlation ratio, the variance of
the outcome's mean over equally filled bins of an input, less what bins of noise would show, is a first-order Sobol index
(a little below zero where there is nothing). What is left to 1 is named `unexplained`: interactions and curvature that the
method does not see. `auto` takes straight lines where their adjusted R2 is at least 0.7 (Saltelli et al. 2008), else bins.
A share below `noise` (the 95 % bound of what an input without influence shows at this number of draws) is not told apart
from zero. Fixed inputs have no share.

Sources: Saltelli et al., Global Sensitivity Analysis (2008), chapters 1 and 4; Kelley's correction of the correlation
ratio, PNAS 21 (1935).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import f, rankdata

from planner.engine.baseline import Baseline
from planner.engine.parameters import KEYS, base_key, complete_parameters
from planner.engine.types import Array, Channel, Mask, Parameters
from planner.engine.uncertainty import Draws, wait_name

METHODS = ("auto", "linear", "rank", "binned")
STRAIGHT_ENOUGH = 0.7
LEAST_SPREAD = 1e-12  # of the largest absolute value, or of the variance: less is rounding
NOISE_BOUND = 0.95
LEAST_DRAWS, LEAST_BINS, MOST_BINS = 50, 3, 50  # of the bins


@dataclass(frozen=True)
class VarianceShares:
    """Shares of an outcome's variance by input, (input,), in the order given; NaN everywhere if the outcome does not vary.

    explained: their sum (R2 for `linear` and `rank`); adjusted: the same less what chance explains; unexplained: the rest
    to 1. noise: a share below it is not told apart from zero. sign: whether the outcome rises (1) or falls (-1) with the
    input, by rank correlation; 0 for a fixed input.
    """

    method: str
    names: tuple[str, ...]
    shares: Array
    sign: Array
    explained: float
    adjusted: float
    unexplained: float
    noise: float

    def largest(self, count: int = 10) -> list[tuple[str, float, int]]:
        """Name, share and sign of the inputs told apart from zero, largest first, then by name."""
        told = [
            (name, float(share), int(sign))
            for name, share, sign in zip(self.names, self.shares, self.sign, strict=True)
            if share > self.noise
        ]
        return sorted(told, key=lambda row: (-row[1], row[0]))[:count]


def variance_shares(names: Sequence[str], inputs: Array, outcome: Array, method: str = "auto") -> VarianceShares:
    """Shares of the variance of `outcome` (draw,) by inputs (input, draw).

    ValueError for shapes that do not fit, numbers that are not finite, an unknown method, or too few draws for it (a
    regression needs two more than there are inputs that vary, bins need 50).
    """
    outcome, inputs = np.asarray(outcome, dtype=float), np.asarray(inputs, dtype=float)
    varies = _spread(inputs)
    _check(names, inputs, outcome, method, int(varies.sum()))
    names = tuple(names)
    if not _spread(outcome[None, :])[0]:
        empty = np.full(len(names), np.nan)
        return VarianceShares(method, names, empty, np.zeros(len(names)), *[float("nan")] * 4)
    moving, draws = inputs[varies], outcome.size
    sign = np.zeros(len(names))
    sign[varies] = np.sign(_standard(_ranks(moving)) @ _standard(_ranks(outcome)))
    chosen = _choose(moving, outcome, method)
    shares = np.zeros(len(names))
    if chosen == "binned":
        count = bins(draws)
        shares[varies] = correlation_ratio(moving, outcome, count)
        bound = float(f.ppf(NOISE_BOUND, count - 1, draws - count))
        noise = (bound - 1) * (count - 1) / (bound * (count - 1) + draws - count)
        explained = adjusted = float(shares.sum())
    else:
        ranked = chosen == "rank"
        shares[varies] = regression_shares(_ranks(moving) if ranked else moving, _ranks(outcome) if ranked else outcome)
        explained = float(shares.sum())
        adjusted = _adjusted(explained, len(moving), draws)
        freedom = draws - len(moving) - 1
        noise = max((1 - explained) / freedom * float(f.ppf(NOISE_BOUND, 1, freedom)), LEAST_SPREAD)
    return VarianceShares(chosen, names, shares, sign, explained, adjusted, 1 - explained, noise)


def regression_shares(inputs: Array, outcome: Array) -> Array:
    """Squared standardised coefficients scaled to add up to R2, (input,), from independent inputs (input, draw) that vary."""
    if not len(inputs):
        return np.zeros(0)
    standard, target = _standard(inputs), _standard(outcome)
    squares = np.linalg.lstsq(standard.T, target, rcond=None)[0]
    residual = target - squares @ standard
    squares = squares**2
    explained = 1 - float(residual @ residual)
    return np.asarray(squares * (explained / squares.sum()))


def correlation_ratio(inputs: Array, outcome: Array, count: int) -> Array:
    """Share of the outcome's variance between `count` equally filled bins of each input (input, draw), less chance, (input,)."""
    draws = outcome.size
    order = np.argsort(inputs, axis=1, kind="stable")
    edges = np.linspace(0, draws, count + 1).astype(int)
    centred = (outcome - outcome.mean())[order]
    sums = np.add.reduceat(centred, edges[:-1], axis=1)
    between = (sums**2 / np.diff(edges)).sum(axis=1)
    total = float(((outcome - outcome.mean()) ** 2).sum())
    within = (total - between) / (draws - count)
    return np.asarray((between - (count - 1) * within) / total)


def bins(draws: int) -> int:
    """Number of bins, half the root of the number of draws: more follow the curve better, fewer let less noise through."""
    return int(np.clip(round(np.sqrt(draws) / 2), LEAST_BINS, MOST_BINS))


def drawn_inputs(
    parameters: Parameters, channels: Iterable[Channel], *, draws: int, seed: int, baseline: Baseline | None = None
) -> tuple[tuple[str, ...], Array]:
    """Names and values (input, draw) of all numbers that vary in an estimate: parameters, channels, a baseline's waits.

    The draws are those of the estimate with the same count and seed. A parameter is named by its key and sector, a channel
    by its id, a measured wait (hours) as `uncertainty.wait_name` does.
    """
    complete = complete_parameters(parameters)
    source = Draws(complete, draws, seed)
    found: dict[str, Array] = {}
    for row in complete:
        if row.low < row.high and not KEYS[base_key(row.key)].scenario:
            _, _, economy = row.key.partition(":")
            name = f"{row.key} ({row.sector})" if row.sector else row.key
            found[name] = source.parameter(base_key(row.key), economy=economy, sector=row.sector)
    for channel in channels:
        if channel.low < channel.high:
            found[channel.id] = source.channel(channel)
    if baseline is not None:
        network = baseline.network
        for crossing, economy in np.argwhere(network.wait_low_hours < network.wait_high_hours):
            name = wait_name(network.crossings[crossing], baseline.accounts.economies[economy])
            found[name] = source.measured_wait(baseline, int(crossing), int(economy))
    return tuple(found), np.stack(list(found.values())) if found else np.zeros((0, draws))


def _choose(inputs: Array, outcome: Array, method: str) -> str:
    """The method itself, or what `auto` stands for here."""
    if method != "auto":
        return method
    if outcome.size < len(inputs) + 2:
        return "binned"
    straight = float(regression_shares(inputs, outcome).sum()) if len(inputs) else 0.0
    return "linear" if _adjusted(straight, len(inputs), outcome.size) >= STRAIGHT_ENOUGH else "binned"


def _adjusted(explained: float, count: int, draws: int) -> float:
    return 1 - (1 - explained) * (draws - 1) / (draws - count - 1)


def _ranks(values: Array) -> Array:
    return np.asarray(rankdata(values, axis=-1))


def _standard(values: Array) -> Array:
    """Centred and of length 1 along the draws."""
    centred = values - values.mean(axis=-1, keepdims=True)
    return np.asarray(centred / np.sqrt((centred**2).sum(axis=-1, keepdims=True)))


def _spread(values: Array) -> Mask:
    """Which rows vary by more than rounding."""
    if not values.size:
        return np.zeros(len(values), dtype=bool)
    return np.asarray(np.ptp(values, axis=-1) > LEAST_SPREAD * np.abs(values).max(axis=-1))


def _check(names: Sequence[str], inputs: Array, outcome: Array, method: str, moving: int) -> None:
    problems = []
    if method not in METHODS:
        problems.append(f"unknown method {method!r}; expected one of {', '.join(METHODS)}")
    if outcome.ndim != 1 or inputs.shape != (len(names), outcome.size):
        problems.append(
            f"inputs of shape {inputs.shape}, outcome {outcome.shape}; expected ({len(names)}, draw) and (draw,)"
        )
    else:
        problems += [
            f"{name}: not a finite number in every draw"
            for name, values in zip([*names, "outcome"], [*inputs, outcome], strict=True)
            if not np.isfinite(values).all()
        ]
        if method in ("linear", "rank") and outcome.size < moving + 2:
            problems.append(
                f"{outcome.size} draws for {moving} inputs; expected at least {moving + 2}, or method 'binned'"
            )
        if method in ("auto", "binned") and outcome.size < LEAST_DRAWS:
            problems.append(f"{outcome.size} draws; expected at least {LEAST_DRAWS}")
    if problems:
        raise ValueError("; ".join(problems))
