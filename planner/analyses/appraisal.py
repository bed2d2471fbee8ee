"""Appraisal by year of every intervention: what it is worth to those with standing against what it costs (model.md 8).

Document (money: million of the case's currency at its price year; `quantities`: mean, sd, q05, q50, q95, p_negative):
  standing (words), currency, price_year, base_year, last_year, horizon_years, discount_rate, optimism_bias (quantities)
  order: ids of measures that may be proposed and whose cost is known, by mean NPV, best first
  rows: by id; npv_musd, bcr, eirr, payback_years ... are None where the cost is unknown: never zero:
    intervention, restrictive, cost_known, present_benefits_musd, present_costs_musd, present_transfers_musd
    {name: quantities}, npv_musd (quantities), p_npv_positive, bcr (quantities, share_defined), bcr_at_means, eirr
    (quantities, share_defined; share per year), eirr_status {why or `defined`: share of draws}, payback_years and
    discounted_payback_years {q05, q50, q95 (None: not within the horizon), share_reached}, switching_at_means {item:
    share by which it must change for the mean NPV to be zero, None where the item is zero}, switching, sunk_musd
    (spent before the base year, left out), beyond_horizon_musd, operating_continued_musd, by_year [{year,
    discount_factor (mean), benefits_musd, costs_musd, transfers_musd {name: mean}, net_musd, discounted_net_musd}]:
    means over draws; discounted_net_musd adds up to the mean NPV
    half_ramp_share: welfare at half of the ramp over that at full, central values
    co2_tonnes: {before, after} of trucks that queue, a year, central values
    travellers: None where the measure moves none of their waits, else {people (a year, both ways where both are
      concerned), minutes_before, minutes_after (quantities, mean over today's people), minutes_saved (quantities, hours
      over today's people), hours_saved (quantities, a year, at full ramp, by the rule of half), change (quantities, share
      of today's people by which more come), co2_tonnes {before, after (quantities)} of cars that queue, waits_measured
      (share of the people whose wait was measured; else it is the default), uncounted (crossings without counts), moved
      (number of stations), stations: the most hours of people first, at most 8: {crossing,
      direction, people, shared_lanes (with trucks: no queue of their own), before, after, change (quantities, minutes)}}
    fees_counted: whether fee revenue is a benefit here; else it is a transfer, as revenue given up is an operating cost
  not_appraised: [{intervention, reason}]
  draws: by draw, in the order of the report's own `draws`: discount_rate, optimism_bias, npv_musd {id: values},
    amounts_musd {id: {stream: values}}: yearly benefits but welfare at full ramp; along the ramp those are the parabola
    through half of them, welfare through half_ramp_share
Benefits: `welfare` (equivalent variation, the time of trucks inside), `co2_of_queueing`, `fee_revenue` where counted,
`travellers_time` of people in cars and buses, whose lanes a measure changes or whom more visitors join, and of everybody
where a channel `traveller_share` says what part of trucks' minutes they share. CO2 is that of trucks and cars that queue.
Costs: capital with optimism bias, operating, residual (negative). Transfers: `government_revenue`, inside welfare: shown,
never added.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analyses.money import (
    HORIZON_YEARS,
    appraisals,
    fees_count,
    half_ramp_shares,
    terms_of,
    travellers,
)
from planner.analyses.work import Work, finite
from planner.engine.appraisal_summary import summarise
from planner.engine.travellers import Travellers
from planner.engine.types import Array
from planner.engine.uncertainty import Draws, quantities

MOST_STATIONS = 8
SHARED = ("currency", "price_year", "base_year", "last_year", "discount_rate", "optimism_bias")


def appraisal(work: Work) -> dict[str, Any]:
    """See the module."""
    found, queues, refused, amounts = appraisals(work)
    shares, terms, saving = half_ramp_shares(work), terms_of(work), travellers(work)[0]
    draws = Draws(work.parameters, work.run.draws, work.run.seed)
    car_tonnes = work.kept_draws(draws.parameter("car_idling_co2_kg_per_hour")) / 1000
    rows = []
    for name, result in sorted(found.items()):
        row = {key: value for key, value in summarise(result).items() if key not in SHARED}
        queue = queues.get(name)
        rows.append(
            {
                "intervention": name,
                "restrictive": name in work.restrictive,
                **row,
                "half_ramp_share": shares.get(name),
                "co2_tonnes": None
                if queue is None
                else {"before": queue.co2_before_tonnes, "after": queue.co2_after_tonnes},
                "travellers": _travellers_row(saving.get(name), car_tonnes),
                "fees_counted": fees_count(work, name),
            }
        )
    known = [row for row in rows if row["cost_known"] and not row["restrictive"]]
    known.sort(key=lambda row: (-row["npv_musd"]["mean"], row["intervention"]))
    document = {
        "standing": work.standing_words,
        "currency": terms.currency,
        "price_year": terms.price_year,
        "base_year": terms.base_year,
        "last_year": int(terms.years[-1]),
        "horizon_years": HORIZON_YEARS,
        "discount_rate": quantities(np.atleast_1d(np.asarray(terms.discount_rate, dtype=float))),
        "optimism_bias": quantities(np.atleast_1d(np.asarray(terms.optimism_bias, dtype=float))),
        "order": [row["intervention"] for row in known],
        "rows": rows,
        "draws": {
            "discount_rate": _by_draw(terms.discount_rate),
            "optimism_bias": _by_draw(terms.optimism_bias),
            "npv_musd": {name: _by_draw(one.npv) for name, one in sorted(found.items()) if one.npv is not None},
            "amounts_musd": {
                name: {stream: _by_draw(one) for stream, one in sorted(streams.items())}
                for name, streams in sorted(amounts.items())
            },
        },
        "not_appraised": [{"intervention": name, "reason": reason} for name, reason in sorted(refused.items())],
    }
    return dict(finite(document))


def _by_draw(values: Array | float) -> list[float]:
    return [float(value) for value in np.atleast_1d(np.asarray(values, dtype=float))]


def _travellers_row(saving: Travellers | None, car_tonnes: Array) -> dict[str, Any] | None:
    """car_tonnes: CO2 of an hour of a waiting car, (draw,)."""
    if saving is None:
        return None
    people = float(saving.people.sum())

    def mean(values: Array) -> dict[str, float] | None:
        return quantities(saving.people @ values / people) if people else None

    return {
        "people": people,
        "minutes_before": mean(saving.before),
        "minutes_after": mean(saving.after),
        "minutes_saved": quantities(60 * saving.hours / people) if people else None,
        "hours_saved": quantities(saving.hours),
        "change": mean(saving.ratio - 1),
        "co2_tonnes": {
            "before": quantities(saving.car_hours_before * car_tonnes),
            "after": quantities(saving.car_hours_after * car_tonnes),
        },
        "moved": len(saving.stations),
        "stations": [
            {
                "crossing": saving.stations[at][0],
                "direction": saving.stations[at][1],
                "people": float(saving.people[at]),
                "shared_lanes": bool(saving.shared[at]),
                "before": quantities(saving.before[at]),
                "after": quantities(saving.after[at]),
                "change": quantities(saving.after[at] - saving.before[at]),
            }
            for at in np.argsort(-np.abs(saving.people * (saving.after - saving.before).mean(axis=1)), kind="stable")[
                :MOST_STATIONS
            ]
        ],
        "waits_measured": float(saving.people[saving.measured].sum()) / people if people else None,
        "uncounted": list(saving.uncounted),
    }
