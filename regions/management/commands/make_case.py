"""Makes a case folder from official raw files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from regions.making.geography import BORDERS, SECTOR_MAP
from regions.making.make import MadeCase, Request, make_case
from regions.management import base


class Command(base.Command):
    """`manage.py make_case`."""

    help = (
        "Makes a case folder from official files alone: BTS TransBorder freight (dot1 of the whole year, dot2 of at "
        "least one month), BTS Border Crossing/Entry, and a table of GDP, population and position of the places. "
        "States and provinces that are not chosen become the hinterland of their economy. Unknown places are counted "
        "and reported. The folder is checked as import_case does before it appears; nothing is left half-written. "
        "Exit codes: 0 done, 1 failed, 2 bad input."
    )
    example = """
--transborder raw/2021 --border-entry raw/entry.csv --accounts accounts.csv --border us-canada --year 2021 --out us-canada-2021
--transborder raw/2021 --border-entry raw/entry.csv --accounts accounts.csv --border us-mexico --year 2021 --out tx --regions US-TX,MX
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files and choices."""
        parser.add_argument(
            "--transborder", required=True, type=Path, metavar="DIR", help="folder of TransBorder files"
        )
        parser.add_argument(
            "--border-entry", required=True, type=Path, metavar="FILE", help="Border Crossing/Entry file"
        )
        parser.add_argument(
            "--accounts",
            required=True,
            type=Path,
            metavar="FILE",
            help="CSV with id, name, country, gdp_musd, population, latitude, longitude of states and provinces",
        )
        parser.add_argument("--border", required=True, choices=sorted(BORDERS))
        parser.add_argument("--year", required=True, type=int)
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder to make; must not exist")
        parser.add_argument("--name", default="", help="name of the case; default: border and year")
        parser.add_argument(
            "--regions", metavar="LIST", help="border regions, separated by commas; default: all that lie at the border"
        )
        parser.add_argument(
            "--sectors", type=Path, default=SECTOR_MAP, metavar="MAP", help="CSV: chapter, sector, name, description"
        )
        parser.add_argument(
            "--impute-mexican-states",
            action="store_true",
            help="spread imports from Mexico, which carry no state, over states like the exports through the same port",
        )
        parser.add_argument(
            "--like",
            type=Path,
            metavar="CASE_DIR",
            help="take outlines, waits, attributes, parameters and interventions over from another case folder",
        )

    def run(self, **options: Any) -> None:
        """Makes the case and reports."""
        regions = [part.strip() for part in (options["regions"] or "").split(",") if part.strip()]
        made = make_case(
            Request(
                transborder=options["transborder"],
                border_entry=options["border_entry"],
                accounts=options["accounts"],
                border=options["border"],
                year=options["year"],
                out=options["out"],
                name=options["name"],
                regions=regions or None,
                sectors=options["sectors"],
                impute_mexican_states=options["impute_mexican_states"],
                like=options["like"],
            ),
            self.progress,
        )
        self.progress.clear()
        self.report(made)

    def report(self, made: MadeCase) -> None:
        """Rows by file, the checks that were made, and every warning."""
        for words in made.warnings:
            self.stderr.write(self.style.WARNING(f"warning: {words}"))
        for file, count in made.rows.items():
            self.stdout.write(f"{count:>8} rows  {file}")
        for check in made.record["checks"]:
            words = "holds" if check["holds"] else "DOES NOT HOLD"
            detail = f" ({check['detail']})" if check["detail"] else ""
            self.stdout.write(f"{check['cells']:>8} cells {check['name']}: {words}{detail}")
        carried = made.record["carried_over"]
        if carried and carried["interventions_dropped"]:
            self.stdout.write(f"Not taken over, target missing: {', '.join(carried['interventions_dropped'])}")
        self.stdout.write(self.style.SUCCESS(f"{made.path} made. Next: manage.py import_case {made.path}"))
