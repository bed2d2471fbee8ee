"""The cars' queues of a case, and how long travellers wait under an intervention (model.md 2, 8).

Cars have lanes, booths and hours of arrival of their own: a queue for each crossing and direction at which they are
counted, by the same rule as the trucks'. Its wait is the one measured for cars, else the parameter's. Travellers answer to
their wait: with n their number over today's, x more visitors from outside and b the response per hour,

    n = x exp(-b (W'(n) - W)),

which has one root, since a queue never shortens as more cars come: waits and travellers are solved together. Who no longer
comes at a crossing is not followed to another one, and what travellers spend moves by the channel `visitors` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.engine.baseline import Baseline
from planner.engine.errors import SolveFailed
from planner.engine.queue_changes import Entry, QueueChanges
from planner.engine.station_queues import CARS, WEEKS, KeptForBaselines, StationQueues, by_direction, inbound
from planner.engine.targets import LANE_CHANNELS, Targets, travel_sectors
from planner.engine.types import CAR, RAIL, Array, Index, Intervention
from planner.engine.uncertainty import Draws, Triangle
from planner.engine.wait_ranges import range_basis, wait_range

CAR_WAIT = "car_wait:"
STEPS, CLOSE, LEAST_LOG = 60, 1e-9, -60.0
LEAST_HOURS = 1e-8  # a change of a wait below this is none


@dataclass(frozen=True)
class Measured:
    """How a wait of cars was got: minutes (low, central, high), evidence grade, source, basis as of `wait_ranges`."""

    minutes: Triangle
    grade: str
    source: str
    basis: str


class CarQueues(StationQueues):
    """Stations at which cars are counted, in order of crossing and economy entered.

    people: in cars and buses, a year and direction; cars: a year and direction, both (station,).
    """

    def __init__(self, baseline: Baseline) -> None:
        network, economies = baseline.network, len(baseline.accounts.economies)
        crossing, economy = (
            numbers.ravel() for numbers in np.indices((len(network.crossings), economies), dtype=np.intp)
        )
        sides = baseline.accounts.economy[np.stack([network.region_a, network.region_b])][:, crossing]
        people = by_direction(baseline, crossing, economy, "car_people")
        everyone = inbound(baseline, "travellers_inbound")[crossing]
        people = np.where(np.isnan(people), everyone, people)
        cars = by_direction(baseline, crossing, economy, "cars")
        counted = cars > 0
        per_car = baseline.parameters.central("people_per_car", variant=baseline.variant)
        cars = np.where(counted, cars, people / per_car)
        chosen = np.flatnonzero((cars > 0) & (people > 0) & (economy == sides).any(axis=0))
        crossing, economy = crossing[chosen], economy[chosen]
        self.people, self.cars = people[chosen], cars[chosen]
        self.how = _measured(baseline, crossing, economy)
        default = Draws(baseline.parameters, 0, 0).parameter("traveller_wait_default_minutes")[0] / 60
        wait = np.array([default if one is None else one.minutes.central / 60 for one in self.how])
        super().__init__(baseline, CARS, crossing, economy, wait)
        ceiling = self._ceilings(baseline.facts.car_booths)
        self.calibration = self._calibrate(self.cars / WEEKS, counted[chosen].astype(np.intp), ceiling)

    @cached_property
    def place(self) -> dict[tuple[str, str], int]:
        """Station by crossing and economy entered."""
        return {name: number for number, name in enumerate(self.names)}

    @property
    def wait_ends(self) -> tuple[Array, Array]:
        """See `StationQueues`."""
        row = self.baseline.parameters.find("traveller_wait_default_minutes")
        assert row is not None
        ends = [(row.low, row.high) if one is None else (one.minutes.low, one.minutes.high) for one in self.how]
        low, high = np.array(ends).reshape(-1, 2).T / 60
        return low, high

    def waits(self, draws: Draws) -> Array:
        """Hours today, (station, column): the measured ones by their range, the others by the one default."""
        default = draws.parameter("traveller_wait_default_minutes")
        rows = []
        for name, one in zip(self.names, self.how, strict=True):
            rows.append(default if one is None else draws.triangle(CAR_WAIT + ">".join(name), one.minutes))
        return np.stack(rows) / 60 if rows else np.zeros((0, draws.columns))


@dataclass(frozen=True)
class CarWaits:
    """Cars at the stations that an intervention reaches, before and after; hours (station, column).

    ratio: travellers over those of today, (station, column).
    """

    queues: CarQueues
    at: Index
    before: Array
    after: Array
    ratio: Array

    @property
    def names(self) -> list[tuple[str, str]]:
        """(crossing, economy entered)."""
        return [self.queues.names[station] for station in self.at]


def car_waits(
    baseline: Baseline, intervention: Intervention, draws: Draws, kept: Callable[[Array], Array] = np.asarray
) -> CarWaits | None:
    """What becomes of the waits of cars, at the stations where they move; None where the intervention moves none.

    kept: from all columns of the draws to those wanted.
    """
    queues = car_queues_of(baseline)
    wait = queues.waits(draws)
    entries, shift = _lanes(queues, intervention, draws, wait)
    visitors = _visitors(queues, intervention, draws)
    touched = [np.flatnonzero(np.isin(queues.stations, stations)) for stations, _, _ in entries]
    at = np.unique(np.concatenate([*touched, np.flatnonzero((shift != 0).any(axis=1) | (visitors != 1).any(axis=1))]))
    if not len(at):
        return None
    after, ratio = _Together(queues, draws, at, wait, shift, visitors, entries).solve()
    moved = (np.abs(after - wait[at]) > LEAST_HOURS).any(axis=1)
    if not moved.any():
        return None
    at = at[moved]
    return CarWaits(queues, at, kept(wait[at]), kept(after[moved]), kept(ratio[moved]))


def _lanes(queues: CarQueues, intervention: Intervention, draws: Draws, wait: Array) -> tuple[list[Entry], Array]:
    """Changes at the booths, and hours by which waits are moved from outside, (station, column)."""
    entries, shift = [], np.zeros_like(wait)
    for channel in intervention.channels:
        if channel.type not in LANE_CHANNELS or not channel.moves(CAR):
            continue
        value, here = draws.channel(channel), queues.reached(channel)
        if channel.type == "wait_minutes":
            shift[here] += np.maximum(value / 60, -wait[here])
        elif channel.type == "wait_share":
            shift[here] += value * wait[here]
        elif len(here):
            entries.append((queues.stations[here], channel.type, value))
    return entries, shift


class _Together:
    """Waits and travellers that answer to each other at some stations; arrays are (station of `at`, column).

    Newton's method on ln n + b (W'(n) - W) - ln x, which rises in ln n with a slope of one or more, within brackets: where a
    step leaves these or the slope misleads, they are halved. Queues whose lanes stay are read off tables, as the trucks' are.
    """

    def __init__(
        self,
        queues: CarQueues,
        draws: Draws,
        at: Index,
        wait: Array,
        shift: Array,
        visitors: Array,
        entries: list[Entry],
    ) -> None:
        self.queues, self.at, self.wait = queues, at, wait[at]
        self.in_queue = self.wait * (1 - queues.calibration.not_queue[at])[:, None]
        self.outside = self.wait - self.in_queue + shift[at]
        self.log_visitors = np.log(np.maximum(visitors[at], 1e-9))
        self.answer = draws.parameter("traveller_response_per_hour")
        self.response = queues.response(draws, self.wait, at)
        changes = QueueChanges(queues, draws, wait, entries, exact=True) if entries else None
        self.changes = changes if changes is not None and len(changes.at) else None
        if self.changes is not None:
            self.changed = np.searchsorted(at, self.changes.at), self.changes.column

    def _waits(self, ratio: Array) -> tuple[Array, Array]:
        """Hours at that many travellers, and their slope by it."""
        queue, slope = (self.in_queue * one for one in self.response(ratio))
        if self.changes is not None:
            queue[self.changed], slope[self.changed] = self.changes.waits(ratio[self.changed])
        return np.maximum(queue + self.outside, 0.0), slope

    def _gap(self, logs: Array) -> tuple[Array, Array, Array]:
        ratio = np.exp(logs)
        after, slope = self._waits(ratio)
        return logs + self.answer * (after - self.wait) - self.log_visitors, 1 + self.answer * slope * ratio, after

    def solve(self) -> tuple[Array, Array]:
        """Waits, hours, and travellers over today's."""
        logs = self.log_visitors.copy()
        value, slope, after = self._gap(logs)
        # Travellers gain at most their whole wait, so that no more than x exp(b W) come.
        low, high = np.full_like(logs, LEAST_LOG), self.log_visitors + self.answer * self.wait
        for _ in range(STEPS):
            if np.abs(value).max(initial=0.0) <= CLOSE:
                return after, np.exp(logs)
            low, high = np.where(value < 0, logs, low), np.where(value > 0, logs, high)
            step = logs - value / slope
            middle = np.where(low <= LEAST_LOG, logs - 1.0, (low + high) / 2)
            within = (step > low) & (step < high)
            logs = np.where(np.abs(value) <= CLOSE, logs, np.where(within, step, middle))
            value, slope, after = self._gap(logs)
        worst = int(np.abs(value).max(axis=1).argmax())
        raise SolveFailed(
            STEPS, float(np.abs(value).max()), "{} into {} (cars)".format(*self.queues.names[self.at[worst]]),
            int((np.abs(value) > CLOSE).any(axis=0).sum()), "change the crossing's cars or their answer to an hour by less",
        )  # fmt: skip


def _visitors(queues: CarQueues, intervention: Intervention, draws: Draws) -> Array:
    """Travellers at each station over today's if waits stayed, (station, column).

    Of those at a crossing the share `visitor_share` lives on the second side and visits the first, the others live on the
    first and visit the second; everybody crosses once each way. Visitors come as those of today do, unless by train.
    """
    network, count = queues.baseline.network, len(queues.baseline.accounts.places)
    first, second = network.region_a[queues.crossing], network.region_b[queues.crossing]
    share = draws.parameter("visitor_share")
    found = np.ones((len(queues), draws.columns))
    targets = Targets(queues.baseline)
    for channel in intervention.channels:
        if channel.type != "visitors" or channel.vehicle == (RAIL,):
            continue
        value = draws.channel(channel)
        # The channel's origin is where visitors live, its destination where they go; only pairs with travel have any.
        homes, hosts = targets.places(channel.origin), targets.places(channel.destination)
        chosen = np.zeros((count, count), dtype=bool)
        chosen[np.ix_(homes, hosts)] = True
        travel = queues.baseline.accounts.flows[:, :, travel_sectors(queues.baseline)].sum(axis=2)
        chosen &= travel.T > 0
        found += chosen[second, first][:, None] * share * value + chosen[first, second][:, None] * (1 - share) * value
    return np.maximum(found, 0.0)


def _measured(baseline: Baseline, crossing: Index, economy: Index) -> list[Measured | None]:
    """How each station's wait was measured, None where it was not."""
    facts, network, economies = baseline.facts, baseline.network, baseline.accounts.economies
    known = {}
    for row in facts.traveller_waits.to_dict("records"):
        values = {str(name): value for name, value in row.items()}
        low, high = wait_range(values, facts.year, baseline.parameters)
        known[str(row["crossing"]), str(row["direction"])] = Measured(
            Triangle(low, float(row["minutes"]), high), str(row["grade"]), str(row["source"]), range_basis(values)
        )
    names = [(network.crossings[b], economies[e]) for b, e in zip(crossing, economy, strict=True)]
    return [known.get(name) for name in names]


car_queues_of = KeptForBaselines(CarQueues)
