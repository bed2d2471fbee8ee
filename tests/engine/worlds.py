"""Small random worlds and shocks, for the oracle and the engine alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import Phase, settings
from hypothesis import strategies as st

from planner.engine.accounts import Accounts, build_accounts
from planner.engine.cells import Cells, cell_key
from planner.engine.shock import Shock
from tests.engine.oracle import Change, World

WITHOUT_SHRINKING = (Phase.explicit, Phase.generate)


def examples(count: int) -> settings:
    """The same examples at every run; worlds come from a seed, so that shrinking one would only give another."""
    return settings(max_examples=count, deadline=None, derandomize=True, phases=WITHOUT_SHRINKING)


FLEXIBLE = ("world_share", "own_income", "balanced", "balanced_economy", "absorption")


@dataclass(frozen=True)
class Sample:
    """A world with the generator that made it, so that shocks to it come from the same draw."""

    world: World
    rng: np.random.Generator

    @property
    def accounts(self) -> Accounts:
        return accounts_of(self.world)


def accounts_of(world: World) -> Accounts:
    """The engine's accounts of an oracle's world."""
    places, sectors = world.size
    return build_accounts(
        places=[f"p{place}" for place in places],
        sectors=[f"s{sector}" for sector in sectors],
        flows=world.flows,
        tariff=world.tariff,
        value_added_share=world.own,
        input_share=world.inputs if world.inputs.any() else None,
        economies=["east", "west"],
        economy=np.array(world.economy),
    )


def make_world(seed: int, places: int, sectors: int, *, inputs: bool, tariffs: bool) -> Sample:
    """Random flows with large own sales, in two economies; some cells are empty; deficits follow from the flows."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 0.7, places)
    flows = size[:, None, None] * size[None, :, None] * rng.lognormal(-1.5, 0.8, (places, places, sectors))
    kept = rng.random(flows.shape) > 0.15
    for place in range(places):
        # Every place trades with its neighbour in the first sector: wages of unconnected places would not be determined.
        kept[place, (place + 1) % places, 0] = kept[(place + 1) % places, place, 0] = True
    flows *= kept
    for place in range(places):
        others = flows[place].sum(axis=0) + flows[:, place].sum(axis=0) - flows[place, place]
        flows[place, place] = (0.3 + rng.random(sectors)) * np.maximum(others, 0.1 * size[place])
        # Some places do not make some good, and some do not buy it either.
        flows[place, :, 1:] *= rng.random(sectors - 1) > 0.1
        flows[:, place, 1:] *= rng.random(sectors - 1) > 0.1
    split = max(1, places // 2)
    economy = np.arange(places) >= split
    across = economy[:, None] != economy[None, :]
    tariff = np.zeros_like(flows)
    if tariffs:
        tariff = rng.uniform(0, 0.3, flows.shape) * across[:, :, None]
    used = np.zeros((places, sectors, sectors))
    if inputs:
        used = rng.uniform(0.05, 1, (places, sectors, sectors))
        used *= rng.uniform(0.2, 0.7, (places, 1, sectors)) / used.sum(axis=1, keepdims=True)
    theta = rng.uniform(1.5, 7, sectors)
    for evened in (0.0, 0.2, 0.4, 0.45, 0.48, 0.5):
        # Deficits as large as what a place earns have no equilibrium in some closures: even them out until none is.
        evener = (1 - evened) * flows + evened * flows.transpose(1, 0, 2)
        world = World([int(side) for side in economy], evener, tariff, *_cost_shares(evener, tariff, used), theta)
        accounts = accounts_of(world)
        added, deficit = accounts.value_added, accounts.deficit
        member = (economy[:, None] == economy[None, :]).astype(float)
        within = deficit - added * (member @ deficit) / (member @ added)
        if max(np.abs(within / added).max(), np.abs(deficit / added).max()) < 0.5:
            break
    return Sample(world, rng)


def _cost_shares(flows: np.ndarray, tariff: np.ndarray, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """g and gio, inputs scaled down where they would take more than is bought."""
    output, spending = flows.sum(axis=1), (flows * (1 + tariff)).sum(axis=0)
    used = used * (spending > 0)[:, :, None]
    bought = np.einsum("nsk,nk->ns", used, output)
    need = np.divide(bought, spending, out=np.zeros_like(bought), where=spending > 0).max(axis=1)
    used = used * np.minimum(1, 0.8 / np.maximum(need, 1e-300))[:, None, None]
    return 1 - used.sum(axis=1), used


def samples(max_places: int = 5, max_sectors: int = 3, inputs: bool | None = None, tariffs: bool | None = None):
    """Random worlds; `inputs` and `tariffs` fix what is else drawn."""
    return st.builds(
        make_world,
        st.integers(0, 2**31),
        st.integers(2, max_places),
        st.integers(1, max_sectors),
        inputs=st.booleans() if inputs is None else st.just(inputs),
        tariffs=st.booleans() if tariffs is None else st.just(tariffs),
    )


def random_change(sample: Sample, size: float = 0.2, *, kinds: tuple[str, ...] | None = None) -> Change:
    """A change of several inputs at once, of the given size; `kinds` names fields of `Change`."""
    world, rng = sample.world, sample.rng
    places, sectors = world.flows.shape[0], world.flows.shape[2]
    across = (np.array(world.economy)[:, None] != np.array(world.economy)[None, :])[:, :, None]
    reached = rng.random(world.flows.shape) < 0.6
    picked = kinds if kinds is not None else ("cost", "tariff", "productivity")
    values = {}
    if "cost" in picked:
        values["cost"] = np.where(reached, np.exp(rng.normal(0, size, world.flows.shape)), 1.0)
    if "taste" in picked:
        values["taste"] = np.where(reached & across, np.exp(rng.normal(0, size, world.flows.shape)), 1.0)
    if "tariff" in picked:
        values["tariff"] = np.where(across, world.tariff + rng.uniform(0, size, world.flows.shape), world.tariff)
    if "export_tax" in picked:
        values["export_tax"] = np.where(across, rng.uniform(-size, size, world.flows.shape), 0.0)
    if "productivity" in picked:
        values["productivity"] = np.exp(rng.normal(0, size, (places, sectors)))
    if "final_share" in picked:
        share = accounts_of(world).final_share * np.exp(rng.normal(0, size, (places, sectors)))
        values["final_share"] = share / share.sum(axis=1, keepdims=True)
    if "deficit" in picked:
        accounts = accounts_of(world)
        noise = rng.normal(0, 0.1 * size, places) * accounts.value_added
        values["deficit"] = accounts.deficit + noise - accounts.value_added * noise.sum() / accounts.value_added.sum()
    if "currency" in picked:
        values["currency"] = np.where(np.array(world.economy) == 0, np.exp(rng.normal(0, size)), 1.0)
        values["pass_through"] = float(rng.uniform(0, 1))
    return Change(**values)


def shock_of(world: World, changes: list[Change]) -> Shock:
    """The engine's shock with one column per change."""
    origin, destination, sector = np.nonzero(world.flows)
    places = len(world.economy)
    cells = Cells.from_keys(np.sort(cell_key(origin, destination, sector, places)), places)
    fields: dict[str, np.ndarray] = {}

    def stack(name, neutral, read, transform=None):
        if any(getattr(change, name) is not None for change in changes):
            columns = [getattr(change, name) if getattr(change, name) is not None else neutral for change in changes]
            fields[{"cost": "log_cost", "productivity": "log_productivity"}.get(name, name)] = np.stack(
                [read(np.log(column) if transform else column) for column in columns], axis=-1
            )

    def by_sector(array):
        return array.T

    stack("cost", np.ones(world.flows.shape), cells.gather, True)
    stack("taste", np.ones(world.flows.shape), cells.gather)
    stack("tariff", world.tariff, cells.gather)
    stack("export_tax", np.zeros(world.flows.shape), cells.gather)
    stack("productivity", np.ones(world.own.shape), by_sector, True)
    accounts = accounts_of(world)
    stack("final_share", accounts.final_share, by_sector)
    stack("deficit", accounts.deficit, np.asarray)
    stack("currency", np.ones(places), np.asarray)
    if "currency" in fields:
        economy = np.array(world.economy)
        across = (economy[cells.origin] != economy[cells.destination])[:, None]
        value = np.log(fields["currency"])
        kept = 1 - np.array([change.pass_through for change in changes])
        fields["margin"] = np.where(across, kept * (value[cells.destination] - value[cells.origin]), 0.0)
    return Shock(columns=len(changes), cells=cells, **fields)
