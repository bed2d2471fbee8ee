"""`manage.py portfolio RUN`: the best set of a run's interventions under a budget, verified by a joint solve."""

from __future__ import annotations

import json
import math
import os
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from planner import snapshot
from planner.management.commands.estimate import problem_text, refuse_unwritable
from planner.management.commands.report import find_run
from planner.management.portfolio_table import portfolio_lines
from planner.models.vocabulary import RunState
from planner.services.errors import RunRefused
from planner.services.portfolios import COUNTED, PortfolioFailed, PortfolioRequest, run_portfolio
from regions.management import base

DIGITS = 9
MOST_DELAY = 30


def amount(text: str) -> float:
    """An amount of at least 0, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise ArgumentTypeError(f"{text!r}: expected an amount of at least 0")
    return value


def year_amount(text: str) -> tuple[int | None, float]:
    """`2026=120`, or an amount for every year, for argparse."""
    year, equals, value = text.rpartition("=")
    if equals and not (year.isdigit() and len(year) == 4):
        raise ArgumentTypeError(f"{text!r}: expected YEAR=AMOUNT or one AMOUNT for every year")
    return (int(year) if equals else None), amount(value)


def couple(text: str) -> tuple[str, str]:
    """`ID:NEEDED`, for argparse."""
    one, colon, other = text.partition(":")
    if not (one and colon and other):
        raise ArgumentTypeError(f"{text!r}: expected ID:NEEDED")
    return one, other


def group(text: str) -> tuple[str, ...]:
    """`ID,ID[,ID]`, for argparse."""
    ids = tuple(part.strip() for part in text.split(",") if part.strip())
    if len(set(ids)) < 2:
        raise ArgumentTypeError(f"{text!r}: expected two or more different ids separated by commas")
    return ids


def delay(text: str) -> int:
    """Years of delay, for argparse."""
    if not text.isdigit() or int(text) > MOST_DELAY:
        raise ArgumentTypeError(f"{text!r}: expected a whole number from 0 to {MOST_DELAY}")
    return int(text)


def rate(text: str) -> float:
    """A discount rate within the range of the parameter, for argparse."""
    low, high = snapshot.parameter_limits("discount_rate") or (-1.0, 1.0)
    value = float(text)
    if not low < value <= high:
        raise ArgumentTypeError(f"{text} is not a rate above {low:g} and at most {high:g}: 0.05 stands for 5 % a year")
    return value


class Command(base.Command):
    """Choose, verify, print, write."""

    help = (
        "Choose the set of a finished run's interventions that narrows the imbalance most (or raises welfare most) within "
        "a budget. Interactions are counted: every pair is solved jointly, the chosen set is solved as one. Central "
        "parameter values; docs/portfolio.md explains the numbers. Exit codes: 0 done, 1 no set was found, 2 bad input."
    )
    example = """
12 --budget 500
12 --budget 500 --frontier --objective welfare --json portfolio.json
12 --budget 500 --frontier 100 250 1000 --exclude gordie-howe-bridge,detroit-rail-tunnel --needs electronic-trade-documents:customs-training
12 --budget 500 --yearly 2026=80 2027=120 --carry-over --phase 5
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of docs/portfolio.md."""
        parser.add_argument("run_number", metavar="RUN", type=int, help="number of the run")
        parser.add_argument(
            "--budget", type=amount, required=True, help="million over all years, in the case's currency and price year"
        )
        parser.add_argument("--objective", choices=("imbalance", "welfare"), default="imbalance")
        parser.add_argument(
            "--frontier", type=amount, nargs="*", metavar="BUDGET", help="also the best set at other budgets"
        )
        parser.add_argument(
            "--yearly", type=year_amount, nargs="+", default=[], metavar="YEAR=AMOUNT",
            help="budgets of single years, or one amount for every year",
        )  # fmt: skip
        parser.add_argument("--carry-over", action="store_true", help="what a year leaves may be spent in later years")
        parser.add_argument(
            "--phase", type=delay, metavar="YEARS", help="also a plan over years: any start may be put off by this many"
        )
        parser.add_argument("--from", dest="first_year", type=int, metavar="YEAR", help="first year of the plan")
        parser.add_argument("--to", dest="last_year", type=int, metavar="YEAR", help="last year of the plan")
        parser.add_argument("--discount-rate", type=rate, help="per year; default: the run's parameter")
        parser.add_argument(
            "--exclude", type=group, action="append", default=[], metavar="ID,ID", help="at most one of these"
        )
        parser.add_argument(
            "--needs",
            type=couple,
            action="append",
            default=[],
            metavar="ID:NEEDED",
            help="the first only with the second",
        )
        parser.add_argument("--with", nargs="+", default=[], metavar="ID", dest="required", help="must be in the set")
        parser.add_argument("--without", nargs="+", default=[], metavar="ID", dest="left_out", help="may not be in it")
        parser.add_argument(
            "--free", nargs="*", metavar="ID", help="take these as free where no cost is known; no id: all of them"
        )
        parser.add_argument("--restrictive", action="store_true", help="restrictive measures may be chosen too")
        parser.add_argument("--costs", choices=sorted(COUNTED), default="all", help="which costs count; default: all")
        parser.add_argument("--draws", type=int, metavar="N", help="draws of the chosen set; default: those of the run")
        parser.add_argument("--json", type=Path, metavar="FILE", help="everything as JSON")

    def run(self, **options: Any) -> None:
        """Find the run, choose, print, write."""
        run = find_run(options["run_number"])
        if run.state != RunState.DONE:
            raise CommandError(
                f"run {run.pk} has no results, it is {run.get_state_display().lower()}", returncode=base.FAILED
            )
        if options["json"]:
            refuse_unwritable([options["json"].absolute().parent])
        request = request_of(options)
        try:
            document = run_portfolio(run, request, self.progress)
        except RunRefused as refused:
            raise base.BadInput(problem_text(refused.problems)) from refused
        except PortfolioFailed as failed:
            raise CommandError(str(failed), returncode=base.FAILED) from failed
        finally:
            self.progress.clear()
        self.stdout.write("\n".join(portfolio_lines(document)))
        if options["json"]:
            write_json(document, options["json"])
            self.stdout.write(f"json  {options['json']}")


def request_of(options: dict[str, Any]) -> PortfolioRequest:
    """The options as a request; wrong combinations of options exit with 2."""
    problems = []
    given = options["yearly"]
    single = [value for year, value in given if year is None]
    years = [year for year, _ in given if year is not None]
    if single and len(given) > 1:
        problems.append("--yearly: give either one amount for every year or YEAR=AMOUNT for some")
    problems += [
        f"--yearly: {year} is given twice" for year in sorted({year for year in years if years.count(year) > 1})
    ]
    if options["phase"] is None and any(
        options[name] is not None for name in ("first_year", "last_year", "discount_rate")
    ):
        problems.append("--from, --to and --discount-rate belong to a plan over years: give --phase too")
    if options["draws"] is not None and options["draws"] < 0:
        problems.append(f"--draws {options['draws']}: expected 0 or more")
    if problems:
        raise base.BadInput(problem_text(problems))
    free = options["free"]
    return PortfolioRequest(
        budget=options["budget"],
        objective=options["objective"],
        yearly=single[0] if single else {year: value for year, value in given if year is not None},
        carry_over=options["carry_over"],
        frontier=None if options["frontier"] is None else tuple(options["frontier"]),
        exclusions=tuple(options["exclude"]),
        prerequisites=tuple(options["needs"]),
        required=tuple(options["required"]),
        left_out=tuple(options["left_out"]),
        free=() if free is None else tuple(free) or ("*",),
        counted=options["costs"],
        restrictive=options["restrictive"],
        most_delay=options["phase"],
        first_year=options["first_year"],
        last_year=options["last_year"],
        discount_rate=options["discount_rate"],
        draws=options["draws"],
    )


def write_json(document: dict[str, Any], path: Path) -> None:
    """Nine significant digits; written beside its place, then moved there."""

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
