"""What an intervention does, over draws: the engine's result, and its form as bytes."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from planner.engine.types import Array

DONE, NOT_APPLICABLE, FAILED = "done", "not_applicable", "failed"


@dataclass(frozen=True)
class Effect:
    """Outcomes of one intervention under one closure; the last axis of every array is the draw.

    Names are `stage.measure` (partial, conditional, full): index_change, index_with_travel_change (draw,);
    ev_musd, welfare_pct, real_income_pct, real_wage_pct, price_pct, revenue_change_musd, overall_balance_change_musd,
    exports_change_musd, imports_change_musd, balance_change_musd, normalised_balance_change, region_index_change
    (place, draw). chain: the steps from a minute (or another input) to welfare at central values.
    """

    intervention: str
    status: str
    reason: str = ""
    arrays: dict[str, Array] = field(default_factory=dict)
    chain: list[dict[str, Any]] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        """A compressed archive without pickled objects."""
        header = {"intervention": self.intervention, "status": self.status, "reason": self.reason, "chain": self.chain}
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
