"""What is odd but no reason to refuse a case."""

import pytest

from regions.importing.loader import read_folder
from regions.importing.problems import ImportRefused
from tests.regions.case_files import FILES, edited, write_case


def warnings(folder):
    return [
        (problem.file, problem.row, problem.column, problem.value, problem.kind)
        for problem in read_folder(folder).problems.warnings
        if problem.kind != "defaults_used"
    ]


def test_outline_of_unknown_place_and_place_without_outline(tmp_path):
    folder = write_case(tmp_path / "c-2023", **edited("outlines", '"US-REST"', '"US-OLD"'))
    assert warnings(folder) == [
        ("outlines.geojson", 2, "id", "US-OLD", "outline_of_known_place"),
        ("regions.csv", 3, "id", "US-REST", "place_has_outline"),
    ]


def test_place_outside_its_outline(tmp_path):
    folder = write_case(tmp_path / "c-2023", **edited("regions", "44.5,-85.0", "41.5,-85.0"))
    assert warnings(folder) == [("regions.csv", 2, "latitude", "41.5", "place_lies_in_its_outline")]


def test_polygon_that_can_be_repaired(tmp_path):
    """A spike of no area is taken off and reported."""
    folder = write_case(
        tmp_path / "c-2023", **edited("outlines", "[-83, 47], [-87, 47]", "[-83, 47], [-83, 49], [-83, 47], [-87, 47]")
    )
    assert warnings(folder) == [("outlines.geojson", 1, "geometry", "US-MI", "repaired_polygon")]


def test_unknown_columns_and_files(tmp_path):
    folder = write_case(tmp_path / "c-2023", **edited("economies", "id,name,currency", "id,name,money"))
    (folder / "delay.csv").write_text("a slip in the name\n")
    (folder / "README.md").write_text("no data\n")
    assert warnings(folder) == [
        ("delay.csv", 0, "", "", "unknown_file"),
        ("economies.csv", 1, "money", "money", "unknown_column"),
    ]


def test_economy_without_places_and_goods_that_nobody_trades(tmp_path):
    folder = write_case(
        tmp_path / "c-2023",
        economies=FILES["economies.csv"] + "MX,Mexico,MXN\n",
        sectors=FILES["sectors.csv"] + "ships,Ships,goods,\nhotels,Hotels,services,\n",
    )
    assert warnings(folder) == [
        ("economies.csv", 4, "id", "MX", "economy_has_places"),
        ("sectors.csv", 5, "id", "ships", "goods_sector_is_traded"),
    ]


def test_flow_through_a_crossing_of_other_economies(tmp_path):
    folder = write_case(
        tmp_path / "c-2023",
        economies=FILES["economies.csv"] + "MX,Mexico,MXN\n",
        regions=FILES["regions.csv"] + "MX,Mexico,MX,1400000,128000000,23.0,-102.0,partner\n",
        crossing_flows=FILES["crossing_flows.csv"] + "MX,CA-ON,0901,truck,1000\n",
        sector_flows=FILES["sector_flows.csv"] + "MX,CA-ON,food,1000\nMX,US-MI,food,1000\n",
        outlines=None,
    )
    assert warnings(folder) == [("crossing_flows.csv", 6, "crossing", "0901", "flow_crosses_where_its_economies_meet")]


def test_place_in_another_economy(tmp_path):
    folder = write_case(tmp_path / "small-2023", **edited("regions", "44.5,-85.0,border", "50.5,-85.0,border"))
    kinds = [(row, kind) for _, row, _, _, kind in warnings(folder)]
    assert (2, "place_lies_in_its_economy") in kinds


def test_crossing_far_from_both_of_its_regions(tmp_path):
    folder = write_case(tmp_path / "small-2023", **edited("crossings", "42.3,-83.05", "24.3,-83.05"))
    assert warnings(folder) == [("crossings.csv", 2, "latitude", "24.3", "crossing_lies_near_a_region")]


def test_trade_in_another_unit_than_gdp(tmp_path):
    folder = write_case(tmp_path / "small-2023", **edited("regions", "US,658992.3,", "US,0.000000265,"))
    with pytest.raises(ImportRefused) as refusal:
        read_folder(folder)
    assert {(one.file, one.row, one.kind) for one in refusal.value.problems.errors} == {
        ("regions.csv", 2, "trade_fits_gdp")
    }
    assert "times GDP" in str(refusal.value.problems.errors[0])
