"""Appraisal by year: net present value, benefit-cost ratio, rate of return, payback, switching values (model.md 8).

Method. Each year from the base year on is a static solve at that year's ramp: an effect is known at half and at full
ramp, and the parabola through these and zero gives the rest. Benefits of a year (equivalent variation of those with
standing, time of travellers, CO2 of queueing, fee revenue that the solve counts as a cost) less its costs (capital with
its optimism bias, operating, residual value as a negative cost) are discounted at (1 + r)^-(year - base year) and summed:
NPV. BCR is discounted benefits over discounted costs, residual values taken off the costs; negative benefits stay above
the line. EIRR is the one rate at which NPV is zero. Government revenue is a transfer inside welfare: shown, never added.
What was spent before the base year is sunk and left out; what falls beyond the horizon is left out; both are named.
Where effects outlast the last operating cost given, that year's cost goes on, and the amount is named. Everything is
done in each draw; a ratio is also given at the means (mean benefits over mean costs), which outliers do not move. Without
cost rows the cost is unknown, and so are NPV and BCR: they are None, never zero.

Sources: European Commission, Guide to Cost-Benefit Analysis of Investment Projects (2014); HM Treasury, Green Book
(2022, optimism bias, switching values); Boardman et al., Cost-Benefit Analysis (2018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planner.engine.cash_flows import discount_factors, internal_rate, payback_years, ramp_effect, ramp_path
from planner.engine.errors import EngineError
from planner.engine.types import Array, Channel, Codes, Index

CAPITAL, OPERATING, RESIDUAL = CATEGORIES = ("capital", "operating", "residual")
DISCOUNT, BIAS = "discount rate", "optimism bias"


class InvalidAppraisal(EngineError):
    """Streams, costs or terms that cannot be appraised; `problems` lists all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems[:50]))


class MixedMoney(InvalidAppraisal):
    """Amounts in other currencies or price years than the appraisal's; converted amounts are what is expected."""


@dataclass(frozen=True)
class Stream:
    """A yearly benefit (a loss if negative), or transfer, in million units of a currency at a year's prices.

    half, full: yearly effect at ramp 0.5 and 1, (draw,) or one number. It starts with `start_year`, takes `ramp_years`
    to grow, and lasts until `end_year` (included; None: to the horizon).
    """

    name: str
    half: Array | float
    full: Array | float
    currency: str
    price_year: int
    start_year: int
    ramp_years: float = 0.0
    end_year: int | None = None


@dataclass(frozen=True)
class CostRow:
    """What an intervention costs in a year, in million; a residual value, and a saving, are negative."""

    year: int
    category: str
    amount_musd: float
    currency: str
    price_year: int


@dataclass(frozen=True)
class Terms:
    """Rules of an appraisal: money, the year discounted to, how many years count from it on, and uncertain rates.

    discount_rate (per year, real), optimism_bias (share added to capital cost): (draw,) or one number.
    operating_continues: the last operating cost given goes on as long as effects do.
    """

    currency: str
    price_year: int
    base_year: int
    horizon_years: int
    discount_rate: Array | float
    optimism_bias: Array | float = 0.0
    operating_continues: bool = True

    @property
    def years(self) -> Index:
        """The years that count, (year,)."""
        return np.arange(self.base_year, self.base_year + self.horizon_years)


@dataclass(frozen=True)
class Appraisal:
    """Result over draws; money in million at the price year of `terms`, present values at its base year.

    benefits, costs, transfers: by name, (year, draw), not discounted, costs with their optimism bias;
    present_*: the same discounted and summed, (draw,). npv, bcr, eirr, payback, discounted_payback: (draw,), None where
    the cost is unknown; bcr is NaN where discounted costs are not above zero, eirr where `eirr_status` (codes of
    cash_flows.RATE_STATUS) says why, payback infinite where it is never reached within the horizon.
    switching: by benefit and cost category, (draw,), the share by which it would have to change (-0.3 = fall by 30 %)
    for the NPV to be zero; switching_at_means: the same for the mean NPV, None where the item is zero.
    sunk_musd, beyond_musd: cost rows before the base year and beyond the horizon, left out; continued_musd: operating
    cost added after the last row. None of these three is discounted.
    """

    terms: Terms
    benefits: dict[str, Array]
    costs: dict[str, Array]
    transfers: dict[str, Array]
    discount: Array
    present_benefits: dict[str, Array]
    present_costs: dict[str, Array]
    present_transfers: dict[str, Array]
    cost_known: bool
    npv: Array | None
    bcr: Array | None
    bcr_at_means: float | None
    eirr: Array | None
    eirr_status: Codes | None
    payback: Array | None
    discounted_payback: Array | None
    switching: dict[str, Array]
    switching_at_means: dict[str, float | None]
    sunk_musd: float
    beyond_musd: float
    continued_musd: float

    @property
    def net(self) -> Array:
        """Benefits less costs by year, (year, draw), not discounted; benefits alone where the cost is unknown."""
        return _total(self.benefits, self.discount.shape) - _total(self.costs, self.discount.shape)

    @property
    def p_npv_positive(self) -> float | None:
        """Share of draws with NPV above zero; None where the cost is unknown."""
        return None if self.npv is None else float((self.npv > 0).mean())


def appraise(
    benefits: Sequence[Stream], costs: Sequence[CostRow], terms: Terms, *, transfers: Sequence[Stream] = ()
) -> Appraisal:
    """Appraise one intervention; MixedMoney where currencies or price years differ, InvalidAppraisal for other faults.

    Money that is mixed is refused first, with every stream and cost row concerned.
    """
    streams = (*benefits, *transfers)
    mixed = _mixed_money(streams, costs, terms)
    if mixed:
        raise MixedMoney(mixed)
    problems = _problems(benefits, transfers, costs, terms)
    if problems:
        raise InvalidAppraisal(problems)
    draws = max(np.size(value) for _, value in _uncertain(streams, terms))
    rate, bias = _columns(terms.discount_rate, draws), _columns(terms.optimism_bias, draws)
    gains = {stream.name: _by_year(stream, terms, draws) for stream in benefits}
    revenue = {stream.name: _by_year(stream, terms, draws) for stream in transfers}
    charges, continued = _costs_by_year(costs, benefits, terms, bias)
    discount = discount_factors(rate, terms.horizon_years)
    present_gains, present_charges = _present(gains, discount), _present(charges, discount)
    outcome = _Outcome(gains, charges, present_gains, present_charges, discount, known=bool(costs))
    last_year = int(terms.years[-1])
    return Appraisal(
        terms=terms,
        benefits=gains,
        costs=charges,
        transfers=revenue,
        discount=discount,
        present_benefits=present_gains,
        present_costs=present_charges,
        present_transfers=_present(revenue, discount),
        cost_known=outcome.known,
        npv=outcome.npv if outcome.known else None,
        bcr=outcome.ratio() if outcome.known else None,
        bcr_at_means=outcome.ratio_at_means() if outcome.known else None,
        eirr=outcome.rate if outcome.known else None,
        eirr_status=outcome.rate_status if outcome.known else None,
        payback=payback_years(outcome.net) if outcome.known else None,
        discounted_payback=payback_years(outcome.net * discount) if outcome.known else None,
        switching=outcome.switching() if outcome.known else {},
        switching_at_means=outcome.switching_at_means() if outcome.known else {},
        sunk_musd=float(sum(row.amount_musd for row in costs if row.year < terms.base_year)),
        beyond_musd=float(sum(row.amount_musd for row in costs if row.year > last_year)),
        continued_musd=continued,
    )


class _Outcome:
    """The figures that follow from discounted benefits and costs."""

    def __init__(
        self,
        gains: Mapping[str, Array],
        charges: Mapping[str, Array],
        present_gains: Mapping[str, Array],
        present_charges: Mapping[str, Array],
        discount: Array,
        *,
        known: bool,
    ) -> None:
        self.known = known
        self.items = {name: (1.0, value) for name, value in present_gains.items()}
        self.items |= {name: (-1.0, value) for name, value in present_charges.items()}
        self.net = _total(gains, discount.shape) - _total(charges, discount.shape)
        self.gain = _total(present_gains, discount.shape[1:])
        self.charge = _total(present_charges, discount.shape[1:])
        self.npv = self.gain - self.charge
        self.rate, self.rate_status = internal_rate(self.net)

    def ratio(self) -> Array:
        """Benefits over costs, (draw,); NaN where costs are not above zero."""
        return np.divide(self.gain, self.charge, out=np.full_like(self.gain, np.nan), where=self.charge > 0)

    def ratio_at_means(self) -> float | None:
        """Mean benefits over mean costs; None where mean costs are not above zero."""
        cost = float(self.charge.mean())
        return float(self.gain.mean()) / cost if cost > 0 else None

    def switching(self) -> dict[str, Array]:
        """The change of each item, as a share, that brings the NPV to zero; NaN where the item is zero."""
        return {
            name: np.divide(-self.npv, sign * value, out=np.full_like(value, np.nan), where=value != 0)
            for name, (sign, value) in self.items.items()
        }

    def switching_at_means(self) -> dict[str, float | None]:
        """The same for the mean NPV: NPV is linear in each item, so this is exact."""
        worth = float(self.npv.mean())
        return {
            name: -worth / (sign * float(value.mean())) if value.mean() != 0 else None
            for name, (sign, value) in self.items.items()
        }


def common_ramp(channels: Sequence[Channel], default_year: int) -> tuple[int, float]:
    """One start year and ramp for an intervention: from its first channel's start to its last channel's full effect.

    A channel without a start year starts with `default_year`.
    """
    starts = [(default_year if channel.start_year is None else channel.start_year) for channel in channels]
    start = min(starts, default=default_year)
    ready = [begin + channel.ramp_years for begin, channel in zip(starts, channels, strict=True)]
    return start, float(max(ready, default=start) - start)


def _columns(value: Array | float, draws: int) -> Array:
    return np.asarray(np.broadcast_to(np.asarray(value, dtype=float), (draws,)))


def _total(parts: Mapping[str, Array], shape: tuple[int, ...]) -> Array:
    return sum(parts.values(), start=np.zeros(shape))


def _present(parts: Mapping[str, Array], discount: Array) -> dict[str, Array]:
    return {name: (part * discount).sum(axis=0) for name, part in parts.items()}


def _by_year(stream: Stream, terms: Terms, draws: int) -> Array:
    """A stream's amounts, (year, draw)."""
    ramp = ramp_path(terms.years.astype(float), stream.start_year, stream.ramp_years)
    if stream.end_year is not None:
        ramp = ramp * (terms.years <= stream.end_year)
    return ramp_effect(_columns(stream.half, draws), _columns(stream.full, draws), ramp)


def _costs_by_year(
    rows: Sequence[CostRow], benefits: Sequence[Stream], terms: Terms, bias: Array
) -> tuple[dict[str, Array], float]:
    """Costs by category, (year, draw), with optimism bias on capital, and the operating cost added after the last row."""
    years = terms.years
    amounts = {category: np.zeros(len(years)) for category in CATEGORIES}
    for row in rows:
        if years[0] <= row.year <= years[-1]:
            amounts[row.category][row.year - years[0]] += row.amount_musd
    continued = 0.0
    running = [row.year for row in rows if row.category == OPERATING]
    if terms.operating_continues and running and benefits:
        last_given = max(running)
        ends = [int(years[-1]) if stream.end_year is None else stream.end_year for stream in benefits]
        later = (years > last_given) & (years <= max(ends))
        yearly = sum(row.amount_musd for row in rows if row.category == OPERATING and row.year == last_given)
        amounts[OPERATING][later] += yearly
        continued = float(yearly * later.sum())
    given = {row.category for row in rows}
    uplift = {CAPITAL: 1 + bias}
    columns = {
        category: amount[:, None] * uplift.get(category, np.ones_like(bias))
        for category, amount in amounts.items()
        if category in given
    }
    return columns, continued


def _mixed_money(streams: Sequence[Stream], costs: Sequence[CostRow], terms: Terms) -> list[str]:
    """Amounts must be in the currency and at the prices of the appraisal."""
    expected = f"expected {terms.currency} at prices of {terms.price_year}"
    named = [(f"stream {stream.name}", stream.currency, stream.price_year) for stream in streams]
    named += [(f"{row.category} cost of {row.year}", row.currency, row.price_year) for row in costs]
    return [
        f"{name}: {currency} at prices of {price_year}; {expected}"
        for name, currency, price_year in named
        if (currency, price_year) != (terms.currency, terms.price_year)
    ]


def _uncertain(streams: Sequence[Stream], terms: Terms) -> list[tuple[str, Array | float]]:
    """Everything that may vary by draw, with its name."""
    found = [(DISCOUNT, terms.discount_rate), (BIAS, terms.optimism_bias)]
    for stream in streams:
        found += [(f"stream {stream.name}, half", stream.half), (f"stream {stream.name}, full", stream.full)]
    return found


def _problems(
    benefits: Sequence[Stream], transfers: Sequence[Stream], costs: Sequence[CostRow], terms: Terms
) -> list[str]:
    """Every fault of the input, in words."""
    streams = (*benefits, *transfers)
    problems = []
    if terms.horizon_years < 1:
        problems.append(f"horizon: {terms.horizon_years} years; expected at least 1")
    uncertain = _uncertain(streams, terms)
    draws = max(np.size(value) for _, value in uncertain)
    for name, value in uncertain:
        if np.ndim(value) > 1 or np.size(value) not in (1, draws):
            problems.append(f"{name}: shape {np.shape(value)}; expected one number or ({draws},)")
        elif not np.isfinite(value).all():
            problems.append(f"{name}: not a finite number in every draw")
        elif name in (DISCOUNT, BIAS) and np.min(value) <= -1:
            problems.append(f"{name}: {np.min(value):g}; expected more than -1")
    names = [stream.name for stream in streams]
    for name in sorted({name for name in names if names.count(name) > 1 or name in CATEGORIES}):
        problems.append(f"stream {name}: the name is taken; expected one stream by that name")
    for stream in streams:
        if stream.ramp_years < 0:
            problems.append(f"stream {stream.name}: ramp of {stream.ramp_years:g} years; expected 0 or more")
        if stream.end_year is not None and stream.end_year < stream.start_year:
            problems.append(f"stream {stream.name}: ends in {stream.end_year}, before its start in {stream.start_year}")
    for row in costs:
        if row.category not in CATEGORIES:
            problems.append(f"cost of {row.year}: category {row.category!r}; expected one of {', '.join(CATEGORIES)}")
        elif not np.isfinite(row.amount_musd):
            problems.append(f"{row.category} cost of {row.year}: {row.amount_musd}; expected a finite number")
        elif row.category == CAPITAL and row.amount_musd < 0:
            problems.append(
                f"capital cost of {row.year}: {row.amount_musd:g}; expected 0 or more (a value left is residual)"
            )
        elif row.category == RESIDUAL and row.amount_musd > 0:
            problems.append(
                f"residual cost of {row.year}: {row.amount_musd:g}; expected a negative cost: it is a value left"
            )
    return problems
