"""What else every intervention does at central values: prices, jobs, terms of trade, dependence, spread, CO2 (model.md 5).

Document:
  draws 0: central values; closure; horizon_years; jobs: `no data` in words where the case has no numbers of jobs
  before: {theil {total, between, within}, co2_tonnes, places: border regions by id [{place, export_concentration,
    import_concentration, crossing_concentration (Herfindahl, 0 to 1), crossings_known (share of trade at known crossings)}]}
  rows: by id: {intervention, restrictive, theil_change {total, between, within}, co2_before_tonnes and co2_change_tonnes
    (a year, trucks that queue),
    revenue_change_musd (a year, those with standing), external_position_change_musd {economy: at the end of the
    horizon, undiscounted}, places: border regions [{place, consumer_price_pct, real_wage_pct, terms_of_trade_pct,
    revenue_change_musd, reallocated_share (of the place's labour that moves between sectors), export_concentration_change,
    import_concentration_change, crossing_concentration_change}]}
With flexible wages jobs move between sectors and their number stays: `reallocated_share` is half the sum of changes of
sectors' shares in labour income. Prices are relative to world value added. None of these is a goal by itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analyses.money import HORIZON_YEARS, Central, central_states, queues
from planner.analyses.work import NoAnalysis, Work, finite
from planner.engine.equilibrium import Equilibrium
from planner.engine.side import Side, jobs_by_sector, side_measures
from planner.engine.types import Array
from planner.engine.uncertainty import Draws

NO_JOBS = "no data: the case has no numbers of jobs"


def side(work: Work) -> dict[str, Any]:
    """See the module."""
    study = work.central_study()
    calm = study.equilibrium(None, Draws(study.baseline.parameters, 0, work.run.seed))
    before = side_measures(study.baseline, calm, horizon_years=HORIZON_YEARS, view=study.view)
    border = [int(place) for place in study.baseline.border]
    names = study.baseline.accounts.places
    rows = [_row(work, state, calm, before, border) for state in central_states(work)]
    if not rows:
        raise NoAnalysis("no intervention could be solved at central values")
    document = {
        "draws": 0,
        "closure": work.run.closure,
        "horizon_years": HORIZON_YEARS,
        "jobs": NO_JOBS,
        "before": {
            "theil": {part: float(getattr(before.theil, part)[0]) for part in ("total", "between", "within")},
            "co2_tonnes": rows[0]["co2_before_tonnes"],
            "places": [{"place": names[place], **_dependence(before, place)} for place in border],
        },
        "rows": rows,
    }
    return dict(finite(document))


def _row(work: Work, state: Central, calm: Equilibrium, before: Side, border: list[int]) -> dict[str, Any]:
    baseline = state.study.baseline
    after = side_measures(
        baseline,
        state.equilibrium,
        horizon_years=HORIZON_YEARS,
        routes=state.built.route_costs(state.wait_change),
        view=state.study.view,
    )
    revenue = (after.revenue_musd - before.revenue_musd)[:, 0]
    position = (after.external_position_musd - before.external_position_musd)[:, 0]
    moved = _reallocated(state.equilibrium, calm)
    queue = queues(state, calm)
    places = []
    for place in border:
        was, now = _dependence(before, place), _dependence(after, place)
        places.append(
            {
                "place": baseline.accounts.places[place],
                "consumer_price_pct": _percent(after.consumer_price, before.consumer_price, place),
                "real_wage_pct": _percent(after.real_wage, before.real_wage, place),
                "terms_of_trade_pct": _percent(after.terms_of_trade, before.terms_of_trade, place),
                "revenue_change_musd": float(revenue[place]),
                "reallocated_share": float(moved[place]),
                **{f"{name}_change": now[name] - was[name] for name in CONCENTRATION},
            }
        )
    return {
        "intervention": state.intervention.id,
        "restrictive": state.intervention.id in work.restrictive,
        "theil_change": {
            part: float(getattr(after.theil, part)[0] - getattr(before.theil, part)[0])
            for part in ("total", "between", "within")
        },
        "co2_before_tonnes": queue.co2_before_tonnes,
        "co2_change_tonnes": queue.co2_after_tonnes - queue.co2_before_tonnes,
        "revenue_change_musd": float(revenue[work.standing].sum()),
        "external_position_change_musd": {
            economy: float(position[baseline.accounts.economy == number].sum())
            for number, economy in enumerate(baseline.accounts.economies)
        },
        "places": places,
    }


CONCENTRATION = ("export_concentration", "import_concentration", "crossing_concentration")


def _dependence(measures: Side, place: int) -> dict[str, float]:
    found = measures.dependence
    return {
        "export_concentration": float(found.exports[place, 0]),
        "import_concentration": float(found.imports[place, 0]),
        "crossing_concentration": float(found.crossings[place, 0]),
        "crossings_known": float(found.known[place, 0]),
    }


def _percent(after: Array, before: Array, place: int) -> float:
    return float(100 * (after[place, 0] / before[place, 0] - 1))


def _reallocated(now: Equilibrium, then: Equilibrium) -> Array:
    """Half the sum over sectors of the change of their share in a place's labour income, (place,)."""
    accounts = now.model.accounts
    labour = accounts.output * accounts.value_added_share
    shares = []
    for equilibrium in (now, then):
        jobs = jobs_by_sector(equilibrium, labour)[..., 0]
        shares.append(jobs / jobs.sum(axis=1, keepdims=True))
    return np.asarray(np.abs(shares[0] - shares[1]).sum(axis=1) / 2)
