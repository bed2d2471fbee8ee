"""The decision summary's own sentences: what to fund, at whose expense, what would change the answer."""

from typing import Any

import pytest

from planner.reports import summary_words as words
from planner.reports.validation_words import validation_sentences


def spread(mean: float, low: float, high: float) -> dict[str, float]:
    return {"mean": mean, "q05": low, "q95": high}


def measure(name: str, own: float, everybody: float, grade: str = "D", cost: float | None = 40.0) -> dict[str, Any]:
    return {
        "id": name, "name": name.title(), "kind": "digital", "grade": grade, "costs": {"total_musd": cost},
        "channels": [{"grade": grade}],
        "full": {
            "index_change": spread(-1e-4, -2e-4, -1e-5), "ev_musd": spread(own, own / 2, 2 * own),
            "ev_all_places_musd": spread(everybody, everybody - 1, everybody + 1),
        },
    }  # fmt: skip


def appraised(name: str, low: float, ratio: float, change: float) -> dict[str, Any]:
    return {
        "intervention": name, "cost_known": True, "restrictive": False, "npv_musd": spread(100.0, low, 300.0),
        "bcr_at_means": ratio, "switching_at_means": {"welfare": change},
    }  # fmt: skip


def done(document: dict[str, Any]) -> dict[str, Any]:
    return {"status": "done", "reason": "", "document": document}


def under(closure: str, food: float, bridge: float, first: str) -> dict[str, Any]:
    rows = [
        {"intervention": name, "rank": 1, "index_change": change, "ev_musd": 1.0}
        for name, change in (("food", food), ("bridge", bridge))
    ]
    return {"closure": closure, "status": "done", "first": first, "same_first": first == "food", "rows": rows}


@pytest.fixture
def context() -> dict[str, Any]:
    portfolio = {
        "budget": 900.0, "cost_musd": 850.0,
        "members": [{"id": "food", "name": "Food"}, {"id": "bridge", "name": "Bridge"}],
        "over_draws": {"narrowing": spread(0.001, 0.0008, 0.0015), "welfare_musd": spread(700.0, 500.0, 900.0)},
    }  # fmt: skip
    return {
        "case": {"currency": "USD"},
        "run": {"closure": "world_share"},
        "baseline": {"index": 0.25, "index_reference": 0.25},
        "parameters": [{"grade": "B"}, {"grade": "D"}],
        "interventions": [measure("food", 100, 120), measure("bridge", 50, 20), measure("free", 5, 5, cost=None)],
        "ranking": {
            "rows": [{"intervention": name, "among_proposed": {"rank": 1}} for name in ("food", "bridge", "free")]
        },
        "analyses": {
            "portfolio": done({"objective": "imbalance", "portfolio": portfolio}),
            "appraisal": done(
                {
                    "last_year": 2053,
                    "order": ["food", "bridge"],
                    "rows": [appraised("food", 20.0, 38.0, -0.974), appraised("bridge", -5.0, 1.2, -0.2)],
                }
            ),
            "closures": done(
                {"closures": [under("world_share", -3e-4, -1e-4, "food"), under("short_run", -2e-4, 1e-4, "bridge")]}
            ),
        },
    }


@pytest.fixture
def measures(context: dict[str, Any]) -> dict[str, Any]:
    return {one["id"]: one for one in context["interventions"]}


def test_what_to_fund_stands_beside_the_size_of_the_gap(context: dict[str, Any]) -> None:
    text = " ".join(words.fund_sentences(context))
    assert "the best set has 2 measures at 850 million." in text
    assert "That is 0.40" in text, "0.001 of 0.25"
    assert "1 are worth more than they cost in at least 95 % of draws. That is not so for Bridge." in text
    context["analyses"]["portfolio"]["document"]["portfolio"]["over_draws"]["narrowing"] = spread(0.2, 0.1, 0.22)
    assert "nearly all of it stays" not in " ".join(words.fund_sentences(context))
    context["analyses"].pop("portfolio")
    assert words.fund_sentences(context) == []


def test_high_ratios_of_assumptions_carry_a_warning_and_others_none(
    context: dict[str, Any], measures: dict[str, Any]
) -> None:
    first, warning = words.switching_sentences(context, measures)
    assert first == "Food, worth most, would be worth its cost with a benefit smaller by up to 97.4\u202f%."
    assert warning.startswith("Treat with care: the benefit of Food is 38.0 times its cost")
    measures["food"]["grade"] = "B"
    assert words.ratio_warning(context, measures) == []


def test_signs_that_hang_on_the_closure_are_counted_and_named(
    context: dict[str, Any], measures: dict[str, Any]
) -> None:
    (sentence,) = words.sign_sentences(context)
    assert "for 1 of 2 measures that may be proposed: Bridge." in sentence
    assert "Another measure comes first under closure short_run." in words.change_sentences(context, measures)
    context["analyses"]["closures"]["document"]["closures"][1] = under("short_run", -2e-4, -1e-5, "food")
    assert "the same under every closure" in words.sign_sentences(context)[0]
    assert words.change_sentences(context, measures)[-1].startswith("The first place holds")


def test_gains_that_others_pay_for_are_named(context: dict[str, Any], measures: dict[str, Any]) -> None:
    (sentence,) = words.transfer_sentences(context, measures)
    assert "For 1 measure" in sentence
    assert "Bridge (+50.0, all places +20.0)" in sentence
    measures["bridge"]["full"]["ev_all_places_musd"] = spread(26.0, 20.0, 30.0)
    assert words.transfer_sentences(context, measures) == []


def test_what_has_no_cost_is_named(context: dict[str, Any], measures: dict[str, Any]) -> None:
    assert words.without_cost(context, measures) == ["Without a cost, and so in no appraisal and no set: Free."]


def test_the_headline_and_its_validation_say_what_is_observed(context: dict[str, Any]) -> None:
    assert words.index_sentence(0.25).startswith("25.0\u202f% of the border regions' trade")
    text = " ".join(validation_sentences(context))
    assert "1 of 2 parameters and 0 of 3 effects" in text
    assert "solves the baseline again" not in text
    context["baseline"]["index_reference"] = 0.2
    assert "an index of 0.2000000, which nobody observed" in " ".join(validation_sentences(context))
