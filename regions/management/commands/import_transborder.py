"""Imports BTS TransBorder freight files."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from regions.importing.batches import FileResult
from regions.importing.transborder_loader import import_transborder
from regions.management import base


class Command(base.Command):
    """`manage.py import_transborder FILE...`."""

    help = (
        "Imports BTS TransBorder freight files (dot1, dot2, dot3; monthly or annual; plain, gzip or zstd) as they are "
        "published. All files or none: any error is reported with file, row, column, value and what is expected, and "
        "the database stays as it was. A file that was imported before changes nothing. Exit codes: 0 done, 1 failed, "
        "2 bad input."
    )
    example = """
dot1_0121.csv dot2_0121.csv dot3_0121.csv
dot1_2021.csv --dry-run
dot1_0121_revised.csv --replace
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files and options."""
        parser.add_argument("files", metavar="FILE", nargs="+", help="files of the TransBorder freight data")
        parser.add_argument("--dry-run", action="store_true", help="check and count everything, store nothing")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="accept months that another file brought; its rows come back when the new batch is undone",
        )

    def run(self, **options: Any) -> None:
        """Imports and reports."""
        results = import_transborder(
            options["files"], replace=options["replace"], dry_run=options["dry_run"], progress=self.progress
        )
        self.progress.clear()
        report_files(self, results)


def report_files(command: base.Command, results: list[FileResult]) -> None:
    """What became of each file, its warnings, and how to undo it."""
    for result in results:
        for line in result.problems.lines("warning"):
            command.stderr.write(command.style.WARNING(f"warning: {line}"))
    for result in results:
        words = f"{result.rows:>10} rows  {result.name}: "
        if result.outcome == "unchanged" and result.batch:
            command.stdout.write(f"{words}imported before as batch {result.batch.pk}; nothing changed")
        elif result.outcome == "checked" or not result.batch:
            command.stdout.write(f"{words}no error found; dry run, nothing stored")
        else:
            replaced = ", ".join(str(batch.pk) for batch in result.replaced)
            command.stdout.write(
                f"{words}batch {result.batch.pk}" + (f", replaces batch {replaced}" if replaced else "")
            )
    if any(result.outcome == "loaded" for result in results):
        command.stdout.write(command.style.SUCCESS("Imported. undo_import BATCH takes a batch back."))
