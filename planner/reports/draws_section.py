"""Values per draw: what ranks, chances, intervals and regret are counted from, so that anybody can count them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from planner.engine.effect import DONE, Effect, common_draws
from planner.engine.ranking import welfare_score


def draws_section(effects: Sequence[Effect], standing: Sequence[int]) -> dict[str, Any]:
    """{left_out (numbers of draws that no list holds), index_change, welfare_musd {id: values by draw}}, full stage.

    Equal places in the lists are the same draw of all uncertain numbers. Their place is the JSON file alone: as rows of a
    table they would be most of any workbook.
    """
    kept = [effect for effect in common_draws(effects) if effect.status == DONE]
    return {
        "left_out": list(kept[0].left_out) if kept else [],
        "index_change": {one.intervention: values(one.arrays["full.index_change"]) for one in kept},
        "welfare_musd": {one.intervention: values(welfare_score(one, standing)) for one in kept},
    }


def values(array: np.ndarray) -> list[float]:
    """As a document holds them."""
    return [float(value) for value in array]
