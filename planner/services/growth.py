"""What moved trade and balances between two years of one border: two imported cases of the same places. Nothing is stored."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner import snapshot
from planner.engine.baseline import Baseline, build_baseline
from planner.engine.errors import EngineError, InvalidBaseline
from planner.engine.growth import Growth, GrowthParts, split_growth
from planner.engine.types import Array
from planner.engine.version import ENGINE_VERSION
from planner.services.errors import RunRefused
from planner.services.start import default_parameter_set
from regions.models import Case

FORMAT = "border-trade-planner/growth/1"
GRADE = "D"
PARTS = ("total", "spending", "mix", "shares")


def case_growth(before: Case, after: Case) -> dict[str, Any]:
    """Change of cross-border goods trade from one case to the other, split into spending, mix and shares.

    Document, million of the common currency at each year's prices: before and after {case, title, year}, currency, grade (D:
    spending at home is imputed from GDP), whole {before_musd, after_musd, total, spending, mix, shares}, regions: places
    by id {place, name, economy, kind, exports, imports, balance, each {before_musd, after_musd, total, spending, mix,
    shares}}, pairs: by size of change {origin, destination, before_musd, after_musd, total, spending, mix, shares}. The three
    parts add up to the total. Raises `RunRefused` with all problems where the cases do not fit each other.
    """
    problems = []
    if before.pk == after.pk:
        problems.append(f"{before.name} is given twice; expected two cases")
    elif before.year >= after.year:
        problems.append(
            f"{before.name} is of {before.year}, {after.name} of {after.year}; expected the earlier year first"
        )
    if problems:
        raise RunRefused(problems)
    try:
        baselines = [_baseline(case) for case in (before, after)]
        found = split_growth(*baselines)
    except InvalidBaseline as error:
        raise RunRefused(error.problems) from error
    except EngineError as error:
        raise RunRefused([str(error)]) from error
    return {
        "format": FORMAT,
        "engine_version": ENGINE_VERSION,
        **{
            name: {"case": case.name, "title": case.title, "year": case.year}
            for name, case in (("before", before), ("after", after))
        },
        "currency": after.currency,
        "grade": GRADE,
        **_numbers(found, baselines[0], baselines[1]),
    }


def _baseline(case: Case) -> Baseline:
    parameters = snapshot.engine_parameters(snapshot.parameter_documents(default_parameter_set(case)))
    return build_baseline(snapshot.case_facts(case), parameters)


def _numbers(found: Growth, before: Baseline, after: Baseline) -> dict[str, Any]:
    trade = _trade(before, found.places), _trade(after, found.places)
    accounts = before.accounts
    regions = []
    for number, row in enumerate(before.facts.places.itertuples()):
        regions.append(
            {
                "place": accounts.places[number],
                "name": str(row.name),
                "economy": accounts.economies[accounts.economy[number]],
                "kind": before.place_kind[number],
                "exports": _side(found.exports, number, *(one.sum(axis=1) for one in trade)),
                "imports": _side(found.imports, number, *(one.sum(axis=0) for one in trade)),
                "balance": _side(found.balance, number, *(one.sum(axis=1) - one.sum(axis=0) for one in trade)),
            }
        )
    pairs = [
        {
            "origin": found.places[origin],
            "destination": found.places[destination],
            "before_musd": float(trade[0][origin, destination]),
            "after_musd": float(trade[1][origin, destination]),
            **{part: float(getattr(found, part)[origin, destination]) for part in PARTS},
        }
        for origin, destination in np.argwhere((trade[0] > 0) | (trade[1] > 0))
    ]
    pairs.sort(key=lambda pair: (-abs(pair["total"]), pair["origin"], pair["destination"]))
    whole = {part: float(getattr(found, part).sum()) for part in PARTS}
    return {
        "whole": {"before_musd": float(trade[0].sum()), "after_musd": float(trade[1].sum()), **whole},
        "regions": regions,
        "pairs": pairs,
    }


def _trade(baseline: Baseline, places: tuple[str, ...]) -> Array:
    """Cross-border goods flows, (origin, destination), in the order of `places`."""
    accounts = baseline.accounts
    order = np.array([accounts.places.index(name) for name in places], dtype=np.intp)
    foreign = accounts.economy[order][:, None] != accounts.economy[order][None, :]
    flows = accounts.flows[np.ix_(order, order, baseline.goods)].sum(axis=2)
    return np.asarray(np.where(foreign, flows, 0.0))


def _side(parts: GrowthParts, number: int, before: Array, after: Array) -> dict[str, float]:
    return {
        "before_musd": float(before[number]),
        "after_musd": float(after[number]),
        **{part: float(getattr(parts, part)[number]) for part in PARTS},
    }
