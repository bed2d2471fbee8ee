"""The engine on plain files: one shock to given flows, for economists who bring their own data."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from planner.engine.counterfactual import Counterfactual, run_counterfactual
from planner.engine.errors import EngineError
from planner.engine.types import CLOSURES, STAGES
from planner.engine.version import ENGINE_VERSION
from planner.importing.plain_files import PlainFiles, read_plain_files
from regions.management.base import BadInput
from regions.management.base import Command as BaseCommand

DIGITS = 12


def positive(text: str) -> float:
    """A number above zero, for argparse."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise ArgumentTypeError(f"{text} is not a number above zero")
    return value


def share(text: str) -> float:
    """A number from 0 to 1, for argparse."""
    value = float(text)
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"{text} is not a number from 0 to 1")
    return value


class Command(BaseCommand):
    """See `help`."""

    help = (
        "Solve one counterfactual on plain CSV files and write places.csv, flows.csv and run.json. "
        "flows: origin,destination[,sector],value[,tariff], own sales included; "
        "shocks: origin,destination[,sector] and any of cost_ratio, log_trade, tariff (a shock without a sector meets "
        "all sectors of the pair)."
    )
    example = """
--flows flows.csv --shocks nafta.csv --theta 6 --out results
--flows flows.csv --shocks tariffs.csv --theta-file theta.csv --io io.csv --value-added va.csv --out results
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of product.md 2."""
        parser.add_argument("--flows", type=Path, required=True, metavar="FILE")
        parser.add_argument("--shocks", type=Path, required=True, metavar="FILE")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the results")
        elasticity = parser.add_mutually_exclusive_group()
        elasticity.add_argument("--theta", type=positive, default=5.0, help="trade elasticity of all sectors (5)")
        elasticity.add_argument("--theta-file", type=Path, metavar="FILE", help="sector,theta")
        parser.add_argument("--io", type=Path, metavar="FILE", help="place,input,sector,share")
        parser.add_argument("--value-added", type=Path, metavar="FILE", help="place,sector,share")
        parser.add_argument("--deficits", type=Path, metavar="FILE", help="place,value; must equal those of the flows")
        parser.add_argument("--currency", type=Path, metavar="FILE", help="place,value (after/before); short_run only")
        parser.add_argument("--closure", choices=CLOSURES, default="world_share")
        parser.add_argument("--sigma", type=share, help="propensity of absorption (1) or short_run (0, below 1)")
        parser.add_argument("--pass-through", type=share, default=1.0, help="of the currency into border prices (1)")
        parser.add_argument("--stage", choices=STAGES, default="full")
        parser.add_argument("--tol", type=positive, default=1e-12, help="largest relative excess demand (1e-12)")
        parser.add_argument(
            "--negative-final",
            choices=("refuse", "zero"),
            default="refuse",
            help="negative final spending implied by the files: refuse it, or count it as none, scale the other "
            "shares up and re-solve the baseline first, as Caliendo & Parro (2015) do",
        )

    def run(self, **options: Any) -> None:
        """Read, solve, write; nothing is written unless all of it is."""
        closure, out = options["closure"], options["out"]
        if options["currency"] and closure != "short_run":
            raise BadInput(f"--currency has meaning only with --closure short_run: it is neutral under {closure}.")
        sigma = options["sigma"] if options["sigma"] is not None else (0.0 if closure == "short_run" else 1.0)
        if closure == "short_run" and sigma >= 1:
            raise BadInput(f"--sigma {sigma:g}: expected a number below 1 with --closure short_run.")
        if out.exists() and not out.is_dir():
            raise BadInput(f"--out {out}: expected a folder, found a file.")
        files = PlainFiles(
            options["flows"], options["shocks"], options["io"], options["value_added"], options["theta_file"],
            options["deficits"], options["currency"],
        )  # fmt: skip
        self.progress(0, 3, "reading")
        given = read_plain_files(
            files,
            theta=options["theta"],
            pass_through=options["pass_through"],
            negative_final=options["negative_final"],
        )
        for problem in given.warnings:
            self.stderr.write(str(problem))
        self.progress(1, 3, "solving")
        try:
            result = run_counterfactual(
                given.accounts, given.shock, given.theta, closure=closure, sigma=sigma, stage=options["stage"],
                tolerance=options["tol"], re_solve=options["negative_final"] == "zero",
            )  # fmt: skip
        except EngineError as error:
            raise CommandError(f"The run failed: {error}") from error
        self.progress(2, 3, "writing")
        record = {**result.solution, "sigma": sigma, "tolerance": options["tol"], "engine_version": ENGINE_VERSION,
                  "theta": dict(zip(given.accounts.sectors, given.theta.tolist(), strict=True)),
                  "input_sha256": given.digests}  # fmt: skip
        _write(result, record, out)
        self.progress.clear()
        for name in ("places.csv", "flows.csv", "run.json"):
            self.stdout.write(str(out / name))


def _write(result: Counterfactual, record: dict[str, Any], out: Path) -> None:
    """All three files or none: written beside their place, then moved there."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"--out {out}: expected a folder that can be made ({error.strerror}).") from error
    staging = Path(tempfile.mkdtemp(prefix=".counterfactual-", dir=out))
    try:
        options = {"index": False, "float_format": f"%.{DIGITS}g", "encoding": "utf-8", "lineterminator": "\n"}
        result.places.to_csv(staging / "places.csv", **options)
        result.flows.to_csv(staging / "flows.csv", **options)
        (staging / "run.json").write_text(json.dumps(record, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        for name in ("places.csv", "flows.csv", "run.json"):
            os.replace(staging / name, out / name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
