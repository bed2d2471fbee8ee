"""The worth of a minute at every crossing of a case, with where the present wait comes from."""

from __future__ import annotations

from typing import Any

from planner import snapshot
from planner.analyses.minute_values import by_sector, stations
from planner.engine.baseline import build_baseline
from planner.engine.errors import EngineError
from planner.engine.sensitivity import minute_values
from planner.engine.version import ENGINE_VERSION
from planner.services.errors import RunRefused
from planner.services.start import default_parameter_set
from regions.models import Case


def case_minute_values(case: Case, *, outcome: str, closure: str, variant: str = "central") -> dict[str, Any]:
    """What one minute of truck wait less would do at each crossing and direction, at central values.

    A JSON document: `stations` (sorted by size of the effect) hold crossing, name, direction (economy entered), trade by
    truck, present wait with grade and source, `value` (index points or million) and its split by sector. Raises
    `RunRefused` where the case cannot be built or the closure has no derivative at the observed baseline.
    """
    parameters = snapshot.engine_parameters(snapshot.parameter_documents(default_parameter_set(case)))
    try:
        baseline = build_baseline(snapshot.case_facts(case), parameters, variant)
        found = minute_values(baseline, parameters, outcome=outcome, closure=closure)
    except (EngineError, ValueError) as error:
        raise RunRefused([str(error)]) from error
    rows = [
        row | {"value": float(-found.total[at]), "by_sector": by_sector(found, at)} for at, row in stations(baseline)
    ]
    rows.sort(key=lambda station: (-abs(station["value"]), station["crossing"], station["direction"]))
    return {
        "format": "border-trade-planner/minute-values/1",
        "case": case.name,
        "outcome": outcome,
        "closure": closure,
        "unit": "index points per minute less"
        if outcome == "imbalance"
        else f"million {case.currency} per minute less",
        "engine_version": ENGINE_VERSION,
        "pairs_at_balance": [list(pair) for pair in found.near_zero],
        "stations": rows,
    }
