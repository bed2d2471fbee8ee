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

from planner.engine.cells import Cells, cell_key
from planner.engine.crossing_queues import Queues
from planner.engine.equilibrium import Equilibrium
from planner.engine.errors import SolveFailed
from planner.engine.interventions import Built
from planner.engine.queue_response import Response
from planner.engine.routes import Prepared, Routes
from planner.engine.shock import Shock
from planner.engine.truck_answers import Answers, trade_by_wait, trucks_by_wait
from planner.engine.types import Array, Index, Mask
from planner.engine.uncertainty import Draws

# Largest gap of waits, relative to their largest change in the draw (over draws, at central values), and in hours.
TOLERANCE, CENTRAL_TOLERANCE, LEAST_GAP = 2e-5, 1e-9, 1e-13
CLOSE = 0.05  # the gap, relative to the change of waits, at which trade is solved
PASSES = 3  # over the routes at most before it is
STEPS = 80
LONGEST_STEP = 1.0
LEAST_WAIT = 1 / 60
ANSWERS, BUSY = 0.01, 0.05  # product of the two answers below which a station is updated outright, and stays so
MEMORY = 6  # earlier steps that Anderson's mixing looks at
ACCEPTED = 1e-4  # largest gap, relative to the change of waits, with which the last of all steps may end
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
        """How trade over each station answers to its own wait at central values, per hour: (station,)."""
        return self.by_wait_without(None)

    def by_wait_without(self, closed: Index | None) -> Array:
        """The same where rows are closed: who has no other way left does not answer."""
        queues = self.queues
        routes, theta = Routes(queues.baseline, queues.central), queues.central.theta(queues.baseline)[queues.goods]

        def found() -> Array:
            own = np.diag(trade_by_wait(queues, routes, theta, closed)[:, :, 0])
            return np.asarray(np.abs(own) / queues.trade / routes.response[0])

        return self._kept(b"own", closed, found)

    def _kept(self, name: bytes, closed: Index | None, make: Callable[[], Array]) -> Array:
        """What depends on central values only, made once for all studies of the baseline."""
        key = name if closed is None else name + b"|" + np.unique(closed).tobytes()
        known = self.queues.answers
        if key not in known:
            known[key] = make()
        return known[key]

    @cached_property
    def slope(self) -> Array:
        """dW/d ratio of trucks at the baseline, hours (station, column)."""
        in_queue = self.before * (1 - self.queues.calibration.not_queue)[:, None]
        return np.asarray(in_queue * self.response(np.ones_like(self.before))[1])

    @cached_property
    def usual(self) -> Answers:
        """Trucks' answers between the stations that queue at the baseline."""
        return self.answers(self.busy(self.by_wait, self.slope, ANSWERS))

    def busy(self, by_wait: Array, slope: Array, least: float) -> Index:
        """Stations at which the queue's slope (station, column) times trucks' answer is not small."""
        answer = slope * self.routes.response * by_wait[:, None]
        return np.flatnonzero(answer.max(axis=1, initial=0.0) > least)

    def answers(self, busy: Index, closed: Index | None = None) -> Answers:
        """Trucks' answers between busy stations, draw by draw."""
        queues, theta = self.queues, self.draws.theta(self.queues.baseline)[self.queues.goods]
        if self.draws.count:
            trucks = trucks_by_wait(queues, self.routes, theta, busy, closed)
        else:  # all columns are alike
            routes = Routes(queues.baseline, queues.central)
            trucks = self._kept(
                busy.tobytes(), closed, lambda: trucks_by_wait(queues, routes, theta[:, :1], busy, closed)
            )
        return Answers(np.broadcast_to(trucks, (self.draws.columns, *trucks.shape[1:])), busy, self.slope)

    def ratios(self, trade: Array) -> Array:
        """Trucks over the baseline's from trade by truck over each station: empty ones follow the other direction."""
        own = trade / self.queues.trade[:, None]
        opposite = self.queues.opposite
        other = np.where(opposite[:, None] >= 0, own[opposite], 1.0)
        return np.asarray(np.maximum(self.loaded * own + (1 - self.loaded) * other, 0.0))

    def volumes(self, equilibrium: Equilibrium) -> Array:
        """Trade of pairs at the baseline's prices, (pair, good, column)."""
        model, answer = equilibrium.model, equilibrium.answer
        at_given_prices = answer.supply ** (1 + 1 / model.theta[:, None, :])
        found = np.empty_like(self.base_volume).reshape(len(self.order), -1)
        found[self.order] = model.sales_at(self.cells, answer, at_given_prices)
        return found.reshape(self.base_volume.shape)


class JointSolve:
    """One intervention in the draws of a `JointSystem`."""

    def __init__(self, system: JointSystem, built: Built, solve: Solve) -> None:
        self.system, self.built, self.solve = system, built, solve
        self.queues, self.waiting = system.queues, built.waiting
        start = self.waiting.everywhere(np.zeros_like(system.before))
        self.prepared = Prepared(built.routes, built.change, start).everywhere()
        self.closed, self.by_wait, self.answers = None, system.by_wait, system.usual
        if built.change.closed:
            self.closed = np.concatenate(built.change.closed)
            self.by_wait = system.by_wait_without(self.closed)
            self.answers = system.answers(self.answers.busy, self.closed)

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

    def answers_at(self, slope: Array) -> Answers:
        """With the stations that have become busy at the queues' slopes dW/d ratio, hours (station, column)."""
        more = self.system.busy(self.by_wait, slope, BUSY)
        if not np.isin(more, self.answers.busy).all():
            self.answers = self.system.answers(np.union1d(self.answers.busy, more), self.closed)
        return self.answers

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
        where, columns = f"the wait at {crossing} into {economy}", [int(column) for column in np.flatnonzero(bad)]
        return SolveFailed(steps, size, where, len(columns), ADVICE, columns)


class _Iteration:
    """Newton steps on ln(w + W'), by columns."""

    def __init__(self, problem: JointSolve, first: Array) -> None:
        self.problem, self.system = problem, problem.system
        self._move_to(np.log(self.system.scale + np.maximum(self.system.before + first, 0.0)))
        self.volume = self.system.base_volume
        self.equilibrium: Equilibrium | None = None
        self.moves: list[Array] = []
        self.turns: list[Array] = []
        self.last: Array | None = None

    def _move_to(self, log_wait: Array) -> None:
        """wait_change: hours; the part of z below a wait of zero is none."""
        self.log_wait = log_wait
        self.wait_change = np.maximum(np.exp(log_wait) - self.system.scale, 0.0) - self.system.before
        self.largest = np.abs(self.wait_change).max(axis=0, initial=0.0)

    def run(self) -> Joint:
        """Passes over the routes and rounds of trade until the waits are those of the trucks that come."""
        since = 0 if self.problem.waiting.change.any else PASSES
        for number in range(STEPS):
            log_cost, trade = self._trade(number)
            gap, hours, slope = self._gaps(trade)
            since += 1
            if since > PASSES or self._settled(hours, CLOSE).all():
                if since > 1:
                    self.moves, self.turns, self.last = [], [], None
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
        bad = ~self._settled(hours, ACCEPTED)
        if self.equilibrium is None or bad.any():
            raise self.problem.fail(hours, bad, STEPS)
        return self.problem.joint(self.equilibrium, self.wait_change, float(np.abs(hours).max(initial=0.0)))

    def _trade(self, number: int) -> tuple[Array, Array]:
        if number == 0 and not self.problem.waiting.change.any:
            # No wait and no route has changed yet.
            return np.zeros_like(self.volume), np.repeat(
                self.system.queues.trade[:, None], self.volume.shape[-1], axis=1
            )
        return self.problem.trade(self.wait_change, self.volume)

    def _gaps(self, trade: Array) -> tuple[Array, Array, Array]:
        """Gaps of ln(w + W') and of W' in hours, and d ln(w + W')/d ratio of trucks, all (station, column)."""
        system = self.system
        after, slope = self.problem.waiting.after(system.ratios(trade), system.response)
        reach = system.scale + after
        return self.log_wait - np.log(reach), system.before + self.wait_change - after, slope / reach

    def _settled(self, hours: Array, tolerance: float) -> Mask:
        return np.asarray(np.abs(hours).max(axis=0, initial=0.0) <= tolerance * self.largest + LEAST_GAP)

    def _step(self, gap: Array, hours: Array, slope: Array) -> None:
        """A Newton step at the busy stations, an update of the others, mixed with earlier ones (Anderson 1965)."""
        reach, step = np.exp(self.log_wait), -gap
        answers = self.problem.answers_at(slope * reach)
        busy = answers.busy
        if len(busy):
            step[busy] = answers.step((gap * reach)[busy], (slope * reach)[busy]) / reach[busy]
        taken = self._mixed(step)
        taken *= np.minimum(1.0, LONGEST_STEP / np.maximum(np.abs(taken).max(axis=0, initial=0.0), 1e-300))
        active = ~self._settled(hours, 0.01 * self.system.tolerance) & np.isfinite(taken).all(axis=0)
        before = self.log_wait
        self._move_to(np.maximum(before + np.where(active, taken, 0.0), np.log(self.system.scale)))
        self.moves = [*self.moves[-MEMORY + 1 :], self.log_wait - before]
        self.last = step

    def _mixed(self, step: Array) -> Array:
        """The step less what earlier moves tell of its error: least squares of a few differences, column by column."""
        if self.last is None:
            return step.copy()
        self.turns = [*self.turns[-MEMORY + 1 :], step - self.last]
        moves, turns = np.stack(self.moves), np.stack(self.turns)
        square = np.einsum("mic,nic->cmn", turns, turns, optimize=True)
        right = np.einsum("mic,ic->cm", turns, step, optimize=True)
        size = np.trace(square, axis1=1, axis2=2)
        square += (1e-10 * size + 1e-300)[:, None, None] * np.eye(len(turns))
        weight = np.linalg.solve(square, right[:, :, None])[:, :, 0]
        return np.asarray(step - np.einsum("cm,mic->ic", weight, moves + turns, optimize=True))
