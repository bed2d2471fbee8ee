"""Imports BTS Border Crossing/Entry files."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from regions.importing.border_entry_loader import import_border_entry
from regions.management import base
from regions.management.commands.import_transborder import report_files


class Command(base.Command):
    """`manage.py import_border_entry FILE...`."""

    help = (
        "Imports BTS Border Crossing/Entry files (all years or some; plain, gzip or zstd) as they are published. "
        "All files or none: any error is reported with file, row, column, value and what is expected, and "
        "the database stays as it was. A file that was imported before changes nothing. Exit codes: 0 done, 1 failed, "
        "2 bad input."
    )
    example = """
Border_Crossing_Entry_Data.csv
Border_Crossing_Entry_Data.csv --dry-run
Border_Crossing_Entry_Data_newer.csv --replace
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files and options."""
        parser.add_argument("files", metavar="FILE", nargs="+", help="files of the Border Crossing/Entry data")
        parser.add_argument("--dry-run", action="store_true", help="check and count everything, store nothing")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="accept months that another file brought; its rows come back when the new batch is undone",
        )

    def run(self, **options: Any) -> None:
        """Imports and reports."""
        results = import_border_entry(
            options["files"], replace=options["replace"], dry_run=options["dry_run"], progress=self.progress
        )
        self.progress.clear()
        report_files(self, results)
