"""Why is there an imbalance? Every bilateral imbalance of the run's baseline split into its drivers, exactly (model.md 6).

Document (money: million of the case's currency, border prices, goods across the border; + where the region exports more):
  closure, grade (D: the domestic trade that the wedge rests on is imputed)
  drivers: those with a part, in order, of aggregate, structure, policy, logistics, wedge, currency
  missing: {driver: why it has no part}
  headline: {index, parts {driver: index points}, remainder}; parts and remainder add up to the index
  regions: border regions by size of balance: {place, balance_musd, trade_musd, parts_musd {driver}, remainder_musd, index,
    index_parts {driver}, index_remainder}; a negative index part is a driver that narrows the gap
  pairs: region and partner across the border, by size of balance, a pair of two border regions once: {region, partner,
    balance_musd, trade_musd, one_way_share (of trade in sectors sold in one direction only), parts_musd, remainder_musd}
Parts and remainder add up to the balance to 1e-9 of trade. `remainder` is the multilateral remainder: with several sectors
or one-way trade, places without any asymmetry need not trade in balance with everyone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analyses.work import Work, finite
from planner.engine.diagnosis import Diagnosis, Split, diagnose

GRADE = "D"


def diagnosis(work: Work) -> dict[str, Any]:
    """See the module."""
    found = diagnose(work.baseline, work.parameters, closure=work.run.closure)
    headline = found.headline
    document = {
        "closure": work.run.closure,
        "grade": GRADE,
        "drivers": list(found.drivers),
        "missing": dict(found.missing),
        "headline": {
            "index": float(headline.total),
            "parts": _parts(found, headline, ()),
            "remainder": float(headline.remainder),
        },
        "regions": _regions(found),
        "pairs": _pairs(found),
    }
    return dict(finite(document))


def _parts(found: Diagnosis, split: Split, at: tuple[int, ...]) -> dict[str, float]:
    return {driver: float(split.parts[(number, *at)]) for number, driver in enumerate(found.drivers)}


def _regions(found: Diagnosis) -> list[dict[str, Any]]:
    money, index = found.regions, found.indices
    rows = [
        {
            "place": found.places[place],
            "balance_musd": float(money.total[place]),
            "trade_musd": float(found.trade[place].sum()),
            "parts_musd": _parts(found, money, (place,)),
            "remainder_musd": float(money.remainder[place]),
            "index": float(index.total[place]),
            "index_parts": _parts(found, index, (place,)),
            "index_remainder": float(index.remainder[place]),
        }
        for place in map(int, found.border)
    ]
    return sorted(rows, key=lambda row: (-abs(row["balance_musd"]), row["place"]))


def _pairs(found: Diagnosis) -> list[dict[str, Any]]:
    border = np.isin(np.arange(len(found.places)), found.border)
    rows = [
        {
            "region": found.places[region],
            "partner": found.places[partner],
            "balance_musd": float(found.pairs.total[region, partner]),
            "trade_musd": float(found.trade[region, partner]),
            "one_way_share": float(found.one_way[region, partner]),
            "parts_musd": _parts(found, found.pairs, (region, partner)),
            "remainder_musd": float(found.pairs.remainder[region, partner]),
        }
        for region in map(int, found.border)
        for partner in range(len(found.places))
        if found.trade[region, partner] > 0 and (not border[partner] or region < partner)
    ]
    return sorted(rows, key=lambda row: (-abs(row["balance_musd"]), row["region"], row["partner"]))
