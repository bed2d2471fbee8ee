"""A case of three places and two crossings whose numbers are round, so that effects can be worked out by hand."""

from __future__ import annotations

import math

import pandas as pd

from planner.engine.baseline import Baseline, build_baseline
from planner.engine.interventions import Built, build_shock
from planner.engine.parameters import KEYS
from planner.engine.types import CaseFacts, Channel, Intervention, Parameter, Parameters
from planner.engine.uncertainty import Draws

DEGREE_KM = math.pi * 6371.0 / 180
VALUES = {
    "theta": 5.0,
    "goods_time_value_per_day": 0.024,  # 0.001 per hour
    "truck_cost_per_hour": 60.0,
    "truck_value_usd": 40000.0,
    "logit_response_per_hour": 1.0,
    "mode_elasticity": 5.0,
    "road_speed_kmh": DEGREE_KM,  # one degree of latitude is one hour
    "road_detour_factor": 1.0,
    "wait_default_minutes": 12.0,
    "handling_hours_default": 0.5,
    "rail_hours_default": 48.0,
    "truck_fee_default_usd": 10.0,
    "visitor_share": 0.5,
    "spending_per_visit_usd": 100.0,
    "travel_own_share": 0.02,
    "online_share_baseline": 0.05,
    "online_distance_reduction": 0.35,
    "distance_elasticity": 0.9,
    "pass_through": 0.6,
    "absorption_propensity": 0.7,
    "short_run_propensity": 0.0,
    **{f"wait_range_grade_{grade}": 1.0 for grade in "abcd"},  # waits are known exactly
}


def fixed_parameters(**changes: float) -> Parameters:
    """Every parameter without uncertainty: the case's values, the engine's starting values, or `changes`."""
    values = {key: row.central for key, row in KEYS.items()} | VALUES | changes
    return Parameters(
        tuple(
            Parameter(key, "", value, value, value, KEYS[key].unit, "worked by hand", "D")
            for key, value in values.items()
        )
    )


def frame(columns: str, *rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())


def small_facts(**changes: pd.DataFrame) -> CaseFacts:
    """A1 and A2 in economy A, B1 in economy B; crossing X half-way from A1 to B1, crossing Y for A2.

    A1 buys 6500 from B1 and sells it 5000; A2 buys 400 and sells 800. From B1 to A1 trucks take X (4500) and Y (2000),
    from A1 to B1 X (3000), Y (1000) and the railway at X (1000).
    """
    tables = {
        "economies": frame("id name", ("A", "Aland"), ("B", "Bland")),
        "places": frame(
            "id name economy gdp_musd population latitude longitude kind",
            ("A1", "A one", "A", 100000.0, 1e6, 45.0, -80.0, "border"),
            ("A2", "A two", "A", 50000.0, 1e6, 44.0, -80.0, "border"),
            ("B1", "B one", "B", 80000.0, 1e6, 46.0, -80.0, "border"),
        ),
        "sectors": frame(
            "id name kind",
            ("food", "Food", "goods"),
            ("cars", "Cars", "goods"),
            ("services", "Services", "services"),
            ("travel", "Travel", "travel"),
        ),
        "crossings": frame(
            "code name latitude longitude region_a region_b travellers_inbound trucks_inbound",
            ("X", "Bridge", 45.5, -80.0, "A1", "B1", 100000.0, 1000.0),
            ("Y", "Ferry", 45.0, -80.0, "A2", "B1", 0.0, 500.0),
        ),
        "sector_flows": frame(
            "origin destination sector value_musd",
            ("A1", "B1", "food", 2000.0),
            ("A1", "B1", "cars", 3000.0),
            ("B1", "A1", "food", 1500.0),
            ("B1", "A1", "cars", 5000.0),
            ("A2", "B1", "food", 800.0),
            ("B1", "A2", "food", 400.0),
        ),
        "crossing_flows": frame(
            "origin destination crossing mode value_musd",
            ("A1", "B1", "X", "truck", 3000.0),
            ("A1", "B1", "Y", "truck", 1000.0),
            ("A1", "B1", "X", "rail", 1000.0),
            ("B1", "A1", "X", "truck", 4500.0),
            ("B1", "A1", "Y", "truck", 2000.0),
            ("A2", "B1", "Y", "truck", 800.0),
            ("B1", "A2", "Y", "truck", 400.0),
        ),
        "waits": frame(
            "crossing direction minutes grade source",
            ("X", "A", 30.0, "A", "counted"),
            ("X", "B", 20.0, "B", "asked"),
        ),
        "fees": frame("crossing truck_fee_usd grade source", ("X", 10.0, "A", "tariff sheet")),
    }
    return CaseFacts(name="small", year=2023, currency="USD", **(tables | changes))


def small_baseline(**parameters: float) -> Baseline:
    return build_baseline(small_facts(), fixed_parameters(**parameters))


UNITS = {
    "wait_minutes": "minutes", "wait_share": "share", "handling_hours": "hours", "handling_share": "share",
    "booths": "booths", "booths_share": "share", "service_time": "share", "service_spread": "share",
    "trusted_share": "share points", "preclearance_share": "share points", "open_hours": "hours per day",
    "booking": "share of arrivals", "traveller_share": "share of trucks' minutes", "retaliation": "share of the tariff",
    "fee_usd": "USD per truck", "road_hours": "hours", "rail_hours": "hours", "closure": "share", "trade_cost": "share",
    "log_trade": "log points", "productivity": "share", "tariff": "share of value", "export_tax": "share of value",
    "visitors": "share", "online_share": "share points", "certificates": "1", "flow_cap": "share of deficit kept",
    "revaluation": "share", "spending": "share of absorption",
}  # fmt: skip


def channel(type: str, value: float, **targets: str | float) -> Channel:
    """A channel with one certain value; targets are `;`-lists."""
    chosen = {name: tuple(ids.split(";")) for name, ids in targets.items() if isinstance(ids, str)}
    spread = {"low": value, "high": value} | {
        name: number for name, number in targets.items() if name in ("low", "high")
    }
    unit = UNITS[type]
    return Channel(id=f"plan/{type}", type=type, central=value, unit=unit, source="test", grade="D", **spread, **chosen)


def plan(*channels: Channel, id: str = "plan", kind: str = "facilitation") -> Intervention:
    renamed = [Channel(**(vars(one) | {"id": f"{id}/{number}"})) for number, one in enumerate(channels)]
    return Intervention(id=id, name=id, kind=kind, channels=tuple(renamed))


def central_shock(baseline: Baseline, *channels: Channel) -> Built:
    """The shock of channels at central values."""
    return build_shock(baseline, plan(*channels), Draws(baseline.parameters, 0, 0))


def log_costs(baseline: Baseline, *channels: Channel) -> dict[tuple[str, str, str], float]:
    """ln of the trade cost's change by (origin, destination, sector), as channels set it."""
    shock = central_shock(baseline, *channels).shock
    accounts = baseline.accounts
    assert shock.log_cost is not None
    return {
        (accounts.places[o], accounts.places[d], accounts.sectors[s]): float(value)
        for o, d, s, value in zip(
            shock.cells.origin, shock.cells.destination, shock.cells.sector, shock.log_cost[:, 0], strict=True
        )
    }
