"""Waits by hour of arrival before and after one intervention, at central values: the solved queues, looked at by the hour."""

from __future__ import annotations

import numpy as np

from planner.engine.crossing_queues import Queues, spread_of
from planner.engine.joint import Joint, JointSolve
from planner.engine.queues import Stations
from planner.engine.types import Array, Index
from planner.engine.wait_profile import WaitProfile, wait_profiles


def profiles_before(queues: Queues, at: Index) -> list[WaitProfile]:
    """Today's profiles of some stations."""
    return wait_profiles(_usual(queues, at, np.ones(len(at))), _no_queue(queues, at), np.zeros(len(at)))


def profiles_after(solver: JointSolve, found: Joint, at: Index) -> list[WaitProfile]:
    """Profiles of the same stations once `solver` has found the waits that belong to the trucks that come; one column."""
    queues, waiting = solver.queues, solver.waiting
    trade = solver.trade(found.wait_change, solver.system.volumes(found.equilibrium))[1]
    ratio = solver.system.ratios(trade)[:, 0]
    no_queue, shift = _no_queue(queues, at), waiting.shift[at, 0]
    profiles = wait_profiles(_usual(queues, at, ratio[at]), no_queue, shift)
    changed = waiting.changed
    if changed is not None:
        for place, station in enumerate(at):
            for entry in np.flatnonzero((changed.at == station) & (changed.column == 0)):
                one = changed.entry(int(entry), float(ratio[station]))
                profiles[place] = wait_profiles(one, no_queue[place : place + 1], shift[place : place + 1])[0]
    return profiles


def _usual(queues: Queues, at: Index, ratio: Array) -> Stations:
    """The queues as they are today at `ratio` of their trucks."""
    calibration = queues.calibration
    spread = np.full((len(at), 1), spread_of(queues.central.parameter("service_cv"))[0])
    return Stations(
        calibration.booths[at], 60 / calibration.service_minutes[at][:, None],
        (calibration.per_week[at] * ratio)[:, None], spread, queues.profile[at], queues.open[at],
    )  # fmt: skip


def _no_queue(queues: Queues, at: Index) -> Array:
    """Hours of the central wait that are no queue."""
    return np.asarray(queues.central_wait[at] * queues.calibration.not_queue[at])
