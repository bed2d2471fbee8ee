"""Elasticities from a panel of trade: PPML with fixed effects, clustered errors and separation checks (model.md 13).

    E[trade | x] = exp(x b + effects)

Poisson pseudo-maximum likelihood (Santos Silva & Tenreyro 2006), fixed effects projected out at every step of the
iteration (Correia, Guimaraes & Zylkin 2020, as done by pyfixest's `fepois`, which is imported only when used: it takes
seconds to load). Rows that the effects or regressors fit perfectly have no say in the estimate and are taken out and
listed: singletons, and zeros for which the likelihood has no maximum (separation: Correia, Guimaraes & Zylkin 2021).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse.linalg import lsmr

from planner.engine.errors import EstimationFailed, InvalidSample
from planner.engine.estimates import Coefficient, cell_faults, estimated_parameter, group_codes
from planner.engine.gravity_formula import Formula, read_effect, read_formula
from planner.engine.parameters import KEYS, base_key
from planner.engine.separation import dummies, informative_rows, separated_rows
from planner.engine.types import GRADES, Array, Index, Mask, Parameter

FEW_CLUSTERS = 30
# A regressor of which less than this share of its spread is left over has no coefficient of its own.
COLLINEAR = 1e-5
PROJECTION_TOLERANCE = 1e-7
DEVIANCE_TOLERANCE = 1e-10
ITERATIONS = 200
# Largest excess of fitted over observed trade of any effect, as a share of all trade, in a solution.
FOC_TOLERANCE = 1e-5


@dataclass(frozen=True)
class PpmlResult:
    """An estimated gravity equation.

    covariance: (coefficient, coefficient); clusters: their number, None for errors robust to heteroskedasticity only;
    observations: rows used; separated, singletons: positions of the rows of the panel left out; effects: each fixed
    effect and the number of its levels in use; pseudo_r2: share of the deviance explained, free of trade's unit.
    """

    formula: str
    cluster: str | None
    coefficients: tuple[Coefficient, ...]
    covariance: Array
    observations: int
    clusters: int | None
    separated: Index
    singletons: Index
    effects: tuple[tuple[str, int], ...]
    pseudo_r2: float
    warnings: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Coefficient:
        for coefficient in self.coefficients:
            if coefficient.name == name:
                return coefficient
        raise KeyError(f"coefficient {name!r}; there are {', '.join(item.name for item in self.coefficients)}")


@dataclass(frozen=True)
class Derived:
    """A model parameter as factor x coefficient + constant: `distance_elasticity` is -1 x that of log(dist)."""

    key: str
    coefficient: str
    factor: float = 1.0
    constant: float = 0.0
    sector: str = ""


def estimate_ppml(panel: pd.DataFrame, formula: str | Formula, cluster: str | None = None) -> PpmlResult:
    """PPML estimate of `formula` on the rows of `panel`.

    cluster: a column, or columns joined by ^, whose groups have correlated errors; None: every row is its own. The
    errors carry no factor for the number of parameters, as those of Yotov et al. (2016); the number of clusters G
    enters as G/(G-1). Rows are named in messages by the labels of the panel's index.
    Raises InvalidSample (columns missing, values that are no numbers or empty, negative trade, regressors without a
    coefficient of their own, no trade left) and EstimationFailed.
    """
    formula = read_formula(formula) if isinstance(formula, str) else formula
    numbers, effect_codes, cluster_codes = _checked(panel, formula, cluster)
    trade = numbers.pop(formula.outcome)
    design = np.stack([_product(numbers, term.columns, term.logs) for term in formula.regressors], axis=1)
    spread = design.std(axis=0)
    constant = spread <= 1e-12 * np.abs(design).max(axis=0)
    if constant.any():
        names = [term.name for term, flat in zip(formula.regressors, constant, strict=True) if flat]
        raise InvalidSample([f"regressor {name} has the same value in every row: leave it out" for name in names])
    design = design / spread
    kept, separated, singletons = _sample(trade, design, effect_codes, formula)
    values, covariance, explained = _fit(trade[kept], design[kept], effect_codes[kept], cluster_codes[kept])
    covariance = covariance / np.outer(spread, spread)
    errors = np.sqrt(np.diag(covariance))
    names = [term.name for term in formula.regressors]
    clusters = len(np.unique(cluster_codes[kept])) if cluster else None
    notes = []
    if clusters is not None and clusters < FEW_CLUSTERS:
        notes.append(f"{clusters} clusters: standard errors tend to be too small with fewer than {FEW_CLUSTERS}")
    return PpmlResult(
        formula=str(formula), cluster=cluster,
        coefficients=tuple(map(Coefficient, names, (values / spread).tolist(), errors.tolist())),
        covariance=covariance, observations=int(kept.sum()), clusters=clusters,
        separated=np.flatnonzero(separated), singletons=np.flatnonzero(singletons),
        effects=tuple(
            ("^".join(effect), len(np.unique(effect_codes[kept, number])))
            for number, effect in enumerate(formula.effects)
        ),
        pseudo_r2=explained, warnings=tuple(notes),
    )  # fmt: skip


def to_parameter_set(
    result: PpmlResult, mapping: Sequence[Derived], *, as_of: str, grade: str = "B"
) -> tuple[Parameter, ...]:
    """Rows of a dated parameter set, source "estimated here".

    A triangular distribution with the mean and the variance of the estimate: central +- sqrt(6) standard errors, cut at
    the admissible range of the key. Raises InvalidSample with every unknown key or coefficient and every central value
    outside the range, which mostly is a sign left out.
    """
    problems, rows = [], []
    known = {coefficient.name: coefficient for coefficient in result.coefficients}
    if grade not in GRADES:
        problems.append(f"grade {grade!r}; expected one of {', '.join(GRADES)}")
    for derived in mapping:
        key, coefficient = KEYS.get(base_key(derived.key)), known.get(derived.coefficient)
        if key is None:
            problems.append(f"parameter {derived.key}: unknown key; expected one of {', '.join(sorted(KEYS))}")
        if coefficient is None:
            problems.append(
                f"parameter {derived.key}: no coefficient {derived.coefficient}; expected one of {', '.join(known)}"
            )
        if key is None or coefficient is None:
            continue
        central = derived.factor * coefficient.value + derived.constant
        if not key.at_least <= central <= key.at_most:
            problems.append(
                f"parameter {derived.key}: {central:.4g} from {derived.coefficient} = {coefficient.value:.4g}; "
                f"expected {key.at_least:g} to {key.at_most:g} ({key.meaning}); is a sign or a unit missing?"
            )
            continue
        source = (
            f"PPML, {result.observations} rows, {derived.coefficient} {coefficient.value:.4g} "
            f"(s.e. {coefficient.standard_error:.2g})"
        )
        error = abs(derived.factor) * coefficient.standard_error
        rows.append(
            estimated_parameter(
                derived.key, central, error, source=source, grade=grade, as_of=as_of, sector=derived.sector
            )
        )
    named = [(row.key, row.sector) for row in rows]
    problems += [
        f"parameter {key}: given twice" for key, sector in sorted(set(named)) if named.count((key, sector)) > 1
    ]
    if problems:
        raise InvalidSample(problems)
    return tuple(rows)


def _checked(panel: pd.DataFrame, formula: Formula, cluster: str | None) -> tuple[dict[str, Array], Index, Index]:
    """Numbers by column, codes of the effects (row, effect; one for all rows where there are none), cluster codes."""
    problems: list[str] = []
    groups = read_effect(cluster, problems, "cluster") if cluster else ()
    wanted = dict.fromkeys((*formula.number_columns, *formula.group_columns, *(groups or ())))
    missing = [name for name in wanted if name not in panel.columns]
    if missing:
        there = ", ".join(map(str, panel.columns))
        problems += [f"column {name}: not in the panel, which has {there}" for name in missing]
    numbers = {}
    for name in formula.number_columns:
        if name in missing:
            continue
        numbers[name] = pd.to_numeric(panel[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        expectation, good = "a number", np.isfinite(numbers[name])
        if name == formula.outcome:
            expectation, good = "a number of at least 0", good & ~(numbers[name] < 0)
        elif name in formula.log_columns:
            expectation, good = "a number above 0, since its logarithm is taken", good & (numbers[name] > 0)
        problems += cell_faults(panel, name, ~good, expectation)
    for name in dict.fromkeys((*formula.group_columns, *(groups or ()))):
        if name not in missing and name not in numbers:
            problems += cell_faults(panel, name, (panel[name].isna() | (panel[name] == "")).to_numpy(), "a value")
    if not problems and len(panel) < 2:
        problems.append("expected at least two rows")
    if not problems and not (numbers[formula.outcome] > 0).any():
        problems.append(f"column {formula.outcome}: expected at least one value above 0")
    if problems:
        raise InvalidSample(problems)
    effects = [group_codes(panel, effect) for effect in formula.effects] or [np.zeros(len(panel), dtype=np.intp)]
    clusters = group_codes(panel, groups) if groups else np.arange(len(panel))
    if groups and clusters.max() == 0:
        raise InvalidSample([f"cluster {cluster}: one group only; expected several"])
    return numbers, np.stack(effects, axis=1), clusters


def _product(numbers: dict[str, Array], columns: tuple[str, ...], logs: tuple[bool, ...]) -> Array:
    factors = [np.log(numbers[name]) if log else numbers[name] for name, log in zip(columns, logs, strict=True)]
    return np.asarray(np.prod(factors, axis=0))


def _sample(trade: Array, design: Array, effects: Index, formula: Formula) -> tuple[Mask, Mask, Mask]:
    """Rows kept, separated and alone. Raises InvalidSample where a regressor has no coefficient of its own in them."""
    kept, separated, singletons = informative_rows(trade, effects)
    perfect = "the fixed effects fit every row perfectly; expected fewer fixed effects or more rows"
    if not kept.any():
        raise InvalidSample([perfect])
    problems = [text for _, text in _collinear(design[kept], effects[kept], formula)]
    while not problems:
        lost = np.zeros(len(kept), dtype=bool)
        lost[kept] = separated_rows(trade[kept], design[kept], effects[kept])
        if not lost.any():
            return kept, separated, singletons
        separated |= lost
        rows = np.flatnonzero(kept & ~lost)
        _, without, alone = informative_rows(trade[rows], effects[rows])
        separated[rows[without]], singletons[rows[alone]] = True, True
        kept = ~separated & ~singletons
        if not kept.any():
            raise InvalidSample([perfect])
        problems = [
            f"regressor {name} has no finite coefficient: beyond the fixed effects and the other regressors it differs "
            f"only among rows without trade, such as the {lost.sum()} found; leave it out"
            for name, _ in _collinear(design[kept], effects[kept], formula)
        ]
    raise InvalidSample(problems)


def _collinear(design: Array, effects: Index, formula: Formula) -> list[tuple[str, str]]:
    """Regressors that the fixed effects or earlier regressors reproduce, and the problem; `design` has unit spread."""
    levels = dummies(effects)
    centred = design - design.mean(axis=0)
    left = np.empty_like(centred)
    for number, column in enumerate(centred.T):
        fitted = lsmr(levels, column, atol=1e-10, btol=1e-10, maxiter=5000)[0]
        left[:, number] = column - levels @ fitted
    problems: list[tuple[str, str]] = []
    free: list[int] = []
    absorbed_by = " + ".join("^".join(effect) for effect in formula.effects) or "the constant"
    for number, term in enumerate(formula.regressors):
        if np.sqrt((left[:, number] ** 2).mean()) < COLLINEAR:
            text = f"regressor {term.name}: collinear with the fixed effects {absorbed_by}: leave it out"
            problems.append((term.name, text))
            continue
        weights = np.linalg.lstsq(left[:, free], left[:, number], rcond=None)[0] if free else np.zeros(0)
        rest = left[:, number] - left[:, free] @ weights
        if np.sqrt((rest**2).mean()) < COLLINEAR:
            others = [formula.regressors[free[place]].name for place in np.flatnonzero(np.abs(weights) > COLLINEAR)]
            also = " and the fixed effects" if formula.effects else ""
            text = f"regressor {term.name}: collinear with {', '.join(others)}{also}: leave one out"
            problems.append((term.name, text))
            continue
        free.append(number)
    return problems


def _fit(trade: Array, design: Array, effects: Index, clusters: Index) -> tuple[Array, Array, float]:
    """Coefficients, their covariance and the share of deviance explained.

    Names of columns are our own, so that nothing in a panel is read as part of a formula.
    """
    from pyfixest import fepois, ssc  # slow to load
    from pyfixest.demeaners import MapDemeaner

    regressors = [f"x{number}" for number in range(design.shape[1])]
    groups = [f"f{number}" for number in range(effects.shape[1])]
    trade = trade / trade.mean()
    columns = dict(zip([*regressors, *groups], [*design.T, *effects.T], strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, about calls that pyfixest makes
        try:
            model: Any = fepois(
                f"y ~ {' + '.join(regressors)} | {' + '.join(groups)}",
                pd.DataFrame({"y": trade, "cluster": clusters, **columns}),
                vcov={"CRV1": "cluster"}, ssc=ssc(k_adj=False), fixef_rm="none",
                demeaner=MapDemeaner(fixef_tol=PROJECTION_TOLERANCE),
                iwls_tol=DEVIANCE_TOLERANCE, iwls_maxiter=ITERATIONS,
            )  # fmt: skip
            fitted = np.asarray(model.predict(type="response"), dtype=float)
        except (ArithmeticError, RuntimeError, ValueError) as error:
            raise EstimationFailed(f"the estimate did not converge: {' '.join(str(error).split())}") from error
    if len(model.coef()) < len(regressors) or len(fitted) < len(trade):
        raise EstimationFailed("the estimate is not settled: a regressor hardly varies within the fixed effects")
    _check_first_order(trade, fitted, effects)
    return model.coef().to_numpy(dtype=float), np.asarray(model._vcov, dtype=float), _explained(trade, fitted)


def _check_first_order(trade: Array, fitted: Array, effects: Index) -> None:
    """At the maximum the fitted trade of every level of every effect equals the observed one."""
    worst = max(
        float(np.abs(np.bincount(codes, trade) - np.bincount(codes, fitted)).max()) for codes in effects.T
    ) / float(trade.sum())  # fmt: skip
    if not worst < FOC_TOLERANCE:
        raise EstimationFailed(
            f"the estimate did not converge: the fitted trade of a fixed effect is off by {worst:.2g} of all trade; "
            "look for regressors that hardly vary within the fixed effects"
        )


def _explained(trade: Array, fitted: Array) -> float:
    """1 - D / D0 with D the Poisson deviance and D0 that of a constant alone (Cameron & Windmeijer 1997)."""

    def deviance(mean: Array) -> float:
        logs = np.log(np.where(trade > 0, trade, 1.0) / np.where(trade > 0, mean, 1.0))
        return float((trade * logs - (trade - mean)).sum())

    alone = deviance(np.full_like(trade, trade.mean()))
    return 1 - deviance(fitted) / alone if alone > 0 else float("nan")
