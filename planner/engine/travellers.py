"""Time that travellers in cars, in buses and on foot save or lose under a measure (model.md 8).

Cars have a queue of their own (`car_queues`): a measure changes it by channels aimed at cars, or brings more visitors into
it. Where lanes are shared with trucks and nothing is known of the cars' own, the channel `traveller_share` says which share
of the minutes that trucks save at a crossing everybody saves too, at most their whole wait. Counts are of people who enter
the first side's economy; as many are taken to travel the other way, as with trucks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.engine.baseline import Baseline
from planner.engine.car_queues import CarQueues, car_queues_of, car_waits
from planner.engine.crossing_queues import Queues
from planner.engine.station_queues import inbound
from planner.engine.targets import LANE_CHANNELS
from planner.engine.types import CAR, Array, Intervention
from planner.engine.uncertainty import Draws

CHANNEL = "traveller_share"
MINUTES = 60


@dataclass(frozen=True)
class Travellers:
    """Travellers of a year at the stations concerned.

    people and cars of today (station,); ratio: those that come over these; before, after: minutes each; (station, draw).
    measured: whether the wait of cars is measured there; shared: whether they share the lanes of trucks; (station,).
    uncounted: crossings named by the measure at which no travellers are counted.
    """

    stations: tuple[tuple[str, str], ...]
    people: Array
    cars: Array
    ratio: Array
    before: Array
    after: Array
    measured: Array
    shared: Array
    uncounted: tuple[str, ...]

    @property
    def hours(self) -> Array:
        """Hours saved a year, (draw,), negative where waits lengthen: the rule of half over those before and after."""
        counted = self.people[:, None] * (1 + self.ratio) / 2
        return np.asarray((counted * (self.before - self.after)).sum(axis=0) / MINUTES)

    @property
    def car_hours_before(self) -> Array:
        """Hours that cars wait today, (draw,)."""
        return np.asarray(self.cars @ self.before / MINUTES)

    @property
    def car_hours_after(self) -> Array:
        """The same under the measure."""
        return np.asarray(self.cars @ (self.ratio * self.after) / MINUTES)


def travellers_saving(
    baseline: Baseline,
    queues: Queues,
    intervention: Intervention,
    draws: Draws,
    truck_minutes_saved: Array,
    kept: Callable[[Array], Array] = np.asarray,
) -> Travellers | None:
    """None where the measure says nothing of travellers.

    truck_minutes_saved: (station of `queues`, draw); kept: from all draws to those that these minutes have.
    """
    parts = [
        _own_lanes(baseline, intervention, draws, kept),
        _shared_lanes(baseline, queues, intervention, draws, truck_minutes_saved, kept),
    ]
    found = [part for part in parts if part is not None]
    uncounted = _uncounted(baseline, intervention)
    if not found and not uncounted:
        return None
    empty = np.zeros((0, truck_minutes_saved.shape[1]))

    def joined(name: str, nothing: Array = empty[:, 0]) -> Array:
        return np.concatenate([nothing, *(getattr(part, name) for part in found)])

    return Travellers(
        stations=tuple(name for part in found for name in part.stations),
        people=joined("people"),
        cars=joined("cars"),
        ratio=joined("ratio", empty),
        before=joined("before", empty),
        after=joined("after", empty),
        measured=joined("measured").astype(bool),
        shared=joined("shared").astype(bool),
        uncounted=uncounted,
    )


def _uncounted(baseline: Baseline, intervention: Intervention) -> tuple[str, ...]:
    """Crossings that are named where nobody is counted."""
    counted = {crossing for crossing, _ in car_queues_of(baseline).names}
    counts = dict(zip(baseline.network.crossings, inbound(baseline, "travellers_inbound"), strict=True))
    named = {
        name
        for channel in intervention.channels
        if channel.type == CHANNEL or (channel.type in LANE_CHANNELS and channel.moves(CAR))
        for name in channel.crossing
        if name != "*"
    }
    return tuple(sorted(name for name in named - counted if not counts[name] > 0))


def _own_lanes(
    baseline: Baseline, intervention: Intervention, draws: Draws, kept: Callable[[Array], Array]
) -> Travellers | None:
    queues = car_queues_of(baseline)
    found = car_waits(baseline, intervention, draws, kept)
    if found is None:
        return None
    return Travellers(
        stations=tuple(found.names),
        people=queues.people[found.at],
        cars=queues.cars[found.at],
        ratio=found.ratio,
        before=MINUTES * found.before,
        after=MINUTES * found.after,
        measured=_measured(queues, found.names),
        shared=np.zeros(len(found.at), dtype=bool),
        uncounted=(),
    )


def _shared_lanes(
    baseline: Baseline,
    trucks: Queues,
    intervention: Intervention,
    draws: Draws,
    truck_minutes_saved: Array,
    kept: Callable[[Array], Array],
) -> Travellers | None:
    shares = np.zeros(truck_minutes_saved.shape)
    for channel in intervention.channels:
        if channel.type == CHANNEL:
            shares[trucks.reached(channel)] = kept(draws.channel(channel))
    at = np.flatnonzero(shares.any(axis=1))
    if not len(at):
        return None
    cars = car_queues_of(baseline)
    names = [trucks.names[station] for station in at]
    counts = inbound(baseline, "travellers_inbound")[trucks.crossing[at]]
    default, waits = draws.parameter("traveller_wait_default_minutes"), MINUTES * cars.waits(draws)
    before = np.stack([kept(waits[cars.place[name]] if name in cars.place else default) for name in names])
    return Travellers(
        stations=tuple(names),
        people=np.nan_to_num(counts),
        cars=np.array([cars.cars[cars.place[name]] if name in cars.place else 0.0 for name in names]),
        ratio=np.ones_like(before),
        before=before,
        after=before - np.minimum(shares[at] * truck_minutes_saved[at], before),
        measured=_measured(cars, names),
        shared=np.ones(len(names), dtype=bool),
        uncounted=(),
    )


def _measured(queues: CarQueues, names: list[tuple[str, str]]) -> Array:
    return np.array([name in queues.place and queues.how[queues.place[name]] is not None for name in names], dtype=bool)
