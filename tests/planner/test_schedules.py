"""Schedules: each due time happens once, with the permissions of its person, and nothing fails in silence."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connections, transaction

from planner import tasks
from planner.config.embedded import embedded_worker
from planner.models import Alert, Delivery, Occurrence, ReportFile, Run, Schedule
from planner.models.schedule import REPORT_FORMATS
from planner.reports import FORMATS
from planner.services import run_estimate_part, run_finish, run_review, run_start
from planner.services.occurrences import forget_files, occurrence_make
from planner.services.schedules import (
    fire_due,
    next_due,
    open_occurrences,
    schedule_fire,
    schedule_pause,
    schedule_save,
)
from regions.access import Role, grant, set_members
from tests.factories.runs import finished_run

pytestmark = pytest.mark.django_db
START = datetime(2026, 5, 1, 12, tzinfo=UTC)
NINE = datetime(2026, 5, 2, 9, tzinfo=UTC)


@pytest.fixture
def planner(case) -> User:
    user = User.objects.create_user("paula", email="paula@bank.example", password="x")
    grant(user, case, Role.PLANNER)
    return user


@pytest.fixture
def daily(case, planner) -> Schedule:
    """Every day at nine, one format, to a folder."""
    with time_machine.travel(START, tick=False):
        return schedule_save(
            Schedule(case=case, name="Daily"),
            {"cron": "0 9 * * *", "formats": ["csv"], "recipients": [{"kind": "folder", "address": "daily"}]},
            planner,
        )


def made(ids: list[int], now: datetime) -> list[str]:
    """Take every occurrence as far as it goes; the states."""
    for one in ids:
        occurrence_make(one, now)
    return [Occurrence.objects.get(pk=one).state for one in ids]


def test_due_once_whoever_asks(daily):
    assert next_due(daily, START) == NINE
    assert fire_due(NINE - timedelta(seconds=1)) == []
    assert len(fire_due(NINE)) == 1
    assert fire_due(NINE) == fire_due(NINE + timedelta(hours=20)) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        Occurrence.objects.create(schedule=daily, due_at=NINE)


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_the_same_moment(daily):
    together, found = threading.Barrier(4), []

    def clock() -> None:
        try:
            together.wait()
            found.append(fire_due(NINE))
        finally:
            connections.close_all()

    clocks = [threading.Thread(target=clock) for _ in range(4)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join()
    assert len(found) == 4
    assert sorted(len(one) for one in found) == [0, 0, 0, 1]
    assert Occurrence.objects.count() == 1


def test_a_day_off_is_made_up_once(daily, case):
    finished_run(case, slugs=["exporters"])
    assert made(fire_due(NINE), NINE) == ["made"]
    late = NINE + timedelta(days=3, hours=5)
    (again,) = fire_due(late)
    occurrence = Occurrence.objects.get(pk=again)
    assert (occurrence.due_at, occurrence.missed) == (NINE + timedelta(days=3), 2)
    assert fire_due(late) == []
    assert next_due(daily, late) == NINE + timedelta(days=4)


def test_a_pause_is_not_a_day_off(daily, planner):
    with time_machine.travel(NINE - timedelta(hours=1), tick=False):
        schedule_pause(daily, True, planner)
    assert fire_due(NINE + timedelta(days=5)) == []
    assert next_due(Schedule.objects.get(), NINE) is None
    with time_machine.travel(NINE + timedelta(days=5, hours=1), tick=False):
        schedule_pause(Schedule.objects.get(), False, planner)
    assert fire_due(NINE + timedelta(days=5, hours=2)) == []
    assert len(fire_due(NINE + timedelta(days=6))) == 1


def test_a_changed_time_counts_from_the_change(daily, planner):
    with time_machine.travel(NINE - timedelta(hours=1), tick=False):
        schedule_save(daily, {"cron": "0 7 * * *"}, planner)
    assert fire_due(NINE) == [], "seven o'clock was over when it was set"


def test_files_and_deliveries_are_made_and_a_second_worker_changes_nothing(daily, case):
    run = finished_run(case, slugs=["exporters", "tariff"])
    (one,) = fire_due(NINE)
    assert len(occurrence_make(one, NINE).deliveries) == 1
    assert occurrence_make(one, NINE).deliveries == []
    file = ReportFile.objects.get()
    assert file.name == f"small-2023-2026-05-02-run-{run.pk}-en.csv"
    assert b"exporters" in bytes(file.content)
    assert Delivery.objects.count() == 1
    assert open_occurrences(NINE) == []


def test_what_a_dead_worker_held_is_made_by_another_and_given_up_in_the_end(daily, case, monkeypatch):
    finished_run(case, slugs=["exporters"])
    (one,) = fire_due(NINE)
    now = NINE

    def killed(*arguments, **choice):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("planner.services.occurrences.build_context", killed)
        with pytest.raises(SystemExit):
            occurrence_make(one, now)
    assert Occurrence.objects.get().state == "making"
    assert open_occurrences(now) == []
    now += timedelta(hours=1)
    assert open_occurrences(now) == [one]
    assert made([one], now) == ["made"]

    Occurrence.objects.update(state="making", finished_at=None, attempts=5, lease_until=now)
    assert made([one], now + timedelta(hours=1)) == ["failed"]
    assert "lost 5 times" in Alert.objects.get().message


def test_nothing_is_sent_where_nothing_changed(daily, case, planner):
    run = finished_run(case, slugs=["exporters"])
    days = [NINE + timedelta(days=day) for day in range(5)]
    assert made(fire_due(days[0]), days[0]) == ["made"]
    assert made(fire_due(days[1]), days[1]) == ["unchanged"]
    assert Delivery.objects.count() == 1
    approver = User.objects.create_user("anna", password="x")
    run_review(run.pk, "approved", approver)
    assert made(fire_due(days[2]), days[2]) == ["made"], "approval changes what the report says on every page"
    assert made(fire_due(days[3]), days[3]) == ["unchanged"]
    by_hand = schedule_fire(daily, planner, days[3] + timedelta(hours=1))
    assert made([by_hand.pk], days[3] + timedelta(hours=1)) == ["made"], "who asks for a report gets one"
    schedule_save(daily, {"skip_unchanged": False}, planner)
    with time_machine.travel(days[4]):
        assert made(fire_due(days[4]), days[4]) == ["made"]


def test_empty_and_missing_reports_are_alerts(daily, case, planner):
    assert made(fire_due(NINE), NINE) == ["failed"]
    assert "no finished run" in Alert.objects.get(kind="failed").message
    finished_run(case, slugs=["dearer-dollar", "exporters"])
    schedule_save(daily, {"kinds": ["restrictive"]}, planner)
    later = NINE + timedelta(days=1)
    assert made(fire_due(later), later) == ["empty"]
    assert Alert.objects.get(kind="empty").schedule == daily
    told = Delivery.objects.filter(is_alert=True)
    assert {one.address for one in told} == {"paula@bank.example"}
    assert not Delivery.objects.filter(is_alert=False).exists()


def test_permissions_are_those_of_the_person_at_that_moment(daily, case, planner):
    finished_run(case, slugs=["exporters"])
    set_members(case, Role.PLANNER, [])
    assert made(fire_due(NINE), NINE) == ["failed"]
    assert "paula" in Alert.objects.get().message
    grant(planner, case, Role.VIEWER)
    later = NINE + timedelta(days=1)
    assert made(fire_due(later), later) == ["made"]
    Schedule.objects.update(source="new")
    later += timedelta(days=1)
    assert made(fire_due(later), later) == ["failed"], "a viewer starts no runs"
    User.objects.update(is_active=False)
    Schedule.objects.update(source="latest")
    later += timedelta(days=1)
    assert made(fire_due(later), later) == ["failed"]


def test_whoever_saves_lends_their_own_permissions(daily, case, planner):
    other = User.objects.create_user("otto", password="x")
    with pytest.raises(PermissionDenied):
        schedule_save(Schedule.objects.get(), {"name": "Mine"}, other)
    grant(other, case, Role.PLANNER)
    saved = schedule_save(Schedule.objects.get(), {"name": "Mine", "run_as": planner}, other)
    assert saved.run_as == other
    root = User.objects.create_superuser("root", password="x")
    assert schedule_save(Schedule.objects.get(), {"run_as": planner}, root).run_as == planner


def test_a_new_run_is_started_once_and_waited_for(daily, case, planner, monkeypatch):
    monkeypatch.setattr("planner.services.occurrences.run_start", lambda *a, **k: _small(*a, **k))
    schedule_save(daily, {"source": "new", "kinds": ["diversification"]}, planner)
    (one,) = fire_due(NINE + timedelta(days=400))
    run = occurrence_make(one).run
    assert [document["id"] for document in run.interventions] == ["exporters"]
    assert run.requested_by == planner
    assert occurrence_make(one).run == run, "still under way: asked for again, not started again"
    assert Run.objects.count() == 1
    for part in run.parts.all():
        run_estimate_part(part.pk)
    run_finish(run.pk)
    assert made([one], NINE) == ["made"]


def _small(*arguments, **choice):
    return run_start(*arguments, **choice, settings={"draws": 5})


def test_the_latest_run_that_fits(daily, case, planner):
    first = finished_run(case, slugs=["exporters"])
    finished_run(case, slugs=["tariff"])
    run_review(first.pk, "approved", User.objects.create_user("anna", password="x"))
    schedule_save(daily, {"source": "approved"}, planner)
    now = NINE + timedelta(days=365)
    assert made(fire_due(now), now) == ["made"]
    assert Occurrence.objects.get().run == first


def test_what_cannot_be_is_refused(case, planner):
    def refused(**values) -> str:
        with pytest.raises(ValidationError) as error:
            schedule_save(Schedule(case=case, name="X"), {"cron": "0 9 * * *", **values}, planner)
        return " ".join(error.value.messages)

    assert "Mars" in refused(time_zone="Mars/Olympus")
    assert "five" in refused(cron="9 *")
    assert "cron line" in refused(every=3, period="days", starts_at=START)
    assert "cron line" in refused(cron="")
    assert "docx" in refused(formats=["docx"])
    assert "de" in refused(languages=["de"])
    assert "REPORT_EMAIL_DOMAINS" in refused(recipients=[{"kind": "email", "address": "x@elsewhere.example"}])
    assert "no e-mail address" in refused(recipients=[{"kind": "email", "address": "x\nBcc: y@a.example"}])
    assert "REPORT_WEBHOOK_DOMAINS" in refused(recipients=[{"kind": "webhook", "address": "https://a.example/"}])
    assert "https" in refused(recipients=[{"kind": "webhook", "address": "file:///etc/passwd"}])
    assert "name of a folder" in refused(recipients=[{"kind": "folder", "address": "../etc"}])
    assert "REPORT_S3_BUCKETS" in refused(recipients=[{"kind": "s3", "address": "s3://bucket/x"}])
    assert not Schedule.objects.exists(), "nothing half-saved"
    assert REPORT_FORMATS == FORMATS


def test_files_are_kept_for_as_long_as_is_said(daily, case):
    finished_run(case, slugs=["exporters"])
    made(fire_due(NINE), NINE)
    assert forget_files(NINE + timedelta(days=179)) == 0
    assert forget_files(NINE + timedelta(days=180)) == 1
    file = ReportFile.objects.get()
    assert file.content is None
    assert file.sha256


@pytest.mark.needs_broker
@pytest.mark.django_db(transaction=True)
def test_from_the_clock_to_the_folder_by_a_worker(case, planner, one_worker, tmp_path):
    finished_run(case, slugs=["exporters"])
    schedule = schedule_save(
        Schedule(case=case, name="Now"),
        {"cron": "* * * * *", "formats": ["json"], "recipients": [{"kind": "folder", "address": "by-worker"}]},
        planner,
    )
    Schedule.objects.filter(pk=schedule.pk).update(active_since=datetime.now(UTC) - timedelta(minutes=2))
    for _ in range(3):
        tasks.fire_schedules()
    for _ in range(1200):
        if Delivery.objects.filter(state="sent").exists():
            break
        time.sleep(0.1)
    assert Delivery.objects.filter(state="sent").count() >= 1
    assert list((settings.REPORT_FOLDER / "by-worker").rglob("*.json"))


@pytest.mark.needs_broker
@pytest.mark.embedded_only
@pytest.mark.django_db(transaction=True)
def test_a_broker_that_loses_its_messages_between_two_firings_costs_and_doubles_nothing(case, planner):
    """Two clocks each time; the worker is stopped and the embedded broker's messages are gone in between."""
    finished_run(case, slugs=["exporters"])
    minutes = {"every": 1, "period": "minutes", "starts_at": datetime.now(UTC) - timedelta(minutes=1)}
    values = {"formats": ["json"], "skip_unchanged": False, "recipients": [{"kind": "folder", "address": "restarted"}]}
    schedule = schedule_save(Schedule(case=case, name="Minutes"), {**minutes, **values}, planner)
    for number in (1, 2):
        with time_machine.travel(datetime.now(UTC) + timedelta(minutes=number - 1), tick=True):
            Schedule.objects.filter(pk=schedule.pk).update(active_since=datetime.now(UTC) - timedelta(minutes=1))
            for _clock in range(2):
                tasks.fire_schedules()
            for message in (settings.DATA_DIR / "broker" / "messages").iterdir():
                message.unlink()
            for _clock in range(2):
                tasks.fire_schedules()
            with embedded_worker():
                for _ in range(300):
                    if Delivery.objects.filter(state="sent").count() == number:
                        break
                    time.sleep(0.1)
    due = list(Occurrence.objects.values_list("due_at", flat=True))
    assert len(due) == len(set(due)) == 2
    assert Delivery.objects.filter(state="sent").count() == Delivery.objects.count() == ReportFile.objects.count() == 2
    assert len(list((settings.REPORT_FOLDER / "restarted").rglob("*.json"))) == 2
