"""Why is there an imbalance? Exact Shapley values of its drivers over full solves with drivers made neutral (model.md 6).

Gravity reads ln(pi_in / pi_nn) = S_i - S_n + b_in, sector by sector. An imbalance needs an asymmetry, and each driver
is one: deficits (`aggregate`), seller terms S and tastes alpha that differ by sector (`structure`), tariffs (`policy`),
hours and fees (`logistics`), the rest of b (`wedge`), the currency's value (`currency`). A solve with a set of drivers
neutral gives every bilateral balance at once; over the 2^drivers sets, the mean effect of a driver in all orders in which
drivers may be made neutral is its Shapley value (Shapley 1953; Shorrocks 2013). What is left when all are neutral is the
multilateral remainder: with one sector and symmetric costs balanced places trade in balance (Davis & Weinstein 2002), with
several sectors or one-way trade they need not.

S is fitted after tariffs, hours and fees are taken off: else S would absorb part of them, and the wedge give it back.
Waits stay as measured: queues do not respond.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import factorial

import numpy as np
from scipy.sparse import csr_matrix

from planner.engine.accounts import Accounts
from planner.engine.baseline import Baseline
from planner.engine.cells import Cells, cell_key
from planner.engine.equilibrium import Equilibrium, check_theta, solve
from planner.engine.parameters import complete_parameters
from planner.engine.routes import RouteChange, Routes
from planner.engine.shock import Shock
from planner.engine.short_run import solve_short_run
from planner.engine.types import CLOSURES, Array, Index, Mask, Parameters
from planner.engine.uncertainty import Draws

DRIVERS = ("aggregate", "structure", "policy", "logistics", "wedge", "currency")
REMAINDER = "multilateral remainder"
BLOCK_NUMBERS = 2_000_000  # changed cells times columns solved at once


@dataclass(frozen=True)
class Split:
    """A balance or index, its parts by driver and what no driver explains: total = parts.sum(axis=0) + remainder.

    total, remainder: any shape; parts: (driver, *that shape).
    """

    total: Array
    parts: Array
    remainder: Array


@dataclass(frozen=True)
class Diagnosis:
    """Bilateral imbalances of cross-border goods trade by driver, in the unit of the accounts' flows.

    drivers: those that have a part, in order; missing: the others, each with the reason ("no data: ...");
    pairs: X_rp - X_pr, shape (place, partner), antisymmetric; trade: X_rp + X_pr;
    one_way: share of a pair's trade in sectors sold in one direction only, whose wedge cannot be evened out;
    seller_terms: S, (place, sector), mean zero over places; NaN where a place does not trade both ways in the sector.
    Under closures that re-solve the baseline (`balanced`, `balanced_economy`) the totals are those of that baseline.
    """

    places: tuple[str, ...]
    border: Index
    closure: str
    drivers: tuple[str, ...]
    missing: dict[str, str]
    pairs: Split
    trade: Array
    one_way: Array
    seller_terms: Array

    @property
    def regions(self) -> Split:
        """Net balances with all cross-border partners, (place,), in money."""
        pairs = self.pairs
        return Split(pairs.total.sum(axis=1), pairs.parts.sum(axis=2), pairs.remainder.sum(axis=1))

    @property
    def indices(self) -> Split:
        """Imbalance indices sum_p |X_rp - X_pr| / sum_p (X_rp + X_pr), (place,): parts take the sign of their balance.

        A negative part is a driver that narrows the gap.
        """
        return self._signed(self.trade.sum(axis=1))

    @property
    def headline(self) -> Split:
        """The headline index over all border regions, shape (), parts (driver,)."""
        by_place = self._signed(np.ones(len(self.places)))
        everything = float(self.trade[self.border].sum())
        scale = 1 / everything if everything > 0 else 0.0

        def over_border(values: Array) -> Array:
            return np.asarray(values[..., self.border].sum(axis=-1) * scale)

        return Split(over_border(by_place.total), over_border(by_place.parts), over_border(by_place.remainder))

    def _signed(self, scale: Array) -> Split:
        sign = np.sign(self.pairs.total)

        def share(values: Array) -> Array:
            summed = (sign * values).sum(axis=-1)
            return np.asarray(np.divide(summed, scale, out=np.zeros_like(summed), where=scale > 0))

        return Split(share(self.pairs.total), share(self.pairs.parts), share(self.pairs.remainder))


def diagnose(
    baseline: Baseline,
    parameters: Parameters,
    *,
    closure: str = "world_share",
    valuation: Mapping[str, float] | None = None,
) -> Diagnosis:
    """Split every bilateral goods imbalance of the baseline at central parameter values.

    valuation: by economy, how far its currency is above (+) or below (-) its fair value, a share; read under
    `short_run` only. Raises `SolveFailed` where a set of neutral drivers has no equilibrium, ValueError for an unknown
    closure or economy or a valuation of -1 or less.
    """
    draws = Draws(complete_parameters(parameters), 0, 0)
    accounts = baseline.accounts
    short_run = closure == "short_run"
    sigma = draws.parameter("short_run_propensity" if short_run else "absorption_propensity")
    return diagnose_accounts(
        accounts, draws.theta(baseline)[:, 0], border=baseline.border, goods=baseline.goods, closure=closure,
        logistics=logistics_to_mean(baseline, draws), currency=_fair_value(accounts, valuation),
        pass_through=float(draws.parameter("pass_through")[0]), sigma=float(sigma[0]),
    )  # fmt: skip


def diagnose_accounts(
    accounts: Accounts,
    theta: Array,
    *,
    border: Index,
    goods: Index,
    closure: str = "world_share",
    logistics: Array | None = None,
    currency: Array | None = None,
    pass_through: float = 1.0,
    sigma: float = 1.0,
) -> Diagnosis:
    """The same from accounts alone: `theta` (sector,), numbers of border places and goods sectors.

    logistics: ln of the cost change that brings both directions' hours and fees to their geometric mean, (origin,
    destination, sector), None where unknown; currency: value of each place's currency at which it is neither over- nor
    undervalued, relative to now, (place,); pass_through, sigma: as in `short_run` and `absorption`.
    """
    if closure not in CLOSURES:
        raise ValueError(f"unknown closure {closure!r}; expected one of {', '.join(CLOSURES)}")
    theta = check_theta(theta, accounts, 1)[:, 0]
    missing = _missing(accounts, closure, logistics, currency)
    drivers = tuple(driver for driver in DRIVERS if driver not in missing)
    neutral = _Neutral(accounts, theta, closure, logistics, currency, pass_through, sigma)
    cells, pair_sum = _measured(accounts, goods)
    places = len(accounts.places)
    sales = np.concatenate([part.sales(cells) for part in neutral.solves(drivers)], axis=1)
    flows = np.asarray(pair_sum @ sales).reshape(places, places, -1)
    balance = np.moveaxis(flows - flows.transpose(1, 0, 2), -1, 0)
    mirrored = cells.gather(accounts.flows.transpose(1, 0, 2)) > 0
    one_way = np.asarray(pair_sum @ np.where(mirrored, 0.0, sales[:, 0])).reshape(places, places)
    one_way, trade = one_way + one_way.T, flows[..., 0] + flows[..., 0].T
    return Diagnosis(
        places=accounts.places, border=border, closure=closure, drivers=drivers, missing=missing,
        pairs=Split(balance[0], shapley(balance), balance[-1]), trade=trade,
        one_way=np.divide(one_way, trade, out=np.zeros_like(trade), where=trade > 0),
        seller_terms=neutral.seller_terms,
    )  # fmt: skip


def shapley(values: Array) -> Array:
    """Shapley values of `values[0] - values[-1]`, (driver, ...), from values (2^drivers, ...).

    Bit j of the first axis' number says that driver j is neutral. The parts add up to values[0] - values[-1].
    """
    sets = np.arange(len(values))
    count = len(values).bit_length() - 1
    if len(values) != 2**count:
        raise ValueError(f"{len(values)} sets of neutral drivers, expected a power of two")
    members = np.array([number.bit_count() for number in range(len(values))])
    weight = np.array(
        [factorial(size) * factorial(max(count - size - 1, 0)) / factorial(count) for size in range(count + 1)]
    )
    parts = np.zeros((count, *values.shape[1:]))
    for driver in range(count):
        without = sets[(sets >> driver) & 1 == 0]
        lost = values[without] - values[without | (1 << driver)]
        parts[driver] = np.tensordot(weight[members[without]], lost, axes=1)
    return parts


def logistics_to_mean(baseline: Baseline, draws: Draws) -> Array | None:
    """ln of the cost change that evens out hours and fees between directions, (origin, destination, sector), first draw.

    On each route the factor exp(a h/24) (1 + (VOT h + fee)/v) goes to its geometric mean with that of the way back over
    the same crossing; a road is as long both ways, so that waits and values per truck make the difference. Routes then
    compete as in model.md 2. None where no route runs over a crossing with known hours.
    """
    routes = Routes(baseline, draws)
    network = baseline.network
    rows = np.flatnonzero(routes.truck)
    if not len(rows):
        return None
    crossing, entered = network.row_crossing[rows], routes.entered[rows]
    back = baseline.accounts.economy[network.pair_origin[network.row_pair[rows]]]
    fixed = routes.road(rows) + routes.handling()
    hours, hours_back = fixed + routes.waits(crossing, entered), fixed + routes.waits(crossing, back)
    worth, worth_back = (
        np.stack([draws.parameter("truck_value_usd", economy=economy) for economy in baseline.accounts.economies])[side]
        for side in (entered, back)
    )
    fee = routes.fees(crossing)
    charge = 1 + (routes.truck_cost * hours + fee) / worth
    charge_back = 1 + (routes.truck_cost * hours_back + fee) / worth_back
    change = (hours_back - hours) / 2
    # Beyond what the hours save, the fee takes the rest of the way to the geometric mean of the money factor.
    rest = worth * (np.sqrt(charge * charge_back) - charge) - routes.truck_cost * change
    costs = routes.costs(RouteChange(hours=[(rows, change)], fee=[(rows, rest)]))
    result = np.zeros_like(baseline.accounts.flows)
    result[costs.cells.origin, costs.cells.destination, costs.cells.sector] = costs.log_cost[:, 0]
    return result


def seller_terms(log_ratio: Array, matched: Mask) -> Array:
    """S by least squares on log_ratio[i, n, s] = S_is - S_ns over matched pairs, (place, sector), NaN without a pair.

    log_ratio: (origin, destination, sector), antisymmetric, read where `matched` (symmetric). Means are zero over the
    places that are linked by matched pairs.
    """
    weight = np.moveaxis(matched, -1, 0).astype(float)
    known = weight.any(axis=2)
    laplacian = -weight
    number = np.arange(len(log_ratio))
    laplacian[:, number, number] += weight.sum(axis=2)
    pulled = np.where(matched, log_ratio, 0.0).sum(axis=1).T
    terms = np.einsum("sij,sj->si", np.linalg.pinv(laplacian, hermitian=True), pulled)
    return np.asarray(np.where(known, terms, np.nan).T)


def _missing(accounts: Accounts, closure: str, logistics: Array | None, currency: Array | None) -> dict[str, str]:
    missing = {}
    if closure == "balanced":
        missing["aggregate"] = "the closure already has no deficits"
    if not (accounts.tariff * (accounts.flows > 0)).any():
        missing["policy"] = "no data: the case has no tariffs"
    if logistics is None:
        missing["logistics"] = "no data: no route with hours or fees"
    if closure != "short_run":
        missing["currency"] = f"a currency's value is neutral with flexible wages (closure {closure})"
    elif currency is None:
        missing["currency"] = "no data: no valuation of the currencies given"
    return missing


def _fair_value(accounts: Accounts, valuation: Mapping[str, float] | None) -> Array | None:
    if not valuation:
        return None
    unknown = sorted(set(valuation) - set(accounts.economies))
    low = [f"{economy} {value:g}" for economy, value in valuation.items() if not value > -1]
    if unknown or low:
        raise ValueError(
            f"valuation: unknown economies {unknown}, shares not above -1 {low}; "
            f"expected shares above -1 for {', '.join(accounts.economies)}"
        )
    fair = np.array([1 / (1 + valuation.get(economy, 0.0)) for economy in accounts.economies])
    return np.asarray(fair[accounts.economy])


def _measured(accounts: Accounts, goods: Index) -> tuple[Cells, csr_matrix]:
    """Cross-border goods cells and the sum over them by pair, (place x place, cell)."""
    places = len(accounts.places)
    foreign = accounts.economy[:, None] != accounts.economy[None, :]
    chosen = (accounts.flows > 0) & foreign[:, :, None] & np.isin(np.arange(len(accounts.sectors)), goods)
    cells = _cells(chosen)
    pair = cells.origin * places + cells.destination
    return cells, csr_matrix((np.ones(len(cells)), (pair, np.arange(len(cells)))), shape=(places**2, len(cells)))


def _cells(chosen: Mask) -> Cells:
    """The chosen (origin, destination, sector) as sorted cells."""
    origin, destination, sector = np.nonzero(chosen)
    return Cells.from_keys(np.sort(cell_key(origin, destination, sector, len(chosen))), len(chosen))


class _Neutral:
    """The neutral state of each driver as a shock, prepared once; solved for sets of drivers."""

    def __init__(
        self, accounts: Accounts, theta: Array, closure: str, logistics: Array | None, currency: Array | None,
        pass_through: float, sigma: float,
    ) -> None:  # fmt: skip
        self.accounts, self.theta, self.closure, self.sigma = accounts, theta, closure, sigma
        places = len(accounts.places)
        apart = ~np.eye(places, dtype=bool)[:, :, None]
        self.cells = _cells((accounts.flows > 0) & apart)
        log_tariff = np.log1p(accounts.tariff)
        even_tariff = (log_tariff + log_tariff.transpose(1, 0, 2)) / 2
        hours = np.zeros_like(accounts.flows) if logistics is None else logistics
        log_ratio, matched = self._log_ratio(even_tariff - log_tariff + hours)
        self.seller_terms = seller_terms(log_ratio, matched)
        terms = np.nan_to_num(self.seller_terms)
        wedge = np.where(matched, log_ratio - (terms[:, None] - terms[None]), 0.0) / theta
        self.even_tariff = np.expm1(self.cells.gather(even_tariff))
        self.baseline_tariff = self.cells.gather(accounts.tariff)
        self.log_cost = {"logistics": self.cells.gather(hours), "wedge": self.cells.gather(wedge)}
        self.log_productivity = (self._common_terms() - terms).T / theta[:, None]
        self.final_share = self._common_tastes()
        self.currency = np.ones(places) if currency is None else currency
        log_value = np.log(self.currency)
        abroad = accounts.economy[self.cells.origin] != accounts.economy[self.cells.destination]
        gap = log_value[self.cells.destination] - log_value[self.cells.origin]
        self.margin = np.where(abroad, (1 - pass_through) * gap, 0.0)

    def _log_ratio(self, evened_cost: Array) -> tuple[Array, Mask]:
        """(L_in - L_ni)/2 with tariffs, hours and fees evened out, and where both directions and both own sales exist."""
        share = self.accounts.trade_share
        own = np.einsum("nns->ns", share)
        matched = (share > 0) & (share > 0).transpose(1, 0, 2) & (own > 0)[:, None] & (own > 0)[None]
        number = np.arange(len(share))
        matched[number, number] = False
        with np.errstate(divide="ignore", invalid="ignore"):
            log_ratio = np.log(share) - np.log(own)[None] - self.theta * evened_cost
            log_ratio = (log_ratio - log_ratio.transpose(1, 0, 2)) / 2
        return np.where(matched, log_ratio, 0.0), matched

    def _common_terms(self) -> Array:
        """Each place's mean over sectors on top of the sector's mean (zero), where S is known, (place, sector)."""
        known = np.isfinite(self.seller_terms)
        terms = np.nan_to_num(self.seller_terms)
        own = terms.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        return np.where(known, own[:, None], 0.0)

    def _common_tastes(self) -> Array:
        """The world's final spending shares over the sectors that a place can buy, (sector, place)."""
        accounts = self.accounts
        world = (accounts.final_share * accounts.income[:, None]).sum(axis=0)
        share = np.where(accounts.expenditure > 0, world, 0.0)
        return np.asarray((share / share.sum(axis=1, keepdims=True)).T)

    def solves(self, drivers: tuple[str, ...]) -> list[Equilibrium]:
        """Equilibria over all sets of neutral drivers, columns in the order of `shapley`, in blocks."""
        sets = np.arange(2 ** len(drivers), dtype=np.intp)
        chosen = {driver: (sets >> bit) & 1 == 1 for bit, driver in enumerate(drivers)}
        step = max(1, BLOCK_NUMBERS // max(len(self.cells), 1))
        starts = range(0, len(sets), step)
        return [
            self._solve(
                {driver: flags[start : start + step] for driver, flags in chosen.items()}, sets[start : start + step]
            )
            for start in starts
        ]

    def _solve(self, chosen: dict[str, Mask], sets: Index) -> Equilibrium:
        accounts, columns = self.accounts, len(sets)
        never = np.zeros(columns, dtype=bool)
        balanced = chosen.get("aggregate", never)
        log_cost = np.zeros((len(self.cells), columns))
        for driver, change in self.log_cost.items():
            log_cost += change[:, None] * chosen.get(driver, never)
        tariff = log_productivity = final_share = currency = margin = None
        if "policy" in chosen:
            tariff = np.where(chosen["policy"], self.even_tariff[:, None], self.baseline_tariff[:, None])
        if "structure" in chosen:
            log_productivity = self.log_productivity[..., None] * chosen["structure"]
            actual = accounts.final_share.T[..., None]
            final_share = np.where(chosen["structure"], self.final_share[..., None], actual)
        if "currency" in chosen:
            currency = np.where(chosen["currency"], self.currency[:, None], 1.0)
            margin = self.margin[:, None] * chosen["currency"]
        shock = Shock(
            columns, self.cells, log_cost=log_cost, tariff=tariff, log_productivity=log_productivity,
            final_share=final_share, deficit=np.where(balanced, 0.0, accounts.deficit[:, None]), currency=currency,
            margin=margin,
        )  # fmt: skip
        if self.closure == "short_run":
            # Spending as planned equals what is earned now: the balance that is left is income's answer.
            return solve_short_run(accounts, shock, self.theta, sigma=self.sigma)
        sigma = np.where(balanced, 1.0, self.sigma)  # D' = 0 whatever absorption does
        return solve(accounts, shock, self.theta, self.closure, sigma=sigma)
