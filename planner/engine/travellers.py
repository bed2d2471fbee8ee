"""Time that travellers in cars, in buses and on foot save where a measure shares its lanes with trucks (model.md 8).

Travellers have no queue of their own here: neither their lanes nor their hours of arrival are among the facts of a case. A
measure says by the channel `traveller_share` which share of the minutes that trucks save at a crossing they save too; no more
than their whole wait can be saved. Their number stays: nobody is drawn or kept away. Counts are of people who enter the first
side's economy; as many are taken to travel the other way, as with trucks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.engine.baseline import Baseline
from planner.engine.crossing_queues import Queues
from planner.engine.targets import Targets
from planner.engine.types import Array, Intervention
from planner.engine.uncertainty import Draws

CHANNEL = "traveller_share"


@dataclass(frozen=True)
class Travellers:
    """What travellers save in a year: people (station,) and minutes each (station, draw) at the stations concerned.

    measured: whether the wait of travellers, which bounds what they can save, is measured there, (station,); uncounted:
    crossings of the measure at which no travellers are counted.
    """

    stations: tuple[tuple[str, str], ...]
    people: Array
    minutes: Array
    measured: Array
    uncounted: tuple[str, ...]

    @property
    def hours(self) -> Array:
        """Hours a year, (draw,); negative where waits lengthen."""
        return np.asarray(self.people @ self.minutes / 60)


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
    shares = np.zeros(truck_minutes_saved.shape)
    targets = Targets(baseline)
    for channel in intervention.channels:
        if channel.type == CHANNEL:
            everywhere = channel.crossing == ("*",)
            chosen = [targets.crossing[name] for name in (targets.crossing if everywhere else channel.crossing)]
            crossings = np.isin(queues.crossing, chosen)
            entered = np.isin(queues.economy, targets.economies(channel.direction))
            shares[crossings & entered] = kept(draws.channel(channel))
    at = np.flatnonzero(shares.any(axis=1))
    if not len(at):
        return None
    counts = _people(baseline)[queues.crossing[at]]
    wait, measured = _waits(baseline, queues, draws)
    codes = [queues.names[station][0] for station in at]
    return Travellers(
        stations=tuple(queues.names[station] for station in at),
        people=np.nan_to_num(counts),
        minutes=np.minimum(shares[at] * truck_minutes_saved[at], kept(wait[at])),
        measured=measured[at],
        uncounted=tuple(sorted({code for code, count in zip(codes, counts, strict=True) if not count > 0})),
    )


def _people(baseline: Baseline) -> Array:
    """A year, one way, (crossing,); NaN where none are counted."""
    table = baseline.facts.crossings
    if "travellers_inbound" not in table:
        return np.full(len(table), np.nan)
    return np.asarray(table["travellers_inbound"].to_numpy(dtype=float))


def _waits(baseline: Baseline, queues: Queues, draws: Draws) -> tuple[Array, Array]:
    """Minutes that travellers wait today, (station, draw), and whether they were measured, (station,)."""
    measured = {
        (str(row["crossing"]), str(row["direction"])): float(row["minutes"])
        for row in baseline.facts.traveller_waits.to_dict("records")
    }
    default = draws.parameter("traveller_wait_default_minutes")
    waits = np.stack([np.full(draws.columns, measured[name]) if name in measured else default for name in queues.names])
    return waits, np.array([name in measured for name in queues.names])
