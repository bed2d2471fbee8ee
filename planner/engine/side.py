"""Measures beside the balance (model.md 5): prices, jobs, revenue, terms of trade, dependence, position, inequality, CO2.

All from an equilibrium and its baseline, over (place, column). None is a goal by itself: jobs outside `short_run` only
move between sectors, a better external position is spending forgone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.baseline import Baseline
from planner.engine.cells import Cells, cell_key
from planner.engine.dependence import Dependence, dependence
from planner.engine.equilibrium import Equilibrium
from planner.engine.imbalance import TradeView
from planner.engine.model import Model
from planner.engine.routes import RouteCosts
from planner.engine.types import Array, Index

KG_PER_TONNE = 1000.0


@dataclass(frozen=True)
class Theil:
    """Theil's index of real income per head, (column,): total = between economies + within them. 0: all alike."""

    total: Array
    between: Array
    within: Array


@dataclass(frozen=True)
class Side:
    """Measures beside the balance in one equilibrium; (place, column) unless said otherwise.

    consumer_price: P^, with world value added as the unit of account; real_wage: w^/P^; terms_of_trade: ratio to the
    baseline; revenue_musd: tariffs and export taxes, in the unit of the flows; jobs: (place, sector, column), None
    without numbers of jobs; external_position_musd: at the end of the horizon, see `external_position`.
    """

    consumer_price: Array
    real_wage: Array
    terms_of_trade: Array
    revenue_musd: Array
    jobs: Array | None
    dependence: Dependence
    external_position_musd: Array
    theil: Theil


def side_measures(
    baseline: Baseline,
    equilibrium: Equilibrium,
    *,
    horizon_years: int,
    jobs: Array | None = None,
    routes: RouteCosts | None = None,
    places: Index | None = None,
    view: TradeView | None = None,
) -> Side:
    """All measures of one equilibrium; compare them with those of the reference.

    jobs: baseline numbers (place, sector); routes: the change of routes with its shares, see `dependence`; places: whose
    incomes Theil's index compares (default: the border regions); view: the baseline's, where the caller has it.
    Raises ValueError for a horizon below one year, jobs or populations that cannot be.
    """
    if horizon_years < 1:
        raise ValueError(f"horizon of {horizon_years} years, expected at least 1")
    view = view or TradeView(baseline)
    return Side(
        consumer_price=equilibrium.price,
        real_wage=equilibrium.real_wage,
        terms_of_trade=terms_of_trade(equilibrium),
        revenue_musd=equilibrium.tariff_revenue,
        jobs=None if jobs is None else jobs_by_sector(equilibrium, jobs),
        dependence=dependence(baseline, equilibrium, routes, view),
        external_position_musd=external_position(
            np.broadcast_to(equilibrium.deficit, (horizon_years, *equilibrium.deficit.shape))
        )[-1],
        theil=theil(baseline, equilibrium, places),
    )


def jobs_by_sector(equilibrium: Equilibrium, jobs: Array) -> Array:
    """Jobs after the shock, (place, sector, column): jobs x (g Y'/w^)/(g Y); `jobs` (place, sector) in the baseline.

    Y' is output at cost: a margin that sellers bear at the border lowers their income, not the work in what they sell.
    With flexible wages a place's jobs weighted by value added per job do not change in total: they only move.
    Raises ValueError where jobs are negative, not finite or of another shape.
    """
    accounts = equilibrium.model.accounts
    jobs = np.asarray(jobs, dtype=float)
    if jobs.shape != accounts.output.shape or not (np.isfinite(jobs) & (jobs >= 0)).all():
        raise ValueError(f"jobs: expected numbers >= 0 of shape {accounts.output.shape}, got shape {jobs.shape}")
    output = accounts.output[..., None]
    after = np.moveaxis(_output_at_cost(equilibrium), 0, 1)
    ratio = np.divide(after, output, out=np.zeros_like(after), where=output > 0)
    return np.asarray(jobs[..., None] * ratio / equilibrium.wage[:, None])


def _output_at_cost(equilibrium: Equilibrium) -> Array:
    """Y' without the margins that sellers take at the border, (sector, place, column)."""
    model, answer = equilibrium.model, equilibrium.answer
    if model.shock.margin is None or model.operators.at_cost is not None:
        return answer.costed
    cells = model.cells
    received = model.sales(answer, cells) * model.operators.received / model.operators.border
    output = answer.output.copy()
    np.add.at(output, (cells.sector, cells.origin), received * np.expm1(-model.shock.margin))
    return output


def terms_of_trade(equilibrium: Equilibrium) -> Array:
    """Price of exports over price of imports, ratio to the baseline, (place, column); 1 without cross-border trade.

    Producers' prices at the border, export taxes, margins and certificates in them, transport not; geometric means with
    baseline flows as weights (as in the first-order split of Caliendo & Parro 2015, over partners abroad only).
    """
    model = equilibrium.model
    accounts = model.accounts
    places = len(accounts.places)
    foreign = (accounts.economy[:, None] != accounts.economy[None, :])[:, :, None] & (accounts.flows > 0)
    origin, destination, sector = np.nonzero(foreign)
    cells = Cells.from_keys(np.sort(cell_key(origin, destination, sector, places)), places)
    log_price = -np.log(equilibrium.answer.supply[cells.sector, cells.origin]) / model.theta[cells.sector]
    log_price = log_price + np.log(model.at_cells(cells, _border_factor(model)))
    flow = cells.gather(accounts.flows)[:, None]
    sides = []
    for end in (cells.origin, cells.destination):
        weighted, total = np.zeros((places, log_price.shape[1])), np.zeros((places, 1))
        np.add.at(weighted, end, flow * log_price)
        np.add.at(total, end, flow)
        sides.append(np.divide(weighted, total, out=np.zeros_like(weighted), where=total > 0))
    return np.asarray(np.exp(sides[0] - sides[1]))


def _border_factor(model: Model) -> Array:
    """Border price over the seller's unit cost at the shock's cells, (cell, column)."""
    shock = model.shock
    factor = np.ones((len(model.cells), shock.columns))
    if shock.margin is not None:
        factor = factor * np.exp(shock.margin)
    if shock.export_tax is not None:
        factor = factor * (1 + shock.export_tax)
    if shock.certificate is not None:
        # Exporters of the issuing economy sell cheaper by what they earn with certificates; its importers pay on top.
        factor = factor * np.minimum(shock.certificate, 1.0)
    return np.asarray(factor)


def external_position(
    deficit_by_year: Array, *, opening: Array | float = 0.0, interest_rate: Array | float = 0.0
) -> Array:
    """External position at the end of each year, (year, place, column): last year's with interest, less the deficit.

    deficit_by_year: D' of each year, (year, place, column), for instance along a ramp; opening: position before the first
    year, (place, column); interest_rate: share per year. Positions of all places add up to the opening's sum, with
    interest: deficits add up to zero.
    """
    position = np.zeros(deficit_by_year.shape)
    last = np.asarray(opening, dtype=float)
    for year, deficit in enumerate(deficit_by_year):
        last = last * (1 + interest_rate) - deficit
        position[year] = last
    return position


def theil(baseline: Baseline, equilibrium: Equilibrium, places: Index | None = None) -> Theil:
    """Spread of real income per head over places (default: the border regions), and its split by economy.

    T = sum_i s_i ln(s_i / p_i), s shares of real income, p of population (Theil 1967); real income is absorption at GDP
    scale times the change of real income. Baseline price levels are taken as alike. Raises ValueError for a place without
    population.
    """
    accounts = baseline.accounts
    chosen = baseline.border if places is None else np.asarray(places, dtype=np.intp)
    people = baseline.facts.places["population"].to_numpy(dtype=float)[chosen][:, None]
    if not (np.isfinite(people) & (people > 0)).all():
        bad = chosen[~(np.isfinite(people) & (people > 0))[:, 0]]
        raise ValueError(f"population of {', '.join(accounts.places[place] for place in bad)}: expected a number > 0")
    income = ((accounts.income * baseline.money_scale)[:, None] * equilibrium.real_income)[chosen]
    share, head = income / income.sum(axis=0), people / people.sum()
    member = (accounts.economy[chosen][None] == np.arange(len(accounts.economies))[:, None]).astype(float)
    member = member[member.any(axis=1)]
    share_of, head_of = member @ share, member @ head
    total = (share * np.log(share / head)).sum(axis=0)
    between = (share_of * np.log(share_of / head_of)).sum(axis=0)
    return Theil(total, between, total - between)


# CO2 of queueing ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QueueEmissions:
    """Tonnes of CO2 a year from vehicles that wait: by crossing and economy entered, (crossing, economy, column), and by
    the place in which they wait, before the border, (place, column)."""

    by_crossing: Array
    by_place: Array


def trucks_before(baseline: Baseline) -> Array:
    """Trucks a year by crossing and economy entered, (crossing, economy): outbound as many as inbound (an assumption)."""
    counts = np.nan_to_num(baseline.facts.crossings["trucks_inbound"].to_numpy(dtype=float))
    trucks = np.zeros((len(baseline.network.crossings), len(baseline.accounts.economies)))
    for side in _sides(baseline):
        trucks[np.arange(len(counts)), side] = counts
    return trucks


def trucks_after(baseline: Baseline, trade_before: Array, trade_after: Array) -> Array:
    """Trucks a year after a change of trade, (crossing, economy entered, column).

    Loaded trucks follow trade in their own direction, empties that in the opposite one. trade_before (crossing, economy) or
    with columns, trade_after (crossing, economy, column): goods trade by truck, see `crossing_trade`. The loaded share is
    the crossing's own, where containers are not counted that of all crossings, where none are all trucks are loaded.
    """
    if trade_before.ndim == 2:
        trade_before = trade_before[..., None]
    ratio = np.divide(trade_after, trade_before, out=np.ones_like(trade_after), where=trade_before > 0)
    loaded = _loaded_share(baseline)[:, None]
    number = np.arange(len(loaded))
    trucks = trucks_before(baseline)
    after = trucks[..., None] * np.ones(ratio.shape[-1])
    one, other = _sides(baseline)
    for into, back in ((one, other), (other, one)):
        follows = loaded * ratio[number, into] + (1 - loaded) * ratio[number, back]
        after[number, into] = trucks[number, into][:, None] * follows
    return after


def queueing_co2(
    baseline: Baseline, trucks: Array, wait_hours: Array, kg_per_truck_hour: Array | float
) -> QueueEmissions:
    """CO2 of trucks waiting at the border.

    trucks: a year, wait_hours: mean, both (crossing, economy entered) or (crossing, economy, column);
    kg_per_truck_hour: CO2 of an hour with the engine idling, scalar or (column,).
    """
    trucks, waits = (values[..., None] if values.ndim == 2 else values for values in (trucks, wait_hours))
    tonnes = np.asarray(trucks * waits * kg_per_truck_hour / KG_PER_TONNE)
    by_place = np.zeros((len(baseline.accounts.places), tonnes.shape[-1]))
    one, other = _sides(baseline)
    number = np.arange(len(tonnes))
    network = baseline.network
    for into, waiting_in in ((one, network.region_b), (other, network.region_a)):
        np.add.at(by_place, waiting_in, tonnes[number, into])
    return QueueEmissions(tonnes, by_place)


def _sides(baseline: Baseline) -> tuple[Index, Index]:
    """Economy numbers of each crossing's two sides: the one entered inbound, the other."""
    network, economy = baseline.network, baseline.accounts.economy
    return economy[network.region_a], economy[network.region_b]


def _loaded_share(baseline: Baseline) -> Array:
    table = baseline.facts.crossings
    if "truck_loaded_share" not in table:
        return np.ones(len(table))
    share = table["truck_loaded_share"].to_numpy(dtype=float)
    known = np.isfinite(share)
    counts = np.nan_to_num(table["trucks_inbound"].to_numpy(dtype=float))
    weight = (counts * known).sum()
    pooled = float((counts * np.nan_to_num(share)).sum() / weight) if weight > 0 else 1.0
    return np.where(known, share, pooled)
