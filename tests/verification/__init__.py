"""Results that others published, reproduced; not verified where the reference data is absent."""
