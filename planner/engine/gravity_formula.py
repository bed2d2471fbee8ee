"""The formula of a gravity equation: outcome ~ regressors | fixed effects, read without evaluating anything.

    trade ~ log(dist) + border:rta | exporter^year + importer^year + exporter^importer

A regressor is a column, its logarithm, or a product of such; a fixed effect is a column or the combination of several.
The grammar is that of pyfixest and fixest, less everything that would run code or stand for several formulas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from planner.engine.errors import InvalidSample

NAME = r"[^\W\d][\w.]*"
FACTOR = re.compile(rf"(?:(?P<log>log)\(\s*(?P<inside>{NAME})\s*\)|(?P<plain>{NAME}))\Z")
COLUMN = re.compile(rf"{NAME}\Z")
REGRESSOR_FORM = "a column, log(column), or a product such as border:log(dist)"
EFFECT_FORM = "a column, or columns joined by ^ such as exporter^year"


@dataclass(frozen=True)
class Regressor:
    """A product of columns; `logs` says which of them enter as logarithms."""

    columns: tuple[str, ...]
    logs: tuple[bool, ...]

    @property
    def name(self) -> str:
        """As written in the formula, without spaces: the name of its coefficient."""
        pairs = zip(self.columns, self.logs, strict=True)
        return ":".join(f"log({column})" if log else column for column, log in pairs)


@dataclass(frozen=True)
class Formula:
    """The parts of a gravity equation; an effect is the tuple of columns whose combinations have a constant each."""

    outcome: str
    regressors: tuple[Regressor, ...]
    effects: tuple[tuple[str, ...], ...] = ()

    @property
    def number_columns(self) -> tuple[str, ...]:
        """Columns that must hold numbers: the outcome first, then those of regressors."""
        return tuple(dict.fromkeys([self.outcome, *(name for term in self.regressors for name in term.columns)]))

    @property
    def log_columns(self) -> tuple[str, ...]:
        """Columns of which a logarithm is taken."""
        pairs = [pair for term in self.regressors for pair in zip(term.columns, term.logs, strict=True)]
        return tuple(dict.fromkeys(column for column, log in pairs if log))

    @property
    def group_columns(self) -> tuple[str, ...]:
        """Columns of fixed effects; they may hold any text."""
        return tuple(dict.fromkeys(name for effect in self.effects for name in effect))

    def __str__(self) -> str:
        text = f"{self.outcome} ~ {' + '.join(term.name for term in self.regressors)}"
        return text + (f" | {' + '.join('^'.join(effect) for effect in self.effects)}" if self.effects else "")


def read_formula(text: str) -> Formula:
    """The parts of `text`. Raises InvalidSample with every part that does not fit."""
    shape = "formula: expected outcome ~ regressors, or outcome ~ regressors | fixed effects"
    sides = text.split("~")
    if len(sides) != 2:
        raise InvalidSample([f"{shape}; found {len(sides) - 1} signs ~ in {text!r}"])
    outcome, right = sides[0].strip(), sides[1].split("|")
    if len(right) > 2:
        raise InvalidSample([f"{shape}; found {len(right) - 1} signs | in {text!r} (instruments have no place here)"])
    problems: list[str] = []
    if outcome.replace(" ", "").startswith("log("):
        problems.append(f"formula: outcome {outcome!r}; expected trade itself, not its logarithm: zeros count")
    elif not COLUMN.match(outcome):
        problems.append(f"formula: outcome {outcome!r}; expected the name of a column")
    regressors = tuple(filter(None, (_regressor(part, problems) for part in right[0].split("+"))))
    effects = tuple(filter(None, (read_effect(part, problems) for part in right[1].split("+")))) if right[1:] else ()
    formula = Formula(outcome, regressors, effects)
    for what, names in (
        ("regressor", [term.name for term in regressors]),
        ("fixed effect", ["^".join(sorted(effect)) for effect in effects]),
    ):
        repeated = sorted({name for name in names if names.count(name) > 1})
        problems += [f"formula: {what} {name} is given twice" for name in repeated]
    if any(outcome in term.columns for term in regressors):
        problems.append(f"formula: the outcome {outcome} stands among the regressors too")
    if problems:
        raise InvalidSample(problems)
    return formula


def _regressor(text: str, problems: list[str]) -> Regressor | None:
    """One term of the right side, or None and a problem."""
    columns, logs = [], []
    for factor in text.split(":"):
        found = FACTOR.match(factor.strip())
        if not found:
            problems.append(f"formula: regressor {text.strip()!r}; expected {REGRESSOR_FORM}")
            return None
        columns.append(found["inside"] or found["plain"])
        logs.append(bool(found["log"]))
    return Regressor(tuple(columns), tuple(logs))


def read_effect(text: str, problems: list[str], what: str = "fixed effect") -> tuple[str, ...] | None:
    """The columns of one fixed effect or cluster, or None and a problem."""
    columns = tuple(part.strip() for part in text.split("^"))
    if not all(COLUMN.match(column) for column in columns):
        problems.append(f"formula: {what} {text.strip()!r}; expected {EFFECT_FORM}")
        return None
    if len(set(columns)) < len(columns):
        problems.append(f"formula: {what} {text.strip()!r} names a column twice")
        return None
    return columns
