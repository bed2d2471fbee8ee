"""NPV, rate of return and ratios against numpy-financial."""

import numpy as np
import numpy_financial as peer
import pytest

from planner.engine.appraisal import CostRow, Stream, Terms, appraise
from planner.engine.cash_flows import DEFINED, SEVERAL, discount_factors, internal_rate

DRAWS, YEARS = 300, 31


@pytest.fixture(scope="module")
def flows():
    """Outlays in the first years, net benefits later, (year, draw)."""
    rng = np.random.default_rng(11)
    gains = rng.uniform(0, 30, (YEARS, DRAWS))
    gains[:3] = -rng.uniform(20, 150, (3, DRAWS))
    return gains


def test_net_present_value(flows):
    rates = np.linspace(-0.02, 0.12, DRAWS)
    ours = (flows * discount_factors(rates, YEARS)).sum(axis=0)
    theirs = [peer.npv(rate, flow) for rate, flow in zip(rates, flows.T, strict=True)]
    assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-10)


def test_rate_of_return(flows):
    rate, status = internal_rate(flows)
    assert (status == DEFINED).all()
    assert rate == pytest.approx([peer.irr(flow) for flow in flows.T], abs=1e-10)


@pytest.mark.parametrize(
    "flow", [[-150000, 15000, 25000, 35000, 45000, 60000], [-100, 39, 59, 55, 20], [-100, 0, 0, 74]]
)
def test_rates_of_the_peers_manual(flow):
    """The examples of numpy-financial's documentation that have one rate."""
    rate, status = internal_rate(np.array(flow, dtype=float)[:, None])
    assert status[0] == DEFINED
    assert rate[0] == pytest.approx(peer.irr(flow), abs=1e-10)


def test_two_rates_are_said_where_the_peer_picks_one():
    """Another of its examples: 8.86 % it says; the net present value is zero at a second rate too."""
    flow = [-5, 10.5, 1, -8, 1]
    picked = peer.irr(flow)
    others = [root - 1 for root in np.roots(flow).real if root > 0.05 and abs(root - 1 - picked) > 1e-6]
    assert others
    assert peer.npv(others[0], flow) == pytest.approx(0, abs=1e-9)
    rate, status = internal_rate(np.array(flow, dtype=float)[:, None])
    assert status[0] == SEVERAL
    assert np.isnan(rate[0])


def test_whole_appraisal():
    rng = np.random.default_rng(5)
    full, half = rng.normal(40, 5, DRAWS), rng.normal(21, 3, DRAWS)
    rates, bias = rng.uniform(0.03, 0.08, DRAWS), rng.uniform(0, 0.45, DRAWS)
    costs = [CostRow(2024, "capital", 150, "USD", 2023), CostRow(2026, "operating", 4, "USD", 2023)]
    found = appraise(
        [Stream("welfare", half, full, "USD", 2023, 2026, 1)], costs, Terms("USD", 2023, 2024, 20, rates, bias)
    )
    for draw in range(0, DRAWS, 10):
        # A ramp of one year has its mean, 0.5, in the first year.
        gains = np.array([0, 0, half[draw]] + [full[draw]] * 17)
        charges = np.array([150 * (1 + bias[draw]), 0] + [4.0] * 18)
        assert found.npv[draw] == pytest.approx(peer.npv(rates[draw], gains - charges), rel=1e-12)
        assert found.eirr[draw] == pytest.approx(peer.irr(gains - charges), abs=1e-10)
        assert found.bcr[draw] == pytest.approx(
            peer.npv(rates[draw], gains) / peer.npv(rates[draw], charges), rel=1e-12
        )
