"""make_case on small made files: every dollar accounted for, traps kept, faults named, nothing half-written."""

import csv
import json

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from regions.importing.loader import import_case
from regions.importing.problems import ImportRefused
from regions.importing.transborder import US_STATES
from regions.making.geography import BORDERS, Geography
from regions.making.make import make_case
from regions.making.places import choose_places
from regions.models import Case, SectorFlow
from regions.selectors import case_frames
from tests.regions import made_files
from tests.regions.made_files import MONTHS, request
from tests.regions.test_shipped_case import CASE as SHIPPED
from tests.regions.transborder_files import DOT1, DOT2, write

YEAR = len(MONTHS) + 1  # January counts twice


def tables(folder):
    keep = {"dtype": str, "keep_default_na": False}
    return {path.name: pd.read_csv(path, **keep) for path in folder.glob("*.csv")}


def value(frame, **cells):
    for column, cell in cells.items():
        frame = frame[frame[column] == cell]
    return int(frame["value_usd"].astype(float).sum())


def refused(asked):
    with pytest.raises(ImportRefused) as refusal:
        make_case(asked)
    assert not asked.out.exists()
    assert not list(asked.out.parent.glob(f".{asked.out.name}*")), "nothing half-written is left"
    return refusal.value.problems


@pytest.fixture
def shipped_case_folder():
    return SHIPPED


@pytest.fixture(scope="module")
def canada(tmp_path_factory):
    return make_case(request(tmp_path_factory.mktemp("canada")))


def test_flows_by_port_and_by_sector_are_those_of_the_files(canada):
    found = tables(canada.path)
    crossing, sector = found["crossing_flows.csv"], found["sector_flows.csv"]
    assert value(crossing, origin="US-MI", destination="CA-ON", crossing="3801") == 4_000_000 * YEAR
    assert value(sector, origin="US-MI", destination="CA-ON", sector="vehicles_transport") == 4_000_000 * YEAR
    assert value(sector, origin="US-MI", destination="CA-ON", sector="machinery_electronics") == 1_000_000 * YEAR
    # Ohio and Texas are the hinterland; the rest of the district of Buffalo is no port with entry data.
    assert value(crossing, origin="US-REST", destination="CA-QC") == 2_000_000 * YEAR
    assert value(sector, origin="CA-REST", destination="US-REST", sector="agri_food") == 1_500_000 * YEAR
    assert value(crossing, origin="CA-QC", destination="US-NY", crossing="OTHER", mode="pipeline") == 3_000_000 * YEAR
    assert value(crossing) == value(sector) == 16_500_000 * YEAR
    assert set(sector["how"]) == {"observed"}
    assert canada.record["sectors"]["shares"] == {"observed": 1, "scaled": 0, "imputed": 0}


def test_what_was_left_out_is_counted(canada):
    left = canada.record["left_out"]
    assert left["value_usd"] == {"US state DU unknown": 70_000 * YEAR, "CA place OT unknown": 30_000 * YEAR}
    assert left["share"] == pytest.approx(0.1 / 16.6)
    assert any("US state DU unknown" in words for words in canada.warnings)


def test_tables_are_compared_with_each_other(canada):
    assert [(check["name"], check["holds"]) for check in canada.record["checks"]] == [
        ("dot1 = dot2", True),
        ("dot1 = dot3", True),
    ]
    assert canada.record["ignored_files"] == ["codes.txt"]


def test_crossings_and_their_months(canada):
    rows = {row["code"]: row for row in csv.DictReader((canada.path / "crossings.csv").open())}
    assert list(rows) == ["3801", "3802"]
    assert rows["3801"]["trucks_inbound"] == "12000"
    assert rows["3802"]["months_reported"] == "11"
    assert (rows["3801"]["us_region"], rows["3801"]["facing_region"]) == ("US-MI", "CA-ON")
    # A count that nobody reported is empty, not zero.
    assert rows["3801"]["trains_inbound"] == ""
    values = {row["key"]: row["central"] for row in csv.DictReader((canada.path / "parameters.csv").open())}
    # Both ports' trucks, with the value by truck: 5.0 million a month in, 4.0 + 2.0 out.
    assert float(values["truck_value_usd:US"]) == round(5_000_000 * YEAR / 23_000)
    assert float(values["truck_value_usd:CA"]) == round(6_000_000 * YEAR / 23_000)


@pytest.mark.django_db
def test_the_made_case_imports_with_its_record(canada):
    result = import_case(canada.path)
    assert result.outcome == "loaded"
    assert not result.problems.errors
    case = Case.objects.get(name="us-canada-2021")
    assert case.making["left_out"] == canada.record["left_out"]
    assert case_frames(case)["sector_flows"]["value_musd"].sum() == pytest.approx(16.5 * YEAR)
    assert "closed world" in case.description


def test_sectors_of_january_stand_for_the_year(tmp_path):
    made = make_case(request(tmp_path, dot2_months=[1]))
    sector = tables(made.path)["sector_flows.csv"]
    assert value(sector, origin="US-MI", destination="CA-ON", sector="vehicles_transport") == 4_000_000 * YEAR
    assert set(sector["how"]) == {"scaled"}
    assert made.record["sectors"]["months"] == [1]
    assert any("100.0 % scaled" in words for words in made.warnings)


def test_a_flow_without_any_commodity_gets_the_mix_of_others_and_says_so(tmp_path):
    asked = request(tmp_path, dot2_months=[1])
    lines = made_files.rows(made_files.CANADA[:2] + made_files.CANADA[3:], "dot2", 1)
    write(asked.transborder, *lines, header=DOT2, name="dot2_0121.csv")
    made = make_case(asked)
    flows = tables(made.path)["sector_flows.csv"]
    ohio = flows[(flows["origin"] == "US-REST") & (flows["destination"] == "CA-QC")]
    assert set(ohio["how"]) == {"imputed"}
    # The mix of all exports by truck: vehicles only.
    assert list(ohio["sector"]) == ["vehicles_transport"]
    assert value(ohio) == 2_000_000 * YEAR
    assert [check["holds"] for check in made.record["checks"]] == [False, True]
    assert any("dot1 = dot2 does not hold" in words for words in made.warnings)


@pytest.mark.django_db
def test_mexico_is_one_place_unless_asked(tmp_path):
    made = make_case(request(tmp_path, "us-mexico"))
    crossing = tables(made.path)["crossing_flows.csv"]
    assert value(crossing, origin="MX", destination="US-TX") == 6_000_000 * YEAR
    # Nayarit (NA) and the unknown state are of Mexico all the same.
    assert value(crossing, origin="US-TX", destination="MX") == 4_700_000 * YEAR
    assert made.record["mexican_states"] == "one place"
    assert set(tables(made.path)["sector_flows.csv"]["how"]) == {"observed"}
    assert import_case(made.path).outcome == "loaded"


def test_mexican_states_are_refused_without_imputation(tmp_path):
    problems = refused(request(tmp_path, "us-mexico", regions=["US-TX", "MX-CHH", "MX-NLE"]))
    assert [problem.kind for problem in problems] == ["no_mexican_state"]
    assert "carry no Mexican state" in str(problems.errors[0])


@pytest.mark.django_db
def test_imputed_mexican_states_are_marked(tmp_path):
    made = make_case(
        request(tmp_path, "us-mexico", regions=["US-TX", "US-CA", "MX-CHH", "MX-NLE"], impute_mexican_states=True)
    )
    found = tables(made.path)
    crossing, sector = found["crossing_flows.csv"], found["sector_flows.csv"]
    # Through Laredo 5 of 6 exports went to Nuevo Leon, 1 of 6 to Nayarit, which is of the hinterland.
    assert value(crossing, origin="MX-NLE", destination="US-TX") == pytest.approx(5_000_000 * YEAR, abs=1)
    assert value(crossing, origin="MX-REST", destination="US-TX") == pytest.approx(1_000_000 * YEAR, abs=1)
    assert value(crossing, origin="MX-CHH", destination="US-CA") == 2_000_000 * YEAR
    imports = sector[sector["origin"].str.startswith("MX")]
    assert set(imports["how"]) == {"imputed"}
    assert set(sector[sector["origin"].str.startswith("US")]["how"]) == {"observed"}
    assert made.record["left_out"]["value_usd"] == {"MX place OT unknown": 100_000 * YEAR}
    assert any("rest on this imputation" in words for words in made.warnings)
    import_case(made.path)
    assert SectorFlow.objects.filter(how="imputed").count() == len(imports)


def test_a_missing_month_is_not_a_zero(tmp_path):
    asked = request(tmp_path)
    (asked.transborder / "dot1_0721.csv").unlink()
    problems = refused(asked)
    assert [problem.kind for problem in problems] == ["missing_month"]
    assert "2021-07" in str(problems.errors[0])


def test_the_same_month_twice_is_refused(tmp_path):
    asked = request(tmp_path)
    write(asked.transborder, *made_files.rows(made_files.CANADA[:1], "dot1", 3), header=DOT1, name="revised.csv")
    assert "holds dot1 of 2021-03 too" in str(refused(asked).errors[0])


def test_faulty_cells_are_named_in_every_file(tmp_path):
    asked = request(tmp_path)
    for name, table in (("dot1_0121.csv", "dot1"), ("dot2_0121.csv", "dot2")):
        header = DOT1 if table == "dot1" else DOT2
        lines = made_files.rows(made_files.CANADA, table, 1)
        lines[2] = lines[2].replace("4000000", "many")
        write(asked.transborder, *lines, header=header, name=name)
    problems = refused(asked)
    assert {(problem.file, problem.row, problem.column, problem.value) for problem in problems} >= {
        ("dot1_0121.csv", 4, "VALUE", "many"),
        ("dot2_0121.csv", 4, "VALUE", "many"),
    }


def test_accounts_must_have_every_place(tmp_path):
    asked = request(tmp_path)
    made_files.accounts_file(tmp_path, "CA-QC", "CA-REST")
    problems = refused(asked)
    assert [(problem.file, problem.value) for problem in problems] == [
        ("accounts.csv", "CA-QC"),
        ("accounts.csv", "CA-REST"),
    ]
    assert "rows of all its parts: CA-AB" in str(problems.errors[1])


def test_a_hinterland_is_added_up_from_its_parts(tmp_path):
    asked = request(tmp_path)
    geography = Geography(BORDERS["us-canada"])
    places = choose_places(geography, asked.regions, False)
    parts = [part for part, place in places.of_part.items() if place == "CA-REST"]
    path = made_files.accounts_file(tmp_path, "CA-REST")
    lines = [
        f"{part},{part},CA,{100 * number},{1000 * number},50,-{100 + number}" for number, part in enumerate(parts, 1)
    ]
    path.write_text(path.read_text() + "\n".join(lines) + "\n")
    made = make_case(asked)
    (row,) = [row for row in csv.DictReader((made.path / "regions.csv").open()) if row["id"] == "CA-REST"]
    count = len(parts)
    assert int(row["population"]) == 1000 * count * (count + 1) // 2
    weights = range(1, count + 1)
    west = sum(number * (100 + number) for number in weights) / sum(weights)
    assert float(row["longitude"]) == pytest.approx(-west, abs=1e-3)


def test_sector_map_must_have_every_chapter(tmp_path):
    path = tmp_path / "map.csv"
    path.write_text(
        "chapter,sector,name\n" + "".join(f"{number:02d},all,All goods\n" for number in range(1, 99) if number != 77)
    )
    problems = refused(request(tmp_path, sectors=path))
    assert "there is none for 99" in str(problems.errors[0])
    path.write_text(path.read_text() + "99,rest,The rest\n77,all,\n")
    assert [problem.row for problem in refused(request(mkdir(tmp_path / "two"), sectors=path))] == [100]


def test_another_sector_map(tmp_path):
    path = tmp_path / "map.csv"
    path.write_text("chapter,sector,name\n" + "".join(f"{n:02d},all_goods,\n" for n in range(1, 100) if n != 77))
    made = make_case(request(tmp_path, sectors=path))
    assert [row["id"] for row in csv.DictReader((made.path / "sectors.csv").open())] == [
        "all_goods",
        "services",
        "travel",
    ]


def mkdir(path):
    path.mkdir()
    return path


@pytest.mark.django_db
def test_the_command(tmp_path, capsys):
    asked = request(tmp_path)
    arguments = [
        *("--transborder", str(asked.transborder), "--border-entry", str(asked.border_entry)),
        *("--accounts", str(asked.accounts), "--border", "us-canada", "--year", "2021", "--out", str(asked.out)),
        *("--regions", ",".join(asked.regions)),
    ]
    call_command("make_case", *arguments)
    assert "made. Next: manage.py import_case" in capsys.readouterr().out
    assert json.loads((asked.out / "made.json").read_text())["year"] == 2021
    with pytest.raises(CommandError) as error:
        call_command("make_case", *arguments)
    assert error.value.returncode == 2
    assert "not there yet" in str(error.value)


def test_places_of_the_shipped_case_face_as_they_do_there(shipped_crossings):
    geography = Geography(BORDERS["us-canada"])
    places = choose_places(geography, None, False)
    found = {
        row["code"]: places.of_part[geography.faces(row["code"], row["us_region"], float(row["longitude"]))]
        for row in shipped_crossings
    }
    assert found == {row["code"]: row["facing_region"] for row in shipped_crossings}
    assert len(found) == 83


@pytest.fixture
def shipped_crossings(shipped_case_folder):
    with (shipped_case_folder / "crossings.csv").open() as file:
        return list(csv.DictReader(file))


def test_sectors_and_regions_are_those_of_the_shipped_case(shipped_case_folder, canada):
    with (shipped_case_folder / "sectors.csv").open() as file:
        shipped = list(csv.DictReader(file))
    made = list(csv.DictReader((canada.path / "sectors.csv").open()))
    assert made == shipped
    with (shipped_case_folder / "regions.csv").open() as file:
        border = [row["id"] for row in csv.DictReader(file) if row["kind"] == "border"]
    assert choose_places(Geography(BORDERS["us-canada"]), None, False).border == tuple(border)
    for name in ("crossings.csv", "crossing_flows.csv"):
        assert header(canada.path / name) == header(shipped_case_folder / name)


def header(path):
    return path.read_text().splitlines()[0]


def test_every_state_of_the_files_has_a_place():
    known = {code for economy, code in Geography(BORDERS["us-canada"]).by_code if economy == "US"}
    # Territories are not in the accounts of the states, so what they trade is counted and left out.
    assert US_STATES - known == {"PR", "VI"}
