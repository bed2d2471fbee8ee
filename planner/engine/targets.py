"""Channel targets: from ids of places, economies, sectors and crossings to numbers of one baseline."""

from __future__ import annotations

import numpy as np

from planner.engine.baseline import TRAVEL, Baseline
from planner.engine.cells import Cells, cell_key
from planner.engine.routes import Routes
from planner.engine.types import Channel, Index, Mask

# Channels that change the lanes of one class of vehicles or of several.
LANE_CHANNELS = ("wait_minutes", "wait_share", "booths", "booths_share", "service_time", "service_spread", "trusted_share",
                 "open_hours", "booking")  # fmt: skip
DEFICIT_GIVEN = ("world_share", "own_income", "absorption")


class Targets:
    """Resolves ids to numbers for one baseline; economies stand for all their places, `*` for everything."""

    def __init__(self, baseline: Baseline) -> None:
        self.baseline = baseline
        accounts = baseline.accounts
        self.place = {name: [number] for number, name in enumerate(accounts.places)}
        for number, name in enumerate(accounts.economies):
            self.place[name] = [int(member) for member in np.flatnonzero(accounts.economy == number)]
        self.sector = {name: number for number, name in enumerate(accounts.sectors)}
        self.crossing = {name: number for number, name in enumerate(baseline.network.crossings)}
        self.economy = {name: number for number, name in enumerate(accounts.economies)}

    def places(self, names: tuple[str, ...]) -> Index:
        if names == ("*",):
            return np.arange(len(self.baseline.accounts.places))
        return np.unique([number for name in names for number in self.place[name]])

    def sectors(self, names: tuple[str, ...]) -> Index:
        """Sector numbers; `*` means all goods."""
        return (
            self.baseline.goods if names == ("*",) else np.array([self.sector[name] for name in names], dtype=np.intp)
        )

    def crossings(self, names: tuple[str, ...]) -> Index:
        """Crossing numbers in the order of the names."""
        if names == ("*",):
            return np.arange(len(self.crossing))
        return np.array([self.crossing[name] for name in names], dtype=np.intp)

    def economies(self, names: tuple[str, ...]) -> Index:
        if names == ("*",):
            return np.arange(len(self.economy))
        return np.array([self.economy[name] for name in names], dtype=np.intp)

    def rows(self, channel: Channel, routes: Routes, modes: Mask) -> Index:
        """Route rows at the channel's crossings and directions (and between its places), of the given modes."""
        network = self.baseline.network
        chosen = modes & (network.row_crossing >= 0)
        if channel.crossing != ("*",):
            chosen = chosen & np.isin(network.row_crossing, [self.crossing[name] for name in channel.crossing])
        chosen = chosen & np.isin(routes.entered, self.economies(channel.direction))
        if channel.type == "road_hours":
            origin, destination = network.pair_origin[network.row_pair], network.entered
            chosen = chosen & np.isin(origin, self.places(channel.origin))
            chosen = chosen & np.isin(destination, self.places(channel.destination))
        return np.flatnonzero(chosen)

    def cells(self, channel: Channel, sectors: Index | None = None) -> Cells:
        """Cross-border cells with trade between the channel's places in its sectors."""
        accounts = self.baseline.accounts
        chosen = (accounts.economy[:, None] != accounts.economy[None, :])[:, :, None] & (accounts.flows > 0)
        allowed = np.zeros_like(chosen)
        wanted = self.sectors(channel.sector) if sectors is None else sectors
        allowed[np.ix_(self.places(channel.origin), self.places(channel.destination), wanted)] = True
        origin, destination, sector = np.nonzero(chosen & allowed)
        keys = cell_key(origin, destination, sector, len(accounts.places))
        return Cells.from_keys(np.sort(keys), len(accounts.places))


def modes_of(channel: Channel, routes: Routes) -> Mask:
    """Which route rows a channel can act on by their mode."""
    if channel.type == "rail_hours":
        return routes.rail
    return routes.truck | routes.rail if channel.type == "closure" else routes.truck


def travel_sectors(baseline: Baseline) -> Index:
    """Numbers of the travel sectors."""
    return np.flatnonzero([kind == TRAVEL for kind in baseline.sector_kind])
