"""What must hold in every world: no shock no change, units, order, adding-up, half and half, closures (model.md 3-4)."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engine.accounts import build_accounts
from planner.engine.certificates import solve_with_certificates
from planner.engine.equilibrium import solve
from planner.engine.errors import InvalidBaseline, NotApplicable
from planner.engine.model import Model
from planner.engine.shock import Shock
from planner.engine.short_run import solve_short_run
from planner.engine.stages import ConditionalFit, ConditionalStage, PartialStage
from tests.engine.oracle import Change, World
from tests.engine.worlds import FLEXIBLE, accounts_of, examples, make_world, random_change, samples, shock_of

EVERY = (*FLEXIBLE, "short_run")
TIGHT = 1e-13


def equilibrium(accounts, shock, theta, closure, sigma=0.6, tolerance=1e-11):
    """Any closure by its name."""
    if closure == "short_run":
        return solve_short_run(accounts, shock, theta, sigma=sigma, tolerance=tolerance)
    return solve(accounts, shock, theta, closure, sigma=sigma, tolerance=tolerance)


def of(world, change, closure, **options):
    return equilibrium(accounts_of(world), shock_of(world, [change]), world.theta, closure, **options)


@pytest.mark.parametrize("closure", EVERY)
@examples(6)
@given(sample=samples())
def test_no_shock_no_change(closure, sample):
    """A shock whose every number is neutral gives the reference of its closure; without re-solving, the baseline."""
    world = sample.world
    still = of(world, Change(cost=np.ones(world.flows.shape), tariff=world.tariff), closure)
    none = equilibrium(sample.accounts, Shock.none(len(world.economy)), world.theta, closure)
    for name in ("wage", "price", "income"):
        np.testing.assert_allclose(getattr(still, name), getattr(none, name), rtol=1e-10)
    if closure not in ("balanced", "balanced_economy"):
        np.testing.assert_allclose(none.wage, 1, rtol=1e-10)
        np.testing.assert_allclose(none.welfare, 1, rtol=1e-10)
        np.testing.assert_allclose(none.flows()[..., 0], world.flows, rtol=1e-9, atol=1e-12)
        assert none.iterations <= 1


@pytest.mark.parametrize("closure", EVERY)
@examples(6)
@given(sample=samples())
def test_unit_of_money_does_not_matter(closure, sample):
    """Flows in thousands instead of millions: the same ratios, a thousand times the money."""
    change = random_change(sample)
    here = of(sample.world, change, closure)
    there = of(replace(sample.world, flows=1000 * sample.world.flows), change, closure)
    for name in ("wage", "price", "welfare", "real_income"):
        np.testing.assert_allclose(getattr(there, name), getattr(here, name), rtol=1e-9)
    np.testing.assert_allclose(there.income, 1000 * here.income, rtol=1e-9)


@pytest.mark.parametrize("closure", EVERY)
@examples(6)
@given(sample=samples(), data=st.data())
def test_order_of_places_does_not_matter(closure, sample, data):
    """Places in another order: the same results in that order."""
    world, change = sample.world, random_change(sample)
    order = np.array(data.draw(st.permutations(range(len(world.economy)))))
    turned = World(
        [world.economy[place] for place in order], world.flows[np.ix_(order, order)], world.tariff[np.ix_(order, order)],
        world.own[order], world.inputs[order], world.theta,
    )  # fmt: skip
    moved = Change(
        cost=change.cost[np.ix_(order, order)], tariff=change.tariff[np.ix_(order, order)],
        productivity=change.productivity[order],
    )  # fmt: skip
    here, there = of(world, change, closure), of(turned, moved, closure)
    for name in ("wage", "price", "income", "welfare"):
        np.testing.assert_allclose(getattr(there, name), getattr(here, name)[order], rtol=1e-9)


@pytest.mark.parametrize("closure", EVERY)
@examples(6)
@given(sample=samples())
def test_world_income_is_world_spending(closure, sample):
    """sum I' + inputs = sum E' = sum X'(1 + t'), sum I' = sum VA' + TR', and the balances of places add up to zero."""
    kinds = ("cost", "tariff", "export_tax") if closure != "short_run" else ("cost", "tariff", "currency")
    change = random_change(sample, 0.15, kinds=kinds)
    found = of(sample.world, change, closure, tolerance=TIGHT)
    world = found.value_added.sum()
    assert abs(found.deficit.sum()) / world < 1e-12
    assert found.income.sum() == pytest.approx(world + found.tariff_revenue.sum(), rel=1e-12)
    spending = (found.flows()[..., 0] * (1 + change.tariff)).sum()
    inputs = 0.0
    if sample.accounts.input_share is not None:
        inputs = np.einsum("nsk,knc->", sample.accounts.input_share, found.answer.costed)
    assert spending == pytest.approx(found.income.sum() + inputs, rel=1e-10)
    trade = found.flows()[..., 0]
    balance = trade.sum(axis=(0, 2)) - trade.sum(axis=(1, 2))
    np.testing.assert_allclose(balance, found.deficit[:, 0], atol=1e-10 * world)


def rebased(world, found, change):
    """The accounts of an equilibrium as a new world."""
    return replace(world, flows=found.flows()[..., 0], tariff=change.tariff)


def half_of(world, change):
    """Half-way to a change, and the rest of it seen from there."""
    middle = (world.tariff + change.tariff) / 2
    part = {"cost": np.sqrt(change.cost), "productivity": np.sqrt(change.productivity)}
    if change.currency is not None:
        part |= {"currency": np.sqrt(change.currency), "pass_through": 1.0}
    return Change(tariff=middle, **part), Change(tariff=change.tariff, **part)


@pytest.mark.parametrize("closure", EVERY)
@examples(6)
@given(sample=samples())
def test_half_and_half_equal_one_whole(closure, sample):
    """Half a shock, then half again from the accounts of the new equilibrium, equal one whole to 1e-9.

    Closures that re-solve the baseline start from the re-solved accounts.
    """
    world = sample.world
    if closure in ("balanced", "balanced_economy"):
        still = Change(tariff=world.tariff)
        world = rebased(world, of(world, still, closure, tolerance=TIGHT), still)
    kinds = ("cost", "tariff", "productivity") + (("currency",) if closure == "short_run" else ())
    change = random_change(replace(sample, world=world), 0.2, kinds=kinds)
    if change.currency is not None:
        change = replace(change, pass_through=1.0)
    first, second = half_of(world, change)
    whole = of(world, change, closure, tolerance=TIGHT)
    part = of(world, first, closure, tolerance=TIGHT)
    rest = of(rebased(world, part, first), second, closure, tolerance=TIGHT)
    for name in ("wage", "price", "welfare"):
        np.testing.assert_allclose(getattr(part, name) * getattr(rest, name), getattr(whole, name), rtol=1e-9)
    np.testing.assert_allclose(rest.income, whole.income, rtol=1e-9)
    np.testing.assert_allclose(rest.deficit, whole.deficit, atol=1e-9 * whole.value_added.max())


@examples(6)
@given(sample=samples(), kind=st.sampled_from(["cost", "tariff", "productivity", "taste", "export_tax", "final_share"]))
def test_world_share_keeps_overall_balances(sample, kind):
    """Under `world_share` nothing but a deficit given from outside moves D: costs, tariffs, tastes and taxes do not."""
    found = of(sample.world, random_change(sample, 0.3, kinds=(kind,)), "world_share")
    np.testing.assert_allclose(
        found.deficit[:, 0], sample.accounts.deficit, atol=1e-9 * sample.accounts.value_added.max()
    )
    given_deficit = random_change(sample, 1.0, kinds=("deficit",))
    moved = of(sample.world, given_deficit, "world_share")
    np.testing.assert_allclose(moved.deficit[:, 0], given_deficit.deficit, atol=1e-9 * found.value_added.max())


@examples(6)
@given(sample=samples())
def test_absorption_at_sigma_one_is_world_share(sample):
    change = random_change(sample)
    one = of(sample.world, change, "absorption", sigma=1.0)
    other = of(sample.world, change, "world_share")
    for name in ("wage", "income", "price", "deficit"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9, atol=1e-9)


@examples(6)
@given(sample=samples())
def test_own_income_keeps_the_ratio_of_spending(sample):
    """(I' - TR')/VA' relative to 1 + D/VA is one number for the world."""
    found = of(sample.world, random_change(sample), "own_income")
    accounts = sample.accounts
    ratio = (
        (found.value_added + found.deficit)[:, 0]
        / found.value_added[:, 0]
        / (1 + accounts.deficit / accounts.value_added)
    )
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-9)


@examples(6)
@given(sample=samples())
def test_balanced_economy_has_no_deficit_of_economies(sample):
    found = of(sample.world, random_change(sample), "balanced_economy")
    for side in (0, 1):
        member = np.array(sample.world.economy) == side
        assert abs(found.deficit[member].sum()) < 1e-10 * found.value_added.sum()


@examples(6)
@given(sample=samples())
def test_conditional_stage_keeps_sales_and_purchases(sample):
    """X K fitted to the baseline's row and column sums, sector by sector."""
    world = sample.world
    changes = [
        random_change(sample, 0.5, kinds=("cost", "tariff")),
        random_change(sample, 0.05, kinds=("cost", "tariff")),
    ]
    model = Model(sample.accounts, shock_of(world, changes), world.theta[:, None])
    stage = ConditionalStage(PartialStage(model), ConditionalFit(sample.accounts))
    cells = model.baseline_cells
    for column in range(2):
        flows = np.zeros(world.flows.shape)
        flows[cells.origin, cells.destination, cells.sector] = stage.sales(cells)[:, column]
        scale = world.flows.sum(axis=(0, 1))
        assert np.abs((flows - world.flows).sum(axis=1) / scale).max() < 1e-9
        assert np.abs((flows - world.flows).sum(axis=0) / scale).max() < 1e-9
        # Biproportional: odds ratios are those of X K, K = cost^-theta ((1+t)/(1+t'))^(theta+1).
        paid = (1 + changes[column].tariff) / (1 + world.tariff)
        kernel = changes[column].cost ** -world.theta * paid ** (-world.theta - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            odds = np.log(flows / (world.flows * kernel))
        whole = np.isfinite(odds).all(axis=(0, 1))
        residue = odds - odds.mean(axis=0, keepdims=True) - odds.mean(axis=1, keepdims=True) + odds.mean(axis=(0, 1))
        assert np.abs(residue[:, :, whole]).max(initial=0) < 1e-7


@examples(6)
@given(sample=samples(inputs=False, tariffs=False), rise=st.floats(0.01, 0.2), pass_through=st.floats(0.3, 1))
def test_a_dearer_currency_widens_the_deficit(sample, rise, pass_through):
    """Short run, no answer of spending to income: the dearer economy sells less abroad, buys more, its partner earns more."""
    world = sample.world
    currency = np.where(np.array(world.economy) == 0, 1 + rise, 1.0)
    found = of(world, Change(currency=currency, pass_through=pass_through), "short_run", sigma=0.0)
    inside = np.array(world.economy) == 0
    flows = found.flows()[..., 0]
    sold, bought = flows[inside][:, ~inside].sum(), flows[~inside][:, inside].sum()
    before_sold, before_bought = world.flows[inside][:, ~inside].sum(), world.flows[~inside][:, inside].sum()
    assert sold <= before_sold
    assert bought >= before_bought
    assert (bought - sold) - (before_bought - before_sold) == pytest.approx(
        (found.deficit[inside, 0] - sample.accounts.deficit[inside]).sum(), abs=1e-9 * found.value_added.sum()
    )
    up_and_down = of(world, Change(currency=1 / currency, pass_through=pass_through), "short_run", sigma=0.0)
    assert up_and_down.deficit[inside].sum() <= sample.accounts.deficit[inside].sum() + 1e-12


@pytest.mark.parametrize("closure", FLEXIBLE)
def test_a_revaluation_has_no_meaning_with_flexible_wages(closure):
    sample = make_world(3, 3, 1, inputs=False, tariffs=False)
    with pytest.raises(NotApplicable):
        of(sample.world, random_change(sample, 0.1, kinds=("currency",)), closure)


@examples(6)
@given(sample=samples(max_places=4, max_sectors=2), sigma=st.floats(0, 0.6))
def test_certificates_balance_the_border(sample, sigma):
    """chi >= 0, exports >= imports at the border, and one of the two with equality."""
    world, accounts = sample.world, sample.accounts
    shock = shock_of(world, [random_change(sample, 0.1, kinds=("cost",))])
    inside = np.array(world.economy) == 0
    found = solve_with_certificates(accounts, shock, world.theta, 0, sigma=sigma)
    price = found.certificate_price[0]
    flows = found.flows()[..., 0]
    surplus = (flows[inside][:, ~inside].sum() - flows[~inside][:, inside].sum()) / flows.sum()
    assert price >= 0
    assert surplus >= -1e-11
    assert price * abs(surplus) < 1e-11
    without = solve_short_run(accounts, shock, world.theta, sigma=sigma).flows()[..., 0]
    needs = without[~inside][:, inside].sum() > without[inside][:, ~inside].sum()
    assert (price > 0) == needs


@examples(6)
@given(sample=samples(max_places=2))
def test_certificates_with_flexible_wages_are_balanced_economy(sample):
    """One place per economy: a deficit brought to zero is `balanced` and `balanced_economy` alike."""
    change = random_change(sample)
    none = replace(change, deficit=np.zeros(2))
    for closure in ("balanced", "balanced_economy"):
        found, other = of(sample.world, none, "world_share"), of(sample.world, change, closure)
        np.testing.assert_allclose(found.wage, other.wage, rtol=1e-9)
        np.testing.assert_allclose(found.income, other.income, rtol=1e-9)


@examples(6)
@given(sample=samples())
def test_uniform_productivity_raises_real_income_and_nothing_else(sample):
    """Every seller 3 % more productive, no inputs: shares stay, every place is 3 % richer."""
    world = replace(sample.world, own=np.ones_like(sample.world.own), inputs=np.zeros_like(sample.world.inputs))
    found = of(world, Change(productivity=np.full(world.own.shape, 1.03)), "world_share")
    np.testing.assert_allclose(found.welfare, 1.03, rtol=1e-10)
    np.testing.assert_allclose(found.flows()[..., 0], world.flows, rtol=1e-9, atol=1e-12)


@examples(6)
@given(sample=samples(tariffs=False))
def test_export_and_import_taxes_are_symmetric(sample):
    """Lerner: with balanced trade a uniform import tariff and a uniform export tax of one economy trade the same."""
    world = replace(sample.world, own=np.ones_like(sample.world.own), inputs=np.zeros_like(sample.world.inputs))
    world = replace(world, economy=[0] + [1] * (len(world.economy) - 1))  # one place taxes all others
    into, out = np.zeros(world.flows.shape), np.zeros(world.flows.shape)
    into[1:, 0], out[0, 1:] = 0.1, 0.1
    tariff = of(world, Change(tariff=world.tariff + into), "balanced")
    tax = of(world, Change(export_tax=out, tariff=world.tariff), "balanced")
    np.testing.assert_allclose(tariff.welfare, tax.welfare, rtol=1e-9)


def test_accounts_refuse_what_does_not_add_up():
    """All problems at once, with place and sector."""
    flows = np.array([[[1.0], [-2.0]], [[np.nan], [0.5]]])
    with pytest.raises(InvalidBaseline, match="not finite"):
        build_accounts(places=["a", "b"], sectors=["g"], flows=flows)
    flows[1, 0] = 0.3
    with pytest.raises(InvalidBaseline, match="negative at a -> b, sector g"):
        build_accounts(places=["a", "b"], sectors=["g"], flows=flows)
