"""Appraisals of a run's interventions, draw by draw: streams by year from stored effects, costs and queues (model.md 8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from planner.analyses.work import Work
from planner.engine.appraisal import (
    Appraisal,
    CostRow,
    InvalidAppraisal,
    Stream,
    Terms,
    appraise,
    common_ramp,
)
from planner.engine.bundles import FAULTS, WHOLE, JointEffects
from planner.engine.crossing_queues import queues_of
from planner.engine.dependence import crossing_trade
from planner.engine.equilibrium import Equilibrium
from planner.engine.estimate import Study
from planner.engine.interventions import Built, build_shock
from planner.engine.joint import Joint, JointSolve
from planner.engine.ranking import welfare_score
from planner.engine.side import QueueEmissions, queueing_co2, trucks_after, trucks_before
from planner.engine.travellers import Travellers, travellers_saving
from planner.engine.types import Array, Channel, Intervention
from planner.engine.uncertainty import Draws

HORIZON_YEARS = 30
WELFARE, CARBON, FEES, REVENUE = "welfare", "co2_of_queueing", "fee_revenue", "government_revenue"
TRAVELLERS = "travellers_time"
HALF = 0.5
NEUTRAL = {"flow_cap": 1.0}
FEE = "fee_usd"
OPERATING = "operating"


@dataclass(frozen=True)
class Central:
    """One intervention solved at central values, beside the baseline."""

    intervention: Intervention
    built: Built
    equilibrium: Equilibrium
    study: Study
    wait_change: Array  # hours, by station of the routes and column
    solver: JointSolve
    joint: Joint


@dataclass(frozen=True)
class Queues:
    """Trucks at the border at central values, a year: tonnes of CO2 of queueing and fees paid, before and after."""

    co2_before_tonnes: float
    co2_after_tonnes: float
    fees_before_musd: float
    fees_after_musd: float


def central_states(work: Work) -> list[Central]:
    """The applicable interventions, each solved at central values; one that cannot be solved is left out."""
    return list(work.shared("central states", lambda: list(_central_states(work))))


def _central_states(work: Work) -> Iterator[Central]:
    study = work.central_study()
    draws = Draws(study.baseline.parameters, 0, work.run.seed)
    for one in work.interventions:
        if study.without_meaning(one):
            continue
        try:
            built = build_shock(study.baseline, one, draws)
            solver = study.joint_solve(built, draws)
            joint = solver.run()
        except FAULTS:
            continue
        moved = built.waiting.everywhere(joint.wait_change)
        yield Central(one, built, joint.equilibrium, study, moved, solver, joint)


def queues(state: Central, before: Equilibrium) -> Queues:
    """Queueing before and after, from trade over every crossing and its waits."""
    baseline, view, routes = state.study.baseline, state.study.view, state.built.routes
    costs = state.built.route_costs(state.wait_change)
    was = crossing_trade(baseline, view, before.sales(view.goods_cells), trucks_only=True)
    now = crossing_trade(baseline, view, state.equilibrium.sales(view.goods_cells), costs, trucks_only=True)
    trucks, later = trucks_before(baseline), trucks_after(baseline, was, now)
    shape = (len(baseline.network.crossings), len(baseline.accounts.economies), -1)
    wait = routes.wait[:, :1].reshape(shape)
    shift = state.wait_change[:, :1].reshape(shape)
    kg = routes.draws.parameter("truck_idling_co2_kg_per_hour")
    fee = routes.fee[:, :1].reshape(shape)
    change = np.zeros_like(routes.fee)
    for where, value in state.built.change.fee:
        # Fees are changed by route; all routes through a station pay the same.
        change[routes.station[where]] = value
    return Queues(
        tonnes(queueing_co2(baseline, trucks, wait, kg)),
        tonnes(queueing_co2(baseline, later, wait + shift, kg)),
        float((trucks[..., None] * fee).sum()) / 1e6,
        float((later * np.maximum(fee + change[:, :1].reshape(shape), 0)).sum()) / 1e6,
    )


def tonnes(emissions: QueueEmissions) -> float:
    """Tonnes a year over all crossings."""
    return float(emissions.by_crossing.sum())


def half_ramp_shares(work: Work) -> dict[str, float]:
    """Welfare at half of every intervention's size over that at its full size, central values; 0.5 where it is linear.

    The share found at central values is taken in every draw, since solving every draw twice would double the estimate. It
    matters in the years of the ramp alone; where a queue bends much (0.67 for officers at eight ports) a draw's own share
    may differ from it as much as its effect spreads.
    """
    return dict(work.shared("half ramps", lambda: _half_ramp_shares(work)))


def _half_ramp_shares(work: Work) -> dict[str, float]:
    study = work.central_study()
    chosen = [one for one in work.interventions if not study.without_meaning(one)]
    halved = [replace(one, channels=tuple(_halved(channel) for channel in one.channels)) for one in chosen]
    singles = [frozenset({number}) for number in range(len(chosen))]
    full = JointEffects(study, chosen, work.standing).outcomes(singles)
    half = JointEffects(study, halved, work.standing).outcomes(singles)
    shares = {}
    for one, whole, part in zip(chosen, full, half, strict=True):
        whole_channels = any(channel.type in WHOLE for channel in one.channels)
        known = np.isfinite(whole.welfare_musd + part.welfare_musd) and abs(whole.welfare_musd) > 1e-9
        share = part.welfare_musd / whole.welfare_musd if known and not whole_channels else HALF
        # Where effects of both signs nearly cancel the ratio says nothing about the draws.
        shares[one.id] = float(share) if 0 < share < 1 else HALF
    return shares


def _halved(channel: Channel) -> Channel:
    neutral = NEUTRAL.get(channel.type, 0.0)
    low, central, high = (neutral + HALF * (value - neutral) for value in (channel.low, channel.central, channel.high))
    return channel if channel.type in WHOLE else replace(channel, low=low, central=central, high=high)


def terms_of(work: Work) -> Terms:
    """Money, base year (the year after the data) and horizon of all appraisals of the run; rates by draw."""
    draws = Draws(work.parameters, work.run.draws, work.run.seed)
    return Terms(
        currency=work.currency,
        price_year=work.price_year,
        base_year=int(work.run.case_document["year"]) + 1,
        horizon_years=HORIZON_YEARS,
        discount_rate=work.kept_draws(draws.parameter("discount_rate")),
        optimism_bias=work.kept_draws(draws.parameter("optimism_bias")),
    )


class Appraised(NamedTuple):
    """By id: appraisals, queues, the reasons of those that cannot be appraised, and yearly benefits but welfare at full
    ramp, million, {stream: (draw,)}."""

    found: dict[str, Appraisal]
    queues: dict[str, Queues]
    refused: dict[str, str]
    amounts: dict[str, dict[str, Array]]


def appraisals(work: Work) -> Appraised:
    """Of every estimated intervention."""
    found: Appraised = work.shared("appraisals", lambda: _appraisals(work))
    return found


def _appraisals(work: Work) -> Appraised:
    effects, terms, shares = work.done(), terms_of(work), half_ramp_shares(work)
    draws = Draws(work.parameters, work.run.draws, work.run.seed)
    worth = draws.parameter("truck_idling_co2_kg_per_hour") * draws.parameter("co2_price_usd_per_tonne") / 1e6
    worth = work.kept_draws(worth)
    central_kg = float(Draws(work.parameters, 0, 0).parameter("truck_idling_co2_kg_per_hour")[0])
    by_queue, (saving, refused) = _queues(work), travellers(work)
    hour = work.kept_draws(draws.parameter("traveller_time_value_usd_per_hour")) / 1e6
    car_worth = draws.parameter("car_idling_co2_kg_per_hour") * draws.parameter("co2_price_usd_per_tonne") / 1e9
    car_worth = work.kept_draws(car_worth)
    found, refused, kept = {}, dict(refused), {}
    for name, effect in effects.items():
        if name in refused:
            continue
        standing = welfare_score(effect, work.standing)
        queue = by_queue.get(name)
        saved = (queue.co2_before_tonnes - queue.co2_after_tonnes) / central_kg * worth if queue and central_kg else 0.0
        if name in saving:
            saved = saved + (saving[name].car_hours_before - saving[name].car_hours_after) * car_worth
        fees = queue.fees_after_musd - queue.fees_before_musd if queue else 0.0
        revenue = effect.arrays["full.revenue_change_musd"][work.standing].sum(axis=0)
        amounts = {WELFARE: (standing * shares.get(name, HALF), standing), CARBON: (HALF * saved, saved)}
        if name in saving:
            gain = saving[name].hours * hour
            amounts[TRAVELLERS] = (HALF * gain, gain)
        transfers = {REVENUE: (HALF * revenue, revenue)}
        (amounts if fees_count(work, name) else transfers)[FEES] = (HALF * fees, fees)
        kept[name] = {
            stream: np.broadcast_to(full, standing.shape)
            for stream, (_half, full) in amounts.items()
            if stream != WELFARE and np.any(full)
        }
        try:
            found[name] = appraise(
                _streams(work, name, terms, amounts),
                cost_rows(work, name),
                terms,
                transfers=_streams(work, name, terms, transfers),
            )
        except InvalidAppraisal as error:
            refused[name] = str(error)
    return Appraised(found, by_queue, refused, kept)


def travellers(work: Work) -> tuple[dict[str, Travellers], dict[str, str]]:
    """What travellers save by measure, over the draws that all effects have, and why a measure's cars have no waits."""
    found: tuple[dict[str, Travellers], dict[str, str]] = work.shared("travellers", lambda: _travellers(work))
    return found


def _travellers(work: Work) -> tuple[dict[str, Travellers], dict[str, str]]:
    queues_ = queues_of(work.central_study().baseline)
    draws = Draws(work.parameters, work.run.draws, work.run.seed)
    effects, found, refused = work.done(), {}, {}
    for one in work.interventions:
        if one.id in effects:
            arrays = effects[one.id].arrays
            saved = arrays["wait.before_minutes"] - arrays["wait.after_minutes"]
            try:
                saving = travellers_saving(work.baseline, queues_, one, draws, saved, work.kept_draws)
            except FAULTS as error:
                refused[one.id] = str(error)
                continue
            if saving is not None:
                found[one.id] = saving
    return found, refused


def _queues(work: Work) -> dict[str, Queues]:
    """Queues of every applicable intervention, by id."""
    calm: Equilibrium | None = None
    found = {}
    for state in central_states(work):
        if calm is None:
            calm = state.study.equilibrium(None, Draws(state.study.baseline.parameters, 0, work.run.seed))
        found[state.intervention.id] = queues(state, calm)
    return found


def fees_count(work: Work, name: str) -> bool:
    """Whether the change of fee revenue is added: a measure that changes fees and lists no operating cost for it."""
    document = work.documents[name]
    changes = any(channel["type"] == FEE for channel in document["channels"])
    return changes and not any(row["category"] == OPERATING for row in document["costs"])


def cost_rows(work: Work, name: str) -> list[CostRow]:
    """The intervention's costs; a case's amounts have one currency and price year, which the appraisal checks again."""
    return [
        CostRow(
            int(row["year"]),
            row["category"],
            float(row["amount_musd"]),
            row.get("currency", work.currency),
            int(row.get("price_year", work.price_year)),
        )
        for row in work.documents[name]["costs"]
    ]


def _streams(
    work: Work, name: str, terms: Terms, amounts: dict[str, tuple[Array | float, Array | float]]
) -> list[Stream]:
    one = next(one for one in work.interventions if one.id == name)
    start = work.documents[name]["start_year"] or terms.base_year
    first, ramp = common_ramp(one.channels, int(start))
    return [
        Stream(stream, half, full, work.currency, work.price_year, first, ramp)
        for stream, (half, full) in amounts.items()
    ]
