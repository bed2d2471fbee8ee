"""Commands of the planner and what they print."""
