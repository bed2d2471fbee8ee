"""The planner's part of the admin."""
