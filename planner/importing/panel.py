"""The panel of the `elasticities` command: the columns that a formula names, as typed columns of one table."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from planner.engine.gravity_formula import Formula
from regions.importing.problems import ImportRefused, Problem, Problems
from regions.importing.readers import decode, parse_csv
from regions.importing.schema import Column, Table


def read_panel(path: Path, formula: Formula, clusters: Sequence[str] = ()) -> tuple[pd.DataFrame, str]:
    """The panel, its index the lines of the file, and the SHA-256 of its bytes; other columns are left out.

    Raises `ImportRefused` with every problem: missing columns, empty cells, texts where numbers belong, negative trade.
    """
    problems = Problems()
    try:
        content = path.read_bytes()
    except OSError as error:
        expectation = f"expected a readable file ({error.strerror})"
        problems.add(Problem(path.name, 0, "", str(path), expectation, "missing_file"))
        raise ImportRefused(problems) from error
    text, faults = decode(content, path.name)
    problems.extend(faults)
    rows = []
    if text is not None:
        found = parse_csv(text, _table(path.name, formula, clusters))
        problems.extend(found.problems)
        rows = found.rows
    if problems.errors:
        raise ImportRefused(problems)
    names = list(rows[0].values)
    lines = pd.Index([row.line for row in rows], name="row")
    return pd.DataFrame({name: [row[name] for row in rows] for name in names}, index=lines), hashlib.sha256(
        content
    ).hexdigest()


def _table(file: str, formula: Formula, clusters: Sequence[str]) -> Table:
    """Columns of numbers with their bounds, then columns that name groups; rows need no key."""
    numbers = tuple(
        Column(
            name, "number",
            minimum=0.0 if name == formula.outcome else None,
            above=0.0 if name in formula.log_columns else None,
            unit="0 where nothing is traded; leave out rows of unknown trade" if name == formula.outcome else "",
        )
        for name in formula.number_columns
    )  # fmt: skip
    groups = dict.fromkeys((*formula.group_columns, *clusters))
    names = tuple(Column(name, "text") for name in groups if name not in formula.number_columns)
    return Table(file, numbers + names, key=(), required=True)
