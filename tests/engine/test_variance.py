"""Variance shares on functions whose shares are known, and what must always hold."""

import itertools

import numpy as np
import pytest
from scipy.stats import norm, qmc

from planner.engine.parameters import KEYS
from planner.engine.types import Channel, Parameter, Parameters
from planner.engine.uncertainty import Draws
from planner.engine.variance import bins, correlation_ratio, drawn_inputs, regression_shares, variance_shares

DRAWS = 2000


def uniform(count, draws=DRAWS, seed=1):
    """Independent inputs on [0, 1], (input, draw), as the engine draws them."""
    return qmc.LatinHypercube(d=count, rng=np.random.default_rng(seed)).random(draws).T


def names(count):
    return [f"x{number}" for number in range(count)]


@pytest.mark.parametrize("method", ["auto", "linear", "rank", "binned"])
def test_additive_function(method):
    inputs = norm.ppf(uniform(4))
    weights = np.array([3.0, -2.0, 1.0, 0.0])
    found = variance_shares(names(4), inputs, weights @ inputs + 7, method)
    correlation = weights / np.sqrt(14)
    if method == "rank":
        correlation = 6 / np.pi * np.arcsin(correlation / 2)  # Spearman's, of normal variables
    assert found.shares == pytest.approx(correlation**2, abs=0.03)
    assert list(found.sign[:3]) == [1, -1, 1]
    assert found.explained + found.unexplained == pytest.approx(1)
    assert found.explained == pytest.approx((correlation**2).sum(), abs=0.04)
    assert [row[0] for row in found.largest()] == ["x0", "x1", "x2"]
    if method in ("auto", "linear"):
        assert found.method == "linear"
        assert found.explained == pytest.approx(1, abs=1e-12)


def test_ishigami():
    """First-order indices of the Ishigami function, a = 7, b = 0.1: 0.3139, 0.4424, 0 (Saltelli et al. 2008)."""
    inputs = np.pi * (2 * uniform(3, 8000) - 1)
    outcome = np.sin(inputs[0]) + 7 * np.sin(inputs[1]) ** 2 + 0.1 * inputs[2] ** 4 * np.sin(inputs[0])
    found = variance_shares(names(3), inputs, outcome)
    assert found.method == "binned"  # straight lines explain less than 0.2 of it
    assert found.shares == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert found.unexplained == pytest.approx(0.2437, abs=0.03)
    straight = variance_shares(names(3), inputs, outcome, "linear")
    assert straight.explained < 0.25
    assert straight.shares[1] < 0.01


def test_sobol_g_function():
    """First-order indices of Sobol's g function have a closed form: V_i = 1 / (3 (1 + a_i)^2), V = prod (1 + V_i) - 1."""
    strength = np.array([0.0, 1.0, 4.5, 9.0, 99.0])
    inputs = uniform(5, 8000)
    outcome = np.prod((np.abs(4 * inputs - 2) + strength[:, None]) / (1 + strength[:, None]), axis=0)
    parts = 1 / (3 * (1 + strength) ** 2)
    found = variance_shares(names(5), inputs, outcome, "binned")
    assert found.shares == pytest.approx(parts / (np.prod(1 + parts) - 1), abs=0.02)


def test_ranks_follow_a_steep_monotone_function():
    inputs = uniform(2)
    outcome = np.exp(12 * inputs[0] + 2 * inputs[1])
    ranked = variance_shares(names(2), inputs, outcome, "rank")
    straight = variance_shares(names(2), inputs, outcome, "linear")
    assert ranked.explained > 0.98 > 0.6 > straight.explained
    assert np.array_equal(ranked.shares, variance_shares(names(2), inputs, np.log(outcome), "rank").shares)


def test_pure_interaction_is_unexplained():
    inputs = 2 * uniform(2) - 1
    for method in ("linear", "rank", "binned"):
        found = variance_shares(names(2), inputs, inputs[0] * inputs[1], method)
        assert found.unexplained > 0.95
    assert variance_shares(names(2), inputs, inputs[0] * inputs[1]).largest() == []


@pytest.mark.parametrize("method", ["linear", "rank", "binned"])
def test_noise_bound_lets_one_in_twenty_through(method):
    """Inputs without influence beside a strong one, 500 draws: false alarms at about the rate that the bound promises."""
    alarms = []
    for seed in range(20):
        inputs = uniform(31, 500, seed)
        outcome = 5 * inputs[0] + np.random.default_rng(seed).normal(0, 0.5, 500)
        found = variance_shares(names(31), inputs, outcome, method)
        assert found.largest(1)[0][0] == "x0"
        alarms.append((found.shares[1:] > found.noise).mean())
    assert 0.01 < np.mean(alarms) < 0.09


def test_regression_shares_add_up_to_r2():
    rng = np.random.default_rng(6)
    inputs = rng.normal(size=(6, 80))
    outcome = rng.normal(size=6) @ inputs + 3 * rng.normal(size=80)
    shares = regression_shares(inputs, outcome)
    design = np.column_stack([np.ones(80), inputs.T])
    residual = outcome - design @ np.linalg.lstsq(design, outcome, rcond=None)[0]
    assert shares.sum() == pytest.approx(1 - residual.var() / outcome.var())
    assert (shares >= 0).all()


def test_shares_of_uncorrelated_inputs_are_squared_correlations():
    rng = np.random.default_rng(2)
    base = np.linalg.qr(np.column_stack([np.ones(60), rng.normal(size=(60, 4))]))[0][:, 1:].T
    outcome = np.array([0.5, -0.3, 0.2, 0.0]) @ base + 0.4 * rng.normal(size=60)
    expected = [np.corrcoef(row, outcome)[0, 1] ** 2 for row in base]
    assert regression_shares(base, outcome) == pytest.approx(expected)


def test_chance_correlation_gives_no_share():
    """An input that does nothing has no share where lines explain all, though it correlates in a sample of 60."""
    inputs = uniform(12, 60)
    assert np.abs(np.corrcoef(inputs)[0, 1:]).max() > 0.1
    found = variance_shares(names(12), inputs, 4 * inputs[0] + 2 * inputs[1])
    assert found.shares[:2] == pytest.approx([0.8, 0.2], abs=1e-3)
    assert found.shares[2:] == pytest.approx(0, abs=1e-12)
    assert [row[0] for row in found.largest()] == ["x0", "x1"]


def test_correlation_ratio_against_a_loop():
    inputs = uniform(3, 203)
    outcome = np.sin(5 * inputs[0]) + inputs[1]
    total = ((outcome - outcome.mean()) ** 2).sum()
    for number, row in enumerate(inputs):
        edges = np.linspace(0, 203, 8).astype(int)
        ordered = outcome[np.argsort(row)]
        parts = [ordered[start:stop] for start, stop in itertools.pairwise(edges)]
        within = sum(((part - part.mean()) ** 2).sum() for part in parts)
        expected = 1 - within / total * 202 / 196  # Kelley's epsilon squared
        assert correlation_ratio(inputs, outcome, 7)[number] == pytest.approx(expected)


@pytest.mark.parametrize("method", ["linear", "rank", "binned"])
def test_scale_and_order_do_not_matter(method):
    inputs = uniform(3)
    outcome = inputs[0] + 0.3 * inputs[1] ** 2
    found = variance_shares(names(3), inputs, outcome, method)
    other = variance_shares(names(3)[::-1], inputs[::-1] * 1e6 - 4, 1e-7 * outcome + 3, method)
    assert other.shares[::-1] == pytest.approx(found.shares, abs=1e-6)
    assert other.names == ("x2", "x1", "x0")


def test_fixed_inputs_and_outcomes():
    inputs = uniform(3)
    inputs[1] = 0.1 + 0.2
    found = variance_shares(names(3), inputs, inputs[0])
    assert found.shares == pytest.approx([1, 0, 0], abs=0.01)
    assert found.shares[1] == 0
    assert found.sign[1] == 0
    still = variance_shares(names(3), inputs, np.full(DRAWS, 0.7))
    assert np.isnan(still.shares).all()
    assert np.isnan(still.unexplained)
    assert still.largest() == []
    nothing = variance_shares([], np.zeros((0, DRAWS)), inputs[0])
    assert nothing.shares.shape == (0,)
    assert nothing.unexplained == pytest.approx(1)


def test_more_inputs_than_draws():
    inputs = uniform(80, 60)
    outcome = 3 * inputs[0] + inputs[1]
    assert variance_shares(names(80), inputs, outcome).method == "binned"
    with pytest.raises(ValueError, match="60 draws for 80 inputs; expected at least 82"):
        variance_shares(names(80), inputs, outcome, "linear")


def test_wrong_input_is_named():
    inputs = uniform(2)
    broken = inputs.copy()
    broken[1, 3] = np.nan
    for arguments, message in (
        ((names(2), inputs, inputs[0], "shapley"), "unknown method 'shapley'"),
        ((names(3), inputs, inputs[0]), r"expected \(3, draw\)"),
        ((names(2), broken, inputs[0]), "x1: not a finite number"),
        ((names(2), inputs, broken[1]), "outcome: not a finite number"),
        ((names(2), inputs[:, :40], inputs[0, :40]), "40 draws; expected at least 50"),
    ):
        with pytest.raises(ValueError, match=message):
            variance_shares(*arguments)


@pytest.mark.parametrize(("draws", "expected"), [(50, 4), (100, 5), (500, 11), (100000, 50)])
def test_number_of_bins(draws, expected):
    assert bins(draws) == expected


def test_drawn_inputs_are_those_of_the_estimate():
    rows = tuple(
        Parameter(key, sector, *values, "u", "s", "D")
        for key, sector, values in (
            ("theta", "", (4.0, 5.0, 6.0)),
            ("theta", "cars", (2.0, 3.0, 5.0)),
            ("truck_value_usd:US", "", (3e4, 4e4, 5e4)),
            ("truck_value_usd:CA", "", (4e4, 4e4, 4e4)),
        )
    )
    channel = Channel("bridge|wait_minutes|1", "wait_minutes", -6, -4, -1, "minutes", "s", "D")
    fixed = Channel("bridge|closure|2", "closure", 1, 1, 1, "share", "s", "D")
    found, values = drawn_inputs(Parameters(rows), [channel, fixed], draws=64, seed=3)
    source = Draws(Parameters(rows), 64, 3)
    place = {name: number for number, name in enumerate(found)}
    assert np.array_equal(values[place["theta"]], source.parameter("theta"))
    assert np.array_equal(values[place["theta (cars)"]], source.parameter("theta", sector="cars"))
    assert np.array_equal(values[place["truck_value_usd:US"]], source.parameter("truck_value_usd", economy="US"))
    assert np.array_equal(values[place[channel.id]], source.channel(channel))
    assert "truck_value_usd:CA" not in place
    assert fixed.id not in place
    assert not {key for key, row in KEYS.items() if row.scenario} & set(found)
    assert (np.ptp(values, axis=1) > 0).all()
