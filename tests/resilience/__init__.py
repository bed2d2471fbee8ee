"""Runs on real servers while workers, broker, database, clock and disk fail; scripts that CI runs."""
