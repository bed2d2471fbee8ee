"""A run of many parts on PostGIS and Redis while workers are killed with -9 and Redis comes back empty.

    DATABASE_URL=postgis://... python -m tests.resilience.killed_workers [--parts 200]

The database must be one that may be filled; Redis and the workers are started here. Exit code 0 where every part was
estimated exactly once, and the effects equal those of an undisturbed computation bit for bit.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KILLS = 3
LONGEST_SECONDS = 300


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Servers:
    """Redis and one worker with two processes, in process groups of their own so that -9 reaches all of each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.redis: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None

    def start_redis(self) -> None:
        """An empty one."""
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self.redis = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, start_new_session=True)
        wait_until(lambda: answers(self.port), "Redis answers")

    def start_worker(self) -> None:
        """It puts back unfinished work when it is ready."""
        log = (self.folder / "worker.log").open("ab")
        command = [sys.executable, "-m", "celery", "--app", "planner.celery", "worker", "--pool", "prefork"]
        command += ["--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
        self.worker = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def kill(self, process: subprocess.Popen[bytes] | None) -> None:
        """With -9, all of it."""
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as one:
        one.settimeout(0.2)
        return one.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: object, what: str, seconds: float = LONGEST_SECONDS) -> None:
    """Wait, or say what did not happen."""
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            raise SystemExit(f"did not happen within {seconds:g} seconds: {what}")
        time.sleep(0.05)


def prepare(folder: Path, parts: int):
    """The small case with many interventions, each a little different, so that none is taken from another."""
    from django.core.management import call_command

    from planner.models import Channel, Intervention
    from tests.factories.plans import import_plans

    call_command("migrate", verbosity=0)
    case = import_plans(folder / "small-2023")
    exporters = case.interventions.get(slug="exporters")
    (channel,) = exporters.channels.all()
    case.interventions.exclude(pk=exporters.pk).delete()
    for number in range(parts - 1):
        copy = Intervention.objects.create(case=case, slug=f"copy-{number:04d}", name=f"Copy {number}", kind="digital")
        values = {
            one.name: getattr(channel, one.name)
            for one in Channel._meta.fields
            if one.name not in ("id", "intervention")
        }
        Channel.objects.create(intervention=copy, **values | {"high": 0.02 + number / 1e5})
    return case


def main() -> int:
    """Prepare, disturb, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", type=int, default=200)
    parser.add_argument("--draws", type=int, default=400)
    options = parser.parse_args()
    if not os.environ.get("DATABASE_URL"):
        parser.error("DATABASE_URL: expected a PostGIS database that may be filled")
    folder = Path(tempfile.mkdtemp(prefix="resilience-"))
    servers = Servers(folder)
    os.environ |= {
        "BROKER_URL": f"redis://127.0.0.1:{servers.port}/0",
        "DATA_DIR": str(folder / "data"),
        "TEST_DATA_DIR": str(folder / "data"),
        "DJANGO_SETTINGS_MODULE": "planner.config.settings.test",
    }
    import django

    django.setup()
    try:
        return disturb(servers, prepare(folder, options.parts), options.draws)
    finally:
        servers.kill(servers.worker)
        servers.kill(servers.redis)
        shutil.rmtree(folder, ignore_errors=True)


def disturb(servers: Servers, case, draws: int) -> int:
    """Start the run, kill and restart, wait for its end, and check what is left."""
    from django.db import transaction

    from planner import tasks
    from planner.models import Effect, Run
    from planner.services import run_start
    from planner.services.engine_calls import estimate

    servers.start_redis()
    servers.start_worker()
    with transaction.atomic():
        run = run_start(case, settings={"draws": draws}).run
        tasks.enqueue_run(run)
    total = run.parts.count()
    began = time.monotonic()

    def done() -> int:
        return run.parts.filter(state="done").count()

    steps = total // (KILLS + 2)
    for kill in range(1, KILLS + 1):
        wait_until(lambda kill=kill: done() >= kill * steps, f"part {kill * steps} is done")
        taken = run.parts.filter(state="running").count()
        servers.kill(servers.worker)
        print(f"killed the worker with -9 after {done()} of {total} parts, {taken} in work")
        servers.start_worker()
    wait_until(lambda: done() >= (KILLS + 1) * steps, "the run goes on")
    servers.kill(servers.redis)
    servers.kill(servers.worker)
    servers.start_redis()
    print(f"Redis came back empty after {done()} of {total} parts")
    servers.start_worker()
    for part in run.parts.filter(state="done")[:20]:
        tasks.estimate_part.delay(part.pk, run.pk)
    print("20 finished parts were delivered once more")
    wait_until(lambda: Run.objects.get(pk=run.pk).is_finished, "the run ends")
    seconds = time.monotonic() - began
    run.refresh_from_db()
    effects = Effect.objects.filter(run=run)
    faults = []
    if run.state != "done" or run.parts.exclude(state="done").exists():
        faults.append(f"the run is {run.state}: {run.reason}")
    if effects.count() != total or effects.values("intervention").distinct().count() != total:
        faults.append(f"{effects.count()} effects for {total} parts")
    if sorted(run.rankings.values_list("criterion", flat=True)) != ["imbalance", "welfare"]:
        faults.append("not one ranking for each criterion")
    checked = list(effects.order_by("intervention"))[:: max(1, total // 20)]
    different = [one.intervention for one in checked if estimate(run, one.intervention).to_bytes() != bytes(one.arrays)]
    if different:
        faults.append(f"other numbers than an undisturbed computation: {', '.join(different)}")
    again = run.parts.filter(attempts__gt=1).count()
    print(
        f"{total} parts in {seconds:.1f} s; {again} taken more than once; {len(checked)} effects compared bit for bit"
    )
    print("\n".join(faults) or "nothing lost, nothing doubled")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
