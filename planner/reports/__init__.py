"""Reports: one context of numbers, many writers."""

from planner.reports.writers import FORMATS, write

__all__ = ["FORMATS", "write"]
