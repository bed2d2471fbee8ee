"""One format that can be imported: what it is called, what it knows, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regions.importing.columnar import AnyColumn, CodeColumn, plain_name
from regions.importing.requests import Field, FileColumns, Option, Report, Request
from regions.importing.schema import Column

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Format:
    """`page`: its documentation below docs. `kinds`: what files it comes in (see FileColumns.kind)."""

    id: str
    title: StrOrPromise
    description: StrOrPromise
    page: str
    kinds: tuple[str, ...]
    run: Callable[[Request], Report]
    fields: tuple[Field, ...] = ()
    options: tuple[Option, ...] = ()
    needs_case: bool = False
    several_files: bool = False
    can_map: bool = False
    # Columns beside the required ones of which a file must have at least one.
    one_of: tuple[str, ...] = ()

    def likeness(self, seen: FileColumns) -> float:
        """How likely a file with these columns is of this format, 0 to 1."""
        if seen.kind not in self.kinds:
            return 0.0
        if not self.fields:
            return 1.0
        names = {plain_name(name) for name in seen.names}
        matched = {one.name for one in self.fields if names & set(map(plain_name, (one.name, *one.synonyms)))}
        required = {one.name for one in self.fields if one.required}
        found = len(required & matched) / max(len(required), 1)
        # What is missing can be mapped, or be the same in every row; but less than half is another kind of file.
        least = 0.5 if self.can_map else 1.0
        if found < least or (self.one_of and not matched & set(self.one_of)):
            return 0.0
        return found * len(matched) / max(len(names), len(required), 1)


@dataclass(frozen=True)
class Detection:
    """A format that a file may be, and how likely it is, 0 to 1."""

    format: Format
    likeness: float


def field_of(column: Column | AnyColumn) -> Field:
    """A column of either dictionary as a field."""
    if isinstance(column, Column):
        expectation = column.expectation + ("; may be empty" if column.blank else "")
        return Field(
            column.name,
            column.unit,
            column.required,
            expectation,
            column.description,
            column.synonyms,
            column.choices,
        )
    unit = "" if isinstance(column, CodeColumn) else column.unit
    expectation = "" if isinstance(column, CodeColumn) else column.expectation
    return Field(column.name, unit, column.required, expectation, column.description, column.synonyms)
