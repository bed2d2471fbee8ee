"""`manage.py verify REPORT.zip`: compute a report again from what it carries and compare everything."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from planner.reports.unpacking import ZipRefused
from planner.reports.verification import verify_zip
from regions.management import base


class Command(base.Command):
    """Check a report's zip; needs no database."""

    help = (
        "Check a report's zip: hashes of its files, every number computed again from the inputs inside, and every format "
        "against the numbers. Needs no database. Exit codes: 0 all agrees, 1 something differs, 2 not a report's zip."
    )
    example = "report.zip"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which zip."""
        parser.add_argument("path", metavar="REPORT.zip", type=Path, help="zip made by manage.py report --format zip")

    def run(self, **options: Any) -> None:
        """Verify, and say what was compared or what differs first."""
        path: Path = options["path"]
        if not path.is_file():
            raise base.BadInput(f"no file {path}")
        try:
            verdict = verify_zip(path, self.progress)
        except ZipRefused as refusal:
            raise base.BadInput(str(refusal)) from refusal
        self.progress.clear()
        for note in verdict.notes:
            self.stdout.write(f"Note: {note}")
        if verdict.difference:
            raise CommandError(f"The report differs. {verdict.difference}", returncode=base.FAILED)
        self.stdout.write(f"The report holds: {verdict.files} files, {verdict.numbers} numbers computed again.")
