"""The mixed-integer program of a portfolio: choices, budgets, exclusions, prerequisites, pairwise effects (model.md 10).

    max  sum_i v_i A_i + sum_{i<j} q_ij O_ij            A_i = sum_k x_ik sum_t u_t z_ikt ;  O_ij = sum_t u_t (i and j active)

x_ik is 1 where candidate i is taken with option k (its start), z_ikt whether it is then active in period t, u_t the
period's weight. A pair's product is linearised: O <= A_i, A_j for a gain (options are active from a start to the end,
so that the smaller A is the overlap), o_t >= z_it + z_jt - 1 in each period for a loss. Solved by HiGHS (scipy).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from planner.engine.errors import EngineError
from planner.engine.types import Array, Mask

NOT_TAKEN = -1
SLACK = 1e-9  # relative: amounts of money that differ by rounding are the same
CHOICES_AT_ONCE = 2000  # whose effects are predicted in one array
LARGEST = 1e4  # objective coefficients are scaled to this, far above the solver's absolute tolerances

Choice = tuple[int, ...]


class NoPortfolio(EngineError):
    """The solver, or the joint solve of what it chose, ended without a set."""


class NoFeasiblePortfolio(NoPortfolio):
    """No set keeps all rules: the rules must change."""


@dataclass(frozen=True)
class Program:
    """What may be chosen.

    active (candidate, option, period): whether it is active, from its start to the last period; weight (period,);
    cost (candidate, option, row) and limit (row,): budgets; groups: at most one candidate of each; needs: (i, j), i is
    active only where j is; required: candidates that must be taken.
    """

    active: Mask
    weight: Array
    cost: Array
    limit: Array
    groups: tuple[tuple[int, ...], ...] = ()
    needs: tuple[tuple[int, int], ...] = ()
    required: tuple[int, ...] = ()

    @property
    def worth(self) -> Array:
        """Weighted periods for which a candidate with an option is active, (candidate, option)."""
        return np.asarray(self.active @ self.weight)

    def spent(self, choice: Choice) -> Array:
        """Money by budget row, (row,)."""
        taken = [(number, option) for number, option in enumerate(choice) if option != NOT_TAKEN]
        return np.asarray(sum((self.cost[at] for at in taken), np.zeros(len(self.limit))))

    def affordable(self, choice: Choice) -> bool:
        """Within every budget, up to rounding."""
        room = SLACK * np.maximum(np.where(np.isfinite(self.limit), np.abs(self.limit), 0), 1)
        return bool((self.spent(choice) <= self.limit + room).all())

    def allowed(self, choice: Choice) -> bool:
        """Keeps exclusions, prerequisites and what is required."""
        if any(choice[number] == NOT_TAKEN for number in self.required):
            return False
        if any(sum(choice[member] != NOT_TAKEN for member in group) > 1 for group in self.groups):
            return False
        for one, other in self.needs:
            if choice[one] == NOT_TAKEN:
                continue
            if choice[other] == NOT_TAKEN or (self.profile(one, choice) & ~self.profile(other, choice)).any():
                return False
        return True

    def profile(self, candidate: int, choice: Choice) -> Mask:
        """Periods in which a candidate is active under a choice, (period,)."""
        if choice[candidate] == NOT_TAKEN:
            return np.zeros(len(self.weight), dtype=bool)
        return np.asarray(self.active[candidate, choice[candidate]])

    def feasible(self, choice: Choice) -> bool:
        """Keeps every rule."""
        return self.allowed(choice) and self.affordable(choice)

    def active_sets(self, choice: Choice) -> list[frozenset[int]]:
        """Who is active in each period."""
        profiles = np.stack([self.profile(candidate, choice) for candidate in range(len(choice))])
        return [frozenset(int(number) for number in np.flatnonzero(column)) for column in profiles.T]

    def predicted(self, choice: Choice, main: Array, pairs: Array) -> float:
        """The objective by main and pairwise effects."""
        profiles = np.stack([self.profile(candidate, choice) for candidate in range(len(choice))]).astype(float)
        by_period = main @ profiles + 0.5 * np.einsum("it,ij,jt->t", profiles, pairs, profiles)
        return float(by_period @ self.weight)

    def predicted_all(self, choices: Sequence[Choice], main: Array, pairs: Array) -> Array:
        """`predicted` of many choices, (choice,)."""
        active = np.concatenate([self.active, np.zeros_like(self.active[:, :1])], axis=1).astype(float)
        number = np.arange(len(active))
        values = []
        for start in range(0, len(choices), CHOICES_AT_ONCE):
            # NOT_TAKEN is -1: the last option of each, never active.
            profiles = active[number, np.array(choices[start : start + CHOICES_AT_ONCE])]
            met = np.einsum("ij,kjt->kit", pairs, profiles, optimize=True)
            values.append((profiles * (main[None, :, None] + 0.5 * met)).sum(axis=1) @ self.weight)
        return np.concatenate(values)

    def affordable_all(self, choices: Sequence[Choice]) -> Mask:
        """`affordable` of many choices, (choice,)."""
        cost = np.concatenate([self.cost, np.zeros_like(self.cost[:, :1])], axis=1)
        room = SLACK * np.maximum(np.where(np.isfinite(self.limit), np.abs(self.limit), 0), 1)
        within = []
        for start in range(0, len(choices), CHOICES_AT_ONCE):
            spent = cost[np.arange(len(cost)), np.array(choices[start : start + CHOICES_AT_ONCE])].sum(axis=1)
            within.append((spent <= self.limit + room).all(axis=1))
        return np.concatenate(within)


@dataclass(frozen=True)
class Optimum:
    """The program's best choice; gap: relative distance to the proven bound (0: proven best by pairwise effects)."""

    choice: Choice
    gap: float


def optimise(program: Program, main: Array, pairs: Array, *, seconds: float = 20.0) -> Optimum:
    """The best choice by main effects (i,) and pairwise effects (i, i). Raises NoPortfolio."""
    linear = _Linear(program, main, pairs)
    answer = milp(
        linear.objective,
        integrality=linear.integral,
        bounds=Bounds(linear.lower, linear.upper),
        constraints=LinearConstraint(linear.matrix, -np.inf, linear.right),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if answer.x is None:
        if answer.status == 2:
            raise NoFeasiblePortfolio(
                "no set keeps all rules: what is required costs more than a budget, or excludes each other"
            )
        raise NoPortfolio(f"the solver found no set: {answer.message}; allow more seconds or fewer candidates")
    taken = np.asarray(answer.x[: linear.binaries]).reshape(program.active.shape[:2]) > 0.5
    choice = tuple(int(np.argmax(row)) if row.any() else NOT_TAKEN for row in taken)
    return Optimum(choice, float(answer.mip_gap or 0.0))


def shadow_prices(program: Program, main: Array, pairs: Array) -> Array:
    """Gain of the objective per million more of each budget, (row,): duals where parts of measures could be bought."""
    linear = _Linear(program, main, pairs)
    finite = np.isfinite(linear.right)
    answer = linprog(
        linear.objective,
        A_ub=linear.matrix[finite],
        b_ub=linear.right[finite],
        bounds=np.column_stack([linear.lower, linear.upper]),
        method="highs",
    )
    if answer.x is None:
        raise NoPortfolio(f"no shadow price: {answer.message}")
    prices = np.zeros(len(linear.right))
    prices[finite] = -answer.ineqlin.marginals * linear.scale / linear.row_scale[finite]
    return prices[: len(program.limit)] + 0.0


class _Linear:
    """Matrices of the program; variables: x (candidate x option), overlaps of gaining pairs, of losing pairs by period."""

    def __init__(self, program: Program, main: Array, pairs: Array) -> None:
        self.program = program
        count, options, periods = program.active.shape
        self.binaries = count * options
        worth = program.worth
        first, second = np.nonzero(np.triu(pairs, 1))
        excluded = {frozenset((one, other)) for group in program.groups for one in group for other in group}
        couples = [
            (int(one), int(other), float(pairs[one, other]))
            for one, other in zip(first, second, strict=True)
            if frozenset((int(one), int(other))) not in excluded
        ]
        gains = [couple for couple in couples if couple[2] > 0]
        losses = [couple for couple in couples if couple[2] < 0]
        size = self.binaries + len(gains) + len(losses) * periods
        gain = np.concatenate(
            [
                (main[:, None] * worth).ravel(),
                [value for _, _, value in gains],
                np.repeat([value for _, _, value in losses], periods) * np.tile(program.weight, len(losses)),
            ]
        )
        top = float(np.abs(gain).max(initial=0.0))
        self.scale = top / LARGEST if top > 0 else 1.0
        self.objective = -gain / self.scale
        self.integral = np.zeros(size)
        self.integral[: self.binaries] = 1
        self.lower, self.upper = np.zeros(size), np.ones(size)
        self.upper[self.binaries : self.binaries + len(gains)] = max(program.weight.sum(), 1e-300)
        # An option that is never active only costs; without this it could be "taken" for a rule's sake.
        self.upper[: self.binaries] = (program.active.any(axis=2) | (periods == 0)).ravel()
        self._entries: list[tuple[int, int, float]] = []
        self._right: list[float] = []
        self._budgets()
        self._rules()
        for number, (one, other, _) in enumerate(gains):
            for member in (one, other):
                self._row(
                    [(self.binaries + number, 1.0)]
                    + [(member * options + k, -worth[member, k]) for k in range(options)],
                    0.0,
                )
        for number, (one, other, _) in enumerate(losses):
            for period in range(periods):
                overlap = self.binaries + len(gains) + number * periods + period
                self._row([*self._profile(one, period), *self._profile(other, period), (overlap, -1.0)], 1.0)
        rows, columns, values = zip(*self._entries, strict=True) if self._entries else ((), (), ())
        self.matrix = csr_array((values, (rows, columns)), shape=(len(self._right), size))
        self.right = np.array(self._right)
        self.row_scale = np.ones(len(self._right))
        self.row_scale[: len(program.limit)] = self.money

    def _row(self, entries: Iterable[tuple[int, float]], right: float) -> None:
        self._entries += [(len(self._right), column, value) for column, value in entries]
        self._right.append(right)

    def _profile(self, candidate: int, period: int, sign: float = 1.0) -> list[tuple[int, float]]:
        active = self.program.active[candidate, :, period]
        return [(candidate * len(active) + int(k), sign) for k in np.flatnonzero(active)]

    def _budgets(self) -> None:
        program = self.program
        cost = program.cost.reshape(self.binaries, -1)
        self.money = np.maximum(np.abs(cost).max(axis=0, initial=0.0), 1.0)
        for row, limit in enumerate(program.limit):
            share = cost[:, row] / self.money[row]
            room = SLACK * max(abs(limit), 1.0) if np.isfinite(limit) else 0.0
            self._row([(int(at), float(share[at])) for at in np.flatnonzero(share)], (limit + room) / self.money[row])

    def _rules(self) -> None:
        program = self.program
        count, options, periods = program.active.shape

        def all_options(candidate: int, sign: float = 1.0) -> list[tuple[int, float]]:
            return [(candidate * options + k, sign) for k in range(options)]

        for candidate in range(count):
            self._row(all_options(candidate), 1.0)
        for candidate in program.required:
            self._row(all_options(candidate, -1.0), -1.0)
        for group in program.groups:
            self._row([entry for member in group for entry in all_options(member)], 1.0)
        for one, other in program.needs:
            self._row([*all_options(one), *all_options(other, -1.0)], 0.0)
            for period in range(periods):
                self._row([*self._profile(one, period), *self._profile(other, period, -1.0)], 0.0)
