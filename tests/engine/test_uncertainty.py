"""Draws: one point per stratum, the same for every intervention, and means that another seed leaves where they are."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from planner.engine.estimate import estimate_effect
from planner.engine.types import Parameter, Parameters
from planner.engine.uncertainty import Draws, latin_hypercube, quantities, triangular, worst_grade
from tests.engine.shipped_case import shipped_baseline, shipped_interventions, shipped_parameters
from tests.engine.small_case import channel, fixed_parameters, plan, small_baseline


def test_one_point_per_stratum():
    """Latin hypercube: of 200 draws each 200th part of [0, 1] holds one."""
    points = latin_hypercube("theta", 200, 7)
    assert sorted((points * 200).astype(int)) == list(range(200))


def test_dimensions_are_not_correlated():
    """Each name has its own permutation."""
    one, other = latin_hypercube("a", 2000, 1), latin_hypercube("b", 2000, 1)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.08


def test_the_same_seed_and_name_give_the_same_draws():
    np.testing.assert_array_equal(latin_hypercube("a", 50, 1), latin_hypercube("a", 50, 1))
    assert (latin_hypercube("a", 50, 1) != latin_hypercube("a", 50, 2)).any()


@pytest.mark.parametrize(("low", "central", "high"), [(0, 1, 4), (0, 0, 1), (-3, 2, 2), (-1, 0, 1)])
def test_triangular_quantiles(low, central, high):
    """Against scipy's distribution, modes at the ends included."""
    uniform = np.linspace(0.001, 0.999, 500)
    expected = stats.triang((central - low) / (high - low), low, high - low).ppf(uniform)
    np.testing.assert_allclose(triangular(uniform, low, central, high), expected, atol=1e-12)


def test_a_certain_value_is_not_drawn():
    assert (triangular(np.array([0.1, 0.9]), 2.0, 2.0, 2.0) == 2.0).all()


def wide(**changes):
    """Parameters of the small case, some of them uncertain."""
    rows = tuple(
        replace(row, low=0.8 * row.central, high=1.3 * row.central) if row.key in changes else row
        for row in fixed_parameters()
    )
    return Parameters(rows)


def test_parameters_are_drawn_within_their_range():
    draws = Draws(wide(theta=1), 100, 3)
    theta = draws.parameter("theta")
    assert theta.min() >= 4
    assert theta.max() <= 6.5
    assert len(np.unique(theta)) == 100
    assert (draws.parameter("truck_cost_per_hour") == 60).all()


def test_no_draws_is_the_central_value():
    assert Draws(wide(theta=1), 0, 3).parameter("theta") == [5]


def test_builder_parameters_are_scenarios():
    """They change the baseline, so that they are never drawn."""
    draws = Draws(wide(goods_output_per_gdp=1), 20, 3)
    assert len(set(draws.parameter("goods_output_per_gdp"))) == 1


def test_a_window_is_part_of_the_whole():
    """Blocks of columns give the same draws as all at once."""
    whole = Draws(wide(theta=1), 60, 3).parameter("theta")
    part = Draws(wide(theta=1), 60, 3, (20, 35)).parameter("theta")
    np.testing.assert_array_equal(part, whole[20:35])


def test_other_parameters_do_not_shift_a_draw():
    """The draws of theta are the same whatever else is uncertain."""
    one = Draws(wide(theta=1), 40, 3).parameter("theta")
    other = Draws(wide(theta=1, truck_cost_per_hour=1, pass_through=1), 40, 3).parameter("theta")
    np.testing.assert_array_equal(one, other)


def test_theta_is_a_common_value_times_a_factor():
    rows = (*wide(theta=1).rows, Parameter("theta_factor", "food", 0.5, 0.5, 0.5, "factor", "x", "D"))
    baseline = small_baseline()
    theta = Draws(Parameters(rows), 10, 3).theta(baseline)
    np.testing.assert_allclose(theta[0], 0.5 * theta[1])
    np.testing.assert_array_equal(theta[1], theta[2])


def test_values_by_economy_and_sector():
    """The row of the economy or sector wins over the row for all."""
    rows = (
        Parameter("truck_value_usd", "", 1, 1, 1, "", "", "D"), Parameter("truck_value_usd:A", "", 2, 2, 2, "", "", "D"),
        Parameter("theta_factor", "", 1, 1, 1, "", "", "D"), Parameter("theta_factor", "food", 3, 3, 3, "", "", "D"),
    )  # fmt: skip
    draws = Draws(Parameters(rows), 0, 0)
    assert draws.parameter("truck_value_usd", economy="A") == [2]
    assert draws.parameter("truck_value_usd", economy="B") == [1]
    assert draws.parameter("theta_factor", sector="food") == [3]
    with pytest.raises(KeyError):
        draws.parameter("unheard_of")


def test_an_intervention_does_not_change_another_ones_draws():
    """Alone or after others: the same numbers to the last bit."""
    baseline, parameters = small_baseline(), wide(theta=1, truck_cost_per_hour=1)
    one = plan(channel("trade_cost", -0.02, low=-0.03, high=-0.01), id="one")
    other = plan(channel("wait_minutes", -5, crossing="X", direction="A", low=-8.0, high=-1.0), id="other")
    options = {"draws": 20, "seed": 5, "closure": "world_share"}
    alone = estimate_effect(baseline, parameters, one, **options)
    estimate_effect(baseline, parameters, other, **options)
    again = estimate_effect(baseline, parameters, one, **options)
    for name, array in alone.arrays.items():
        np.testing.assert_array_equal(array, again.arrays[name], err_msg=name)


def test_blocks_of_draws_do_not_change_results(monkeypatch):
    """Columns cut into blocks of 7 or solved at once: the same to 1e-12."""
    import planner.engine.estimate as module

    parameters = wide(theta=1, logit_response_per_hour=1)
    cut = plan(channel("wait_minutes", -5, crossing="X", direction="A", low=-8.0, high=-1.0))
    options = {"draws": 20, "seed": 5, "closure": "absorption"}
    whole = estimate_effect(small_baseline(), parameters, cut, **options)
    monkeypatch.setattr(module, "BLOCK", 7)
    blocks = estimate_effect(small_baseline(), parameters, cut, **options)
    for name, array in whole.arrays.items():
        scale = np.abs(array).max()
        np.testing.assert_allclose(blocks.arrays[name], array, atol=1e-7 * scale + 1e-12, err_msg=name)


def test_quantities():
    values = np.arange(-10.0, 11.0)
    found = quantities(values)
    assert found["mean"] == 0
    assert found["q50"] == 0
    assert found["q05"] == pytest.approx(-9)
    assert found["q95"] == pytest.approx(9)
    assert found["p_negative"] == pytest.approx(10 / 21)
    assert found["sd"] == pytest.approx(np.std(values, ddof=1))


def test_one_draw_has_no_spread():
    assert quantities(np.array([3.0]))["sd"] == 0


def test_worst_grade():
    assert worst_grade(["A", "C", "B"]) == "C"
    assert worst_grade([]) == "D"


CHOSEN = ("trade_cost", "wait_minutes", "productivity", "tariff", "visitors")
MEASURES = (
    "full.index_change", "full.ev_musd", "full.real_income_pct", "full.exports_change_musd", "partial.index_change",
    "conditional.index_change",
)  # fmt: skip


@pytest.mark.parametrize("type", CHOSEN)
def test_means_do_not_hang_on_the_seed(type):
    """Two seeds on the shipped case: every mean within 4 combined standard errors of the other."""
    baseline, draws = shipped_baseline(), 150
    chosen = next(one for one in shipped_interventions() if any(part.type == type for part in one.channels))
    found = [
        estimate_effect(baseline, shipped_parameters(), chosen, draws=draws, seed=seed, closure="world_share")
        for seed in (1, 2)
    ]
    for name in MEASURES:
        one, other = (effect.arrays[name] for effect in found)
        error = np.sqrt((one.var(axis=-1, ddof=1) + other.var(axis=-1, ddof=1)) / draws)
        # Where all draws agree to rounding there is no error to compare with.
        floor = 1e-9 * np.abs(one).max() + 1e-15
        assert (np.abs(one.mean(axis=-1) - other.mean(axis=-1)) <= 4 * error + floor).all(), name


def test_an_edited_channel_is_drawn_anew_with_its_own_values():
    draws = Draws(fixed_parameters(), 50, 1)
    before = channel("tariff", 0.1, low=0.05, high=0.2)
    after = replace(before, low=0.5, central=1.0, high=2.0)
    assert np.all(draws.channel(before) <= 0.2)
    assert np.all(draws.channel(after) >= 0.5), "draws are kept while a worker lives; the values may change meanwhile"
    assert np.array_equal(draws.channel(after), Draws(fixed_parameters(), 50, 1).channel(after))
