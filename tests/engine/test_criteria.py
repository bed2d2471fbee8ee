"""Rankings by several criteria: small tables worked by hand, loops as oracles, and what must always hold."""

import itertools

import numpy as np
import pytest
from scipy.stats import kendalltau

from planner.engine.criteria import (
    STANDARD,
    Criterion,
    agreement_by_draw,
    agreement_table,
    build_table,
    check_weights,
    normalise,
    order_agreement,
    pareto_front,
    rank_by,
    rank_topsis,
    rank_weighted,
    regret,
    topsis,
    weighted_sum,
)
from planner.engine.weight_breaks import weight_breaks

COST, GAIN, REACH = Criterion("cost", False), Criterion("gain", True), Criterion("reach", True)
WEIGHTS = {"cost": 2.0, "gain": 1.0, "reach": 1.0}


def one_draw(criteria, rows):
    return build_table(
        criteria,
        {
            option: {criterion.name: np.array([float(value)]) for criterion, value in zip(criteria, row, strict=True)}
            for option, row in rows.items()
        },
    )


@pytest.fixture
def small():
    return one_draw((COST, GAIN, REACH), {"a": (10, 4, 1), "b": (30, 8, 3), "c": (20, 5, 5)})


@pytest.fixture
def wide():
    """Eight options, three criteria, 400 draws."""
    rng = np.random.default_rng(8)
    centre = rng.normal(0, 1, (8, 3))
    return build_table(
        (COST, GAIN, REACH),
        {
            f"option {number}": dict(zip(WEIGHTS, (row[:, None] + rng.normal(0, 0.4, (3, 400))), strict=True))
            for number, row in enumerate(centre)
        },
    )


def test_weighted_sum_by_hand(small):
    # Range scale: cost 1, 0, 0.5; gain 0, 1, 0.25; reach 0, 0.5, 1. Weights 0.5, 0.25, 0.25.
    assert weighted_sum(small, WEIGHTS)[:, 0] == pytest.approx([0.5, 0.375, 0.25 + 0.0625 + 0.25])
    assert rank_weighted(small, WEIGHTS).order == ["c", "a", "b"]
    assert rank_by(small, "cost").order == ["a", "c", "b"]
    assert [row.score_mean for row in rank_by(small, "gain").rows] == [8, 5, 4]


def test_vector_scale_by_hand(small):
    scaled = normalise(small, "vector")[:, :, 0]
    assert scaled[0] == pytest.approx(np.array([-10, -30, -20]) / np.sqrt(1400))
    assert scaled[1] == pytest.approx(np.array([4, 8, 5]) / np.sqrt(105))


def test_range_scale_is_one_for_all_draws(wide):
    means = normalise(wide).mean(axis=2)
    assert means.min(axis=1) == pytest.approx(0, abs=1e-12)
    assert means.max(axis=1) == pytest.approx(1)
    # So the mean score is the score of the means.
    assert weighted_sum(wide, WEIGHTS).mean(axis=1) == pytest.approx(check_weights(wide, WEIGHTS) @ means)


@pytest.mark.parametrize("rank", [rank_weighted, rank_topsis])
def test_units_and_order_of_options_do_not_matter(wide, rank):
    rows = {
        option: {
            criterion.name: wide.values[number, position] * 10.0 ** (3 * number)
            for number, criterion in enumerate(wide.criteria)
        }
        for position, option in reversed(list(enumerate(wide.options)))
    }
    other = build_table(wide.criteria, rows)
    assert rank(other, WEIGHTS).order == rank(wide, WEIGHTS).order


@pytest.mark.parametrize("rank", [rank_weighted, rank_topsis])
def test_all_weight_on_one_criterion_gives_its_order(small, rank):
    for name in WEIGHTS:
        alone = {other: float(other == name) for other in WEIGHTS}
        assert rank(small, alone).order == rank_by(small, name).order


@pytest.mark.parametrize("rank", [rank_weighted, rank_topsis])
def test_options_all_alike(rank):
    table = one_draw((COST, GAIN), {"a": (0, 2), "b": (0, 2)})
    found = rank(table, {"cost": 1, "gain": 1})
    assert found.order == ["a", "b"]
    assert np.isfinite([row.score_mean for row in found.rows]).all()


def test_options_without_a_number_are_left_out_with_the_reason():
    rows = {
        "known": {"npv": np.array([1.0, 2.0]), "welfare": np.array([1.0, 2.0])},
        "no cost": {"npv": None, "welfare": np.array([9.0, 9.0])},
        "half": {"npv": np.array([np.nan, 2.0]), "welfare": np.array([9.0, np.inf])},
        "absent": {"welfare": np.array([9.0, 9.0])},
    }
    table = build_table((STANDARD["npv"], STANDARD["welfare"]), rows)
    assert table.options == ("known",)
    assert dict(table.left_out) == {
        "no cost": "npv unknown",
        "absent": "npv unknown",
        "half": "npv not defined in 1 of 2 draws; welfare not defined in 1 of 2 draws",
    }
    assert {row[0] for row in rank_weighted(table, {"npv": 1, "welfare": 1}).not_ranked} == {
        "no cost",
        "half",
        "absent",
    }


def test_a_table_without_options():
    table = build_table((COST, GAIN), {"a": {"cost": None, "gain": None}})
    weights = {"cost": 1, "gain": 1}
    for found in (rank_weighted(table, weights), rank_topsis(table, weights), rank_by(table, "cost")):
        assert found.rows == ()
        assert len(found.not_ranked) == 1
    assert pareto_front(table, ("cost", "gain")).options == ()
    with pytest.raises(ValueError, match="no first place"):
        weight_breaks(table, weights)


def test_wrong_input_is_named(small):
    with pytest.raises(ValueError) as caught:
        weighted_sum(small, {"cost": -1, "reach": np.nan, "size": 1})
    for part in ("size: unknown", "gain: missing", "cost: -1", "reach: nan"):
        assert part in str(caught.value)
    with pytest.raises(ValueError, match="all zero"):
        topsis(small, dict.fromkeys(WEIGHTS, 0))
    with pytest.raises(ValueError, match="unknown normalisation"):
        normalise(small, "z")
    with pytest.raises(ValueError, match="unknown criterion"):
        rank_by(small, "size")
    with pytest.raises(ValueError, match="number of draws"):
        build_table((COST,), {"a": {"cost": np.zeros(2)}, "b": {"cost": np.zeros(3)}})
    with pytest.raises(ValueError, match="each once"):
        build_table((COST, COST), {})


def test_pareto_front_by_hand():
    table = one_draw((COST, GAIN), {"a": (1, 1), "b": (2, 2), "c": (2, 1.5), "d": (3, 2), "e": (1, 1)})
    found = pareto_front(table, ("cost", "gain"))
    # a and e are equal: neither dominates the other. b beats c (same cost) and d (same gain).
    assert list(found.at_means) == [True, True, False, False, True]
    assert list(found.share) == [1, 1, 0, 0, 1]
    assert found.dominated_by == ((), (), ("b",), ("b",), ())


def test_pareto_share_against_a_loop(wide):
    found = pareto_front(wide, ("cost", "gain", "reach"))
    on_front = np.zeros(len(wide.options))
    draws = wide.values.shape[2]
    for draw in range(draws):
        points = wide.benefits[:, :, draw].T
        for number, point in enumerate(points):
            beaten = any(
                all(x >= y for x, y in zip(other, point, strict=True))
                and any(x > y for x, y in zip(other, point, strict=True))
                for other in points
            )
            on_front[number] += not beaten
    assert found.share == pytest.approx(on_front / draws)


def test_the_best_in_any_weighted_sum_is_on_the_front(wide):
    front = pareto_front(wide, tuple(WEIGHTS))
    for weights in itertools.product((0.1, 1, 3), repeat=3):
        best = rank_weighted(wide, dict(zip(WEIGHTS, weights, strict=True))).order[0]
        assert front.at_means[front.options.index(best)]


def test_agreement_of_orders():
    assert order_agreement(["a", "b", "c"], ["a", "b", "c"]) == 1
    assert order_agreement(["a", "b", "c"], ["c", "b", "a"]) == -1
    assert order_agreement(["a", "b", "x", "c"], ["b", "a", "c"]) == pytest.approx(1 / 3)
    assert np.isnan(order_agreement(["a"], ["a"]))
    found = agreement_table({"one": ["a", "b"], "two": ["b", "a"], "three": ["a", "b"]})
    assert found == {("one", "two"): -1, ("one", "three"): 1, ("two", "three"): -1}


def test_agreement_by_draw_with_ties_against_scipy():
    rng = np.random.default_rng(3)
    values = rng.integers(0, 4, (2, 7, 50)).astype(float)
    values[0, :, 0] = 1.0
    table = build_table((COST, GAIN), {f"o{k}": {"cost": values[0, k], "gain": values[1, k]} for k in range(7)})
    expected = [kendalltau(values[0, :, draw], -values[1, :, draw]).statistic for draw in range(50)]
    assert np.isnan(expected[0])
    assert agreement_by_draw(table, "cost", "gain") == pytest.approx(expected, nan_ok=True)


def test_regret_by_hand():
    # Best in the draws: 1, 2, 0.
    losses = np.array([[1.0, 5.0, 0.0], [2.0, 2.0, 2.0]])
    found = regret(["a", "b"], losses)
    assert found.mean == pytest.approx([1, 1])
    assert found.largest == pytest.approx([3, 2])
    assert found.q90 == pytest.approx([np.quantile([0, 3, 0], 0.9), np.quantile([1, 0, 2], 0.9)])
    assert found.least == "b"


def test_someone_has_no_regret_in_each_draw(wide):
    losses = wide.losses("cost")
    found = regret(wide.options, losses)
    assert (found.mean >= 0).all()
    assert (found.largest >= found.q90).all()
    always_best = np.concatenate([losses, losses.min(axis=0, keepdims=True)])
    assert regret([*wide.options, "oracle"], always_best).mean[-1] == 0


def test_weight_breaks_by_hand():
    # Two criteria, range scale. Scores at weight t of gain: a = 1 - t, b = t, c = 0.6 + 0.1 t (cost 2 of 0-5, gain 7 of 0-10).
    table = one_draw((COST, GAIN), {"a": (0, 0), "b": (5, 10), "c": (2, 7)})
    by_cost, by_gain = weight_breaks(table, {"cost": 0.5, "gain": 0.5})
    assert [span.first for span in by_gain.spans] == ["a", "c", "b"]
    # 1 - t = 0.6 + 0.1 t at t = 4/11; t = 0.6 + 0.1 t at t = 2/3.
    assert by_gain.spans[0].high == by_gain.spans[1].low == pytest.approx(4 / 11)
    assert by_gain.spans[1].high == by_gain.spans[2].low == pytest.approx(2 / 3)
    assert (by_gain.first, by_gain.challengers) == ("c", ("a", "b"))
    assert (by_gain.below, by_gain.above) == pytest.approx((4 / 11, 2 / 3))
    assert (by_cost.below, by_cost.above) == pytest.approx((1 / 3, 7 / 11))
    assert by_cost.challengers == ("b", "a")
    assert by_gain.holds_low == pytest.approx([4 / 11])
    assert by_gain.holds_high == pytest.approx([2 / 3])


def rescaled(weights, name, value):
    """Weights with one set to `value` and the others in proportion."""
    rest = sum(weight for other, weight in weights.items() if other != name)
    return {other: value if other == name else (1 - value) * weight / rest for other, weight in weights.items()}


@pytest.mark.parametrize("normalisation", ["range", "vector"])
def test_first_place_along_each_weight_against_a_scan(wide, normalisation):
    changes = 0
    for found in weight_breaks(wide, WEIGHTS, normalisation):
        assert found.spans[0].low == 0
        assert found.spans[-1].high == 1
        assert all(one.high == other.low for one, other in itertools.pairwise(found.spans))
        changes += len(found.spans) - 1
        for value in np.linspace(0, 1, 101):
            here = next(span for span in found.spans if span.low <= value <= span.high)
            if min(abs(value - span.low) for span in found.spans[1:] or found.spans) < 1e-6:
                continue
            assert rank_weighted(wide, rescaled(WEIGHTS, found.criterion, value), normalisation).order[0] == here.first
        assert found.weight == pytest.approx(WEIGHTS[found.criterion] / 4)
        assert found.first == rank_weighted(wide, WEIGHTS, normalisation).order[0]
    assert changes > 0


def test_interval_of_the_first_in_each_draw_against_a_scan(wide):
    for found in weight_breaks(wide, WEIGHTS):
        first = wide.options.index(found.first)
        for value in np.linspace(0.005, 0.995, 34):
            scores = weighted_sum(wide, rescaled(WEIGHTS, found.criterion, value))
            best = scores[first] >= scores.max(axis=0) - 1e-12
            inside = (found.holds_low - 1e-9 <= value) & (value <= found.holds_high + 1e-9)
            assert np.array_equal(best, inside)
        assert np.isnan(found.holds_low).any()


def test_a_dominant_option_keeps_its_place_at_any_weight():
    table = one_draw((COST, GAIN), {"a": (0, 10), "b": (5, 5), "c": (1, 1)})
    for found in weight_breaks(table, {"cost": 1, "gain": 0}):
        assert (found.below, found.above, found.challengers) == (None, None, (None, None))
        assert len(found.spans) == 1


def test_breaks_with_ties_and_one_criterion():
    alike = one_draw((COST, GAIN), {"a": (0, 1), "b": (0, 1)})
    assert [found.first for found in weight_breaks(alike, {"cost": 1, "gain": 1})] == ["a", "a"]
    alone = one_draw((GAIN,), {"a": (1,), "b": (2,)})
    (found,) = weight_breaks(alone, {"gain": 5})
    assert (found.first, found.weight) == ("b", 1.0)
    corner = one_draw((COST, GAIN), {"a": (0, 0), "b": (5, 10)})
    assert {found.first for found in weight_breaks(corner, {"cost": 1, "gain": 1})} == {"a"}
