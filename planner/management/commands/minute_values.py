"""`manage.py minute_values CASE`: the worth of one minute of truck wait at every crossing and direction."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from planner.management.commands.estimate import find_case, problem_text, refuse_unwritable
from planner.models.vocabulary import Closure
from planner.reports.numbers import format_number
from planner.services.errors import RunRefused
from planner.services.minute_values import case_minute_values
from regions.management import base

SHOWN = 20
DIGITS = 9
DERIVED = (Closure.WORLD_SHARE, Closure.OWN_INCOME, Closure.ABSORPTION, Closure.SHORT_RUN)


class Command(base.Command):
    """Print where a minute matters most, and write all of it as JSON on request."""

    help = (
        "What one minute of truck wait less would do at each crossing and direction: the change of the headline index, "
        "or of the welfare of border regions a year, at central parameter values, after queues have answered."
    )
    example = """
us-canada-2023
us-canada-2023 --outcome welfare --json minutes.json
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which case, which outcome, under what closure."""
        parser.add_argument("case", help="name of an imported case")
        parser.add_argument("--outcome", choices=("imbalance", "welfare"), default="imbalance")
        parser.add_argument(
            "--closure", choices=[closure.value for closure in DERIVED], default=Closure.WORLD_SHARE.value
        )
        parser.add_argument("--json", type=Path, metavar="FILE", help="all crossings, with the split by sector")

    def run(self, **options: Any) -> None:
        """Compute, print, write."""
        case = find_case(options["case"])
        if options["json"]:
            refuse_unwritable([options["json"].resolve().parent])
        try:
            document = case_minute_values(case, outcome=options["outcome"], closure=options["closure"])
        except RunRefused as refusal:
            raise base.BadInput(problem_text(refusal.problems)) from refusal
        for line in table(document, case.currency):
            self.stdout.write(line)
        if options["json"]:
            write_json(document, options["json"])
            self.stdout.write(f"json  {options['json']}")


def table(document: dict[str, Any], currency: str) -> list[str]:
    """The stations where a minute matters most."""
    imbalance = document["outcome"] == "imbalance"
    heading = "index, millionths" if imbalance else f"welfare, M {currency} a year"
    rows = [("crossing", "into", "wait now, min", "grade", f"trucks carry, bn {currency}", heading)]
    rows += [
        (
            f"{station['crossing']} {station['name']}",
            station["direction"],
            f"{station['wait_minutes']:.1f}",
            station["wait_grade"],
            f"{station['truck_trade_musd'] / 1000:.2f}",
            format_number(station["value"], "index_change" if imbalance else "musd_change"),
        )
        for station in document["stations"][:SHOWN]
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [f"One minute of truck wait less, closure {document['closure']}, central values:", ""]
    for row in rows:
        cells = [
            cell.ljust(width) if column in (0, 1, 3) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines += ["", "A minute from outside, after queues have answered: fewer minutes draw more trucks."]
    if imbalance:
        lines.append("Negative narrows the gap. Pairs at balance, where the index has a kink: "
                     + (", ".join("-".join(pair) for pair in document["pairs_at_balance"]) or "none") + ".")  # fmt: skip
    return lines


def write_json(document: dict[str, Any], path: Path) -> None:
    """Written beside its place, then moved there."""

    def rounded(value: Any) -> Any:
        if isinstance(value, float):
            return float(f"{value:.{DIGITS}g}")
        if isinstance(value, dict):
            return {key: rounded(item) for key, item in value.items()}
        return [rounded(item) for item in value] if isinstance(value, list) else value

    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(json.dumps(rounded(document), indent=1, sort_keys=True) + "\n", encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
