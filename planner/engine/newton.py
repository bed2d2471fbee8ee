"""Full Newton steps with a line search for one column whose shock is too large for the shared slope."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.engine.errors import SolveFailed
from planner.engine.model import Evaluation
from planner.engine.types import Array

if TYPE_CHECKING:
    from planner.engine.equilibrium import FlexibleWages

NEWTON_STEPS = 200
INNER_SWEEPS = 2000
SWEEPS = 20_000  # of one column altogether: an absurd shock ends in its error within seconds
LONGEST_STEP = 1.0
ADVICE = "check for an absurd shock, a place without open partners, or trade elasticities far apart"


def finish_column(problem: FlexibleWages) -> tuple[Array, int]:
    """ln w^ (place, 1) and the number of steps for the single column of `problem`; its state is left at the solution.

    Raises `SolveFailed` naming the place with the largest residual.
    """
    model = problem.model
    log_wage = np.zeros((model.count, 1))
    with np.errstate(all="ignore"):
        answer = _settle(problem, log_wage)
        errors, excess = problem.gaps(log_wage, answer)
        for step in range(NEWTON_STEPS):
            if errors[0] <= problem.tolerance:
                return log_wage, step
            if not np.isfinite(errors[0]) or problem.sweeps > SWEEPS:
                break
            log_wage, answer, errors, excess = _improve(problem, log_wage, answer, errors, excess)
    _fail(problem, log_wage, excess, step + 1)
    raise AssertionError("unreachable")


def _improve(
    problem: FlexibleWages, log_wage: Array, answer: Evaluation, errors: Array, excess: Array
) -> tuple[Array, Evaluation, Array, Array]:
    added = np.exp(log_wage) * problem.base[:, None]
    slope = problem.income_slope(log_wage[:, 0], float(problem.sigma[0]))
    point = problem.model.point(answer, added[:, 0], slope)
    try:
        newton = -np.linalg.solve(point.wage_slope(problem.model.theta)[0], excess[:, 0])[:, None]
    except np.linalg.LinAlgError:
        newton = np.full_like(log_wage, np.nan)
    if np.isfinite(newton).all():
        newton *= min(1.0, LONGEST_STEP / max(float(np.abs(newton).max()), 1e-300))
        for length in (1.0, 0.5, 0.25, 0.1, 0.02):
            trial = problem.normalise(log_wage + length * newton)
            attempt = _settle(problem, trial)
            trial_errors, trial_excess = problem.gaps(trial, attempt)
            if trial_errors[0] < errors[0]:
                return trial, attempt, trial_errors, trial_excess
    # Wages rise where demand exceeds supply: slow, but it converges where goods are gross substitutes
    # (Alvarez & Lucas 2007), and it leads to where Newton works.
    length = 0.3 / (1 + float(problem.model.theta.max()))
    trial = problem.normalise(log_wage + length * np.clip(excess / added, -1, 1))
    attempt = _settle(problem, trial)
    return trial, attempt, *problem.gaps(trial, attempt)


def _settle(problem: FlexibleWages, log_wage: Array) -> Evaluation:
    """Prices, output and proceeds that belong to given wages: sweeps that contract by the share of inputs in costs."""
    net_income = problem.net_income(log_wage)
    answer = problem.model.evaluate(log_wage, net_income, problem.state)
    if not problem.linked and not problem.model.has_proceeds:
        return answer
    best = np.inf
    for _ in range(INNER_SWEEPS):
        problem.sweeps += 1
        gap = float(np.abs(answer.log_price - problem.state.log_price).max()) if problem.linked else 0.0
        if problem.linked:
            gap = max(gap, float(np.abs(answer.output - problem.state.output).max() / problem.base.max()))
        gap = max(gap, float(np.abs(answer.proceeds - problem.state.proceeds).max() / problem.base.max()))
        problem.state.log_price = answer.log_price
        problem.state.output = answer.output
        problem.state.proceeds = answer.proceeds
        answer = problem.model.evaluate(log_wage, net_income, problem.state)
        if not np.isfinite(gap) or gap <= 1e-14 or (gap < 1e-12 and gap >= best):
            break
        best = min(best, gap)
    return answer


def _fail(problem: FlexibleWages, log_wage: Array, excess: Array, steps: int) -> None:
    relative = np.abs(excess[:, 0] / (np.exp(log_wage[:, 0]) * problem.base))
    worst = int(np.argmax(np.where(np.isfinite(relative), relative, np.inf)))
    raise SolveFailed(steps, float(relative[worst]), problem.accounts.places[worst], 1, ADVICE)
