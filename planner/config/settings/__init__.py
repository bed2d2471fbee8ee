"""Settings by environment: dev (default), test and production, all on top of base."""
