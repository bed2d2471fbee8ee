"""Web, worker and schedule in one process: the planner on one machine without any server."""

import os
import secrets
import signal
import socket
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType
from typing import Any

import waitress
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application

from planner.celery import put_back_unfinished_work
from planner.config.embedded import embedded_beat, embedded_worker
from planner.services import warm_in_background

ADMIN_NAME = "admin"


def make_first_admin() -> str | None:
    """Make the first administrator and return the password; None when there is one already."""
    users = get_user_model()
    if users.objects.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    users.objects.create_superuser(ADMIN_NAME, password=password)
    return password


def free_address(host: str, port: int) -> None:
    """Refuse an address that another program uses before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"{host}:{port} cannot be used: {error.strerror}. Choose another with --port.", returncode=2
            ) from error


def asked_to_stop(stop: threading.Event) -> Callable[[int, FrameType | None], None]:
    """The handler of signals: the first asks everything to end in order, another Ctrl-C ends at once."""

    def handler(number: int, _frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            # As if killed: what was in work goes back to waiting at the next start.
            os.write(2, b"\nEnded at once.\n")
            os._exit(130)
        stop.set()

    return handler


def _run_until(server: Any, stop: threading.Event) -> None:
    """Serve; once `stop` is set the sockets are closed under the server's eyes, which is no fault."""
    try:
        server.run()
    except OSError:
        if not stop.is_set():
            raise


class Command(BaseCommand):
    """Starts everything, prints the address, stops on Ctrl-C."""

    help = (
        "Serve the admin and the API, run tasks and send scheduled work, all in this process. "
        "Example: manage.py serve --port 8080. The first start makes an administrator and prints the password once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen and how much to do at a time."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
        parser.add_argument("--threads", type=int, default=8, help="web requests served at a time (default: 8)")
        parser.add_argument(
            "--workers",
            type=int,
            default=settings.WORKER_THREADS,
            help=f"tasks run at a time in this process; 0 where workers run elsewhere (default: {settings.WORKER_THREADS})",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, make the first administrator, serve until told to stop."""
        host, port = options["host"], options["port"]
        if not 0 < port < 65536:
            raise CommandError(f"--port {port}: expected a number from 1 to 65535", returncode=2)
        if options["threads"] < 1 or options["workers"] < 0:
            raise CommandError("--threads: expected 1 or more; --workers: expected 0 or more", returncode=2)
        free_address(host, port)
        stop = threading.Event()
        with ExitStack() as stack:
            if threading.current_thread() is threading.main_thread():
                # Restored last, so that a second Ctrl-C while things stop is understood too.
                for number in (signal.SIGINT, signal.SIGTERM):
                    stack.callback(signal.signal, number, signal.signal(number, asked_to_stop(stop)))
            call_command("migrate", verbosity=0, interactive=False)
            password = make_first_admin()
            if not stop.is_set():
                self._serve(stack, stop, host, port, password, options)
        self.stdout.write("Stopped.")

    def _serve(
        self, stack: ExitStack, stop: threading.Event, host: str, port: int, password: str | None, options: Any
    ) -> None:
        """Start everything; the stack ends it once `stop` is set."""
        server = waitress.create_server(
            get_wsgi_application(), host=host, port=port, threads=options["threads"], ident=None
        )
        web = threading.Thread(target=_run_until, args=(server, stop), name="web", daemon=True)
        web.start()
        stack.callback(server.close)
        stack.enter_context(embedded_worker(options["workers"]))
        put_back_unfinished_work()
        stack.enter_context(embedded_beat())
        warm_in_background()
        self._greet(f"http://{f'[{host}]' if ':' in host else host}:{port}/admin/", password)
        while not stop.wait(1.0):
            if not web.is_alive():
                raise CommandError("the web server ended by itself; see the messages above")
        self.stdout.write("Stopping: tasks that run are finished first; Ctrl-C again ends at once.")

    def _greet(self, address: str, password: str | None) -> None:
        self.stdout.write(f"Ready at {address}")
        if password is not None:
            self.stdout.write(f"User: {ADMIN_NAME}  Password (shown this once): {password}")
        else:
            self.stdout.write(
                "Sign in with the administrator made at the first start; change a password with: manage.py changepassword"
            )
        self.stdout.write("Stop with Ctrl-C.")
        self.stdout.flush()
