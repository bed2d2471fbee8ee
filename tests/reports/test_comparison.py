"""Runs side by side: what differs is named, moves are counted among what both rank, causes are those there were."""

import csv
import io
import json
import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.urls import reverse

from planner import selectors
from planner.analyses.orderings import central_effects, ordered
from planner.analyses.work import Work
from planner.models import Channel, Run
from planner.models import Parameter as ParameterRow
from planner.reports.comparison import NotComparable, compare_runs
from planner.reports.comparison_writers import COMPARISON_FORMATS, comparison_file
from planner.reports.figures import svg, theme
from planner.reports.figures.places_figure import PlacedMeasure, RunRank, places_figure
from planner.snapshot import load_baseline
from regions.access import Role, grant
from regions.models import Case
from tests.reports.test_figures import label_boxes

FinishedRun = Callable[..., Run]


@pytest.fixture
def changed_channel(case: Case, finished_run: FinishedRun) -> tuple[Run, Run]:
    """The exporters' effect is five times as large in the second run; nothing else differs."""
    before = finished_run(draws=10)
    channel = Channel.objects.get(intervention__slug="exporters")
    channel.low, channel.central, channel.high = 0.025, 0.05, 0.1
    channel.save()
    return before, finished_run(draws=10)


def moves(document: dict[str, Any]) -> dict[str, Any]:
    return {row["intervention"]: row["moves"][0] for row in document["outcomes"]}


def test_a_comparison_is_solved_once_and_in_the_order_that_was_asked(
    changed_channel: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = changed_channel
    solved: list[tuple[int, ...]] = []

    def counted(runs: Any) -> dict[str, Any]:
        solved.append(tuple(run.pk for run in runs))
        return compare_runs(runs)

    monkeypatch.setattr(selectors, "compare_runs", counted)
    first = selectors.runs_compared([before, after])
    assert selectors.runs_compared([before, after]) == first == compare_runs([before, after])
    assert selectors.runs_compared([after, before]) != first
    assert solved == [(before.pk, after.pk), (after.pk, before.pk)]


def test_one_changed_input_is_named_and_moves_only_its_own_effect(changed_channel: tuple[Run, Run]) -> None:
    document = compare_runs(changed_channel)
    inputs = document["inputs"]
    assert (inputs["settings"], inputs["parameters"], inputs["facts"]) == ([], [], [])
    (changed,) = inputs["interventions"]["changed"]
    assert changed["intervention"] == "exporters"
    (row,) = changed["inputs"]
    assert row["input"] == "productivity (sector cars; place US-MI)"
    assert [value[:3] for value in row["values"]] == [[0.005, 0.01, 0.02], [0.025, 0.05, 0.1]]
    moved = moves(document)
    assert moved["exporters"]["causes"] == ["own_inputs"]
    assert not moved["exporters"]["effect_same"]
    others = {name: move for name, move in moved.items() if move and name != "exporters"}
    assert all(move["effect_same"] for move in others.values())
    assert {tuple(move["causes"]) for move in others.values()} <= {(), ("others",)}
    assert sum(move["places"] for move in moved.values() if move) == 0


def test_settings_and_draws_are_told_apart(finished_run: FinishedRun) -> None:
    first = finished_run(draws=10)
    other_draws, other_rule = finished_run(draws=10, seed=9), finished_run(draws=10, closure="balanced")
    document = compare_runs([first, other_draws, other_rule])
    assert {row["setting"] for row in document["inputs"]["settings"]} == {"seed", "closure"}
    for row in document["outcomes"]:
        drawn, ruled = row["moves"]
        if drawn and not drawn["effect_same"]:
            assert drawn["causes"] == ["draws"]
        if ruled and not ruled["effect_same"]:
            assert ruled["causes"] == ["closure"]
    assert len(document["agreement"]) == 3
    by_welfare = compare_runs([first, finished_run(draws=10, criterion="welfare")])
    causes = {cause for move in moves(by_welfare).values() if move for cause in move["causes"]}
    assert causes <= {"criterion"}
    same = compare_runs([first, finished_run(draws=10)])
    assert all(move["places"] == 0 and move["causes"] == [] for move in moves(same).values() if move)
    assert "No input differs." in comparison_file(same, "html").decode()


@pytest.fixture
def worse_exporters(case: Case, finished_run: FinishedRun) -> tuple[Run, Run]:
    """The exporters do harm in the second run, so that places change."""
    before = finished_run(draws=10)
    channel = Channel.objects.get(intervention__slug="exporters")
    channel.low, channel.central, channel.high = -0.1, -0.05, -0.025
    channel.save()
    return before, finished_run(draws=10)


def test_moves_without_a_new_baseline_are_explained_exactly(
    worse_exporters: tuple[Run, Run], finished_run: FinishedRun
) -> None:
    document = compare_runs([*worse_exporters, finished_run(draws=10, criterion="welfare")])
    places = {row["intervention"]: [one["place"] for one in row["runs"]] for row in document["outcomes"]}
    own, both = document["attributions"]
    assert [step["cause"] for step in own["steps"]] == ["own_inputs"]
    assert [step["cause"] for step in both["steps"]] == ["own_inputs", "criterion"]
    for later, attribution in enumerate((own, both), start=1):
        assert (attribution["how"], attribution["not_parted"]) == ("stored", [])
        assert len(attribution["rows"]) == 4
        for row in attribution["rows"]:
            kept = places[row["intervention"]]
            assert row["places"] == kept[0] - kept[later] == row["together"]
            assert (sum(row["steps"]) + row["interaction"], row["rest"]) == (row["together"], 0)
    assert own["together"]["places"] == own["steps"][0]["places"] > 0
    assert [row["steps"][0] for row in own["rows"]] == [row["steps"][0] for row in both["rows"]]


def test_several_changes_are_put_in_one_at_a_time(worse_exporters: tuple[Run, Run], finished_run: FinishedRun) -> None:
    """Parameter, closure and a measure's own input: each alone, the interaction and the rest add up to the move."""
    before, _after = worse_exporters
    row = ParameterRow.objects.get(key="theta", parameter_set__case=before.case, sector="")
    row.low, row.central, row.high = 2.0, 2.5, 3.0
    row.save()
    later = finished_run(draws=12, closure="balanced")
    document = compare_runs([before, later])
    (attribution,) = document["attributions"]
    assert attribution["how"] == "central"
    assert [(step["cause"], step["detail"]) for step in attribution["steps"]] == [
        ("parameters", "theta"),
        ("closure", ""),
        ("own_inputs", ""),
    ]
    assert attribution["not_parted"] == ["draws"]
    assert all(step["status"] == "done" for step in [*attribution["steps"], attribution["together"]])
    for one in attribution["rows"]:
        assert one["places"] == sum(one["steps"]) + one["interaction"] + one["rest"]
    # An oracle: the later run's settings alone, solved by the analysis of closures.
    side = Work(later, load_baseline(later.snapshot))
    common = [one["intervention"] for one in attribution["rows"]]
    effects = central_effects(side, later.closure).effects
    order = ordered({name: effects[name] for name in common}, later.criterion)
    first = central_effects(Work(before, load_baseline(before.snapshot)), before.closure).effects
    start = ordered({name: first[name] for name in common}, before.criterion)
    assert {one["intervention"]: one["together"] for one in attribution["rows"]} == {
        name: start.index(name) - order.index(name) for name in common
    }
    words = comparison_file(document, "html").decode()
    assert "theta" in words
    assert "Not put in alone: other draws" in words
    assert "figure-causes" in words


@pytest.mark.parametrize("layout", [*theme.LAYOUTS, theme.PAPER], ids=lambda layout: layout.name)
def test_figures_of_two_hundred_measures_in_four_runs_have_no_two_labels_on_each_other(layout: theme.Layout) -> None:
    rows = [
        PlacedMeasure(
            f"Measure {number} with a name that goes on and on until it has to be cut somewhere",
            [RunRank(number, max(number - 9, 1), min(number + 12, 200)), None, RunRank(200 - number, 1, 200), None],
            number % 3 == 0,
        )
        for number in range(1, 201)
    ]
    names = [f"{letter}: run 1{letter}, a scenario with a long name of its own" for letter in "ABCD"]
    markup = places_figure(rows, names, layout, "figure-x", "Ranks")
    width, height = (float(part) for part in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', markup).groups())
    boxes = label_boxes(markup)
    assert len(boxes) > 200
    for text, box in boxes:
        assert box.inside(svg.Box(-0.5, -0.5, width + 0.5, height + 0.5)), text
    for (text, box), (other_text, other) in combinations(boxes, 2):
        assert not box.overlaps(other), (text, other_text)


def test_the_same_numbers_in_each_format_and_nothing_of_people_runs(
    changed_channel: tuple[Run, Run], tmp_path: Path
) -> None:
    document = compare_runs(changed_channel)
    document["outcomes"][0]["name"] = "<script>alert(1)</script>"
    files = {kind: comparison_file(document, kind, "fr") for kind in COMPARISON_FORMATS}
    assert b"<script" not in files["html"]
    assert '<html lang="fr">' in files["html"].decode()
    assert files["pdf"].startswith(b"%PDF")
    kept = json.loads(files["json"])
    rows = list(csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig"))))
    assert len(rows) == 2 * len(kept["outcomes"])
    table = {(row["letter"], row["intervention"]): row for row in rows}
    for outcome in kept["outcomes"]:
        for letter, one in zip("AB", outcome["runs"], strict=True):
            row = table[letter, outcome["intervention"]]
            assert row["rank"] == ("" if one["rank"] is None else str(one["rank"]))
            if one["rank"] is not None:
                assert float(row["index_change_share_of_trade_mean"]) == one["index_change"]["mean"]
                assert float(row["welfare_ev_million_usd_per_year_q95"]) == one["ev_musd"]["q95"]


def test_what_cannot_be_compared(finished_run: FinishedRun, tmp_path: Path) -> None:
    run = finished_run(draws=5)
    with pytest.raises(NotComparable, match="expected 2 to 4"):
        compare_runs([run])
    with pytest.raises(NotComparable, match="twice"):
        compare_runs([run, run])
    with pytest.raises(CommandError) as refused:
        call_command("compare", str(run.pk), "--out", str(tmp_path / "c.html"))
    assert refused.value.returncode == 2
    other = finished_run(draws=6)
    call_command("compare", str(run.pk), str(other.pk), "--out", str(tmp_path / "c.html"))
    assert (tmp_path / "c.html").read_text().startswith("<!doctype html>")


def test_over_the_api_and_in_the_admin_for_those_who_see_the_case(
    case: Case, finished_run: FinishedRun, client: Any
) -> None:
    one, two = finished_run(draws=5), finished_run(draws=6)
    address = f"{reverse('comparison')}?runs={one.pk},{two.pk}"
    page = f"{reverse('admin:desk_compare_file', args=['csv'])}?run={one.pk}&run={two.pk}"
    assert client.get(address).status_code == 401
    stranger = User.objects.create_user("stranger", password="x", is_staff=True)
    client.force_login(stranger)
    assert client.get(address).status_code == 404
    assert client.get(page).status_code == 404
    grant(stranger, case, Role.VIEWER)
    answer = client.get(address)
    assert answer.json()["format"].startswith("border-trade-planner/comparison/")
    assert client.get(f"{address}&format=pdf").content.startswith(b"%PDF")
    assert client.get(page).status_code == 200
    for wrong in ("runs=1", "runs=a,b", f"runs={one.pk},{one.pk}", f"runs={one.pk},{two.pk}&language=xx", "run=1"):
        assert client.get(f"{reverse('comparison')}?{wrong}").status_code in (400, 404), wrong
