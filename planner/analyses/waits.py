"""Waits of trucks before and after every intervention, over draws by station and over the hours of a week, and the cars' queues of
today (model.md 2). What measures make of the waits of cars is in `appraisal`, whose travellers these are.

Document (minutes; `quantities` over draws: mean, sd, q05, q50, q95, p_negative):
  draws, closure, least_minutes (mean changes below it are left out), most_stations (listed for one intervention)
  stations: a crossing in one direction at which trucks trade, busiest first: {crossing, name, direction (economy entered),
    minutes (quantities: how uncertain today's wait is), low_minutes, central_minutes, high_minutes (ends of its triangle),
    basis (interval: of the measurement; grade: by its evidence grade and age; default: not measured, a parameter),
    grade, source, statistic, period_start, period_end, sample_size, method (of the measurement, else None),
    trucks_per_week, trucks_counted, booths (taken to be open), booths_counted (None: not counted), service_minutes,
    not_queue_share (of the wait: does not answer to trucks), median_minutes, p95_minutes (over a week's trucks, by hour of
    arrival, central values), measured_p95_minutes (None: not measured; the model does not use it), by_hour (24 means of
    weekdays' trucks by hour of arrival, None while closed)}
  rows: by id of estimated interventions: {intervention, restrictive, moved (number of stations whose mean wait moves by at
    least least_minutes), truck_hours_change (quantities: thousand hours a year at today's trucks, all stations),
    stations: the largest changes of truck hours first, at most most_stations: {crossing, direction, before, after,
    change (quantities), p_shorter (share of draws), median_before, median_after, p95_before, p95_after, by_hour_after
    (central values; None where the intervention has no solution at these)}}
  car_stations: the same of cars, busiest first, without hours of the day: {crossing, name, direction, minutes, low_minutes,
    central_minutes, high_minutes, basis, grade, source, statistic ... method, people (in cars and buses, a year),
    cars_per_week, cars_counted, booths, booths_counted, service_minutes, not_queue_share}
  arrivals: [{vehicle, weekend_level (vehicles of a weekend day over those of a weekday), weekday_shares (of a weekday's
    vehicles by hour, 24)}] where a crossing is open all day; else they come while it is open, in these proportions
Hours of arrival spread a wait; chance within half an hour is averaged over. Minutes that a measure takes off from outside
the queue are spread over the hours in proportion to the waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from planner.analyses.money import Central, central_states
from planner.analyses.work import Work, finite
from planner.engine.car_queues import car_queues_of
from planner.engine.crossing_queues import WEEKS, Queues, queues_of
from planner.engine.effect import Effect
from planner.engine.parameters import lookup
from planner.engine.queue_kernel import DAYS
from planner.engine.station_queues import StationQueues
from planner.engine.types import Array
from planner.engine.uncertainty import Draws, quantities
from planner.engine.wait_profile import WaitProfile
from planner.engine.wait_ranges import range_basis
from planner.engine.wait_states import profiles_after, profiles_before

LEAST_MINUTES = 0.01
MOST_STATIONS = 8
MINUTES = 60
DEFAULT = "default"
MEASUREMENT = ("statistic", "period_start", "period_end", "sample_size", "method")


def waits(work: Work) -> dict[str, Any]:
    """See the module."""
    queues = queues_of(work.central_study().baseline)
    before = profiles_before(queues, np.arange(len(queues)))
    effects, states = work.done(), {state.intervention.id: state for state in central_states(work)}
    rows = [_row(work, queues, name, effect, before, states.get(name)) for name, effect in effects.items()]
    document = {
        "draws": work.run.draws,
        "closure": work.run.closure,
        "least_minutes": LEAST_MINUTES,
        "most_stations": MOST_STATIONS,
        "stations": _stations(work, queues, next(iter(effects.values())), before),
        "car_stations": _car_stations(work),
        "arrivals": [_arrivals(queues), _arrivals(car_queues_of(work.central_study().baseline))],
        "rows": rows,
    }
    return dict(finite(document))


def _row(
    work: Work, queues: Queues, name: str, effect: Effect, before: list[WaitProfile], state: Central | None
) -> dict[str, Any]:
    was, now = effect.arrays["wait.before_minutes"], effect.arrays["wait.after_minutes"]
    change = now - was
    mean = change.mean(axis=1)
    hours = queues.calibration.per_week[:, None] * WEEKS * change / MINUTES / 1000
    moved = np.flatnonzero(np.abs(mean) >= LEAST_MINUTES)
    order = moved[np.argsort(-np.abs(hours.mean(axis=1))[moved], kind="stable")][:MOST_STATIONS]
    after: Sequence[WaitProfile | None] = (
        profiles_after(state.solver, state.joint, order) if state else [None] * len(order)
    )
    return {
        "intervention": name,
        "restrictive": name in work.restrictive,
        "moved": len(moved),
        "truck_hours_change": quantities(hours.sum(axis=0)),
        "stations": [
            {
                "crossing": queues.names[at][0],
                "direction": queues.names[at][1],
                "before": quantities(was[at]),
                "after": quantities(now[at]),
                "change": quantities(change[at]),
                "p_shorter": float((change[at] < 0).mean()),
                **_two("median", before[at].median, later.median if later else None),
                **_two("p95", before[at].p95, later.p95 if later else None),
                "by_hour_after": _minutes(later.by_hour) if later else None,
            }
            for at, later in zip(order, after, strict=True)
        ],
    }


def _two(name: str, before: float, after: float | None) -> dict[str, float | None]:
    return {f"{name}_before": MINUTES * before, f"{name}_after": None if after is None else MINUTES * after}


def _minutes(hours: Array) -> list[float]:
    return [float(value) for value in MINUTES * hours]


def _stations(work: Work, queues: Queues, effect: Effect, profiles: list[WaitProfile]) -> list[dict[str, Any]]:
    """Today's waits, how each was got and how its queue was identified."""
    network, facts = work.baseline.network, work.baseline.facts.waits
    low, high = queues.wait_ends
    minutes = effect.arrays["wait.before_minutes"]
    rows = []
    for at in np.argsort(-queues.trade, kind="stable"):
        crossing, economy = int(queues.crossing[at]), int(queues.economy[at])
        row = _row_of(facts, queues.names[at])
        rows.append(
            {
                **_identified(queues, int(at), minutes[at], (low[at], high[at]), row),
                "grade": network.wait_grade[crossing][economy],
                "source": network.wait_source[crossing][economy],
                "trucks_per_week": float(queues.calibration.per_week[at]),
                "trucks_counted": bool(queues.calibration.counted[at]),
                "median_minutes": MINUTES * profiles[at].median,
                "p95_minutes": MINUTES * profiles[at].p95,
                "measured_p95_minutes": _plain((row or {}).get("p95_minutes")),
                "by_hour": _minutes(profiles[at].by_hour),
            }
        )
    return rows


def _car_stations(work: Work) -> list[dict[str, Any]]:
    """The cars' waits of today, how each was got and how its queue was identified."""
    queues, facts = car_queues_of(work.central_study().baseline), work.baseline.facts.traveller_waits
    low, high = queues.wait_ends
    minutes = MINUTES * work.kept_draws(queues.waits(Draws(work.parameters, work.run.draws, work.run.seed)))
    default = lookup(work.parameters, "traveller_wait_default_minutes")
    rows = []
    for at in np.argsort(-queues.people, kind="stable"):
        how, row = queues.how[at], _row_of(facts, queues.names[at])
        rows.append(
            {
                **_identified(queues, int(at), minutes[at], (low[at], high[at]), row),
                "grade": how.grade if how else default.grade,
                "source": how.source if how else default.source,
                "people": float(queues.people[at]),
                "cars_per_week": float(queues.calibration.per_week[at]),
                "cars_counted": bool(queues.calibration.counted[at]),
            }
        )
    return rows


def _arrivals(queues: StationQueues) -> dict[str, Any]:
    """When vehicles of a class come."""
    days = queues.day(0.0, 24.0)[0].reshape(DAYS, 24, -1).sum(axis=2)
    weekday, weekend = days[0], days[-1]
    return {
        "vehicle": queues.vehicles.name,
        "weekend_level": float(weekend.sum() / weekday.sum()),
        "weekday_shares": [float(share) for share in weekday / weekday.sum()],
    }


def _row_of(facts: pd.DataFrame, name: tuple[str, str]) -> dict[str, Any] | None:
    """The measurement that a station's wait was taken from."""
    found = facts[(facts["crossing"] == name[0]) & (facts["direction"] == name[1])].to_dict("records")
    return {str(key): value for key, value in found[0].items()} if found else None


def _identified(
    queues: StationQueues, at: int, minutes: Array, ends: tuple[float, float], row: dict[str, Any] | None
) -> dict[str, Any]:
    """What trucks' and cars' stations say alike."""
    calibration = queues.calibration
    return {
        "crossing": queues.names[at][0],
        "name": queues.baseline.network.names[int(queues.crossing[at])],
        "direction": queues.names[at][1],
        "minutes": quantities(minutes),
        "low_minutes": MINUTES * float(ends[0]),
        "central_minutes": MINUTES * float(queues.central_wait[at]),
        "high_minutes": MINUTES * float(ends[1]),
        "basis": range_basis(row) if row else DEFAULT,
        **{name: _plain((row or {}).get(name)) for name in MEASUREMENT},
        "booths": float(calibration.booths[at]),
        "booths_counted": float(calibration.ceiling[at]),
        "service_minutes": float(calibration.service_minutes[at]),
        "not_queue_share": float(calibration.not_queue[at]),
    }


def _plain(value: Any) -> Any:
    """Text as it is, a number as a float, nothing where there is none."""
    if value is None or value != value or value == "":
        return None
    return value if isinstance(value, str) else float(value)
