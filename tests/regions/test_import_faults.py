"""Every fault of an input is found, with file, row, column and value; nothing is stored."""

import pytest
from django.apps import apps

from regions.importing.loader import import_case, read_folder
from regions.importing.problems import ImportRefused, Problem
from tests.regions.case_files import FILES, edited, write_case


def row_counts() -> dict[str, int]:
    """Rows of every table of both apps, history included."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def refused(folder) -> list[Problem]:
    with pytest.raises(ImportRefused) as refusal:
        read_folder(folder)
    return refusal.value.problems.errors


def where(problem: Problem) -> tuple[str, int, str, str]:
    return problem.file, problem.row, problem.column, problem.value


# (changes, file, row, column, value, kind)
ONE_FAULT = {
    "missing column": (
        {"regions": FILES["regions.csv"].replace("population", "people")},
        ("regions.csv", 1, "population", ""), "missing_column",
    ),
    "unknown place in crossing flows": (
        edited("crossing_flows", "US-REST,CA-ON,3802", "US-ZZ,CA-ON,3802"),
        ("crossing_flows.csv", 5, "origin", "US-ZZ"), "crossing_flow_between_known_places",
    ),
    "unknown place in sector flows": (
        edited("sector_flows", "US-REST,CA-ON", "US-REST,CA-XX"),
        ("sector_flows.csv", 5, "destination", "CA-XX"), "sector_flow_between_known_places",
    ),
    "unknown crossing": (
        edited("crossing_flows", "US-REST,CA-ON,3802", "US-REST,CA-ON,9999"),
        ("crossing_flows.csv", 5, "crossing", "9999"), "flow_through_known_crossing",
    ),
    "lost leading zero": (
        edited("crossing_flows", "US-MI,CA-ON,0901", "US-MI,CA-ON,901"),
        ("crossing_flows.csv", 4, "crossing", "901"), "flow_through_known_crossing",
    ),
    "unknown sector": (
        edited("sector_flows", "CA-ON,US-MI,food", "CA-ON,US-MI,feed"),
        ("sector_flows.csv", 3, "sector", "feed"), "flow_of_known_sector",
    ),
    "negative value": (
        edited("sector_flows", "food,300000\nUS-MI", "food,-300000\nUS-MI"),
        ("sector_flows.csv", 3, "value_usd", "-300000"), "negative",
    ),
    "negative count": (
        edited("crossings", "CA-ON,1000,", "CA-ON,-1000,"),
        ("crossings.csv", 2, "trucks_inbound", "-1000"), "negative",
    ),
    "text for a number": (
        edited("regions", "658992.3", "much"), ("regions.csv", 2, "gdp_musd", "much"), "not_a_number",
    ),
    "thousands separators": (
        edited("regions", "658992.3", '"658,992.3"'), ("regions.csv", 2, "gdp_musd", "658,992.3"), "not_a_number",
    ),
    "fraction for a whole number": (
        edited("crossings", "CA-ON,1000,", "CA-ON,10.5,"),
        ("crossings.csv", 2, "trucks_inbound", "10.5"), "not_a_number",
    ),
    "NaN": (
        edited("crossing_flows", "truck,500000", "truck,NaN"),
        ("crossing_flows.csv", 4, "value_usd", "NaN"), "not_finite",
    ),
    "infinity": (
        edited("crossing_flows", "truck,500000", "truck,-inf"),
        ("crossing_flows.csv", 4, "value_usd", "-inf"), "not_finite",
    ),
    "number without end": (
        edited("crossing_flows", "truck,500000", "truck,1e999"),
        ("crossing_flows.csv", 4, "value_usd", "1e999"), "too_large",
    ),
    "empty cell": (
        edited("crossing_flows", "truck,500000", "truck,"),
        ("crossing_flows.csv", 4, "value_usd", ""), "missing_value",
    ),
    "duplicate flow": (
        edited("sector_flows", "CA-ON,US-MI,food", "CA-ON,US-MI,cars"),
        ("sector_flows.csv", 3, "origin+destination+sector", "CA-ON, US-MI, cars"), "duplicate_key",
    ),
    "duplicate place": (
        edited("regions", "US-REST,Rest", "US-MI,Rest"), ("regions.csv", 3, "id", "US-MI"), "duplicate_key",
    ),
    "duplicate crossing": (
        edited("crossings", "3802,New", "0901,New"), ("crossings.csv", 3, "code", "0901"), "duplicate_key",
    ),
    "crossing without region": (
        edited("crossings", "-82.4,US-MI,CA-ON", "-82.4,,CA-ON"),
        ("crossings.csv", 3, "region_a", ""), "missing_value",
    ),
    "crossing in unknown region": (
        edited("crossings", "-82.4,US-MI,CA-ON", "-82.4,US-MI,CA-QC"),
        ("crossings.csv", 3, "region_b", "CA-QC"), "crossing_joins_known_places",
    ),
    "crossing inside one economy": (
        edited("crossings", "-82.4,US-MI,CA-ON", "-82.4,US-MI,US-REST"),
        ("crossings.csv", 3, "region_b", "US-REST"), "crossing_joins_two_economies",
    ),
    "crossing with a reserved code": (
        edited("crossings", "3802,New", "OTHER,New"), ("crossings.csv", 3, "code", "OTHER"), "crossing_code_not_reserved",
    ),
    "bad encoding": (
        {"regions": FILES["regions.csv"].replace("Ontario", "Québec").encode("cp1252")},
        ("regions.csv", 4, "", "CA-ON,Qu\\xe9bec,CA,829476."), "bad_encoding",
    ),
    "empty file": ({"sector_flows": ""}, ("sector_flows.csv", 0, "", ""), "empty_file"),
    "empty optional file": ({"delays": b"\xef\xbb\xbf\n\n"}, ("delays.csv", 0, "", ""), "empty_file"),
    "header without rows": (
        {"sector_flows": "origin,destination,sector,value_usd\n"}, ("sector_flows.csv", 0, "", ""), "no_rows",
    ),
    "missing required file": ({"crossing_flows": None}, ("crossing_flows.csv", 0, "", ""), "missing_file"),
    "row with too few cells": (
        edited("sector_flows", "US-MI,CA-ON,cars,500000", "US-MI,CA-ON,cars"),
        ("sector_flows.csv", 4, "", "US-MI,CA-ON,cars"), "bad_row",
    ),
    "column given twice": (
        edited("economies", "id,name,currency", "id,name,name"), ("economies.csv", 1, "name", "name"), "duplicate_column",
    ),
    "unclosed quote": (
        edited("economies", "Canada,CAD", '"Canada,CAD'), ("economies.csv", 0, "", ""), "bad_csv",
    ),
    "unknown kind of place": (
        edited("regions", "-93.3,hinterland", "-93.3,inland"), ("regions.csv", 3, "kind", "inland"), "unknown_choice",
    ),
    "unknown kind of sector": (
        edited("sectors", "Food,goods", "Food,wares"), ("sectors.csv", 3, "kind", "wares"), "unknown_choice",
    ),
    "unknown mode": (
        edited("crossing_flows", "3802,rail", "3802,sledge"), ("crossing_flows.csv", 5, "mode", "sledge"), "unknown_choice",
    ),
    "latitude out of range": (
        edited("crossings", "42.3,-83.05", "142.3,-83.05"), ("crossings.csv", 2, "latitude", "142.3"), "out_of_range",
    ),
    "longitude out of range": (
        edited("regions", "50.0,-86.0", "50.0,-286.0"), ("regions.csv", 4, "longitude", "-286.0"), "out_of_range",
    ),
    "GDP of zero": (edited("regions", "829476.9", "0"), ("regions.csv", 4, "gdp_musd", "0"), "out_of_range"),
    "place in unknown economy": (
        edited("regions", "hinterland\nCA-ON,Ontario,CA", "hinterland\nCA-ON,Ontario,MX"),
        ("regions.csv", 4, "country", "MX"), "place_in_known_economy",
    ),
    "place with the id of another economy": (
        edited("economies", "CA,Canada,CAD", "CA,Canada,CAD\nUS-MI,Michigan,USD"),
        ("regions.csv", 2, "id", "US-MI"), "place_id_is_no_economy_id",
    ),
    "wait at unknown crossing": (
        edited("delays", "0901,US,truck,2023-01-01,2023-12-31,p95", "0999,US,truck,2023-01-01,2023-12-31,p95"),
        ("delays.csv", 3, "crossing", "0999"), "wait_at_known_crossing",
    ),
    "wait into an economy the crossing does not touch": (
        edited("delays", "0901,US,truck,2023-01-01,2023-12-31,p95", "0901,MX,truck,2023-01-01,2023-12-31,p95"),
        ("delays.csv", 3, "direction", "MX"), "wait_enters_an_economy_of_its_crossing",
    ),
    "wait that ends before it starts": (
        edited("delays", "2023-12-31,p95", "2022-12-31,p95"),
        ("delays.csv", 3, "period_end", "2022-12-31"), "wait_period_in_order",
    ),
    "date written in another way": (
        edited("delays", "2023-12-31,p95", "31/12/2023,p95"), ("delays.csv", 3, "period_end", "31/12/2023"), "not_a_date",
    ),
    "attribute of unknown crossing": (
        edited("crossing_attributes", "0901,opens", "0902,opens"),
        ("crossing_attributes.csv", 4, "crossing", "0902"), "attribute_of_known_crossing",
    ),
    "booths in words": (
        edited("crossing_attributes", "truck_booths,5", "truck_booths,five"),
        ("crossing_attributes.csv", 2, "value", "five"), "attribute_value_fits",
    ),
    "hour that is none": (
        edited("crossing_attributes", "06:30", "06:75"),
        ("crossing_attributes.csv", 4, "value", "06:75"), "attribute_value_fits",
    ),
    "cost shares above one": (
        edited("io", "food,cars,0.1", "food,cars,0.2"), ("value_added.csv", 2, "share", "0.5"), "cost_shares_add_up",
    ),
    "share of more than all": (edited("io", "cars,cars,0.4", "cars,cars,1.4"), ("io.csv", 2, "share", "1.4"), "out_of_range"),
    "input-output table of unknown place": (
        edited("io", "US-MI,food", "US-XX,food"), ("io.csv", 3, "place", "US-XX"), "table_names_known_places",
    ),
    "tariff on unknown sector": (
        edited("tariffs", "food,0.05", "feed,0.05"), ("tariffs.csv", 2, "sector", "feed"), "table_names_known_sectors",
    ),
    "negative tariff": (edited("tariffs", "0.05", "-0.05"), ("tariffs.csv", 2, "rate", "-0.05"), "negative"),
    "broken JSON": (
        {"case": '{"name": "small-2023",\n"year": 2023,}'}, ("case.json", 2, "", ""), "bad_json",
    ),
    "year in words": (
        edited("case", '"year": 2023', '"year": "2023"'), ("case.json", 0, "year", "2023"), "bad_value",
    ),
    "name that is none": (
        edited("case", "small-2023", "../small"), ("case.json", 0, "name", "../small"), "bad_name",
    ),
    "sources that are none": (
        edited("case", '"price_year": 2023', '"sources": [{"what": "flows"}]'),
        ("case.json", 0, "sources[1]", "{'what': 'flows'}"), "bad_value",
    ),
    "control character in a name": (
        edited("economies", "Canada", "Can\x00ada"), ("economies.csv", 3, "name", "Can\x00ada"), "control_character",
    ),
    "half a character in a source": (
        edited("case", '"price_year": 2023', '"sources": [{"what": "x", "who": "x", "title": "\\ud800"}]'),
        ("case.json", 0, "sources[1].title", "\ud800"), "control_character",
    ),
    "outline of the same place twice": (
        edited("outlines", '"US-REST"', '"US-MI"'), ("outlines.geojson", 2, "id", "US-MI"), "duplicate_key",
    ),
    "outline that is no polygon": (
        edited("outlines", "[[[-87, 42], [-83, 42], [-83, 47], [-87, 47], [-87, 42]]]", "[[[-87, 42], [-83, 42]]]"),
        ("outlines.geojson", 1, "geometry", "US-MI"), "bad_geometry",
    ),
    "outline that crosses itself": (
        edited("outlines", "[-83, 42], [-83, 47], [-87, 47]", "[-83, 47], [-83, 42], [-87, 47]"),
        ("outlines.geojson", 1, "geometry", "US-MI"), "invalid_polygon",
    ),
    "outline beyond the globe": (
        edited("outlines", "[-80, 48]", "[-80, 148]"), ("outlines.geojson", 3, "geometry", "CA-ON"), "out_of_range",
    ),
    "outlines that are no features": (
        {"outlines": '{"type": "Point"}'}, ("outlines.geojson", 0, "", ""), "bad_geojson",
    ),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ONE_FAULT)
def test_fault_is_named_and_nothing_is_stored(fault, tmp_path):
    changes, place, kind = ONE_FAULT[fault]
    folder = write_case(tmp_path / "small-2023", **changes)
    before = row_counts()
    with pytest.raises(ImportRefused) as refusal:
        import_case(folder)
    found = {(where(problem), problem.kind) for problem in refusal.value.problems.errors}
    assert (place, kind) in found, f"found only {found}"
    assert all(problem.expectation for problem in refusal.value.problems)
    assert row_counts() == before


def test_the_small_case_is_right(tmp_path):
    read = read_folder(write_case(tmp_path / "small-2023"))
    own = [problem for problem in read.problems if not problem.file.startswith(("parameters", "interventions"))]
    assert own == []


def test_sector_and_crossing_totals_must_agree(tmp_path):
    folder = write_case(tmp_path / "c-2023", **edited("sector_flows", "CA-ON,cars,500000", "CA-ON,cars,510000"))
    (problem,) = refused(folder)
    assert where(problem) == ("crossing_flows.csv", 4, "value_usd", "500000")
    assert problem.kind == "sector_and_crossing_totals_agree"
    assert "US-MI to CA-ON: 510,000 USD by sector, 500,000 USD by crossing" in problem.expectation


def test_totals_may_differ_by_rounding(tmp_path):
    read_folder(write_case(tmp_path / "c-2023", **edited("sector_flows", "CA-ON,cars,500000", "CA-ON,cars,500400")))


def test_place_that_trades_with_nobody(tmp_path):
    regions = FILES["regions.csv"] + "CA-YT,Yukon,CA,3208.1,45463,64.8,-136.8,border\n"
    (problem,) = refused(write_case(tmp_path / "c-2023", regions=regions))
    assert where(problem) == ("regions.csv", 5, "id", "CA-YT")
    assert problem.kind == "place_trades"


def test_case_in_two_parts(tmp_path):
    folder = write_case(
        tmp_path / "c-2023",
        economies=FILES["economies.csv"] + "MX,Mexico,MXN\nGT,Guatemala,GTQ\n",
        regions=FILES["regions.csv"]
        + "MX-CHP,Chiapas,MX,20000,5543828,16.5,-92.5,border\nGT-SM,San Marcos,GT,2000,1032277,15.0,-91.9,border\n",
        crossings=FILES["crossings.csv"] + "7001,Suchiate,14.68,-92.15,MX-CHP,GT-SM,,,,,12\n",
        crossing_flows=FILES["crossing_flows.csv"] + "MX-CHP,GT-SM,7001,truck,1000\n",
        sector_flows=FILES["sector_flows.csv"] + "MX-CHP,GT-SM,food,1000\n",
    )
    (problem,) = refused(folder)
    assert where(problem) == ("regions.csv", 5, "id", "MX-CHP")
    assert problem.kind == "case_is_connected"


def test_flow_inside_an_economy(tmp_path):
    folder = write_case(tmp_path / "c-2023", **edited("sector_flows", "US-REST,CA-ON", "US-REST,US-MI"))
    problem = next(problem for problem in refused(folder) if problem.kind == "flow_crosses_a_border")
    assert where(problem) == ("sector_flows.csv", 5, "destination", "US-MI")


def test_one_economy_alone_is_no_border(tmp_path):
    folder = write_case(tmp_path / "c-2023", **edited("regions", "-86.0,border", "-86.0,hinterland"))
    assert [problem.kind for problem in refused(folder)] == ["two_economies"]


def test_folder_without_a_year_asks_for_one(tmp_path):
    (problem,) = refused(write_case(tmp_path / "small", case=None, mirror_flows=None))
    assert where(problem) == ("case.json", 0, "year", "")


def test_no_folder_at_all(tmp_path):
    (problem,) = refused(tmp_path / "nowhere")
    assert problem.kind == "missing_folder"


def test_all_faults_at_once(tmp_path):
    folder = write_case(
        tmp_path / "c-2023",
        **edited("regions", "658992.3", "much"),
        **edited("crossing_flows", "3802,rail,300000", "9999,sledge,-3"),
        **edited("sector_flows", "CA-ON,US-MI,food", "CA-ON,XX,food"),
        **edited("delays", "2023-12-31,p95", "2022-12-31,p95"),
        **edited("outlines", '"US-REST"', '"US-MI"'),
    )
    assert [where(problem) for problem in refused(folder)] == [
        ("regions.csv", 2, "gdp_musd", "much"),
        ("crossing_flows.csv", 5, "mode", "sledge"),
        ("crossing_flows.csv", 5, "value_usd", "-3"),
        ("outlines.geojson", 2, "id", "US-MI"),
        ("sector_flows.csv", 3, "destination", "XX"),
        ("delays.csv", 3, "period_end", "2022-12-31"),
    ]


def test_faulty_row_does_not_make_others_unknown(tmp_path):
    """A place whose GDP is wrong is still a place: flows that name it are not reported again."""
    folder = write_case(tmp_path / "c-2023", **edited("regions", "829476.9", "much"))
    assert [where(problem) for problem in refused(folder)] == [("regions.csv", 4, "gdp_musd", "much")]


def test_many_faults_are_counted_by_kind(tmp_path):
    rows = "".join(f"CA-ON,X{number},food,-1\n" for number in range(10_000))
    folder = write_case(tmp_path / "c-2023", sector_flows=FILES["sector_flows.csv"] + rows)
    with pytest.raises(ImportRefused) as refusal:
        read_folder(folder)
    lines = refusal.value.problems.lines("error")
    assert len(lines) == 52
    assert lines[0] == (
        'sector_flows.csv, row 6, column value_usd, value "-1": expected a number (decimal point, no thousands '
        "separators), at least 0 (USD per year)"
    )
    assert lines[-2:] == ["... and 9950 more. All 10000 errors by kind:", "  negative: 10000"]


def test_line_numbers_count_lines_of_the_file(tmp_path):
    """Empty lines and cells with line breaks do not shift the row that is named."""
    folder = write_case(
        tmp_path / "c-2023",
        economies='id,name,currency\n\nUS,"United\nStates",USD\r\nCA,Canada,toolong\n',
    )
    (problem,) = refused(folder)
    assert where(problem) == ("economies.csv", 5, "currency", "toolong")


def test_byte_order_mark_and_windows_line_ends_are_fine(tmp_path):
    content = b"\xef\xbb\xbf" + FILES["regions.csv"].replace("\n", "\r\n").encode()
    read = read_folder(write_case(tmp_path / "c-2023", regions=content))
    assert [row["id"] for row in read.case.contents["regions.csv"].rows] == ["US-MI", "US-REST", "CA-ON"]


def test_messages_are_printable(tmp_path):
    folder = write_case(tmp_path / "c-2023", **edited("economies", "id,name,currency", "id,\x1b[31mname,currency"))
    with pytest.raises(ImportRefused) as refusal:
        read_folder(folder)
    for line in refusal.value.problems.lines("error"):
        assert line.isprintable()


def test_missing_table_does_not_make_every_reference_unknown(tmp_path):
    folder = write_case(tmp_path / "c-2023", regions=None)
    assert [problem.kind for problem in refused(folder)] == ["missing_file"]
    folder = write_case(tmp_path / "d-2023", regions=None, sector_flows=None)
    assert [problem.file for problem in refused(folder)] == ["regions.csv", "sector_flows.csv"]
