"""Takes an import back."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from regions.importing.undo import UndoRefused, undo_import
from regions.management import base


class Command(base.Command):
    """`manage.py undo_import BATCH`."""

    help = (
        "Takes an import back: every row is as it was before, and rows that it replaced count again. "
        "Exit codes: 0 done, 1 failed, 2 the batch cannot be undone."
    )
    example = "17"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which batch."""
        parser.add_argument("batch", metavar="BATCH", type=int, help="number of the batch, as the import printed it")

    def run(self, **options: Any) -> None:
        """Undoes and reports."""
        try:
            undone = undo_import(options["batch"])
        except UndoRefused as refusal:
            raise base.BadInput(str(refusal)) from refusal
        self.stdout.write(f"{undone.rows:>10} rows  {undone.batch.label}: taken back")
        for batch in undone.restored:
            self.stdout.write(f"{sum(batch.rows.values()):>10} rows  {batch.label}: batch {batch.pk} counts again")
