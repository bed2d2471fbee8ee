"""The reports' number formats for the planner's pages: both show the same text for the same number."""

from planner.reports.template_tags import register

__all__ = ["register"]
