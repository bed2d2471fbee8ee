"""One finding about one data set, and the limits that turn a number into a grade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

GRADES = "ABCD"
COMPLETENESS, TIMELINESS, CONSISTENCY, PLAUSIBILITY, EVIDENCE = DIMENSIONS = (
    "completeness", "timeliness", "consistency", "plausibility", "evidence",
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What was looked at, the number that was found, its grade; `facts` are further numbers and ids for the words."""

    dataset: str
    dimension: str
    code: str
    grade: str
    value: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset,
            "dimension": self.dimension,
            "code": self.code,
            "grade": self.grade,
            "value": self.value,
            "facts": self.facts,
        }


def at_most(value: float, limits: Sequence[float]) -> str:
    """A up to the first limit, B up to the second, C up to the third, else D."""
    return next((grade for grade, limit in zip(GRADES, limits, strict=False) if value <= limit), "D")


def at_least(value: float, limits: Sequence[float]) -> str:
    """A from the first limit on, B from the second, C from the third, else D."""
    return next((grade for grade, limit in zip(GRADES, limits, strict=False) if value >= limit), "D")


def worst(grades: Iterable[str]) -> str:
    """The worst of the grades; A where there is none."""
    return max(grades, default="A")


def by_dataset(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Grade of each data set, the worst of its findings, and of each dimension that was looked at."""
    names = list(dict.fromkeys(finding.dataset for finding in findings))
    rows = []
    for name in names:
        own = [finding for finding in findings if finding.dataset == name]
        rows.append(
            {
                "dataset": name,
                "grade": worst(finding.grade for finding in own),
                **{
                    dimension: worst(grades)
                    if (grades := [finding.grade for finding in own if finding.dimension == dimension])
                    else None
                    for dimension in DIMENSIONS
                },
            }
        )
    return rows
