"""Pages of results: what they say, where each number comes from, runs side by side; strangers see nothing of them."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from planner.models import RunAnalysis
from planner.services import run_estimate_part, run_finish, run_start
from planner.views.ranking import three_sentences
from regions.access import Role, grant
from tests.factories.plans import HEADLINE
from tests.factories.runs import finished_run

SLUGS = ["more-booths", "exporters", "tariff"]


@pytest.fixture
def run(case):
    return finished_run(case, slugs=SLUGS, analyses=["diagnosis", "minute_values"])


@pytest.fixture
def reader(client, case):
    """Somebody who may see the case and change nothing has signed in."""
    user = get_user_model().objects.create_user("reader", password="a password for tests", is_staff=True)
    grant(user, case, Role.VIEWER)
    client.force_login(user)
    return user


def interval(low: float, high: float) -> dict[str, float]:
    return {"mean": (low + high) / 2, "q05": low, "q95": high}


def measure(name: str, index, welfare, both: bool = False) -> dict:
    return {
        "name": name,
        "kind": "digital",
        "full": {"index_change": interval(*index), "ev_musd": interval(*welfare)},
        "narrows_and_lowers_welfare": both,
    }


def test_three_sentences_name_ties_losers_and_the_imputed_share():
    measures = {
        "a": measure("Ant", (-3, -1), (1, 2)),
        "b": measure("Bee", (-3, -1), (1, 2)),
        "c": measure("Cat", (-2, -1), (-5, -1), both=True),
        "d": measure("Dog", (1, 2), (-1, 1)),
    }
    rows = [{"intervention": key, "tie_group": group} for key, group in (("a", 1), ("b", 1), ("c", 2), ("d", 3))]
    baseline = {"provenance": {"imputed": 0.345, "scaled": 0.633, "observed": 0.022}}
    first, second, third = three_sentences({"baseline": baseline}, rows, measures, "imbalance")
    assert "Ant and Bee share the first place" in first
    assert "2 of 4 interventions have a place of their own (Cat and Dog)" in first
    assert "1 lowers it" in second
    assert "of these Cat narrow the gap all the same" in second
    assert "34.5\u202f% of the value in the baseline is imputed" in third
    for row, group in zip(rows[1:], (1, 2, 2), strict=True):
        row["among_proposed"] = {"tie_group": group}
    first = three_sentences({"baseline": baseline}, rows, measures, "imbalance")[0]
    assert "Bee is first; 1 of 3 interventions has a place of its own (Bee)" in first, (
        "a restrictive measure leads nothing"
    )
    assert "Restrictive measures" in first


def test_pages_of_a_run_for_a_reader(client, run, reader):
    for page in ("ranking", "quadrant", "diagnosis", "sensitivity", "portfolio", "minutes", "map"):
        answer = client.get(reverse(f"admin:planner_run_{page}", args=[run.pk]))
        assert answer.status_code == 200, page
        assert "http://" not in answer.content.decode().replace("http://www.w3.org", ""), page
    portfolio = client.get(reverse("admin:planner_run_portfolio", args=[run.pk])).content.decode()
    assert "This run was made without it" in portfolio


def test_the_steps_of_the_diagnosis_add_up(client, run, reader):
    answer = client.get(reverse("admin:planner_run_diagnosis", args=[run.pk]))
    for chart in answer.context["charts"]:
        *steps, whole = chart.rows
        assert sum(one["value"] for one in steps) == pytest.approx(whole["value"], abs=1e-9 * 1e6)
    assert answer.context["charts"][0].rows[-1]["value"] == pytest.approx(HEADLINE)
    other = client.get(answer.request["PATH_INFO"], {"place": "US-MI"})
    assert other.context["selects"][0]["value"] == "US-MI"


def test_a_failed_analysis_is_shown_with_its_reason(client, run, reader):
    RunAnalysis.objects.filter(run=run, kind="minute_values").update(
        status="failed", reason="<b>the reason</b>", document={}
    )
    text = client.get(reverse("admin:planner_run_minutes", args=[run.pk])).content.decode()
    assert "&lt;b&gt;the reason&lt;/b&gt;" in text


def test_every_number_has_a_passport(client, run, reader):
    def passport(measure: str, subject: str):
        return client.get(reverse("admin:planner_run_passport", args=[run.pk, measure, subject]))

    index = passport("index", "all")
    assert index.context["passport"].value == pytest.approx(HEADLINE)
    assert run.input_digest in index.content.decode()
    balance = passport("balance", "US-MI").context["passport"]
    # Michigan sells 18 + 5 and buys 38 + 6, in billions.
    assert balance.value == pytest.approx(23_000 - 44_000)
    assert sum(cells[2][0] for _name, cells in balance.data) == pytest.approx(balance.value)
    for measure in ("index_change", "ev_musd", "revenue", "cost"):
        answer = passport(measure, "exporters")
        assert answer.status_code == 200, measure
    effect = passport("ev_musd", "exporters")
    assert effect.context["passport"].inputs[0]["source"] == "Assumption"
    assert "theta" in effect.content.decode()
    assert passport("imputed", "all").status_code == 200
    assert passport("wait", "0901").context["passport"].value == pytest.approx(22)
    for measure, subject in (("nothing", "all"), ("cost", "nobody"), ("balance", "XX"), ("ev_musd", "<script>")):
        assert passport(measure, subject).status_code == 404


def test_the_passport_of_a_wait_names_its_measurement(client, case, reader):
    """Range, period, sample, method and grade by direction; what was not measured says so."""
    looked_at = finished_run(case, slugs=["exporters"], analyses=["waits"])
    page = client.get(reverse("admin:planner_run_passport", args=[looked_at.pk, "wait", "3802"]))
    into = {row["name"]: row for row in page.context["passport"].inputs}
    assert into["US"]["low"] < 18 < into["US"]["high"]
    for words in ("Survey", "2,000 records", "GPS", "by the grade and the age"):
        assert words in into["US"]["source"], words
    assert "not measured" in into["CA"]["source"]
    assert into["CA"]["grade"] == "D"
    assert "wait_range_grade_b" in page.content.decode()


def test_compared_runs_show_inputs_before_outcomes(client, case, run, reader):
    other = finished_run(case, slugs=["exporters", "tariff"], analyses=[])
    type(other).objects.filter(pk=other.pk).update(criterion="welfare")
    address = reverse("admin:desk_compare")
    answer = client.get(address, {"run": [run.pk, other.pk]})
    assert answer.status_code == 200
    assert [name for name, _values in answer.context["interventions"]] == ["More booths at the Old Bridge"]
    assert [name for name, _values, differs in answer.context["settings"] if differs] == ["criterion"]
    text = answer.content.decode()
    assert text.index("What was put in") < text.index("What came out")
    same = client.get(address, {"run": [run.pk]})
    assert "Choose two to four runs" in same.content.decode()
    for wrong in (["x"], [run.pk, 10**9], ["9" * 30]):
        assert client.get(address, {"run": wrong}).status_code == 404


def test_strangers_see_no_trace(client, run):
    stranger = get_user_model().objects.create_user("stranger", password="a password for tests", is_staff=True)
    client.force_login(stranger)
    for page, arguments in (
        ("ranking", []), ("quadrant", []), ("diagnosis", []), ("sensitivity", []), ("portfolio", []), ("minutes", []),
        ("map", []), ("map_data", []), ("draws", []), ("passport", ["index", "all"]),
    ):  # fmt: skip
        address = reverse(f"admin:planner_run_{page}", args=[run.pk, *arguments])
        assert client.get(address).status_code == 403, page
    assert client.get(reverse("admin:desk_compare"), {"run": [run.pk, run.pk]}).status_code == 404
    assert run.case.title not in client.get(reverse("admin:desk_compare")).content.decode()


def test_the_ranking_is_there_before_the_analyses(client, admin_user, case):
    client.force_login(admin_user)
    run = run_start(case, settings={"draws": 20, "seed": 3}, analyses=["diagnosis"]).run
    address = reverse("admin:planner_run_ranking", args=[run.pk])
    assert "has no results" in client.get(address).content.decode()
    parts = run.parts.exclude(intervention="")
    for part in parts[: len(parts) - 1]:
        run_estimate_part(part.pk)
    assert "has no results" in client.get(address).content.decode(), "one estimate is missing"
    run_estimate_part(parts[len(parts) - 1].pk)
    page = client.get(address).content.decode()
    assert "Provisional" in page
    assert "data-reset" not in page, "no sliders without stored draws"
    early = re.findall(r'data-id="([^"]+)".*?data-rank="(\d+)"', page)
    assert client.get(reverse("admin:planner_run_progress", args=[run.pk])).json()["early"] is True
    for part in run.parts.filter(intervention=""):
        run_estimate_part(part.pk)
    assert run_finish(run.pk)
    page = client.get(address).content.decode()
    assert "Provisional" not in page
    assert re.findall(r'data-id="([^"]+)".*?data-rank="(\d+)"', page) == early
    assert early
