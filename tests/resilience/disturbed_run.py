"""A run of many parts on PostgreSQL, Redis, two workers and beat, while everything around it fails.

    python -m tests.resilience.disturbed_run [--parts 1000]

Servers are started here, on free ports and in a folder of their own. Workers are killed with -9 three times, one is
stopped politely, Redis comes back empty, PostgreSQL is killed and comes back, messages are delivered twice, two users
ask for the run at once, the clock jumps by an hour and by a day, and the disk of the reports is full. Exit code 0 where
every part was estimated exactly once, with the numbers of an undisturbed computation bit for bit.
"""

import argparse
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.resilience.servers import Process, Servers, wait_until

COMPARED = 60


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
    values = {
        one.name: getattr(channel, one.name) for one in Channel._meta.fields if one.name not in ("id", "intervention")
    }
    for number in range(parts - 1):
        copy = Intervention.objects.create(case=case, slug=f"copy-{number:04d}", name=f"Copy {number}", kind="digital")
        Channel.objects.create(intervention=copy, **values | {"high": 0.02 + number / 1e5})
    return case


class Disturbance:
    """The run and everything that is done to it."""

    def __init__(self, servers: Servers, case, draws: int) -> None:
        self.servers, self.case, self.draws = servers, case, draws
        self.workers = [servers.worker("one"), servers.worker("two")]
        self.beat = servers.beat()
        self.faults: list[str] = []
        self.began = time.monotonic()

    def say(self, text: str) -> None:
        """One line, with how far the run is."""
        done = self.done() if hasattr(self, "run") else 0
        print(f"{time.monotonic() - self.began:6.1f} s  {done:5d} parts done  {text}", flush=True)

    def done(self) -> int:
        """Parts that are done."""
        return self.run.parts.filter(state="done").count()

    def after(self, share: float) -> None:
        """Wait for this share of the parts; whatever ended by itself is started again, as a supervisor does."""
        wanted = int(share * self.total)
        words = f"{wanted} of {self.total} parts are done"
        while (before := self.done()) < wanted:
            # However slow the machine is: something must move.
            wait_until(lambda: self.supervised() and self.done() > before, f"{words}; stuck at {before}")

    def supervised(self) -> bool:
        """Start again what has ended."""
        for process in [*self.workers, self.beat]:
            if process.ended():
                self.say(f"{process.name} had ended and is started again")
                process.start()
        return True

    def start_twice_at_once(self) -> None:
        """Two users send the same request by the API at the same moment."""
        from django.contrib.auth.models import User
        from django.db import connections
        from django.test import Client

        from planner.models import Run
        from regions.access import Role, grant

        gate, answers = threading.Barrier(2), []

        def ask(user: User) -> None:
            client = Client()
            client.force_login(user)
            gate.wait()
            body = {"case": self.case.name, "draws": self.draws}
            answers.append(client.post("/api/v1/runs/", body, content_type="application/json"))
            connections.close_all()

        threads = []
        for name in ("first", "second"):
            user = User.objects.create_user(name)
            grant(user, self.case, Role.PLANNER)
            threads.append(threading.Thread(target=ask, args=[user]))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if [answer.status_code for answer in answers] != [202, 202] or Run.objects.count() != 1:
            raise SystemExit(
                f"two users at once: {[answer.content[:300] for answer in answers]}, {Run.objects.count()} runs"
            )
        self.run = Run.objects.get()
        self.total = self.run.parts.count()
        self.say(f"two users started the same run of {self.total} parts at once: one run")

    def deliver_again(self, state: str, count: int) -> None:
        """Messages for parts that are done, or that wait and have one already."""
        from planner import tasks

        for part in self.run.parts.filter(state=state).order_by("-position")[:count]:
            tasks.estimate_part.delay(part.pk, self.run.pk)
        self.say(f"{count} parts that were {state} were delivered once more")

    def jump(self, seconds: float, words: str) -> None:
        """Set the clock of all processes ahead."""
        (Path(os.environ["DATA_DIR"]) / "clock-ahead-seconds").write_text(str(seconds))
        self.say(f"the clock jumped by {words}")

    def restart_database(self) -> None:
        """Kill PostgreSQL with its connections; it recovers from its log."""
        from django.db import connections

        self.servers.database.kill()
        connections.close_all()
        time.sleep(2)
        self.servers.start_database()
        self.say("PostgreSQL was killed and came back")

    def stop_politely(self, worker: Process) -> None:
        """SIGTERM: the part in work is finished, nothing is left claimed by that worker."""
        pids = [*worker.children(), worker.running.pid]
        code = worker.stop()
        left = [part for part in self.run.parts.filter(state="running") if int(part.worker.rpartition(":")[2]) in pids]
        if code != 0 or left:
            self.faults.append(f"SIGTERM: exit code {code}, {len(left)} parts left in work\n{worker.tail()}")
        worker.start()
        self.say("a worker was stopped by SIGTERM and left no part in work")

    def disturb(self) -> None:
        """All of it, one after the other."""
        one, two = self.workers
        for process in (one, two, self.beat):
            process.start()
        self.start_twice_at_once()
        self.after(0.08)
        one.kill()
        self.say("worker one was killed with -9")
        self.after(0.16)
        os.kill(two.children()[0], signal.SIGKILL)
        self.say("the process below worker two was killed with -9")
        self.deliver_again("pending", 40)
        self.after(0.24)
        self.servers.redis.kill()
        self.servers.start_redis()
        self.say("Redis came back empty")
        self.after(0.36)
        self.restart_database()
        self.after(0.46)
        self.jump(3600, "an hour")
        self.after(0.56)
        one.kill()
        two.kill()
        self.say("both workers were killed with -9")
        self.after(0.66)
        self.deliver_again("done", 40)
        self.jump(3600 + 86400, "a day more")
        self.after(0.76)
        self.stop_politely(two)
        self.after(1.0)

    def check(self) -> None:
        """What is left: each part once, the numbers of an undisturbed computation, one ranking for each criterion."""
        from planner.models import Effect, Ranking
        from planner.services.engine_calls import estimate, rank_rows
        from planner.snapshot import read_effects

        wait_until(lambda: self.supervised() and self.finished(), "the run ends")
        effects = Effect.objects.filter(run=self.run)
        if self.run.state != "done" or self.run.parts.exclude(state="done").exists():
            self.faults.append(f"the run is {self.run.state}: {self.run.reason}")
        estimates = self.run.parts.exclude(intervention="").count()
        if not effects.count() == effects.values("intervention").distinct().count() == estimates:
            self.faults.append(f"{effects.count()} effects for {estimates} interventions")
        if sorted(self.run.analyses.values_list("kind")) != sorted(
            self.run.parts.exclude(analysis="").values_list("analysis")
        ):
            self.faults.append(f"analyses: {list(self.run.analyses.values_list('kind', flat=True))}")
        compared = list(effects.order_by("intervention"))[:: max(1, self.total // COMPARED)]
        different = [
            one.intervention for one in compared if estimate(self.run, one.intervention).to_bytes() != bytes(one.arrays)
        ]
        if different:
            self.faults.append(f"other numbers than an undisturbed computation: {', '.join(different)}")
        every = read_effects(self.run)
        criteria = sorted(self.run.rankings.values_list("criterion", flat=True))
        if len(criteria) != len(set(criteria)) or not {"imbalance", "welfare"} <= set(criteria):
            self.faults.append(f"rankings: {criteria}")
        for ranking in Ranking.objects.filter(run=self.run):
            kept = list(ranking.rows.order_by("rank").values_list("intervention", "score_mean"))
            wanted = [(row["intervention"], row["score_mean"]) for row in rank_rows(self.run, every, ranking.criterion)]
            if kept != wanted:
                self.faults.append(f"the ranking by {ranking.criterion} is not that of the effects")
        again = self.run.parts.filter(attempts__gt=1).count()
        self.say(f"{again} parts were taken more than once; {len(compared)} effects compared bit for bit")

    def finished(self) -> bool:
        """Whether the run has ended."""
        self.run.refresh_from_db()
        return self.run.is_finished

    def report_on_a_full_disk(self) -> None:
        """A report larger than files may be: refused with a reason, no half of it left, and written once there is room."""
        folder = self.servers.folder / "reports"
        folder.mkdir()
        path = folder / "report.json"
        command = [sys.executable, "manage.py", "report", str(self.run.pk), "--format", "json", "--out", str(path)]

        def small_files() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

        refused = subprocess.run(command, preexec_fn=small_files, capture_output=True, text=True, check=False)
        left = sorted(one.name for one in folder.iterdir())
        if refused.returncode != 1 or "Traceback" in refused.stderr or str(path) not in refused.stderr or left:
            self.faults.append(f"a full disk: exit code {refused.returncode}, left {left}: {refused.stderr[-600:]}")
        written = subprocess.run(command, capture_output=True, text=True, check=False)
        if written.returncode != 0 or path.stat().st_size < 100_000:
            self.faults.append(f"after that: {written.stderr[-600:]}")
        self.say(f"a report that met the limit of file sizes: {refused.stderr.strip()}")


def main() -> int:
    """Prepare, disturb, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=40)
    options = parser.parse_args()
    with Servers("tests.resilience.settings") as servers:
        import django

        (servers.folder / "data").mkdir()
        django.setup()
        run = Disturbance(servers, prepare(servers.folder, options.parts), options.draws)
        try:
            run.disturb()
            run.check()
            run.report_on_a_full_disk()
        except SystemExit:
            for process in [*run.workers, run.beat]:
                print(f"--- {process.name}\n{process.tail()}")
            raise
        print("\n".join(run.faults) or "nothing lost, nothing doubled, nothing half-written")
        return 1 if run.faults else 0


if __name__ == "__main__":
    sys.exit(main())
