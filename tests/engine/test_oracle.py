"""The batched solve against the loop-written oracle, in every closure and with every kind of shock."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engine.certificates import solve_with_certificates
from planner.engine.equilibrium import solve
from planner.engine.errors import NegativeSpending
from planner.engine.shock import Shock
from planner.engine.short_run import solve_short_run
from tests.engine import oracle
from tests.engine.worlds import FLEXIBLE, accounts_of, examples, make_world, random_change, samples, shock_of

EXACT = 1e-10
NAMES = ("wage", "value_added", "income", "tariff_revenue", "deficit", "price", "welfare")


def compare(world, found, column, expected):
    """Every outcome of one column: ratios to 1e-10, money to 1e-10 of the place's value added."""
    added = accounts_of(world).value_added
    for name in NAMES:
        scale = 1.0 if name in ("wage", "price", "welfare") else added
        gap = np.abs(getattr(found, name)[:, column] - expected[name]) / scale
        assert gap.max() < EXACT, f"{name}: {gap}"
    scale = np.maximum(expected["flows"], 1e-3 * world.flows.sum(axis=(0, 2))[None, :, None])
    assert (np.abs(found.flows()[..., column] - expected["flows"]) / scale).max() < EXACT


@pytest.mark.parametrize("closure", FLEXIBLE)
@examples(6)
@given(sample=samples(), sigma=st.floats(0, 1))
def test_flexible_closures(closure, sample, sigma):
    """Costs, tariffs and productivity, two columns at once, with and without input-output links."""
    changes = [random_change(sample), random_change(sample, 0.05)]
    found = solve(sample.accounts, shock_of(sample.world, changes), sample.world.theta, closure, sigma=sigma)
    for column, change in enumerate(changes):
        compare(sample.world, found, column, oracle.solve(sample.world, change, closure, sigma))


@examples(6)
@given(sample=samples(max_places=4), sigma=st.floats(0, 0.9))
def test_short_run(sample, sigma):
    """Fixed wages, revaluations with incomplete pass-through, tariffs and costs together."""
    changes = [random_change(sample, 0.15, kinds=("cost", "tariff", "currency")), random_change(sample, 0.05)]
    expected = [oracle.solve(sample.world, change, "short_run", sigma) for change in changes]
    shock = shock_of(sample.world, changes)
    if min(result["income"].min() for result in expected) <= 0:
        with pytest.raises(NegativeSpending):
            solve_short_run(sample.accounts, shock, sample.world.theta, sigma=sigma)
        return
    found = solve_short_run(sample.accounts, shock, sample.world.theta, sigma=sigma)
    for column, result in enumerate(expected):
        compare(sample.world, found, column, result)


@pytest.mark.parametrize("kind", ["export_tax", "final_share", "deficit", "taste"])
@pytest.mark.parametrize("closure", ["world_share", "absorption"])
@examples(4)
@given(sample=samples(max_places=4))
def test_other_shocks(closure, kind, sample):
    """Export taxes, tastes, spending shares and given deficits, each with costs beside it."""
    changes = [random_change(sample, 0.1, kinds=(kind, "cost")), random_change(sample, 0.1, kinds=("tariff",))]
    found = solve(sample.accounts, shock_of(sample.world, changes), sample.world.theta, closure, sigma=0.6)
    for column, change in enumerate(changes):
        compare(sample.world, found, column, oracle.solve(sample.world, change, closure, 0.6))


@examples(4)
@given(sample=samples(max_places=3, max_sectors=2))
def test_certificates(sample):
    """The price of import certificates by bisection over loop-written equilibria."""
    issuer = 0 if accounts_of(sample.world).deficit[0] > 0 else 1
    found = solve_with_certificates(sample.accounts, Shock.none(len(sample.world.economy)), sample.world.theta, issuer)
    price, expected = oracle.solve_certificates(sample.world, oracle.Change(), issuer)
    assert found.certificate_price[0] == pytest.approx(price, abs=1e-9)
    for name in ("value_added", "income", "price"):
        np.testing.assert_allclose(getattr(found, name)[:, 0], expected[name], rtol=1e-9)


@pytest.mark.parametrize("closure", [*FLEXIBLE, "short_run"])
def test_closed_cells(closure):
    """A pair whose cost is infinite does not trade; the others go on."""
    sample = make_world(7, 4, 2, inputs=True, tariffs=True)
    cost = np.ones(sample.world.flows.shape)
    cost[0, 2] = cost[3, 1] = np.inf
    change = oracle.Change(cost=cost)
    shock = shock_of(sample.world, [change])
    solver = solve_short_run if closure == "short_run" else solve
    extra = {} if closure == "short_run" else {"closure": closure}
    found = solver(sample.accounts, shock, sample.world.theta, sigma=0.5, **extra)
    assert not found.flows()[0, 2].any()
    compare(sample.world, found, 0, oracle.solve(sample.world, change, closure, 0.5))


@pytest.mark.parametrize("closure", [*FLEXIBLE, "short_run"])
@pytest.mark.parametrize("inputs", [False, True])
def test_columns_do_not_affect_each_other(closure, inputs):
    """A column gives the same numbers alone, among others, and next to one too large for the shared slope."""
    sample = make_world(11, 5, 3, inputs=inputs, tariffs=True)
    changes = [random_change(sample, size) for size in (0.01, 1.0, 0.1, 0.3)]
    shock = shock_of(sample.world, changes)
    theta = sample.world.theta[:, None] * np.array([1.0, 1.2, 0.8, 1.1])
    sigma = np.array([0.2, 0.4, 0.6, 0.8])
    solver = solve_short_run if closure == "short_run" else solve
    extra = {} if closure == "short_run" else {"closure": closure}
    together = solver(sample.accounts, shock, theta, sigma=sigma, **extra)
    for column in range(4):
        part = slice(column, column + 1)
        alone = solver(sample.accounts, shock.column(column), theta[:, part], sigma=sigma[part], **extra)
        for name in ("wage", "income", "price", "value_added"):
            np.testing.assert_allclose(
                getattr(together, name)[:, column], getattr(alone, name)[:, 0], rtol=1e-10, atol=0
            )


def test_elasticities_per_column_match_the_oracle():
    """Each column may have elasticities of its own."""
    sample = make_world(5, 4, 2, inputs=True, tariffs=True)
    changes = [random_change(sample), random_change(sample)]
    theta = sample.world.theta[:, None] * np.array([1.0, 1.5])
    found = solve(sample.accounts, shock_of(sample.world, changes), theta, "world_share")
    for column, change in enumerate(changes):
        world = oracle.World(**{**vars(sample.world), "theta": theta[:, column]})
        compare(world, found, column, oracle.solve(world, change, "world_share"))
