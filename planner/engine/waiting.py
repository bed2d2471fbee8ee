"""Waits after an intervention at any volume of trucks: the queue's own answer, plus what is shifted from outside.

W' = max(no queue + queue'(trucks) + shift, 0), hours by station (a crossing in one direction) and draw. Without a change
of trucks this is the direct effect that the partial stage sees; `joint` finds the trucks that come at these waits.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from planner.engine.crossing_queues import Queues, queues_of
from planner.engine.queue_changes import QueueChanges
from planner.engine.queue_response import Response
from planner.engine.routes import RouteChange, Routes
from planner.engine.types import Array


class Waiting:
    """The waits of one shock at the stations of `queues`; arrays are (station, column) over these."""

    def __init__(self, routes: Routes, change: RouteChange) -> None:
        self.routes, self.change = routes, change

    @cached_property
    def queues(self) -> Queues:
        """The queues of the baseline."""
        return queues_of(self.routes.baseline)

    @cached_property
    def before(self) -> Array:
        """Waits before the intervention, hours."""
        return np.asarray(self.routes.wait[self.queues.stations])

    @cached_property
    def shift(self) -> Array:
        """The outside shift, hours."""
        return np.asarray(self.routes.wait_shift(self.change)[self.queues.stations])

    @cached_property
    def in_queue(self) -> Array:
        """The part of the wait before that is a queue, hours."""
        return np.asarray(self.before * (1 - self.queues.calibration.not_queue)[:, None])

    @cached_property
    def response(self) -> Response:
        """How queues that do not change answer to trucks."""
        return self.queues.response(self.routes.draws, self.before)

    @cached_property
    def changed(self) -> QueueChanges | None:
        """The queues that change."""
        if not self.change.queues:
            return None
        return QueueChanges(self.queues, self.routes.draws, self.before, self.change.queues)

    def direct(self) -> Array:
        """Change of waits at the baseline's trucks, hours."""
        if not self.change.waits and not self.change.queues:
            return np.zeros_like(self.before)
        queue = self.in_queue
        if self.changed is not None:
            queue = queue.copy()
            changed = self.changed
            queue[changed.at, changed.column] = changed.waits(np.ones(len(changed.at)))[0]
        return self._total(queue) - self.before

    def _total(self, queue: Array) -> Array:
        return np.asarray(np.maximum(self.before - self.in_queue + queue + self.shift, 0.0))

    def after(self, ratio: Array, response: Response | None = None) -> tuple[Array, Array]:
        """Waits at `ratio` of the baseline's trucks, hours, and their derivative by it."""
        answer, by_ratio = (response or self.response)(ratio)
        queue, slope = self.in_queue * answer, self.in_queue * by_ratio
        if self.changed is not None:
            where = self.changed.at, self.changed.column
            queue[where], slope[where] = self.changed.waits(ratio[where])
        return self._total(queue), slope

    def everywhere(self, values: Array) -> Array:
        """Values of the stations as an array over all stations of the routes, zero elsewhere."""
        wide = np.zeros((self.routes.stations, values.shape[1]))
        wide[self.queues.stations] = values
        return wide
