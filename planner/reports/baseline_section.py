"""The report's account of the baseline: index, regions, crossings, pairs, and how each number was got."""

from typing import Any

import numpy as np
from django.utils.translation import gettext_noop

from planner.engine.baseline import Baseline
from planner.engine.estimate import baseline_outcomes
from planner.engine.imbalance import Imbalance
from planner.engine.network import central_wait_hours
from planner.engine.types import Parameters
from planner.engine.uncertainty import worst_grade

NO_INPUT_OUTPUT = gettext_noop(
    "The case has no input-output table: value added equals output, goods and services are sold to final users only, and value added is calibrated to GDP."
)
MINUTES_PER_HOUR = 60


def baseline_section(baseline: Baseline, parameters: Parameters, closure: str, seed: int) -> dict[str, Any]:
    """The `baseline` part of the report document, on observed flows."""
    before = baseline_outcomes(baseline, parameters, draws=0, seed=seed, closure=closure)
    observed = before["observed"]
    shares = baseline.provenance_shares()
    warnings = [NO_INPUT_OUTPUT] if not len(baseline.facts.io) else []
    pairs = _pair_values(baseline)
    return {
        "index": float(observed.headline[0]),
        "index_with_travel": float(before["observed_with_travel"].headline[0]),
        # Under a closure that re-solves the baseline, changes are counted from this index.
        "index_reference": float(before["reference"].headline[0]),
        "total_trade_musd": float(pairs.sum()),
        "imputed_share": shares["imputed"],
        "provenance": shares,
        "regions": _regions(baseline, observed),
        "raised": [
            {"place": row.place, "sector": row.sector, "what": row.what, "factor": float(row.factor)}
            for row in baseline.raised
        ],
        "warnings": [*warnings, *baseline.warnings],
        "crossings": _crossings(baseline),
        "pairs": _pairs(baseline, pairs),
    }


def _pair_values(baseline: Baseline) -> np.ndarray:
    """Observed goods sales between places of different economies, (origin, destination)."""
    accounts = baseline.accounts
    foreign = accounts.economy[:, None] != accounts.economy[None, :]
    return np.asarray(accounts.flows[:, :, baseline.goods].sum(axis=2) * foreign)


def _regions(baseline: Baseline, observed: Imbalance) -> list[dict[str, Any]]:
    accounts, rows = baseline.accounts, []
    for number, place in enumerate(baseline.facts.places.itertuples()):
        exports, imports = float(observed.exports[number, 0]), float(observed.imports[number, 0])
        rows.append(
            {
                "id": accounts.places[number],
                "name": str(place.name),
                "economy": accounts.economies[accounts.economy[number]],
                "kind": baseline.place_kind[number],
                "exports_musd": exports,
                "imports_musd": imports,
                "balance_musd": exports - imports,
                "normalised_balance": float(observed.normalised[number, 0]),
                "index": float(observed.index[number, 0]),
                "coverage": exports / imports if imports else None,
                "balance_gdp": (exports - imports) / float(baseline.gdp[number]),
                "gdp_musd": float(baseline.gdp[number]),
                "imputed_share": baseline.provenance_shares(np.array([number]))["imputed"],
                "latitude": float(baseline.latitude[number]),
                "longitude": float(baseline.longitude[number]),
            }
        )
    return rows


def _crossings(baseline: Baseline) -> list[dict[str, Any]]:
    """Crossings with the waits that the model starts from: measured, else the default of the parameter set."""
    network, economies = baseline.network, list(baseline.accounts.economies)
    hours = central_wait_hours(network, baseline.parameters, economies)
    table = baseline.facts.crossing_flows
    trade = table.groupby("crossing")["value_musd"].sum()
    rows = []
    for number, place in enumerate(baseline.facts.crossings.itertuples()):
        entered = sorted(
            {int(baseline.accounts.economy[side[number]]) for side in (network.region_a, network.region_b)}
        )
        sources = {
            economies[economy]: f"{network.wait_source[number][economy]} ({network.wait_grade[number][economy]})"
            for economy in entered
        }
        rows.append(
            {
                "code": network.crossings[number],
                "name": network.names[number],
                "latitude": float(place.latitude),
                "longitude": float(place.longitude),
                "trade_musd": float(trade.get(network.crossings[number], 0.0)),
                "wait_minutes": {
                    economies[economy]: float(hours[number, economy]) * MINUTES_PER_HOUR for economy in entered
                },
                "wait_grade": worst_grade(network.wait_grade[number][economy] for economy in entered),
                "wait_source": "; ".join(f"{economy}: {source}" for economy, source in sources.items()),
            }
        )
    return rows


def _pairs(baseline: Baseline, values: np.ndarray) -> list[dict[str, Any]]:
    places = baseline.accounts.places
    return [
        {"origin": places[origin], "destination": places[destination], "value_musd": float(values[origin, destination])}
        for origin, destination in np.argwhere(values > 0)
    ]
