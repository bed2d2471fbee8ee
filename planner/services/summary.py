"""The short form of an effect that lists and the API show; the arrays stay the record."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from planner import snapshot
from planner.engine.effect import Effect, common_draws
from planner.models import Effect as EffectRow

QUANTILES = {"q05": 0.05, "q50": 0.5, "q95": 0.95}


def effect_summary(effect: Effect) -> dict[str, Any]:
    """Mean, spread, 90 % interval and probability of a fall, for every array that has draws as its only axis."""
    (effect,) = common_draws([effect])
    return {
        name: quantities(values)
        for name, values in sorted(effect.arrays.items())
        if values.ndim == 1 and not name.startswith("chain.") and values.size
    }


def quantities(values: np.ndarray) -> dict[str, float | None]:
    """The numbers that describe one outcome over the draws; None where a draw is not finite."""
    numbers = {
        "mean": float(np.mean(values)),
        "sd": float(np.std(values, ddof=1)) if values.size > 1 else 0.0,
        **{name: float(np.quantile(values, level)) for name, level in QUANTILES.items()},
        "p_negative": float(np.mean(values < 0)),
    }
    return {name: value if math.isfinite(value) else None for name, value in numbers.items()}


STAGES = ("partial", "conditional", "full")


def unit_of(measure: str, currency: str) -> str:
    """The unit that the end of a measure's name says."""
    if measure.endswith("_musd"):
        return f"million {currency} a year"
    return "%" if measure.endswith("_pct") else "1"


def effect_outcomes(row: EffectRow) -> list[dict[str, Any]]:
    """Everything that the arrays say by stage and measure, and by place where they have places; nothing without arrays."""
    if not row.arrays:
        return []
    (effect,) = common_draws([Effect.from_bytes(bytes(row.arrays))])
    places = snapshot.load_baseline(row.run.snapshot).accounts.places
    currency = row.run.case_document.get("currency", "USD")
    found = []
    for name, values in effect.arrays.items():
        stage, _, measure = name.partition(".")
        if stage not in STAGES:
            continue
        about: dict[str, Any] = {"stage": stage, "measure": measure, "unit": unit_of(measure, currency)}
        found += [about | {"place": place} | quantities(draws) for place, draws in by_place(values, places)]
    return found


def by_place(values: np.ndarray, places: Sequence[str]) -> list[tuple[str | None, np.ndarray]]:
    """The draws of each place; of no place where the measure is one of the whole."""
    return [(None, values)] if values.ndim == 1 else list(zip(places, values, strict=True))
