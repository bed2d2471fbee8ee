"""Reports: one context of numbers, many writers."""

from planner.reports.writers import FORMATS, Report

__all__ = ["FORMATS", "Report"]
