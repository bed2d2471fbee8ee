"""Ranks from hand-made scores: order, intervals, probabilities, ties, both orderings."""

import numpy as np
import pytest

from planner.engine.effect import DONE, FAILED, NOT_APPLICABLE, Effect
from planner.engine.ranking import compare_orderings, draw_ranks, rank_effects


def effect(name, index, welfare=None, status=DONE):
    """An effect with scores per draw; welfare of two places, or of one."""
    index = np.asarray(index, dtype=float)
    money = np.atleast_2d(-index if welfare is None else np.asarray(welfare, dtype=float))
    return Effect(name, status, arrays={"full.index_change": index, "full.ev_musd": money})


def rows(effects, criterion="imbalance", **options):
    return {row.intervention: row for row in rank_effects(effects, criterion, **options).rows}


def test_smaller_imbalance_ranks_first():
    found = rank_effects([effect("b", [2, 2]), effect("a", [3, 3]), effect("c", [-1, -1])])
    assert found.order == ["c", "b", "a"]
    assert [row.rank for row in found.rows] == [1, 2, 3]


def test_larger_welfare_ranks_first():
    found = rank_effects([effect("b", [0], [[5]]), effect("a", [0], [[7]])], "welfare")
    assert found.order == ["a", "b"]
    assert found.rows[0].score_mean == 7


def test_welfare_of_those_who_count():
    """Standing chooses the places."""
    effects = [effect("a", [0], [[9], [0]]), effect("b", [0], [[1], [10]])]
    assert rank_effects(effects, "welfare").order == ["b", "a"]
    assert rank_effects(effects, "welfare", standing=[0]).order == ["a", "b"]


def test_equal_means_are_ordered_by_id_whatever_their_last_digit():
    effects = [effect("b", [1.0, 2.0]), effect("a", [2.0, 1.0 + 1e-13]), effect("c", [0.0, 3.0])]
    assert rank_effects(effects).order == ["a", "b", "c"]
    assert rank_effects(effects[::-1]).order == ["a", "b", "c"]


def test_ranks_by_draw_are_consecutive():
    ranks = draw_ranks(np.array([[1.0, 5.0, 2.0], [2.0, 4.0, 2.0], [3.0, 3.0, 2.0]]))
    assert ranks.tolist() == [[1, 3, 1], [2, 2, 2], [3, 1, 3]]


def test_probabilities_by_hand():
    """Four draws:

    draw      1  2  3  4        ranks of a: 1 1 1 3
    a         1  1  1  9        ranks of b: 2 2 3 1
    b         2  2  3  1        ranks of c: 3 3 2 2
    c         3  3  2  2
    """
    effects = [effect("a", [1, 1, 1, 9]), effect("b", [2, 2, 3, 1]), effect("c", [3, 3, 2, 2])]
    found = rank_effects(effects)
    assert found.order == ["b", "c", "a"]  # means 2, 2.5, 3
    by_name = {row.intervention: row for row in found.rows}
    assert by_name["a"].p_best == 0.75
    assert by_name["b"].p_best == 0.25
    assert by_name["c"].p_best == 0
    assert {row.p_top3 for row in found.rows} == {1}
    assert (by_name["a"].rank_low, by_name["a"].rank_high) == (1, 3)
    assert (by_name["c"].rank_low, by_name["c"].rank_high) == (2, 3)
    np.testing.assert_allclose(found.rank_probability.sum(axis=0), 1)
    np.testing.assert_allclose(found.rank_probability.sum(axis=1), 1)
    np.testing.assert_allclose(found.rank_probability[0], [0.25, 0.5, 0.25])


def test_score_quantiles():
    found = rows([effect("a", np.arange(101.0))])
    assert (found["a"].q05, found["a"].q50, found["a"].q95) == (5, 50, 95)


def test_tie_groups_need_ninety_per_cent():
    """b loses to a in 8 of 10 draws: a tie. c loses to a in 9 of 10: settled, a new group."""
    a = [0.0] * 10
    b = [1.0] * 8 + [-0.5] * 2
    c = [3.0] * 9 + [-1.0]
    found = rows([effect("a", a), effect("b", b), effect("c", c)])
    assert found["a"].tie_group == found["b"].tie_group == 1
    assert found["c"].tie_group == 2
    assert found["a"].settled_above
    assert not found["b"].settled_above
    # c against b: 8 of the first, then b -0.5 < 3 in draw 9, b -0.5 > -1 in draw 10: 9 of 10.
    assert found["c"].settled_above


def test_a_group_is_measured_from_its_first():
    """b is tied with a, c with b but not with a: c starts a new group."""
    a = [0.0] * 10
    b = [1.0] * 8 + [-1.0] * 2
    c = [1.5] * 7 + [0.5] * 3
    found = rows([effect("a", a), effect("b", b), effect("c", c)])
    assert found["b"].tie_group == 1
    assert found["c"].tie_group == 2
    assert found["b"].rank == 2


def test_failed_and_inapplicable_are_listed_with_their_reason():
    lost = Effect("x", FAILED, "no equilibrium")
    other = Effect("y", NOT_APPLICABLE, "only in the short run")
    found = rank_effects([lost, effect("a", [1]), other])
    assert found.order == ["a"]
    assert found.not_ranked == (("x", FAILED, "no equilibrium"), ("y", NOT_APPLICABLE, "only in the short run"))


def test_nothing_to_rank():
    found = rank_effects([Effect("x", FAILED, "no")])
    assert found.rows == ()
    assert found.order == []


def test_unknown_criterion():
    with pytest.raises(ValueError, match="imbalance, welfare"):
        rank_effects([effect("a", [1])], "beauty")


def test_orderings_side_by_side():
    """a narrows the gap and lowers welfare; b widens it and raises welfare: orders are opposite, tau -1."""
    effects = [effect("a", [-1.0] * 10, [[-5.0] * 10]), effect("b", [1.0] * 10, [[5.0] * 10])]
    found = compare_orderings(effects)
    assert found.imbalance == ["a", "b"]
    assert found.welfare == ["b", "a"]
    assert found.kendall_tau == -1
    assert found.reversals == [("a", "b")]
    assert found.narrows_and_lowers == ["a"]


def test_agreement_of_orderings():
    """Three options in the same order: tau 1, nothing reversed. One swap of neighbours: tau 1/3."""
    same = [effect(name, [k], [[-k]]) for k, name in enumerate("abc")]
    assert compare_orderings(same).kendall_tau == pytest.approx(1)
    assert compare_orderings(same).reversals == []
    swapped = [effect("a", [0], [[3]]), effect("b", [1], [[1]]), effect("c", [2], [[2]])]
    assert compare_orderings(swapped).kendall_tau == pytest.approx(1 / 3)


def test_narrowing_has_to_be_sure():
    """An interval that reaches across zero is not named."""
    unsure = effect("a", [-1.0] * 8 + [1.0] * 2, [[-1.0] * 10])
    assert compare_orderings([unsure]).narrows_and_lowers == []
