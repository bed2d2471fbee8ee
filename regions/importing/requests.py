"""What is asked of an importer and what it answers: fields, options, requests and reports of every format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from regions.importing.problems import Problems

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from regions.models import Case, ImportBatch

Outcome = Literal["loaded", "unchanged", "checked"]
# done, total, what is being done
Progress = Callable[[int, int, str], None]

SHOWN_DIFFERENCES = 50
SAMPLE_ROWS = 5
# A mapped value that begins so is the same in every row: {"vehicle_class": "=truck"}.
CONSTANT = "="


@dataclass(frozen=True)
class Field:
    """One column that a format knows. `expectation` says in words what a cell must hold."""

    name: str
    unit: str = ""
    required: bool = True
    expectation: str = ""
    description: str = ""
    synonyms: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """A choice of the person who imports, beside the mapping of columns. `choices` empty: any text."""

    name: str
    label: StrOrPromise
    help: StrOrPromise = ""
    type: Literal["text", "flag"] = "text"
    choices: tuple[str, ...] = ()
    default: Any = ""


@dataclass(frozen=True)
class FileColumns:
    """What was seen of a file without reading all of it."""

    # csv, xlsx, parquet, geopackage, shapefile, geojson, case
    kind: str
    names: tuple[str, ...] = ()
    # The first rows as texts, in the order of `names`.
    sample: tuple[tuple[str, ...], ...] = ()
    # Sheets of a workbook or layers of a geographic file; the first is read unless options["layer"] names another.
    layers: tuple[str, ...] = ()
    # The coordinate system that the file names, and the type of its shapes.
    crs: str = ""
    geometry: str = ""
    # Data rows, where the file says so without being read.
    rows: int | None = None


@dataclass(frozen=True)
class Request:
    """One import that is asked for."""

    paths: tuple[Path, ...]
    case: Case | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    dry_run: bool = False
    user: Any = None
    progress: Progress | None = None

    @property
    def path(self) -> Path:
        """The only file."""
        (path,) = self.paths
        return path


@dataclass
class Report:
    """What an import did, or would do (`checked`: a dry run, nothing is stored)."""

    format: str
    outcome: Outcome
    rows: dict[str, int] = field(default_factory=dict)
    # table -> {created, updated, unchanged, deleted}
    changes: dict[str, dict[str, int]] = field(default_factory=dict)
    # The first rows that differ: table, key, action (created, updated, deleted), before, after.
    differences: list[dict[str, Any]] = field(default_factory=list)
    quality: dict[str, Any] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)
    batches: tuple[ImportBatch, ...] = ()
    case_name: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a page, the API or a row of a background job."""
        return {
            "format": self.format,
            "outcome": self.outcome,
            "rows": self.rows,
            "changes": self.changes,
            "differences": self.differences[:SHOWN_DIFFERENCES],
            "quality": self.quality,
            "problems": self.problems.as_json(),
            "batches": [batch.pk for batch in self.batches],
            "case": self.case_name,
        }
