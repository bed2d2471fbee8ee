"""Tests of the facts: models, imports, selectors, admin, API."""
