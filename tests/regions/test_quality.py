"""Quality of the facts: each fault that is put in lowers the grade of its data set, and says why."""

import dataclasses

import pandas as pd
import pytest

from regions.importing.loader import import_case
from regions.importing.transborder_loader import import_transborder
from regions.models import Case, MirrorFlow
from regions.quality import words
from regions.quality.facts import fact_findings
from regions.quality.findings import at_least, at_most, by_dataset, worst
from regions.quality.mirrors import mirror_findings, mirrors_of
from regions.quality.official import official_findings
from tests.regions.case_files import write_case
from tests.regions.transborder_files import DOT2, ROWS, write

TRUCKS = 1000


def small_frames() -> dict[str, pd.DataFrame]:
    """Two places, one crossing, goods of two sectors: everything in order."""
    flows = pd.DataFrame({"origin": ["A", "B"], "destination": ["B", "A"]})
    return {
        "places": pd.DataFrame(
            {
                "id": ["A", "B"], "economy": ["X", "Y"], "gdp_musd": [1000.0, 2000.0],
                "population": [20_000.0, 40_000.0], "area_km2": [1.0, 1.0],
            }
        ),
        "sectors": pd.DataFrame({"id": ["cars"], "kind": ["goods"]}),
        "crossings": pd.DataFrame({"code": ["1"], "region_a": ["A"], "region_b": ["B"], "trucks_inbound": [TRUCKS * 1.0]}),
        "crossing_flows": flows.assign(crossing="1", mode="truck", value_musd=[40.0, 36.0]),
        "sector_flows": flows.assign(sector="cars", value_musd=[40.0, 36.0], how="observed"),
        "waits": pd.DataFrame(
            {"crossing": ["1", "1"], "direction": ["X", "Y"], "minutes": [10.0, 12.0], "grade": ["A", "B"], "source": "s"}
        ),
        "tariffs": pd.DataFrame({"origin": ["A"]}),
        "io": pd.DataFrame({"place": ["A"]}),
    }  # fmt: skip


CASE = {"year": 2023, "making": {"left_out": {"share": 0.001}, "months_reported_short": []}}


def found(frames=None, case=CASE, year=2024):
    findings = fact_findings(frames or small_frames(), case, year)
    return {finding.code: finding for finding in findings}, {row["dataset"]: row for row in by_dataset(findings)}


def test_a_case_in_order_is_graded_a_throughout():
    codes, datasets = found()
    assert {row["grade"] for row in datasets.values()} == {"A"}, datasets
    assert codes["value_per_truck"].value == pytest.approx(36e6 / TRUCKS)
    assert datasets["waits"]["timeliness"] is None
    for finding in codes.values():
        assert words.reason(finding.as_json()) != finding.code


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_flows_wrong_by_a_thousand_are_found(factor):
    frames = small_frames()
    for name in ("crossing_flows", "sector_flows"):
        frames[name]["value_musd"] *= factor
    codes, datasets = found(frames)
    assert codes["value_per_truck"].grade == "D"
    assert datasets["counts"]["plausibility"] == "D"
    if factor > 1:
        assert codes["trade_over_gdp"].grade == "D"
        assert codes["trade_over_gdp"].facts["places"] == ["A", "B"]


def test_accounts_wrong_by_a_thousand_are_found():
    frames = small_frames()
    frames["places"]["gdp_musd"] *= 1000
    codes, datasets = found(frames)
    assert codes["gdp_per_head"].grade == "D"
    assert codes["gdp_per_head"].facts["places"] == ["A", "B"]
    assert datasets["accounts"]["grade"] == "D"


def test_tables_that_differ_are_found():
    frames = small_frames()
    frames["sector_flows"].loc[0, "value_musd"] *= 1.02
    codes, datasets = found(frames)
    assert codes["pair_totals"].value == pytest.approx(0.02 / 1.02)
    assert datasets["crossing_flows"]["consistency"] == "D"
    making = {"checks": [{"name": "dot1 = dot2", "holds": False, "cells": 9, "largest_difference_usd": 5_000.0}]}
    codes, datasets = found(case={"year": 2023, "making": making})
    assert datasets["crossing_flows"]["consistency"] == "C"
    assert "5,000 USD" in words.reason(codes["tables_differ"].as_json())


@pytest.mark.parametrize(("share", "grade"), [(0.01, "A"), (0.05, "B"), (0.1, "C"), (0.2, "D")])
def test_what_is_left_out_lowers_completeness(share, grade):
    codes, datasets = found(case={"year": 2023, "making": {"left_out": {"share": share}}})
    assert codes["left_out"].grade == datasets["crossing_flows"]["completeness"] == grade
    assert found(case={"year": 2023, "making": {}})[0]["left_out_unknown"].grade == "B"


@pytest.mark.parametrize(("year", "grade"), [(2026, "A"), (2027, "B"), (2030, "C"), (2032, "D")])
def test_old_flows_lower_timeliness(year, grade):
    assert found(year=year)[1]["sector_flows"]["timeliness"] == grade


def test_how_flows_were_got():
    frames = small_frames()
    frames["sector_flows"]["how"] = ["scaled", "imputed"]
    codes, datasets = found(frames)
    assert datasets["sector_flows"]["completeness"] == "D"
    assert codes["how"].facts == {"scaled": 40 / 76, "imputed": 36 / 76, "mirrored": 0.0}
    assert "47.4 % imputed" in words.reason(codes["how"].as_json())


def test_waits_measured_for_a_part_only():
    frames = small_frames()
    frames["waits"] = frames["waits"].iloc[:1].assign(grade="D", minutes=60 * 30)
    codes, _ = found(frames)
    # Only what enters X (36 of 76) passes a measured wait, and that is no better than an assumption.
    assert codes["measured"].value == pytest.approx(36 / 76)
    assert (codes["measured"].grade, codes["well_founded"].grade, codes["longest_wait"].grade) == ("C", "D", "D")


def test_missing_counts_and_tables():
    frames = small_frames()
    frames["crossings"]["trucks_inbound"] = float("nan")
    frames["tariffs"] = frames["tariffs"].iloc[:0]
    codes, datasets = found(frames)
    assert (codes["no_trucks"].grade, codes["trucks_counted"].grade) == ("D", "D")
    assert datasets["tariffs"]["grade"] == "D"
    assert datasets["input_output"]["grade"] == "A"


def test_grades_at_their_limits():
    assert [at_most(value, (1, 2, 3)) for value in (1, 2, 3, 4)] == list("ABCD")
    assert [at_least(value, (3, 2, 1)) for value in (3, 2, 1, 0)] == list("ABCD")
    assert worst(["A", "C", "B"]) == "C"


@pytest.mark.django_db
def test_mirror_records_beside_each_other(tmp_path):
    import_case(write_case(tmp_path / "small-2023"))
    case = Case.objects.get()
    (one,) = mirrors_of(case)
    # 318,000 with freight is 300,000 without; the exporter has 290,000.
    assert one.difference_usd == pytest.approx(10_000)
    assert one.difference_share == pytest.approx(10 / 295)
    (finding,) = mirror_findings(case)
    assert (finding.grade, finding.value) == ("A", pytest.approx(10 / 295))
    MirrorFlow.objects.filter(reporter__code="CA").update(value_usd=150_000)
    assert mirror_findings(case)[0].grade == "D"
    MirrorFlow.objects.filter(reporter__code="CA").delete()
    assert mirror_findings(case) == []


@pytest.mark.django_db
def test_official_files_are_compared(tmp_path):
    assert official_findings(2021) == []
    import_transborder([write(tmp_path, *ROWS)])
    same = [row.replace(",3801,", ",87,").replace(",2304,", ",85,") for row in ROWS]
    import_transborder([write(tmp_path, *same, header=DOT2, name="dot2_0121.csv")])
    codes = [
        (finding.code, finding.grade, finding.facts.get("table") or finding.facts["check"])
        for finding in official_findings(2021)
    ]
    assert codes == [
        ("months_of_table", "D", "dot1"),
        ("months_of_table", "D", "dot2"),
        ("tables_agree", "A", "dot1 = dot2"),
    ]
    assert official_findings(2021)[0].facts["missing"] == list(range(2, 13))
    lower = [same[0].replace(",1000,", ",500,"), *same[1:]]
    import_transborder([write(tmp_path, *lower, header=DOT2, name="dot2_0121b.csv")], replace=True)
    differ = official_findings(2021)[-1]
    assert (differ.code, differ.grade, differ.value) == ("tables_differ", "D", 500)
    assert dataclasses.asdict(differ)["facts"]["cells"] == 5
