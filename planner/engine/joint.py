"""Waits, routes and trade solved together, in every draw (model.md 2).

The unknown is z = ln(w + W'), by station and draw: a wait on a scale on which both minutes and the hours of an overloaded
crossing are a few units. The gap z - ln(w + wait of the trucks that come at these waits) is closed by Newton steps, as
plain damping would diverge: trucks' answer times the queue's can exceed one. The queue's slope is that of the present
trucks, their answer to waits (diversion, and less trade) that of the baseline. Stations whose queue hardly answers are
updated outright. Trade answers to waits a hundred times less than routes do: it is solved anew between steps, and what
it adds to trucks enters the gap before the next pass over the routes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit

from planner.engine.cells import Cells, cell_key
from planner.engine.crossing_queues import Queues
from planner.engine.equilibrium import Equilibrium
from planner.engine.errors import SolveFailed
from planner.engine.interventions import Built
from planner.engine.queue_response import Response
from planner.engine.routes import Prepared, Routes
from planner.engine.shock import Shock
from planner.engine.types import Array, Index, Mask
from planner.engine.uncertainty import Draws

# Largest gap of waits, relative to their largest change in the draw (over draws, at central values), and in hours.
TOLERANCE, CENTRAL_TOLERANCE, LEAST_GAP = 1e-5, 1e-9, 1e-13
CLOSE = 0.02  # the gap, relative to the change of waits, at which trade is solved
PASSES = 3  # over the routes at most before it is
STEPS = 80
LONGEST_STEP = 1.0
LEAST_WAIT = 1 / 60
ANSWERS = 0.01  # product of the two answers below which a station is updated outright
ADVICE = "check for an absurd shock, or for queues that cannot serve the trucks that have no other way"

Solve = Callable[[Shock, Equilibrium | None], Equilibrium]


@dataclass(frozen=True)
class Joint:
    """An equilibrium with the waits that belong to it, hours, (station, column): stations are those of `Queues`."""

    queues: Queues
    equilibrium: Equilibrium
    wait_before: Array
    wait_after: Array
    residual: float

    @property
    def wait_change(self) -> Array:
        """Hours."""
        return np.asarray(self.wait_after - self.wait_before)


class JointSystem:
    """What all interventions of one study share in some draws: how trucks answer to waits, and queues to trucks."""

    def __init__(self, queues: Queues, draws: Draws) -> None:
        self.queues, self.draws = queues, draws
        self.routes = Routes(queues.baseline, draws)
        self.before = self.routes.wait[queues.stations]
        self.scale = self.before + LEAST_WAIT
        self.tolerance = TOLERANCE if draws.count else CENTRAL_TOLERANCE
        self.loaded = draws.parameter("loaded_truck_share")
        places = len(queues.baseline.accounts.places)
        network, goods = queues.baseline.network, queues.goods
        keys = cell_key(
            np.repeat(network.pair_origin, len(goods)), np.repeat(network.pair_destination, len(goods)),
            np.tile(goods, len(network.pair_origin)), places,
        )  # fmt: skip
        self.order: Index = np.argsort(keys)
        self.cells = Cells.from_keys(keys[self.order], places)
        self.base_volume = np.ascontiguousarray(np.repeat(queues.volume[:, :, None], draws.columns, axis=2))

    @cached_property
    def response(self) -> Response:
        """How queues answer to trucks."""
        return self.queues.response(self.draws, self.before)

    @cached_property
    def by_wait(self) -> Array:
        """d ratio of trucks / d wait at the baseline, per hour, for a response of 1 per hour: (station, station) of trade.

        At central values: of these only the response to an hour differs much between draws.
        """
        queues = self.queues
        theta = queues.central.theta(queues.baseline)[queues.goods, 0]
        response = queues.central.parameter("logit_response_per_hour")[0]
        return np.asarray(trade_by_wait(queues, theta) / queues.trade[:, None] / response)

    @cached_property
    def busy(self) -> Index:
        """Stations whose queue answers to trucks that answer to it."""
        calibration = self.queues.calibration
        slope = self.before * (1 - calibration.not_queue)[:, None] * self.response(np.ones_like(self.before))[1]
        answer = slope * self.routes.response * np.abs(np.diag(self.by_wait))[:, None]
        return np.flatnonzero(answer.max(axis=1, initial=0.0) > ANSWERS)

    @cached_property
    def trucks_by_wait(self) -> Array:
        """d ratio of trucks / d wait between busy stations, per hour: (column, station, station)."""
        own = self.by_wait
        other = np.where(self.queues.opposite[:, None] >= 0, own[self.queues.opposite], 0.0)
        among = np.ix_(self.busy, self.busy)
        strength = (self.routes.response * np.ones(self.draws.columns))[:, None, None]
        loaded = self.loaded[:, None, None]
        return np.asarray(strength * (loaded * own[among] + (1 - loaded) * other[among]))

    def ratios(self, trade: Array) -> Array:
        """Trucks over the baseline's from trade by truck over each station: empty ones follow the other direction."""
        own = trade / self.queues.trade[:, None]
        opposite = self.queues.opposite
        other = np.where(opposite[:, None] >= 0, own[opposite], 1.0)
        return np.asarray(np.maximum(self.loaded * own + (1 - self.loaded) * other, 0.0))

    def volumes(self, equilibrium: Equilibrium) -> Array:
        """Trade of pairs at the baseline's prices, (pair, good, column)."""
        model, answer = equilibrium.model, equilibrium.answer
        price = answer.supply ** (-1 / model.theta[:, None, :])
        found = np.empty_like(self.base_volume).reshape(len(self.order), -1)
        found[self.order] = equilibrium.sales(self.cells) / price[self.cells.sector, self.cells.origin]
        return found.reshape(self.base_volume.shape)


def route_slopes(routes: Routes) -> tuple[Array, Array]:
    """d ln d / d hour (row, good) and kappa (row, good) of trucks at the first column's baseline."""
    network, goods = routes.network, routes.baseline.goods
    rows = np.arange(len(network.row_pair))
    station = np.maximum(routes.station, 0)
    before = routes.road(rows) + routes.wait[station] + routes.handling()
    worth = routes.worth[routes.entered]
    full = worth + routes.truck_cost * before + routes.fee[station]
    time = routes.time_value[goods, 0]
    slope = time[None, :] + (routes.truck_cost / full)[:, :1]
    kappa = routes.response[0] / (time[None, :] + (routes.truck_cost / worth)[:, :1])
    return slope, np.maximum(kappa, routes.mode_elasticity[0])


def trade_by_wait(queues: Queues, theta: Array | None = None) -> Array:
    """d trade by truck over a station / d wait at another at central values, per hour (station, station).

    theta (good,): with the answer of a pair's trade to its own cost at given prices; None: at given trade of pairs.
    """
    routes = Routes(queues.baseline, queues.central)
    network, goods = queues.baseline.network, queues.goods
    slope, kappa = route_slopes(routes)
    return np.asarray(_trade_by_wait(
        *network.starts, np.ascontiguousarray(network.within[:, goods]),
        np.ascontiguousarray(network.groups[2][:, goods]), queues.bins, slope, kappa, float(routes.mode_elasticity[0]),
        np.zeros(len(goods)) if theta is None else theta, queues.volume, len(queues),
    ))  # fmt: skip


@njit(cache=True, nogil=True)
def _trade_by_wait(
    pair_start: Index, group_start: Index, within: Array, group_share: Array, bins: Index, slope: Array, kappa: Array,
    mu: float, theta: Array, volume: Array, count: int,
) -> Array:  # fmt: skip
    """d trade over a station / d wait at another: the slopes of the nested choice, and of the pair's trade at given prices."""
    total = np.zeros((count, count))
    for pair in range(volume.shape[0]):
        for good in range(volume.shape[1]):
            for group in range(pair_start[pair], pair_start[pair + 1]):
                share = group_share[group, good]
                for row in range(group_start[group], group_start[group + 1]):
                    if bins[row] < 0 or within[row, good] == 0.0:
                        continue
                    carried = volume[pair, good] * share * within[row, good]
                    total[bins[row], bins[row]] -= carried * kappa[row, good] * slope[row, good]
                    for other in range(group_start[group], group_start[group + 1]):
                        if bins[other] >= 0:
                            pull = kappa[row, good] - mu * (1 - share) - theta[good] * share
                            total[bins[row], bins[other]] += carried * pull * slope[other, good] * within[other, good]
    return total


class JointSolve:
    """One intervention in the draws of a `JointSystem`."""

    def __init__(self, system: JointSystem, built: Built, solve: Solve) -> None:
        self.system, self.built, self.solve = system, built, solve
        self.queues, self.waiting = system.queues, built.waiting
        start = self.waiting.everywhere(np.zeros_like(system.before))
        self.prepared = Prepared(built.routes, built.change, start).everywhere()

    def run(self) -> Joint:
        """Raises `SolveFailed` naming the station with the largest gap, and what solving trade raises."""
        first = self.waiting.direct()
        if self.built.shock.is_null and not self.waiting.change.any:
            equilibrium = self.solve(self.built.shock, None)
            moved = self._gap_of(first, self.system.base_volume, self.trade(first, self.system.base_volume)[1])
            if not np.abs(moved).max(initial=0.0) > LEAST_GAP and equilibrium.iterations <= 1:
                return self.joint(equilibrium, first, 0.0)
        return _Iteration(self, first).run()

    def trade(self, wait_change: Array, volume: Array) -> tuple[Array, Array]:
        wide = self.waiting.everywhere(wait_change)
        return self.prepared.at_waits(wide, volume, self.queues.bins, len(self.queues))

    def shock(self, log_cost: Array) -> Shock:
        """The whole shock at the routes' costs (pair, good, column)."""
        values = log_cost.reshape(len(self.system.order), -1)[self.system.order]
        return self.built.parts.shock(self.system.cells, values)

    def _gap_of(self, wait_change: Array, volume: Array, trade: Array) -> Array:
        after, _ = self.waiting.after(self.system.ratios(trade), self.system.response)
        return np.asarray(self.system.before + wait_change - after)

    def joint(self, equilibrium: Equilibrium, wait_change: Array, residual: float) -> Joint:
        before = self.system.before
        return Joint(self.queues, equilibrium, before, before + wait_change, residual)

    def fail(self, gap: Array, bad: Mask, steps: int) -> SolveFailed:
        """The error that names the station where the gap is largest."""
        worst = int(np.argmax(np.where(np.isfinite(gap), np.abs(gap), np.inf)[:, bad].max(axis=1)))
        crossing, economy = self.queues.names[worst]
        size = float(np.abs(gap[worst, bad]).max())
        return SolveFailed(steps, size, f"the wait at {crossing} into {economy}", int(bad.sum()), ADVICE)


class _Iteration:
    """Newton steps on ln(w + W'), by columns."""

    def __init__(self, problem: JointSolve, first: Array) -> None:
        self.problem, self.system = problem, problem.system
        self.log_wait = np.log(self.system.scale + np.maximum(self.system.before + first, 0.0))
        self.volume = self.system.base_volume
        self.equilibrium: Equilibrium | None = None
        self.error = np.full(self.log_wait.shape[1], np.inf)
        self.length = np.ones(self.log_wait.shape[1])

    @property
    def wait_change(self) -> Array:
        """Hours; the part of z below a wait of zero is none."""
        return np.asarray(np.maximum(np.exp(self.log_wait) - self.system.scale, 0.0) - self.system.before)

    def run(self) -> Joint:
        """Passes over the routes and rounds of trade until the waits are those of the trucks that come."""
        since = 0 if self.problem.waiting.change.any else PASSES
        for _ in range(STEPS):
            log_cost, trade = self.problem.trade(self.wait_change, self.volume)
            gap, hours, slope = self._gaps(trade)
            since += 1
            if since > PASSES or self._settled(hours, CLOSE).all():
                since = 0
                self.equilibrium = self.problem.solve(self.problem.shock(log_cost), self.equilibrium)
                volume = self.system.volumes(self.equilibrium)
                added = (volume - self.volume).reshape(-1, volume.shape[-1])
                self.volume = volume
                gap, hours, slope = self._gaps(np.maximum(trade + self.system.queues.shares @ added, 0.0))
                if self._settled(hours, self.system.tolerance).all():
                    size = float(np.abs(hours).max(initial=0.0))
                    return self.problem.joint(self.equilibrium, self.wait_change, size)
            self._step(gap, hours, slope)
        raise self.problem.fail(hours, ~self._settled(hours, self.system.tolerance), STEPS)

    def _gaps(self, trade: Array) -> tuple[Array, Array, Array]:
        """Gaps of ln(w + W') and of W' in hours, and d ln(w + W')/d ratio of trucks, all (station, column)."""
        system = self.system
        after, slope = self.problem.waiting.after(system.ratios(trade), system.response)
        reach = system.scale + after
        return self.log_wait - np.log(reach), system.before + self.wait_change - after, slope / reach

    def _settled(self, hours: Array, tolerance: float) -> Mask:
        change = np.abs(self.wait_change).max(axis=0, initial=0.0)
        return np.asarray(np.abs(hours).max(axis=0, initial=0.0) <= tolerance * change + LEAST_GAP)

    def _step(self, gap: Array, hours: Array, slope: Array) -> None:
        """A Newton step at the busy stations, an update of the others; shorter where the last one made it worse."""
        error = np.abs(gap).max(axis=0, initial=0.0)
        self.length = np.where(
            error > self.error, np.maximum(0.5 * self.length, 0.1), np.minimum(1.5 * self.length, 1.0)
        )
        self.error = error
        step = -gap
        busy = self.system.busy
        if len(busy):
            reach = np.exp(self.log_wait[busy]).T[:, None, :]
            jacobian = np.eye(len(busy)) - slope[busy].T[:, :, None] * self.system.trucks_by_wait * reach
            step[busy] = np.linalg.solve(jacobian, -gap[busy].T[:, :, None])[:, :, 0].T
        longest = np.abs(step).max(axis=0, initial=0.0)
        step *= self.length * np.minimum(1.0, LONGEST_STEP / np.maximum(longest, 1e-300))
        active = ~self._settled(hours, 0.01 * self.system.tolerance) & np.isfinite(step).all(axis=0)
        self.log_wait = np.maximum(self.log_wait + np.where(active, step, 0.0), np.log(self.system.scale))
