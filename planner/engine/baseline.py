"""The baseline builder: complete, balanced accounts from what is observed, with the provenance of every cell (model.md 1)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planner.engine.accounts import Accounts, build_accounts
from planner.engine.errors import InvalidBaseline
from planner.engine.ipf import fit_margins
from planner.engine.network import Network, build_network, great_circle_km
from planner.engine.parameters import check_parameters, complete_parameters
from planner.engine.types import Array, CaseFacts, Codes, Index, Parameters

PROVENANCE = ("none", "observed", "mirrored", "scaled", "imputed")
NONE, OBSERVED, MIRRORED, SCALED, IMPUTED = range(5)
GOODS, SERVICES, TRAVEL = "goods", "services", "travel"


@dataclass(frozen=True)
class Raised:
    """A margin that had to be raised so that an economy's domestic sales and purchases agree."""

    place: str
    sector: str
    what: str  # output or absorption
    factor: float


@dataclass(frozen=True)
class Baseline:
    """Accounts of the case in million units, the network of crossings, and how every cell was got.

    provenance (origin, destination, sector): codes into `PROVENANCE`; gdp, latitude, longitude (place,); distance (place, place) in km;
    sector_kind per sector; raised, warnings: what the builder had to do.
    """

    facts: CaseFacts
    parameters: Parameters
    variant: str
    accounts: Accounts
    network: Network
    provenance: Codes
    sector_kind: tuple[str, ...]
    place_kind: tuple[str, ...]
    gdp: Array
    latitude: Array
    longitude: Array
    distance: Array
    raised: tuple[Raised, ...]
    warnings: tuple[str, ...]

    @property
    def goods(self) -> Index:
        """Numbers of the goods sectors."""
        return np.flatnonzero([kind == GOODS for kind in self.sector_kind])

    @property
    def border(self) -> Index:
        """Numbers of the border regions."""
        return np.flatnonzero([kind == "border" for kind in self.place_kind])

    @property
    def money_scale(self) -> Array:
        """GDP over model value added, (place,): brings money figures to GDP scale where the floors bind."""
        return self.gdp / self.accounts.value_added

    def provenance_by_place_and_sector(self) -> Array:
        """Share of what a place sells and buys of a sector by provenance, (place, sector, len(PROVENANCE) - 1)."""
        flows = self.accounts.flows
        shares = np.zeros((flows.shape[0], flows.shape[2], len(PROVENANCE) - 1))
        own = np.arange(len(flows))
        for code in range(1, len(PROVENANCE)):
            part = np.where(self.provenance == code, flows, 0.0)
            shares[:, :, code - 1] = part.sum(axis=1) + part.sum(axis=0) - part[own, own]
        total = shares.sum(axis=2, keepdims=True)
        return np.asarray(np.divide(shares, total, out=np.zeros_like(shares), where=total > 0))

    def provenance_shares(self, places: Index | None = None) -> dict[str, float]:
        """Share of baseline value by provenance, over the cells that `places` (default: all) buy or sell."""
        flows = self.accounts.flows
        touched = np.ones(flows.shape, dtype=bool)
        if places is not None:
            member = np.isin(np.arange(len(flows)), places)
            touched = np.broadcast_to((member[:, None] | member[None, :])[:, :, None], flows.shape)
        total = flows[touched].sum()
        return {
            name: float(flows[touched & (self.provenance == code)].sum() / total)
            for code, name in enumerate(PROVENANCE)
            if code != NONE
        }


def build_baseline(
    facts: CaseFacts, parameters: Parameters, variant: str = "central", *, distance_power: float = 1.0
) -> Baseline:
    """Complete the case's accounts. `variant` (low, central, high) picks the builder's own ratios, a scenario.

    distance_power: of the distance in the kernel of trade inside an economy, to see what hangs on it.
    Observed cross-border flows are kept exactly; domestic goods trade, services and travel are imputed by the rules
    of model.md 1. Raises `InvalidBaseline` with all problems.
    """
    parameters = complete_parameters(parameters)
    facts = _with_services(facts)
    problems = _check_facts(facts, parameters)
    if problems:
        raise InvalidBaseline(problems)
    builder = _Builder(facts, parameters, variant, distance_power)
    flows, provenance = builder.complete()
    value_added_share, input_share = _cost_shares(facts, builder.places, builder.sectors)
    accounts = build_accounts(
        places=builder.places, sectors=builder.sectors, flows=flows, tariff=_tariffs(facts, builder),
        value_added_share=value_added_share, input_share=input_share,
        economies=[str(name) for name in facts.economies["id"]], economy=builder.economy,
    )  # fmt: skip
    goods = np.array([kind == GOODS for kind in builder.kinds])
    observed = np.where(goods, builder.observed, 0.0)
    network = build_network(facts, parameters, builder.places, builder.sectors, observed)
    return Baseline(
        facts=facts, parameters=parameters, variant=variant, accounts=accounts, network=network,
        provenance=provenance, sector_kind=tuple(builder.kinds),
        place_kind=tuple(str(kind) for kind in facts.places["kind"]), gdp=builder.gdp,
        latitude=facts.places["latitude"].to_numpy(dtype=float),
        longitude=facts.places["longitude"].to_numpy(dtype=float), distance=builder.distance,
        raised=tuple(builder.raised), warnings=tuple(builder.warnings),
    )  # fmt: skip


def _with_services(facts: CaseFacts) -> CaseFacts:
    """Every case has services, and travel where travellers are counted, even if its sector table leaves them out."""
    sectors = facts.sectors[["id", "name", "kind"]].reset_index(drop=True)
    extra = []
    if SERVICES not in set(sectors["kind"]):
        extra.append({"id": "services", "name": "Services", "kind": SERVICES})
    if TRAVEL not in set(sectors["kind"]) and _travellers(facts).sum() > 0:
        extra.append({"id": "travel", "name": "Travel", "kind": TRAVEL})
    if not extra:
        return facts
    return replace(facts, sectors=pd.concat([sectors, pd.DataFrame(extra)], ignore_index=True))


def _travellers(facts: CaseFacts) -> Array:
    if "travellers_inbound" not in facts.crossings:
        return np.zeros(len(facts.crossings))
    return np.asarray(np.nan_to_num(facts.crossings["travellers_inbound"].to_numpy(dtype=float)))


def _check_facts(facts: CaseFacts, parameters: Parameters) -> list[str]:
    places, sectors = set(facts.places["id"]), set(facts.sectors["id"])
    economies = [str(name) for name in facts.economies["id"]]
    problems = check_parameters(parameters, [str(sector) for sector in facts.sectors["id"]], economies)
    if not (facts.places["gdp_musd"].to_numpy(dtype=float) > 0).all():
        bad = facts.places.loc[~(facts.places["gdp_musd"].astype(float) > 0), "id"]
        problems += [f"place {place}: GDP is not a positive number" for place in bad]
    problems += [
        f"place {row.id}: unknown economy {row.economy!r}, expected one of {', '.join(economies)}"
        for row in facts.places.itertuples()
        if row.economy not in economies
    ]
    for name, column, allowed in (
        ("sector flows", "sector", sectors),
        ("sector flows", "origin", places), ("sector flows", "destination", places),
        ("crossing flows", "origin", places), ("crossing flows", "destination", places),
    ):  # fmt: skip
        frame = facts.sector_flows if name == "sector flows" else facts.crossing_flows
        problems += [f"{name}: unknown {column} {value!r}" for value in sorted(set(frame[column]) - allowed)]
    values = facts.sector_flows["value_musd"].to_numpy(dtype=float)
    if not (np.isfinite(values) & (values >= 0)).all():
        problems.append("sector flows: values must be numbers >= 0")
    if len(facts.sector_flows) == 0:
        problems.append("sector flows: empty; at least one cross-border flow is expected")
    return problems


class _Builder:
    def __init__(self, facts: CaseFacts, parameters: Parameters, variant: str, distance_power: float) -> None:
        self.facts, self.parameters, self.variant = facts, parameters, variant
        self.distance_power = distance_power
        self.places = [str(place) for place in facts.places["id"]]
        self.sectors = [str(sector) for sector in facts.sectors["id"]]
        self.kinds = [str(kind) for kind in facts.sectors["kind"]]
        economies = [str(name) for name in facts.economies["id"]]
        self.economy = np.array([economies.index(str(name)) for name in facts.places["economy"]], dtype=np.intp)
        self.gdp = facts.places["gdp_musd"].to_numpy(dtype=float)
        self.observed = self._observed()
        self.raised: list[Raised] = []
        self.warnings: list[str] = []
        self.distance = self._distances()

    def value(self, key: str) -> float:
        return self.parameters.central(key, variant=self.variant)

    def _observed(self) -> Array:
        flows = np.zeros((len(self.places), len(self.places), len(self.sectors)))
        number = {place: position for position, place in enumerate(self.places)}
        sector = {name: position for position, name in enumerate(self.sectors)}
        table = self.facts.sector_flows
        where = tuple(table[column].map(number) for column in ("origin", "destination"))
        np.add.at(flows, (*where, table["sector"].map(sector)), table["value_musd"].to_numpy(dtype=float))
        return flows

    def _given(self) -> Codes:
        """How each flow of the facts was got, (origin, destination, sector); a table that does not say is observed."""
        given = np.where(self.observed > 0, OBSERVED, NONE).astype(np.int8)
        table = self.facts.sector_flows
        if "how" in table:
            where = tuple(
                table[column].map({name: position for position, name in enumerate(names)}).to_numpy()
                for column, names in (
                    ("origin", self.places), ("destination", self.places), ("sector", self.sectors),
                )
            )  # fmt: skip
            code = table["how"].map({name: number for number, name in enumerate(PROVENANCE)}).fillna(OBSERVED)
            np.maximum.at(given, where, code.to_numpy(dtype=np.int8))
            given[self.observed <= 0] = NONE
        return given

    def _distances(self) -> Array:
        latitude, longitude = (self.facts.places[axis].to_numpy(dtype=float) for axis in ("latitude", "longitude"))
        distance = great_circle_km(latitude[:, None], longitude[:, None], latitude[None], longitude[None])
        area = np.full(len(self.places), np.nan)
        if "area_km2" in self.facts.places:
            area = self.facts.places["area_km2"].to_numpy(dtype=float)
        # Mean distance within a disc of the place's area (Head & Mayer 2002); without an outline, half the way to
        # the nearest other place.
        others = np.where(distance > 0, distance, np.inf).min(axis=1, initial=np.inf)
        own = np.where(np.isfinite(area), 2 / 3 * np.sqrt(np.nan_to_num(area) / np.pi), others / 2)
        np.fill_diagonal(distance, np.where(np.isfinite(own) & (own > 0), own, 100.0))
        return np.maximum(distance, 1.0)

    def complete(self) -> tuple[Array, Codes]:
        """All flows and their provenance."""
        flows = self.observed.copy()
        provenance = self._given()
        goods = [number for number, kind in enumerate(self.kinds) if kind == GOODS]
        if any(kind != GOODS and self.observed[:, :, number].any() for number, kind in enumerate(self.kinds)):
            self.warnings.append(
                "observed flows of services or travel are kept; imputed ones are added to own sales only"
            )
        for sector, share in zip(goods, self._sector_mix(goods), strict=True):
            for economy in range(self.economy.max() + 1):
                members = np.flatnonzero(self.economy == economy)
                domestic = self._domestic(members, sector, share)
                flows[np.ix_(members, members, np.array([sector]))] += domestic[:, :, None]
                provenance[np.ix_(members, members, np.array([sector]))] = IMPUTED
        self._add_travel(flows, provenance)
        self._add_services(flows, provenance)
        return flows, provenance

    def _sector_mix(self, goods: list[int]) -> Array:
        case = self.observed[:, :, goods].sum(axis=(0, 1))
        weight = self.value("case_share_weight")
        return np.asarray((1 - weight) / len(goods) + weight * case / case.sum())

    def _domestic(self, members: Index, sector: int, share: float) -> Array:
        """Domestic trade of one economy and sector, (place, place), fitted to what output and absorption leave."""
        ratio, least = self.value("goods_output_per_gdp"), self.value("least_domestic_share")
        exports, imports = (
            self.observed[members, :, sector].sum(axis=1),
            self.observed[:, members, sector].sum(axis=0),
        )
        plain = ratio * self.gdp[members] * share
        output, absorption = np.maximum(plain, exports / (1 - least)), np.maximum(plain, imports / (1 - least))
        self._note(members, sector, "output", output / plain)
        self._note(members, sector, "absorption", absorption / plain)
        sales, purchases = output - exports, absorption - imports
        if sales.sum() < purchases.sum():
            factor = purchases.sum() / sales.sum()
            self._note_economy(members, sector, "output", factor)
            sales = sales * factor
        else:
            factor = sales.sum() / purchases.sum()
            self._note_economy(members, sector, "absorption", factor)
            purchases = purchases * factor
        kernel = self.gdp[members][:, None] * self.gdp[members][None]
        kernel = kernel / self.distance[np.ix_(members, members)] ** self.distance_power
        return fit_margins(kernel / kernel.max(), sales, purchases)

    def _note(self, members: Index, sector: int, what: str, factor: Array) -> None:
        for member, value in zip(members, factor, strict=True):
            if value > 1 + 1e-12:
                self.raised.append(Raised(self.places[member], self.sectors[sector], what, float(value)))

    def _note_economy(self, members: Index, sector: int, what: str, factor: float) -> None:
        if factor > 1.05:
            name = str(self.facts.economies["id"].iloc[self.economy[members[0]]])
            self.warnings.append(
                f"{self.sectors[sector]}: domestic {what} of {name} raised by {100 * (factor - 1):.0f} % "
                "so that its domestic sales and purchases agree"
            )

    def _add_travel(self, flows: Array, provenance: Codes) -> None:
        if TRAVEL not in self.kinds:
            return
        travel = self.kinds.index(TRAVEL)
        number = {place: position for position, place in enumerate(self.places)}
        visitors, spending = self.value("visitor_share"), self.value("spending_per_visit_usd") / 1e6
        spent = _travellers(self.facts) * spending
        side_a = np.array([number[str(place)] for place in self.facts.crossings["region_a"]], dtype=np.intp)
        side_b = np.array([number[str(place)] for place in self.facts.crossings["region_b"]], dtype=np.intp)
        # Inbound travellers are visitors from side b, or residents of side a coming back from a visit to side b.
        np.add.at(flows[:, :, travel], (side_a, side_b), visitors * spent)
        np.add.at(flows[:, :, travel], (side_b, side_a), (1 - visitors) * spent)
        own = np.arange(len(self.places))
        flows[own, own, travel] += self.value("travel_own_share") * self.gdp
        provenance[:, :, travel] = np.where(flows[:, :, travel] > 0, IMPUTED, provenance[:, :, travel])

    def _add_services(self, flows: Array, provenance: Codes) -> None:
        services = self.kinds.index(SERVICES)
        earned = flows.sum(axis=(1, 2))
        floor = self.value("services_floor_share") * self.gdp
        for place in np.flatnonzero(self.gdp - earned < floor):
            self.warnings.append(
                f"{self.places[place]}: output of goods and travel ({earned[place]:,.0f}) leaves less than the floor for "
                f"services out of a GDP of {self.gdp[place]:,.0f}; money figures are scaled back to GDP"
            )
        own = np.arange(len(self.places))
        flows[own, own, services] += np.maximum(self.gdp - earned, floor)
        provenance[own, own, services] = SCALED


def _tariffs(facts: CaseFacts, builder: _Builder) -> Array:
    tariff = np.zeros((len(builder.places), len(builder.places), len(builder.sectors)))
    members = {place: np.array([number]) for number, place in enumerate(builder.places)}
    for position, economy in enumerate(facts.economies["id"]):
        members[str(economy)] = np.flatnonzero(builder.economy == position)
    problems = []
    for row in facts.tariffs.to_dict("records"):
        origin, destination, sector = (str(row[name]) for name in ("origin", "destination", "sector"))
        if origin not in members or destination not in members or sector not in builder.sectors:
            problems.append(f"tariffs: unknown place, economy or sector in {origin} -> {destination}, {sector}")
            continue
        where = np.ix_(members[origin], members[destination], np.array([builder.sectors.index(sector)]))
        tariff[where] = float(row["rate"])
    if problems:
        raise InvalidBaseline(problems)
    foreign = builder.economy[:, None] != builder.economy[None, :]
    return np.asarray(tariff * foreign[:, :, None])


def _cost_shares(facts: CaseFacts, places: list[str], sectors: list[str]) -> tuple[Array | None, Array | None]:
    """(value added (place, sector), inputs (place, input, sector)), or None, None without an input-output table."""
    if len(facts.io) == 0:
        return None, None
    place = {name: position for position, name in enumerate(places)}
    sector = {name: position for position, name in enumerate(sectors)}
    inputs = np.zeros((len(places), len(sectors), len(sectors)))
    table = facts.io
    inputs[table["place"].map(place), table["input"].map(sector), table["sector"].map(sector)] = table["share"]
    added = 1 - inputs.sum(axis=1)
    table = facts.value_added
    if len(table):
        added[table["place"].map(place), table["sector"].map(sector)] = table["share"]
    return added, inputs
