"""Template tags of the planner's pages."""
