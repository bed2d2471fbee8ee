"""Objects for tests, one module per app."""
