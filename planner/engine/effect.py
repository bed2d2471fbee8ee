"""What an intervention does, over draws: the engine's result, and its form as bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from planner.engine.types import Array

DONE, NOT_APPLICABLE, FAILED = "done", "not_applicable", "failed"


@dataclass(frozen=True)
class Effect:
    """Outcomes of one intervention under one closure; the last axis of every array is the draw.

    Names are `stage.measure` (partial, conditional, full): index_change, index_with_travel_change, gap_change_musd (draw,);
    ev_musd, welfare_pct, real_income_pct, real_wage_pct, price_pct, revenue_change_musd, overall_balance_change_musd,
    exports_change_musd, imports_change_musd, balance_change_musd, normalised_balance_change, region_index_change
    (place, draw). wait.before_minutes, wait.after_minutes (station, draw): truck waits at the stations that
    `crossing_queues.Queues.names` lists. chain: the steps from a minute (or another input) to welfare at central values.
    excluded: draws without a solution, as {draw, reason}: their columns are NaN until `common_draws` leaves them out.
    """

    intervention: str
    status: str
    reason: str = ""
    arrays: dict[str, Array] = field(default_factory=dict)
    chain: list[dict[str, Any]] = field(default_factory=list)
    excluded: list[dict[str, Any]] = field(default_factory=list)
    left_out: tuple[int, ...] = ()  # draws that the arrays no longer hold

    def to_bytes(self) -> bytes:
        """A compressed archive without pickled objects."""
        header = {"intervention": self.intervention, "status": self.status, "reason": self.reason, "chain": self.chain}
        header["excluded"] = self.excluded
        buffer = io.BytesIO()
        packed = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
        np.savez_compressed(buffer, allow_pickle=False, header=packed, **self.arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Effect:
        """The inverse of `to_bytes`."""
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            header = json.loads(archive["header"].tobytes())
            arrays = {name: archive[name] for name in archive.files if name != "header"}
        return cls(arrays=arrays, **header)


def common_draws(effects: Sequence[Effect]) -> list[Effect]:
    """The effects over the draws that all of them have, so that draw by draw they can be compared; see `Effect.left_out`."""
    missing = sorted({int(row["draw"]) for effect in effects if effect.arrays for row in effect.excluded})
    if not missing:
        return list(effects)
    return [
        replace(
            effect,
            arrays={name: np.delete(array, missing, axis=-1) for name, array in effect.arrays.items()},
            left_out=tuple(missing),
        )
        if effect.arrays
        else effect
        for effect in effects
    ]
