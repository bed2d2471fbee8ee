"""The places of a made case: which states and provinces stand for themselves, what the rest becomes, their accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from regions.importing.folder import CaseFolder
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.readers import read_content
from regions.importing.schema import Column, Table
from regions.making.geography import UNITED_STATES, Geography

REST_NAMES = {"US": "Rest of the United States", "CA": "Rest of Canada", "MX": "Rest of Mexico"}
MEXICO = "MX"
NO_MEXICAN_STATES = (
    "imports from Mexico carry no Mexican state, so the balance of a Mexican state is not known: leave Mexico as one "
    "place (MX), or give --impute-mexican-states to spread imports like the exports through the same port, marked imputed"
)


def accounts_table(file: str) -> Table:
    """The column dictionary of regional accounts: that of regions.csv, whose `kind` is not needed here."""
    return Table(
        file,
        (
            Column("id", "code", max_length=40, description="US-MI, CA-ON, MX-CHH, a whole economy (MX) or US-REST"),
            Column("name"),
            Column("country", "code", max_length=40, description="US, CA or MX"),
            Column("gdp_musd", "number", unit="million USD", above=0),
            Column("population", "integer", unit="people", minimum=1),
            Column("latitude", "number", unit="degrees north", minimum=-90, maximum=90),
            Column("longitude", "number", unit="degrees east", minimum=-180, maximum=180),
            Column("kind", required=False, blank=True, default=""),
        ),
        key=("id",),
        required=True,
        description="GDP, population and a point of each state and province, or of the rest of an economy.",
    )


@dataclass(frozen=True)
class Places:
    """Places of the case; `of_part` says to which one each state or province belongs."""

    geography: Geography
    border: tuple[str, ...]
    of_part: dict[str, str]
    economy: dict[str, str]
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    accounts_file: str = ""

    def of_codes(self, economy: str, codes: pd.Series) -> pd.Series:
        """Place of each published code; empty where the code is of no place of the case."""
        known = {code: self.of_part[part] for (owner, code), part in self.geography.by_code.items() if owner == economy}
        return codes.map(known).fillna("").astype(str)

    @property
    def one_mexico(self) -> bool:
        """Whether Mexico is one place."""
        return MEXICO in self.border

    def rest(self, economy: str) -> str:
        return f"{economy}-REST"

    def region_rows(self, trading: set[str]) -> list[dict[str, Any]]:
        """Rows of regions.csv: border regions in the order asked for, then the hinterlands that trade."""
        problems = Problems()
        rows = [self.row(place, "border", problems) for place in self.border]
        for economy in self.geography.border.economies:
            if self.rest(economy) in trading:
                rows.append(self.row(self.rest(economy), "hinterland", problems))
        if problems.error_count:
            raise ImportRefused(problems)
        return [row for row in rows if row is not None]

    def row(self, place: str, kind: str, problems: Problems) -> dict[str, Any] | None:
        """One place: its own accounts, else those of its states and provinces added up."""
        economy = self.economy[place]
        own = self.accounts.get(place)
        if own is not None:
            return {**own, "country": economy, "kind": kind}
        parts = sorted({part for part, owner in self.of_part.items() if owner == place})
        missing = [part for part in parts if part not in self.accounts]
        if missing or parts == [place]:
            expectation = f"expected a row {place}" + (
                f", or rows of all its parts: {', '.join(missing)} missing" if parts != [place] else ""
            )
            problems.add(Problem(self.accounts_file, 0, "id", place, expectation, "missing_value"))
            return None
        return {**added_up([self.accounts[part] for part in parts]), "id": place, "name": self.name(place),
                "country": economy, "kind": kind}  # fmt: skip

    def name(self, place: str) -> str:
        economy = self.economy[place]
        return self.geography.border.facing_name if place == economy else REST_NAMES.get(economy, place)


def added_up(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """GDP and population added, the point weighted by population."""
    people = sum(row["population"] for row in rows)
    return {
        "gdp_musd": round(sum(row["gdp_musd"] for row in rows), 1),
        "population": people,
        **{
            axis: round(sum(row[axis] * row["population"] for row in rows) / people, 4)
            for axis in ("latitude", "longitude")
        },
    }


def choose_places(geography: Geography, regions: list[str] | None, impute_mexican_states: bool) -> Places:
    """The places for the regions asked for (default: all at the border); raises ImportRefused for what cannot be."""
    border = geography.border
    mexico = border.facing == MEXICO
    if not regions:
        regions = geography.at_border()
        if mexico and not impute_mexican_states:
            regions = [part for part in regions if geography.economy_of[part] == UNITED_STATES] + [MEXICO]
    problems = Problems()
    known = {**geography.economy_of, **({MEXICO: MEXICO} if mexico else {})}
    for place in regions:
        if place not in known:
            expectation = f"expected states and provinces such as {', '.join(geography.at_border()[:3])}"
            problems.add(Problem("--regions", 0, "", place, expectation, "unknown_place"))
    if len(set(regions)) < len(regions):
        problems.add(Problem("--regions", 0, "", ",".join(regions), "expected each place once", "duplicate_key"))
    states = [place for place in regions if place.startswith(f"{MEXICO}-")]
    if states and (MEXICO in regions or not impute_mexican_states):
        expectation = "expected MX or its states, not both" if MEXICO in regions else NO_MEXICAN_STATES
        problems.add(Problem("--regions", 0, "", ",".join(states), expectation, "no_mexican_state"))
    chosen = {known[place] for place in regions if place in known}
    if not problems.error_count and chosen != set(border.economies):
        expectation = f"expected at least one region of each of {' and '.join(border.economies)}"
        problems.add(Problem("--regions", 0, "", ",".join(regions), expectation, "one_economy"))
    if problems.error_count:
        raise ImportRefused(problems)
    whole = {MEXICO} if MEXICO in regions else set()
    of_part = {
        part: part if part in regions else (economy if economy in whole else f"{economy}-REST")
        for part, economy in geography.economy_of.items()
    }
    economy = {**{place: known[place] for place in regions}, **{f"{name}-REST": name for name in border.economies}}
    return Places(geography, tuple(regions), of_part, economy)


def with_accounts(places: Places, path: Path) -> Places:
    """The places with their accounts; raises ImportRefused where the file does not fit."""
    content = read_content(CaseFolder(path.parent), accounts_table(path.name))
    problems = Problems(content.problems)
    if problems.error_count:
        raise ImportRefused(problems)
    accounts = {row["id"]: {name: row[name] for name in row.values if name != "kind"} for row in content.rows}
    return Places(places.geography, places.border, places.of_part, places.economy, accounts, path.name)
