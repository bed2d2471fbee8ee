"""A placebo on the official files of 2021: a quiet month of the largest crossing, for which no change may be predicted."""

import datetime

import pytest

from planner.services.backtests import BacktestRequest, backtest
from regions.importing.loader import import_case
from regions.models import Case
from tests.regions.test_shipped_case import CASE as SHIPPED

pytestmark = [pytest.mark.django_db, pytest.mark.published]


def test_a_quiet_month_predicts_no_change(reference_data):
    import_case(SHIPPED)
    folder = reference_data / "transborder-2021"
    found = backtest(
        Case.objects.get(),
        BacktestRequest(
            crossing="3801",
            start=datetime.date(2021, 10, 1),
            end=datetime.date(2021, 10, 31),
            observed=[*sorted(folder.glob("dot1_??21.csv.gz")), folder / "border_crossing_entry_2021.csv.gz"],
            capacity=1.0,
            draws=0,
        ),
    )
    assert len(found["files"]) == 13
    assert found["passed_over"] == ["dot1_2021.csv.gz: no month of the US-Canada Border by truck"]
    assert [row["trade_ratio"]["q50"] for row in found["prediction"]] == pytest.approx([1.0] * len(found["prediction"]))
    assert abs(found["loss"]["goods_trade_lost_share"]["q50"]) < 1e-12
    for measure in ("goods_usd", "trucks"):
        score = found["score"][measure]
        assert score["rows"] > 60
        assert score["skill"] is None
        # What is left is the noise of months: some per cent in all.
        assert 0 < score["absolute_error_share"] < 0.1
    detroit = next(one for one in found["months"] if one["crossing"] == "3801" and one["entered"] == "US")
    assert detroit["predicted"] == pytest.approx(detroit["expected"])
    assert abs(detroit["error_share"]) < 3 * detroit["noise_share"]
