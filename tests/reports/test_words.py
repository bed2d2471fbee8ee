"""Sentences follow the numbers: each case has its own words."""

from typing import Any

from planner.reports import analysis_words, words
from tests.reports.synthetic import synthetic_context


def row(identifier: str, rank: int, mean: float, low: float, high: float, group: int, **more: Any) -> dict[str, Any]:
    return {
        "intervention": identifier,
        "rank": rank,
        "score_mean": mean,
        "q05": low,
        "q50": mean,
        "q95": high,
        "tie_group": group,
        **more,
    }


def measure(
    name: str, mean: float, low: float, high: float, welfare: float = 1.0, kind: str = "facilitation"
) -> dict[str, Any]:
    change = {"mean": mean, "q05": low, "q50": mean, "q95": high}
    return {
        "name": name,
        "kind": kind,
        "full": {
            "index_change": change,
            "ev_musd": {"mean": welfare, "q05": welfare - 0.1, "q50": welfare, "q95": welfare + 0.1},
        },
        "effect": {"partial": {"index_change": change}, "full": {"index_change": change}},
        "narrows_and_lowers_welfare": mean < 0 and welfare < 0,
    }


MEASURES = {
    "a": measure("Bridge", -3e-4, -4e-4, -2e-4),
    "b": measure("Plaza", -2.9e-4, -4e-4, -1e-4, -2.0),
    "c": measure("Tour", 1e-6, -1e-6, 4e-6),
}
TIED = [row("a", 1, -3e-4, -4e-4, -2e-4, 1), row("b", 2, -2.9e-4, -4e-4, -1e-4, 1), row("c", 3, 1e-6, -1e-6, 4e-6, 2)]


def test_a_tie_is_named_as_a_tie() -> None:
    text = " ".join(words.leader_sentences(TIED, MEASURES, "imbalance"))
    assert "2 measures share the first place" in text
    assert "Bridge and Plaza" in text
    assert "\u2212300 millionths of the index (90 % interval \u2212400 to \u2212200)" in text


def test_a_settled_lead_is_named_as_settled() -> None:
    rows = [{**TIED[0], "tie_group": 1}, {**TIED[1], "tie_group": 2}]
    text = " ".join(words.leader_sentences(rows, MEASURES, "imbalance"))
    assert "Bridge ranks first, and at 90 % its lead is settled." in text
    assert "share" not in text


def test_a_leader_whose_interval_holds_zero_is_not_distinguishable_from_zero() -> None:
    rows = [row("c", 1, -1e-6, -3e-6, 1e-6, 1)]
    text = " ".join(words.leader_sentences(rows, MEASURES, "imbalance"))
    assert "not distinguishable from zero" in text
    assert "only measure with a rank" in text


def test_a_leader_that_widens_the_gap_is_said_to_be_no_better_than_nothing() -> None:
    rows = [row("c", 1, 2e-6, 1e-6, 3e-6, 1)]
    assert "does not improve on doing nothing" in " ".join(words.leader_sentences(rows, MEASURES, "imbalance"))
    rows = [row("c", 1, 5.0, 4.0, 6.0, 1)]
    text = " ".join(words.leader_sentences(rows, MEASURES, "welfare"))
    assert "+5.00 million USD a year" in text
    assert "nothing" not in text


def test_a_restrictive_leader_comes_after_the_first_of_the_others_with_its_welfare() -> None:
    measures = {**MEASURES, "t": measure("Tariff", -1e-3, -2e-3, -5e-4, -9.0, "restrictive")}
    rows = [
        row("t", 1, -1e-3, -2e-3, -5e-4, 1, among_proposed=None),
        row("a", 2, -3e-4, -4e-4, -2e-4, 2, among_proposed={"tie_group": 1}),
        row("b", 3, -2.9e-4, -4e-4, -1e-4, 2, among_proposed={"tie_group": 1}),
        row("c", 4, 1e-6, -1e-6, 4e-6, 3, among_proposed={"tie_group": 2}),
    ]
    sentences = words.leader_sentences(rows, measures, "imbalance")
    assert sentences[0].startswith("Among the measures that are not restrictive, 2 measures share the first place")
    assert sentences[1].startswith("The effect of Bridge")
    assert sentences[2].startswith("Rank 1 goes to a restrictive measure, estimated to compare with: Tariff")
    assert sentences[2].endswith("Narrows the gap; lowers welfare.")


def test_signs_are_counted_only_where_the_interval_is_apart_from_zero() -> None:
    text = " ".join(words.settled_sentences(TIED, MEASURES))
    assert "Of 3 ranked measures, 2 narrow the gap and 0 widen it" in text
    assert "1 is not distinguishable from zero: Tour" in text
    assert "falls into 2 groups" in text
    assert "assumed" not in text
    graded = {**MEASURES, "a": {**MEASURES["a"], "grade": "D"}}
    assert "1 of 3 measures rest on at least one assumed effect" in " ".join(words.settled_sentences(TIED, graded))


def test_measures_that_narrow_the_gap_and_lower_welfare_are_named_and_the_gainers_too() -> None:
    measures = {
        **MEASURES,
        "d": measure("Certificates", 2e-4, 1e-4, 3e-4, 5.0, "restrictive"),
        "e": measure("Duty", -2e-4, -3e-4, -1e-4, 0.05),
    }
    rows = [*TIED, row("d", 4, 2e-4, 1e-4, 3e-4, 3), row("e", 5, -2e-4, -3e-4, -1e-4, 3)]
    tension = words.tension_sentences(rows, measures, {"narrows_and_lowers_welfare": ["b"]})
    assert tension["conflict"] == [
        "At 90 % these narrow the gap and lower welfare (1): Plaza.",
        "These narrow the gap, and the sign of their effect on welfare is not settled (1): Duty.",
    ]
    assert tension["gain"][0] == "At 90 % these raise welfare without narrowing the gap (1): Tour."
    assert tension["gain"][1].endswith("(1): Certificates.")
    nothing = words.tension_sentences([], {}, {"narrows_and_lowers_welfare": []})
    assert nothing["conflict"] == ["At 90 % no measure narrows the gap and lowers welfare."]


def test_verdicts_go_no_further_than_the_intervals() -> None:
    assert words.verdict(TIED[0], MEASURES["a"]) == "Narrows the gap; raises welfare."
    assert words.verdict(TIED[1], MEASURES["b"]) == "Narrows the gap; lowers welfare."
    assert words.verdict(TIED[2], MEASURES["c"]).startswith("Its effect on the gap is not distinguishable from zero")


def test_a_sign_that_turns_between_the_stages_is_told() -> None:
    measures = {"a": measure("Bridge", -3e-4, -4e-4, -2e-4)}
    measures["a"]["effect"]["partial"] = {"index_change": {"mean": 1e-4}}
    assert (
        words.stage_sentence(TIED[:1], measures)
        == "The sign turns between the partial and the full stage for 1 measure: Bridge."
    )
    assert words.stage_sentence(TIED, MEASURES).startswith("No measure changes its sign")


def test_a_closed_world_of_two_economies_is_told_and_a_larger_world_is_not() -> None:
    context = synthetic_context(2)
    assert "closed world" in words.not_modelled(context)[0]
    context["case"]["economies"].append({"id": "MX", "name": "Mexico"})
    assert "closed world" not in " ".join(words.not_modelled(context))


def test_long_lists_of_names_are_counted() -> None:
    assert words.listed([]) == ""
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed([str(n) for n in range(12)], 3) == "0, 1, 2 and 9 more"


def test_an_index_that_falls_while_the_gap_grows_in_money_is_named() -> None:
    def with_gap(name: str, mean: float, low: float) -> dict[str, Any]:
        found = measure(name, -3e-4, -4e-4, -2e-4)
        return {**found, "full": {**found["full"], "gap_change_musd": {"mean": mean, "q05": low, "q95": mean + 5}}}

    measures = {
        "a": with_gap("Standards", 70.0, 2.0),
        "b": with_gap("Advice", 5.0, -9.0),
        "c": with_gap("Bridge", -4.0, -9.0),
    }
    rows = [row(name, 1, -3e-4, -4e-4, -2e-4, 1) for name in measures]
    *_, text = words.tension_sentences(rows, measures, {"narrows_and_lowers_welfare": []})["conflict"]
    assert text.endswith("widen the gap in money on the mean, 1 of them at 90 % (2): Standards and Advice.")
    older = {"a": measure("Bridge", -3e-4, -4e-4, -2e-4)}
    assert len(words.tension_sentences(rows[:1], older, {"narrows_and_lowers_welfare": []})["conflict"]) == 1


def test_a_rank_that_another_imputation_puts_outside_its_interval_is_told() -> None:
    def variant(identifier: str, bridge: int, plaza: int) -> dict[str, Any]:
        places = [{"intervention": "a", "rank": bridge}, {"intervention": "b", "rank": plaza}]
        return {
            "id": identifier,
            "status": "done",
            "first": "a",
            "same_first": True,
            "kendall_tau": 0.9,
            "rows": places,
        }

    def context(*others: dict[str, Any]) -> dict[str, Any]:
        place = {"rank_low": 1, "rank_high": 3}
        return {
            "interventions": [{"id": "a", "name": "Bridge"}, {"id": "b", "name": "Plaza"}],
            "ranking": {"rows": [{"intervention": name, "among_proposed": place} for name in "ab"]},
            "analyses": {"variants": {"status": "done", "document": {"variants": [variant("run", 1, 2), *others]}}},
        }

    inside = analysis_words.variant_sentences(context(variant("low", 2, 3)))
    assert len(inside) == 1
    _, outside = analysis_words.variant_sentences(context(variant("low", 4, 3), variant("high", 1, 7)))
    assert "for 2 measures another imputation gives a rank outside" in outside
    assert "most for Plaza (7 instead of 1\u20133; all builder ratios high)" in outside
