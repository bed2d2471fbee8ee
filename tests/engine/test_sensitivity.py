"""Minute values: the adjoint against central differences of full solves, and what must hold of any derivative."""

from __future__ import annotations

import numpy as np
import pytest

from planner.engine.accounts import build_accounts
from planner.engine.cells import Cells, cell_key
from planner.engine.equilibrium import solve
from planner.engine.estimate import Study
from planner.engine.model import sector_major
from planner.engine.sensitivity import _System, largest, minute_values
from planner.engine.shock import Shock
from planner.engine.short_run import solve_short_run
from planner.engine.types import Channel, Intervention
from tests.engine.shipped_case import shipped_baseline

STEP = 0.004  # minutes
CLOSURES = ("world_share", "own_income", "absorption", "short_run")


@pytest.fixture(scope="module")
def shipped():
    return shipped_baseline()


def outcome_at(baseline, closure, outcome, crossing, direction, minutes):
    channel = Channel(
        "probe", "wait_minutes", minutes, minutes, minutes, "minutes", "", "D", crossing=(crossing,),
        direction=(direction,),
    )  # fmt: skip
    plan = Intervention("probe", "probe", "facilitation", (channel,))
    effect = Study(baseline, baseline.parameters, draws=0, seed=1, closure=closure).estimate(plan)
    if outcome == "imbalance":
        return effect.arrays["full.index_change"][0]
    return effect.arrays["full.ev_musd"][baseline.border, 0].sum()


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("outcome", ["imbalance", "welfare"])
def test_adjoint_equals_central_differences(shipped, closure, outcome):
    """On the shipped case, away from balanced pairs: to 1e-6 where rounding of the differences allows it."""
    found = minute_values(shipped, shipped.parameters, outcome=outcome, closure=closure)
    scale = np.abs(found.total).max()
    assert found.near_zero == ()
    for crossing, direction in (("3801", "US"), ("0901", "CA"), ("3403", "US")):
        at = {step: outcome_at(shipped, closure, outcome, crossing, direction, step * STEP) for step in (-2, -1, 1, 2)}
        # Richardson: the queue's curvature is felt at any step that rounding allows.
        slope = (8 * (at[1] - at[-1]) - (at[2] - at[-2])) / (12 * STEP)
        value = found.total[found.crossings.index(crossing), found.economies.index(direction)]
        assert value == pytest.approx(slope, rel=1e-6, abs=1e-6 * scale)


def test_longer_waits_cost_border_regions_welfare(shipped):
    """Every minute at a crossing in use lowers the welfare of the world of border regions taken together."""
    found = minute_values(shipped, shipped.parameters, outcome="welfare")
    assert found.total.sum() < 0
    assert largest(found, 3)[0][0] in {"3801", "3802", "0901"}


@pytest.mark.parametrize("closure", ["world_share", "own_income", "short_run"])
def test_cost_gradient_with_inputs_and_tariffs(closure):
    """Random accounts with input-output links and tariffs: every cell's gradient against central differences."""
    rng = np.random.default_rng(3)
    places, sectors = 3, 2
    flows = rng.uniform(1, 5, (places, places, sectors)) + 40 * np.eye(places)[:, :, None]
    tariff = rng.uniform(0, 0.2, flows.shape) * (1 - np.eye(places))[:, :, None]
    inputs = rng.uniform(0.05, 0.25, (places, sectors, sectors))
    accounts = build_accounts(places=list("abc"), sectors=["s", "t"], flows=flows, tariff=tariff, input_share=inputs)
    theta = np.array([4.0, 6.0])
    weight, real = rng.normal(size=(sectors, places, places)), rng.normal(size=places)
    sigma = 0.3 if closure == "short_run" else 1.0
    system = _System(accounts, theta, closure, sigma)
    by_flow, by_income = system.gradient(by_flow=weight), system.gradient(by_real_income=real)

    def solved(origin, destination, sector, size):
        key = cell_key(np.array([origin]), np.array([destination]), np.array([sector]), places)
        shock = Shock(columns=1, cells=Cells.from_keys(key, places), log_cost=np.array([[size]]))
        if closure == "short_run":
            state = solve_short_run(accounts, shock, theta, sigma=sigma, tolerance=1e-13)
        else:
            state = solve(accounts, shock, theta, closure, sigma=sigma, tolerance=1e-13)
        flow = (weight * sector_major(state.flows()[..., 0])).sum()
        return flow, (real * accounts.income * (state.real_income[:, 0] - 1)).sum()

    for cell in ((0, 1, 0), (1, 2, 1), (2, 2, 0)):
        plus, minus = solved(*cell, 1e-5), solved(*cell, -1e-5)
        at = (cell[2], cell[0], cell[1])
        assert by_flow[at] == pytest.approx((plus[0] - minus[0]) / 2e-5, rel=1e-6, abs=1e-7)
        assert by_income[at] == pytest.approx((plus[1] - minus[1]) / 2e-5, rel=1e-6, abs=1e-7)


def test_refusals(shipped):
    """An unknown outcome, and closures whose own baseline is another one."""
    with pytest.raises(ValueError, match="unknown outcome"):
        minute_values(shipped, shipped.parameters, outcome="jobs")
    with pytest.raises(ValueError, match="no derivative at the observed baseline"):
        minute_values(shipped, shipped.parameters, closure="balanced")
