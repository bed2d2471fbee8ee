"""Where other apps add tables of their own to a case folder, so that one transaction loads all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from regions.importing.folder import CaseFolder
from regions.importing.problems import Problem
from regions.importing.schema import Table

if TYPE_CHECKING:
    from django.db.models import Model

    from regions.models import Case, ImportBatch


@dataclass(frozen=True)
class CaseContext:
    """What a reader of further tables may refer to: the ids of the case that is being imported."""

    name: str
    year: int
    currency: str
    price_year: int
    economies: frozenset[str] = frozenset()
    # place id -> economy id
    places: Mapping[str, str] = field(default_factory=dict)
    sectors: frozenset[str] = frozenset()
    # crossing code -> the ids of the two places it joins
    crossings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    # False where a table that defines ids could not be read: references to them are then not to be checked.
    complete: bool = True


class CaseTables(Protocol):
    """Tables of a case folder that another app owns.

    `tables`: the column dictionaries, for the documentation. `files`: every file name it reads, with those it can do
    without. `models`: the models that `load` writes, those that others point at first. `read` has no database and
    returns its rows (any type, handed back to `load` as they are) and all problems. `load` runs inside the import's transaction,
    after regions, sectors, crossings and flows are stored, and before those that the new files no longer have are
    deleted. It updates rows by natural key when the case was there before, sets `batch` on what it stores, and
    returns the number of rows by file.
    """

    tables: tuple[Table, ...]
    files: tuple[str, ...]
    models: tuple[type[Model], ...]

    def read(self, folder: CaseFolder, context: CaseContext) -> tuple[Any, list[Problem]]: ...

    def load(self, case: Case, rows: Any, batch: ImportBatch) -> dict[str, int]: ...


_registered: list[CaseTables] = []


def register_case_tables(tables: CaseTables) -> None:
    """Called once from AppConfig.ready() of the app that owns the tables; a second call with the same one is a no-op."""
    if tables not in _registered:
        _registered.append(tables)


def registered_case_tables() -> tuple[CaseTables, ...]:
    return tuple(_registered)
