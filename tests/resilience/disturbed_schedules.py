"""Schedules with two clocks and two workers on PostgreSQL and Redis, while broker, clocks, workers and time fail.

    python -m tests.resilience.disturbed_schedules

A report is due every minute and goes to a folder and to a webhook of this script. Between two firings Redis comes back
empty; both workers are killed with -9 in the middle of a call; both clocks are gone for a day. Exit code 0 where every due
time made one report, a time off was made up once, and every delivery arrived, repeated only where its worker was killed.
"""

import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.resilience.servers import Process, Servers, wait_until

MINUTE, DAY = 60.0, 86400.0


class Target:
    """A web server that keeps the keys of the calls it took; while `holding`, it takes them and does not answer."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.holding = threading.Event()
        target = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                target.keys.append(self.headers["Idempotency-Key"])
                if target.holding.is_set():
                    time.sleep(5)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("localhost", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://localhost:{self.server.server_address[1]}/hook"


class Scene:
    """Case, schedule, clocks, workers; and what is done to them."""

    def __init__(self, servers: Servers) -> None:
        self.servers, self.target = servers, Target()
        self.workers = [servers.worker("one"), servers.worker("two")]
        self.clocks = [servers.beat("beat-one"), servers.beat("beat-two")]
        self.ahead = 0.0
        self.faults: list[str] = []
        self.began = time.monotonic()

    def say(self, text: str) -> None:
        """One line."""
        print(f"{time.monotonic() - self.began:6.1f} s  {text}", flush=True)

    def prepare(self) -> None:
        """The small case with a finished run, and a schedule of every minute."""
        from django.contrib.auth.models import User
        from django.core.management import call_command

        from planner.models import Schedule
        from planner.services.schedules import schedule_save
        from regions.access import Role, grant
        from tests.factories.plans import import_plans
        from tests.factories.runs import finished_run

        call_command("migrate", verbosity=0)
        case = import_plans(self.servers.folder / "small-2023")
        finished_run(case, slugs=["exporters"])
        planner = User.objects.create_user("paula", email="paula@bank.example")
        grant(planner, case, Role.PLANNER)
        recipients = [{"kind": "folder", "address": "minutes"}, {"kind": "webhook", "address": self.target.url}]
        values = {"cron": "* * * * *", "formats": ["csv"], "recipients": recipients, "skip_unchanged": False}
        schedule_save(Schedule(case=case, name="Every minute"), values, planner)

    def jump(self, seconds: float) -> None:
        """Set the clock of all processes ahead."""
        self.ahead += seconds
        (self.servers.folder / "data" / "clock-ahead-seconds").write_text(str(self.ahead))

    def made(self) -> int:
        """Reports that were made."""
        from planner.models import Occurrence

        return Occurrence.objects.filter(state="made").count()

    def sent(self) -> int:
        """Deliveries that arrived."""
        from planner.models import Delivery

        return Delivery.objects.filter(state="sent").count()

    def settled(self, more_than: int) -> None:
        """Wait until another report was made and everything has arrived."""
        from planner.models import Delivery, Occurrence

        def done() -> bool:
            open_ = Occurrence.objects.exclude(state__in=["made"]).exists()
            return self.made() > more_than and not open_ and not Delivery.objects.exclude(state="sent").exists()

        wait_until(done, f"more than {more_than} reports made and delivered", 120)

    def disturb(self) -> None:
        """All of it, one after the other."""
        for process in (*self.workers, *self.clocks):
            process.start()
        self.jump(MINUTE)
        self.settled(0)
        self.say(f"first firing: {self.made()} made, {self.sent()} deliveries, two clocks")
        before = self.made()
        self.servers.redis.kill()
        self.servers.start_redis()
        self.jump(MINUTE)
        self.settled(before)
        self.say(f"Redis came back empty between two firings: {self.made()} made, {self.sent()} deliveries")
        self.kill_in_mid_send()
        before = self.made()
        for clock in self.clocks:
            clock.kill()
        self.jump(DAY)
        for clock in self.clocks:
            clock.start()
        self.settled(before)
        self.say(f"both clocks were gone for a day: {self.made()} made, {self.sent()} deliveries")

    def kill_in_mid_send(self) -> None:
        """Both workers are killed while the target has taken a call and not answered; the lease ends, others take over."""
        before, calls = self.made(), len(self.target.keys)
        self.target.holding.set()
        self.jump(MINUTE)
        wait_until(lambda: len(self.target.keys) > calls, "a call in the middle", 120)
        for worker in self.workers:
            worker.kill()
        self.held = set(self.target.keys[calls:])
        self.target.holding.clear()
        for worker in self.workers:
            worker.start()
        self.jump(11 * MINUTE)
        self.settled(before)
        self.say(
            f"workers were killed in the middle of {len(self.held)} call: {self.made()} made, {self.sent()} deliveries"
        )

    def check(self) -> None:
        """One report a due time, one file a report, every delivery there, repeated only where it was cut off."""
        from planner.models import Delivery, Occurrence, ReportFile

        occurrences = list(Occurrence.objects.order_by("due_at"))
        times = Counter(one.due_at for one in occurrences)
        if max(times.values()) > 1:
            self.faults.append(f"a due time that was made twice: {times}")
        if max(one.missed for one in occurrences) < DAY / MINUTE - 5:
            self.faults.append(f"the day off: {[one.missed for one in occurrences]}")
        if ReportFile.objects.count() != len(occurrences):
            self.faults.append(f"{ReportFile.objects.count()} files of {len(occurrences)} reports")
        files = list((self.servers.folder / "data" / "delivered").rglob("*.csv"))
        if len(files) != len(occurrences) or any(path.stat().st_size == 0 for path in files):
            self.faults.append(f"{len(files)} files delivered of {len(occurrences)} reports")
        calls = Counter(self.target.keys)
        wanted = {str(uid) for uid in Delivery.objects.filter(kind="webhook").values_list("uid", flat=True)}
        if set(calls) != wanted:
            self.faults.append(f"calls {sorted(calls)}, deliveries {sorted(wanted)}")
        repeated = {key for key, count in calls.items() if count > 1}
        if repeated - self.held:
            self.faults.append(f"called twice without a reason: {sorted(repeated - self.held)}")
        self.say(
            f"{len(occurrences)} due times, {len(files)} files, {sum(calls.values())} calls with {len(calls)} keys, "
            f"{len(repeated)} repeated"
        )


def main() -> int:
    """Prepare, disturb, compare."""
    with Servers("tests.resilience.settings") as servers:
        import django

        Path(servers.folder / "data").mkdir()
        django.setup()
        scene = Scene(servers)
        processes: list[Process] = [*scene.workers, *scene.clocks]
        try:
            scene.prepare()
            scene.disturb()
            scene.check()
        except SystemExit:
            for process in processes:
                print(f"--- {process.name}\n{process.tail()}")
            raise
        print("\n".join(scene.faults) or "nothing fired twice, nothing lost")
        return 1 if scene.faults else 0


if __name__ == "__main__":
    sys.exit(main())
