"""`manage.py estimate CASE`: estimate and rank a case's interventions, with reports."""

import os
import time
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction

from planner import tasks
from planner.config.embedded import embedded_worker
from planner.management.ranking_table import ranking_lines
from planner.models import Run
from planner.models.scenario import LEAST_DRAWS, MOST_DRAWS, MOST_SEED
from planner.models.vocabulary import Closure, Criterion, RunState, Standing
from planner.reports import Report
from planner.reports.cover import run_cover
from planner.selectors import run_context
from planner.services import RunRefused, run_cancel, run_start
from regions.management import base
from regions.models import Case

POLL_SECONDS = 0.1
SWEEP_SECONDS = 10
REPORT_FORMATS = ("html", "json", "csv")
SHOWN_PROBLEMS = 50


class Command(base.Command):
    """Start a run, follow it to its end, print the ranking and write the reports."""

    help = (
        "Estimate what each intervention of a case would do, rank them, and write the report as HTML, JSON and CSV. "
        "Exit codes: 0 done, 1 the run failed, 2 bad input, 130 interrupted (the run is cancelled)."
    )
    example = """
us-canada-2023
us-canada-2023 --draws 500 --seed 1 --closure world_share --criterion imbalance --workers 4 --json ranking.json
us-canada-2023 --intervention gordie-howe-bridge customs-training --closure short_run
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which case, which interventions, under what."""
        parser.add_argument("case", help="name of an imported case")
        parser.add_argument("--intervention", nargs="+", action="extend", metavar="ID", help="only these; default: all")
        parser.add_argument("--draws", type=_number(LEAST_DRAWS, MOST_DRAWS), default=500, help="draws; default 500")
        parser.add_argument("--seed", type=_number(0, MOST_SEED), default=1, help="seed of the draws; default 1")
        parser.add_argument("--closure", choices=Closure.values, default=Closure.WORLD_SHARE.value)
        parser.add_argument("--criterion", choices=Criterion.values, default=Criterion.IMBALANCE.value)
        parser.add_argument(
            "--standing", choices=Standing.values, default=Standing.BORDER.value, help="whose welfare counts"
        )
        parser.add_argument(
            "--workers",
            type=_number(0, 64),
            metavar="N",
            help="worker threads in this process; 0: workers run elsewhere",
        )
        parser.add_argument("--json", type=Path, metavar="FILE", help="also write the JSON report to this file")
        parser.add_argument(
            "--out", type=Path, metavar="DIR", help="folder of the reports; default: reports in the data folder"
        )

    def run(self, **options: Any) -> None:
        """Estimate, print, write."""
        case = find_case(options["case"])
        chosen = {name: options[name] for name in ("draws", "seed", "closure", "criterion", "standing")}
        folder = options["out"] or Path(settings.DATA_DIR) / "reports"
        refuse_unwritable([folder, *([options["json"].absolute().parent] if options["json"] else [])])
        try:
            with transaction.atomic():
                started = run_start(case, slugs=options["intervention"], settings=chosen)
                tasks.enqueue_run(started.run)
        except RunRefused as refused:
            raise base.BadInput(problem_text(refused.problems)) from refused
        run = self.follow(started.run, options["workers"])
        if run.state != RunState.DONE:
            raise CommandError(f"run {run.pk} {run.get_state_display().lower()}: {run.reason}", returncode=base.FAILED)
        context = run_context(run)  # made by the worker that ended the run
        self.stdout.write("\n".join(ranking_lines(context)))
        self.stdout.write("")
        report = Report(run, context, run_cover(run))
        targets = [(kind, folder / f"{case.name}-run-{run.pk}.{kind}") for kind in REPORT_FORMATS]
        if options["json"]:
            targets.append(("json", options["json"]))
        for kind, path in targets:
            write_whole(report, kind, path)
            self.stdout.write(f"{kind:<5} {path}")

    def follow(self, run: Run, workers: int | None) -> Run:
        """Wait for the run's end behind a progress bar; Ctrl-C cancels the run."""
        total = run.parts.count()
        try:
            with embedded_worker(threads=workers):
                next_sweep = time.monotonic()
                while not run.is_finished:
                    if time.monotonic() >= next_sweep:
                        # Messages that were lost and parts of workers that died are put back here too.
                        tasks.sweep_runs()
                        next_sweep = time.monotonic() + SWEEP_SECONDS
                    self.progress(run.parts.exclude(finished_at=None).count(), total, "parts")
                    time.sleep(POLL_SECONDS)
                    run.refresh_from_db(fields=["state", "reason", "finished_at"])
        except KeyboardInterrupt:
            run_cancel(run.pk)
            raise
        self.progress.clear()
        return Run.objects.select_related("case", "snapshot").get(pk=run.pk)


def find_case(name: str) -> Case:
    """The imported case of that name, or exit 2 with those that there are."""
    case = Case.objects.filter(name=name).first()
    if case is None:
        known = (
            ", ".join(Case.objects.values_list("name", flat=True)) or "none; import one with manage.py import_case DIR"
        )
        raise base.BadInput(f"no case {name!r}; imported cases: {known}")
    return case


def problem_text(problems: list[str]) -> str:
    """The first problems, one a line, and how many more there are."""
    lines = [f"{len(problems)} problem{'s' if len(problems) != 1 else ''}:", *problems[:SHOWN_PROBLEMS]]
    if len(problems) > SHOWN_PROBLEMS:
        lines.append(f"... and {len(problems) - SHOWN_PROBLEMS} more")
    return "\n".join(lines)


def refuse_unwritable(folders: list[Path]) -> None:
    """Say before the work that a report could not be written after it."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise base.BadInput(f"cannot make the folder {folder}: {error.strerror}") from error
        if not os.access(folder, os.W_OK):
            raise base.BadInput(f"cannot write to the folder {folder}")


def write_whole(report: Report, kind: str, path: Path) -> None:
    """Write next to the target and put it in place at once, so that nobody finds half a report."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        report.write(kind, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _number(least: int, most: int) -> Any:
    """A whole number within bounds, for argparse."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise ArgumentTypeError(f"{text!r}: expected a whole number from {least} to {most}")
        return value

    return read
