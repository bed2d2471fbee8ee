"""`manage.py report RUN`: write the report of a finished run to a file."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from planner.models import Run
from planner.models.vocabulary import InterventionKind, RunState
from planner.reports import FORMATS, Report
from planner.reports.context import build_context
from planner.reports.cover import run_cover
from regions.management import base


class Command(base.Command):
    """Write a run's report in one format."""

    help = (
        "Write the report of a finished run: the whole report as HTML or PDF, all tables as a workbook, all numbers as JSON or "
        "Parquet, the ranking as CSV, or all of it with its inputs as a zip that manage.py verify checks. "
        "Exit codes: 0 done, 1 the run has no results, 2 bad input."
    )
    example = """
12 --format html --out report.html
12 --format pdf --language fr --out rapport.pdf
12 --format xlsx --out report.xlsx
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which run, which format, where to."""
        parser.add_argument("run_number", metavar="RUN", type=int, help="number of the run")
        parser.add_argument("--format", choices=FORMATS, default="html", help="default: html")
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], default="en", help="default: en"
        )
        parser.add_argument(
            "--kind", nargs="+", choices=InterventionKind.values, default=[], help="only interventions of these kinds"
        )
        parser.add_argument("--out", type=Path, required=True, metavar="PATH", help="file to write")

    def run(self, **options: Any) -> None:
        """Find the run, write the file, print where it is."""
        run = find_run(options["run_number"])
        path: Path = options["out"]
        refuse_unwritable(path)
        if run.state != RunState.DONE:
            reason = f": {run.reason}" if run.reason else ""
            raise CommandError(
                f"run {run.pk} has no results, it is {run.get_state_display().lower()}{reason}", returncode=base.FAILED
            )
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            # Written next to the target and put in place at once, so that nobody finds half a report.
            report = Report(
                run, build_context(run, options["kind"]), run_cover(run, tuple(options["kind"])), options["language"]
            )
            report.write(options["format"], part)
            part.replace(path)
        except OSError as error:
            raise CommandError(
                f"cannot write {path}: {error.strerror or error}; nothing is left of it", returncode=base.FAILED
            ) from error
        finally:
            part.unlink(missing_ok=True)
        self.stdout.write(str(path))


def find_run(number: int) -> Run:
    """The run of that number, or exit 2 with the latest ones that there are."""
    run = Run.objects.select_related("case", "snapshot").filter(pk=number).first()
    if run is None:
        latest = ", ".join(str(key) for key in Run.objects.order_by("-pk").values_list("pk", flat=True)[:10])
        raise base.BadInput(f"no run {number}; latest runs: {latest or 'none; start one with manage.py estimate CASE'}")
    return run


def refuse_unwritable(path: Path) -> None:
    """Say before the work that the file could not be written after it."""
    folder = path.absolute().parent
    if path.is_dir():
        raise base.BadInput(f"{path} is a folder; expected the path of a file")
    if not folder.is_dir():
        raise base.BadInput(f"no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise base.BadInput(f"cannot write to the folder {folder}")
