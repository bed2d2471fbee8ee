"""The change between two years from two imported cases: numbers, every format, refusals."""

import csv
import io
import json
import re

import pytest
from django.core.management import CommandError, call_command

from planner.reports.growth_report import growth_file, growth_sentences
from planner.reports.numbers import format_number
from planner.services import RunRefused
from planner.services.growth import case_growth
from regions.importing.loader import import_case
from regions.models import Case
from tests.factories.plans import CROSSING_FLOWS, SECTOR_FLOWS, write_plans

PARTS = ("spending", "mix", "shares")


@pytest.fixture
def years(db, tmp_path):
    """2021 and 2023: Ontario sells Michigan half as many cars again, over the same bridge; incomes grow by a tenth."""
    folders = [write_plans(tmp_path / f"small-{year}", costs=None) for year in (2021, 2023)]
    for folder, year in zip(folders, (2021, 2023), strict=True):
        about = (folder / "case.json").read_text(encoding="utf-8").replace("2023", str(year))
        (folder / "case.json").write_text(about, encoding="utf-8")
    later = folders[1]
    (later / "sector_flows.csv").write_text(
        SECTOR_FLOWS.replace("CA-ON,US-MI,cars,38000000000", "CA-ON,US-MI,cars,57000000000"), encoding="utf-8"
    )
    (later / "crossing_flows.csv").write_text(
        CROSSING_FLOWS.replace("CA-ON,US-MI,0901,truck,30000000000", "CA-ON,US-MI,0901,truck,49000000000"),
        encoding="utf-8",
    )
    regions = (later / "regions.csv").read_text(encoding="utf-8")
    grown = re.sub(r",(US|CA),([\d.]+),", lambda found: f",{found[1]},{float(found[2]) * 1.1},", regions)
    assert grown != regions
    (later / "regions.csv").write_text(grown, encoding="utf-8")
    for folder in folders:
        import_case(folder)
    return [Case.objects.get(name=f"small-{year}") for year in (2021, 2023)]


def test_the_split_adds_up_and_names_what_grew(years):
    found = case_growth(*years)
    regions = {row["place"]: row for row in found["regions"]}
    michigan = regions["US-MI"]["balance"]
    assert (michigan["before_musd"], michigan["after_musd"]) == pytest.approx((-21000, -40000))
    assert michigan["total"] == pytest.approx(-19000)
    assert regions["CA-ON"]["exports"]["total"] == pytest.approx(19000)
    for row in (
        found["whole"],
        *found["pairs"],
        *(one[side] for one in regions.values() for side in ("exports", "imports", "balance")),
    ):
        assert sum(row[part] for part in PARTS) == pytest.approx(row["total"], abs=1e-6)
        assert row["after_musd"] - row["before_musd"] == pytest.approx(row["total"], abs=1e-6)
    pair = found["pairs"][0]
    assert (pair["origin"], pair["destination"], pair["total"] > 0) == ("CA-ON", "US-MI", True)
    # Michigan buys no less at home: the rest of the growth is what Ontario's makers won in it.
    assert pair["shares"] > 0
    assert pair["spending"] > 0
    back = next(row for row in found["pairs"] if (row["origin"], row["destination"]) == ("US-MI", "CA-ON"))
    assert (back["total"], back["spending"] > 0, back["shares"] < 0) == (0.0, True, True), (
        "spending grew, imports did not"
    )
    first, second = growth_sentences(found)
    assert first.startswith("From 2021 to 2023 goods trade across the border changed by +19.00 billion USD")
    assert second.startswith("Michigan's balance fell most, by 19.00 billion USD")


def test_every_format_holds_the_same_numbers(years, tmp_path, capsys):
    found = case_growth(*years)
    document = json.loads(growth_file(found, "json"))
    assert document == json.loads(growth_file(case_growth(*years), "json")), "equal cases give equal files"
    rows = list(csv.DictReader(io.StringIO(growth_file(found, "csv").decode("utf-8-sig"))))
    michigan = next(row for row in rows if (row["what"], row["place"]) == ("balance", "US-MI"))
    own = next(row["balance"] for row in document["regions"] if row["place"] == "US-MI")
    for part in ("total", *PARTS):
        assert float(michigan[f"{part}_musd"]) == own[part]
    html = growth_file(found, "html", "fr").decode()
    assert "<script" not in html
    assert format_number(own["total"], "busd_signed") in growth_file(found, "html").decode()
    out = tmp_path / "growth.pdf"
    call_command("growth", "small-2021", "small-2023", format="pdf", out=out)
    assert out.read_bytes().startswith(b"%PDF")
    assert "Michigan" in capsys.readouterr().out


def test_cases_that_do_not_fit_are_refused(years, tmp_path):
    with pytest.raises(RunRefused, match="expected the earlier year first"):
        case_growth(*reversed(years))
    with pytest.raises(RunRefused, match="given twice"):
        case_growth(years[0], years[0])
    with pytest.raises(CommandError, match=r"There is no case 'atlantis'\. Imported: small-2021, small-2023") as caught:
        call_command("growth", "atlantis", "small-2023", out=tmp_path / "none.html")
    assert caught.value.returncode == 2
    Case.objects.filter(pk=years[1].pk).update(currency="CAD")
    with pytest.raises(RunRefused) as refused:
        case_growth(*Case.objects.order_by("year"))
    assert "convert one of them" in refused.value.problems[0]
