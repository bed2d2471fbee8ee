"""How far off a measured wait may be: its own interval, else a range by evidence grade and age (model.md 9).

A 90 % interval becomes the triangle whose middle 90 % it is where it is symmetric: its sides are stretched, and end at
zero. Without an interval the wait is taken between wait / f and wait x f, with f from the grade's factor, widened for every
year between the measurement and the case. Grade and factors are assumptions (parameters `wait_range_*`); f = 1 switches
them off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from planner.engine.parameters import lookup
from planner.engine.types import Parameters

# Half of the base of a symmetric triangle over half of its middle 90 %: 1 / (1 - sqrt(0.1)).
STRETCH = float(1 / (1 - np.sqrt(0.1)))
INTERVAL, BY_GRADE = "interval", "grade"


def wait_range(row: Mapping[str, Any], case_year: int, parameters: Parameters) -> tuple[float, float]:
    """Lowest and highest of the wait's triangle, minutes, from a row of `CaseFacts.waits`."""
    minutes = float(row["minutes"])
    if range_basis(row) == INTERVAL:
        low, high = float(row["minutes_low"]), float(row["minutes_high"])
        return max(minutes - STRETCH * (minutes - low), 0.0), minutes + STRETCH * (high - minutes)
    factor = lookup(parameters, f"wait_range_grade_{str(row['grade']).lower()}").central
    factor = 1 + (factor - 1) * (1 + lookup(parameters, "wait_range_per_year").central * age(row, case_year))
    return minutes / factor, minutes * factor


def range_basis(row: Mapping[str, Any]) -> str:
    """`interval` where the measurement has one of its own, else `grade`."""
    return INTERVAL if _known(row.get("minutes_low")) and _known(row.get("minutes_high")) else BY_GRADE


def age(row: Mapping[str, Any], case_year: int) -> int:
    """Full years from the end of the measurement to the year of the case; 0 where its period is not known."""
    end = str(row.get("period_end") or "")
    return max(case_year - int(end[:4]), 0) if end[:4].isdigit() else 0


def _known(value: Any) -> bool:
    return value is not None and bool(np.isfinite(float(value)))
