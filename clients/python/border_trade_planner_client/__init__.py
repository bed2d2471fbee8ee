"""Python client of the border-region trade facilitation planner."""

from border_trade_planner_client.core import Connection, Problem
from border_trade_planner_client.operations import Operations

__all__ = ["Client", "Problem"]


class Client(Connection, Operations):
    """`Client(address, token)`; each operation of the API is a method."""
