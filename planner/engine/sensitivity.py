"""The worth of one minute at every crossing, direction and sector, from one adjoint solve (model.md 11).

The equilibrium is linearised at the baseline in u = (d ln w, d ln P, d Y, d I):  A u = B dk, dk the change of ln trade
cost of every cell. For an outcome J with partial derivatives J_u and J_k the adjoint A' lam = J_u gives the derivative
with respect to every cell at once, dJ/dk = J_k + B' lam. A minute is an outside shift of the wait: it changes a pair's
cost by its share of trade over the crossing times the cost of a minute there, and then the queues answer: y = delta +
D (dn/dy) y, with D the queue's slope by trucks n and dn/dy their answer by diversion and by trade, from the same system.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from planner.engine import closures
from planner.engine.accounts import Accounts
from planner.engine.baseline import Baseline
from planner.engine.crossing_queues import Queues
from planner.engine.model import sector_major
from planner.engine.parameters import complete_parameters
from planner.engine.routes import Routes
from planner.engine.truck_answers import route_slopes, trade_by_wait
from planner.engine.types import Array, Index, Parameters
from planner.engine.uncertainty import Draws

OUTCOMES = ("imbalance", "welfare")
NEAR_ZERO = 1e-6  # pairs whose normalised balance is within a step of zero: |.| has a kink there


@dataclass(frozen=True)
class MinuteValues:
    """What one more minute of wait does to `outcome` at central values; one minute less does the opposite.

    value (crossing, economy entered, sector): change of the headline index, or of the equivalent variation of border
    regions in million; total (crossing, economy entered): its sum over goods sectors. near_zero: pairs (place, place)
    whose balance is at the kink of |.|, where the derivative is one-sided.
    """

    outcome: str
    closure: str
    crossings: tuple[str, ...]
    economies: tuple[str, ...]
    sectors: tuple[str, ...]
    value: Array
    near_zero: tuple[tuple[str, str], ...]

    @property
    def total(self) -> Array:
        """Sum over sectors, (crossing, economy entered)."""
        return np.asarray(self.value.sum(axis=2))


def minute_values(
    baseline: Baseline, parameters: Parameters, *, outcome: str = "imbalance", closure: str = "world_share"
) -> MinuteValues:
    """The worth of a minute everywhere, at central parameter values.

    Raises ValueError for an unknown outcome, or a closure that moves the baseline (its own equilibrium is another one).
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"unknown outcome {outcome!r}; expected one of {', '.join(OUTCOMES)}")
    if closure not in ("world_share", "own_income", "absorption", "short_run"):
        raise ValueError(f"closure {closure!r} has no derivative at the observed baseline; expected another one")
    baseline = replace(baseline, parameters=complete_parameters(parameters))
    draws = Draws(baseline.parameters, 0, 0)
    accounts = baseline.accounts
    key = "short_run_propensity" if closure == "short_run" else "absorption_propensity"
    system = _System(accounts, draws.theta(baseline)[:, 0], closure, float(draws.parameter(key)[0]))
    if outcome == "imbalance":
        by_flow, near_zero = _index_slope(baseline)
        gradient = system.gradient(by_flow=by_flow)
    else:
        near_zero = ()
        weight = np.zeros(len(accounts.places))
        weight[baseline.border] = baseline.money_scale[baseline.border]
        gradient = system.gradient(by_real_income=weight)
    direct = _per_minute(baseline, Routes(baseline, draws), gradient)
    value = _through_queues(baseline, system, direct)
    return MinuteValues(
        outcome, closure, baseline.network.crossings, accounts.economies, accounts.sectors, value, near_zero
    )


def _index_slope(baseline: Baseline) -> tuple[Array, tuple[tuple[str, str], ...]]:
    """d headline / d X of every cell, (sector, origin, destination), and the pairs at the kink."""
    accounts = baseline.accounts
    flows = accounts.flows[:, :, baseline.goods].sum(axis=2)
    foreign = accounts.economy[:, None] != accounts.economy[None, :]
    is_border = np.isin(np.arange(len(flows)), baseline.border)
    counted = (is_border[:, None].astype(float) + is_border[None, :]) * foreign
    gap, gross = flows - flows.T, flows + flows.T
    everything = (counted * flows).sum()
    index = 0.5 * (counted * np.abs(gap)).sum() / everything
    slope = counted * (np.sign(gap) - index) / everything
    result = np.zeros((len(accounts.sectors), *flows.shape))
    result[baseline.goods] = slope
    kinked = np.argwhere(np.triu((counted > 0) & (gross > 0) & (np.abs(gap) < NEAR_ZERO * gross)))
    return result, tuple((accounts.places[one], accounts.places[other]) for one, other in kinked)


def _per_minute(baseline: Baseline, routes: Routes, gradient: Array) -> Array:
    """Cells' gradients to stations: share of the route times d ln d / d minute, (crossing, economy, sector)."""
    network, goods = baseline.network, baseline.goods
    rows = np.flatnonzero(routes.truck)
    economy = routes.entered[rows]
    before = routes.road(rows) + routes.wait[routes.station[rows]] + routes.handling()
    full = routes.worth[economy] + routes.truck_cost * before + routes.fee[routes.station[rows]]
    slope = routes.time_value[:, 0][None, :] + (routes.truck_cost / full)
    pair = network.row_pair[rows]
    cell = gradient[:, network.pair_origin[pair], network.pair_destination[pair]].T
    worth = cell[:, goods] * network.share[np.ix_(rows, goods)] * slope[:, goods] / 60
    value = np.zeros((len(network.crossings), len(baseline.accounts.economies), len(baseline.accounts.sectors)))
    for position, sector in enumerate(goods):
        np.add.at(value[:, :, sector], (network.row_crossing[rows], economy), worth[:, position])
    return value


def _through_queues(baseline: Baseline, system: _System, direct: Array) -> Array:
    """What a minute from outside is worth once queues have answered, (crossing, economy, sector), from the worth of waits."""
    queues = Queues(baseline)
    routes = Routes(baseline, queues.central)
    before = routes.wait[queues.stations]
    slope = before * (1 - queues.calibration.not_queue)[:, None]
    slope = (slope * queues.response(queues.central, before)(np.ones_like(before))[1])[:, 0]
    trucks = (trade_by_wait(queues, routes)[:, :, 0] + _trade_by_cost(baseline, routes, queues, system)) / queues.trade[
        :, None
    ]
    other = np.where(queues.opposite[:, None] >= 0, trucks[queues.opposite], 0.0)
    loaded = queues.central.parameter("loaded_truck_share")[0]
    answer = slope[:, None] * (loaded * trucks + (1 - loaded) * other)
    flat = direct.reshape(-1, direct.shape[-1])
    value = np.zeros_like(flat)
    value[queues.stations] = np.linalg.solve((np.eye(len(queues)) - answer).T, flat[queues.stations])
    return value.reshape(direct.shape)


def _trade_by_cost(baseline: Baseline, routes: Routes, queues: Queues, system: _System) -> Array:
    """d trade by truck over a station / d wait at another through trade itself: dearer pairs trade less, (station, station)."""
    network, goods, count = baseline.network, baseline.goods, len(queues)
    rows = np.flatnonzero(queues.bins >= 0)
    dearer = np.zeros((*system.sales.shape, count))
    where = (network.pair_origin[network.row_pair[rows]], network.entered[rows], queues.bins[rows])
    slope = route_slopes(routes)
    for number, sector in enumerate(goods):
        np.add.at(dearer[sector], where, network.share[rows, sector] * slope[rows, number])
    moved = system.volume_answer(dearer)
    pairs = moved[goods][:, network.pair_origin, network.pair_destination]  # (good, pair, station)
    return np.asarray(queues.shares @ (pairs.transpose(1, 0, 2) * queues.volume[:, :, None]).reshape(-1, count))


class _System:
    """The linearised equilibrium at the baseline, dense: unknowns d ln w, d ln P, d Y, d I in this order.

    Under `short_run` wages are fixed: d ln w stays zero and income follows value added with propensity sigma.
    """

    def __init__(self, accounts: Accounts, theta: Array, closure: str, sigma: float) -> None:
        self.accounts, self.theta, self.closure, self.sigma = accounts, theta, closure, sigma
        self.share = sector_major(accounts.trade_share)
        self.sales = sector_major(accounts.flows)
        self.spending = accounts.expenditure.T
        rate = sector_major(accounts.tariff) / (1 + sector_major(accounts.tariff))
        self.revenue = self.share * rate
        self.own = accounts.value_added_share.T
        sectors, places = self.spending.shape
        self.shape = (sectors, places)
        self.inputs = accounts.input_share if accounts.input_share is not None else np.zeros((places, sectors, sectors))
        self.received = np.divide(
            self.sales, self.spending[:, None], out=np.zeros_like(self.sales), where=self.spending[:, None] > 0
        )
        ends = np.cumsum([0, places, sectors * places, sectors * places, places])
        self.wage, self.price, self.output, self.income = (slice(int(start), int(end)) for start, end in pairwise(ends))
        self.size = int(ends[-1])
        self.cost = self._costs()
        self.matrix = self._matrix()

    def _costs(self) -> Array:
        """d ln c of (sector, place) as rows over all unknowns."""
        sectors, places = self.shape
        rows = np.zeros((sectors, places, self.size))
        number = np.arange(places)
        rows[:, number, number] = self.own
        price = rows[:, :, self.price].reshape(sectors, places, sectors, places)
        price[:, number, :, number] += self.inputs.transpose(0, 2, 1)
        rows[:, :, self.price] = price.reshape(sectors, places, -1)
        return rows

    def _spent(self) -> Array:
        """d E of (sector, place) as rows over all unknowns."""
        sectors, places = self.shape
        rows = np.zeros((sectors, places, self.size))
        number = np.arange(places)
        income = rows[:, :, self.income]
        income[:, number, number] = self.accounts.final_share.T
        output = rows[:, :, self.output].reshape(sectors, places, sectors, places)
        output[:, number, :, number] += self.inputs
        rows[:, :, self.output] = output.reshape(sectors, places, -1)
        return rows

    def _prices(self) -> Array:
        sectors, places = self.shape
        rows = np.zeros((sectors, places, self.size))
        rows[:, :, self.price] = np.eye(sectors * places).reshape(sectors, places, -1)
        return rows

    def flow_rows(self, weight: Array) -> Array:
        """sum over destinations of weight x d X at given trade costs, as (sector, origin) rows over the unknowns."""
        weighted = weight * self.sales
        tied = self.theta[:, None, None] * (
            np.matmul(weighted, self._prices()) - weighted.sum(axis=2)[:, :, None] * self.cost
        )
        return np.asarray(tied + np.matmul(weight * self.received, self._spent()))

    def _matrix(self) -> Array:
        sectors, places = self.shape
        added, number = self.accounts.value_added, np.arange(places)
        matrix = np.zeros((self.size, self.size))
        earned = np.zeros((places, self.size))
        for sector in range(sectors):
            start = self.output.start + sector * places
            earned[number, start + number] = self.own[sector]
        if self.closure == "short_run":
            matrix[self.wage, self.wage] = np.eye(places)
        else:
            matrix[self.wage] = earned
            matrix[self.wage, self.wage] -= np.diag(added) + np.outer(added, added) / added.sum()
        prices = self._prices() - np.matmul(self.share.transpose(0, 2, 1), self.cost)
        matrix[self.price] = prices.reshape(sectors * places, -1)
        output = -self.flow_rows(np.ones_like(self.sales))
        output[:, :, self.output] += np.eye(sectors * places).reshape(sectors, places, -1)
        matrix[self.output] = output.reshape(sectors * places, -1)
        matrix[self.income, self.income] = np.eye(places)
        matrix[self.income] -= self._taxed() + self._untaxed_income(earned)
        return matrix

    def _untaxed_income(self, earned: Array) -> Array:
        """d(VA' + D') as rows over the unknowns."""
        if self.closure == "short_run":
            return self.sigma * earned
        accounts, rows = self.accounts, np.zeros((self.shape[1], self.size))
        rows[:, self.wage] = closures.net_income_slope(
            self.closure, accounts.value_added, accounts.value_added, accounts.deficit, accounts.economy, self.sigma
        )
        return rows

    def _taxed(self) -> Array:
        """d TR at given trade costs as rows over the unknowns."""
        rate = self.revenue.sum(axis=1)
        spent = rate[:, :, None] * self._spent()
        tied = rate[:, :, None] * self._prices() - np.matmul(self.revenue.transpose(0, 2, 1), self.cost)
        return np.asarray((spent + (self.theta[:, None] * self.spending)[:, :, None] * tied).sum(axis=0))

    def volume_answer(self, log_cost: Array) -> Array:
        """d ln trade at the seller's price when ln costs of cells change: both (sector, origin, destination, case)."""
        sectors, places = self.shape
        theta = self.theta[:, None, None]
        change = np.zeros((self.size, log_cost.shape[3]))
        change[self.price] = np.einsum("sin,sinc->snc", self.share, log_cost).reshape(sectors * places, -1)
        sold = -theta * np.einsum("sin,sinc->sic", self.sales, log_cost)
        change[self.output] = sold.reshape(sectors * places, -1)
        taxed = np.einsum("sin,sinc->snc", self.spending[:, None] * self.revenue, log_cost)
        change[self.income] = -(theta * taxed).sum(axis=0)
        found = np.linalg.solve(self.matrix, change)
        cost, price = self.cost @ found, found[self.price].reshape(sectors, places, -1)
        spent = np.divide(
            self._spent() @ found,
            self.spending[:, :, None],
            out=np.zeros_like(cost),
            where=self.spending[:, :, None] > 0,
        )
        tied = theta[..., None] * (price[:, None] - cost[:, :, None] - log_cost)
        return np.asarray(tied + spent[:, None] - cost[:, :, None])

    def gradient(self, *, by_flow: Array | None = None, by_real_income: Array | None = None) -> Array:
        """dJ / d ln cost of every cell, (sector, origin, destination).

        by_flow: dJ/dX (sector, origin, destination); by_real_income: weight of each place's real income, (place,).
        """
        sectors, places = self.shape
        slope = np.zeros(self.size)
        direct = np.zeros_like(self.sales)
        if by_flow is not None:
            slope += self.flow_rows(by_flow).sum(axis=(0, 1))
            direct -= self.theta[:, None, None] * by_flow * self.sales
        if by_real_income is not None:
            accounts = self.accounts
            final = -(by_real_income * accounts.income) * accounts.final_share.T
            slope[self.price] += final.ravel()
            # Spending saved is no loss: value added and tariff revenue count, a change of the deficit does not.
            slope[self.income] += by_real_income
            earned = np.zeros((places, self.size))
            for sector in range(sectors):
                start = self.output.start + sector * places
                earned[np.arange(places), start + np.arange(places)] = self.own[sector]
            slope += by_real_income @ (earned - self._untaxed_income(earned))
        adjoint = np.linalg.solve(self.matrix.T, slope)
        price = adjoint[self.price].reshape(sectors, 1, places)
        output = adjoint[self.output].reshape(sectors, places, 1)
        theta = self.theta[:, None, None]
        taxed = adjoint[self.income][None, None, :] * self.spending[:, None] * self.revenue
        return np.asarray(direct + price * self.share - theta * (output * self.sales + taxed))


def largest(values: MinuteValues, count: int) -> list[tuple[str, str, float]]:
    """The stations where a minute matters most: (crossing, economy entered, total), by size."""
    total = values.total
    order: Index = np.argsort(-np.abs(total), axis=None)[:count]
    found = np.stack(np.unravel_index(order, total.shape), axis=1)
    return [(values.crossings[b], values.economies[e], float(total[b, e])) for b, e in found]
