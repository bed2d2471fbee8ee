"""The planner's part of the admin."""

from planner.admin import channels, interventions, parameters, people, runs, scenarios, schedules

__all__ = ["channels", "interventions", "parameters", "people", "runs", "scenarios", "schedules"]
