"""`manage.py compare RUN RUN ...`: what differs between runs, in their inputs and in what came out."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from planner.management.commands.report import find_run, refuse_unwritable
from planner.models.vocabulary import RunState
from planner.reports.comparison import NotComparable, compare_runs
from planner.reports.comparison_writers import COMPARISON_FORMATS, comparison_file
from regions.management import base


class Command(base.Command):
    """Write the comparison of two to four runs."""

    help = (
        "Compare two to four finished runs of one case: differences of inputs first, then outcomes, then which places "
        "moved and why. The first run is what the others are compared with. Exit codes: 0 done, 1 a run has no results, "
        "2 bad input."
    )
    example = """
12 15 --format html --out comparison.html
12 15 16 --format csv --out comparison.csv
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which runs, which format, where to."""
        parser.add_argument("runs", metavar="RUN", type=int, nargs="+", help="numbers of the runs, two to four")
        parser.add_argument("--format", choices=COMPARISON_FORMATS, default="html", help="default: html")
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], default="en", help="default: en"
        )
        parser.add_argument("--out", type=Path, required=True, metavar="PATH", help="file to write")

    def run(self, **options: Any) -> None:
        """Find the runs, write the file, print where it is."""
        runs = [find_run(number) for number in options["runs"]]
        path: Path = options["out"]
        refuse_unwritable(path)
        for run in runs:
            if run.state != RunState.DONE:
                state = run.get_state_display().lower()
                raise CommandError(f"run {run.pk} has no results, it is {state}", returncode=base.FAILED)
        try:
            content = comparison_file(compare_runs(runs), options["format"], options["language"])
        except NotComparable as error:
            raise base.BadInput(str(error)) from error
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            part.write_bytes(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        self.stdout.write(str(path))
