"""The engine: from a shock to trade costs, flows, balances, welfare and rank. Pure: arrays in, arrays out, no Django."""

from pathlib import Path

from planner.engine.compiled_cache import keep_apart

keep_apart(Path(__file__).parent)
