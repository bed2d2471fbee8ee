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
from scipy.sparse import csr_matrix, hstack
from scipy.sparse.linalg import lsmr
from scipy.stats import norm

from planner.engine.errors import EstimationFailed, InvalidSample
from planner.engine.gravity_formula import Formula, read_effect, read_formula
from planner.engine.parameters import KEYS, base_key
from planner.engine.types import GRADES, Array, Index, Mask, Parameter

FEW_CLUSTERS = 30
# A regressor of which less than this share of its spread is left over has no coefficient of its own.
COLLINEAR = 1e-5
PROJECTION_TOLERANCE = 1e-7
DEVIANCE_TOLERANCE = 1e-10
ITERATIONS = 200
# Largest excess of fitted over observed trade of any effect, as a share of all trade, in a solution.
FOC_TOLERANCE = 1e-5
# A triangle has the variance of the estimate where its half-width is this many standard errors.
TRIANGLE = float(np.sqrt(6.0))


@dataclass(frozen=True)
class Coefficient:
    """One estimate: the effect on log trade of one unit of the regressor, and its standard error."""

    name: str
    value: float
    standard_error: float

    @property
    def z(self) -> float:
        """The estimate over its standard error."""
        return self.value / self.standard_error

    @property
    def p_value(self) -> float:
        """Two-sided, from the normal distribution."""
        return float(2 * norm.sf(abs(self.z)))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval from the normal distribution."""
        half = float(norm.ppf((1 + level) / 2)) * self.standard_error
        return self.value - half, self.value + half


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

    cluster: a column, or columns joined by ^, whose groups have correlated errors; None: heteroskedasticity only. The
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
    kept, separated, singletons = _informative(trade, effect_codes)
    if not kept.any():
        raise InvalidSample(["the fixed effects fit every row perfectly; expected fewer fixed effects or more rows"])
    problems = _collinear(design[kept] / spread, effect_codes[kept], formula)
    if problems:
        raise InvalidSample(problems)
    fit = _Fit.run(trade[kept], design[kept] / spread, effect_codes[kept], cluster_codes[kept])
    rows = np.flatnonzero(kept)
    lost = [term.name for number, term in enumerate(formula.regressors) if number not in fit.estimated]
    if lost:
        raise InvalidSample([
            f"regressor {name} has no finite coefficient: beyond the other regressors and the fixed effects it differs "
            f"only among rows without trade ({len(fit.separated)} of them); leave it out" for name in lost
        ])  # fmt: skip
    covariance = fit.covariance / np.outer(spread, spread)
    errors = np.sqrt(np.diag(covariance))
    names = [term.name for term in formula.regressors]
    used = np.delete(rows, fit.separated)
    clusters = len(np.unique(cluster_codes[used])) if cluster else None
    notes = list(fit.warnings)
    if clusters is not None and clusters < FEW_CLUSTERS:
        notes.append(f"{clusters} clusters: standard errors tend to be too small with fewer than {FEW_CLUSTERS}")
    return PpmlResult(
        formula=str(formula), cluster=cluster,
        coefficients=tuple(map(Coefficient, names, (fit.coefficients / spread).tolist(), errors.tolist())),
        covariance=covariance, observations=len(used), clusters=clusters,
        separated=np.sort(np.concatenate([np.flatnonzero(separated), rows[fit.separated]])),
        singletons=np.flatnonzero(singletons),
        effects=tuple(
            ("^".join(effect), len(np.unique(effect_codes[used, number])))
            for number, effect in enumerate(formula.effects)
        ),
        pseudo_r2=fit.pseudo_r2, warnings=tuple(notes),
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
        half = TRIANGLE * abs(derived.factor) * coefficient.standard_error
        if not key.at_least <= central <= key.at_most:
            problems.append(
                f"parameter {derived.key}: {central:.4g} from {derived.coefficient} = {coefficient.value:.4g}; "
                f"expected {key.at_least:g} to {key.at_most:g} ({key.meaning}); is a sign or a unit missing?"
            )
            continue
        low, high = max(central - half, key.at_least), min(central + half, key.at_most)
        source = (
            f"estimated here: PPML, {result.observations} rows, {derived.coefficient} {coefficient.value:.4g} "
            f"(s.e. {coefficient.standard_error:.2g})" + (", cut at the admissible range" if high - low < 1.999 * half
                                                          else "")
        )  # fmt: skip
        rows.append(Parameter(derived.key, derived.sector, low, central, high, key.unit, source, grade, as_of))
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
        problems += _faults(panel, name, ~good, expectation)
    for name in dict.fromkeys((*formula.group_columns, *(groups or ()))):
        if name not in missing and name not in numbers:
            problems += _faults(panel, name, (panel[name].isna() | (panel[name] == "")).to_numpy(), "a value")
    if not problems and len(panel) < 2:
        problems.append("expected at least two rows")
    if not problems and not (numbers[formula.outcome] > 0).any():
        problems.append(f"column {formula.outcome}: expected at least one value above 0")
    if problems:
        raise InvalidSample(problems)
    effects = [_codes(panel, effect) for effect in formula.effects] or [np.zeros(len(panel), dtype=np.intp)]
    clusters = _codes(panel, groups) if groups else np.arange(len(panel))
    if groups and clusters.max() == 0:
        raise InvalidSample([f"cluster {cluster}: one group only; expected several"])
    return numbers, np.stack(effects, axis=1), clusters


def _faults(panel: pd.DataFrame, column: str, faulty: Mask, expectation: str) -> list[str]:
    found = np.flatnonzero(faulty)
    cells = zip(panel.index[found], panel[column].iloc[found], strict=True)
    return [
        f"row {label}, column {column}" + (", empty" if pd.isna(cell) or cell == "" else f', value "{cell}"')
        + f": expected {expectation}" for label, cell in cells
    ]  # fmt: skip


def _codes(panel: pd.DataFrame, columns: tuple[str, ...]) -> Index:
    """A number from 0 for each combination of values, (row,)."""
    return np.asarray(panel.groupby(list(columns), sort=False, observed=True).ngroup(), dtype=np.intp)


def _product(numbers: dict[str, Array], columns: tuple[str, ...], logs: tuple[bool, ...]) -> Array:
    factors = [np.log(numbers[name]) if log else numbers[name] for name, log in zip(columns, logs, strict=True)]
    return np.asarray(np.prod(factors, axis=0))


def _informative(trade: Array, effects: Index) -> tuple[Mask, Mask, Mask]:
    """Rows kept, rows of effects that never trade, rows alone in an effect; until nothing more falls out."""
    kept = np.ones(len(trade), dtype=bool)
    separated, singletons = np.zeros_like(kept), np.zeros_like(kept)
    while True:
        without, alone = np.zeros_like(kept), np.zeros_like(kept)
        for codes in effects.T:
            rows = np.bincount(codes, kept, minlength=codes.max() + 1)
            traded = np.bincount(codes, kept & (trade > 0), minlength=codes.max() + 1)
            without |= kept & (traded[codes] == 0)
            alone |= kept & (rows[codes] == 1)
        alone &= ~without
        if not (without | alone).any():
            return kept, separated, singletons
        separated |= without
        singletons |= alone
        kept &= ~(without | alone)


def _collinear(design: Array, effects: Index, formula: Formula) -> list[str]:
    """Regressors that the fixed effects or earlier regressors reproduce; `design` has unit spread."""
    rows = np.arange(len(design))
    blocks = [csr_matrix((np.ones(len(rows)), (rows, np.unique(codes, return_inverse=True)[1]))) for codes in effects.T]
    dummies = hstack([block / np.sqrt(block.sum(axis=0)) for block in blocks], format="csr")
    centred = design - design.mean(axis=0)
    left = np.empty_like(centred)
    for number, column in enumerate(centred.T):
        fitted = lsmr(dummies, column, atol=1e-10, btol=1e-10, maxiter=5000)[0]
        left[:, number] = column - dummies @ fitted
    problems: list[str] = []
    free: list[int] = []
    absorbed_by = " + ".join("^".join(effect) for effect in formula.effects) or "the constant"
    for number, term in enumerate(formula.regressors):
        if np.sqrt((left[:, number] ** 2).mean()) < COLLINEAR:
            problems.append(f"regressor {term.name}: collinear with the fixed effects {absorbed_by}: leave it out")
            continue
        weights = np.linalg.lstsq(left[:, free], left[:, number], rcond=None)[0] if free else np.zeros(0)
        rest = left[:, number] - left[:, free] @ weights
        if np.sqrt((rest**2).mean()) < COLLINEAR:
            others = [formula.regressors[free[place]].name for place in np.flatnonzero(np.abs(weights) > COLLINEAR)]
            also = " and the fixed effects" if formula.effects else ""
            problems.append(f"regressor {term.name}: collinear with {', '.join(others)}{also}: leave one out")
            continue
        free.append(number)
    return problems


@dataclass(frozen=True)
class _Fit:
    """What pyfixest found: numbers of the regressors estimated, positions of rows separated by regressors."""

    estimated: tuple[int, ...]
    coefficients: Array
    covariance: Array
    separated: Index
    pseudo_r2: float
    warnings: tuple[str, ...]

    @classmethod
    def run(cls, trade: Array, design: Array, effects: Index, clusters: Index) -> _Fit:
        """Names of columns are our own, so that nothing in a panel is read as part of a formula."""
        from pyfixest import fepois, ssc  # slow to load
        from pyfixest.demeaners import MapDemeaner

        regressors = [f"x{number}" for number in range(design.shape[1])]
        groups = [f"f{number}" for number in range(effects.shape[1])]
        frame = pd.DataFrame({"y": trade / trade.mean(), "cluster": clusters})
        frame = frame.assign(
            **dict(zip(regressors, design.T, strict=True)), **dict(zip(groups, effects.T, strict=True))
        )
        clustered = len(np.unique(clusters)) < len(clusters)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                model: Any = fepois(
                    f"y ~ {' + '.join(regressors)} | {' + '.join(groups)}", frame,
                    vcov={"CRV1": "cluster"} if clustered else "hetero", ssc=ssc(k_adj=False), fixef_rm="none",
                    separation_check=["ir"], demeaner=MapDemeaner(fixef_tol=PROJECTION_TOLERANCE),
                    iwls_tol=DEVIANCE_TOLERANCE, iwls_maxiter=ITERATIONS,
                )  # fmt: skip
                fitted = np.asarray(model.predict(type="response"), dtype=float)
            except (ArithmeticError, RuntimeError, ValueError) as error:
                raise EstimationFailed(f"the estimate did not converge: {' '.join(str(error).split())}") from error
        separated = np.sort(np.array(list(model.na_index), dtype=np.intp))
        used = np.ones(len(trade), dtype=bool)
        used[separated] = False
        _check_first_order(frame["y"].to_numpy()[used], fitted, effects[used])
        notes = [str(item.message) for item in caught if issubclass(item.category, UserWarning)]
        names = [str(name) for name in model.coef().index]
        return cls(
            estimated=tuple(regressors.index(name) for name in names),
            coefficients=model.coef().to_numpy(dtype=float), covariance=np.asarray(model._vcov, dtype=float),
            separated=separated, pseudo_r2=_deviance_explained(frame["y"].to_numpy()[used], fitted),
            warnings=tuple(note for note in notes if "removed because of separation" not in note),
        )  # fmt: skip


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


def _deviance_explained(trade: Array, fitted: Array) -> float:
    """1 - D / D0 with D the Poisson deviance and D0 that of a constant alone (Cameron & Windmeijer 1997)."""

    def deviance(mean: Array) -> float:
        logs = np.log(np.where(trade > 0, trade, 1.0) / np.where(trade > 0, mean, 1.0))
        return float((trade * logs - (trade - mean)).sum())

    alone = deviance(np.full_like(trade, trade.mean()))
    return 1 - deviance(fitted) / alone if alone > 0 else float("nan")
