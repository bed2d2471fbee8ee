"""What moved imports and exports between two years: spending, sector mix or trade shares (model.md 6).

Each flow is X_ins = E_n e_ns m_ins: the buyer's spending, the sector's share of it, and the seller's share of the
sector's purchases, at border prices. The change of a product of three splits exactly into one part for each factor, by
its mean effect over the orders in which the factors may move (Shapley 1953; Shorrocks 2013): no remainder, the same split
backwards with the sign turned, and a flow that starts or ends at zero needs no rule of its own. Years are compared at
current prices: inflation counts as growth of spending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.engine.accounts import Accounts
from planner.engine.baseline import Baseline
from planner.engine.errors import InvalidBaseline
from planner.engine.types import Array, Index


@dataclass(frozen=True)
class GrowthParts:
    """A change, (place,), and its parts: total = spending + mix + shares.

    spending: growth of the buyers' total spending; mix: its shift between sectors; shares: what sellers won (+) or lost
    (-) of the buyers' purchases, their competitiveness. For imports the buyer is the place itself, for exports its partners.
    """

    total: Array
    spending: Array
    mix: Array
    shares: Array


@dataclass(frozen=True)
class Growth:
    """The change of cross-border trade between two years, (origin, destination) each, in the unit of the flows.

    total = spending + mix + shares in every pair; pairs within an economy are zero.
    """

    places: tuple[str, ...]
    total: Array
    spending: Array
    mix: Array
    shares: Array

    @property
    def imports(self) -> GrowthParts:
        """By buyer, (place,)."""
        return GrowthParts(*(part.sum(axis=0) for part in self._parts))

    @property
    def exports(self) -> GrowthParts:
        """By seller, (place,)."""
        return GrowthParts(*(part.sum(axis=1) for part in self._parts))

    @property
    def balance(self) -> GrowthParts:
        """Exports less imports, (place,): partners' spending against own, shares won abroad against those lost at home."""
        return GrowthParts(*(part.sum(axis=1) - part.sum(axis=0) for part in self._parts))

    @property
    def _parts(self) -> tuple[Array, Array, Array, Array]:
        return self.total, self.spending, self.mix, self.shares


def split_growth(before: Baseline, after: Baseline) -> Growth:
    """Split the change of goods trade between two baselines of one case.

    Spending is that on goods, purchases within the economy included: the builder imputes those from GDP, so that
    growth of spending is much the growth of GDP. Raises `InvalidBaseline` where currency, places, their economies or
    goods sectors differ.
    """
    problems = []
    if before.facts.currency != after.facts.currency:
        problems.append(
            f"currencies differ: {before.facts.currency} in {before.facts.year}, "
            f"{after.facts.currency} in {after.facts.year}; convert one of them"
        )
    goods = _named_goods(before), _named_goods(after)
    if set(goods[0]) != set(goods[1]):
        problems += _differences("goods sectors", *goods)
        goods = (goods[0], goods[0])
    problems += _problems(before.accounts, after.accounts, goods[0])
    if problems:
        raise InvalidBaseline(problems)
    return split_accounts(before.accounts, after.accounts, goods[0])


def split_accounts(before: Accounts, after: Accounts, sectors: Sequence[str] | None = None) -> Growth:
    """The same from two years' accounts, matched by the names of places and `sectors` (default: all)."""
    names = tuple(before.sectors) if sectors is None else tuple(sectors)
    problems = _problems(before, after, names)
    if problems:
        raise InvalidBaseline(problems)
    place = np.array([after.places.index(name) for name in before.places], dtype=np.intp)
    sector, sector_after = _numbers(before, names), _numbers(after, names)
    spending, mix, shares = _factors(before.flows[:, :, sector], before.expenditure[:, sector])
    later = _factors(after.flows[np.ix_(place, place, sector_after)], after.expenditure[np.ix_(place, sector_after)])
    foreign = before.economy[:, None] != before.economy[None, :]
    parts = [np.where(foreign, part, 0.0) for part in _split((spending, mix, shares), later)]
    total = after.flows[np.ix_(place, place, sector_after)].sum(axis=2) - before.flows[:, :, sector].sum(axis=2)
    return Growth(before.places, np.where(foreign, total, 0.0), *parts)


def _factors(flows: Array, spending: Array) -> tuple[Array, Array, Array]:
    """E_n, e_ns, m_ins with shapes that broadcast to (origin, destination, sector)."""
    total = spending.sum(axis=1)
    mix = np.divide(spending, total[:, None], out=np.zeros_like(spending), where=total[:, None] > 0)
    share = np.divide(flows, spending[None], out=np.zeros_like(flows), where=spending[None] > 0)
    return total[None, :, None], mix[None], share


def _split(before: tuple[Array, Array, Array], after: tuple[Array, Array, Array]) -> list[Array]:
    """Shapley values of the three factors of a product, summed over sectors: (origin, destination) each."""
    parts = []
    for number in range(3):
        first, second = (other for other in range(3) if other != number)
        change = after[number] - before[number]
        both = (before[first] * before[second] + after[first] * after[second]) / 3
        crossed = (before[first] * after[second] + after[first] * before[second]) / 6
        parts.append(np.asarray((change * (both + crossed)).sum(axis=2)))
    return parts


def _named_goods(baseline: Baseline) -> tuple[str, ...]:
    return tuple(baseline.accounts.sectors[number] for number in baseline.goods)


def _numbers(accounts: Accounts, names: Sequence[str]) -> Index:
    return np.array([accounts.sectors.index(name) for name in names], dtype=np.intp)


def _problems(before: Accounts, after: Accounts, sectors: Sequence[str]) -> list[str]:
    problems = _differences("places", before.places, after.places)
    for accounts, year in ((before, "first"), (after, "second")):
        lacking = [name for name in sectors if name not in accounts.sectors]
        if lacking:
            problems.append(f"sectors missing in the {year} year: {', '.join(lacking)}")
    if not problems:
        economies = dict(zip(after.places, (after.economies[number] for number in after.economy), strict=True))
        for name, number in zip(before.places, before.economy, strict=True):
            if economies[name] != before.economies[number]:
                problems.append(f"place {name} is in {before.economies[number]}, then in {economies[name]}")
    return problems


def _differences(what: str, before: Sequence[str], after: Sequence[str]) -> list[str]:
    problems = []
    for year, here, there in (("first", before, after), ("second", after, before)):
        only = [name for name in here if name not in there]
        if only:
            problems.append(f"{what} of the {year} year only: {', '.join(only)}")
    return problems
