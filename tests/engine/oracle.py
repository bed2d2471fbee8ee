"""A slow solver of the model, written from its equations in plain loops: what the batched engine is checked against."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

CLOSED = float("inf")


@dataclass(frozen=True)
class World:
    """Accounts of one year; `flows`, `tariff` (seller, buyer, sector), `own` = g and `inputs` = gio (place, input, sector)."""

    economy: list[int]
    flows: np.ndarray
    tariff: np.ndarray
    own: np.ndarray
    inputs: np.ndarray
    theta: np.ndarray

    @property
    def size(self):
        return range(self.flows.shape[0]), range(self.flows.shape[2])

    def crosses(self, seller, buyer):
        return self.economy[seller] != self.economy[buyer]


@dataclass(frozen=True)
class Change:
    """What moves from outside; None: nothing. `cost` and `taste` are factors, `tariff` and `export_tax` new rates."""

    cost: np.ndarray | None = None
    taste: np.ndarray | None = None
    tariff: np.ndarray | None = None
    export_tax: np.ndarray | None = None
    productivity: np.ndarray | None = None
    final_share: np.ndarray | None = None
    deficit: np.ndarray | None = None
    currency: np.ndarray | None = None
    pass_through: float = 1.0
    issuer: int | None = None
    certificate_price: float = 0.0


class Oracle:
    """One world under one change and closure."""

    def __init__(self, world, change, closure, sigma):
        self.world, self.change, self.closure, self.sigma = world, change, closure, sigma
        self.places, self.sectors = world.size
        n, s = len(self.places), len(self.sectors)
        self.spending = np.zeros((n, s))
        self.output = np.zeros((n, s))
        self.revenue, self.deficit, self.added = np.zeros(n), np.zeros(n), np.zeros(n)
        for i in self.places:
            for b in self.places:
                for k in self.sectors:
                    x, t = world.flows[i, b, k], world.tariff[i, b, k]
                    self.spending[b, k] += x * (1 + t)
                    self.output[i, k] += x
                    self.revenue[b] += x * t
                    self.deficit[b] += x
                    self.deficit[i] -= x
        for i in self.places:
            for k in self.sectors:
                self.added[i] += world.own[i, k] * self.output[i, k]
        self.income = self.added + self.revenue + self.deficit
        self.share = np.zeros((n, n, s))
        for i in self.places:
            for b in self.places:
                for k in self.sectors:
                    if self.spending[b, k] > 0:
                        self.share[i, b, k] = world.flows[i, b, k] * (1 + world.tariff[i, b, k]) / self.spending[b, k]
        self.final = np.zeros((n, s))
        for b in self.places:
            for k in self.sectors:
                used = sum(world.inputs[b, k, j] * self.output[b, j] for j in self.sectors)
                self.final[b, k] = (self.spending[b, k] - used) / self.income[b]
        self._wedges()

    def _wedges(self):
        world, change = self.world, self.change
        shape = world.flows.shape
        self.kappa, self.taste = np.ones(shape), np.ones(shape)
        # Out of one unit spent by the buyer: the border price, what the seller gets, what its production cost.
        self.border, self.received, self.at_cost, self.duty = (np.ones(shape) for _ in range(4))
        currency = np.ones(len(self.places)) if change.currency is None else change.currency
        self.currency = currency
        for i in self.places:
            for b in self.places:
                for k in self.sectors:
                    old = world.tariff[i, b, k]
                    new = old if change.tariff is None else change.tariff[i, b, k]
                    tax = 0.0 if change.export_tax is None else change.export_tax[i, b, k]
                    factor = 1.0 if change.cost is None else change.cost[i, b, k]
                    margin = (currency[b] / currency[i]) ** (1 - change.pass_through) if world.crosses(i, b) else 1.0
                    paid_on_top, earned_on_top = 1.0, 1.0
                    if change.issuer is not None and world.crosses(i, b):
                        if world.economy[b] == change.issuer:
                            paid_on_top = 1 + change.certificate_price
                        if world.economy[i] == change.issuer:
                            earned_on_top = 1 + change.certificate_price
                    self.kappa[i, b, k] = factor * margin * (1 + new) / (1 + old) * (1 + tax)
                    self.kappa[i, b, k] *= paid_on_top / earned_on_top
                    self.taste[i, b, k] = 1.0 if change.taste is None else change.taste[i, b, k]
                    self.duty[i, b, k] = new / (1 + new)
                    self.border[i, b, k] = 1 / (1 + new) / paid_on_top
                    self.received[i, b, k] = self.border[i, b, k] * earned_on_top / (1 + tax)
                    self.at_cost[i, b, k] = self.received[i, b, k] / margin

    def prices(self, wage):
        """P^, c^ and new shares pi' at given wages."""
        world, change = self.world, self.change
        n, s = len(self.places), len(self.sectors)
        price = np.ones((n, s))
        for _ in range(5000):
            cost = np.ones((n, s))
            for i in self.places:
                for k in self.sectors:
                    cost[i, k] = wage[i] ** world.own[i, k]
                    if change.productivity is not None:
                        cost[i, k] /= change.productivity[i, k]
                    for j in self.sectors:
                        cost[i, k] *= price[i, j] ** world.inputs[i, j, k]
            new = np.ones((n, s))
            weight = np.zeros((n, n, s))
            for b in self.places:
                for k in self.sectors:
                    theta = world.theta[k]
                    total = 0.0
                    for i in self.places:
                        if self.share[i, b, k] > 0 and self.kappa[i, b, k] < CLOSED:
                            weight[i, b, k] = self.share[i, b, k] * (self.kappa[i, b, k] * cost[i, k]) ** -theta
                            total += weight[i, b, k]
                    if total > 0:
                        new[b, k] = total ** (-1 / theta)
            step = np.abs(np.log(new / price)).max()
            price = new
            if step < 1e-15 or not world.inputs.any():
                break
        share = np.zeros((n, n, s))
        for b in self.places:
            for k in self.sectors:
                tasted = [weight[i, b, k] * self.taste[i, b, k] for i in self.places]
                for i in self.places:
                    if sum(tasted) > 0:
                        share[i, b, k] = tasted[i] / sum(tasted)
        return price, cost, share

    def net_income(self, added):
        """I' - TR' = VA' + D' by the closure, at given value added."""
        world_now, world_then = sum(added), sum(self.added)
        omega = world_now / world_then
        deficit = self.deficit if self.change.deficit is None else self.change.deficit
        economy = self.world.economy
        result = np.zeros(len(self.places))
        if self.closure == "own_income":
            psi = world_now / sum((1 + deficit[i] / self.added[i]) * added[i] for i in self.places)
        for i in self.places:
            if self.closure == "balanced":
                result[i] = added[i]
            elif self.closure == "world_share":
                result[i] = added[i] + omega * deficit[i]
            elif self.closure == "own_income":
                result[i] = psi * (1 + deficit[i] / self.added[i]) * added[i]
            elif self.closure == "balanced_economy":
                mine = [j for j in self.places if economy[j] == economy[i]]
                now, then = sum(added[j] for j in mine), sum(self.added[j] for j in mine)
                total = sum(deficit[j] for j in mine)
                result[i] = added[i] + deficit[i] * now / then - added[i] * total / then
            elif self.closure == "absorption":
                moved = added[i] - omega * self.added[i]
                result[i] = added[i] + omega * deficit[i] - (1 - self.sigma) * moved
        return result

    def respond(self, spending, share, net_income):
        """One round: what given spending earns, and what is spent out of that."""
        world = self.world
        n, s = len(self.places), len(self.sectors)
        receipts, costed = np.zeros((n, s)), np.zeros((n, s))
        duty, proceeds = np.zeros(n), np.zeros(n)
        for i in self.places:
            for b in self.places:
                for k in self.sectors:
                    value = share[i, b, k] * spending[b, k]
                    receipts[i, k] += value * self.received[i, b, k]
                    costed[i, k] += value * self.at_cost[i, b, k]
                    duty[b] += value * self.duty[i, b, k]
                    if self.change.export_tax is not None:
                        proceeds[i] += value * (self.border[i, b, k] - self.received[i, b, k])
        added = np.zeros(n)
        for i in self.places:
            for k in self.sectors:
                added[i] += receipts[i, k] - (1 - world.own[i, k]) * costed[i, k]
        if net_income is None:
            deficit = self.deficit if self.change.deficit is None else self.change.deficit
            net_income = self.currency * (self.added + deficit) + self.sigma * (added - self.currency * self.added)
        income = net_income + duty + proceeds
        alpha = self.final if self.change.final_share is None else self.change.final_share
        spent = np.zeros((n, s))
        for b in self.places:
            for k in self.sectors:
                spent[b, k] = alpha[b, k] * income[b]
                for j in self.sectors:
                    spent[b, k] += world.inputs[b, k, j] * costed[b, j]
        return spent, {"added": added, "income": income, "duty": duty + proceeds, "net": net_income}

    def settle(self, share, net_income):
        """Spending that reproduces itself: the rounds are affine, so that probing them gives the linear system."""
        size = self.spending.size
        shape = self.spending.shape
        constant, _ = self.respond(np.zeros(shape), share, net_income)
        slope = np.zeros((size, size))
        for column in range(size):
            probe = np.zeros(size)
            probe[column] = 1.0
            slope[:, column] = (self.respond(probe.reshape(shape), share, net_income)[0] - constant).ravel()
        spending = np.linalg.solve(np.eye(size) - slope, constant.ravel()).reshape(shape)
        return spending, self.respond(spending, share, net_income)[1]

    def state(self, wage, fixed=False):
        price, cost, share = self.prices(wage)
        added = wage * self.added
        spending, result = self.settle(share, None if fixed else self.net_income(added))
        return price, cost, share, spending, result

    def excess(self, log_wage):
        """Excess demand for each place's value added; the last equation is the numeraire."""
        wage = np.exp(log_wage)
        result = self.state(wage)[-1]
        gap = (result["added"] - wage * self.added) / self.added
        gap[-1] = (wage * self.added).sum() / self.added.sum() - 1
        return gap

    def solve(self):
        n = len(self.places)
        if self.closure == "short_run":
            return self._result(self.currency.copy(), fixed=True)
        log_wage = np.zeros(n)
        gap = self.excess(log_wage)
        slope = None
        for _ in range(100):
            before = np.abs(gap).max()
            if before < 2e-14:
                break
            if slope is None:
                slope = np.zeros((n, n))
                for column in range(n):
                    ahead = log_wage.copy()
                    ahead[column] += 1e-7
                    slope[:, column] = (self.excess(ahead) - gap) / 1e-7
            step = -np.linalg.solve(slope, gap)
            length = 1.0
            while length > 1e-4:
                trial = self.excess(log_wage + length * step)
                if np.abs(trial).max() < before or before < 1e-13:
                    break
                length /= 2
            log_wage, gap = log_wage + length * step, trial
            if np.abs(gap).max() > 0.05 * before:
                slope = None  # the old slope does not help: measure it anew
        assert np.abs(gap).max() < 1e-12, f"the oracle did not converge: {gap}"
        return self._result(np.exp(log_wage), fixed=False)

    def _result(self, wage, fixed):
        price, _, share, spending, result = self.state(wage, fixed)
        n, s = spending.shape
        flows = np.zeros((n, n, s))
        for i in self.places:
            for b in self.places:
                for k in self.sectors:
                    flows[i, b, k] = share[i, b, k] * spending[b, k] * self.border[i, b, k]
        index = np.ones(n)
        for b in self.places:
            for k in self.sectors:
                index[b] *= price[b, k] ** self.final[b, k]
        return {
            "wage": wage, "value_added": result["added"], "income": result["income"], "tariff_revenue": result["duty"],
            "deficit": result["income"] - result["added"] - result["duty"], "price": index, "flows": flows,
            "welfare": result["income"] / self.income / index,
        }  # fmt: skip


def solve(world, change=None, closure="world_share", sigma=1.0):
    """The equilibrium by loops: levels at the scale of the baseline's world value added, prices as ratios."""
    return Oracle(world, change or Change(), closure, sigma).solve()


def solve_certificates(world, change, issuer, sigma=0.0):
    """The certificate price by bisection: exports less imports of the issuer at the border, chi >= 0."""

    def surplus(price):
        result = solve(world, replace(change, issuer=issuer, certificate_price=price), "short_run", sigma)
        total = 0.0
        for i, one in enumerate(world.economy):
            for b, other in enumerate(world.economy):
                if one != other:
                    total += result["flows"][i, b].sum() * (1 if one == issuer else -1 if other == issuer else 0)
        return total, result

    low, high = 0.0, 1.0
    at_low, result = surplus(low)
    if at_low >= 0:
        return 0.0, result
    while surplus(high)[0] < 0:
        high *= 2
    for _ in range(40):
        middle = (low + high) / 2
        value, result = surplus(middle)
        low, high = (middle, high) if value < 0 else (low, middle)
    return middle, result
