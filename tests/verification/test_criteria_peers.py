"""TOPSIS and the weighted sum against scikit-criteria, and TOPSIS against a published example."""

import numpy as np
import pytest
import skcriteria
from skcriteria.agg.simple import WeightedSumModel
from skcriteria.agg.topsis import TOPSIS
from skcriteria.preprocessing.invert_objectives import NegateMinimize
from skcriteria.preprocessing.scalers import MinMaxScaler, SumScaler, VectorScaler

from planner.engine.criteria import Criterion, build_table, rank_topsis, topsis, weighted_sum


def make_table(values, larger):
    """One draw from values (option, criterion)."""
    criteria = [Criterion(f"c{number}", bool(way)) for number, way in enumerate(larger)]
    return build_table(
        criteria,
        {
            f"o{option:02d}": {one.name: np.array([value]) for one, value in zip(criteria, row, strict=True)}
            for option, row in enumerate(values)
        },
    )


def cases():
    rng = np.random.default_rng(21)
    for options, criteria in ((4, 2), (9, 3), (25, 6)):
        values = rng.normal(3, 4, (options, criteria)) * 10.0 ** rng.integers(-4, 4, criteria)
        yield values, rng.integers(0, 2, criteria).astype(bool), rng.uniform(0.1, 3, criteria)


def decision(values, larger, weights):
    """The peer's matrix, minimised criteria negated and weights adding up to 1."""
    matrix = skcriteria.mkdm(values, objectives=[max if way else min for way in larger], weights=weights)
    return SumScaler("weights").transform(NegateMinimize().transform(matrix))


@pytest.mark.parametrize(("values", "larger", "weights"), list(cases()))
def test_topsis(values, larger, weights):
    found = TOPSIS().evaluate(VectorScaler("matrix").transform(decision(values, larger, weights)))
    ours = topsis(make_table(values, larger), {f"c{number}": weight for number, weight in enumerate(weights)})
    assert ours[:, 0] == pytest.approx(found.e_.similarity, rel=1e-12)
    order = [f"o{option:02d}" for option in np.argsort(found.rank_)]
    ranking = rank_topsis(make_table(values, larger), {f"c{number}": weight for number, weight in enumerate(weights)})
    assert ranking.order == order


@pytest.mark.parametrize(("values", "larger", "weights"), list(cases()))
def test_weighted_sum(values, larger, weights):
    # The range scale is the peer's min-max scaling.
    found = WeightedSumModel().evaluate(MinMaxScaler("matrix").transform(decision(values, larger, weights)))
    ours = weighted_sum(make_table(values, larger), {f"c{number}": weight for number, weight in enumerate(weights)})
    assert ours[:, 0] == pytest.approx(found.e_.score, rel=1e-12)


def test_topsis_as_published():
    """Tzeng & Huang (2011), Multiple Attribute Decision Making, as quoted in the peer's own tests: four printed digits."""
    values = np.array([[5, 8, 4], [7, 6, 8], [8, 8, 6], [7, 4, 6]], dtype=float)
    found = topsis(make_table(values, [True] * 3), {"c0": 0.3, "c1": 0.4, "c2": 0.3})
    assert found[:, 0] == pytest.approx([0.5037, 0.6581, 0.7482, 0.3340], abs=1e-4)
