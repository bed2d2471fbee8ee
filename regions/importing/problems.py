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
        # Errors of large files that were counted and not kept.
        self._more: Counter[str] = Counter()

    def count_more(self, kind: str, count: int) -> None:
        """Further errors of a kind, of which only the number is known."""
        if count > 0:
            self._more[kind] += count

    def merge(self, other: Problems) -> None:
        """Takes over everything of another list."""
        self._problems.extend(other._problems)
        self._more.update(other._more)

    @property
    def error_count(self) -> int:
        """All errors, those that were only counted included."""
        return len(self.errors) + self._more.total()

    def more(self, severity: Severity) -> Counter[str]:
        """What was counted and not kept; warnings are always kept."""
        return self._more if severity == "error" else Counter()

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
        more = self.more(severity)
        total = len(chosen) + more.total()
        if total > min(len(chosen), shown):
            lines.append(f"... and {total - min(len(chosen), shown)} more. All {total} {severity}s by kind:")
            lines += [f"  {kind}: {count}" for kind, count in sorted((count_by_kind(chosen) + more).items())]
        return lines

    def as_json(self, shown: int = SHOWN_PROBLEMS) -> dict[str, Any]:
        """For the batch: counts by kind and the first problems of each severity."""
        return {
            name: {
                "count": len(chosen) + more.total(),
                "by_kind": dict(sorted((count_by_kind(chosen) + more).items())),
                "first": [problem.as_dict() for problem in chosen[:shown]],
            }
            for name, chosen, more in (
                ("errors", self.errors, self.more("error")),
                ("warnings", self.warnings, self.more("warning")),
            )
        }


def count_by_kind(problems: Iterable[Problem]) -> Counter[str]:
    return Counter(problem.kind for problem in problems)


class ImportRefused(Exception):
    """The input has errors; nothing was changed."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(f"{problems.error_count} errors")
        self.problems = problems
