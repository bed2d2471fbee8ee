"""The change of trade between two years: by hand, by brute force, exact and reversible."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engine.accounts import build_accounts
from planner.engine.baseline import build_baseline
from planner.engine.diagnosis import shapley
from planner.engine.errors import InvalidBaseline
from planner.engine.growth import split_accounts, split_growth
from tests.engine.small_case import fixed_parameters, small_baseline, small_facts
from tests.engine.worlds import examples, make_world

approx = pytest.approx
PARTS = ("spending", "mix", "shares")


def two_places(flows, sectors=("food", "cars"), **options):
    return build_accounts(places=["a", "b"], sectors=list(sectors), flows=np.array(flows, dtype=float), **options)


BEFORE = two_places([[[60, 30], [10, 20]], [[20, 10], [40, 30]]])


def test_by_hand():
    """a spends 80 on food and 40 on cars, 20 and 10 of it in b; next year 110 and 110, 22 and 44 of it in b.

    E: 120 -> 220; mix: 2/3, 1/3 -> 1/2, 1/2; b's share: 1/4, 1/4 -> 1/5, 2/5.
    Food: spending 100 x [(2/3 1/4 + 1/2 1/5)/3 + (2/3 1/5 + 1/2 1/4)/6] = 100 x (0.26667/3 + 0.25833/6) = 13.1944
          mix -1/6 x [(120/4 + 220/5)/3 + (120/5 + 220/4)/6] = -(74/3 + 79/6)/6 = -6.30556
          share -1/20 x [(80 + 110)/3 + (60 + 146.6667)/6] = -4.88889;  in all 2 = 22 - 20
    Cars: spending 100 x [(1/12 + 1/5)/3 + (2/15 + 1/8)/6] = 13.75
          mix 1/6 x [(30 + 88)/3 + (48 + 55)/6] = 9.41667
          share 3/20 x [(40 + 110)/3 + (60 + 73.3333)/6] = 10.83333;  in all 34 = 44 - 10
    """
    after = two_places([[[88, 66], [10, 20]], [[22, 44], [40, 30]]])
    found = split_accounts(BEFORE, after)
    assert found.total[1, 0] == approx(36)
    assert found.spending[1, 0] == approx(13.1944444 + 13.75)
    assert found.mix[1, 0] == approx(-6.3055556 + 9.4166667)
    assert found.shares[1, 0] == approx(-4.8888889 + 10.8333333)
    assert found.imports.shares[0] == found.exports.shares[1] == found.shares[1, 0]
    assert found.balance.total == approx([-36, 36])
    assert found.exports.total[0] == 0


def scaled(factor):
    flows = BEFORE.flows.copy()
    flows[:, 0] *= factor
    return two_places(flows)


def test_only_spending_only_mix_only_shares():
    """A buyer that buys more of everything; one that moves between sectors; one that changes its supplier."""
    found = split_accounts(BEFORE, scaled(1.5))
    assert found.spending[1, 0] == approx(15)
    assert found.mix[1, 0] == approx(0, abs=1e-12)
    assert found.shares[1, 0] == approx(0, abs=1e-12)
    food, cars = BEFORE.flows[:, 0, 0] / 2, BEFORE.flows[:, 0, 1] * 2
    moved = BEFORE.flows.copy()
    moved[:, 0] = np.stack([food, cars], axis=1)
    found = split_accounts(BEFORE, two_places(moved))
    assert found.mix[1, 0] == approx(-10 + 10)
    switched = BEFORE.flows.copy()
    switched[:, 0, 0] += [-5, 5]
    found = split_accounts(BEFORE, two_places(switched))
    assert found.shares[1, 0] == approx(5)
    assert found.spending[1, 0] == approx(0, abs=1e-12)


@examples(20)
@given(seed=st.integers(0, 2**31), places=st.integers(2, 5), sectors=st.integers(1, 3))
def test_exact_and_as_by_brute_force(seed, places, sectors):
    """Parts add up in every pair, turn sign with time, and are the Shapley values of the three factors."""
    first = make_world(seed, places, sectors, inputs=False, tariffs=True).accounts
    second = make_world(seed + 1, places, sectors, inputs=False, tariffs=True).accounts
    found, back = split_accounts(first, second), split_accounts(second, first)
    scale = first.flows.sum() + second.flows.sum()
    foreign = first.economy[:, None] != first.economy[None]
    expected_total = np.where(foreign, (second.flows - first.flows).sum(axis=2), 0.0)
    assert found.total == approx(expected_total, abs=1e-12 * scale)
    assert found.spending + found.mix + found.shares == approx(found.total, abs=1e-12 * scale)
    for name in PARTS:
        assert getattr(found, name) == approx(-getattr(back, name), abs=1e-12 * scale)

    def flow(state):
        """Flows with each factor taken from the first (0) or the second (1) year."""
        years = (first, second)
        spending = years[state & 1].expenditure.sum(axis=1)
        at_mix, at_share = years[state >> 1 & 1], years[state >> 2]
        mix = at_mix.expenditure / at_mix.expenditure.sum(axis=1, keepdims=True)
        # Nobody's share in what a place does not buy is nothing.
        share = np.divide(
            at_share.flows, at_share.expenditure, out=np.zeros_like(at_share.flows), where=at_share.expenditure > 0
        )
        return (spending[:, None] * mix * share).sum(axis=2) * foreign

    parts = -shapley(np.stack([flow(state) for state in range(8)]))
    for name, part in zip(PARTS, parts, strict=True):
        assert getattr(found, name) == approx(part, abs=1e-12 * scale)
    for view in (found.imports, found.exports, found.balance):
        assert view.spending + view.mix + view.shares == approx(view.total, abs=1e-11 * scale)


def test_years_are_matched_by_name():
    """Another order of places and sectors changes nothing."""
    after = two_places([[[88, 66], [10, 20]], [[22, 44], [40, 30]]])
    turned = build_accounts(places=["b", "a"], sectors=["cars", "food"], flows=after.flows[::-1, ::-1, ::-1])
    turned = replace(turned, economies=("a", "b"), economy=np.array([1, 0]))
    for name in ("total", *PARTS):
        assert getattr(split_accounts(BEFORE, turned), name) == approx(getattr(split_accounts(BEFORE, after), name))


def test_a_new_and_a_lost_flow():
    """Trade that starts is won share; trade that ends, lost share; own sales make up for it."""
    none = BEFORE.flows.copy()
    none[1, 0] = 0
    none[0, 0] += BEFORE.flows[1, 0]
    without = two_places(none)
    assert split_accounts(without, BEFORE).shares[1, 0] == approx(30)
    assert split_accounts(BEFORE, without).shares[1, 0] == approx(-30)


def test_two_baselines():
    """Only B1's purchases of food from A1 grow: A1's balance improves by shares and spending, goods only."""
    later = small_facts()
    grown = later.sector_flows.copy()
    grown.loc[0, "value_musd"] = 2600.0
    after = build_baseline(replace(later, year=2024, sector_flows=grown), fixed_parameters())
    found = split_growth(small_baseline(), after)
    assert found.places == ("A1", "A2", "B1")
    assert found.balance.total[0] == approx(600)
    assert found.total[0, 2] == approx(600)
    assert found.exports.shares[0] > 0
    assert np.abs(found.total - found.spending - found.mix - found.shares).max() < 1e-9


def test_what_does_not_match():
    """All differences at once: currency, places, sectors; economies once the places agree."""
    facts = small_facts()
    sectors = facts.sectors.replace({"id": {"cars": "ships"}})
    flows = facts.sector_flows.replace({"sector": {"cars": "ships"}})
    other = build_baseline(replace(facts, currency="CAD", sectors=sectors, sector_flows=flows), fixed_parameters())
    with pytest.raises(InvalidBaseline) as caught:
        split_growth(small_baseline(), other)
    text = "; ".join(caught.value.problems)
    assert "USD in 2023, CAD in 2023" in text
    assert "goods sectors of the first year only: cars" in text
    assert "goods sectors of the second year only: ships" in text
    with pytest.raises(InvalidBaseline, match="places of the second year only: c"):
        split_accounts(BEFORE, build_accounts(places=["a", "c"], sectors=["food", "cars"], flows=BEFORE.flows))
    with pytest.raises(InvalidBaseline, match="sectors missing in the first year: ships"):
        split_accounts(BEFORE, BEFORE, ["ships"])
    moved = two_places(BEFORE.flows, economies=["a", "b"], economy=np.array([0, 0]))
    with pytest.raises(InvalidBaseline, match="place b is in b, then in a"):
        split_accounts(BEFORE, moved)
