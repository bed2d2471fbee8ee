"""Plain files of the `counterfactual` command: flows, shocks, input-output shares, elasticities -> the engine's arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from planner.engine.accounts import Accounts, build_accounts
from planner.engine.cells import Cells, cell_key
from planner.engine.errors import InvalidBaseline
from planner.engine.shock import Shock
from planner.engine.types import Array
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.readers import decode, parse_csv
from regions.importing.schema import Column, Row, Table

ONE_SECTOR = "all"
DEFICIT_TOLERANCE = 1e-6


def _code(name: str, **options: object) -> Column:
    return Column(name, "text", max_length=200, **options)  # type: ignore[arg-type]


SECTOR = _code("sector", required=False, blank=True, default="", description="left out with one sector")
FLOWS = Table(
    "flows",
    (
        _code("origin", description="the seller"),
        _code("destination", description="the buyer"),
        SECTOR,
        Column("value", "number", minimum=0, description="sales at border prices, own sales included"),
        Column("tariff", "number", required=False, blank=True, default=0.0, above=-1, description="ad-valorem rate"),
    ),
    key=("origin", "destination", "sector"),
    required=True,
)
SHOCKS = Table(
    "shocks",
    (
        _code("origin"),
        _code("destination"),
        SECTOR,
        Column("cost_ratio", "number", required=False, blank=True, above=0, description="iceberg cost, after/before"),
        Column("log_trade", "number", required=False, blank=True, description="direct effect on log trade"),
        Column("tariff", "number", required=False, blank=True, above=-1, description="new ad-valorem rate"),
    ),
    key=("origin", "destination", "sector"),
    required=True,
)
IO = Table(
    "io",
    (_code("place"), _code("input"), _code("sector"), Column("share", "number", minimum=-0.01, maximum=1)),
    key=("place", "input", "sector"),
    required=True,
)
VALUE_ADDED = Table(
    "value-added",
    (_code("place"), _code("sector"), Column("share", "number", minimum=0, maximum=1)),
    key=("place", "sector"),
    required=True,
)
THETA = Table("theta", (_code("sector"), Column("theta", "number", above=0)), key=("sector",), required=True)
DEFICITS = Table("deficits", (_code("place"), Column("value", "number")), key=("place",), required=True)
CURRENCY = Table(
    "currency",
    (_code("place"), Column("value", "number", above=0, description="value of the currency, after/before")),
    key=("place",),
    required=True,
)


@dataclass(frozen=True)
class PlainFiles:
    """Where each table lies; None where it is not given."""

    flows: Path
    shocks: Path
    io: Path | None = None
    value_added: Path | None = None
    theta: Path | None = None
    deficits: Path | None = None
    currency: Path | None = None


@dataclass(frozen=True)
class PlainInput:
    """Everything that a counterfactual needs, checked; digests: SHA-256 of each file, by name; warnings: what was left out."""

    accounts: Accounts
    shock: Shock
    theta: Array
    digests: dict[str, str]
    warnings: tuple[Problem, ...]


class _Reader:
    def __init__(self) -> None:
        self.problems = Problems()
        self.digests: dict[str, str] = {}

    def rows(self, path: Path | None, table: Table) -> list[Row]:
        """Good rows of a file; its faults go to `problems`."""
        if path is None:
            return []
        named = replace(table, file=path.name)
        try:
            content = path.read_bytes()
        except OSError as error:
            expectation = f"expected a readable file ({error.strerror})"
            self.problems.add(Problem(path.name, 0, "", str(path), expectation, "missing_file"))
            return []
        self.digests[path.name] = hashlib.sha256(content).hexdigest()
        text, problems = decode(content, path.name)
        self.problems.extend(problems)
        if text is None:
            return []
        found = parse_csv(text, named)
        self.problems.extend(found.problems)
        # Without one of its columns a table says nothing that could be held against the others.
        return [] if any(one.kind == "missing_column" for one in found.problems) else found.rows

    def add(self, row: Row, column: str, expectation: str, kind: str) -> None:
        self.problems.add(Problem(row.file, row.line, column, row.text(column), expectation, kind))

    def stop_on_errors(self) -> None:
        if self.problems.errors:
            raise ImportRefused(self.problems)


def read_plain_files(
    files: PlainFiles, *, theta: float, pass_through: float = 1.0, negative_final: str = "refuse"
) -> PlainInput:
    """Read and check all files at once. Raises `ImportRefused` with every problem, naming file, row, column, value."""
    reader = _Reader()
    flows, shocks = reader.rows(files.flows, FLOWS), reader.rows(files.shocks, SHOCKS)
    inputs, added = reader.rows(files.io, IO), reader.rows(files.value_added, VALUE_ADDED)
    elasticities, deficits = reader.rows(files.theta, THETA), reader.rows(files.deficits, DEFICITS)
    currency = reader.rows(files.currency, CURRENCY)
    places = sorted({row[side] for row in flows for side in ("origin", "destination")})
    sectors = sorted({row["sector"] or ONE_SECTOR for row in flows})
    if flows:  # else there is nothing to hold the other files against
        _check_flows(reader, files.flows.name, flows, places)
        _check_known(
            reader, shocks, ("origin", "destination"), places, ("sector",) if len(sectors) > 1 else (), sectors
        )
        _check_known(reader, inputs, ("place",), places, ("input", "sector"), sectors)
        _check_known(reader, added, ("place",), places, ("sector",), sectors)
        _check_known(reader, elasticities, (), places, ("sector",), sectors)
        _check_known(reader, [*deficits, *currency], ("place",), places, (), sectors)
    _check_shocks(reader, shocks)
    _check_theta(reader, files.theta, elasticities, sectors)
    reader.stop_on_errors()
    accounts = _accounts(reader, files, places, sectors, flows, inputs, added, negative_final)
    _check_deficits(reader, deficits, accounts)
    reader.stop_on_errors()
    elasticity = {row["sector"]: row["theta"] for row in elasticities}
    by_sector = np.array([elasticity.get(sector, theta) for sector in sectors])
    shock = _shock(accounts, shocks, by_sector, currency, pass_through)
    return PlainInput(accounts, shock, by_sector, reader.digests, tuple(reader.problems.warnings))


def _check_known(
    reader: _Reader, rows: Sequence[Row], sides: tuple[str, ...], places: list[str], names: tuple[str, ...],
    sectors: list[str],
) -> None:  # fmt: skip
    known_places, known_sectors = set(places), set(sectors)
    for row in rows:
        for side in sides:
            if row[side] not in known_places:
                reader.add(row, side, "expected a place that is in the flows", "unknown_place")
        for name in names:
            if row[name] and row[name] not in known_sectors:
                reader.add(row, name, f"expected a sector of the flows: {_listed(sectors)}", "unknown_sector")


def _listed(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _check_flows(reader: _Reader, file: str, rows: list[Row], places: list[str]) -> None:
    if not rows:
        return
    blank = [row for row in rows if not row["sector"]]
    if blank and len(blank) < len(rows):
        for row in blank:
            reader.add(row, "sector", "expected a sector in every row, or in none", "missing_value")
    own = {row["origin"] for row in rows if row["origin"] == row["destination"] and row["value"] > 0}
    traded = {row[side] for row in rows if row["origin"] != row["destination"] and row["value"] > 0
              for side in ("origin", "destination")}  # fmt: skip
    for place in places:
        if place not in own:
            expectation = f"expected own sales of {place} ({place} -> {place}) above zero in some sector"
            reader.problems.add(Problem(file, 0, "value", place, expectation, "missing_own_sales"))
        if place not in traded and len(places) > 1:
            expectation = "expected trade with at least one other place; this one is disconnected"
            reader.problems.add(Problem(file, 0, "origin", place, expectation, "disconnected_place"))


def _check_shocks(reader: _Reader, rows: list[Row]) -> None:
    for row in rows:
        if all(row.get(name) is None for name in ("cost_ratio", "log_trade", "tariff")):
            reader.add(row, "", "expected at least one of cost_ratio, log_trade, tariff", "empty_shock")


def _check_theta(reader: _Reader, path: Path | None, rows: list[Row], sectors: list[str]) -> None:
    if path is None or not rows:
        return
    for sector in sorted(set(sectors) - {row["sector"] for row in rows}):
        expectation = f"expected a theta for sector {sector}"
        reader.problems.add(Problem(path.name, 0, "sector", sector, expectation, "missing_value"))


def _accounts(
    reader: _Reader, files: PlainFiles, places: list[str], sectors: list[str], flows: list[Row], inputs: list[Row],
    added: list[Row], negative_final: str,
) -> Accounts:  # fmt: skip
    place = {name: number for number, name in enumerate(places)}
    sector = {name: number for number, name in enumerate(sectors)}
    values = np.zeros((len(places), len(places), len(sectors)))
    tariff = np.zeros_like(values)
    for row in flows:
        where = place[row["origin"]], place[row["destination"]], sector[row["sector"] or ONE_SECTOR]
        values[where], tariff[where] = row["value"], row.get("tariff", 0.0) or 0.0
    input_share = None
    if files.io is not None:
        input_share = np.zeros((len(places), len(sectors), len(sectors)))
        for row in inputs:
            input_share[place[row["place"]], sector[row["input"]], sector[row["sector"]]] = row["share"]
    value_added_share = np.ones((len(places), len(sectors)))
    if input_share is not None:
        value_added_share = 1 - input_share.sum(axis=1)
    for row in added:
        value_added_share[place[row["place"]], sector[row["sector"]]] = row["share"]
    try:
        return build_accounts(
            places=places, sectors=sectors, flows=values, tariff=tariff, value_added_share=value_added_share,
            input_share=input_share, negative_final=negative_final,
        )  # fmt: skip
    except InvalidBaseline as error:
        for problem in error.problems:
            reader.problems.add(Problem(files.flows.name, 0, "", "", problem, "accounts"))
        raise ImportRefused(reader.problems) from error


def _check_deficits(reader: _Reader, rows: list[Row], accounts: Accounts) -> None:
    """Deficits must equal those implied by the flows, else one of the two files is wrong."""
    scale = accounts.flows.sum(axis=(0, 2))
    for row in rows:
        number = accounts.places.index(row["place"])
        implied = accounts.deficit[number]
        if abs(row["value"] - implied) > DEFICIT_TOLERANCE * scale[number]:
            reader.add(
                row, "value", f"expected {implied:.12g}, the imports less exports of the flows", "deficit_differs"
            )


def _shock(accounts: Accounts, rows: list[Row], theta: Array, currency: list[Row], pass_through: float) -> Shock:
    count = len(accounts.places)
    values: dict[str, dict[int, float]] = {"log_cost": {}, "tariff": {}, "margin": {}}
    for row, key, sector in _shocked_cells(accounts, rows):
        cost = 0.0 if row.get("cost_ratio") is None else float(np.log(row["cost_ratio"]))
        if row.get("log_trade") is not None:
            cost -= row["log_trade"] / theta[sector]
        values["log_cost"][key] = cost
        if row.get("tariff") is not None:
            values["tariff"][key] = row["tariff"]
    value_of = np.ones(count)
    for row in currency:
        value_of[accounts.places.index(row["place"])] = row["value"]
    if currency:
        origin, destination, sectors = np.nonzero(
            (accounts.flows > 0) & (value_of[:, None] != value_of[None, :])[:, :, None]
        )
        margin = (1 - pass_through) * np.log(value_of[destination] / value_of[origin])
        values["margin"] = dict(zip(cell_key(origin, destination, sectors, count).tolist(), margin, strict=True))
    cells = Cells.from_keys(np.array(sorted(set().union(*values.values())), dtype=np.intp), count)

    def column(name: str, default: Array) -> Array | None:
        if not values[name]:
            return None
        found = [values[name].get(int(key), start) for key, start in zip(cells.keys, default, strict=True)]
        return np.array(found, dtype=float)[:, None]

    zero = np.zeros(len(cells))
    return Shock(
        columns=1,
        cells=cells,
        log_cost=column("log_cost", zero),
        margin=column("margin", zero),
        tariff=column("tariff", cells.gather(accounts.tariff)),
        currency=value_of[:, None] if currency else None,
    )


def _shocked_cells(accounts: Accounts, rows: list[Row]) -> Iterator[tuple[Row, int, int]]:
    """Each shock with the cells it reaches; without a sector it reaches all sectors of the pair that trade."""
    place = {name: number for number, name in enumerate(accounts.places)}
    sector = {name: number for number, name in enumerate(accounts.sectors)}
    for row in rows:
        origin, destination = place[row["origin"]], place[row["destination"]]
        named = row.get("sector")
        numbers = [sector[named]] if named and len(sector) > 1 else range(len(sector))
        for number in numbers:
            if accounts.flows[origin, destination, number] > 0:
                yield row, (number * len(place) + destination) * len(place) + origin, number
