"""The context of a real run: shape, sums, and the same bytes for the same run."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from planner.models import Effect, Ranking, Run
from planner.reports.context import NO_RESULT, build_context
from planner.reports.json_writer import report_json
from planner.reports.writers import html_with_map
from planner.snapshot import load_baseline, read_effects
from tests.factories.plans import HEADLINE
from tests.reports.synthetic import synthetic_context

FinishedRun = Callable[..., Run]


def by_id(rows: list[dict[str, Any]], key: str = "id") -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows}


def keys_of(node: Any) -> Any:
    """The shape of a document: keys of objects, the shape of a list's first entry."""
    if isinstance(node, dict):
        return {key: keys_of(value) for key, value in node.items()}
    return [keys_of(node[0])] if isinstance(node, list) and node else None


def test_the_document_has_the_keys_that_readers_rely_on(finished_run: FinishedRun) -> None:
    context = build_context(finished_run())
    assert set(context) == {
        "format",
        "case",
        "run",
        "baseline",
        "interventions",
        "ranking",
        "left_out_draws",
        "draws",
        "orderings",
        "parameters",
        "analyses",
        "quality",
    }
    assert context["format"] == "border-trade-planner/estimate/1"
    model = synthetic_context(3)
    for part in ("case", "run", "baseline", "orderings"):
        assert set(model[part]) <= set(context[part]), part
    assert set(model["baseline"]["regions"][0]) <= set(context["baseline"]["regions"][0])
    assert keys_of(model["baseline"]["crossings"][0]).keys() == keys_of(context["baseline"]["crossings"][0]).keys()
    done = next(measure for measure in context["interventions"] if measure["status"] == "done")
    wanted = next(measure for measure in model["interventions"] if measure["status"] == "done")
    assert set(wanted) <= set(done)
    assert set(wanted["full"]) == set(done["full"])
    assert set(wanted["full"]["regions"][0]) == set(done["full"]["regions"][0])
    assert set(wanted["effect"]) == set(done["effect"]) == {"partial", "conditional", "full"}
    assert set(model["ranking"]["rows"][0]) == set(context["ranking"]["rows"][0])


def test_baseline_is_what_was_observed(finished_run: FinishedRun) -> None:
    baseline = build_context(finished_run())["baseline"]
    assert baseline["index"] == pytest.approx(HEADLINE, rel=1e-12)
    regions = by_id(baseline["regions"])
    assert regions["US-MI"]["exports_musd"] == pytest.approx(23_000)
    assert regions["US-MI"]["imports_musd"] == pytest.approx(44_000)
    assert regions["US-MI"]["index"] == pytest.approx(21 / 67)
    assert regions["US-MI"]["coverage"] == pytest.approx(23 / 44)
    assert regions["US-REST"]["kind"] == "hinterland"
    assert sum(region["balance_musd"] for region in baseline["regions"]) == pytest.approx(0, abs=1e-6)
    assert baseline["total_trade_musd"] == pytest.approx(sum(pair["value_musd"] for pair in baseline["pairs"]))
    assert sum(baseline["provenance"].values()) == pytest.approx(1)
    crossings = by_id(baseline["crossings"], "code")
    assert crossings["0901"]["wait_minutes"] == pytest.approx({"US": 22, "CA": 15})
    assert crossings["0901"]["wait_grade"] == "B"
    assert crossings["3802"]["wait_minutes"]["US"] == pytest.approx(18)
    assert crossings["3802"]["wait_grade"] == "D"
    assert "default" in crossings["3802"]["wait_source"]


def test_effects_are_the_engine_arrays_summed_over_those_who_have_standing(finished_run: FinishedRun) -> None:
    run = finished_run()
    context = build_context(run)
    baseline = load_baseline(run.snapshot)
    assert context["run"]["standing"] == "border regions"
    measures = by_id(context["interventions"])
    for effect in read_effects(run):
        if effect.status != "done":
            continue
        full = measures[effect.intervention]["full"]
        money = effect.arrays["full.ev_musd"][baseline.border].sum(axis=0)
        assert full["ev_musd"]["mean"] == pytest.approx(money.mean())
        assert full["ev_musd"]["q05"] == pytest.approx(np.quantile(money, 0.05))
        change = effect.arrays["full.index_change"]
        assert full["index_change"]["q95"] == pytest.approx(np.quantile(change, 0.95))
        assert full["index_change"]["p_negative"] == (change < 0).mean()
        regions = by_id(full["regions"])
        border = [baseline.accounts.places[number] for number in baseline.border]
        assert sum(regions[place]["ev_musd"]["mean"] for place in border) == pytest.approx(full["ev_musd"]["mean"])


def test_standing_changes_whose_welfare_is_summed_and_ranked(finished_run: FinishedRun) -> None:
    border = build_context(finished_run())
    world = build_context(finished_run(standing="world", criterion="welfare"))
    tariff, everywhere = (
        by_id(border["interventions"])["tariff"]["full"],
        by_id(world["interventions"])["tariff"]["full"],
    )
    total = sum(region["ev_musd"]["mean"] for region in everywhere["regions"])
    assert everywhere["ev_musd"]["mean"] == pytest.approx(total)
    assert everywhere["ev_musd"]["mean"] != pytest.approx(tariff["ev_musd"]["mean"])
    for row in world["ranking"]["rows"]:
        assert row["score_mean"] == pytest.approx(
            by_id(world["interventions"])[row["intervention"]]["full"]["ev_musd"]["mean"]
        )


def test_ranking_rows_are_the_stored_rows_with_their_chances(finished_run: FinishedRun) -> None:
    run = finished_run()
    context = build_context(run)
    ranking = context["ranking"]
    stored = list(Ranking.objects.get(run=run, criterion="imbalance").rows.order_by("rank"))
    assert (
        [row["intervention"] for row in ranking["rows"]]
        == [row.intervention for row in stored]
        == context["orderings"]["imbalance"]
    )
    for row in ranking["rows"]:
        assert sum(row["p_rank"]) == pytest.approx(1)
        assert row["p_rank"][0] == pytest.approx(row["p_best"])
        assert sum(row["p_rank"][:3]) == pytest.approx(row["p_top3"])
    proposed = [row for row in ranking["rows"] if row["among_proposed"]]
    assert {row["intervention"] for row in proposed} == {"more-booths", "exporters", "visitors"}
    assert [row["among_proposed"]["rank"] for row in proposed] == [1, 2, 3]
    assert sum(row["among_proposed"]["p_best"] for row in proposed) == pytest.approx(1)
    assert [row["intervention"] for row in ranking["not_ranked"]] == ["dearer-dollar"]
    assert ranking["not_ranked"][0]["status"] == "not_applicable"
    assert "short_run" in ranking["not_ranked"][0]["reason"]


def test_costs_and_the_score_for_each_billion(finished_run: FinishedRun) -> None:
    context = build_context(finished_run())
    booths = by_id(context["interventions"])["more-booths"]
    assert booths["costs"]["total_musd"] == 41.5
    assert booths["costs"]["capital_musd"] == 40
    assert booths["costs"]["operating_musd_per_year"] == 1.5
    assert [row["year"] for row in booths["costs"]["by_year"]] == [2026, 2027]
    rows = by_id(context["ranking"]["rows"], "intervention")
    assert rows["more-booths"]["score_per_busd"] == pytest.approx(rows["more-booths"]["score_mean"] / 0.0415)
    assert rows["visitors"]["score_per_busd"] is None
    assert by_id(context["interventions"])["visitors"]["costs"]["total_musd"] is None


def test_chain_runs_from_the_minute_to_the_rank_in_words(finished_run: FinishedRun) -> None:
    context = build_context(finished_run())
    booths = by_id(context["interventions"])["more-booths"]
    steps = booths["chain"]
    wait = next(step for step in steps if step["step"] == "wait")
    assert wait["text"] == "Mean truck wait at Old Bridge, entering United States"
    at_once = next(step for step in steps if step["step"] == "wait_at_once")
    assert (at_once["before"], at_once["after"], at_once["change"]) == pytest.approx((22, 17, -5))
    assert wait["before"] == pytest.approx(22)
    assert 17 < wait["after"] < 22  # trucks that now come lengthen the queue again
    assert wait["source"] == "Survey"
    assert booths["channels"][0]["targets"] == "at Old Bridge, entering United States, lanes of trucks"
    kinds = [step["step"] for step in steps]
    assert [kind for place, kind in enumerate(kinds) if kind not in kinds[:place]] == [
        "input", "wait_at_once", "wait", "trade_cost", "crossing_trade", "trade", "index", "balance", "welfare", "rank",
    ]  # fmt: skip
    index = next(step for step in steps if step["step"] == "index")
    assert index["before"] == pytest.approx(HEADLINE)
    rank = by_id(context["ranking"]["rows"], "intervention")["more-booths"]["rank"]
    assert (steps[-1]["after"], steps[-1]["unit"]) == (rank, "of 4")


def test_equal_runs_give_equal_bytes_without_time_id_or_path(finished_run: FinishedRun, tmp_path: Any) -> None:
    first, second = finished_run(), finished_run()
    assert first.pk != second.pk
    one, two = report_json(build_context(first)), report_json(build_context(second))
    assert one == two
    assert html_with_map(build_context(first)) == html_with_map(build_context(second))
    assert str(tmp_path) not in one.decode()
    assert first.finished_at is not None
    assert first.finished_at.strftime("%H:%M") not in one.decode()
    other = report_json(build_context(finished_run(seed=4)))
    assert other != one
    assert json.loads(other)["baseline"] == json.loads(one)["baseline"]


def test_an_intervention_without_a_stored_effect_is_reported_as_failed(finished_run: FinishedRun) -> None:
    run = finished_run()
    Effect.objects.filter(run=run, intervention="dearer-dollar").delete()
    context = build_context(run)
    assert {"intervention": "dearer-dollar", "status": "failed", "reason": NO_RESULT} in context["ranking"][
        "not_ranked"
    ]


@pytest.mark.parametrize("closure", ["own_income", "balanced", "balanced_economy", "absorption", "short_run"])
def test_every_closure_has_its_words_and_a_report(finished_run: FinishedRun, closure: str) -> None:
    context = build_context(finished_run(closure=closure, draws=5))
    assert context["run"]["closure_rule"]
    markup = html_with_map(context).decode()
    assert context["run"]["closure_rule"] in markup
    assert context["baseline"]["index"] == pytest.approx(HEADLINE)


def test_the_register_holds_what_the_engine_read(finished_run: FinishedRun) -> None:
    """The case's own rows, then the engine's starting values for what it leaves out, graded as such."""
    rows = build_context(finished_run())["parameters"]
    by_key = {row["key"]: row for row in rows if not row["sector"]}
    assert by_key["theta"]["source"].startswith("Head")
    assert {"traveller_time_value_usd_per_hour", "wait_range_grade_d", "discount_rate"} <= set(by_key)
    assert by_key["wait_range_grade_d"]["grade"] == "D"
    assert by_key["wait_range_grade_d"]["unit"] == "factor"
