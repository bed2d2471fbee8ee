"""The database itself refuses what must not be, whoever writes it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from planner.models import Channel, Cost, Intervention, Parameter, ParameterSet, Ranking, RankingRow, Run, Scenario
from planner.models.ranking import ranking_problems
from planner.services import run_start

pytestmark = pytest.mark.django_db


def refused(write) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


def test_channel_keeps_its_order(case):
    for values in ({"low": 1.0}, {"high": -9.0}, {"central": 9.0}, {"low": float("-inf")}):
        refused(lambda values=values: Channel.objects.filter(type="wait_minutes").update(**values))
    refused(lambda: Channel.objects.filter(type="wait_minutes").update(grade="E"))
    refused(lambda: Channel.objects.filter(type="wait_minutes").update(type="wait_years"))
    refused(lambda: Channel.objects.filter(type="wait_minutes").update(source=""))


def test_parameter_keeps_its_order(case):
    refused(lambda: Parameter.objects.filter(key="theta").update(low=9))
    row = Parameter.objects.filter(key="theta").values().get()
    refused(lambda: Parameter.objects.create(**{**row, "id": None}))


def test_costs_cannot_be_mixed(case):
    names = {field.name for field in Cost._meta.get_fields()}
    assert not names & {"currency", "price_year"}
    cost = Cost.objects.first()
    assert (cost.currency, cost.price_year) == (case.currency, case.price_year)
    refused(lambda: Cost.objects.update(category="bribes"))


def test_ids_are_unique_in_a_case(case):
    refused(lambda: Intervention.objects.create(case=case, slug="tariff", name="Another", kind="digital"))
    refused(lambda: Intervention.objects.filter(slug="tariff").update(kind="punitive"))


def test_one_default_set(case):
    refused(
        lambda: ParameterSet.objects.create(case=case, name="other", as_of="2026-01-01", source="s", is_default=True)
    )


def test_scenario_settings(case):
    chosen = ParameterSet.objects.get()
    refused(lambda: Scenario.objects.create(case=case, name="s", parameter_set=chosen, draws=0))
    refused(lambda: Scenario.objects.create(case=case, name="s", parameter_set=chosen, closure="long_run"))
    Scenario.objects.create(case=case, name="s", parameter_set=chosen)
    refused(lambda: Scenario.objects.create(case=case, name="s", parameter_set=chosen))


def test_run_states(case):
    run = run_start(case, settings={"draws": 5}).run
    refused(lambda: Run.objects.filter(pk=run.pk).update(state="done"))
    refused(lambda: Run.objects.filter(pk=run.pk).update(state="lost"))
    refused(lambda: run.parts.update(state="running"))
    refused(lambda: run.parts.update(position=1))


ROW = {
    "score_mean": 0.0, "q05": -1.0, "q50": 0.0, "q95": 1.0, "p_best": 0.5, "p_top3": 1.0, "rank_low": 1, "rank_high": 2,
    "tie_group": 1, "settled_above": True,
}  # fmt: skip


def test_ranking_rows(case):
    ranking = Ranking.objects.create(run=run_start(case, settings={"draws": 5}).run, criterion="imbalance")
    RankingRow.objects.create(ranking=ranking, rank=1, intervention="a", **ROW)
    for fault in (
        {"rank": 1},
        {"rank": 0},
        {"intervention": "a"},
        {"q05": 2.0},
        {"p_best": 1.5},
        {"p_top3": 0.1},
        {"rank_low": 3},
    ):
        row = {"rank": 2, "intervention": "b", **ROW, **fault}
        refused(lambda row=row: RankingRow.objects.create(ranking=ranking, **row))


def test_ranks_must_be_consecutive():
    def rows(*places):
        return [RankingRow(rank=rank, intervention=str(rank), tie_group=group) for rank, group in places]

    assert ranking_problems(rows((1, 1), (2, 1), (3, 2))) == []
    assert ranking_problems([]) == []
    assert "not consecutive" in ranking_problems(rows((1, 1), (3, 2)))[0]
    assert "not consecutive" in ranking_problems(rows((2, 1), (3, 1)))[0]
    assert "tie groups" in ranking_problems(rows((1, 1), (2, 3)))[0]
    assert "tie groups" in ranking_problems(rows((1, 1), (2, 2), (3, 1)))[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [("unit", "hours"), ("crossing", "9999"), ("crossing", ""), ("direction", "MX"), ("place", "US-MI")],
)
def test_a_form_checks_a_channel_like_a_file(case, field, value):
    channel = Channel.objects.get(type="wait_minutes")
    channel.full_clean()
    setattr(channel, field, value)
    with pytest.raises(ValidationError) as refusal:
        channel.full_clean()
    assert set(refusal.value.message_dict) == {field}


def test_closures_of_an_intervention(case):
    intervention = Intervention.objects.get(slug="tariff")
    intervention.closures = "world_share; short_run"
    intervention.full_clean()
    intervention.closures = "world_share; long_run"
    with pytest.raises(ValidationError, match="long_run"):
        intervention.full_clean()
