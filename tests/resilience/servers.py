"""PostgreSQL, Redis, workers, schedule and web as processes of a script, in a folder of their own, to be disturbed."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LONGEST_SECONDS = 300


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as one:
        one.settimeout(0.2)
        return one.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], what: str, seconds: float = LONGEST_SECONDS) -> None:
    """Wait, or say what did not happen."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"did not happen within {seconds:g} seconds: {what}")
        time.sleep(0.05)


class Process:
    """A process in a group of its own, so that a signal reaches all of it; its output goes to a file."""

    def __init__(self, name: str, command: list[str], folder: Path, **options) -> None:
        self.name, self.command, self.options = name, command, options
        self.log = folder / f"{name}.log"
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, again if it ended."""
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command, stdout=log, stderr=log, start_new_session=True, **self.options
            )

    def ended(self) -> bool:
        """Whether it has ended."""
        return self.running is None or self.running.poll() is not None

    def signal(self, number: int) -> None:
        """To the whole group."""
        if not self.ended():
            os.killpg(self.running.pid, number)

    def kill(self) -> None:
        """With -9, all of it."""
        self.signal(signal.SIGKILL)
        if self.running is not None:
            self.running.wait()

    def stop(self, seconds: float = 180) -> int:
        """As a supervisor does, by SIGTERM to the process itself; its exit code."""
        if not self.ended():
            self.running.terminate()
        return self.running.wait(seconds)

    def children(self) -> list[int]:
        """Ids of the processes that it started itself."""
        text = Path(f"/proc/{self.running.pid}/task/{self.running.pid}/children").read_text()
        return [int(one) for one in text.split()]

    def tail(self, lines: int = 15) -> str:
        """The end of its output."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


class Servers:
    """Everything that a production installation has, on loopback; what is started here is ended here."""

    def __init__(self, settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="planner-servers-"))
        # PostgreSQL runs as a user of its own and must reach its folder.
        self.folder.chmod(0o755)
        self.database_port, self.redis_port = free_port(), free_port()
        self.environment = {
            "DATABASE_URL": f"postgis://planner@127.0.0.1:{self.database_port}/planner",
            "BROKER_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "DATA_DIR": str(self.folder / "data"),
            "TEST_DATA_DIR": str(self.folder / "data"),
            "DJANGO_SETTINGS_MODULE": settings,
        }
        os.environ |= self.environment
        self.processes: list[Process] = []
        self.database = self.make_database()
        command = [
            "redis-server",
            "--bind",
            "127.0.0.1",
            "--port",
            str(self.redis_port),
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self.redis = self.process("redis", command, cwd=self.folder)

    def __enter__(self) -> "Servers":
        self.start_database()
        self.start_redis()
        bin_folder = self.database_programs()
        subprocess.run(
            [bin_folder / "createdb", "-h", "127.0.0.1", "-p", str(self.database_port), "-U", "planner", "planner"],
            check=True,
        )
        return self

    def __exit__(self, *_) -> None:
        import shutil

        for process in reversed(self.processes):
            process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def process(self, name: str, command: list[str], **options) -> Process:
        """A process that is ended with the others."""
        one = Process(name, [str(part) for part in command], self.folder, **options)
        self.processes.append(one)
        return one

    @staticmethod
    def database_programs() -> Path:
        """Where PostgreSQL's newest programs are."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        if not found:
            raise SystemExit("PostgreSQL with PostGIS is needed")
        return found[-1]

    def make_database(self) -> Process:
        """An empty cluster; as the user postgres where this is root, since PostgreSQL refuses to run as root."""
        programs, home = self.database_programs(), self.folder / "postgres"
        home.mkdir()
        options = {}
        if os.geteuid() == 0:
            options = {"user": "postgres", "group": "postgres", "extra_groups": []}
            import shutil

            shutil.chown(home, "postgres", "postgres")
        data = home / "data"
        subprocess.run(
            [programs / "initdb", f"--pgdata={data}", "--username=planner", "--auth=trust", "--encoding=UTF8", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=home, **options,
        )  # fmt: skip
        command = [programs / "postgres", "-D", data, "-p", str(self.database_port), "-k", home]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=60"]
        return self.process("postgres", command, cwd=home, **options)

    def start_database(self) -> None:
        """Start it and wait until it takes connections."""
        self.database.start()
        ask = [self.database_programs() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.database_port)]
        wait_until(lambda: subprocess.run(ask, check=False).returncode == 0, "PostgreSQL answers", 180)

    def start_redis(self) -> None:
        """An empty one."""
        self.redis.start()
        wait_until(lambda: answers(self.redis_port), "Redis answers", 120)

    def worker(self, name: str) -> Process:
        """One worker with one process; nothing else knows how many there are."""
        command = [sys.executable, "-m", "celery", "--app", "planner.celery", "worker", "--pool", "prefork"]
        return self.process(name, [*command, "--concurrency", "1", "--hostname", f"{name}@%h"])

    def beat(self, name: str = "beat") -> Process:
        """The schedule; there may be several."""
        command = [sys.executable, "-m", "celery", "--app", "planner.celery", "beat", "--pidfile", ""]
        return self.process(name, [*command, "--schedule", str(self.folder / name)])

    def web(self, port: int) -> Process:
        """Gunicorn with the project's own settings of it."""
        os.environ |= {"PORT": str(port), "WEB_ADDRESS": "127.0.0.1"}
        return self.process("web", [sys.executable, "-m", "gunicorn", "--config", "python:planner.config.gunicorn"])
