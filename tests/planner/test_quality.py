"""The quality page, its address in the API and the section of the report: one set of findings, shown to those who may."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from planner.reports.analysis_words import short_sentences
from planner.reports.case_quality import case_quality
from planner.reports.context import build_context
from planner.reports.html_writer import report_html
from planner.reports.tables import report_tables
from planner.selectors import run_analysis
from regions.access import Role, grant
from regions.models import SectorFlow
from tests.factories.runs import finished_run

pytestmark = pytest.mark.django_db


def test_page_and_api_show_the_same_findings(case, admin_client):
    page = admin_client.get(reverse("admin:case_quality", args=[case.name]))
    answer = admin_client.get(reverse("case-quality", args=[case.name])).json()
    assert page.status_code == 200
    text = page.content.decode()
    assert len(answer["findings"]) >= 12
    for finding in answer["findings"]:
        assert finding["reason"].replace("'", "&#x27;") in text, finding
    grades = {row["dataset"]: row["grade"] for row in answer["datasets"]}
    assert grades["tariffs"] == "D"
    assert {row["place"] for row in answer["provenance"]} == {"US-MI", "US-REST", "CA-ON"}
    for row in answer["provenance"]:
        assert row["observed"] + row["mirrored"] + row["scaled"] + row["imputed"] == pytest.approx(1)


def test_only_for_those_who_may_see_the_case(case, client):
    addresses = [reverse("admin:case_quality", args=[case.name]), reverse("case-quality", args=[case.name])]
    user = User.objects.create_user("somebody", password="x", is_staff=True)
    client.force_login(user)
    assert [client.get(address).status_code for address in addresses] == [403, 404]
    grant(user, case, Role.VIEWER)
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    missing = [reverse("admin:case_quality", args=["none"]), reverse("case-quality", args=["none"])]
    assert [client.get(address).status_code for address in missing] == [404, 404]
    assert reverse("admin:case_quality", args=[case.name]) in client.get(reverse("admin:index")).content.decode()


def test_imputed_flows_reach_the_baseline_and_lower_the_grade(case):
    before = case_quality(case, 2024)
    SectorFlow.objects.filter(case=case).update(how="imputed")
    after = case_quality(case, 2024)
    grade = {
        name: {row["dataset"]: row["grade"] for row in found["datasets"]}
        for name, found in (("before", before), ("after", after))
    }
    assert (grade["before"]["sector_flows"], grade["after"]["sector_flows"]) == ("A", "D")
    goods = {row["sector"] for row in before["provenance"] if row["observed"] > 0}
    assert goods
    assert all(row["observed"] == 0 for row in after["provenance"])
    assert all(row["imputed"] == pytest.approx(1) for row in after["provenance"] if row["sector"] in goods)


def test_results_are_graded_with_reasons_in_the_report(case):
    run = finished_run(case, slugs=["exporters", "more-booths"])
    context = build_context(run)
    results = {row["intervention"]: row for row in context["quality"]["results"]}
    assert list(results) == [row["intervention"] for row in context["ranking"]["rows"]]
    for row in results.values():
        grades = [reason["grade"] for reason in row["reasons"] if reason["grade"]]
        assert row["grade"] == max(grades)
    # A wait of grade B is changed at one crossing; that reason is there for the measure at a crossing only.
    assert "waits_touched" in [reason["code"] for reason in results["more-booths"]["reasons"]]
    assert "waits_touched" not in [reason["code"] for reason in results["exporters"]["reasons"]]
    tables = {table.name: table for table in report_tables(context)}
    assert len(tables["quality"].rows) == len(context["quality"]["findings"])
    assert {row["reason"] for row in tables["quality_results"].rows}
    assert len(tables["provenance"].rows) == len(context["quality"]["provenance"])


def test_the_ranking_under_other_imputations_is_stored_and_told(case):
    run = finished_run(case, slugs=["exporters", "more-booths", "tariff"], analyses=["variants"])
    document = run_analysis(run, "variants").document
    rows = {row["id"]: row for row in document["variants"]}
    assert next(iter(rows)) == "run"
    assert set(rows) >= {"low", "high", "near", "far", "goods_output_per_gdp_low", "goods_output_per_gdp_high"}
    own = rows["run"]
    assert (own["kendall_tau"], own["same_first"]) == (1.0, True)
    assert "tariff" not in own["order"]
    # Observed flows are the same everywhere, and so is the index; what is imputed is not.
    assert {round(row["index"], 12) for row in rows.values()} == {round(own["index"], 12)}
    assert rows["low"]["imputed_share"] < own["imputed_share"] < rows["high"]["imputed_share"]
    effect = {name: {one["intervention"]: one["index_change"] for one in row["rows"]} for name, row in rows.items()}
    assert effect["near"]["exporters"] != effect["far"]["exporters"]
    for row in document["robustness"]:
        assert row["lowest"] <= row["rank"] <= row["highest"]
        assert row["of"] == len(rows) - 1
    context = build_context(run)
    assert any(
        "other imputations" in sentence or "Another imputation" in sentence for sentence in short_sentences(context)
    )
    page = report_html(context).decode()
    assert 'id="table-analysis-variants"' in page
    assert page.count("all builder ratios high") == 1
