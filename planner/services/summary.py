"""The short form of an effect that lists and the API show; the arrays stay the record."""

import math
from typing import Any

import numpy as np

from planner.engine.effect import Effect, common_draws

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
