"""Elasticities from the user's own panel of trade: PPML, written as coefficients and as rows of parameters.csv."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import tempfile
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

import pandas as pd
from django.core.management.base import CommandError

from planner.engine.errors import EngineError, InvalidSample
from planner.engine.gravity import Derived, PpmlResult, estimate_ppml, to_parameter_set
from planner.engine.gravity_formula import read_effect, read_formula
from planner.engine.types import GRADES, Parameter
from planner.engine.version import ENGINE_VERSION
from planner.importing.panel import read_panel
from regions.management.base import BadInput
from regions.management.base import Command as BaseCommand

DIGITS = 12
LEVEL = 0.95
NUMBER = r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?"
DERIVED = re.compile(
    rf"(?P<key>[a-z_]+(?::\w+)?)(?:@(?P<sector>[\w.-]+))?="
    rf"(?P<sign>-)?(?:(?P<factor>{NUMBER})\*)?(?P<coefficient>[^\W\d][^*/+-]*)(?:/(?P<divisor>{NUMBER}))?"
    rf"(?P<constant>[+-]{NUMBER})?\Z"
)


def derived(text: str) -> Derived:
    """`distance_elasticity=-log(dist)`, for argparse: a key, and a coefficient with sign, factor and constant."""
    found = DERIVED.match(text.replace(" ", ""))
    if not found or (found["divisor"] and float(found["divisor"]) == 0):
        raise ArgumentTypeError(f"{text!r} is not of the form KEY=[-][FACTOR*]COEFFICIENT[/DIVISOR][+CONSTANT]")
    factor = float(found["factor"] or 1) / float(found["divisor"] or 1) * (-1 if found["sign"] else 1)
    return Derived(
        found["key"], found["coefficient"], factor, float(found["constant"] or 0), found["sector"] or ""
    )  # fmt: skip


def date(text: str) -> str:
    """A date as YYYY-MM-DD, for argparse."""
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date as YYYY-MM-DD") from None


class Command(BaseCommand):
    """See `help`."""

    help = (
        "Estimate trade elasticities from a panel (CSV, a row for each exporter, importer and period) by Poisson "
        "pseudo-maximum likelihood with fixed effects. Writes FILE (a row for each coefficient), FILE's name with "
        ".run.json (what was estimated, rows left out) and, with --parameter, with .parameters.csv (rows for a case's "
        "parameters.csv). docs/elasticities.md has the columns and an example."
    )
    example = """
panel.csv --formula "trade ~ log(dist) + border | exporter^year + importer^year" --cluster pair --out e.csv
panel.csv --formula "trade ~ log(dist) | exporter^year + importer^year" --parameter "distance_elasticity=-log(dist)" --out e.csv
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of docs/elasticities.md."""
        parser.add_argument("panel", type=Path, metavar="PANEL", help="CSV file with the columns of the formula")
        parser.add_argument("--formula", required=True, help="outcome ~ regressors | fixed effects")
        parser.add_argument("--cluster", help="groups with correlated errors: a column, or columns joined by ^")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="CSV file of coefficients")
        parser.add_argument(
            "--parameter", type=derived, action="append", default=[], metavar="KEY=COEFFICIENT",
            help="a row of parameters.csv, as KEY[@SECTOR]=[-][FACTOR*]COEFFICIENT[/DIVISOR][+CONSTANT]; may be repeated",
        )  # fmt: skip
        parser.add_argument("--grade", choices=GRADES, default="B", help="evidence grade of those rows (B)")
        parser.add_argument("--as-of", type=date, help="their date (today)")

    def run(self, **options: Any) -> None:
        """Read, estimate, write; nothing is written unless all of it is."""
        panel_path, out = options["panel"], options["out"]
        targets = _targets(out, with_parameters=bool(options["parameter"]))
        if out.is_dir() or not out.parent.is_dir():
            raise BadInput(f"--out {out}: expected a file in a folder that exists.")
        if any(target.exists() and panel_path.exists() and target.samefile(panel_path) for target in targets):
            raise BadInput(f"--out {out}: would overwrite the panel.")
        as_of = options["as_of"] or datetime.date.today().isoformat()
        rows: tuple[Parameter, ...] = ()
        try:
            formula = read_formula(options["formula"])
            clusters = _cluster_columns(options["cluster"])
            self.progress(0, 3, "reading")
            panel, digest = read_panel(panel_path, formula, clusters)
            self.progress(1, 3, "estimating")
            result = estimate_ppml(panel, formula, options["cluster"])
            if options["parameter"]:
                rows = to_parameter_set(result, options["parameter"], as_of=as_of, grade=options["grade"])
        except InvalidSample as refusal:
            shown = refusal.problems[:50]
            more = len(refusal.problems) - len(shown)
            raise BadInput(
                "\n".join(["Nothing was written.", *shown, *([f"... and {more} more."] if more else [])])
            ) from refusal
        except EngineError as error:
            raise CommandError(f"The run failed: {error}") from error
        self.progress(2, 3, "writing")
        texts = [_coefficients(result), json.dumps(_record(result, panel, digest), indent=2) + "\n"]
        _write(targets, [*texts, *([_parameters(rows)] if rows else [])])
        self.progress.clear()
        self._print(result, targets)

    def _print(self, result: PpmlResult, targets: list[Path]) -> None:
        width = max(len(coefficient.name) for coefficient in result.coefficients)
        self.stdout.write(f"{'':{width}}   estimate  standard error  95 % interval")
        for coefficient in result.coefficients:
            low, high = coefficient.interval(LEVEL)
            self.stdout.write(
                f"{coefficient.name:{width}} {coefficient.value:10.4f} {coefficient.standard_error:15.4f}  "
                f"{low:.4f} to {high:.4f}"
            )
        errors = f"clustered by {result.cluster} ({result.clusters})" if result.cluster else "robust"
        self.stdout.write(
            f"{result.observations} rows; errors {errors}; deviance explained {result.pseudo_r2:.4f}; left out: "
            f"{len(result.separated)} separated, {len(result.singletons)} singletons"
        )
        for warning in result.warnings:
            self.stderr.write(f"Warning: {warning}")
        for target in targets:
            self.stdout.write(str(target))


def _cluster_columns(cluster: str | None) -> tuple[str, ...]:
    if not cluster:
        return ()
    problems: list[str] = []
    columns = read_effect(cluster, problems, "cluster")
    if problems:
        raise InvalidSample(problems)
    return columns or ()


def _targets(out: Path, *, with_parameters: bool) -> list[Path]:
    return [out, out.with_suffix(".run.json"), *([out.with_suffix(".parameters.csv")] if with_parameters else [])]


def _coefficients(result: PpmlResult) -> str:
    rows = [
        (item.name, item.value, item.standard_error, item.z, item.p_value, *item.interval(LEVEL))
        for item in result.coefficients
    ]
    return _csv(rows, "coefficient", "estimate", "standard_error", "z", "p_value", "low_95", "high_95")


def _parameters(rows: tuple[Parameter, ...]) -> str:
    names = ("key", "sector", "low", "central", "high", "unit", "source", "grade", "as_of")
    return _csv([tuple(getattr(row, name) for name in names) for row in rows], *names)


def _csv(rows: list[tuple[Any, ...]], *columns: str) -> str:
    table = pd.DataFrame(rows, columns=list(columns))
    return table.to_csv(index=False, float_format=f"%.{DIGITS}g", lineterminator="\n")


def _record(result: PpmlResult, panel: pd.DataFrame, digest: str) -> dict[str, Any]:
    """What was estimated, on what, and which lines of the panel were left out."""
    return {
        "formula": result.formula,
        "cluster": result.cluster,
        "observations": result.observations,
        "clusters": result.clusters,
        "fixed_effects": dict(result.effects),
        "deviance_explained": result.pseudo_r2,
        "coefficients": [item.name for item in result.coefficients],
        "covariance": result.covariance.tolist(),
        "separated_rows": panel.index[result.separated].tolist(),
        "singleton_rows": panel.index[result.singletons].tolist(),
        "warnings": list(result.warnings),
        "engine_version": ENGINE_VERSION,
        "input_sha256": digest,
    }


def _write(targets: list[Path], texts: list[str]) -> None:
    """All files or none: written beside their place, then moved there."""
    staging = Path(tempfile.mkdtemp(prefix=".elasticities-", dir=targets[0].parent))
    try:
        for target, text in zip(targets, texts, strict=True):
            (staging / target.name).write_text(text, encoding="utf-8")
        for target in targets:
            os.replace(staging / target.name, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
