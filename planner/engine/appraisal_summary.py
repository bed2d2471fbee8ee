"""An appraisal in numbers for tables: quantiles over draws, shares of draws, amounts by year; no words beyond names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from planner.engine.appraisal import Appraisal
from planner.engine.cash_flows import RATE_STATUS
from planner.engine.types import Array
from planner.engine.uncertainty import quantities


def summarise(appraisal: Appraisal) -> dict[str, Any]:
    """Every figure of an appraisal as plain numbers, None where there is none (cost unknown, no rate, never paid back).

    `by_year` holds means over draws: its discounted columns add up to the means of the present values.
    """
    terms = appraisal.terms
    return {
        "cost_known": appraisal.cost_known,
        "currency": terms.currency,
        "price_year": terms.price_year,
        "base_year": terms.base_year,
        "last_year": int(terms.years[-1]),
        "discount_rate": quantities(np.atleast_1d(np.asarray(terms.discount_rate, dtype=float))),
        "optimism_bias": quantities(np.atleast_1d(np.asarray(terms.optimism_bias, dtype=float))),
        "present_benefits_musd": _by_name(appraisal.present_benefits),
        "present_costs_musd": _by_name(appraisal.present_costs),
        "present_transfers_musd": _by_name(appraisal.present_transfers),
        "npv_musd": None if appraisal.npv is None else quantities(appraisal.npv),
        "p_npv_positive": appraisal.p_npv_positive,
        "bcr": _defined(appraisal.bcr),
        "bcr_at_means": appraisal.bcr_at_means,
        "eirr": _defined(appraisal.eirr),
        "eirr_status": _status_shares(appraisal),
        "payback_years": _reached(appraisal.payback),
        "discounted_payback_years": _reached(appraisal.discounted_payback),
        "switching_at_means": dict(appraisal.switching_at_means),
        "switching": {name: _defined(values) for name, values in appraisal.switching.items()},
        "sunk_musd": appraisal.sunk_musd,
        "beyond_horizon_musd": appraisal.beyond_musd,
        "operating_continued_musd": appraisal.continued_musd,
        "by_year": _by_year(appraisal),
    }


def _by_name(parts: Mapping[str, Array]) -> dict[str, dict[str, float]]:
    return {name: quantities(values) for name, values in parts.items()}


def _defined(values: Array | None) -> dict[str, float] | None:
    """Quantities over the draws that have a number, and their share; None where no draw has one."""
    if values is None:
        return None
    good = values[np.isfinite(values)]
    return quantities(good) | {"share_defined": good.size / values.size} if good.size else None


def _reached(years: Array | None) -> dict[str, float | None] | None:
    """Quantiles of the payback over all draws, None where a quantile is never reached, and the share that is."""
    if years is None:
        return None
    quantiles = np.quantile(years, (0.05, 0.5, 0.95), method="inverted_cdf")
    found: dict[str, float | None] = {
        name: float(value) if np.isfinite(value) else None
        for name, value in zip(("q05", "q50", "q95"), quantiles, strict=True)
    }
    return found | {"share_reached": float(np.isfinite(years).mean())}


def _status_shares(appraisal: Appraisal) -> dict[str, float] | None:
    """Share of draws by why a rate of return is a number or not; only what occurs."""
    if appraisal.eirr_status is None:
        return None
    shares = [(name, float((appraisal.eirr_status == code).mean())) for code, name in enumerate(RATE_STATUS)]
    return {name: share for name, share in shares if share > 0}


def _by_year(appraisal: Appraisal) -> list[dict[str, Any]]:
    discount, net = appraisal.discount, appraisal.net
    rows = []
    for position, year in enumerate(appraisal.terms.years):
        parts = (
            ("benefits_musd", appraisal.benefits),
            ("costs_musd", appraisal.costs),
            ("transfers_musd", appraisal.transfers),
        )
        row: dict[str, Any] = {"year": int(year), "discount_factor": float(discount[position].mean())}
        for name, items in parts:
            row[name] = {item: float(values[position].mean()) for item, values in items.items()}
        if appraisal.cost_known:
            row["net_musd"] = float(net[position].mean())
            row["discounted_net_musd"] = float((net[position] * discount[position]).mean())
        rows.append(row)
    return rows
