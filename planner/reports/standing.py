"""Whose welfare counts: the places behind each choice of standing."""

import numpy as np

from planner.engine.baseline import Baseline

WORDS = {"border": "border regions", "case": "border regions and hinterlands", "world": "all places"}
_KINDS = {"border": ("border",), "case": ("border", "hinterland")}


def standing_places(baseline: Baseline, standing: str) -> list[int]:
    """Numbers of the places that have standing; KeyError for an unknown choice."""
    if standing == "world":
        return list(range(len(baseline.place_kind)))
    return [int(number) for number in np.flatnonzero(np.isin(baseline.place_kind, _KINDS[standing]))]
