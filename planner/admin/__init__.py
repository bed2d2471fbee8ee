"""The planner's part of the admin."""

from planner.admin import channels, imports, interventions, parameters, people, runs, scenarios, schedules

__all__ = ["channels", "imports", "interventions", "parameters", "people", "runs", "scenarios", "schedules"]
