"""Which rows of a panel tell PPML nothing: rows that fixed effects or regressors fit perfectly.

A zero is separated where some combination z of regressors and effects is 0 in every row with trade, nowhere negative,
and positive there: the likelihood then rises for ever as that combination grows (Correia, Guimaraes & Zylkin 2021).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, hstack
from scipy.sparse.linalg import lsmr

from planner.engine.errors import EstimationFailed
from planner.engine.types import Array, Index, Mask

CERTIFIED = 1e-7
# A combination reaches 1 somewhere; solver tolerances are two orders smaller than this.
POSITIVE = 1e-4


def dummies(effects: Index) -> csr_matrix:
    """One column of unit length for each level of each effect; effects are codes (row, effect)."""
    rows = np.arange(len(effects))
    blocks = [csr_matrix((np.ones(len(rows)), (rows, np.unique(codes, return_inverse=True)[1]))) for codes in effects.T]
    return hstack([block / np.sqrt(block.sum(axis=0)) for block in blocks], format="csr")


def informative_rows(trade: Array, effects: Index) -> tuple[Mask, Mask, Mask]:
    """Rows kept, rows of levels that never trade, rows alone in a level; repeated until nothing more falls out."""
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


def separated_rows(trade: Array, design: Array, effects: Index) -> Mask:
    """Zeros separated by a combination of regressors and effects, (row,); the design has unit spread.

    Raises EstimationFailed where the linear programme has no answer.
    """
    zero = trade == 0
    found = np.zeros(len(trade), dtype=bool)
    if not zero.any():
        return found
    combined = hstack([csr_matrix(design - design.mean(axis=0)), dummies(effects)], format="csr")
    while not _certified(combined[zero & ~found], combined[~zero]):
        more = _largest_combination(combined[~found], zero[~found]) > POSITIVE
        if not more.any():
            break
        found[np.flatnonzero(~found)[more]] = True
    return found


def _certified(zeros: csr_matrix, traded: csr_matrix) -> bool:
    """Whether the sum over the zeros of any combination that vanishes where there is trade vanishes too.

    It does where zeros' 1 lies in the row space of `traded`: then nothing is separated (Farkas), without a programme.
    """
    if zeros.shape[0] == 0:
        return True
    total = np.asarray(zeros.sum(axis=0)).ravel()
    weights = lsmr(traded.T, total, atol=1e-12, btol=1e-12, maxiter=2000)[0]
    return bool(np.linalg.norm(traded.T @ weights - total) <= CERTIFIED * np.linalg.norm(total))


def _largest_combination(combined: csr_matrix, zero: Mask) -> Array:
    """z with the largest sum over the zeros, between 0 and 1 there and 0 elsewhere; (row,)."""
    found = milp(
        -np.asarray(combined[zero].sum(axis=0)).ravel(),
        constraints=LinearConstraint(combined, 0.0, zero.astype(float)),
        bounds=Bounds(-np.inf, np.inf),
    )
    if found.x is None:
        raise EstimationFailed(f"the check for separation found no answer: {found.message}")
    return np.where(zero, combined @ found.x, 0.0)
