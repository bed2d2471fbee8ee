"""What is known of each border before any file is read: codes of its places, which place a port faces, sectors."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from regions.importing.transborder import CANADA, MEXICO

DATA = Path(__file__).resolve().parent / "data"
UNITED_STATES = "US"
SECTOR_MAP = DATA / "sectors_hs2.csv"


@dataclass(frozen=True)
class Border:
    """One land border: the country code of TransBorder, the economy faced, the name in Border Crossing/Entry."""

    key: str
    country: str
    facing: str
    facing_name: str
    facing_currency: str
    entry_name: str

    @property
    def economies(self) -> tuple[str, str]:
        return UNITED_STATES, self.facing


BORDERS = {
    "us-canada": Border("us-canada", CANADA, "CA", "Canada", "CAD", "US-Canada Border"),
    "us-mexico": Border("us-mexico", MEXICO, "MX", "Mexico", "MXN", "US-Mexico Border"),
}


def table(name: str) -> list[dict[str, str]]:
    """The rows of one of our own data files."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Part:
    """A state or province: its code in the files, its id, and the borders that it lies at."""

    economy: str
    code: str
    id: str
    name: str
    borders: tuple[str, ...]


class Geography:
    """States and provinces of the two economies of a border."""

    def __init__(self, border: Border) -> None:
        self.border = border
        self.parts = [
            Part(row["economy"], row["code"], row["id"], row["name"], tuple(row["border"].split(";")))
            for row in table("places.csv")
            if row["economy"] in border.economies
        ]

    @cached_property
    def by_code(self) -> dict[tuple[str, str], str]:
        """Id of a place by economy and published code; several codes may be one place."""
        return {(part.economy, part.code): part.id for part in self.parts}

    @cached_property
    def names(self) -> dict[str, str]:
        """Name of each state or province by id."""
        return {part.id: part.name for part in self.parts}

    @cached_property
    def economy_of(self) -> dict[str, str]:
        """Economy of each state or province by id."""
        return {part.id: part.economy for part in self.parts}

    @cached_property
    def state_by_name(self) -> dict[str, str]:
        """Id of a US state by its name, as Border Crossing/Entry gives it."""
        return {part.name.lower(): part.id for part in self.parts if part.economy == UNITED_STATES}

    def at_border(self) -> list[str]:
        """States and provinces that lie at the border, in the order of the table."""
        return list(dict.fromkeys(part.id for part in self.parts if self.border.key in part.borders))

    def faces(self, port: str, state: str, longitude: float) -> str | None:
        """The state or province that a port faces: the first rule of `facing.csv` that fits, by code, state, position."""
        for row in table("facing.csv"):
            if row["border"] != self.border.key or (row["port"] and row["port"] != port):
                continue
            if row["port"]:
                return row["faces"]
            if row["state"] and f"{UNITED_STATES}-{row['state']}" != state:
                continue
            if float(row["west"]) <= longitude < float(row["east"]):
                return row["faces"]
        return None
