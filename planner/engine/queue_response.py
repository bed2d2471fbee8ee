"""How queues answer to more or fewer trucks, tabulated once and shared by all interventions of a study.

Draws differ in the spread of service and in waits; the answer ln(Q'/Q) as a function of
x = ln(trucks'/trucks) is smooth in both (in the logarithm of the wait) and is interpolated between exact nodes, then
taken as a monotone cubic in x (Fritsch & Carlson 1980), linear in trucks beyond the last node: one rising function of
trucks for every queue and draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.interpolate import CubicSpline

from planner.engine.queues import Stations
from planner.engine.series import expm1, log1p
from planner.engine.types import Array, compiled

# Logs of trucks over the baseline's. No change lies between two nodes, so that the curve is smooth there.
NODES = np.array([-5.0, -3.5, -2.5, -1.8, -1.3, -0.95, -0.7, -0.5, -0.36, -0.26, -0.18, -0.12, -0.08, -0.05, -0.025, -0.0075,
                  0.0075, 0.025, 0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.38, 0.5, 0.7, 1.0, 1.5])  # fmt: skip

LEAST = 1e-6  # hours, so that a wait of zero has a logarithm

# A spline's slopes at its nodes are linear in its values.
_SPLINE = np.asarray(CubicSpline(NODES, np.eye(len(NODES)))(NODES, 1))


def chebyshev(low: float | Array, high: float | Array, count: int) -> Array:
    """Nodes of the first kind within [low, high]; the one value where both are the same, repeated."""
    angle = np.cos((2 * np.arange(count)[::-1] + 1) * np.pi / (2 * count))
    return np.asarray(0.5 * (low + high) + 0.5 * (high - low) * angle)


def response_tables(stations: Stations, spread: Array, queue: Array) -> tuple[Array, Array]:
    """ln wait at the nodes of x, its slopes are left to `Response`; ln rate of service fitted to each node.

    spread (spread,); queue: waits in the queue to be met, hours (station, wait). Returns ln wait over the fitted one
    (station, spread, wait, node) and ln rate (station, spread, wait).
    """
    count, columns = len(queue), len(spread) * queue.shape[1]
    spreads = np.repeat(spread, queue.shape[1])[None, :] + np.zeros((count, 1))
    wanted = np.tile(np.maximum(queue, 1e-9), (1, len(spread)))
    arrivals = stations.arrivals + np.zeros((1, columns))
    fitted = Stations(stations.servers, np.ones((count, columns)), arrivals, spreads, stations.profile, stations.open)
    fitted = fitted.with_waits(wanted)
    scale = np.exp(NODES)
    many = Stations(
        stations.servers, np.repeat(fitted.service_rate, len(NODES), axis=1),
        (arrivals[:, :, None] * scale).reshape(count, -1), np.repeat(spreads, len(NODES), axis=1),
        stations.profile, stations.open,
    )  # fmt: skip
    logs = np.log(np.maximum(many.waits(), 1e-300)).reshape(count, columns, len(NODES)) - np.log(wanted)[:, :, None]
    shape = (count, len(spread), queue.shape[1])
    return logs.reshape(*shape, len(NODES)), np.log(fitted.service_rate).reshape(shape)


@dataclass(frozen=True)
class Response:
    """ln Q' of every station and draw as a monotone cubic of x: value and slope at the nodes, (station, column, node)."""

    value: Array
    slope: Array

    @classmethod
    def at(cls, spreads: Array, waits: Array, logs: Array, *, spread: Array, wait: Array) -> Response:
        """Interpolate the tables to draws: spread (column,), wait (station, column)."""
        by_spread = _lagrange(spreads[None, :], spread[None, :])
        by_wait = _by_wait(waits, wait)
        weight = by_spread[:, :, :, None] * by_wait[:, :, None, :]
        same = (np.ptp(by_spread, axis=1) == 0).all() and (np.ptp(by_wait, axis=1) == 0).all()
        if same:
            weight = weight[:, :1]
        value = np.einsum("scuv,suvx->scx", weight, logs, optimize=True)
        value = np.maximum.accumulate(value, axis=2)
        value = value - _cubic_at_zero(value)[:, :, None]
        slope = _monotone_slopes(value)
        columns = wait.shape[1]
        shape = (len(waits), columns)
        return cls(
            compiled(np.broadcast_to(value, (*shape, len(NODES)))), compiled(np.broadcast_to(slope, (*shape, len(NODES)))),
        )  # fmt: skip

    def __call__(self, ratio: Array) -> tuple[Array, Array]:
        """Q'/Q and its derivative by trucks'/trucks, both (station, column), at that ratio."""
        found = _evaluate(compiled(ratio), self.value, self.slope, NODES)
        return np.asarray(found[0]), np.asarray(found[1])


def interpolated_rates(spreads: Array, waits: Array, log_rate: Array, *, spread: Array, wait: Array) -> Array:
    """Rates of service between the tables' nodes, near to the fitted ones: spread (column,), wait (station, column)."""
    by_spread, by_wait = _lagrange(spreads[None, :], spread[None, :])[0], _by_wait(waits, wait)
    return np.asarray(np.exp(np.einsum("cu,scv,suv->sc", by_spread, by_wait, log_rate, optimize=True)))


def _by_wait(nodes: Array, wait: Array) -> Array:
    return _lagrange(np.log(np.maximum(nodes, LEAST)), np.log(np.maximum(wait, LEAST)))


def _lagrange(nodes: Array, at: Array) -> Array:
    """Weights of the nodes, (row, column, node); equal weights where all nodes are one number."""
    rows = max(len(nodes), len(at))
    count = nodes.shape[1]
    weights = np.ones((rows, at.shape[1], count))
    distinct = (np.ptp(nodes, axis=1) > 1e-15) & (count > 1)
    for one in range(count):
        for other in range(count):
            if one != other:
                gap = np.where(distinct, nodes[:, one] - nodes[:, other], 1.0)[:, None]
                weights[:, :, one] *= (at - nodes[:, other][:, None]) / gap
    return np.where(distinct[:, None, None], weights, 1.0 / count)


def _monotone_slopes(value: Array) -> Array:
    """Slopes at the nodes: those of the cubic spline, limited so that the curve rises where its nodes rise."""
    rise = np.diff(value, axis=2) / np.diff(NODES)
    slope = np.einsum("ij,scj->sci", _SPLINE, value, optimize=True)
    limit = np.empty_like(slope)
    limit[:, :, 1:-1] = 3 * np.minimum(rise[:, :, :-1], rise[:, :, 1:])
    limit[:, :, 0], limit[:, :, -1] = rise[:, :, 0], rise[:, :, -1]
    return np.asarray(np.clip(slope, 0.0, limit))


def _cubic_at_zero(value: Array) -> Array:
    """The curve at x = 0, which lies between two nodes, before it is moved to pass through zero there."""
    slope = _monotone_slopes(value)
    here = int(np.searchsorted(NODES, 0.0)) - 1
    width = NODES[here + 1] - NODES[here]
    part = -NODES[here] / width
    left, right = value[:, :, here], value[:, :, here + 1]
    rise_left, rise_right = slope[:, :, here] * width, slope[:, :, here + 1] * width
    bent = rise_left + rise_right - 2 * (right - left)
    return np.asarray(left + part * (rise_left + part * (right - left - rise_left - bent + part * bent)))


@njit(cache=True, nogil=True, error_model="numpy")
def _evaluate(ratio: Array, value: Array, slope: Array, nodes: Array) -> tuple[Array, Array]:
    """Station by station, so that logarithms and exponentials of its draws vectorise: most are near to one."""
    stations, columns = ratio.shape
    last = nodes.size - 1
    middle = np.searchsorted(nodes, 0.0) - 1
    waits, by_ratio = np.empty((stations, columns)), np.empty((stations, columns))
    logs, room = np.empty(columns), np.empty(columns)
    for station in range(stations):
        for column in range(columns):
            room[column] = ratio[station, column] - 1.0 if ratio[station, column] > 0.0 else 0.0
        log1p(room, logs)
        for column in range(columns):
            x = logs[column]
            if x <= nodes[0]:
                steep = slope[station, column, 0]
                room[column] = value[station, column, 0] + steep * (x - nodes[0])
            elif x >= nodes[last]:
                steep = slope[station, column, last]
                grown = 1.0 + steep * np.expm1(x - nodes[last])
                room[column] = value[station, column, last] + np.log(grown)
                steep = steep * np.exp(x - nodes[last]) / grown
            else:
                cell = middle
                while nodes[cell + 1] < x:
                    cell += 1
                while nodes[cell] >= x:
                    cell -= 1
                width = nodes[cell + 1] - nodes[cell]
                part = (x - nodes[cell]) / width
                left, right = value[station, column, cell], value[station, column, cell + 1]
                one, other = slope[station, column, cell] * width, slope[station, column, cell + 1] * width
                bent = one + other - 2 * (right - left)
                bow = right - left - one - bent
                room[column] = left + part * (one + part * (bow + part * bent))
                steep = (one + part * (2 * bow + 3 * part * bent)) / width
            by_ratio[station, column] = steep
        expm1(room, waits[station])
        for column in range(columns):
            trucks = ratio[station, column]
            waits[station, column] = 1.0 + waits[station, column] if trucks > 0.0 else 0.0
            by_ratio[station, column] = (
                waits[station, column] * by_ratio[station, column] / trucks if trucks > 0.0 else 0.0
            )
    return waits, by_ratio
