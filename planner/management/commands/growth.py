"""`manage.py growth CASE CASE`: what moved trade and balances between two years of one border."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from planner.management.commands.report import refuse_unwritable
from planner.reports.growth_report import GROWTH_FORMATS, growth_file, growth_sentences
from planner.reports.numbers import format_number
from planner.services.errors import RunRefused
from planner.services.growth import case_growth
from regions.management import base
from regions.models import Case

HEADS = ("balance", "change", "spending", "mix", "shares")


class Command(base.Command):
    """Split the change between two cases."""

    help = (
        "Split the change of cross-border goods trade, and of every region's balance, between two years into growth of "
        "spending, mix of sectors and trade shares (competitiveness). The parts add up exactly. The two cases hold the same "
        "border in different years, the earlier one first; make_case makes such cases from official files. "
        "Exit codes: 0 done, 1 failed, 2 bad input."
    )
    example = """
us-canada-2021 us-canada-2023
us-canada-2021 us-canada-2023 --format pdf --out growth.pdf --language fr
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which cases, which format, where to."""
        parser.add_argument("before", metavar="CASE", help="name of the imported case of the earlier year")
        parser.add_argument("after", metavar="CASE", help="name of the imported case of the later year")
        parser.add_argument("--format", choices=GROWTH_FORMATS, default="html", help="of the file; default: html")
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], default="en", help="default: en"
        )
        parser.add_argument("--out", type=Path, metavar="PATH", help="file to write; without it the terminal only")

    def run(self, **options: Any) -> None:
        """Split, print, write."""
        cases = [self._case(options[name]) for name in ("before", "after")]
        path: Path | None = options["out"]
        if path:
            refuse_unwritable(path)
        try:
            document = case_growth(*cases)
        except RunRefused as refusal:
            raise base.BadInput("\n".join([*refusal.problems, "Nothing was written."])) from refusal
        for line in growth_lines(document):
            self.stdout.write(line)
        if path:
            part = path.with_name(f".{path.name}.{os.getpid()}.part")
            try:
                part.write_bytes(growth_file(document, options["format"], options["language"]))
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
            self.stdout.write(str(path))

    def _case(self, name: str) -> Case:
        case = Case.objects.filter(name=name).first()
        if case is None:
            names = ", ".join(Case.objects.order_by("name").values_list("name", flat=True)) or "none yet"
            raise base.BadInput(f"There is no case {name!r}. Imported: {names}.")
        return case


def growth_lines(document: dict[str, Any]) -> list[str]:
    """Sentences, and balances by border region, largest fall first."""
    lines = [*growth_sentences(document), "", f"Balances, billion {document['currency']}, and what moved them:"]
    lines.append(f"{'':<28}" + "".join(f"{head:>12}" for head in HEADS))
    border = [row for row in document["regions"] if row["kind"] == "border"]
    for row in sorted(border, key=lambda row: (row["balance"]["total"], row["place"])):
        found = row["balance"]
        numbers = (found["after_musd"], found["total"], found["spending"], found["mix"], found["shares"])
        lines.append(
            f"{row['name'][:27]:<28}" + "".join(f"{format_number(value, 'busd_signed'):>12}" for value in numbers)
        )
    return lines
