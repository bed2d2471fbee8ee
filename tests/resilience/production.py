"""The production installation as docker-compose.yml starts it, without containers: health, headers, secrets, backup, stop.

    python -m tests.resilience.production

The commands of web, worker, beat and migrations are read from docker-compose.yml and the Dockerfile and run here, on
PostgreSQL and Redis of this script. Exit code 0 where everything below was found.
"""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from tests.resilience.servers import Process, Servers, free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
PLANTED = {
    "SECRET_KEY": "planted-secret-key-0123456789-0123456789-0123456789-0123456789",
    "METRICS_TOKEN": "planted-metrics-token",
    "DATABASE_PASSWORD": "planted-database-password",
}
HEADERS = {
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


def compose_commands() -> dict[str, list[str]]:
    """The command of each of our services, as containers would run it."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    dockerfile = (ROOT / "Dockerfile").read_text()
    usual = json.loads(re.search(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)[1])
    services = compose["services"]
    for name, service in services.items():
        for other in service.get("depends_on", {}):
            if other not in services:
                raise SystemExit(f"docker-compose.yml: {name} waits for {other}, which there is not")
        if "healthcheck" not in service and name not in ("web",):
            raise SystemExit(f"docker-compose.yml: {name} has no health check")
    ours = ("migrate", "web", "worker", "beat")
    return {name: services[name].get("command", usual) for name in ours}


def here(command: list[str]) -> list[str]:
    """The same command with the programs of this virtual environment."""
    program = sys.executable if command[0] == "python" else str(Path(sys.executable).parent / command[0])
    return [program, *command[1:]]


def together(*commands: list[str]) -> None:
    """Run all at the same time; each must end well."""
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) for command in commands]
    codes = [one.wait() for one in running]
    if any(codes):
        raise SystemExit(f"exit codes {codes} of {commands}")


class Installation:
    """The running parts, and what was found about them."""

    def __init__(self, servers: Servers, port: int) -> None:
        self.servers, self.port, self.faults = servers, port, []
        self.said, self.began = "", time.monotonic()

    def expect(self, holds: bool, words: str) -> None:
        """Print it, and remember where it does not hold."""
        print(f"{time.monotonic() - self.began:5.1f} s {'ok   ' if holds else 'FAULT'} {words}", flush=True)
        if not holds:
            self.faults.append(words)

    def ask(self, path: str, secure: bool = True, **headers: str) -> tuple[int, dict[str, str], str]:
        """One request to the web server, as the proxy in front would send it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        extra = {"X-Forwarded-Proto": "https"} if secure else {}
        connection.request("GET", path, headers={"Host": "planner.example", **extra, **headers})
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        self.said += text + str(answer.getheaders())
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text

    def answer_of(self, path: str, what: str, seconds: float) -> dict[str, Any]:
        """What the address says once it answers 200."""
        found: list[str] = []

        def asked() -> bool:
            status, _, text = self.ask(path)
            found[:] = [text]
            return status == 200

        wait_until(asked, what, seconds)
        return dict(json.loads(found[0]))

    def answers(self, path: str) -> bool:
        """Whether the address answers 200."""
        try:
            return self.ask(path)[0] == 200
        except OSError:
            return False


def check_health(site: Installation) -> None:
    """All four parts, and what the web server says to whom."""
    # Each web process asks the parts by itself, every few seconds: the answer that said yes is the one to look at.
    found = site.answer_of("/healthz/ready", "ready with all four parts", 300)
    site.expect(found.pop("ready") and set(found) == {"database", "broker", "worker", "beat"}, "ready: all four parts")
    status, headers, _ = site.ask("/admin/login/")
    site.expect(status == 200 and all(headers.get(name) == value for name, value in HEADERS.items()), "HTTPS headers")
    policy = headers.get("content-security-policy", "")
    site.expect("unsafe" not in policy and "script-src 'self'" in policy, "content policy without anything inline")
    site.expect("secure" in headers.get("set-cookie", "").lower(), "cookies over HTTPS only")
    site.expect(site.ask("/admin/login/", secure=False)[0] == 301, "plain HTTP is sent to HTTPS")
    site.expect(site.ask("/healthz", secure=False)[0] == 200, "the health check needs no TLS")
    status, _, text = site.ask("/metrics", Authorization=f"Bearer {PLANTED['METRICS_TOKEN']}")
    site.expect(status == 200 and "planner_run_parts" in text, "metrics for the token")
    site.expect(site.ask("/metrics")[0] == 401, "no metrics without it")
    site.ask("/no-such-page/")
    site.ask("/api/v1/runs/?token=x", Authorization="Bearer btp_0123abcd_planted-token-of-somebody-else")


def finished_run(servers: Servers) -> Any:
    """A run that the installation's worker computed."""
    from planner import tasks
    from planner.services import run_start
    from tests.factories.plans import import_plans

    run = run_start(import_plans(servers.folder / "small-2023"), settings={"draws": 20}).run
    tasks.enqueue_run(run)

    def done() -> bool:
        run.refresh_from_db()
        return bool(run.is_finished)

    wait_until(done, "a run is computed", 400)
    return run


def check_backup(site: Installation, run: Any) -> None:
    """The commands of docs/operations.md, into a second database, which must hold the same."""
    servers = site.servers
    programs, folder = servers.database_programs(), servers.folder
    server = ["-h", "127.0.0.1", "-p", str(servers.database_port), "-U", "planner"]
    dump = folder / "planner.dump"
    subprocess.run([programs / "pg_dump", *server, "--format=custom", f"--file={dump}", "planner"], check=True)
    subprocess.run([programs / "createdb", *server, "restored"], check=True)
    restore = [programs / "pg_restore", *server, "--dbname=restored", "--no-owner", "--exit-on-error", str(dump)]
    done = subprocess.run(restore, capture_output=True, text=True, check=False)
    site.expect(done.returncode == 0, f"pg_restore {done.stderr[-300:]}")
    head = os.environ["DATABASE_URL"].rpartition("/")[0]
    environment = os.environ | {"DATABASE_URL": f"{head}/restored"}
    migrated = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"], env=environment, check=False, cwd=ROOT
    )
    site.expect(migrated.returncode == 0, "the restored database needs no migration")
    paths = {name: folder / f"{name}.json" for name in ("planner", "restored")}
    report = [sys.executable, "manage.py", "report", str(run.pk), "--format", "json", "--out"]
    together(*(["env", f"DATABASE_URL={head}/{name}", *report, str(path)] for name, path in paths.items()))
    first, second = (path.read_bytes() for path in paths.values())
    site.expect(
        len(first) > 1000 and first == second,
        f"the report of run {run.pk} is the same from the restored database, byte by byte",
    )


def check_stop(site: Installation, parts: dict[str, Process], run: Any) -> None:
    """A stream that is open when the web server is told to stop is ended properly."""
    from datetime import timedelta

    from django.contrib.auth.models import User
    from django.utils import timezone

    from planner.models import ApiToken, Run

    user = User.objects.create_superuser("root")
    token = ApiToken(user=user, name="t", scopes=["read"], expires_at=timezone.now() + timedelta(hours=1))
    text = token.issue()
    token.save()
    # A run that nobody computes: its stream stays open.
    Run.objects.filter(pk=run.pk).update(state="running", finished_at=None)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    headers = {"Host": "planner.example", "X-Forwarded-Proto": "https", "Authorization": f"Bearer {text}"}
    connection.request("GET", f"/api/v1/runs/{run.pk}/events/", headers=headers)
    answer = connection.getresponse()
    answer.read(10)
    parts["web"].running.terminate()
    rest = answer.read().decode()
    site.expect("event: progress" in rest, "the open stream came to its end")
    site.expect(parts["web"].running.wait(180) == 0, "web stopped with exit code 0")
    site.expect(parts["worker"].stop() == 0, "the worker stopped with exit code 0")
    site.expect(parts["beat"].stop() == 0, "beat stopped with exit code 0")
    site.said += text if any(text in process.log.read_text() for process in parts.values()) else ""


def check_secrets(site: Installation, parts: dict[str, Process]) -> None:
    """Neither the planted words nor a token stands in a log or an answer; the logs are JSON with ids."""
    logs = "".join(process.log.read_text(errors="replace") for process in parts.values())
    for name, word in PLANTED.items():
        site.expect(word not in logs + site.said, f"{name} stands in no log and no answer")
    site.expect("planted-token-of" not in logs, "a token that was sent stands in no log")
    lines = [json.loads(line) for line in parts["web"].log.read_text().splitlines() if line.startswith("{")]
    site.expect(
        any(line.get("request_id") and line.get("status") == 404 for line in lines), "requests are logged with ids"
    )
    tasks = [json.loads(line) for line in parts["worker"].log.read_text().splitlines() if line.startswith("{")]
    site.expect(any(line.get("task_id") and line.get("run_id") for line in tasks), "tasks are logged with task and run")


def check_compose(site: Installation, commands: dict[str, list[str]]) -> None:
    """What the compose client makes of the file: it takes it, and the commands are those that ran here."""
    clients = [one for one in (["docker", "compose"], ["docker-compose"]) if answers_version(one)]
    if not clients:
        print("not checked: docker compose config (no client with compose here)")
        return
    folder = site.servers.folder / "compose"
    folder.mkdir()
    shutil.copy(ROOT / "docker-compose.yml", folder)
    example = (ROOT / ".env.example").read_text()
    ask = [*clients[0], "--project-directory", str(folder), "--file", str(folder / "docker-compose.yml"), "config"]

    def config(env: str) -> subprocess.CompletedProcess[str]:
        (folder / ".env").write_text(env)
        return subprocess.run(ask, cwd=folder, capture_output=True, text=True, check=False)

    site.expect("POSTGRES_PASSWORD" in config(example).stderr, "compose config asks for what .env.example leaves open")
    done = config(re.sub(r"^(SECRET_KEY|POSTGRES_PASSWORD)=$", r"\1=x", example, flags=re.MULTILINE))
    site.expect(done.returncode == 0, f"{' '.join(clients[0])} config {done.stderr[-300:]}")
    services = (yaml.safe_load(done.stdout) or {}).get("services", {})
    named = {name: services.get(name, {}).get("command", commands[name]) for name in commands}
    site.expect(named == commands, "the commands that it would run are those that ran here")
    waits = {name: sorted(services.get(name, {}).get("depends_on", {})) for name in ("web", "worker", "beat")}
    site.expect(
        all(found == ["broker", "migrate"] for found in waits.values()), "web, worker and beat wait for what they need"
    )


def answers_version(client: list[str]) -> bool:
    """Whether this client is here."""
    found = shutil.which(client[0])
    return bool(found) and not subprocess.run([*client, "version"], capture_output=True, check=False).returncode


def check_health_commands(site: Installation) -> None:
    """The health checks of the containers, as compose and the Dockerfile have them."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    web = re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    tests = {
        "web": ["CMD", *json.loads(web[1])],
        **{name: services[name]["healthcheck"]["test"] for name in ("worker", "beat")},
    }
    programs = {"HOSTNAME": socket.gethostname(), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for name, (kind, *words) in tests.items():
        # Compose writes $$ for the $ that the shell sees.
        command = ["sh", "-c", words[0].replace("$$", "$")] if kind == "CMD-SHELL" else here(words)
        done = subprocess.run(command, cwd=ROOT, env=os.environ | programs, capture_output=True, text=True, check=False)
        site.expect(
            done.returncode == 0,
            f"the health check of {name} {(done.stderr + done.stdout)[-200:] if done.returncode else ''}",
        )


def main() -> int:
    """Start as compose does, look, back up, stop."""
    os.chdir(ROOT)
    with Servers("planner.config.settings.production") as servers:
        port = free_port()
        address = os.environ["DATABASE_URL"].replace("planner@", f"planner:{PLANTED['DATABASE_PASSWORD']}@")
        os.environ |= {name: word for name, word in PLANTED.items() if name != "DATABASE_PASSWORD"} | {
            "DATABASE_URL": address, "ALLOWED_HOSTS": "planner.example", "BEHIND_TLS_PROXY": "1", "PORT": str(port),
            "WEB_ADDRESS": "127.0.0.1", "STATIC_ROOT": str(servers.folder / "static"), "EVENT_STREAM_SECONDS": "6",
        }  # fmt: skip
        commands = compose_commands()
        run_here = dict(commands)
        static = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        together(here(commands.pop("migrate")), static)
        import django

        django.setup()
        parts = {name: servers.process(name, here(command)) for name, command in commands.items()}
        for name, process in parts.items():
            print(f"starting {name}: {' '.join(commands[name])}")
            process.start()
        site = Installation(servers, port)
        try:
            wait_until(lambda: site.answers("/healthz"), "web answers", 300)
            run = finished_run(servers)
            site.expect(
                run.state == "done", f"run {run.pk} of {run.parts.count()} parts was computed: {run.state} {run.reason}"
            )
            check_backup(site, run)
            # By now the schedule has sent its first task, which takes it a minute.
            check_health(site)
            check_health_commands(site)
            check_stop(site, parts, run)
            check_secrets(site, parts)
            check_compose(site, run_here)
        except (SystemExit, Exception):
            for process in parts.values():
                print(f"--- {process.name}\n{process.tail(30)}")
            raise
        print("\n".join(f"FAULT {one}" for one in site.faults) or "everything was found")
        return 1 if site.faults else 0


if __name__ == "__main__":
    sys.exit(main())
