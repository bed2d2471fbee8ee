"""Runs from start to end: reproducible copies, idempotent parts, one finisher, isolated failures, recovery."""

import datetime
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from celery.exceptions import Retry
from django.db import OperationalError, connections, transaction
from django.utils import timezone

from planner import tasks
from planner.models import Effect, Intervention, Parameter, Ranking, RankingRow, Run, RunPart, Snapshot
from planner.services import (
    PartOutcome,
    PartPostponed,
    RunRefused,
    finish,
    parts,
    run_cancel,
    run_estimate_part,
    run_finish,
    run_start,
    run_sweep,
)

pytestmark = pytest.mark.django_db

FEW = {"draws": 20, "seed": 3}


def started(case, **choice) -> Run:
    return run_start(case, settings=FEW, **choice).run


def estimate_all(run: Run) -> list[PartOutcome]:
    return [run_estimate_part(part.pk) for part in run.parts.order_by("position")]


def completed(case, **choice) -> Run:
    run = started(case, **choice)
    estimate_all(run)
    assert run_finish(run.pk)
    run.refresh_from_db()
    return run


class TestStart:
    def test_one_part_for_each_intervention(self, case):
        run = started(case)
        assert [part.intervention for part in run.parts.all()] == sorted(
            case.interventions.values_list("slug", flat=True)
        )
        assert (run.state, run.draws, run.seed, run.closure) == ("pending", 20, 3, "world_share")
        assert len(run.input_digest) == len(run.request_digest) == 64

    def test_the_same_request_twice_is_one_run(self, case):
        first = run_start(case, settings=FEW)
        second = run_start(case, settings=FEW)
        assert first.created
        assert not second.created
        assert first.run == second.run
        assert RunPart.objects.count() == 5

    def test_a_finished_request_may_be_made_again(self, case):
        first = completed(case)
        second = run_start(case, settings=FEW)
        assert second.created
        assert second.run.request_digest == first.request_digest
        assert Snapshot.objects.count() == 1

    def test_other_settings_are_another_run(self, case):
        runs = {
            run_start(case, settings=settings).run.pk
            for settings in (
                FEW,
                FEW | {"seed": 4},
                FEW | {"draws": 21},
                FEW | {"closure": "balanced"},
                FEW | {"variant": "low"},
            )
        }
        assert len(runs) == 5
        assert Snapshot.objects.count() == 2

    def test_inputs_are_copied(self, case):
        run = completed(case)
        before = RankingRow.objects.filter(ranking__run=run).values_list("intervention", "score_mean")
        stored = list(before)
        Intervention.objects.filter(slug="more-booths").delete()
        Parameter.objects.all().update(low=1, central=1, high=1)
        again = Run.objects.get(pk=run.pk)
        again.parts.update(state="pending", finished_at=None)
        again.effects.all().delete()
        again.rankings.all().delete()
        Run.objects.filter(pk=run.pk).update(state="running", finished_at=None)
        estimate_all(again)
        assert run_finish(run.pk)
        assert list(RankingRow.objects.filter(ranking__run=run).values_list("intervention", "score_mean")) == stored

    def test_changed_inputs_change_the_digest(self, case):
        first = started(case)
        Parameter.objects.filter(key="theta").update(high=7)
        second = started(case)
        assert first.input_digest != second.input_digest

    def test_all_refusals_at_once(self, case):
        with pytest.raises(RunRefused) as refusal:
            run_start(case, slugs=["no-such", "neither", "tariff"])
        assert len(refusal.value.problems) == 2
        assert "no-such" in str(refusal.value)

    def test_bad_settings_are_refused(self, case):
        with pytest.raises(RunRefused) as refusal:
            run_start(case, settings={"draws": 0, "seed": -1, "closure": "long_run"})
        assert len(refusal.value.problems) == 3

    def test_an_intervention_that_changes_nothing_is_refused(self, case):
        case.interventions.get(slug="exporters").channels.update(low=0, central=0, high=0)
        with pytest.raises(RunRefused, match="no model input changes"):
            started(case)
        assert not Run.objects.exists()

    def test_a_cut_longer_than_the_wait_is_refused(self, case):
        case.interventions.get(slug="more-booths").channels.update(low=-23)
        with pytest.raises(RunRefused, match="22"):
            started(case)

    def test_a_case_without_interventions_is_refused(self, case):
        case.interventions.all().delete()
        with pytest.raises(RunRefused, match="no interventions"):
            started(case)


class TestParts:
    def test_a_finished_part_is_a_no_op(self, case):
        run = started(case, slugs=["exporters"])
        part = run.parts.get()
        assert run_estimate_part(part.pk) is PartOutcome.DONE
        effect = Effect.objects.get()
        assert run_estimate_part(part.pk) is PartOutcome.NOT_TAKEN
        assert Effect.objects.get().pk == effect.pk
        part.refresh_from_db()
        assert part.attempts == 1

    def test_a_claimed_part_is_not_taken_twice(self, case):
        part = started(case, slugs=["exporters"]).parts.get()
        assert parts.claim_part(part.pk, "mine") is not None
        assert parts.claim_part(part.pk, "mine") is None

    def test_one_failure_leaves_the_others(self, case, monkeypatch):
        real = parts.compute

        def faulty(part):
            if part.intervention == "tariff":
                raise ZeroDivisionError("a fault of this one")
            return real(part)

        monkeypatch.setattr(parts, "compute", faulty)
        run = started(case)
        outcomes = dict(zip([part.intervention for part in run.parts.all()], estimate_all(run), strict=True))
        assert outcomes.pop("tariff") is PartOutcome.FAILED
        assert set(outcomes.values()) == {PartOutcome.DONE}
        assert run_finish(run.pk)
        run.refresh_from_db()
        assert run.state == "done"
        effect = Effect.objects.get(intervention="tariff")
        assert (effect.status, "a fault of this one" in effect.reason) == ("failed", True)
        ranked = set(RankingRow.objects.filter(ranking__criterion="imbalance").values_list("intervention", flat=True))
        assert ranked == {"exporters", "more-booths", "visitors"}

    def test_when_all_fail_the_run_failed(self, case, monkeypatch):
        def faulty(part):
            raise ValueError("nothing works")

        monkeypatch.setattr(parts, "compute", faulty)
        run = started(case)
        estimate_all(run)
        assert run_finish(run.pk)
        run.refresh_from_db()
        assert run.state == "failed"
        assert "nothing works" in run.reason

    def test_without_meaning_is_neither_zero_nor_ranked(self, case):
        run = completed(case)
        effect = Effect.objects.get(intervention="dearer-dollar")
        assert effect.status == "not_applicable"
        assert "short_run" in effect.reason
        assert not RankingRow.objects.filter(intervention="dearer-dollar").exists()
        assert run.state == "done"

    def test_a_passing_fault_is_tried_again(self, case, monkeypatch):
        real, calls = parts.compute, []

        def busy_once(part):
            calls.append(part.pk)
            if len(calls) == 1:
                raise OperationalError("database is locked")
            return real(part)

        monkeypatch.setattr(parts, "compute", busy_once)
        part = started(case, slugs=["exporters"]).parts.get()
        with pytest.raises(PartPostponed, match="locked"):
            run_estimate_part(part.pk)
        part.refresh_from_db()
        assert (part.state, part.attempts, part.claim) == ("pending", 1, "")
        assert run_estimate_part(part.pk) is PartOutcome.DONE

    def test_a_fault_that_does_not_pass_ends(self, case, monkeypatch):
        def busy(part):
            raise OperationalError("database is locked")

        monkeypatch.setattr(parts, "compute", busy)
        part = started(case, slugs=["exporters"]).parts.get()
        for _ in range(parts.MOST_ATTEMPTS - 1):
            with pytest.raises(PartPostponed):
                run_estimate_part(part.pk)
        assert run_estimate_part(part.pk) is PartOutcome.FAILED
        assert "given up after 5 attempts" in Effect.objects.get().reason

    def test_a_worker_that_lost_its_claim_stores_nothing(self, case, monkeypatch):
        real = parts.compute

        def slow(part):
            RunPart.objects.filter(pk=part.pk).update(claim="somebody else")
            return real(part)

        monkeypatch.setattr(parts, "compute", slow)
        part = started(case, slugs=["exporters"]).parts.get()
        assert run_estimate_part(part.pk) is PartOutcome.DROPPED
        assert not Effect.objects.exists()


class TestFinish:
    def test_not_before_the_last_part(self, case):
        run = started(case)
        for part in list(run.parts.all())[:-1]:
            run_estimate_part(part.pk)
        assert not run_finish(run.pk)
        assert not Ranking.objects.exists()

    def test_exactly_once(self, case):
        run = completed(case)
        assert not run_finish(run.pk)
        assert Ranking.objects.filter(run=run).count() == 2

    def test_ranks_by_both_criteria(self, case):
        run = completed(case)
        for criterion, sign in (("imbalance", 1), ("welfare", -1)):
            rows = list(RankingRow.objects.filter(ranking__run=run, ranking__criterion=criterion).order_by("rank"))
            assert [row.rank for row in rows] == [1, 2, 3, 4]
            scores = [sign * row.score_mean for row in rows]
            assert scores == sorted(scores)
            assert sum(row.p_best for row in rows) == pytest.approx(1)

    def test_standing_decides_whose_welfare_counts(self, case):
        scores = {}
        for standing in ("border", "world"):
            run = run_start(case, settings=FEW | {"standing": standing}, slugs=["tariff"]).run
            estimate_all(run)
            assert run_finish(run.pk)
            scores[standing] = RankingRow.objects.get(ranking__run=run, ranking__criterion="welfare").score_mean
        assert scores["border"] != pytest.approx(scores["world"])

    def test_a_fault_in_the_ranking_is_the_runs_reason(self, case, monkeypatch):
        def faulty(*_):
            raise ValueError("no order")

        monkeypatch.setattr(finish, "rank_rows", faulty)
        run = started(case)
        estimate_all(run)
        assert run_finish(run.pk)
        run.refresh_from_db()
        assert (run.state, run.reason) == ("failed", "the ranking failed: ValueError: no order")


class TestCancel:
    def test_nothing_more_is_taken(self, case):
        run = started(case)
        first, *others = run.parts.all()
        run_estimate_part(first.pk)
        assert run_cancel(run.pk)
        assert [run_estimate_part(part.pk) for part in others] == [PartOutcome.NOT_TAKEN] * 4
        run.refresh_from_db()
        assert run.state == "cancelled"
        assert Effect.objects.count() == 1
        assert not run_finish(run.pk)
        assert not run_cancel(run.pk)

    def test_what_is_being_computed_is_dropped(self, case, monkeypatch):
        real = parts.compute

        def cancelled_meanwhile(part):
            run_cancel(part.run_id)
            return real(part)

        monkeypatch.setattr(parts, "compute", cancelled_meanwhile)
        run = started(case, slugs=["exporters"])
        assert estimate_all(run) == [PartOutcome.DROPPED]
        assert not Effect.objects.exists()

    def test_a_finished_run_stays_as_it_ended(self, case):
        run = completed(case)
        assert not run_cancel(run.pk)
        run.refresh_from_db()
        assert run.state == "done"


class TestSweep:
    def test_a_part_of_a_dead_worker_is_put_back(self, case):
        run = started(case, slugs=["exporters"])
        part = run.parts.get()
        parts.claim_part(part.pk, "mine")
        # No process has a number as high as this one.
        RunPart.objects.update(worker=f"{parts.worker_name().rpartition(':')[0]}:99999999")
        assert run_sweep().parts == [part.pk]
        part.refresh_from_db()
        assert (part.state, part.worker) == ("pending", "")
        assert run_estimate_part(part.pk) is PartOutcome.DONE
        assert run_finish(run.pk)

    def test_a_part_of_a_living_worker_is_left_alone(self, case):
        part = started(case, slugs=["exporters"]).parts.get()
        parts.claim_part(part.pk, "mine")
        assert run_sweep().parts == []

    def test_elsewhere_the_lease_decides(self, case):
        part = started(case, slugs=["exporters"]).parts.get()
        parts.claim_part(part.pk, "mine")
        RunPart.objects.update(worker="another-host:1")
        assert run_sweep().parts == []
        later = timezone.now() + datetime.timedelta(seconds=parts.LEASE_SECONDS + 1)
        assert run_sweep(now=later).parts == [part.pk]

    def test_a_lost_message_is_sent_again_after_a_while(self, case):
        run = started(case)
        assert run_sweep().parts == []
        later = timezone.now() + datetime.timedelta(seconds=601)
        assert len(run_sweep(now=later).parts) == 5
        assert run_sweep(now=later).parts == []
        assert len(run_sweep(everything=True).parts) == 5
        run_cancel(run.pk)
        assert run_sweep(everything=True).parts == []

    def test_a_clock_that_was_set_back_blocks_nothing(self, case):
        """What was taken or sent while the clock was a day ahead."""
        taken, sent = started(case, slugs=["exporters", "tariff"]).parts.all()
        parts.claim_part(taken.pk, "mine")
        ahead = timezone.now() + datetime.timedelta(days=1)
        RunPart.objects.filter(pk=taken.pk).update(worker="another-host:1", lease_until=ahead)
        RunPart.objects.filter(pk=sent.pk).update(queued_at=ahead)
        assert run_sweep().parts == [taken.pk, sent.pk]

    def test_a_run_whose_parts_have_ended_is_named(self, case):
        run = started(case)
        estimate_all(run)
        assert run_sweep().runs == [run.pk]


class TestDatabaseAway:
    """The database restarts while a part is taken, computed or given back."""

    def test_the_claim_is_given_back_with_patience(self, case, monkeypatch):
        part = started(case, slugs=["exporters"]).parts.get()
        waits, real, away = [], RunPart.objects.filter, [True, True, True]

        def filtered(**conditions):
            if "claim" in conditions and away:
                away.pop()
                raise OperationalError("the database system is starting up")
            return real(**conditions)

        def lost(_):
            raise OperationalError("server closed the connection")

        monkeypatch.setattr(parts, "compute", lost)
        monkeypatch.setattr(RunPart.objects, "filter", filtered)
        monkeypatch.setattr(parts.time, "sleep", waits.append)
        # It would close the connection of this test's transaction.
        monkeypatch.setattr(parts, "close_old_connections", lambda: None)
        with pytest.raises(PartPostponed, match="server closed"):
            run_estimate_part(part.pk)
        part.refresh_from_db()
        assert (part.state, part.claim, waits) == ("pending", "", [1, 2, 4])

    def test_a_claim_whose_answer_was_lost_is_released(self, case, monkeypatch):
        part = started(case, slugs=["exporters"]).parts.get()

        def cut(*_):
            raise OperationalError("connection reset")

        monkeypatch.setattr(parts, "kept_run", cut)
        with pytest.raises(PartPostponed):
            run_estimate_part(part.pk)
        part.refresh_from_db()
        assert (part.state, part.attempts) == ("pending", 1)

    def test_the_task_tries_again_when_nothing_could_be_asked(self, case, monkeypatch):
        part = started(case, slugs=["exporters"]).parts.get()

        def away(_):
            raise OperationalError("no database")

        asked = []

        def retry(exc, countdown):
            asked.append((str(exc), countdown))
            return Retry()

        monkeypatch.setattr(tasks, "run_estimate_part", away)
        monkeypatch.setattr(tasks.estimate_part, "retry", retry)
        with pytest.raises(Retry):
            tasks.estimate_part.run(part.pk, part.run_id)
        assert asked == [("no database", tasks.FIRST_DELAY_SECONDS)]


def test_an_empty_broker_sends_everything_again(case, monkeypatch):
    run = started(case)
    sent = []
    monkeypatch.setattr(tasks.estimate_part, "delay", lambda part, run: sent.append(part))
    monkeypatch.setattr(tasks, "queue_is_empty", lambda: False)
    tasks.sweep_runs()
    assert sent == []
    monkeypatch.setattr(tasks, "queue_is_empty", lambda: True)
    tasks.sweep_runs()
    assert sent == list(run.parts.order_by("position").values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    """Threads with connections of their own, as workers have."""

    def together(self, count, work):
        barrier = threading.Barrier(count)

        def one(_):
            barrier.wait()
            try:
                return work()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(one, range(count)))

    def test_a_part_delivered_to_many_is_done_once(self, case):
        part = started(case, slugs=["exporters"]).parts.get()
        outcomes = self.together(4, lambda: run_estimate_part(part.pk))
        assert sorted(outcomes) == [PartOutcome.DONE] + [PartOutcome.NOT_TAKEN] * 3
        assert Effect.objects.count() == 1

    def test_a_claim_that_waited_for_another_finds_the_part_taken(self, case):
        part = started(case, slugs=["exporters"]).parts.get()
        begun = threading.Event()

        def second():
            begun.set()
            try:
                return parts.claim_part(part.pk, "second")
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                assert parts.claim_part(part.pk, "first") is not None
                later = pool.submit(second)
                begun.wait()
                time.sleep(0.3)  # the other one now waits for this transaction
            assert later.result() is None
        part.refresh_from_db()
        assert (part.claim, part.attempts) == ("first", 1)

    def test_one_of_many_finishers_closes_the_run(self, case):
        run = started(case)
        estimate_all(run)
        assert sum(self.together(4, lambda: run_finish(run.pk))) == 1
        assert Ranking.objects.count() == 2

    def test_two_users_start_the_same_run(self, case):
        def start():
            with transaction.atomic():
                return run_start(case, settings=FEW)

        begun = self.together(3, start)
        assert sum(one.created for one in begun) == 1
        assert len({one.run.pk for one in begun}) == 1
        assert RunPart.objects.count() == 5
