"""The planner's part of the admin."""

from planner.admin import interventions, parameters, runs

__all__ = ["interventions", "parameters", "runs"]
