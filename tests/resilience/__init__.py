"""Runs on real servers while workers are killed and the broker loses everything."""
