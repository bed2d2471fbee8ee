"""A case of 2021 from the official files alone: made, imported and estimated, beside the shipped case of 2023."""

import pandas as pd
import pytest

from planner.models import Effect, Ranking
from planner.services.growth import case_growth
from regions.importing.loader import import_case
from regions.making.make import Request, make_case
from regions.models import Case
from tests.factories.runs import finished_run
from tests.regions.test_shipped_case import CASE as SHIPPED

pytestmark = [pytest.mark.django_db, pytest.mark.published]


def table(folder, name):
    return pd.read_csv(folder / name, dtype={"code": str, "crossing": str}, keep_default_na=False)


@pytest.fixture(scope="module")
def made(reference_data, tmp_path_factory):
    folder = reference_data / "transborder-2021"
    return make_case(
        Request(
            transborder=folder,
            border_entry=folder / "border_crossing_entry_2021.csv.gz",
            # GDP and population of the shipped case: what the files of 2021 do not hold.
            accounts=SHIPPED / "regions.csv",
            border="us-canada",
            year=2021,
            out=tmp_path_factory.mktemp("made") / "us-canada-2021",
            like=SHIPPED,
        )
    )


def test_the_files_agree_and_nothing_is_lost(made):
    assert [(check["name"], check["holds"]) for check in made.record["checks"]] == [
        ("dot1: months = year", True),
        ("dot1 = dot2", True),
        ("dot1 = dot3", True),
    ]
    # 555,471,929,693 USD by truck, rail and pipeline, of which 665,583,534 have no known state or province.
    left = sum(made.record["left_out"]["value_usd"].values())
    assert left == 665_583_534
    assert made.record["value_usd"] == 555_471_929_693 - 665_583_534
    assert made.record["left_out"]["share"] < 0.002
    assert made.record["sectors"]["shares"]["imputed"] < 0.001


def test_its_tables_are_built_like_those_of_the_shipped_case(made):
    for name in ("crossings.csv", "crossing_flows.csv", "regions.csv", "economies.csv", "sectors.csv"):
        assert list(table(made.path, name).columns) == list(table(SHIPPED, name).columns)
    ports, shipped = (table(folder, "crossings.csv").set_index("code") for folder in (made.path, SHIPPED))
    both = ports.index.intersection(shipped.index)
    assert len(both) == 81
    sides = ["us_region", "facing_region"]
    assert (ports.loc[both, sides] == shipped.loc[both, sides]).all().all()
    flows, flows_shipped = (
        table(folder, "sector_flows.csv").set_index(["origin", "destination", "sector"])["value_usd"]
        for folder in (made.path, SHIPPED)
    )
    joined = pd.concat([flows, flows_shipped], axis=1, keys=["made", "shipped"]).fillna(0)
    assert joined.corr().loc["made", "shipped"] > 0.98


def test_it_imports_and_is_estimated(made):
    result = import_case(made.path)
    assert not result.problems.errors
    case = Case.objects.get(name="us-canada-2021")
    run = finished_run(case, slugs=["gordie-howe-bridge", "northern-border-officers"])
    assert Effect.objects.filter(run=run, status="done").count() == 2
    rows = Ranking.objects.get(run=run, criterion="imbalance").rows.all()
    assert [row.rank for row in rows] == [1, 2]


def test_the_change_to_2023_splits_into_what_moved_it(made):
    """Two years of official files: the parts add up to the change of the recorded trade, in all and pair by pair."""
    import_case(made.path)
    import_case(SHIPPED)
    found = case_growth(Case.objects.get(name="us-canada-2021"), Case.objects.get(name="us-canada-2023"))
    whole = found["whole"]
    assert whole["before_musd"] == pytest.approx(made.record["value_usd"] / 1e6, rel=1e-9)
    shipped = table(SHIPPED, "sector_flows.csv")["value_usd"].sum() / 1e6
    assert whole["total"] == pytest.approx(shipped - whole["before_musd"], rel=1e-9)
    for row in (whole, *found["pairs"]):
        assert row["spending"] + row["mix"] + row["shares"] == pytest.approx(row["total"], abs=1e-6)
    # GDP is that of 2023 in both cases, so that what trade gained is trade shares, not spending.
    assert abs(whole["spending"]) < 0.25 * whole["shares"]
