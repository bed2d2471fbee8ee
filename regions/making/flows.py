"""Totals of the official tables as flows between the places of a case: by crossing, and by sector.

How each value by sector was got is kept: `observed` where the table by commodity has the whole year, `scaled` where the
mix of some months stands for the year, `imputed` where the mix of others, or the origin, had to be borrowed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from regions.importing.transborder import EXPORT, UNKNOWN_PLACES
from regions.making.geography import UNITED_STATES
from regions.making.official import Official
from regions.making.places import MEXICO, Places
from regions.making.sectors import SectorMap

MODES = {1: "vessel", 3: "air", 4: "mail", 5: "truck", 6: "rail", 7: "pipeline"}
LAND_MODES = ("truck", "rail", "pipeline")
OTHER_MODE = "other"
OBSERVED, SCALED, IMPUTED = "observed", "scaled", "imputed"
HOW = (OBSERVED, SCALED, IMPUTED)
PAIR = ["origin", "destination"]
EXACT_SHARE = 1e-6


@dataclass
class LeftOut:
    """Value that is in the files and not in the case, in USD, by reason; and the value looked at."""

    seen_usd: float = 0.0
    by_reason: dict[str, float] = field(default_factory=dict)

    def add(self, reason: str, value: float) -> None:
        if value:
            self.by_reason[reason] = self.by_reason.get(reason, 0.0) + value

    @property
    def share(self) -> float:
        return sum(self.by_reason.values()) / self.seen_usd if self.seen_usd else 0.0


def placed(frame: pd.DataFrame, places: Places, modes: tuple[str, ...], left_out: LeftOut | None) -> pd.DataFrame:
    """The rows of the modes with origin and destination; what has no place of the case is counted and left out.

    Imports from Mexico without a state come from the place MX where Mexico is one place, else from `""`, which
    `spread_mexican_imports` fills.
    """
    frame = frame.assign(mode=frame["mode"].map(MODES).fillna(OTHER_MODE))
    frame = frame[frame["mode"].isin(modes)]
    facing = places.geography.border.facing
    codes = frame["mexican" if facing == MEXICO else "province"]
    us, them = places.of_codes(UNITED_STATES, frame["state"]), places.of_codes(facing, codes)
    stateless = (codes == "") & (frame["trade"] != EXPORT) & (facing == MEXICO)
    if facing == MEXICO and places.one_mexico:
        # Where Mexico is one place, goods of no known state are from there all the same.
        them = them.mask(stateless | codes.isin(UNKNOWN_PLACES), MEXICO)
    unknown_us, unknown_them = (us == ""), (them == "") & ~stateless
    if left_out is not None:
        value = frame["value"]
        left_out.seen_usd += float(value.sum())
        for name, missing, code in (("US state", unknown_us, frame["state"]), (f"{facing} place", unknown_them, codes)):
            # A row without both is counted once, with the first.
            first = missing & ~(unknown_us if missing is unknown_them else False)
            for one in sorted(code[first].unique()):
                word = "unknown" if one in UNKNOWN_PLACES or not one else "not in the case"
                left_out.add(f"{name} {one or 'blank'} {word}", float(value[first & (code == one)].sum()))
    export = frame["trade"] == EXPORT
    frame = frame.assign(origin=us.where(export, them), destination=them.where(export, us))
    return frame[~(unknown_us | unknown_them)]


def spread_mexican_imports(frame: pd.DataFrame, places: Places) -> pd.DataFrame:
    """Imports without a Mexican state spread like the exports to known states through the same port by the same mode.

    Where a port has none, like those of the mode, then like all. An imputation, marked in the column `imputed`.
    """
    frame = frame.assign(imputed=False)
    stateless = frame["origin"] == ""
    if not stateless.any():
        return frame
    exports = frame[frame["trade"] == EXPORT]
    rest = frame[stateless].drop(columns="origin").assign(row=range(int(stateless.sum())))
    pieces = []
    for keys in (["port", "mode"], ["mode"], []):
        weight = exports.groupby([*keys, "destination"], as_index=False)["value"].sum()
        weight = weight.rename(columns={"destination": "origin", "value": "weight"})
        total = weight.groupby(keys)["weight"].transform("sum") if keys else weight["weight"].sum()
        weight = weight.assign(weight=weight["weight"] / total)
        found = rest.merge(weight, on=keys) if keys else rest.merge(weight, how="cross")
        pieces.append(found.assign(value=found["value"] * found["weight"]))
        rest = rest[~rest["row"].isin(found["row"])]
        if rest.empty:
            break
    spread = pd.concat(pieces, ignore_index=True)[frame.columns.drop("imputed")].assign(imputed=True)
    return pd.concat([frame[~stateless], spread], ignore_index=True)


def crossing_flows(frame: pd.DataFrame, crossings: set[str]) -> pd.DataFrame:
    """Flows by origin, destination, crossing and mode in whole USD; OTHER for ports without entry data."""
    frame = frame.assign(crossing=frame["port"].where(frame["port"].isin(crossings), "OTHER"))
    flows = frame.groupby([*PAIR, "crossing", "mode"], as_index=False, sort=True)["value"].sum()
    flows["value_usd"] = flows["value"].round().astype("int64")
    return flows[flows["value_usd"] > 0][[*PAIR, "crossing", "mode", "value_usd"]].reset_index(drop=True)


@dataclass(frozen=True)
class SectorFlows:
    """Flows by sector in whole USD with how each was got, and the share of value by how."""

    flows: pd.DataFrame
    shares: dict[str, float]


def sector_flows(
    official: Official,
    yearly: pd.DataFrame,
    crossing: pd.DataFrame,
    places: Places,
    modes: tuple[str, ...],
    sectors: SectorMap,
) -> SectorFlows:
    """The year's flows of each pair and mode split by the mix of sectors in the table by commodity.

    Over each pair of places they add up to the flows by crossing exactly.
    """
    whole = official.covers_year("dot2")
    source = official.of_year("dot2") if whole else official.monthly("dot2")
    mixes = placed(source, places, modes, None).assign(sector=lambda rows: rows["chapter"].map(sectors.of_chapter))
    stateless = mixes["origin"] == ""
    targets = yearly.groupby([*PAIR, "mode", "trade", "imputed"], as_index=False)["value"].sum()
    split = split_by_mix(targets, mixes[~stateless], mixes[stateless], whole)
    cells = split.groupby([*PAIR, "sector", "how"])["value"].sum().unstack("how", fill_value=0.0)
    cells = cells.reindex(columns=list(HOW), fill_value=0.0)
    total = cells.sum(axis=1)
    shares = {how: float(cells[how].sum() / total.sum()) for how in HOW}
    weak = (cells[IMPUTED] > total / 2).map({True: IMPUTED, False: ""})
    scaled = (cells[SCALED] + cells[IMPUTED] > total / 2).map({True: SCALED, False: OBSERVED})
    flows = pd.DataFrame({"value": total, "how": weak.where(weak != "", scaled)}).reset_index()
    return SectorFlows(in_whole_usd(flows, crossing), shares)


def split_by_mix(targets: pd.DataFrame, mixes: pd.DataFrame, stateless: pd.DataFrame, whole: bool) -> pd.DataFrame:
    """Each target (pair, mode) over sectors by the first mix there is: its own, the pair's, the mode's, all trade's."""
    targets = targets.assign(row=range(len(targets)))
    own = [*PAIR, "mode"]
    levels = [
        # keys, rows the mix comes from, how the result is called
        (own, mixes, OBSERVED if whole else SCALED),
        (PAIR, mixes, SCALED),
        # Imports from Mexican states: the mix of all imports from Mexico of the same US place.
        (["destination", "mode"], stateless, IMPUTED),
        (["trade", "mode"], pd.concat([mixes, stateless]), IMPUTED),
        (["trade"], pd.concat([mixes, stateless]), IMPUTED),
    ]
    pieces: list[pd.DataFrame] = []
    rest = targets
    for keys, rows, how in levels:
        rest = rest[~rest["row"].isin(pieces[-1]["row"])] if pieces else rest
        mix = rows.groupby([*keys, "sector"], as_index=False)["value"].sum().rename(columns={"value": "mixed"})
        mix["base"] = mix.groupby(keys)["mixed"].transform("sum")
        found = rest.merge(mix[mix["base"] > 0], on=keys)
        exact = (found["base"] - found["value"]).abs() <= (EXACT_SHARE * found["value"]).clip(lower=1.0)
        label = pd.Series(how, index=found.index)
        if how == OBSERVED:
            label = label.where(exact, SCALED)
        label = label.mask(found["imputed"].astype(bool), IMPUTED)
        pieces.append(found.assign(value=found["value"] * found["mixed"] / found["base"], how=label))
    return pd.concat(pieces, ignore_index=True)


def in_whole_usd(flows: pd.DataFrame, crossing: pd.DataFrame) -> pd.DataFrame:
    """Rounded to USD; the largest sector of a pair takes the rounding, so that both tables have the same totals."""
    flows = flows.assign(value_usd=flows["value"].round().astype("int64"))
    wanted = crossing.groupby(PAIR)["value_usd"].sum()
    have = flows.groupby(PAIR)["value_usd"].sum()
    gap = (wanted - have).fillna(-have).astype("int64")
    largest = flows.sort_values("value_usd", kind="stable").groupby(PAIR, sort=True).tail(1)
    index = pd.MultiIndex.from_frame(largest[PAIR])
    flows.loc[largest.index, "value_usd"] += gap.reindex(index, fill_value=0).to_numpy()
    flows = flows[flows["value_usd"] > 0]
    return flows[[*PAIR, "sector", "value_usd", "how"]].sort_values([*PAIR, "sector"]).reset_index(drop=True)
