"""What estimators share: coefficients, rows of a parameter set made of them, and the faults of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from planner.engine.parameters import KEYS, base_key
from planner.engine.types import Index, Mask, Parameter

# A triangle has the variance of the estimate where its half-width is this many standard errors.
TRIANGLE = float(np.sqrt(6.0))


@dataclass(frozen=True)
class Coefficient:
    """One estimate and its standard error, in the unit of the outcome per unit of the regressor."""

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


def estimated_parameter(
    key: str, central: float, standard_error: float, *, source: str, grade: str, as_of: str, sector: str = ""
) -> Parameter:
    """A row "estimated here": the triangle with the mean and the variance of the estimate.

    Its ends, central +- sqrt(6) standard errors, are cut at the admissible range of the key, and the source says so;
    the central value must lie inside that range.
    """
    known = KEYS[base_key(key)]
    half = TRIANGLE * standard_error
    low, high = max(central - half, known.at_least), min(central + half, known.at_most)
    cut = ", cut at the admissible range" if (low, high) != (central - half, central + half) else ""
    return Parameter(key, sector, low, central, high, known.unit, f"estimated here: {source}{cut}", grade, as_of)


def cell_faults(table: pd.DataFrame, column: str, faulty: Mask, expectation: str) -> list[str]:
    """A problem for each faulty cell; rows are named by the labels of the table's index."""
    found = np.flatnonzero(faulty)
    cells = zip(table.index[found], table[column].iloc[found], strict=True)
    return [
        f"row {label}, column {column}" + (", empty" if pd.isna(cell) or cell == "" else f', value "{cell}"')
        + f": expected {expectation}" for label, cell in cells
    ]  # fmt: skip


def group_codes(table: pd.DataFrame, columns: Sequence[str]) -> Index:
    """A number from 0 for each combination of values in order of appearance, (row,)."""
    return np.asarray(table.groupby(list(columns), sort=False, observed=True).ngroup(), dtype=np.intp)
