"""Interventions -> shocks: what each channel does to the model's inputs over all draws at once (model.md 7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from planner.engine.accounts import Accounts
from planner.engine.baseline import Baseline
from planner.engine.cells import Cells
from planner.engine.routes import RouteChange, RouteCosts, Routes
from planner.engine.shock import Shock
from planner.engine.targets import LANE_CHANNELS, Targets, modes_of, travel_sectors
from planner.engine.types import TRUCK, Array, Channel, Index, Intervention
from planner.engine.uncertainty import Draws
from planner.engine.waiting import Waiting


@dataclass(frozen=True)
class Built:
    """A shock at the baseline's volumes of trade, and how it came about: the routes and queues it goes through.

    waiting: what becomes of waits; parts: the shock but for its routes; certificates: economies that issue them.
    """

    shock: Shock
    routes: Routes
    change: RouteChange
    waiting: Waiting
    parts: Parts
    certificates: tuple[int, ...]

    def route_costs(self, wait_change: Array | None = None) -> RouteCosts | None:
        """Costs and new shares of the routes reached; wait_change: hours (station, column), None: before queues answer."""
        if wait_change is None:
            if not self.change.any:
                return None
            wait_change = self.waiting.everywhere(self.waiting.direct())
        return self.routes.costs(self.change, wait_change, shares=True)


def build_shock(baseline: Baseline, intervention: Intervention, draws: Draws) -> Built:
    """The shock of a checked intervention, one column per draw; see `channels.check_intervention`.

    A cut is limited to the whole wait, handling time or fee of a draw in which that is shorter than the cut. Cars pass no
    goods: channels aimed at them alone change no shock, see `car_queues`.
    """
    builder = ShockBuilder(baseline, draws)
    for channel in intervention.channels:
        builder.add(channel, draws.channel(channel))
    return builder.finish()


@dataclass(frozen=True)
class Parts:
    """A shock but for its routes: values at cells by field of `Shock`, and what is elsewhere."""

    accounts: Accounts
    columns: int
    items: list[tuple[str, Cells, Array]] = field(default_factory=list)
    elsewhere: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, cells: Cells, values: Array) -> None:
        """One more change; changes of one field add up, those of tastes multiply."""
        if len(cells):
            self.items.append((name, cells, values))

    def shock(self, routes: Cells | None = None, log_cost: Array | None = None) -> Shock:
        """The whole shock, with the costs of `routes`."""
        accounts, places = self.accounts, len(self.accounts.places)
        items = [*self.items]
        if routes is not None and log_cost is not None and len(routes):
            items.append(("log_cost", routes, log_cost))
        if len(items) == 1 and items[0][0] == "log_cost":
            return Shock(self.columns, items[0][1], log_cost=items[0][2], **self.elsewhere)
        keys = [cells.keys for _, cells, _ in items]
        union = Cells.from_keys(np.unique(np.concatenate(keys)) if keys else np.zeros(0, np.intp), places)
        start = {"log_cost": 0.0, "margin": 0.0, "taste": 1.0, "export_tax": 0.0}
        merged: dict[str, Any] = {}
        for name, cells, values in items:
            if name not in merged:
                base = union.gather(accounts.tariff)[:, None] if name == "tariff" else start[name]
                merged[name] = base + np.zeros((len(union), self.columns))
            at = np.searchsorted(union.keys, cells.keys)
            merged[name][at] = merged[name][at] * values if name == "taste" else merged[name][at] + values
        # What is as before is no change, see `Shock.is_null`.
        if merged.get("tariff") is not None and np.all(merged["tariff"] == union.gather(accounts.tariff)[:, None]):
            merged["tariff"] = None
        if merged.get("export_tax") is not None and not merged["export_tax"].any():
            merged["export_tax"] = None
        return Shock(columns=self.columns, cells=union, **(merged | self.elsewhere))


class ShockBuilder:
    """Collects channels into one shock: `add(channel, value)` for each, then `finish`."""

    def __init__(self, baseline: Baseline, draws: Draws) -> None:
        self.baseline, self.draws = baseline, draws
        self.accounts = baseline.accounts
        self.targets = Targets(baseline)
        self.routes = Routes(baseline, draws)
        self.change = RouteChange()
        self.entries = Parts(self.accounts, draws.columns)
        self.log_productivity: Array | None = None
        self.final_share: Array | None = None
        self.deficit: Array | None = None
        self.currency: Array | None = None
        self.certificates: list[int] = []
        self.tariffs: list[tuple[Channel, Array]] = []
        self.answers: list[Array] = []

    def add(self, channel: Channel, value: Array) -> None:
        """One channel, (column,); what is aimed at cars alone changes no shock, see `car_queues`."""
        if channel.type not in LANE_CHANNELS or channel.moves(TRUCK):
            getattr(self, f"add_{channel.type}")(channel, value)

    # At crossings -------------------------------------------------------------------------------------------------

    def _rows(self, channel: Channel) -> Index:
        return self.targets.rows(channel, self.routes, modes_of(channel, self.routes))

    def _stations(self, channel: Channel) -> Index:
        """Crossings and directions of a channel, where trucks trade."""
        return np.unique(self.routes.station[self._rows(channel)])

    def add_wait_minutes(self, channel: Channel, value: Array) -> None:
        stations = self._stations(channel)
        self.change.waits.append((stations, np.maximum(value / 60, -self.routes.wait[stations])))

    def add_wait_share(self, channel: Channel, value: Array) -> None:
        stations = self._stations(channel)
        self.change.waits.append((stations, value * self.routes.wait[stations]))

    def _add_queue(self, channel: Channel, value: Array) -> None:
        self.change.queues.append((self._stations(channel), channel.type, value))

    add_booths = add_booths_share = add_service_time = add_service_spread = _add_queue
    add_trusted_share = add_preclearance_share = add_open_hours = add_booking = _add_queue

    def add_traveller_share(self, channel: Channel, value: Array) -> None:
        """Travellers' time is in no price of goods: the appraisal reads it, see `travellers`."""

    def add_handling_hours(self, channel: Channel, value: Array) -> None:
        hours = np.maximum(value, -self.routes.handling())
        self.change.handling.append((self._rows(channel), self.targets.sectors(channel.sector), hours))

    def add_handling_share(self, channel: Channel, value: Array) -> None:
        hours = value * self.routes.handling()
        self.change.handling.append((self._rows(channel), self.targets.sectors(channel.sector), hours))

    def add_fee_usd(self, channel: Channel, value: Array) -> None:
        rows = self._rows(channel)
        fee = np.maximum(value, -self.routes.fees(self.baseline.network.row_crossing[rows]))
        self.change.fee.append((rows, fee))

    def add_road_hours(self, channel: Channel, value: Array) -> None:
        rows = self._rows(channel)
        self.change.hours.append((rows, np.maximum(value, -self.routes.road(rows))))

    def add_rail_hours(self, channel: Channel, value: Array) -> None:
        self.change.rail_hours.append((self._rows(channel), np.maximum(value, -self.routes.rail_hours())))

    def add_closure(self, channel: Channel, value: Array) -> None:
        self.change.closed.append(self._rows(channel))

    # On flows -----------------------------------------------------------------------------------------------------

    def add_trade_cost(self, channel: Channel, value: Array) -> None:
        cells = self.targets.cells(channel)
        self.entries.add("log_cost", cells, np.broadcast_to(np.log1p(value), (len(cells), len(value))))

    def add_log_trade(self, channel: Channel, value: Array) -> None:
        cells = self.targets.cells(channel)
        self.entries.add("log_cost", cells, -value / self.draws.theta(self.baseline)[cells.sector])

    def add_tariff(self, channel: Channel, value: Array) -> None:
        cells = self.targets.cells(channel)
        self.tariffs.append((channel, value))
        self.entries.add("tariff", cells, np.broadcast_to(value, (len(cells), len(value))))

    def add_retaliation(self, channel: Channel, value: Array) -> None:
        """The other side answers with this share of each tariff of the intervention, on the same sectors."""
        self.answers.append(value)

    def _retaliate(self) -> None:
        for answer in self.answers:
            for channel, value in self.tariffs:
                turned = Channel(**{**vars(channel), "origin": channel.destination, "destination": channel.origin})
                cells = self.targets.cells(turned)
                self.entries.add("tariff", cells, np.broadcast_to(answer * value, (len(cells), len(value))))

    def add_export_tax(self, channel: Channel, value: Array) -> None:
        cells = self.targets.cells(channel)
        self.entries.add("export_tax", cells, np.broadcast_to(value, (len(cells), len(value))))

    def add_online_share(self, channel: Channel, value: Array) -> None:
        """Online sales feel distance less (Lendle et al. 2016), so that a larger online share shrinks the cost of distance."""
        cells = self.targets.cells(channel)
        before = self.draws.parameter("online_share_baseline")
        after = np.clip(before + value, 0, 1)
        saved = self.draws.parameter("distance_elasticity") * (1 - self.draws.parameter("online_distance_reduction"))
        distance = self.baseline.distance
        relative = distance[cells.origin, cells.destination] / distance[cells.destination, cells.destination]
        gain = np.maximum(relative, 1.0)[:, None] ** saved
        ratio = ((1 - after) + after * gain) / ((1 - before) + before * gain)
        self.entries.add("log_cost", cells, -np.log(ratio) / self.draws.theta(self.baseline)[cells.sector])

    def add_visitors(self, channel: Channel, value: Array) -> None:
        """More visitors from the origin to the host: the host sells, so the cell's buyer is where the visitors live."""
        turned = Channel(**{**vars(channel), "origin": channel.destination, "destination": channel.origin})
        for sector in travel_sectors(self.baseline):
            cells = self.targets.cells(turned, np.array([sector]))
            self.entries.add("taste", cells, np.broadcast_to(1 + value, (len(cells), len(value))))
            if self.final_share is None:
                self.final_share = np.repeat(self.accounts.final_share.T[:, :, None], self.draws.columns, axis=2)
            share = cells.gather(self.accounts.trade_share)
            extra = np.zeros((len(self.accounts.places), len(value)))
            np.add.at(extra, cells.destination, share[:, None] * value)
            before = self.final_share[sector].copy()
            after = before * (1 + extra)
            others = np.arange(len(self.accounts.sectors)) != sector
            self.final_share[others] *= ((1 - after) / (1 - before))[None]
            self.final_share[sector] = after

    # At places ----------------------------------------------------------------------------------------------------

    def add_productivity(self, channel: Channel, value: Array) -> None:
        if self.log_productivity is None:
            self.log_productivity = np.zeros(
                (len(self.accounts.sectors), len(self.accounts.places), self.draws.columns)
            )
        where = np.ix_(self.targets.sectors(channel.sector), self.targets.places(channel.place))
        self.log_productivity[where] += np.log1p(value)

    def _deficits(self) -> Array:
        if self.deficit is None:
            self.deficit = np.repeat(self.accounts.deficit[:, None], self.draws.columns, axis=1)
        return self.deficit

    def _cap(self, economy: int, kept: Array) -> None:
        """Bring an economy's deficit to the share `kept`; the cut comes from surplus economies in proportion."""
        deficit, member = self._deficits(), self.accounts.economy
        totals = np.stack([deficit[member == number].sum(axis=0) for number in range(member.max() + 1)])
        cut = np.where(totals[economy] > 0, (1 - kept) * totals[economy], 0.0)
        surplus = np.minimum(totals, 0.0)
        change = np.where(surplus.sum(axis=0) < 0, surplus / np.minimum(surplus.sum(axis=0), -1e-300), 0.0) * cut
        change[economy] = -cut
        added = self.accounts.value_added
        weight = added / np.bincount(member, added)[member]
        self.deficit = deficit + weight[:, None] * change[member]

    def add_flow_cap(self, channel: Channel, value: Array) -> None:
        for economy in self.targets.economies(channel.place):
            self._cap(int(economy), value)

    def add_certificates(self, channel: Channel, value: Array) -> None:
        """With flexible wages certificates bring the issuer's deficit to zero; `short_run` solves for their price."""
        for economy in self.targets.economies(channel.place):
            self.certificates.append(int(economy))
            self._cap(int(economy), np.zeros_like(value))

    def add_spending(self, channel: Channel, value: Array) -> None:
        """Public spending at places, paid for by the other places of their economy in proportion to value added."""
        deficit, member = self._deficits(), self.accounts.economy
        chosen = np.zeros(len(member), dtype=bool)
        chosen[self.targets.places(channel.place)] = True
        spent = np.where(chosen[:, None], self.accounts.income[:, None] * value, 0.0)
        for economy in np.unique(member[chosen]):
            payers = (member == economy) & ~chosen
            if not payers.any():
                payers = member != economy
            weight = np.where(payers, self.accounts.value_added, 0.0)
            deficit = deficit - (weight / weight.sum())[:, None] * spent[member == economy].sum(axis=0)
        self.deficit = deficit + spent

    def add_revaluation(self, channel: Channel, value: Array) -> None:
        if self.currency is None:
            self.currency = np.ones((len(self.accounts.places), self.draws.columns))
        for economy in self.targets.economies(channel.place):
            self.currency[self.accounts.economy == economy] *= 1 + value

    # Together -----------------------------------------------------------------------------------------------------

    def _border_margins(self) -> None:
        """The border price factor (e_n/e_i)^(1 - rho) of incomplete pass-through, on every cross-border cell."""
        if self.currency is None:
            return
        cells = self.targets.cells(Channel("", "", 0, 0, 0, "", "", ""), np.arange(len(self.accounts.sectors)))
        log_value = np.log(self.currency)
        kept = 1 - self.draws.parameter("pass_through")
        self.entries.add("margin", cells, kept * (log_value[cells.destination] - log_value[cells.origin]))

    def finish(self) -> Built:
        """The shock at the baseline's volumes of trade, and what it takes to solve waits, routes and trade together."""
        self._border_margins()
        self._retaliate()
        accounts = self.accounts
        for name, value, before in (
            ("final_share", self.final_share, accounts.final_share.T[:, :, None]),
            ("deficit", self.deficit, accounts.deficit[:, None]),
            ("log_productivity", self.log_productivity, None),
            ("currency", self.currency, None),
        ):
            if value is not None and (before is None or not np.all(value == before)):
                self.entries.elsewhere[name] = value
        waiting = Waiting(self.routes, self.change)
        shock = self.entries.shock()
        if self.change.any:
            costs = self.routes.costs(self.change, waiting.everywhere(waiting.direct()))
            shock = self.entries.shock(costs.cells, costs.log_cost)
        return Built(shock, self.routes, self.change, waiting, self.entries, tuple(self.certificates))
