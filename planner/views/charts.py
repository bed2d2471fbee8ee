"""A chart as data: what the page draws, the table that says the same, and the file names of its downloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Column:
    """A column of a chart's table; `kind` is a number format of the reports, or nothing for text."""

    key: str
    name: Any
    kind: str = ""


@dataclass(frozen=True)
class Chart:
    """One chart: `kind` names its drawing in charts.js, `options` are what that drawing needs beside the rows."""

    key: str
    kind: str
    title: Any
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    note: Any = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def data_id(self) -> str:
        """Where the script finds the data."""
        return f"chart-data-{self.key}"

    @property
    def data(self) -> dict[str, Any]:
        """What the script reads."""
        return {
            "kind": self.kind,
            "title": str(self.title),
            "file": self.key,
            "columns": [{"key": one.key, "name": str(one.name)} for one in self.columns],
            "rows": list(self.rows),
            "options": dict(self.options),
        }

    @property
    def cells(self) -> list[list[tuple[Any, str]]]:
        """The table, row by row: value and format."""
        return [[(row.get(one.key), one.kind) for one in self.columns] for row in self.rows]
