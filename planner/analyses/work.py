"""What an analysis reads: the run's copies, its baseline and its effects; and how it says that there is nothing to find."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from planner.engine.baseline import Baseline
from planner.engine.effect import DONE, Effect
from planner.engine.estimate import Study
from planner.engine.parameters import complete_parameters
from planner.engine.types import Array, Intervention, Parameters
from planner.reports.context import RunFacts
from planner.reports.standing import WORDS, standing_places
from planner.snapshot import engine_intervention

RESTRICTIVE = "restrictive"


class NotApplicable(Exception):
    """The analysis has no meaning for this run, with the reason."""


class NoAnalysis(Exception):
    """The analysis could not be made, with the reason."""


@dataclass(frozen=True)
class Work:
    """One run's copies and results.

    effects: stored effects by id of the intervention; only analyses that come after the effects may read them.
    kept: what several analyses of one run need, computed by the first.
    """

    run: RunFacts
    baseline: Baseline
    effects: Mapping[str, Effect] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)

    def shared(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    @cached_property
    def documents(self) -> dict[str, Mapping[str, Any]]:
        """The run's copies of its interventions, by id."""
        return {document["id"]: document for document in self.run.interventions}

    @cached_property
    def interventions(self) -> list[Intervention]:
        """The same as the engine takes them, by id."""
        return [engine_intervention(self.documents[name]) for name in sorted(self.documents)]

    @cached_property
    def restrictive(self) -> frozenset[str]:
        """Measures that are there to compare with; the others are what may be proposed."""
        return frozenset(name for name, document in self.documents.items() if document["kind"] == RESTRICTIVE)

    @cached_property
    def standing(self) -> list[int]:
        """Numbers of the places whose welfare counts."""
        return standing_places(self.baseline, self.run.standing)

    @cached_property
    def parameters(self) -> Parameters:
        """The parameters of the baseline, with a row for every key."""
        return complete_parameters(self.baseline.parameters)

    @property
    def standing_words(self) -> str:
        """Whose welfare counts."""
        return WORDS[self.run.standing]

    @property
    def currency(self) -> str:
        """The one currency of all money figures."""
        return str(self.run.case_document["currency"])

    @property
    def price_year(self) -> int:
        """The one price year of all money figures."""
        return int(self.run.case_document["price_year"])

    def done(self) -> dict[str, Effect]:
        """Effects that were estimated, by id; NoAnalysis where there is none."""
        found = {name: effect for name, effect in sorted(self.effects.items()) if effect.status == DONE}
        if not found:
            raise NoAnalysis("no intervention was estimated, so that there is nothing to compare")
        return found

    def kept_draws(self, values: Array) -> Array:
        """Values over all draws (the last axis) at those draws that every estimated effect has."""
        left_out = next(iter(self.done().values())).left_out
        return np.delete(values, left_out, axis=-1) if left_out else values

    @cached_property
    def _prepared(self) -> Baseline:
        """The baseline with a row for every parameter: one object, so that all studies share its queues."""
        return replace(self.baseline, parameters=self.parameters)

    @cached_property
    def _studies(self) -> dict[str, Study]:
        return {}

    def central_study(self, closure: str | None = None) -> Study:
        """A study of central values, of its own: the run's study of all draws stays in its place."""
        name = closure or self.run.closure
        if name not in self._studies:
            baseline = self._prepared
            self._studies[name] = Study(baseline, baseline.parameters, draws=0, seed=self.run.seed, closure=name)
        return self._studies[name]


def finite(value: Any) -> Any:
    """The same document with None where a number is not finite: JSON has no word for infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, (list, tuple)) else value
