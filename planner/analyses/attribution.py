"""Why places differ between two runs: the order again with one difference of the inputs at a time.

Document of one pair of runs:
  how: `stored` (the runs' own draws: nothing that changes every effect differs, or it is the only difference) or
    `central` (effects solved again at central values, with one difference at a time)
  steps: one for each difference, {cause, detail (a parameter's key, else ''), status (done | failed), reason,
    moved (measures that change place by it alone), places (sum of their places), tau (agreement with the first run)}
  together: the same for all differences at once
  not_parted: differences that cannot be put in alone (draws and seed, another version of the engine)
  rows: {intervention, places (gained from the first run to the later, as in the comparison), steps (places gained by
    each step alone, in their order, None where it failed), together, interaction (together less the steps' sum), rest
    (places less together: draws, and whatever central values do not show)}
Places are counted among the measures that all compared runs rank; gained places are positive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from planner.analyses.orderings import agreement, central_effects, ordered
from planner.analyses.work import Work
from planner.engine.baseline import Baseline, build_baseline
from planner.engine.effect import DONE, Effect
from planner.engine.errors import EngineError
from planner.engine.ranking import imbalance_score, welfare_score
from planner.engine.types import Parameters
from planner.reports.standing import standing_places

# Parameters that get a step of their own; all others that differ share one.
MOST_PARAMETERS = 5
OTHERS = "others"
EVERY_EFFECT = ("facts", "parameters", "variant", "closure")
ORDERED_BY = ("criterion", "standing")
NOT_PARTED = ("draws", "engine_version")

Effects = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Side:
    """One of the two runs: its settings and copies, its baseline and its effects by intervention."""

    run: Any
    baseline: Baseline
    facts_digest: str
    effects: Mapping[str, Effect]

    def documents(self) -> dict[str, Mapping[str, Any]]:
        """Copies of its interventions, by id."""
        return {document["id"]: document for document in self.run.interventions}


@dataclass(frozen=True)
class Difference:
    """One thing that differs; `detail` is a parameter's key."""

    cause: str
    detail: str = ""


@dataclass(frozen=True)
class Mixed:
    """A run's facts with some taken from another run."""

    closure: str
    criterion: str
    standing: str
    variant: str
    seed: int
    interventions: Sequence[Mapping[str, Any]]
    parameters: Sequence[Mapping[str, Any]]
    case_document: Mapping[str, Any] = field(default_factory=dict)


def attribute_moves(first: Side, later: Side, common: Sequence[str], changed: Sequence[str]) -> dict[str, Any] | None:
    """See the module. `common` are ranked in all runs, `changed` those with other inputs; None where nothing differs."""
    found = differences(first, later, changed)
    not_parted = differences_left(first, later)
    if not found and not not_parted:
        return None
    everywhere = [one for one in found if one.cause in EVERY_EFFECT]
    alone = len(everywhere) + len(not_parted)
    stored = alone == 0 or (alone == 1 and len(found) + len(not_parted) == 1)
    solver = _Stored(first, later, changed) if stored else _Solved(first, later, changed)
    wanted = found or [Difference(name) for name in not_parted]
    return _document(solver, wanted, [] if stored else not_parted, common, first, later)


def differences(first: Side, later: Side, changed: Sequence[str]) -> list[Difference]:
    """What differs and can be put in alone, in the order in which a run reads it."""
    found = []
    if first.facts_digest != later.facts_digest:
        found.append(Difference("facts"))
    keys = changed_parameters(first.run.parameters, later.run.parameters)
    shown = keys if len(keys) <= MOST_PARAMETERS + 1 else [*keys[:MOST_PARAMETERS], OTHERS]
    found += [Difference("parameters", key) for key in shown]
    found += [
        Difference(name) for name in ("variant", "closure") if getattr(first.run, name) != getattr(later.run, name)
    ]
    if changed:
        found.append(Difference("own_inputs"))
    return found + [Difference(name) for name in ORDERED_BY if getattr(first.run, name) != getattr(later.run, name)]


def differences_left(first: Side, later: Side) -> list[str]:
    """What differs and cannot be put in alone."""
    one, other = first.run, later.run
    found = ["draws"] if (one.draws, one.seed) != (other.draws, other.seed) else []
    return found + (["engine_version"] if one.engine_version != other.engine_version else [])


def changed_parameters(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> list[str]:
    """Keys whose rows differ, the largest relative change of a central value first."""
    tables = [{(row["key"], row.get("sector", "")): row for row in rows} for rows in (one, other)]
    sizes: dict[str, float] = {}
    for place in sorted(set().union(*tables)):
        before, after = (table.get(place) for table in tables)
        values = [[row[name] for name in ("low", "central", "high")] if row else None for row in (before, after)]
        if values[0] != values[1]:
            old, new = (value[1] if value else 0.0 for value in values)
            size = abs(new - old) / max(abs(old), abs(new), 1e-12)
            sizes[place[0]] = max(size, sizes.get(place[0], 0.0))
    return sorted(sizes, key=lambda key: (-sizes[key], key))


class _Stored:
    """Effects of the runs themselves: exact, without any solve."""

    how = "stored"

    def __init__(self, first: Side, later: Side, changed: Sequence[str]) -> None:
        self.first, self.later, self.changed = first, later, set(changed)

    def effects(self, taken: Sequence[Difference]) -> tuple[Effects, str]:
        """Effects with these differences taken from the later run, and the criterion to order them by."""
        causes = {one.cause for one in taken}
        standing = (self.later if "standing" in causes else self.first).run.standing
        criterion = (self.later if "criterion" in causes else self.first).run.criterion
        everything = bool(causes & {*EVERY_EFFECT, *NOT_PARTED})
        found = {}
        for name, effect in self.first.effects.items():
            other = everything or ("own_inputs" in causes and name in self.changed)
            side = self.later if other else self.first
            chosen = side.effects.get(name, effect)
            if chosen.status == DONE:
                places = standing_places(side.baseline, standing)
                found[name] = (
                    float(np.mean(imbalance_score(chosen))),
                    float(np.mean(welfare_score(chosen, places))),
                )
        return found, criterion


class _Solved:
    """Effects solved again at central values, on baselines built from both runs' inputs."""

    how = "central"

    def __init__(self, first: Side, later: Side, changed: Sequence[str]) -> None:
        self.first, self.later, self.changed = first, later, set(changed)

    def effects(self, taken: Sequence[Difference]) -> tuple[Effects, str]:
        """Likewise. Raises what a baseline or a solve raises."""
        causes = {one.cause for one in taken}
        run = self.mixed(taken, causes)
        baseline = (self.later if "facts" in causes else self.first).baseline
        if causes & {"facts", "parameters", "variant"}:
            rows = Parameters(tuple(self.rows(taken)))
            baseline = build_baseline(baseline.facts, rows, run.variant)
        work = Work(run, baseline)
        return central_effects(work, run.closure).effects, run.criterion

    def mixed(self, taken: Sequence[Difference], causes: set[str]) -> Any:
        """The first run with the differences taken from the later one."""
        values = {
            name: getattr((self.later if name in causes else self.first).run, name)
            for name in ("closure", "criterion", "standing", "variant")
        }
        mine, theirs = self.first.documents(), self.later.documents()
        documents = [
            theirs[name] if "own_inputs" in causes and name in self.changed and name in theirs else document
            for name, document in mine.items()
        ]
        run = self.first.run
        return Mixed(
            **values,
            seed=run.seed,
            interventions=documents,
            parameters=run.parameters,
            case_document=run.case_document,
        )

    def rows(self, taken: Sequence[Difference]) -> list[Any]:
        """The engine's parameter rows with the keys taken from the later run."""
        keys = {one.detail for one in taken if one.cause == "parameters"}
        mine, theirs = self.first.baseline.parameters.rows, self.later.baseline.parameters.rows
        if OTHERS in keys:
            named = changed_parameters(self.first.run.parameters, self.later.run.parameters)
            keys |= set(named[MOST_PARAMETERS:])
        return [row for row in mine if row.key not in keys] + [row for row in theirs if row.key in keys]


def _document(
    solver: _Stored | _Solved,
    wanted: Sequence[Difference],
    not_parted: Sequence[str],
    common: Sequence[str],
    first: Side,
    later: Side,
) -> dict[str, Any]:
    start, reason = _places(solver, [], common)
    steps = []
    for one in wanted:
        places, why = _places(solver, [one], common) if start else (None, reason)
        steps.append(({"cause": one.cause, "detail": one.detail}, places, why))
    end, why = _places(solver, wanted, common) if start else (None, reason)
    own = _own_places(first, common), _own_places(later, common)
    return {
        "how": solver.how,
        "not_parted": list(not_parted),
        "steps": [step | _summary(start, places, why) for step, places, why in steps],
        "together": _summary(start, end, why),
        "rows": [_row(name, own, start, [places for _, places, _ in steps], end) for name in common],
    }


def _places(
    solver: _Stored | _Solved, taken: Sequence[Difference], common: Sequence[str]
) -> tuple[dict[str, int] | None, str]:
    """Places of the common measures, or None and the reason."""
    try:
        effects, criterion = solver.effects(taken)
    except (EngineError, ValueError, KeyError, FloatingPointError, np.linalg.LinAlgError) as error:
        return None, str(error)
    missing = [name for name in common if name not in effects]
    if missing:
        return None, f"no effect of {', '.join(missing[:3])}"
    order = ordered({name: effects[name] for name in common}, criterion)
    return {name: place for place, name in enumerate(order, start=1)}, ""


def _own_places(side: Side, common: Sequence[str]) -> dict[str, int]:
    """Places as the run itself orders the common measures."""
    effects, criterion = _Stored(side, side, ()).effects([])
    order = ordered({name: effects[name] for name in common}, criterion)
    return {name: place for place, name in enumerate(order, start=1)}


def _summary(start: Mapping[str, int] | None, places: Mapping[str, int] | None, reason: str) -> dict[str, Any]:
    if start is None or places is None:
        return {"status": "failed", "reason": reason, "moved": None, "places": None, "tau": None}
    moves = [start[name] - places[name] for name in start]
    return {
        "status": "done",
        "reason": "",
        "moved": sum(move != 0 for move in moves),
        "places": sum(abs(move) for move in moves),
        "tau": agreement(sorted(start, key=start.__getitem__), sorted(places, key=places.__getitem__)),
    }


def _row(
    name: str,
    own: tuple[Mapping[str, int], Mapping[str, int]],
    start: Mapping[str, int] | None,
    steps: Sequence[Mapping[str, int] | None],
    end: Mapping[str, int] | None,
) -> dict[str, Any]:
    total = own[0][name] - own[1][name]
    gained = [start[name] - step[name] if start and step else None for step in steps]
    together = start[name] - end[name] if start and end else None
    parted = together is not None and all(one is not None for one in gained)
    return {
        "intervention": name,
        "places": total,
        "steps": gained,
        "together": together,
        "interaction": together - sum(one or 0 for one in gained) if parted and together is not None else None,
        "rest": total - together if together is not None else None,
    }
