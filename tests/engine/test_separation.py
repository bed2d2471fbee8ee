"""Separation against its definition, one zero at a time."""

import numpy as np
import pytest
from scipy.optimize import linprog

from planner.engine.separation import dummies, informative_rows, separated_rows


def separated_by_definition(trade, design, effects):
    """A zero is separated where the largest z there, of all z that are 0 with trade and never negative, is above 0."""
    combined = np.column_stack([design, dummies(effects).toarray()])
    zero = trade == 0
    found = np.zeros(len(trade), dtype=bool)
    for row in np.flatnonzero(zero):
        best = linprog(
            -combined[row], A_ub=-combined[zero], b_ub=np.zeros(zero.sum()), A_eq=combined[~zero],
            b_eq=np.zeros((~zero).sum()), bounds=[(-1, 1)] * combined.shape[1],
        )  # fmt: skip
        found[row] = -best.fun > 1e-6
    return found


def small_panel(seed):
    """Few rows and many zeros, so that some panels have separated rows and some have none."""
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(12, 40))
    effects = np.stack([rng.integers(0, 4, rows), rng.integers(0, 3, rows)], axis=1)
    trade = np.where(rng.random(rows) < 0.6, 0.0, rng.uniform(1, 9, rows))
    trade[0] = 1.0
    return trade, np.stack([rng.normal(size=rows), rng.random(rows) < 0.2], axis=1).astype(float), effects


@pytest.mark.parametrize("seed", range(25))
def test_as_defined(seed):
    trade, design, effects = small_panel(seed)
    found = separated_rows(trade, design, effects)
    np.testing.assert_array_equal(found, separated_by_definition(trade, design, effects))
    without = informative_rows(trade, effects)[1]
    assert (trade[without] == 0).all()


def test_some_of_these_panels_are_separated_and_some_are_not():
    """Else the test above shows little."""
    assert 5 <= sum(separated_rows(*small_panel(seed)).any() for seed in range(25)) <= 20


def test_no_zeros_no_separation():
    trade, design, effects = small_panel(0)
    assert not separated_rows(trade + 1, design, effects).any()
