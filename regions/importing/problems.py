"""What is wrong with an input: one problem names file, row, column, value and what is expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]

SHOWN_PROBLEMS = 50
SHOWN_VALUE_LENGTH = 80


@dataclass(frozen=True)
class Problem:
    """One fault of one input. `row` is the line number in the file (the header is line 1); 0 = the whole file."""

    file: str
    row: int
    column: str
    value: str
    expectation: str
    kind: str
    severity: Severity = "error"

    def __str__(self) -> str:
        place = [self.file]
        if self.row:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column}")
        text = ", ".join(place)
        if self.value:
            text += f', value "{shorten(self.value)}"'
        return printable(f"{text}: {self.expectation}")

    def as_dict(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "row": self.row,
            "column": printable(self.column),
            "value": shorten(self.value),
            "expectation": printable(self.expectation),
            "kind": self.kind,
            "severity": self.severity,
        }


def printable(text: str) -> str:
    """The text without anything that a terminal or a database would choke on."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def shorten(value: str) -> str:
    """The value on one printable line, cut where it is long."""
    text = printable(value)
    return text if len(text) <= SHOWN_VALUE_LENGTH else text[: SHOWN_VALUE_LENGTH - 3] + "..."


class Problems:
    """All problems of one import, errors apart from warnings, in the order found."""

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self._problems: list[Problem] = list(problems)

    def add(self, problem: Problem) -> None:
        self._problems.append(problem)

    def extend(self, problems: Iterable[Problem]) -> None:
        self._problems.extend(problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._problems)

    def __len__(self) -> int:
        return len(self._problems)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self._problems if problem.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self._problems if problem.severity == "warning"]

    def files_with_errors(self) -> set[str]:
        return {problem.file for problem in self.errors}

    def lines(self, severity: Severity, shown: int = SHOWN_PROBLEMS) -> list[str]:
        """The first problems of a severity and, where there are more, a count by kind."""
        chosen = [problem for problem in self._problems if problem.severity == severity]
        lines = [str(problem) for problem in chosen[:shown]]
        if len(chosen) > shown:
            lines.append(f"... and {len(chosen) - shown} more. All {len(chosen)} {severity}s by kind:")
            lines += [f"  {kind}: {count}" for kind, count in sorted(count_by_kind(chosen).items())]
        return lines

    def as_json(self, shown: int = SHOWN_PROBLEMS) -> dict[str, Any]:
        """For the batch: counts by kind and the first problems of each severity."""
        return {
            name: {
                "count": len(chosen),
                "by_kind": dict(sorted(count_by_kind(chosen).items())),
                "first": [problem.as_dict() for problem in chosen[:shown]],
            }
            for name, chosen in (("errors", self.errors), ("warnings", self.warnings))
        }


def count_by_kind(problems: Iterable[Problem]) -> Counter[str]:
    return Counter(problem.kind for problem in problems)


class ImportRefused(Exception):
    """The input has errors; nothing was changed."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(f"{len(problems.errors)} errors")
        self.problems = problems
