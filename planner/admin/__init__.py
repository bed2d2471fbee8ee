"""The planner's part of the admin."""

from planner.admin import interventions, parameters, people, runs, schedules

__all__ = ["interventions", "parameters", "people", "runs", "schedules"]
