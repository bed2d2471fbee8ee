"""The chain of one intervention at central values, step by step: from a minute or another input to welfare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from planner.engine.baseline import Baseline
from planner.engine.interventions import Built
from planner.engine.routes import RouteChange
from planner.engine.types import Array, Intervention

if TYPE_CHECKING:
    from planner.engine.estimate import _Outcome

SHOWN = 8  # crossings listed by name in a step; the others are in its total
FEW, LEAST_MINUTES = 3, 0.001  # crossings shown where waits are not what the intervention is about


def describe_chain(
    baseline: Baseline, intervention: Intervention, built: Built, after: _Outcome, before: _Outcome,
    change: dict[str, Array],
) -> list[dict[str, Any]]:  # fmt: skip
    """Steps in order: inputs (`input`), waits before queues answer (`wait_at_once`) and after (`wait`), `trade_cost`,
    `crossing_trade`, `trade`, `index`, `balance`, `welfare`.

    Each step is a dict: step, item, before, after, unit, source, grade. Numbers only; words belong to the reports.
    """
    steps = [_step("input", channel.type, None, channel.central, channel.unit, channel.source, channel.grade)
             for channel in intervention.channels]  # fmt: skip
    steps += _waits(built, after)
    steps += _costs(baseline, built)
    steps += _crossings(baseline, built, after)
    steps.append(_step("trade", "cross-border goods", before.goods.exports.sum(), after.goods.exports.sum(), "million"))
    steps.append(_step("index", "headline", before.goods.headline[0], after.goods.headline[0], "index"))
    largest = np.argsort(-np.abs(change["balance_change_musd"][:, 0]))
    for place in [int(place) for place in largest if place in set(baseline.border)][:SHOWN]:
        then, now = before.goods.balance[place, 0], after.goods.balance[place, 0]
        steps.append(_step("balance", baseline.accounts.places[place], then, now, "million"))
    border = float(change["ev_musd"][baseline.border, 0].sum())
    steps.append(_step("welfare", "border regions", 0.0, border, "million"))
    steps.append(_step("welfare", "all places", 0.0, float(change["ev_musd"][:, 0].sum()), "million"))
    return steps


def _step(
    step: str, item: str, before: float | None, after: float | None, unit: str, source: str = "", grade: str = ""
) -> dict[str, Any]:
    def number(value: float | None) -> float | None:
        return None if value is None else float(value)

    return {"step": step, "item": item, "before": number(before), "after": number(after), "unit": unit,
            "source": source, "grade": grade}  # fmt: skip


def _waits(built: Built, after: _Outcome) -> list[dict[str, Any]]:
    """Minutes before and after, queues' answers included, at the crossings that are meant, the busiest first.

    Without one that is meant, where waits move most by what trade and diversion do to queues.
    """
    joint, queues, routes = after.joint, after.joint.queues, built.routes
    network = queues.baseline.network
    meant = [where for where, _ in built.change.waits] + [where for where, _, _ in built.change.queues]
    moved = np.abs(joint.wait_change[:, 0])
    if meant:
        chosen = np.flatnonzero(np.isin(queues.stations, np.concatenate(meant)))
        order = chosen[np.argsort(-queues.trade[chosen], kind="stable")][:SHOWN]
    else:
        order = np.argsort(-moved, kind="stable")[:FEW]
        order = order[moved[order] * 60 > LEAST_MINUTES]
    direct = built.waiting.direct()[:, 0]
    steps = []
    for at in order:
        crossing, economy = int(queues.crossing[at]), int(queues.economy[at])
        item = f"{network.crossings[crossing]} into {routes.baseline.accounts.economies[economy]}"
        source, grade = network.wait_source[crossing][economy], network.wait_grade[crossing][economy]
        before = float(joint.wait_before[at, 0])
        if meant:
            steps.append(_step("wait_at_once", item, 60 * before, 60 * (before + direct[at]), "minutes", source, grade))
        steps.append(_step("wait", item, 60 * before, 60 * float(joint.wait_after[at, 0]), "minutes", source, grade))
    return steps


def _costs(baseline: Baseline, built: Built) -> list[dict[str, Any]]:
    """Trade-weighted change of the cost of trade over the cells that the shock touches."""
    shock = built.shock
    if shock.log_cost is None:
        return []
    value = shock.cells.gather(baseline.accounts.flows)
    open_ = np.isfinite(shock.log_cost[:, 0])
    if not value[open_].sum():
        return []
    factor = float(np.exp((value[open_] * shock.log_cost[open_, 0]).sum() / value[open_].sum()))
    pairs = len(np.unique(shock.cells.origin * len(baseline.accounts.places) + shock.cells.destination))
    return [_step("trade_cost", f"{pairs} pairs of places", 1.0, factor, "ratio")]


def _crossings(baseline: Baseline, built: Built, after: _Outcome) -> list[dict[str, Any]]:
    """Goods trade over the crossings whose trade moves most, before and after, in the full stage."""
    if not built.change.any:
        return []
    network, goods, size = baseline.network, baseline.goods, len(baseline.network.crossings)
    still = np.zeros((built.routes.stations, 1))
    totals = []
    for flows, change, waits in (
        (baseline.accounts.flows, RouteChange(), still),
        (after.equilibrium.flows()[..., 0], built.change, built.waiting.everywhere(after.joint.wait_change)),
    ):
        trade = flows[network.pair_origin, network.pair_destination][:, goods, None]
        totals.append(built.routes.trade_over(change, waits, trade, network.row_crossing, size)[:, 0])
    then, now = totals
    largest = np.argsort(-np.abs(now - then))[:SHOWN]
    return [
        _step("crossing_trade", network.crossings[number], then[number], now[number], "million")
        for number in largest
        if abs(now[number] - then[number]) > 1e-9 * then[number]
    ]
