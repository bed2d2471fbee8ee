"""The worth of one minute of truck wait less at every crossing and direction, for the index and for welfare (model.md 11).

Document:
  closure, draws 0: central values, after the queues' answer: fewer minutes draw more trucks
  pairs_at_balance: [[place, place]] where the index has a kink and the derivative is one-sided
  stations: crossing and direction with trade by truck, largest effect on the run's criterion first:
    crossing (code), name, direction (economy entered), truck_trade_musd (a year), wait_minutes (mean, now), wait_grade,
    wait_source, index_change (index points for one minute less, negative narrows), ev_musd (million a year, border
    regions), index_change_by_sector, ev_musd_by_sector: {sector: the same}, adding up to it
"""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analyses.work import NotApplicable, Work, finite
from planner.engine.baseline import Baseline
from planner.engine.network import central_wait_hours
from planner.engine.sensitivity import MinuteValues
from planner.engine.sensitivity import minute_values as worth_of_a_minute
from planner.engine.types import TRUCK

OUTCOMES = {"imbalance": "index_change", "welfare": "ev_musd"}
RE_SOLVED = ("balanced", "balanced_economy")


def minute_values(work: Work) -> dict[str, Any]:
    """See the module."""
    closure = work.run.closure
    if closure in RE_SOLVED:
        raise NotApplicable(f"closure {closure} moves the baseline: it has no derivative at the observed one")
    found = {
        name: worth_of_a_minute(work.baseline, work.parameters, outcome=outcome, closure=closure)
        for outcome, name in OUTCOMES.items()
    }
    rows = [
        row
        | {name: float(-values.total[at]) for name, values in found.items()}
        | {f"{name}_by_sector": by_sector(values, at) for name, values in found.items()}
        for at, row in stations(work.baseline)
    ]
    leading = OUTCOMES[work.run.criterion]
    rows.sort(key=lambda row: (-abs(row[leading]), row["crossing"], row["direction"]))
    kinks = [list(pair) for pair in found["index_change"].near_zero]
    return dict(finite({"closure": closure, "draws": 0, "pairs_at_balance": kinks, "stations": rows}))


def by_sector(values: MinuteValues, at: tuple[int, int]) -> dict[str, float]:
    """What one minute less does through each sector that has an effect."""
    return {sector: float(-value) for sector, value in zip(values.sectors, values.value[at], strict=True) if value != 0}


def stations(baseline: Baseline) -> list[tuple[tuple[int, int], dict[str, Any]]]:
    """(crossing, economy entered) with trade by truck: its number and what is known about it."""
    network, economies = baseline.network, baseline.accounts.economies
    waits = central_wait_hours(network, baseline.parameters, list(economies)) * 60
    trade = np.zeros(waits.shape)
    trucks = (network.row_crossing >= 0) & np.array([network.modes[mode] == TRUCK for mode in network.row_mode])
    entered = baseline.accounts.economy[network.entered]
    np.add.at(trade, (network.row_crossing[trucks], entered[trucks]), network.row_value[trucks])
    return [
        (
            (number, side),
            {
                "crossing": code,
                "name": network.names[number],
                "direction": economy,
                "truck_trade_musd": float(trade[number, side]),
                "wait_minutes": float(waits[number, side]),
                "wait_grade": network.wait_grade[number][side],
                "wait_source": network.wait_source[number][side],
            },
        )
        for number, code in enumerate(network.crossings)
        for side, economy in enumerate(economies)
        if trade[number, side] > 0
    ]
