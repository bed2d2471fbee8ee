"""Responses of crossings and modes to waits, estimated from a series of shares and hours (model.md 2).

    V_b = a_b - beta h_b ;  q[b|m] = exp(V_b) / sum_m exp(V) ;  I_m = ln sum_m exp(V)
    q[m] = exp(A_m + lambda_m I_m) / sum exp(A + lambda I) ;  lambda_m = mu g_m / beta ,  g_m = d ln d / d hour

the nested choice of the routes in levels: kappa = beta / g, and 0 < lambda <= 1 is 0 < mu <= kappa. Fractional multinomial
likelihood (Papke & Wooldridge 1996; McFadden 1978): consistent for any distribution of shares with these means, with
sandwich errors. Alternatives have constants of their own in each group, so that only changes over time count.
Waits that answer to traffic bias beta towards zero: waits of an earlier period, or those that follow from staffing and
closures alone, do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from planner.engine.errors import EstimationFailed, InvalidSample
from planner.engine.estimates import Coefficient, cell_faults, estimated_parameter, group_codes
from planner.engine.parameters import KEYS
from planner.engine.types import Array, Index, Mask, Parameter

COLUMNS = ("period", "mode", "crossing", "share", "hours")
START_RATIO = 0.5
STEP = 1e-5
NEWTON_STEPS = 20
# Largest gradient of the mean likelihood at a maximum, in units of spread of the hours.
GRADIENT = 1e-9
# Variation of hours, as a share of its spread, that says nothing.
FLAT = 1e-6


@dataclass(frozen=True)
class ChoiceResult:
    """An estimated response of shares to hours.

    response: beta, per hour; ratio: lambda of the mode with the largest gradient; mode_elasticity: mu. The last two are
    None where the hours of modes do not vary apart. covariance: of (beta, lambda); shares: fitted, (row of the series),
    NaN in rows left out; left_out: alternatives that never carry anything, and what had no choice.
    """

    response: Coefficient
    ratio: Coefficient | None
    mode_elasticity: Coefficient | None
    covariance: Array
    log_likelihood: float
    situations: int
    alternatives: int
    shares: Array
    left_out: tuple[str, ...]

    @property
    def inadmissible(self) -> str:
        """Why the estimate cannot enter the model; empty where it can."""
        if self.response.value <= 0:
            return f"the response to an hour is {self.response.value:.3g}; the model needs it above 0"
        if self.ratio is not None and not 0 < self.ratio.value <= 1:
            return f"the mode elasticity is {self.ratio.value:.3g} of kappa; the model needs it from 0 to 1"
        return ""


def estimate_choice(
    series: pd.DataFrame, *, gradient: Mapping[str, float] | None = None, cluster: str | None = None
) -> ChoiceResult:
    """Maximum likelihood from `series`: period, mode, crossing, share, hours and, where there are several, group.

    A group is a pair of places or a direction: its alternatives have constants of their own. share: any amount; shares
    are taken within group and period. hours: of the route or its wait alone; empty for a mode without hours. A crossing
    without a row in a period is closed then. gradient: d ln d / d hour by mode, modes left out bearing no cost of time;
    None: 1 for all (mu then is per hour, for comparison only).
    cluster: column whose values have correlated errors, else each group and period stands alone.
    Raises InvalidSample, with all problems, and EstimationFailed.
    """
    series = series if "group" in series else series.assign(group="")
    _check(series, gradient, cluster)
    rows, left_out = _rows_with_a_choice(series)
    used = series.iloc[rows]
    gradients = np.array([1.0 if gradient is None else gradient.get(mode, 0.0) for mode in used["mode"]])
    hours = pd.to_numeric(used["hours"]).to_numpy(dtype=float)
    blank = np.isnan(hours)
    model = _Likelihood.build(used, np.where(blank, 0.0, hours), np.where(blank, 0.0, gradients))
    answer = model.maximise()
    clusters = group_codes(used, ["group", "period"] if cluster is None else [cluster])
    covariance = model.sandwich(answer, clusters[model.first_row])
    beta, ratio = float(answer[0]) / model.spread, float(answer[1])
    covariance = covariance / np.outer([model.spread, 1.0], [model.spread, 1.0])
    errors = np.sqrt(np.diag(covariance))
    scale = float(gradients[~blank].max()) if (~blank).any() else 1.0
    slope = np.array([ratio, beta]) / scale
    fitted = np.full(len(series), np.nan)
    fitted[rows] = model.evaluate(answer).share
    return ChoiceResult(
        response=Coefficient("logit_response_per_hour", beta, float(errors[0])),
        ratio=Coefficient("lambda", ratio, float(errors[1])) if model.nested else None,
        mode_elasticity=Coefficient(
            "mode_elasticity", ratio * beta / scale, float(np.sqrt(slope @ covariance @ slope))
        ) if model.nested else None,
        covariance=covariance, log_likelihood=float(model.evaluate(answer).log_likelihood.sum()),
        situations=len(model.first_row), alternatives=model.alternatives, shares=fitted, left_out=left_out,
    )  # fmt: skip


def response_parameters(result: ChoiceResult | None, *, as_of: str, grade: str = "B") -> tuple[Parameter, ...]:
    """Rows for `logit_response_per_hour` and `mode_elasticity`: estimated here, or the prior and why it stands.

    mode_elasticity is meant where the gradient of costs by hour was given to the estimate.
    """
    reason = "no series of shares and waits" if result is None else result.inadmissible
    rows = []
    estimates = (None, None) if result is None else (result.response, result.mode_elasticity)
    for key, estimate in zip(("logit_response_per_hour", "mode_elasticity"), estimates, strict=True):
        known, why = KEYS[key], reason
        if not why and estimate is None:
            why = "the hours of modes do not vary apart"
        if not why and estimate is not None and not known.at_least <= estimate.value <= known.at_most:
            why = f"an estimate of {estimate.value:.3g} lies outside {known.at_least:g} to {known.at_most:g}"
        if why or estimate is None or result is None:
            source = f"prior: {known.source} ({why})"
            rows.append(
                Parameter(key, "", known.low, known.central, known.high, known.unit, source, known.grade, as_of)
            )
            continue
        source = (
            f"nested logit, {result.situations} periods, {result.alternatives} alternatives, {estimate.value:.4g} "
            f"(s.e. {estimate.standard_error:.2g})"
        )
        rows.append(
            estimated_parameter(key, estimate.value, estimate.standard_error, source=source, grade=grade, as_of=as_of)
        )
    return tuple(rows)


def _check(series: pd.DataFrame, gradient: Mapping[str, float] | None, cluster: str | None) -> None:
    wanted = [*COLUMNS, *([cluster] if cluster else [])]
    missing = [name for name in wanted if name not in series.columns]
    if missing:
        there = ", ".join(map(str, series.columns))
        raise InvalidSample([f"column {name}: not in the series, which has {there}" for name in missing])
    problems = [
        f"gradient of mode {mode}, {value:g}: expected a number above 0"
        for mode, value in (gradient or {}).items() if not 0 < value < np.inf
    ]  # fmt: skip
    if gradient is not None and not set(gradient) & set(series["mode"]):
        problems.append(f"gradient: expected one for a mode of the series, such as {series['mode'].iloc[0]}")
    for name in dict.fromkeys(("group", "period", "mode", "crossing", *([cluster] if cluster else []))):
        empty = series[name].isna() | ((series[name] == "") & (name != "group"))
        problems += cell_faults(series, name, empty.to_numpy(), "a value")
    share = pd.to_numeric(series["share"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    problems += cell_faults(series, "share", ~(np.isfinite(share) & ~(share < 0)), "a number of at least 0")
    hours = pd.to_numeric(series["hours"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    blank = (series["hours"].isna() | (series["hours"] == "")).to_numpy()
    problems += cell_faults(series, "hours", ~(np.isfinite(hours) | blank), "a number, or nothing")
    by_mode = pd.Series(blank).groupby(series["mode"].to_numpy()).transform("nunique").to_numpy()
    problems += cell_faults(series, "hours", blank & (by_mode > 1), "a number, as in other rows of its mode")
    again = series.duplicated(["group", "period", "mode", "crossing"]).to_numpy()
    problems += cell_faults(series, "crossing", again, "each crossing once in a group, period and mode")
    if problems:
        raise InvalidSample(problems)


def _rows_with_a_choice(series: pd.DataFrame) -> tuple[Index, tuple[str, ...]]:
    """Rows of alternatives that carry something, in periods with traffic and two of them; what was left out."""
    share = pd.to_numeric(series["share"]).to_numpy(dtype=float)
    alternative = group_codes(series, ["group", "mode", "crossing"])
    carried = np.bincount(alternative, share)[alternative] > 0
    names = series.loc[~carried, ["group", "mode", "crossing"]].drop_duplicates()
    notes = [f"{' '.join(filter(None, map(str, row)))} never carries anything" for row in names.itertuples(index=False)]
    situation = group_codes(series, ["group", "period"])
    moved = np.bincount(situation, share)[situation] > 0
    kept: Mask = carried & moved
    kept &= np.bincount(situation, kept)[situation] > 1
    idle = len(np.unique(situation)) - len(np.unique(situation[kept]))
    if idle:
        notes.append(f"{idle} periods without traffic or without a choice")
    if not kept.any():
        raise InvalidSample(["expected at least two crossings or modes that carry something in the same period"])
    order = np.lexsort((group_codes(series, ["mode"]), situation))
    return order[kept[order]], tuple(notes)


@dataclass(frozen=True)
class _State:
    """What the likelihood is made of at one answer: by row, by nest or by situation."""

    within: Array
    nest_share: Array
    inclusive: Array
    share: Array
    log_likelihood: Array


@dataclass(frozen=True)
class _Likelihood:
    """Rows sorted by situation (group and period) and nest (mode in it), with codes of each.

    The answer is (beta x spread of hours, lambda, constants of alternatives, constants of modes); -1 marks an
    alternative or mode whose constant is 0: the first of its nest or group.
    """

    hours: Array
    spread: float
    observed: Array
    nest: Index
    situation_of_nest: Index
    ratio_of_nest: Array
    constant: Index
    nest_constant: Index
    first_row: Index
    alternatives: int
    constants: int
    nested: bool

    @classmethod
    def build(cls, used: pd.DataFrame, hours: Array, gradients: Array) -> _Likelihood:
        """Codes and shares; raises InvalidSample where hours say nothing about the choice of a crossing."""
        situation, nest = group_codes(used, ["group", "period"]), group_codes(used, ["group", "period", "mode"])
        share = pd.to_numeric(used["share"]).to_numpy(dtype=float)
        share = share / np.bincount(situation, share)[situation]
        alternative, mode = group_codes(used, ["group", "mode", "crossing"]), group_codes(used, ["group", "mode"])
        group = group_codes(used, ["group"])
        first_of_nest = np.unique(nest, return_index=True)[1]
        constant, free = _free_constants(alternative, mode)
        mode_constant, free_modes = _free_constants(mode, group)
        spread = float(hours.std())
        scale = gradients.max(initial=0.0)
        model = cls(
            hours=hours / spread if spread > 0 else hours, spread=spread or 1.0, observed=share, nest=nest,
            situation_of_nest=situation[first_of_nest], ratio_of_nest=gradients[first_of_nest] / (scale or 1.0),
            constant=constant, nest_constant=np.where(mode_constant >= 0, mode_constant + free, -1)[first_of_nest],
            first_row=np.unique(situation, return_index=True)[1], alternatives=int(alternative.max()) + 1,
            constants=free + free_modes,
            nested=_varies(hours, spread, nest, mode, situation, gradients),
        )  # fmt: skip
        if spread == 0 or not _differs(hours, alternative, nest, spread):
            problem = (
                "column hours: expected the difference in hours between crossings of a mode to change over time; "
                "the response to an hour cannot be told from constants"
            )
            raise InvalidSample([problem])
        return model

    def evaluate(self, answer: Array) -> _State:
        """Shares and the likelihood of each situation."""
        utility = self._constants(answer, self.constant) - answer[0] * self.hours
        top = np.full(len(self.situation_of_nest), -np.inf)
        np.maximum.at(top, self.nest, utility)
        weight = np.exp(utility - top[self.nest])
        total = np.bincount(self.nest, weight)
        within, inclusive = weight / total[self.nest], np.log(total) + top
        upper = self._constants(answer, self.nest_constant) + answer[1] * self.ratio_of_nest * inclusive
        best = np.full(len(self.first_row), -np.inf)
        np.maximum.at(best, self.situation_of_nest, upper)
        exponent = np.exp(upper - best[self.situation_of_nest])
        sums = np.bincount(self.situation_of_nest, exponent)
        nest_share = exponent / sums[self.situation_of_nest]
        log_share = (utility - inclusive[self.nest]) + (upper - (np.log(sums) + best)[self.situation_of_nest])[
            self.nest
        ]
        likelihood = np.asarray(np.bincount(self.situation_of_nest[self.nest], self.observed * log_share), dtype=float)
        return _State(within, nest_share, inclusive, within * nest_share[self.nest], likelihood)

    def scores(self, answer: Array) -> Array:
        """Gradient of the likelihood of each situation, (situation, parameter)."""
        state = self.evaluate(answer)
        nests, situations = len(self.situation_of_nest), len(self.first_row)
        observed_nest = np.bincount(self.nest, self.observed, minlength=nests)
        gap = observed_nest - state.nest_share
        ratio = answer[1] * self.ratio_of_nest
        mean_hours = np.bincount(self.nest, state.within * self.hours, minlength=nests)
        # How much each row's utility is worth: through its share of the nest, and through the nest's inclusive value.
        pull = self.observed + state.within * (ratio * gap - observed_nest)[self.nest]
        found = np.zeros((situations, 2 + self.constants))
        found[:, 0] = np.bincount(self.situation_of_nest, mean_hours * (observed_nest - ratio * gap))
        found[:, 0] -= np.bincount(self.situation_of_nest[self.nest], self.observed * self.hours)
        if self.nested:
            found[:, 1] = np.bincount(self.situation_of_nest, self.ratio_of_nest * state.inclusive * gap)
        free = self.constant >= 0
        np.add.at(found, (self.situation_of_nest[self.nest[free]], 2 + self.constant[free]), pull[free])
        free = self.nest_constant >= 0
        np.add.at(found, (self.situation_of_nest[free], 2 + self.nest_constant[free]), gap[free])
        return found

    def maximise(self) -> Array:
        """The answer at which the gradient vanishes: quasi-Newton, then Newton steps with the Hessian."""
        size = len(self.first_row)

        def objective(answer: Array) -> tuple[float, Array]:
            return -float(self.evaluate(answer).log_likelihood.sum()) / size, -self.scores(answer).sum(axis=0) / size

        start = np.zeros(2 + self.constants)
        start[1] = START_RATIO if self.nested else 0.0
        found = minimize(
            objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-8}
        )
        answer = np.asarray(found.x, dtype=float)
        free = self._free()
        for _ in range(NEWTON_STEPS):
            value, slope = objective(answer)
            if np.abs(slope[free]).max() <= GRADIENT:
                break
            step = np.zeros_like(answer)
            step[free] = np.linalg.lstsq(self.hessian(answer) / size, -slope[free], rcond=None)[0]
            for length in 0.5 ** np.arange(12):
                if objective(answer + length * step)[0] <= value + 1e-14 * abs(value):
                    answer = answer + length * step
                    break
            else:
                break
        worst = np.abs(objective(answer)[1][free]).max()
        if not worst <= 100 * GRADIENT:
            raise EstimationFailed(
                f"the estimate of the choice of crossings did not converge: gradient {worst:.2g}; look for crossings "
                "that carry next to nothing"
            )
        return answer

    def hessian(self, answer: Array) -> Array:
        """Of the negative likelihood over the free parameters, by central differences of the gradient."""
        free = self._free()
        columns = []
        for number in free:
            step = np.zeros_like(answer)
            step[number] = STEP * max(1.0, abs(float(answer[number])))
            rise = self.scores(answer + step).sum(axis=0) - self.scores(answer - step).sum(axis=0)
            columns.append(-rise[free] / (2 * step[number]))
        hessian = np.stack(columns, axis=1)
        return np.asarray((hessian + hessian.T) / 2)

    def sandwich(self, answer: Array, clusters: Index) -> Array:
        """Covariance of (beta x spread, lambda): H^-1 (sum of outer products of cluster scores) H^-1 c.

        c = G/(G-1) (N-1)/(N-k) for G clusters, N situations and k parameters: without it the intervals of short series
        are too narrow.
        """
        free, size = self._free(), len(self.first_row)
        if size <= len(free):
            raise InvalidSample([f"{size} periods for {len(free)} parameters: expected more periods"])
        hessian = self.hessian(answer)
        lowest, highest = np.linalg.eigvalsh(hessian)[[0, -1]]
        if not lowest > 1e-10 * highest:
            raise EstimationFailed(
                "the choice of crossings has no single best estimate: the series does not tell its parameters apart"
            )
        scores = self.scores(answer)[:, free]
        groups = int(clusters.max()) + 1
        if groups < 2:
            raise InvalidSample(["expected at least two periods or clusters"])
        summed = np.zeros((groups, len(free)))
        np.add.at(summed, clusters, scores)
        bread = np.linalg.inv(hessian)
        covariance = bread @ (summed.T @ summed) @ bread * groups / (groups - 1) * (size - 1) / (size - len(free))
        result = np.zeros((2, 2))
        first = 2 if self.nested else 1
        result[:first, :first] = covariance[:first, :first]
        return result

    def _free(self) -> Index:
        numbers = np.arange(2 + self.constants)
        return numbers if self.nested else np.delete(numbers, 1)

    @staticmethod
    def _constants(answer: Array, code: Index) -> Array:
        return np.where(code >= 0, np.append(answer[2:], 0.0)[code], 0.0)


def _free_constants(member: Index, family: Index) -> tuple[Index, int]:
    """Code of each row's constant, -1 where its member is the first of its family, and their number."""
    _, first_row, inverse = np.unique(member, return_index=True, return_inverse=True)
    family_of = family[first_row]
    reference = np.zeros(len(first_row), dtype=bool)
    reference[np.unique(family_of, return_index=True)[1]] = True
    code = np.where(reference, -1, np.cumsum(~reference) - 1)
    return code[inverse], int((~reference).sum())


def _differs(values: Array, member: Index, occasion: Index, spread: float) -> bool:
    """Whether values vary by more than a constant of each member and one of each occasion (alternating projections)."""
    left = values - values.mean()
    for _ in range(500):
        before = left
        for codes in (member, occasion):
            left = left - (np.bincount(codes, left) / np.bincount(codes))[codes]
        if np.abs(left - before).max() <= FLAT * FLAT * spread:
            break
    return bool(np.sqrt((left**2).mean()) > FLAT * spread)


def _varies(hours: Array, spread: float, nest: Index, mode: Index, situation: Index, gradients: Array) -> bool:
    """Whether the mean hours of modes with a cost of time vary apart, which the elasticity between modes needs."""
    first = np.unique(nest, return_index=True)[1]
    mean = np.bincount(nest, hours) / np.bincount(nest) * (gradients[first] > 0)
    return spread > 0 and _differs(mean, mode[first], situation[first], spread)
