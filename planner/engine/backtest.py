"""A real closure or slowdown of one crossing, predicted: where trucks go instead, how long they wait, what trade is lost.

A closure takes the crossing's truck routes out (rail at the same port goes on); a slowdown multiplies the time of service
by 1 / capacity, so that the queue, and nothing else, turns trucks away. Waits, routes and trade are solved together as in
a run. Elasticities are those of lasting changes: a closure of days may lose less trade (it is made up for afterwards).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.baseline import Baseline
from planner.engine.crossing_queues import queues_of
from planner.engine.estimate import Study
from planner.engine.interventions import Built, ShockBuilder
from planner.engine.types import Array, Index, Parameters
from planner.engine.uncertainty import Draws

DAYS_PER_YEAR = 365
# Service may take at most six times as long in the queue's tables; below this capacity a crossing is as good as closed.
LEAST_CAPACITY = 1 / 6


@dataclass(frozen=True)
class Passage:
    """Trade by truck over each station (a crossing in one direction) before and during the event.

    crossing, economy (station,): codes; trade_before: million a year (station,); trade: during / before,
    trucks: the same, empty ones following the other direction; diverted: what trade would be if none were lost;
    wait_before, wait_after: hours (station, column). lost_share (column,): cross-border goods trade lost, all modes;
    ev_musd_per_day (column,): welfare of all places.
    """

    crossing: tuple[str, ...]
    economy: tuple[str, ...]
    trade_before: Array
    trade: Array
    trucks: Array
    diverted: Array
    wait_before: Array
    wait_after: Array
    lost_share: Array
    ev_musd_per_day: Array


def predict_passage(
    baseline: Baseline,
    parameters: Parameters,
    crossing: str,
    capacity: float,
    *,
    draws: int,
    seed: int,
    closure: str,
    waits_held: bool = False,
) -> Passage:
    """What passes each crossing while `crossing` has `capacity` (0 closed, 1 as usual) of its service left.

    waits_held: waits elsewhere stay as they were and prices too: the first round of a closure, where crossings that
    cannot serve all diverted trucks have no equilibrium of queues.
    Raises ValueError for a crossing without trucks or a capacity outside [0, 1], and what solving raises.
    """
    if not 0 <= capacity <= 1:
        raise ValueError(f"capacity {capacity:g}: expected 0 (closed) to 1 (as usual)")
    study = Study(baseline, parameters, draws=draws, seed=seed, closure=closure)
    columns = Draws(study.baseline.parameters, draws, seed)
    queues = queues_of(study.baseline)
    names = queues.names
    if crossing not in {code for code, _ in names}:
        raise ValueError(f"crossing {crossing}: no trade by truck passes it")
    built = _event(study.baseline, columns, crossing, capacity)
    if waits_held and LEAST_CAPACITY <= capacity < 1:
        raise ValueError(f"capacity {capacity:g}: with waits held only a closure can be predicted, not a slowdown")
    if waits_held:
        solver = study.joint_solve(built, columns)
        system = solver.system
        change = np.zeros_like(system.before)
        log_cost = solver.trade(change, system.base_volume)[0]
        volumes = system.base_volume * np.exp(-columns.theta(study.baseline)[queues.goods] * log_cost)
        # What a small rise of cost takes from buyers, at baseline trade (the envelope); closed pairs lose their trade.
        ev = -(system.base_volume * np.minimum(log_cost, 1.0)).sum(axis=(0, 1))
    else:
        solver, joint, changes = study.joint_with_solver(built, columns)
        system, change = solver.system, joint.wait_change
        volumes = system.volumes(joint.equilibrium)
        ev = changes["ev_musd"].sum(axis=0)
    during = solver.trade(change, volumes)[1]
    kept = solver.trade(change, system.base_volume)[1]
    before = queues.trade
    total = system.base_volume.sum(axis=(0, 1))
    return Passage(
        crossing=tuple(code for code, _ in names),
        economy=tuple(economy for _, economy in names),
        trade_before=before,
        trade=during / before[:, None],
        trucks=system.ratios(during),
        diverted=kept / before[:, None],
        wait_before=system.before,
        wait_after=system.before + change,
        lost_share=1 - volumes.sum(axis=(0, 1)) / total,
        ev_musd_per_day=ev / DAYS_PER_YEAR,
    )


def _event(baseline: Baseline, draws: Draws, crossing: str, capacity: float) -> Built:
    builder = ShockBuilder(baseline, draws)
    if capacity < 1:
        rows = _truck_rows(builder, baseline, crossing)
        if capacity < LEAST_CAPACITY:
            builder.change.closed.append(rows)
        else:
            stations = np.unique(builder.routes.station[rows])
            slower = np.full(draws.columns, 1 / capacity - 1)
            builder.change.queues.append((stations, "service_time", slower))
    return builder.finish()


def _truck_rows(builder: ShockBuilder, baseline: Baseline, crossing: str) -> Index:
    number = baseline.network.crossings.index(crossing)
    return np.flatnonzero(builder.routes.truck & (baseline.network.row_crossing == number))
