"""Imports a case folder."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from regions.importing.loader import CaseExists, ImportResult, import_case
from regions.management import base


class Command(base.Command):
    """`manage.py import_case DIR`."""

    help = (
        "Imports a case folder: places, crossings, flows and, where present, waits, attributes, input-output shares, "
        "tariffs, interventions, channels, costs and parameters. All of it or nothing: any error in any file is "
        "reported with file, row, column, value and what is expected, and the database stays as it was. "
        "Exit codes: 0 done, 1 failed, 2 bad input."
    )
    example = """
regions/cases/us-canada-2023
regions/cases/us-canada-2023 --name trial-2023 --dry-run
us-canada-2023.zip
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Directory and options."""
        parser.add_argument("directory", metavar="DIR", help="the case folder, or a zip file of it")
        parser.add_argument("--name", help="name of the case; default: that of case.json, or of the folder")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="update a case of this name that was imported from other files; rows are matched by their codes, "
            "so that interventions and runs that point at them stay",
        )
        parser.add_argument("--dry-run", action="store_true", help="check everything, store nothing")

    def run(self, **options: Any) -> None:
        """Imports and reports."""
        try:
            result = import_case(
                options["directory"],
                name=options["name"],
                replace=options["replace"],
                dry_run=options["dry_run"],
                progress=self.progress,
            )
        except CaseExists as refusal:
            raise base.BadInput(str(refusal)) from refusal
        self.progress.clear()
        self.report(result)

    def report(self, result: ImportResult) -> None:
        """Prints what was done, what is missing and every warning."""
        for line in result.problems.lines("warning"):
            self.stderr.write(self.style.WARNING(f"warning: {line}"))
        if result.missing_optional:
            self.stdout.write(f"Optional files not there: {', '.join(result.missing_optional)}")
        if result.outcome == "unchanged":
            self.stdout.write(f'Case "{result.case_name}" was already imported from these files; nothing changed.')
            return
        for file, count in sorted(result.rows.items()):
            self.stdout.write(f"{count:>8} rows  {file}")
        for table, counts in sorted(result.changes.items()):
            words = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
            self.stdout.write(f"{'':>8} {table}: {words}")
        if result.outcome == "checked":
            self.stdout.write(f'Dry run of case "{result.case_name}": no error found, nothing stored.')
        else:
            self.stdout.write(self.style.SUCCESS(f'Case "{result.case_name}" imported.'))
