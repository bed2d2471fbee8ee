"""The shipped case made again by make_case from files in the layout of 2023 that hold what it was made of.

The official files of 2023 are not part of the project. Written here from the case's own tables, in their layout and by
month, they must give back every flow, port and count: what the case was made by is what ships.
"""

import csv
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest

from planner.engine.baseline import build_baseline
from planner.engine.imbalance import TradeView, measure
from planner.services.start import default_parameter_set
from planner.snapshot import case_facts, engine_parameters, parameter_documents
from regions.importing.loader import import_case
from regions.making.geography import BORDERS, SECTOR_MAP, Geography
from regions.making.make import Request, make_case
from regions.making.ports import MEASURE_OF
from regions.models import Case
from tests.regions.made_files import ENTRY
from tests.regions.test_shipped_case import CASE as SHIPPED
from tests.regions.transborder_files import DOT1, DOT2, write

MODES = {"truck": 5, "rail": 6, "pipeline": 7}
ELSEWHERE = "09XX"  # rest of a district: no port with entry data
MONTHS = range(1, 13)


def rows(name: str) -> list[dict[str, str]]:
    with (SHIPPED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes() -> dict[str, str]:
    """A published code of each place of the case; for a hinterland that of one of its parts."""
    border = {row["id"]: row["country"] for row in rows("regions.csv")}
    found: dict[str, str] = {}
    for (economy, code), place in Geography(BORDERS["us-canada"]).by_code.items():
        found.setdefault(place if place in border else f"{economy}-REST", code)
    return found


def corner(sums: dict[str, int], others: dict[str, int]) -> dict[tuple[str, str], int]:
    """Whole amounts with these margins, by the north-west corner rule."""
    left, found = dict(others), {}
    for name, amount in sums.items():
        for other in left:
            part = min(amount, left[other])
            if part:
                found[name, other] = part
                amount, left[other] = amount - part, left[other] - part
    return found


def monthly(folder: Path, table: str, header: str, amounts: dict[tuple[str, ...], int]) -> None:
    """Twelve files; the year's amount is a twelfth a month, the rest in December."""
    for month in MONTHS:
        lines = []
        for (trade, state, place, mode, province), value in sorted(amounts.items()):
            part = value // 12 + (value % 12 if month == 12 else 0)
            lines.append(f"{trade},{state},{place},{mode},,{province},1220,{part},0,0,1,0,{month:02d},2023")
        write(folder, *lines, header=header, name=f"{table}_{month:02d}23.csv")


def transborder(folder: Path) -> Path:
    folder.mkdir()
    code, chapter = (
        codes(),
        {row["sector"]: row["chapter"] for row in reversed(list(csv.DictReader(SECTOR_MAP.open())))},
    )
    by_port: dict[tuple[str, ...], int] = defaultdict(int)
    modes: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows("crossing_flows.csv"):
        pair, value = (row["origin"], row["destination"]), int(row["value_usd"])
        trade, us, other = ("1", *pair) if pair[0].startswith("US") else ("2", *reversed(pair))
        port = ELSEWHERE if row["crossing"] == "OTHER" else row["crossing"]
        by_port[trade, code[us], port, str(MODES[row["mode"]]), code[other]] += value
        modes[pair][row["mode"]] += value
    sectors: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in rows("sector_flows.csv"):
        sectors[row["origin"], row["destination"]][row["sector"]] = int(row["value_usd"])
    by_chapter: dict[tuple[str, ...], int] = {}
    for pair, amounts in sectors.items():
        trade, us, other = ("1", *pair) if pair[0].startswith("US") else ("2", *reversed(pair))
        for (sector, mode), value in corner(amounts, modes[pair]).items():
            by_chapter[trade, code[us], chapter[sector], str(MODES[mode]), code[other]] = value
    monthly(folder, "dot1", DOT1, by_port)
    monthly(folder, "dot2", DOT2, by_chapter)
    return folder


def entries(path: Path) -> Path:
    """Every count in the first month, zeros in the others that were reported."""
    names = Geography(BORDERS["us-canada"]).names
    lines = [ENTRY]
    for row in rows("crossings.csv"):
        where = f"{row['latitude']},{row['longitude']},POINT"
        for month in range(1, int(row["months_reported"]) + 1):
            lines += [
                f"{row['name']},{names[row['us_region']]},{row['code']},US-Canada Border,{month:02d}/01/2023,{measure_},"
                f"{row[count] if month == 1 else 0},{where}"
                for count, measure_ in MEASURE_OF.items()
                if row[count]
            ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    folder = tmp_path_factory.mktemp("official")
    return make_case(
        Request(
            transborder=transborder(folder / "transborder"),
            border_entry=entries(folder / "entry.csv"),
            accounts=SHIPPED / "regions.csv",
            border="us-canada",
            year=2023,
            out=folder / "us-canada-2023",
            like=SHIPPED,
        )
    )


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("crossing_flows.csv", ["origin", "destination", "crossing", "mode"]),
        ("sector_flows.csv", ["origin", "destination", "sector"]),
        ("crossings.csv", ["code"]),
        ("sectors.csv", ["id"]),
        ("economies.csv", ["id"]),
        ("delays.csv", ["crossing", "direction", "period_start", "statistic", "method", "minutes"]),
        ("interventions.csv", ["id"]),
    ],
)
def test_its_tables_come_back(again, name, key):
    made, shipped = (
        pd.read_csv(folder / name, dtype=str, keep_default_na=False).sort_values(key).reset_index(drop=True)
        for folder in (again.path, SHIPPED)
    )
    columns = [column for column in shipped.columns if column in made.columns]
    assert set(key) <= set(columns)
    pd.testing.assert_frame_equal(made[columns], shipped[columns], check_like=True)
    assert [check["holds"] for check in again.record["checks"]] == [True] * len(again.record["checks"])


@pytest.mark.django_db
def test_it_measures_the_same_imbalance(again):
    import_case(again.path)
    case = Case.objects.get(name="us-canada-2023")
    parameters = engine_parameters(parameter_documents(default_parameter_set(case)))
    baseline = build_baseline(case_facts(case), parameters)
    view = TradeView(baseline)
    pairs = view.goods_pairs(view.goods_cells.gather(baseline.accounts.flows)[:, None])
    assert float(measure(pairs, view.border).headline[0]) == pytest.approx(0.3480009, abs=5e-8)
