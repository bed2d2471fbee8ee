"""Complete accounts of one year over places and sectors, and the shares that the equilibrium needs (model.md 1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse.csgraph import connected_components

from planner.engine.errors import InvalidBaseline
from planner.engine.types import Array, Index

ADDING_UP = 1e-9
# Published input-output tables hold slightly negative entries (changes in stocks); they are used as they are.
_FLOOR = {"flows": 0.0, "value_added_share": 0.0, "input_share": -1e-2}


@dataclass(frozen=True)
class Accounts:
    """One balanced year: sales, tariffs and cost shares. Build it with `build_accounts`, which checks it.

    Shapes: `flows`, `tariff` (origin, destination, sector), own sales included, at producer (border) prices;
    `value_added_share` (place, sector); `input_share` (place, input, sector) or None without an input-output table;
    `economy` (place,) numbers the economy of each place.
    Derived, in the unit of `flows`: E spending at purchaser prices, Y output, VA value added, TR tariff revenue,
    D = imports - exports (+ for a net importer), I = VA + TR + D final absorption, alpha its sector shares.
    """

    places: tuple[str, ...]
    sectors: tuple[str, ...]
    economies: tuple[str, ...]
    economy: Index
    flows: Array
    tariff: Array
    value_added_share: Array
    input_share: Array | None

    @cached_property
    def expenditure(self) -> Array:
        """E, shape (place, sector)."""
        return np.asarray((self.flows * (1 + self.tariff)).sum(axis=0))

    @cached_property
    def trade_share(self) -> Array:
        """pi, shape (origin, destination, sector): shares of spending at purchaser prices; 0 where nothing is bought."""
        spending = self.expenditure[None]
        return np.divide(self.flows * (1 + self.tariff), spending, out=np.zeros_like(self.flows), where=spending > 0)

    @cached_property
    def bought(self) -> Array:
        """pi with its sectors first and what one place buys side by side, (sector, destination, origin)."""
        return np.ascontiguousarray(self.trade_share.transpose(2, 1, 0))

    @cached_property
    def bought_net(self) -> Array:
        """The same without tariffs, pi / (1 + t)."""
        return self.bought / (1 + self.tariff.transpose(2, 1, 0)) if self.tariff.any() else self.bought

    @cached_property
    def output(self) -> Array:
        """Y, shape (place, sector)."""
        return np.asarray(self.flows.sum(axis=1))

    @cached_property
    def value_added(self) -> Array:
        """VA, shape (place,)."""
        return np.asarray((self.value_added_share * self.output).sum(axis=1))

    @cached_property
    def tariff_revenue(self) -> Array:
        """TR, shape (place,)."""
        return np.asarray((self.tariff * self.flows).sum(axis=(0, 2)))

    @cached_property
    def deficit(self) -> Array:
        """D, shape (place,): imports less exports at border prices."""
        return np.asarray(self.flows.sum(axis=(0, 2)) - self.flows.sum(axis=(1, 2)))

    @cached_property
    def income(self) -> Array:
        """I, shape (place,): final absorption."""
        return self.value_added + self.tariff_revenue + self.deficit

    @cached_property
    def intermediate(self) -> Array:
        """Spending on inputs, shape (place, sector of the input)."""
        if self.input_share is None:
            return np.zeros_like(self.output)
        return np.asarray(np.einsum("nsk,nk->ns", self.input_share, self.output))

    @cached_property
    def final_share(self) -> Array:
        """alpha, shape (place, sector): final spending shares; they add up to one at each place."""
        final = self.expenditure - self.intermediate
        # Rounding leaves tiny negative remainders; `build_accounts` has refused real ones unless told otherwise.
        final = np.where(final < 0, 0.0, final)
        return np.asarray(final / final.sum(axis=1, keepdims=True))


def build_accounts(
    *,
    places: Sequence[str],
    sectors: Sequence[str],
    flows: Array,
    tariff: Array | None = None,
    value_added_share: Array | None = None,
    input_share: Array | None = None,
    economies: Sequence[str] | None = None,
    economy: Index | None = None,
    tolerance: float = ADDING_UP,
    negative_final: str = "refuse",
) -> Accounts:
    """Check the arrays and return `Accounts`.

    Without `economy` each place is its own economy; without cost shares value added is all of output (g = 1).
    Raises `InvalidBaseline` with every problem found: non-finite or negative numbers, cost shares that do not add up
    to one, a place without partners or own sales, absorption that is not positive, a negative final share.
    With `negative_final="zero"` negative final spending counts as none and the other shares are scaled up (Caliendo &
    Parro's published treatment); the flows then are no equilibrium, so compare with the re-solved baseline.
    """
    count, goods = len(places), len(sectors)
    tariff = np.zeros((count, count, goods)) if tariff is None else np.asarray(tariff, dtype=float)
    if value_added_share is None:
        value_added_share = np.ones((count, goods))
        if input_share is not None:
            value_added_share = 1 - input_share.sum(axis=1)
    accounts = Accounts(
        places=tuple(places),
        sectors=tuple(sectors),
        economies=tuple(economies) if economies is not None else tuple(places),
        economy=np.arange(count) if economy is None else np.asarray(economy, dtype=np.intp),
        flows=np.asarray(flows, dtype=float),
        tariff=tariff,
        value_added_share=np.asarray(value_added_share, dtype=float),
        input_share=None if input_share is None else np.asarray(input_share, dtype=float),
    )
    problems = list(_shape_and_sign(accounts)) or list(_economics(accounts, tolerance, negative_final))
    if problems:
        raise InvalidBaseline(problems)
    return accounts


def _shape_and_sign(accounts: Accounts) -> list[str]:
    problems = []
    count, goods = len(accounts.places), len(accounts.sectors)
    expected = {
        "flows": (accounts.flows, (count, count, goods)),
        "tariff": (accounts.tariff, (count, count, goods)),
        "value_added_share": (accounts.value_added_share, (count, goods)),
    }
    if accounts.input_share is not None:
        expected["input_share"] = (accounts.input_share, (count, goods, goods))
    for name, (array, shape) in expected.items():
        if array.shape != shape:
            problems.append(f"{name} has shape {array.shape}, expected {shape}")
        elif not np.isfinite(array).all():
            problems.append(f"{name} has {int((~np.isfinite(array)).sum())} value(s) that are not finite numbers")
        elif name != "tariff" and (array < _FLOOR[name]).any():
            where = tuple(int(position[0]) for position in np.nonzero(array < _FLOOR[name]))
            problems.append(
                f"{name} is negative at {_where(accounts, where, name == 'input_share')}: {array[where]:g}, expected >= 0"
            )
        elif name == "tariff" and (array <= -1).any():
            where = tuple(int(position[0]) for position in np.nonzero(array <= -1))
            problems.append(f"tariff is {array[where]:g} at {_where(accounts, where)}, expected > -1")
    return problems


def _where(accounts: Accounts, where: tuple[int, ...], inputs: bool = False) -> str:
    names = [accounts.places[where[0]]]
    if len(where) == 3:
        names.append(accounts.sectors[where[1]] if inputs else accounts.places[where[1]])
    return " -> ".join(names) + f", sector {accounts.sectors[where[-1]]}"


def _economics(accounts: Accounts, tolerance: float, negative_final: str) -> list[str]:
    problems = []
    total = accounts.value_added_share.copy()
    if accounts.input_share is not None:
        total = total + accounts.input_share.sum(axis=1)
    used = accounts.output > 0
    for place, sector in np.argwhere((np.abs(total - 1) > 1e-6) & used)[:50]:
        problems.append(
            f"cost shares of {accounts.places[place]}, sector {accounts.sectors[sector]} add up to "
            f"{total[place, sector]:.6g}, expected 1"
        )
    output, spending = accounts.output.sum(axis=1), accounts.expenditure.sum(axis=1)
    for place in np.flatnonzero((output <= 0) | (spending <= 0))[:50]:
        missing = "sells nothing" if output[place] <= 0 else "buys nothing"
        problems.append(f"place {accounts.places[place]} {missing}: own sales are expected in the flows")
    problems += _unconnected(accounts)
    if problems:
        return problems
    for place in np.flatnonzero(accounts.income <= 0)[:50]:
        problems.append(
            f"absorption of {accounts.places[place]} is {accounts.income[place]:.6g} "
            f"(value added {accounts.value_added[place]:.6g}, deficit {accounts.deficit[place]:.6g}), expected > 0"
        )
    for place in np.flatnonzero(accounts.value_added <= 0)[:50]:
        problems.append(f"value added of {accounts.places[place]} is {accounts.value_added[place]:.6g}, expected > 0")
    final = accounts.expenditure - accounts.intermediate
    floor = -np.maximum(1e-6 * accounts.expenditure, tolerance * accounts.expenditure.max())
    for place, sector in np.argwhere((final < floor) & (negative_final == "refuse"))[:50]:
        problems.append(
            f"final spending of {accounts.places[place]} on sector {accounts.sectors[sector]} is negative "
            f"({final[place, sector]:.6g}): its inputs exceed what it buys"
        )
    gap = abs(accounts.deficit.sum()) / accounts.flows.sum()
    if gap > tolerance:
        problems.append(f"balances of the places do not add up to zero (relative gap {gap:.3g})")
    return problems


def _unconnected(accounts: Accounts) -> list[str]:
    """Places that no chain of trade joins to the most of the others: their wages against these are not determined."""
    trade = accounts.flows.sum(axis=2) > 0
    if (trade | trade.T).all(axis=1).any():
        return []  # one place trades with all of them, which is much faster to see than to search for
    parts, part = connected_components(trade, directed=False)
    if parts == 1:
        return []
    largest = int(np.bincount(part).argmax())
    return [
        f"place {accounts.places[place]} has no trade with {accounts.places[int(np.argmax(part == largest))]} "
        "or any place that trades with it: every place must be connected to the others"
        for place in np.flatnonzero(part != largest)[:50]
    ]
