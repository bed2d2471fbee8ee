"""REST views of plans."""
