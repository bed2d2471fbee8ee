"""Prints the column dictionary of a case folder."""

from __future__ import annotations

from typing import Any

from regions.importing.case_tables import registered_case_tables
from regions.importing.dictionary import page
from regions.importing.tables import FACT_TABLES
from regions.management import base


class Command(base.Command):
    """`manage.py case_columns`."""

    help = "Prints every file and column that import_case reads, as Markdown."
    example = "> docs/case-folder.md"

    def run(self, **options: Any) -> None:
        """Prints the page."""
        further = [table for loader in registered_case_tables() for table in loader.tables]
        self.stdout.write(page([*FACT_TABLES, *further]), ending="")
