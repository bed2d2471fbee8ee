"""The engine: from a shock to trade costs, flows, balances, welfare and rank. Pure: arrays in, arrays out, no Django."""
