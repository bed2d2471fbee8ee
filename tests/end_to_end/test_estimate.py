"""`estimate` through the broker and real workers: equal bytes, exit codes, recovery, cancelling."""

import datetime
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from planner import tasks
from planner.config.embedded import embedded_worker
from planner.management.commands import demo
from planner.models import Effect, Run, RunPart
from planner.services import parts, run_start
from tests.factories.plans import HEADLINE, write_plans

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_broker]

# Where worker processes run, the command starts none of its own.
WORKERS = 1 if settings.EMBEDDED_BROKER else 0


def estimate(*arguments, capsys=None, **options) -> str:
    call_command("estimate", "small-2023", *arguments, **{"draws": 25, "workers": WORKERS, **options})
    return capsys.readouterr().out if capsys else ""


def exit_code(*arguments, **options) -> int:
    with pytest.raises(CommandError) as error:
        call_command("estimate", *arguments, **options)
    return error.value.returncode


def wait_until(condition, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_the_same_seed_gives_equal_bytes(case, tmp_path):
    few, many = (1, 4) if settings.EMBEDDED_BROKER else (0, 0)
    for name, workers in (("one", few), ("four", many), ("again", many)):
        estimate(json=tmp_path / f"{name}.json", out=tmp_path / "out", workers=workers)
        # Forgotten, so that the next run computes and does not copy.
        assert not Run.objects.latest("pk").parts.filter(reused=True).exists()
        Effect.objects.update(work_digest="")
    assert Run.objects.filter(state="done").count() == 3
    first = (tmp_path / "one.json").read_bytes()
    assert first == (tmp_path / "four.json").read_bytes() == (tmp_path / "again.json").read_bytes()
    estimate(json=tmp_path / "other.json", out=tmp_path / "out", seed=2)
    assert first != (tmp_path / "other.json").read_bytes()


def test_what_is_written(case, tmp_path, capsys):
    printed = estimate(json=tmp_path / "ranking.json", out=tmp_path / "out", capsys=capsys)
    document = json.loads((tmp_path / "ranking.json").read_text())
    assert document["baseline"]["index"] == pytest.approx(HEADLINE, abs=1e-9)
    assert [row["intervention"] for row in document["ranking"]["rows"]] == [
        "exporters",
        "more-booths",
        "visitors",
        "tariff",
    ]
    assert document["ranking"]["not_ranked"][0]["intervention"] == "dearer-dollar"
    assert f"{HEADLINE:.7f}" in printed
    assert "Help for Michigan's exporters" in printed
    assert "not applicable: Dearer Canadian dollar" in printed
    for kind in ("html", "json", "csv"):
        (report,) = (tmp_path / "out").glob(f"*.{kind}")
        assert str(report) in printed
        assert report.stat().st_size > 500
    assert str(tmp_path) not in (tmp_path / "ranking.json").read_text()
    assert not list((tmp_path / "out").glob(".*")), "nothing half-written is left"


def test_demo_imports_and_estimates_and_may_be_repeated(transactional_db, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo, "SHIPPED", tmp_path / "cases")
    (tmp_path / "cases").mkdir()
    write_plans(tmp_path / "cases" / "small-2023")
    for outcome in ("imported.", "already imported from these files"):
        call_command("demo", "small-2023", draws=25, workers=WORKERS, out=tmp_path / "out")
        said = capsys.readouterr().out
        assert outcome in said
        assert [line.split()[0] for line in said.splitlines()[-3:]] == ["html", "json", "csv"]
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".html", ".json", ".csv"}
    with pytest.raises(CommandError, match="no shipped case 'other'; expected one of small-2023") as error:
        call_command("demo", "other")
    assert error.value.returncode == 2


def test_only_the_interventions_asked_for(case, tmp_path):
    estimate("--intervention", "exporters", "--intervention", "tariff", out=tmp_path)
    assert set(Effect.objects.values_list("intervention", flat=True)) == {"exporters", "tariff"}


def test_another_closure_ranks_what_had_no_meaning(case, tmp_path):
    estimate(closure="short_run", out=tmp_path, json=tmp_path / "short.json")
    document = json.loads((tmp_path / "short.json").read_text())
    assert "dearer-dollar" in {row["intervention"] for row in document["ranking"]["rows"]}


def test_bad_input_exits_with_2(case, tmp_path):
    assert exit_code("no-such-case") == 2
    assert exit_code("small-2023", "--intervention", "no-such", workers=0) == 2
    for arguments in (
        ["--draws", "0"],
        ["--draws", "many"],
        ["--seed", "-1"],
        ["--closure", "long_run"],
        ["--workers", "-2"],
    ):
        with pytest.raises(CommandError, match=r"expected|invalid choice"):
            call_command("estimate", "small-2023", *arguments)
    case.interventions.get(slug="exporters").channels.update(low=0, central=0, high=0)
    assert exit_code("small-2023", out=tmp_path, workers=0) == 2
    blocked = tmp_path / "a file"
    blocked.write_text("")
    assert exit_code("small-2023", out=blocked / "reports") == 2
    assert not Run.objects.exists()


@pytest.mark.embedded_only
def test_a_run_that_failed_exits_with_1(case, tmp_path, monkeypatch):
    def faulty(part):
        raise ValueError("nothing works")

    monkeypatch.setattr(parts, "compute", faulty)
    assert exit_code("small-2023", out=tmp_path, draws=5, workers=1) == 1
    assert not list(tmp_path.glob("*.html"))


@pytest.mark.embedded_only
def test_ctrl_c_cancels_the_run(case, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("planner.management.commands.estimate.time.sleep", interrupted)
    assert exit_code("small-2023", out=tmp_path, draws=5, workers=0) == 130
    run = Run.objects.get()
    assert run.state == "cancelled"
    assert not run.parts.exclude(state="cancelled").exists()
    assert not list(tmp_path.glob("*.html"))


def finish_with_a_worker(run: Run) -> Run:
    with embedded_worker(threads=None if not settings.EMBEDDED_BROKER else 2):
        tasks.sweep_runs()
        wait_until(lambda: Run.objects.get(pk=run.pk).is_finished)
    return Run.objects.get(pk=run.pk)


def test_a_part_of_a_dead_worker_is_finished_by_another(case):
    run = run_start(case, settings={"draws": 5}).run
    tasks.enqueue_run(run)
    lost = run.parts.first()
    parts.claim_part(lost.pk, "mine")
    RunPart.objects.filter(pk=lost.pk).update(lease_until=timezone.now() - datetime.timedelta(seconds=1))
    assert finish_with_a_worker(run).state == "done"
    assert Effect.objects.filter(run=run).count() == 5


def test_lost_messages_are_sent_again(case):
    run = run_start(case, settings={"draws": 5}).run
    RunPart.objects.update(queued_at=timezone.now() - datetime.timedelta(hours=1))
    assert finish_with_a_worker(run).state == "done"


def test_every_message_delivered_three_times(case):
    run = run_start(case, settings={"draws": 5}).run
    for _ in range(3):
        tasks.enqueue_run(run)
    done = finish_with_a_worker(run)
    assert done.state == "done"
    assert Effect.objects.filter(run=run).count() == 5
    assert set(run.parts.values_list("attempts", flat=True)) == {1}
    assert done.rankings.count() == 2


# The command in a process that never gets beyond its second part, however fast the machine is.
HALTED = """
import sys, time
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
from planner.services import parts

compute, taken = parts.compute, []

def halted(part):
    taken.append(part)
    if len(taken) > 1:
        time.sleep(600)
    return compute(part)

parts.compute = halted
call_command("estimate", "small-2023", draws=25, workers=1, out=Path(sys.argv[1]))
"""


@pytest.mark.embedded_only
def test_a_killed_process_loses_nothing(case, tmp_path):
    """Killed with -9 in the middle; the next call of the command finishes the same run."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.end_to_end.killed_settings",
        "KILLED_DATABASE": str(connection.settings_dict["NAME"]),
    }
    command = [sys.executable, "-c", HALTED, str(tmp_path)]
    process = subprocess.Popen(
        command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        wait_until(lambda: RunPart.objects.filter(state="done").exists() or process.poll() is not None)
        process.send_signal(signal.SIGKILL)
    finally:
        output = process.communicate(timeout=120)[0].decode()
    run = Run.objects.first()
    assert run is not None, output
    assert not run.is_finished, output
    kept = set(Effect.objects.values_list("pk", flat=True))
    assert kept
    estimate(out=tmp_path)
    run.refresh_from_db()
    assert (run.state, Run.objects.count()) == ("done", 1)
    assert Effect.objects.count() == 5
    assert kept <= set(Effect.objects.values_list("pk", flat=True)), "what was finished is kept"
