"""An economist with the JSON file alone: what the report says of draws is counted again from it."""

import json
from collections.abc import Callable

import numpy as np
import numpy_financial as npf
import pytest

from planner.models import Run
from planner.reports.context import build_context
from planner.reports.json_writer import report_json


@pytest.fixture
def document(finished_run: Callable[..., Run]) -> dict:
    run = finished_run(draws=60, analyses=["appraisal", "criteria"])
    return json.loads(report_json(build_context(run)))


def test_ranks_chances_and_intervals(document: dict) -> None:
    draws = document["draws"]["index_change"]
    names = [row["intervention"] for row in document["ranking"]["rows"]]
    losses = np.array([draws[name] for name in names])
    assert names == sorted(names, key=lambda name: (np.mean(draws[name]), name))
    ranks = 1 + (losses[None, :, :] < losses[:, None, :]).sum(axis=1)
    for at, row in enumerate(document["ranking"]["rows"]):
        assert row["score_mean"] == pytest.approx(losses[at].mean(), rel=1e-7)
        assert (row["q05"], row["q95"]) == pytest.approx(tuple(np.quantile(losses[at], [0.05, 0.95])), rel=1e-7)
        assert row["p_best"] == pytest.approx((ranks[at] == 1).mean())
        assert row["p_top3"] == pytest.approx((ranks[at] <= 3).mean())
        assert [row["rank_low"], row["rank_high"]] == np.quantile(
            ranks[at], [0.05, 0.95], method="inverted_cdf"
        ).tolist()
    for measure in document["interventions"]:
        if measure["full"]:
            welfare = np.array(document["draws"]["welfare_musd"][measure["id"]])
            assert measure["full"]["ev_musd"]["mean"] == pytest.approx(welfare.mean(), rel=1e-7)


def test_money_of_every_draw(document: dict) -> None:
    """A benefit's course over the years is the same in all draws, and so is that of the costs: means give it."""
    found = document["analyses"]["appraisal"]["document"]
    draws, welfare = found["draws"], document["draws"]["welfare_musd"]
    rate, bias = np.array(draws["discount_rate"]), np.array(draws["optimism_bias"])
    for row in found["rows"]:
        if not row["cost_known"]:
            continue
        name, years = row["intervention"], row["by_year"]
        full = {"welfare": np.array(welfare[name])} | {k: np.array(v) for k, v in draws["amounts_musd"][name].items()}
        net = np.zeros((len(years), len(rate)))
        for at, year in enumerate(years):
            for stream, mean in year["benefits_musd"].items():
                if mean:
                    net[at] += mean / full[stream].mean() * full[stream]
            for kind, mean in year["costs_musd"].items():
                net[at] -= mean * (1 + bias) / (1 + bias.mean()) if kind == "capital" else mean
        discount = (1 + rate) ** -(np.arange(len(years))[:, None])
        npv = (net * discount).sum(axis=0)
        np.testing.assert_allclose(npv, draws["npv_musd"][name], rtol=1e-5, atol=1e-5)
        assert row["npv_musd"]["mean"] == pytest.approx(npv.mean(), rel=1e-5, abs=1e-5)
        assert row["p_npv_positive"] == pytest.approx((npv > 0).mean())
        if row["eirr_status"].get("defined", 0) == 1:
            rates = [npf.irr(one) for one in net.T]
            assert row["eirr"]["q50"] == pytest.approx(np.median(rates), rel=1e-4)
    assert any(row["eirr_status"].get("defined", 0) == 1 for row in found["rows"] if row["cost_known"])
