"""Cells of tables that carry the stored numbers beside their texts, so that a page can be read back number by number."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from planner.reports.numbers import format_interval, format_number, interval_ends, stored_text

Part = tuple[str, str]  # text, and the stored number that it shows or nothing
NumberCell = dict[str, Any]
MARK = "\0"


def number(value: float | None, kind: str) -> NumberCell:
    """One number."""
    return {"main": format_number(value, kind), "sub": "", "main_parts": [number_part(value, kind)]}


def spread(summary: Mapping[str, Any] | None, kind: str) -> NumberCell:
    """Mean with the 90 % interval below it."""
    if not summary:
        return number(None, kind)
    low, high = summary["q05"], summary["q95"]
    below = {"sub": format_interval(low, high, kind), "sub_parts": interval_parts(low, high, kind)}
    return number(summary["mean"], kind) | below


def interval(summary: Mapping[str, Any], kind: str) -> NumberCell:
    """The 90 % interval alone."""
    low, high = summary["q05"], summary["q95"]
    return {"main": format_interval(low, high, kind), "sub": "", "main_parts": interval_parts(low, high, kind)}


def pair(value: float | None, kind: str, below: float | None, below_kind: str) -> NumberCell:
    """A number with another one below it."""
    text, stored = number_part(below, below_kind)
    return number(value, kind) | {"sub": text, "sub_parts": [(text, stored)]}


def number_part(value: float | None, kind: str) -> Part:
    return format_number(value, kind), stored_text(value)


def interval_parts(low: float | None, high: float | None, kind: str) -> list[Part]:
    """The words and numbers of `format_interval`."""
    if low is None or high is None:
        return [(format_interval(low, high, kind), "")]
    first, last = interval_ends(low, high, kind)
    words = (_("%(low)s to %(high)s") % {"low": MARK, "high": MARK}).split(MARK)
    parts = [(words[0], ""), (first, stored_text(low)), (words[1], ""), (last, stored_text(high)), (words[2], "")]
    return [part for part in parts if part[0]]
