"""Nothing is computed twice: effects of equal work are taken from earlier runs; and the time that is left."""

from datetime import timedelta

import pytest
from django.utils import timezone

from planner.models import Effect, Run, RunPart
from planner.selectors import run_progress
from planner.services import parts, run_estimate_part, run_start
from tests.factories.runs import FEW, finished_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def computed(monkeypatch) -> list[str]:
    """The interventions that the engine was asked for, in order."""
    asked = []
    original = parts.compute

    def compute(part):
        asked.append(part.intervention)
        return original(part)

    monkeypatch.setattr(parts, "compute", compute)
    return asked


def test_equal_work_is_copied_bit_for_bit(case, computed):
    first = finished_run(case)
    assert len(computed) == 5
    second = finished_run(case)
    assert len(computed) == 5
    assert set(second.parts.values_list("reused", "state")) == {(True, "done")}
    assert run_progress(second).reused == 5
    for effect in first.effects.all():
        copy = second.effects.get(intervention=effect.intervention)
        assert (bytes(copy.arrays), copy.summary, copy.status) == (bytes(effect.arrays), effect.summary, effect.status)
    ranks = [
        list(run.rankings.get(criterion="welfare").rows.values_list("intervention", "score_mean"))
        for run in (first, second)
    ]
    assert ranks[0] == ranks[1]


def test_only_what_changed_is_computed_again(case, computed):
    finished_run(case)
    computed.clear()
    case.interventions.get(slug="exporters").channels.update(high=0.03)
    case.interventions.get(slug="tariff").costs.create(
        year=2026, category="capital", amount_musd=1, source="s", grade="D"
    )
    finished_run(case, slugs=["exporters", "tariff", "visitors"])
    assert computed == ["exporters"], "costs do not enter the estimate"


@pytest.mark.parametrize("change", [{"seed": 4}, {"draws": 21}, {"closure": "balanced"}, {"variant": "low"}])
def test_other_settings_are_other_work(case, computed, change):
    finished_run(case, slugs=["exporters"])
    run = run_start(case, slugs=["exporters"], settings=FEW | change).run
    run_estimate_part(run.parts.get().pk)
    assert computed == ["exporters", "exporters"]


def test_the_order_of_ranking_is_not_work(case, computed):
    finished_run(case, slugs=["exporters"])
    run = run_start(case, slugs=["exporters"], settings=FEW | {"criterion": "welfare", "standing": "world"}).run
    run_estimate_part(run.parts.get().pk)
    assert computed == ["exporters"]


def test_other_parameters_or_facts_are_other_work(case, computed):
    finished_run(case, slugs=["exporters"])
    case.parameter_sets.get().parameters.filter(key="theta").update(high=7)
    finished_run(case, slugs=["exporters"])
    case.regions.filter(code="US-MI").update(gdp_musd=700000)
    finished_run(case, slugs=["exporters"])
    assert len(computed) == 3


def test_failures_are_tried_again(case, computed):
    finished_run(case, slugs=["exporters"])
    Effect.objects.update(status="failed", reason="no solution")
    finished_run(case, slugs=["exporters"])
    assert len(computed) == 2


def test_time_left_follows_the_pace_of_computed_parts(case):
    run = run_start(case, settings=FEW).run
    now = timezone.now()
    assert run_progress(run).left is None
    Run.objects.filter(pk=run.pk).update(state="running", started_at=now - timedelta(hours=1))
    ids = list(run.parts.values_list("pk", flat=True))
    # Two parts in the last 20 seconds on two workers; one that was copied says nothing of the pace.
    for number, pk in enumerate(ids[:2]):
        RunPart.objects.filter(pk=pk).update(
            state="done", claimed_at=now - timedelta(seconds=20), finished_at=now - timedelta(seconds=number)
        )
    RunPart.objects.filter(pk=ids[2]).update(
        state="done", reused=True, claimed_at=now - timedelta(minutes=50), finished_at=now - timedelta(minutes=50)
    )
    run.refresh_from_db()
    assert run_progress(run, now).left == timedelta(seconds=20)
    assert run_progress(run, now + timedelta(seconds=15)).left == timedelta(seconds=5)
    assert run_progress(run, now + timedelta(minutes=15)).left == timedelta(0)
