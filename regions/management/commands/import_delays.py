"""Imports waits at crossings."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from regions.importing import registry
from regions.management import base, importing

FORMATS = ("wait_records", "wait_measurements")


class Command(base.Command):
    """`manage.py import_delays FILE`."""

    help = (
        "Imports waits into a case: raw records (crossing, direction, vehicle class, start, minutes), from which means, "
        "medians, 95th percentiles and buffers with intervals and grades are computed, or measurements that somebody "
        "else summed up. Which of the two it is is told from the columns. Exit codes: 0 done, 1 failed, 2 bad input."
    )
    example = """
waits.csv --case us-canada-2023 --option time_zone=America/Detroit --option source="Bridge authority, sensors"
feed.csv --map direction==US --map vehicle_class=lane_type --option ignore_unknown=true --dry-run
measured.xlsx
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """File and options."""
        parser.add_argument("file", metavar="FILE", help="CSV (plain, gzip, zstd), XLSX or Parquet")
        parser.add_argument("--format", choices=FORMATS, help="default: told from the columns")
        importing.add_arguments(parser)

    def run(self, **options: Any) -> None:
        """Imports and reports."""
        chosen = options["format"]
        format = registry.get_format(chosen) if chosen else importing.detected(options["file"], FORMATS)
        importing.run(self, format, options)
