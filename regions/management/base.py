"""What every command shares: exit codes, progress, interruption."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import OperationalError, ProgrammingError

from regions.importing.problems import ImportRefused, Problems

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
BAR_WIDTH = 30
SECONDS_BETWEEN_DRAWS = 0.1


class BadInput(CommandError):
    """The input or the arguments are wrong; nothing was changed. Exit code 2."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=BAD_INPUT)


class HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the lines of the example as they are."""


class ProgressBar:
    """One line on stderr, drawn only where stderr is a terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.visible = self.stream.isatty()
        self.drawn_at = 0.0

    def __call__(self, done: int, total: int, label: str = "") -> None:
        """Draws the state; cheap enough to call for every row."""
        if not self.visible:
            return
        now = time.monotonic()
        if done < total and now - self.drawn_at < SECONDS_BETWEEN_DRAWS:
            return
        self.drawn_at = now
        filled = BAR_WIDTH * done // max(total, 1)
        self.stream.write(f"\r\033[K[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {done}/{total} {label}")
        self.stream.flush()

    def clear(self) -> None:
        """Takes the bar away, so that what follows starts on a clean line."""
        if self.visible:
            self.stream.write("\r\033[K")
            self.stream.flush()


class Command(BaseCommand):
    """A command with the project's exit codes: 0 done, 1 the run failed, 2 bad input, 130 interrupted.

    A subclass sets `help` and `example` and writes `run(**options)`; it raises BadInput (or ImportRefused) for wrong
    input and CommandError for a run that failed. Work on the database belongs in one transaction, so that an
    interruption leaves nothing half-written.
    """

    example = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """The parser, with the example below the options."""
        example = "\n".join(f"  manage.py {subcommand} {line}" for line in self.example.strip().splitlines())
        kwargs.setdefault("epilog", f"example:\n{example}" if example else None)
        kwargs.setdefault("formatter_class", HelpFormatter)
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Nothing to add; subclasses do."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the command; maps refusals and interruption to exit codes."""
        self.progress = ProgressBar()
        try:
            self.run(**options)
        except ImportRefused as refusal:
            self.progress.clear()
            raise BadInput(refused_text(refusal.problems)) from refusal
        except (OperationalError, ProgrammingError) as error:
            self.progress.clear()
            raise CommandError(f"The database refused: {error}. Has manage.py migrate been run?") from error
        except KeyboardInterrupt:
            self.progress.clear()
            raise CommandError("Interrupted. Nothing was left half-written.", returncode=INTERRUPTED) from None
        finally:
            self.progress.clear()

    def run(self, **options: Any) -> None:
        """The work of the command."""
        raise TypeError(f"{type(self).__name__} must define run()")


def refused_text(problems: Problems) -> str:
    """The message of a refused import: warnings are left to imports that go through."""
    count = problems.error_count
    head = f"{count} error{'s' if count != 1 else ''} in the input. Nothing was changed."
    return "\n".join([head, *problems.lines("error")])
