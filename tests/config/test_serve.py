"""`serve` from an empty folder: it answers, makes one administrator, and stops when told to."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from planner.config.environment import geometry_libraries

ROOT = Path(__file__).resolve().parents[2]
# For machines that do much else meanwhile.
SECONDS = 240

pytestmark = [pytest.mark.needs_broker, pytest.mark.timeout(900)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path) -> dict[str, str]:
    """The embedded database and broker, whatever the suite runs on."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {
        "DATA_DIR": str(data),
        "DJANGO_SETTINGS_MODULE": "planner.config.settings.dev",
        "PYTHONUNBUFFERED": "1",
    }


def start(data: Path, port: int) -> tuple[subprocess.Popen[str], Path]:
    log = data / "serve.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "1"],
            cwd=ROOT,
            env=environment(data),
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
        )
    end = time.monotonic() + SECONDS
    while "Stop with Ctrl-C." not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)
    return process, log


def test_serve_answers_and_stops(tmp_path):
    assert all(geometry_libraries())
    port = free_port()
    process, log = start(tmp_path, port)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
            assert answer.read() == b"ok\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/static/admin/css/base.css", timeout=60) as answer:
            assert answer.headers["Content-Type"].startswith("text/css")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/schema/", timeout=60)
        assert refused.value.code in {401, 403}
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(SECONDS)
    text = log.read_text()
    assert code == 0, text
    assert re.search(r"User: admin  Password \(shown this once\): \S{12,}", text)
    assert text.endswith("Stopped.\n")
    assert "Traceback" not in text

    again, log = start(tmp_path, port)
    again.send_signal(signal.SIGTERM)
    assert again.wait(SECONDS) == 0
    assert "Password (shown" not in log.read_text()


def test_a_port_in_use_is_refused(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    assert done.returncode == 2
    assert f"127.0.0.1:{port} cannot be used" in done.stderr


def test_a_second_interrupt_ends_at_once_and_quietly(tmp_path):
    port = free_port()
    process, log = start(tmp_path, port)
    # A request that is never sent whole keeps nothing from ending.
    with socket.create_connection(("127.0.0.1", port)) as half:
        half.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127")
        end = time.monotonic() + SECONDS
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            assert time.monotonic() < end
            time.sleep(0.02)
    text = log.read_text()
    assert (process.returncode, "Ended at once." in text) in ((130, True), (0, False)), text
    assert "Traceback" not in text
