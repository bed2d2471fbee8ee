"""Imports a file of any format."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from regions.importing import registry
from regions.management import base, importing


class Command(base.Command):
    """`manage.py import_file FILE`."""

    help = (
        "Imports a file of any format that is known: regions and crossings from geographic files, flows, accounts, "
        "tariffs, input-output tables, waits, official files, whole cases. The format is told from the content. All of "
        "it or nothing; --dry-run says what would change. Exit codes: 0 done, 1 failed, 2 bad input."
    )
    example = """
regions.gpkg --case us-canada-2023 --option layer=states
flows.xlsx --map origin=From --map destination=To --option value_unit="million USD" --dry-run
tariffs.csv --format tariffs --option rate_unit="per cent"
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """File and options."""
        parser.add_argument("file", metavar="FILE", help="the file, or the folder of a case")
        names = [one.id for one in registry.formats()]
        parser.add_argument("--format", choices=names, help="default: told from the content")
        importing.add_arguments(parser)

    def run(self, **options: Any) -> None:
        """Imports and reports."""
        chosen = options["format"]
        format = registry.get_format(chosen) if chosen else importing.detected(options["file"])
        importing.run(self, format, options)
