"""The shipped case is whole: ids agree, values are ordered and in their units, every place has a valid outline."""

import csv
import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import shapely
from shapely.geometry import Point, shape

CASE = Path(__file__).resolve().parents[2] / "regions" / "cases" / "us-canada-2023"

UNITS = {
    "wait_minutes": "minutes",
    "wait_share": "share",
    "booths": "booths",
    "booths_share": "share",
    "trusted_share": "share points",
    "preclearance_share": "share points",
    "open_hours": "hours per day",
    "traveller_share": "share of trucks' minutes",
    "handling_hours": "hours",
    "handling_share": "share",
    "fee_usd": "USD per truck",
    "road_hours": "hours",
    "rail_hours": "hours",
    "closure": "share",
    "trade_cost": "share",
    "log_trade": "log points",
    "productivity": "share",
    "tariff": "share of value",
    "export_tax": "share of value",
    "visitors": "share",
    "online_share": "share points",
    "certificates": "1",
    "flow_cap": "share of deficit kept",
    "revaluation": "share",
    "spending": "share of absorption",
}
SEVEN_KINDS = ("facilitation", "diversification", "cooperation", "sustainability", "capacity", "digital", "tourism")
MACRO_CHANNELS = ("tariff", "export_tax", "certificates", "flow_cap", "revaluation")
# The point of the Rest of Canada lies in the Gulf of St. Lawrence, between its provinces.
POINTS_OUTSIDE = {"CA-REST": 0.25}


def rows(name: str) -> list[dict[str, str]]:
    with (CASE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def ids() -> dict[str, set[str]]:
    economies = {row["id"] for row in rows("economies.csv")}
    places = {row["id"] for row in rows("regions.csv")}
    return {
        "economies": economies,
        "places": places,
        "areas": economies | places,
        "sectors": {row["id"] for row in rows("sectors.csv")},
        "crossings": {row["code"] for row in rows("crossings.csv")},
        "interventions": {row["id"] for row in rows("interventions.csv")},
    }


@pytest.fixture(scope="module")
def outlines() -> dict[str, shapely.Geometry]:
    features = json.loads((CASE / "outlines.geojson").read_text(encoding="utf-8"))["features"]
    return {feature["properties"]["id"]: shape(feature["geometry"]) for feature in features}


def targets(text: str) -> set[str]:
    return {part.strip() for part in text.split(";") if part.strip() and part.strip() != "*"}


def test_tables_have_the_rows_of_their_sources():
    assert [len(rows(name)) for name in ("regions.csv", "crossings.csv", "crossing_flows.csv", "sector_flows.csv")] == [
        21,
        83,
        4671,
        1452,
    ]


def test_both_flow_tables_add_up_to_the_same_trade_by_pair():
    totals: dict[str, dict[tuple[str, str], float]] = {}
    for name in ("crossing_flows.csv", "sector_flows.csv"):
        totals[name] = defaultdict(float)
        for row in rows(name):
            totals[name][row["origin"], row["destination"]] += float(row["value_usd"])
    assert dict(totals["crossing_flows.csv"]) == pytest.approx(dict(totals["sector_flows.csv"]))


def test_headline_imbalance_and_michigan(ids):
    trade: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows("sector_flows.csv"):
        trade[row["origin"], row["destination"]] += float(row["value_usd"])
    border = {row["id"] for row in rows("regions.csv") if row["kind"] == "border"}
    gap = total = 0.0
    for region in border:
        for partner in ids["places"]:
            exports, imports = trade[region, partner], trade[partner, region]
            gap += abs(exports - imports)
            total += exports + imports
    assert gap / total == pytest.approx(0.3480009, abs=5e-8)
    exports = sum(value for (origin, _), value in trade.items() if origin == "US-MI")
    imports = sum(value for (_, destination), value in trade.items() if destination == "US-MI")
    assert (exports / 1e9, imports / 1e9) == (pytest.approx(26.65, abs=5e-3), pytest.approx(49.54, abs=5e-3))


def test_sectors_of_flows_are_the_goods_sectors():
    goods = {row["id"] for row in rows("sectors.csv") if row["kind"] == "goods"}
    assert {row["sector"] for row in rows("sector_flows.csv")} == goods
    assert Counter(row["kind"] for row in rows("sectors.csv")) == {"goods": 8, "services": 1, "travel": 1}


def test_every_place_has_one_valid_outline_on_its_side_of_the_antimeridian(ids, outlines):
    assert set(outlines) == ids["places"]
    for place, outline in outlines.items():
        assert outline.is_valid, place
        west, _, east, _ = outline.bounds
        assert -180 <= west < east <= 0, place
    assert (CASE / "outlines.geojson").stat().st_size < 400_000


def test_outlines_share_borders_and_do_not_overlap(outlines):
    shapes = list(outlines.values())
    assert shapely.coverage_is_valid(shapes)


def test_points_lie_in_their_outlines(outlines):
    for row in rows("regions.csv"):
        point = Point(float(row["longitude"]), float(row["latitude"]))
        distance = outlines[row["id"]].distance(point)
        assert distance <= POINTS_OUTSIDE.get(row["id"], 0), row["id"]


def test_crossings_lie_near_their_first_region(outlines):
    for row in rows("crossings.csv"):
        point = Point(float(row["longitude"]), float(row["latitude"]))
        assert outlines[row["us_region"]].distance(point) < 0.5, row["code"]


@pytest.mark.parametrize("name", ["channels.csv", "parameters.csv"])
def test_distributions_are_ordered_graded_and_sourced(name):
    for row in rows(name):
        assert float(row["low"]) <= float(row["central"]) <= float(row["high"]), row
        assert row["grade"] in "ABCD", row
        assert row["source"], row


def test_channels_aim_at_ids_of_the_case_in_their_unit(ids):
    for row in rows("channels.csv"):
        assert row["intervention"] in ids["interventions"]
        assert row["unit"] == UNITS[row["channel"]], row
        assert targets(row["crossing"]) <= ids["crossings"], row
        assert targets(row["direction"]) <= ids["economies"], row
        assert targets(row["sector"]) <= ids["sectors"], row
        for column in ("origin", "destination", "place"):
            assert targets(row[column]) <= ids["areas"], row


def test_assumed_effects_are_graded_as_assumptions():
    for row in rows("channels.csv"):
        if row["source"].startswith("Assumption") or "from memory" in row["source"]:
            assert row["grade"] == "D", row
    for row in rows("costs.csv"):
        if row["source"].startswith("Assumption") or "from memory" in row["source"]:
            assert row["grade"] == "D", row


def test_no_two_interventions_share_the_values_of_a_channel():
    owners: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in rows("channels.csv"):
        if row["low"] != row["high"] or row["channel"] in ("tariff", "export_tax"):
            owners[row["channel"], row["low"], row["central"], row["high"]].add(row["intervention"])
    assert {key: names for key, names in owners.items() if len(names) > 1} == {}


def test_cuts_in_minutes_are_shorter_than_the_measured_waits():
    waits: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows("delays.csv"):
        if row["vehicle_class"] == "truck" and row["statistic"] in ("mean", "median"):
            waits[row["crossing"], row["direction"]].append(float(row["minutes"]))
    for row in rows("channels.csv"):
        if row["channel"] == "wait_minutes":
            assert -float(row["low"]) < min(waits[row["crossing"], row["direction"]]), row


def test_each_kind_is_covered_and_the_restrictive_ones_too():
    kinds = Counter(row["kind"] for row in rows("interventions.csv"))
    assert all(kinds[kind] >= 3 for kind in SEVEN_KINDS)
    assert kinds["restrictive"] >= 6
    assert {row["channel"] for row in rows("channels.csv")} >= set(MACRO_CHANNELS)
    assert {row["intervention"] for row in rows("channels.csv")} == {row["id"] for row in rows("interventions.csv")}


def test_revaluation_has_meaning_in_the_short_run_only():
    macro = {row["intervention"] for row in rows("channels.csv") if row["channel"] == "revaluation"}
    closures = {row["id"]: row["closures"] for row in rows("interventions.csv")}
    assert {closures[name] for name in macro} == {"short_run"}


def test_costs_are_in_one_currency_and_fifteen_have_a_document_behind_them(ids):
    costs = rows("costs.csv")
    assert {(row["currency"], row["price_year"]) for row in costs} == {("USD", "2023")}
    assert {row["intervention"] for row in costs} <= ids["interventions"]
    assert {row["category"] for row in costs} <= {"capital", "operating", "residual"}
    sourced = {row["intervention"] for row in costs if row["grade"] in "ABC"}
    assert len(sourced) >= 15


def test_waits_and_attributes_belong_to_crossings_of_the_case(ids):
    for row in rows("delays.csv"):
        assert row["crossing"] in ids["crossings"]
        assert row["direction"] in ids["economies"]
        assert row["quality"] == "D" or row["period_end"] >= "2020", row
    for row in rows("crossing_attributes.csv"):
        assert row["crossing"] in ids["crossings"]
        assert row["grade"] == "D" or not row["source"].startswith("From memory"), row


def test_the_notice_that_statistics_canada_asks_for_is_shown():
    notice = (
        "Adapted from Statistics Canada, Tables 36-10-0221-01 and 17-10-0005-01. "
        "This does not constitute an endorsement by Statistics Canada of this product."
    )
    assert notice in " ".join((CASE / "README.md").read_text(encoding="utf-8").split())
    assert notice in (CASE / "case.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["channels.csv", "costs.csv", "parameters.csv", "crossing_attributes.csv", "delays.csv"]
)
def test_what_is_from_memory_is_graded_as_an_assumption(name):
    """A range of which one end alone is from memory may be C."""
    for row in rows(name):
        if "memory" in row["source"].lower():
            one_end = "high after" in row["source"]
            assert row.get("grade", row.get("quality")) in (("C", "D") if one_end else ("D",)), row
