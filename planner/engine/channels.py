"""The types of channel, their units, ranges and targets, and the checks of an intervention against a baseline (model.md 7)."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import numpy as np

from planner.engine.baseline import Baseline
from planner.engine.car_queues import car_queues_of, car_waits
from planner.engine.crossing_queues import queues_of
from planner.engine.errors import EngineError
from planner.engine.interventions import build_shock
from planner.engine.routes import Routes
from planner.engine.station_queues import StationQueues
from planner.engine.targets import DEFICIT_GIVEN, LANE_CHANNELS, Targets, modes_of, travel_sectors
from planner.engine.types import CAR, CLOSURES, RAIL, TRUCK, VEHICLES, Channel, Index, Intervention
from planner.engine.uncertainty import Draws


@dataclass(frozen=True)
class ChannelType:
    """What a channel of this type may say: unit, admissible range, the targets it reads, closures with meaning."""

    unit: str
    at_least: float
    at_most: float
    targets: tuple[str, ...]
    closures: tuple[str, ...] = CLOSURES


_QUEUE = ("crossing", "direction", "vehicle")
TYPES: dict[str, ChannelType] = {
    "wait_minutes": ChannelType("minutes", -1440, 1440, _QUEUE),
    "wait_share": ChannelType("share", -1, 10, _QUEUE),
    "booths": ChannelType("booths", -200, 200, _QUEUE),
    "booths_share": ChannelType("share", -0.99, 10, _QUEUE),
    "service_time": ChannelType("share", -0.9, 10, _QUEUE),
    "service_spread": ChannelType("share", -1, 5, _QUEUE),
    "trusted_share": ChannelType("share points", -1, 1, _QUEUE),
    "preclearance_share": ChannelType("share points", -1, 1, ("crossing", "direction")),
    "open_hours": ChannelType("hours per day", -23.5, 23.5, _QUEUE),
    "booking": ChannelType("share of arrivals", 0, 1, _QUEUE),
    "traveller_share": ChannelType("share of trucks' minutes", 0, 5, ("crossing", "direction")),
    "handling_hours": ChannelType("hours", -1000, 1000, ("crossing", "direction", "sector")),
    "handling_share": ChannelType("share", -1, 10, ("crossing", "direction", "sector")),
    "fee_usd": ChannelType("USD per truck", -10000, 10000, ("crossing", "direction")),
    "road_hours": ChannelType("hours", -100, 100, ("crossing", "direction", "origin", "destination")),
    "rail_hours": ChannelType("hours", -1000, 1000, ("crossing", "direction")),
    "closure": ChannelType("share", 1, 1, ("crossing", "direction")),
    "trade_cost": ChannelType("share", -0.9, 10, ("origin", "destination", "sector")),
    "log_trade": ChannelType("log points", -5, 5, ("origin", "destination", "sector")),
    "productivity": ChannelType("share", -0.9, 10, ("place", "sector")),
    "tariff": ChannelType("share of value", -0.99, 100, ("origin", "destination", "sector")),
    "retaliation": ChannelType("share of the tariff", 0, 2, ()),
    "export_tax": ChannelType("share of value", -0.99, 100, ("origin", "destination", "sector")),
    "visitors": ChannelType("share", -1, 100, ("origin", "destination", "vehicle")),
    "online_share": ChannelType("share points", -1, 1, ("origin", "destination", "sector")),
    "certificates": ChannelType("1", 1, 1, ("place",), (*DEFICIT_GIVEN, "short_run")),
    "flow_cap": ChannelType("share of deficit kept", 0, 1, ("place",), DEFICIT_GIVEN),
    "revaluation": ChannelType("share", -0.9, 10, ("place",), ("short_run",)),
    "spending": ChannelType("share of absorption", -0.5, 1, ("place",), (*DEFICIT_GIVEN, "balanced_economy", "short_run")),
}  # fmt: skip
AT_THE_BOOTH = ("booths", "booths_share", "service_time", "service_spread", "trusted_share", "preclearance_share", "open_hours",
                "booking")  # fmt: skip
ROUTE_TYPES = ("wait_minutes", "wait_share", *AT_THE_BOOTH, "traveller_share", "handling_hours", "handling_share", "fee_usd", "road_hours",
               "rail_hours", "closure")  # fmt: skip
TWICE = {
    "wait_minutes": ("wait_share", *AT_THE_BOOTH),
    "wait_share": AT_THE_BOOTH,
    "booths": ("booths_share",),
    "service_time": ("trusted_share", "preclearance_share"),
    "traveller_share": LANE_CHANNELS,
    "handling_hours": ("handling_share",),
    "trade_cost": ("wait_minutes", "wait_share", *AT_THE_BOOTH, "handling_hours", "handling_share", "fee_usd", "road_hours",
                   "rail_hours"),
}  # fmt: skip


def check_intervention(baseline: Baseline, intervention: Intervention) -> list[str]:
    """Every problem with an intervention against this baseline; empty means it can be estimated.

    Unknown type, target or unit; values out of order or range; a cut longer than the wait; the same effect twice;
    no model input changed.
    """
    problems = []
    targets = Targets(baseline)
    if not intervention.channels:
        problems.append(f"{intervention.id}: no channel, so that no model input changes; add at least one")
    for closure in intervention.closures:
        if closure not in CLOSURES:
            problems.append(f"{intervention.id}: unknown closure {closure!r}; expected one of {', '.join(CLOSURES)}")
    for channel in intervention.channels:
        problems += [
            f"{intervention.id}, channel {channel.id}: {problem}" for problem in _check_channel(targets, channel)
        ]
    if not problems:
        problems += [f"{intervention.id}: {problem}" for problem in _check_together(targets, intervention)]
    if not problems:
        built = build_shock(baseline, intervention, Draws(baseline.parameters, 0, 0))
        moves_queue = bool(built.change.queues) and bool(built.waiting.direct().any())
        if (
            built.shock.is_null
            and not built.certificates
            and not moves_queue
            and not _moves_cars(baseline, intervention)
        ):
            problems.append(
                f"{intervention.id}: no model input changes: its targets carry no trade in this case, "
                "or every central value is zero"
            )
    return problems


def _moves_cars(baseline: Baseline, intervention: Intervention) -> bool:
    """Whether cars wait shorter or longer at central values."""
    try:
        return car_waits(baseline, intervention, Draws(baseline.parameters, 0, 0)) is not None
    except EngineError:
        return True  # how they move is said where it is computed


def _check_channel(targets: Targets, channel: Channel) -> list[str]:
    kind = TYPES.get(channel.type)
    if kind is None:
        return [f"unknown type {channel.type!r}; expected one of {', '.join(TYPES)}"]
    problems = []
    if channel.unit.strip("() ") != kind.unit and not channel.unit.startswith(kind.unit):
        problems.append(f"unit {channel.unit!r}; expected {kind.unit!r}")
    values = (channel.low, channel.central, channel.high)
    if not np.isfinite(values).all() or not channel.low <= channel.central <= channel.high:
        problems.append(f"{channel.low:g}, {channel.central:g}, {channel.high:g}; expected low <= central <= high")
    elif channel.low < kind.at_least or channel.high > kind.at_most:
        problems.append(f"{channel.low:g} to {channel.high:g}; expected {kind.at_least:g} to {kind.at_most:g}")
    # Visitors come as those of today do (what is not said is `truck`) or by train, past the queues of cars.
    vehicles = (*VEHICLES, RAIL) if channel.type == "visitors" else VEHICLES
    known: dict[str, Container[str]] = {"crossing": targets.crossing, "direction": targets.economy, "origin": targets.place,
             "destination": targets.place, "place": targets.place, "sector": targets.sector, "vehicle": vehicles}  # fmt: skip
    if channel.vehicle != (TRUCK,) and "vehicle" not in kind.targets:
        return [f"vehicle {', '.join(channel.vehicle)!r}; {channel.type} is not aimed at vehicles"]
    for name in kind.targets:
        for value in getattr(channel, name):
            if value != "*" and value not in known[name]:
                problems.append(f"unknown {name} {value!r}")
    if channel.type in ("certificates", "flow_cap", "revaluation"):
        for name in channel.place:
            if name not in targets.economy:
                problems.append(f"place {name!r}; expected an economy: {', '.join(targets.economy)}")
    return problems or _check_cut(targets, channel)


def _check_cut(targets: Targets, channel: Channel) -> list[str]:
    """A wait or fee cannot be cut below zero, a crossing that is open cannot be left without a booth."""
    problems = []
    if channel.moves(TRUCK):
        if channel.type == "booths":
            routes = Routes(targets.baseline, Draws(targets.baseline.parameters, 0, 0))
            stations = np.unique(routes.station[targets.rows(channel, routes, modes_of(channel, routes))])
            queues = queues_of(targets.baseline)
            problems += _check_booths(queues, np.flatnonzero(np.isin(queues.stations, stations)), channel)
        elif channel.type in ("wait_minutes", "fee_usd"):
            problems += _check_trucks_cut(targets, channel)
    if channel.moves(CAR) and channel.type in LANE_CHANNELS:
        cars = car_queues_of(targets.baseline)
        if channel.type == "booths":
            problems += _check_booths(cars, cars.reached(channel), channel)
        elif channel.type == "wait_minutes":
            for at in cars.reached(channel):
                crossing, economy = cars.names[at]
                problems += _cut(
                    "wait of cars", crossing, economy, 60 * float(cars.central_wait[at]), "minutes", channel
                )
    return problems


def _check_trucks_cut(targets: Targets, channel: Channel) -> list[str]:
    baseline, problems = targets.baseline, []
    routes = Routes(baseline, Draws(baseline.parameters, 0, 0))
    numbers = targets.crossings(channel.crossing)
    crossings = [baseline.network.crossings[number] for number in numbers]
    used = np.isin(numbers, baseline.network.row_crossing)
    for economy in targets.economies(channel.direction):
        if channel.type == "wait_minutes":
            present, what, unit = routes.waits(numbers, np.full(len(numbers), economy))[:, 0] * 60, "wait", "minutes"
        else:
            present, what, unit = routes.fees(numbers)[:, 0], "fee", "USD"
        for name, value, there in zip(crossings, present, used, strict=True):
            if there:
                direction = baseline.accounts.economies[int(economy)]
                problems += _cut(what, name, direction, float(value), unit, channel)
    return problems


def _cut(what: str, crossing: str, economy: str, present: float, unit: str, channel: Channel) -> list[str]:
    if -channel.low <= present * (1 + 1e-12):
        return []
    cut = f"cuts the {what} at {crossing} into {economy} by up to {-channel.low:g} {unit}"
    return [f"{cut}, but it is {present:.4g}; expected a cut no larger than that"]


def _check_booths(queues: StationQueues, at: Index, channel: Channel) -> list[str]:
    problems = []
    for position in at:
        crossing, economy = queues.names[position]
        open_ = queues.calibration.booths[position]
        if open_ + channel.low <= 0:
            problems.append(
                f"takes {-channel.low:g} booths from {crossing} into {economy}, where {open_:g} are taken to be open; expected "
                "fewer: to close the crossing there is `closure`"
            )
    return problems


def _check_together(targets: Targets, intervention: Intervention) -> list[str]:
    problems = []
    routes = Routes(targets.baseline, Draws(targets.baseline.parameters, 0, 0))
    reach = [_reach(targets, routes, channel) for channel in intervention.channels]
    for first, one in enumerate(intervention.channels):
        for second, other in enumerate(intervention.channels):
            same = first < second and one.type == other.type
            twice = other.type in TWICE.get(one.type, ())
            if (same or twice) and len(np.intersect1d(reach[first], reach[second])):
                problems.append(
                    f"channels {one.id} ({one.type}) and {other.id} ({other.type}) change the same thing twice; "
                    "keep one of them or part their targets"
                )
    types = [channel.type for channel in intervention.channels]
    if "retaliation" in types and "tariff" not in types:
        problems.append("retaliation without a tariff to answer; add the tariff channel that it answers")
    of_trucks = [channel.type for channel in intervention.channels if channel.moves(TRUCK)]
    if "traveller_share" in types and not {"wait_minutes", "wait_share", *AT_THE_BOOTH} & set(of_trucks):
        problems.append(
            "traveller_share says what travellers get of trucks' minutes, but no channel changes a wait; add it"
        )
    if types.count("retaliation") > 1:
        problems.append("retaliation is given twice; keep one")
    return problems


def _reach(targets: Targets, routes: Routes, channel: Channel) -> Index:
    """What a channel acts on, as sorted numbers that can be compared between channels that might collide."""
    baseline = targets.baseline
    network, accounts = baseline.network, baseline.accounts
    sectors, count = len(accounts.sectors), len(accounts.places)
    kind = TYPES[channel.type]
    if channel.type == "retaliation":
        return np.zeros(0, dtype=np.intp)
    if channel.type == "traveller_share":
        return _car_lanes(targets, channel)
    if channel.type in ROUTE_TYPES or channel.type == "trade_cost":
        cars = (
            _car_lanes(targets, channel)
            if channel.type in LANE_CHANNELS and channel.moves(CAR)
            else np.zeros(0, np.intp)
        )
        if not channel.moves(TRUCK):
            return cars
        if channel.type == "trade_cost":
            cells = targets.cells(channel)
            pair = network.pair_origin[network.row_pair] * count + network.entered
            keys = cells.origin * count + cells.destination
            rows = np.flatnonzero(np.isin(pair, keys))
        else:
            rows = targets.rows(channel, routes, modes_of(channel, routes))
        chosen = targets.sectors(channel.sector if "sector" in kind.targets else ("*",))
        return np.union1d(rows[:, None] * sectors + chosen[None], cars)
    if "origin" in kind.targets:
        return targets.cells(channel, travel_sectors(baseline) if channel.type == "visitors" else None).keys
    chosen = targets.sectors(channel.sector) if "sector" in kind.targets else np.zeros(1, dtype=np.intp)
    return np.unique(targets.places(channel.place)[:, None] * sectors + chosen[None])


def _car_lanes(targets: Targets, channel: Channel) -> Index:
    """The lanes of cars at the channel's crossings and directions, as numbers below zero: no route of goods has these."""
    crossings = targets.crossings(channel.crossing)
    return np.unique(-1 - (crossings[:, None] * len(targets.economy) + targets.economies(channel.direction)[None]))
