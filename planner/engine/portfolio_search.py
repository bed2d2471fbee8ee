"""Exchange steps: from the program's choice to a better one by joint solves (model.md 10).

The program knows main and pairwise effects; a joint solve knows everything. Adding, dropping, moving and exchanging
candidates is tried in the order of what pairwise effects promise, and kept where the joint solve agrees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from planner.engine.bundles import JointEffects
from planner.engine.portfolio_program import NOT_TAKEN, Choice, Program
from planner.engine.types import Array

TRIED = 48  # choices solved jointly in each round
ROUNDS = 25
LEAST_GAIN = 1e-9  # relative: below this two sets are the same


@dataclass(frozen=True)
class Verified:
    """A choice with its value by joint solves; steps: exchanges made, from the value that the search started with."""

    choice: Choice
    value: float
    steps: int = 0


def joint_value(program: Program, choice: Choice, effects: JointEffects, objective: str) -> float:
    """Weighted sum over periods of the joint effect of what is active; NaN where there is no solution."""
    values = [found.value(objective) for found in effects.outcomes(program.active_sets(choice))]
    return float(np.dot(values, program.weight))


def improve(
    program: Program, choice: Choice, effects: JointEffects, objective: str, main: Array, pairs: Array
) -> Verified:
    """Exchange steps from a feasible choice until none of the most promising ones is better by a joint solve."""
    value = joint_value(program, choice, effects, objective)
    steps = 0
    for _ in range(ROUNDS):
        tried = _promising(program, choice, main, pairs)
        effects.outcomes([active for other in tried for active in program.active_sets(other)])
        values = [joint_value(program, other, effects, objective) for other in tried]
        better = [number for number, found in enumerate(values) if np.isfinite(found)]
        if not better:
            break
        best = max(better, key=lambda number: values[number])
        if np.isfinite(value) and values[best] <= value + LEAST_GAIN * max(abs(value), 1e-300):
            break
        choice, value, steps = tried[best], values[best], steps + 1
    return Verified(choice, value, steps)


def _promising(program: Program, choice: Choice, main: Array, pairs: Array) -> list[Choice]:
    """The feasible neighbours of a choice that pairwise effects value most."""
    neighbours = list(_neighbours(program, choice))
    if not neighbours:
        return []
    values = program.predicted_all(neighbours, main, pairs)
    affordable = program.affordable_all(neighbours)
    found: list[Choice] = []
    for number in sorted(np.flatnonzero(affordable), key=lambda number: (-values[number], neighbours[number])):
        if program.allowed(neighbours[number]):
            found.append(neighbours[number])
            if len(found) == TRIED:
                break
    return found


def _neighbours(program: Program, choice: Choice) -> Iterator[Choice]:
    """Choices one step away: add, drop, another start, one for one, one for two, two for one."""
    options = program.active.shape[1]
    inside = [number for number, option in enumerate(choice) if option != NOT_TAKEN]
    outside = [number for number, option in enumerate(choice) if option == NOT_TAKEN]
    usable = np.asarray(program.active.any(axis=2))

    def changed(*changes: tuple[int, int]) -> Choice:
        new = list(choice)
        for number, option in changes:
            new[number] = option
        return tuple(new)

    for number in range(len(choice)):
        for option in (NOT_TAKEN, *range(options)):
            if option != choice[number] and (option == NOT_TAKEN or usable[number, option]):
                yield changed((number, option))
    starts = [(number, option) for number in outside for option in range(options) if usable[number, option]]
    for dropped in inside:
        for added in starts:
            yield changed((dropped, NOT_TAKEN), added)
    # Exchanges of two are many: with several starts each, only those of the same start as now or the first.
    firsts = [(number, int(np.argmax(usable[number]))) for number in outside if usable[number].any()]
    for dropped in inside:
        for one, other in combinations(firsts, 2):
            yield changed((dropped, NOT_TAKEN), one, other)
    for one_out, other_out in combinations(inside, 2):
        for added in firsts:
            yield changed((one_out, NOT_TAKEN), (other_out, NOT_TAKEN), added)
