"""Tests the model against a real closure or slowdown of one crossing."""

import datetime
import json
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from planner.models.vocabulary import Closure
from planner.reports.json_writer import rounded
from planner.services.backtests import BacktestRequest, backtest
from planner.services.errors import RunFailed, RunRefused
from regions.management import base
from regions.models import Case

SHOWN = 12
UNITS = {"goods_usd": ("million USD", 1e6), "trucks": ("trucks", 1.0)}


def day(text: str) -> datetime.date:
    """A date of the command line."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r}: expected a date as YYYY-MM-DD") from None


class Command(base.Command):
    """`manage.py backtest CASE`."""

    help = (
        "Predicts where trucks go, how long they wait and what trade is lost while one crossing is closed or slow, and "
        "scores it, crossing by crossing, against observed months from TransBorder (dot1 or dot3, monthly) and Border "
        "Crossing/Entry files. Undisturbed months around the event say what was to be expected without it, and how large "
        "usual errors are. Capacity 1 is a placebo: it must predict no change. "
        "Exit codes: 0 done, 1 failed, 2 bad input."
    )
    example = """
us-canada-2021 --crossing 3801 --from 2022-02-07 --to 2022-02-13 --observed dot1_*22.csv dot1_*21.csv entry.csv
us-canada-2021 --crossing 3801 --from 2021-06-01 --to 2021-06-30 --capacity 1 --observed dot1_*21.csv --json placebo.json
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The event and the files."""
        parser.add_argument("case", metavar="CASE", help="name of an imported case")
        parser.add_argument("--crossing", required=True, metavar="CODE", help="the crossing that was closed or slow")
        parser.add_argument("--from", required=True, type=day, dest="start", metavar="DATE", help="first day")
        parser.add_argument("--to", required=True, type=day, dest="end", metavar="DATE", help="last day, included")
        parser.add_argument(
            "--capacity", type=float, default=0.0, help="share of its service that was left: 0 closed, 1 as usual"
        )
        parser.add_argument("--observed", required=True, nargs="+", type=Path, metavar="FILE", help="official files")
        parser.add_argument("--draws", type=int, default=100, help="draws of the uncertain numbers; 0: central values")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--closure", choices=Closure.values, default=Closure.WORLD_SHARE)
        parser.add_argument(
            "--waits-held",
            action="store_true",
            help="first round of a closure: waits at the other crossings stay as they were",
        )
        parser.add_argument("--json", type=Path, metavar="FILE", help="write everything here too")

    def run(self, **options: Any) -> None:
        """Predicts, scores and reports."""
        case = Case.objects.filter(name=options["case"]).first()
        if case is None:
            names = ", ".join(Case.objects.order_by("name").values_list("name", flat=True)) or "none yet"
            raise base.BadInput(f"There is no case {options['case']!r}. Imported: {names}.")
        request = BacktestRequest(
            crossing=options["crossing"],
            start=options["start"],
            end=options["end"],
            observed=options["observed"],
            capacity=options["capacity"],
            draws=options["draws"],
            seed=options["seed"],
            closure=options["closure"],
            waits_held=options["waits_held"],
        )
        try:
            found = backtest(case, request, self.progress)
        except RunRefused as refusal:
            raise base.BadInput("\n".join([*refusal.problems, "Nothing was changed."])) from refusal
        except RunFailed as failure:
            raise CommandError(str(failure)) from failure
        self.progress.clear()
        self.report(found)
        if options["json"]:
            options["json"].write_text(json.dumps(rounded(found), indent=2) + "\n", encoding="utf-8")
            self.stdout.write(f"json  {options['json']}")

    def report(self, found: dict[str, Any]) -> None:
        """The prediction, the months and the score."""
        write = self.stdout.write
        write(
            f"{found['crossing_name']} ({found['crossing']}) at {100 * found['capacity']:g} % of its service, "
            f"{found['from']} to {found['to']}"
        )
        write("Predicted during the event, as a share of before (median, 5 to 95 % of the draws):")
        for row in found["prediction"][:SHOWN]:
            ratio, wait = row["trade_ratio"], row["wait_during_minutes"]
            write(
                f"  {row['crossing']} {row['name'][:24]:<24} into {row['entered']}: goods {ratio['q50']:.3f} "
                f"({ratio['q05']:.3f} to {ratio['q95']:.3f}), wait {row['wait_before_minutes']:.0f} -> {wait['q50']:.0f} min"
            )
        loss = found["loss"]
        write(
            f"Goods trade lost, not diverted: {100 * loss['goods_trade_lost_share']['q50']:z.2f} %; welfare over "
            f"{loss['days']} days: {loss['ev_musd']['q50']:z,.1f} million"
        )
        for measure, score in found["score"].items():
            unit, scale = UNITS[measure]
            write(f"Observed, {unit} a month (expected without the event, predicted, observed, error, usual error):")
            for row in [one for one in found["months"] if one["measure"] == measure][:SHOWN]:
                noise = "-" if row["noise_share"] is None else f"{100 * row['noise_share']:.1f} %"
                write(
                    f"  {row['month']} {row['crossing']} into {row['entered']}: {row['expected'] / scale:>10,.1f} "
                    f"{row['predicted'] / scale:>10,.1f} {row['observed'] / scale:>10,.1f} "
                    f"{100 * (row['error_share'] or 0):>7.1f} % {noise:>8}"
                )
            skill = "none claimed (no change predicted)" if score["skill"] is None else f"{score['skill']:.2f}"
            write(
                f"  All crossings: error {100 * (score['absolute_error_share'] or 0):.1f} % of what was expected, without "
                f"the event's prediction {100 * (score['naive_absolute_error_share'] or 0):.1f} %; skill {skill}"
            )
        for words in found["passed_over"]:
            self.stderr.write(self.style.WARNING(f"passed over: {words}"))
