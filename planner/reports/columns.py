"""Columns and tables of numbers: names, types and units, the same in every file."""

from dataclasses import dataclass

from planner.reports.table_rows import Row


@dataclass(frozen=True)
class Column:
    """`kind` is text, number, whole or flag; `unit` is empty for text."""

    name: str
    kind: str
    unit: str
    description: str


@dataclass(frozen=True)
class Table:
    """Rows of one kind of thing; `key` names the columns that tell rows apart."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: list[Row]


def text_column(name: str, description: str) -> Column:
    return Column(name, "text", "", description)


def number_column(name: str, unit: str, description: str) -> Column:
    return Column(name, "number", unit, description)


def whole_column(name: str, unit: str, description: str) -> Column:
    return Column(name, "whole", unit, description)


def flag_column(name: str, description: str) -> Column:
    return Column(name, "flag", "yes or no", description)
