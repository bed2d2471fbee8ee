"""The parameters that the engine reads: their keys, admissible ranges and documented starting values.

A case brings its own dated, sourced set; a key it leaves out is filled from here, shown in the register like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.engine.types import Parameter, Parameters

DEFAULT_SOURCE = "starting value of the engine, an assumption"


@dataclass(frozen=True)
class Key:
    """What a parameter means, its unit, the range that makes sense, and the value used where a case has none."""

    unit: str
    meaning: str
    at_least: float
    at_most: float
    low: float
    central: float
    high: float
    source: str = DEFAULT_SOURCE
    grade: str = "D"
    scenario: bool = False  # changes the baseline: a scenario (low, central, high), never drawn


INF = float("inf")
BUILDER = "model: documented builder rule, an assumption"
KEYS: dict[str, Key] = {
    "theta": Key("elasticity", "trade elasticity", 0.05, 100, 4, 5, 6.5,
                 "Simonovska & Waugh 2014 (4.1); Head & Mayer 2014 (5.03, from memory)"),
    "theta_factor": Key("factor", "sector's elasticity relative to the common one", 0.05, 20, 1, 1, 1),
    "goods_time_value_per_day": Key("share of value per day", "ad-valorem value of a day in transit", 0, 0.2,
                                    0.006, 0.0135, 0.021, "Hummels & Schaur 2013, AER 103(7)", "C"),
    "truck_cost_per_hour": Key("USD per hour", "cost of a truck and its driver", 0, 1000, 26.7, 60, 90,
                               "FHWA 2004-08 (26.70); ATRI 2022-23 (about 90, from memory)"),
    "truck_value_usd": Key("USD per truck", "value per truck entering, empties included", 1, 1e9, 30000, 38000, 46000),
    "logit_response_per_hour": Key("1/hour", "response of crossing shares to an hour", 0.01, 100, 0.5, 1, 2),
    "mode_elasticity": Key("elasticity", "substitution between modes", 0.01, 1000, 2, 5, 10),
    "road_speed_kmh": Key("km/h", "average road speed", 1, 200, 70, 80, 90),
    "road_detour_factor": Key("ratio", "road length over great-circle distance", 1, 5, 1.2, 1.3, 1.4),
    "wait_default_minutes": Key("minutes", "truck wait where a crossing has no measurement", 0, 10000, 4, 10, 20),
    **{
        f"wait_range_grade_{grade}": Key("factor", f"highest over central of a measured wait of grade {grade.upper()} without an "
                                         "interval of its own; the lowest is the central one over it", 1, 20, *(factor,) * 3)
        for grade, factor in (("a", 1.1), ("b", 1.2), ("c", 1.35), ("d", 1.6))
    },
    "wait_range_per_year": Key("share per year", "widening of that range for every year from the measurement to the case", 0, 10,
                               0.05, 0.05, 0.05),
    "handling_hours_default": Key("hours", "documents and handling of a truck at a crossing", 0, 1000, 0.25, 0.5, 1.5),
    "rail_hours_default": Key("hours", "transit and border dwell by rail", 0, 10000, 24, 48, 96),
    "truck_fee_default_usd": Key("USD per truck", "toll or fee at a crossing without one of its own", 0, 10000, 0, 10, 30),
    "truck_service_minutes": Key("minutes", "time of a truck at the booth: the fewest booths that it allows are taken to be "
                                 "open; what a queue with the high value does not explain of a wait is no queue", 0.05, 600,
                                 1, 1.5, 4, scenario=True),
    "service_cv": Key("ratio", "coefficient of variation of the time at the booth", 0, 10, 0.5, 0.8, 1.2),
    "weekend_truck_level": Key("ratio", "trucks of a weekend day over those of a weekday", 0.01, 10, 0.3, 0.45, 0.7,
                               scenario=True),
    "daytime_truck_share": Key("share", "share of a weekday's trucks that come from 8 to 18 o'clock", 0.1, 1, 0.48, 0.56, 0.65,
                               scenario=True),
    "car_service_minutes": Key("minutes", "time of a car at the booth: the same for the cars' own queue", 0.05, 60, 0.5, 0.8, 2,
                               scenario=True),
    "weekend_car_level": Key("ratio", "cars of a weekend day over those of a weekday", 0.01, 10, 0.9, 1.15, 1.5, scenario=True),
    "daytime_car_share": Key("share", "share of a weekday's cars that come from 8 to 18 o'clock", 0.1, 1, 0.5, 0.58, 0.66,
                             scenario=True),
    "people_per_car": Key("people", "travellers in a car, where only travellers are counted", 1, 10, 1.6, 2, 2.4, scenario=True),
    "trusted_traveller_share": Key("share", "share of cars whose people are in a trusted-traveller programme", 0, 1, 0.1, 0.25, 0.4),
    "trusted_traveller_service_ratio": Key("ratio", "time at the booth of a trusted traveller's car over that of another", 0.01, 1,
                                           0.2, 0.4, 0.7),
    "traveller_response_per_hour": Key("1/hour", "how much fewer travellers come at a crossing where they wait an hour longer",
                                       0, 10, 0, 0.5, 1),
    "loaded_truck_share": Key("share", "share of trucks that are loaded; empty ones follow the trade the other way", 0, 1,
                              0.7, 0.8, 0.9),
    "trusted_trader_share": Key("share", "share of trucks in a trusted-trader programme", 0, 1, 0.2, 0.35, 0.5),
    "trusted_service_ratio": Key("ratio", "time at the booth of a trusted trader's truck over that of another", 0.01, 1,
                                 0.4, 0.6, 0.9),
    "preclearance_share": Key("share", "share of trucks cleared before they reach the booth", 0, 1, 0, 0, 0),
    "preclearance_service_ratio": Key("ratio", "time at the booth of a pre-cleared truck over that of another", 0.01, 1,
                                      0.1, 0.3, 0.6),
    "visitor_share": Key("share", "share of inbound travellers who are visitors", 0, 1, 0.4, 0.5, 0.6),
    "spending_per_visit_usd": Key("USD per visit", "spending of a visitor per visit", 0, 100000, 50, 100, 200),
    "travel_own_share": Key("share of GDP", "spending on travel at home", 0, 0.5, 0.01, 0.02, 0.03),
    "online_share_baseline": Key("share", "share of trade sold online", 0, 0.99, 0.02, 0.05, 0.1),
    "online_distance_reduction": Key("factor", "distance effect of online sales relative to others", 0, 1, 0.35, 0.35, 0.4,
                                     "Lendle, Olarreaga, Schropp & Vezina 2016, Economic Journal", "C"),
    "distance_elasticity": Key("elasticity", "distance elasticity of trade, absolute", 0, 5, 0.7, 0.9, 1.1),
    "pass_through": Key("share", "exchange-rate pass-through into border prices", 0, 1, 0.3, 0.6, 1.0),
    "absorption_propensity": Key("share", "propensity of absorption to follow value added", 0, 1, 0.5, 0.7, 0.9),
    "short_run_propensity": Key("share", "propensity to spend short-run income changes", 0, 0.95, 0, 0, 0),
    "discount_rate": Key("share per year", "real discount rate", -0.5, 1, 0.03, 0.05, 0.07),
    "optimism_bias": Key("share of cost", "uplift on capital cost", 0, 5, 0, 0.2, 0.5),
    "truck_idling_co2_kg_per_hour": Key("kg per hour", "CO2 of a truck that waits with its engine idling", 0, 100, 5, 8, 12,
                                        "0.5 to 1.2 gallons of diesel an hour at 10.2 kg each, from memory"),
    "car_idling_co2_kg_per_hour": Key("kg per hour", "CO2 of a car that waits with its engine idling", 0, 50, 1.4, 2.4, 3.5,
                                      "US Department of Energy, Fact of the Week 861 (2015): 0.16 to 0.39 gallons of petrol an hour "
                                      "without load; 8.9 kg of CO2 a gallon, from memory", "C"),
    "co2_price_usd_per_tonne": Key("USD per tonne", "worth of a tonne of CO2 not emitted", 0, 10000, 50, 190, 340,
                                   "US EPA 2023: 120, 190 and 340 at three discount rates; 51 before that; from memory"),
    "traveller_time_value_usd_per_hour": Key("USD per hour", "worth of an hour of a traveller in a car, in a bus or on foot",
                                             0, 1000, 10, 18, 30,
                                             "US DOT guidance, near 18 USD for private travel, from memory"),
    "traveller_wait_default_minutes": Key("minutes", "wait of cars where a crossing has no measurement of theirs", 0, 10000, 4, 10, 20),
    "goods_output_per_gdp": Key("ratio", "goods output per unit of GDP", 0.01, 5, 0.25, 0.33, 0.45, BUILDER, scenario=True),
    "least_domestic_share": Key("share", "least share of output sold at home", 0, 0.95, 0.2, 0.2, 0.2, BUILDER, scenario=True),
    "services_floor_share": Key("share of GDP", "least services output", 0, 1, 0.2, 0.2, 0.2, BUILDER, scenario=True),
    "case_share_weight": Key("share", "weight of the case's own sector mix in output", 0, 1, 0.5, 0.5, 0.5, BUILDER,
                             scenario=True),
}  # fmt: skip


def base_key(key: str) -> str:
    """`wait_default_minutes:US` -> `wait_default_minutes`: a key may carry the economy entered."""
    return key.split(":", 1)[0]


def check_parameters(parameters: Parameters, sectors: Sequence[str], economies: Sequence[str]) -> list[str]:
    """Every problem with the set: unknown key, sector or economy, order of the values, a value outside its range."""
    problems, seen = [], set()
    for row in parameters:
        name = row.key + (f" ({row.sector})" if row.sector else "")
        key = KEYS.get(base_key(row.key))
        if key is None:
            problems.append(f"parameter {name}: unknown key; expected one of {', '.join(sorted(KEYS))}")
            continue
        if (row.key, row.sector) in seen:
            problems.append(f"parameter {name}: given twice")
        seen.add((row.key, row.sector))
        if ":" in row.key and row.key.split(":", 1)[1] not in economies:
            problems.append(f"parameter {name}: unknown economy; expected one of {', '.join(economies)}")
        if row.sector and row.sector not in sectors:
            problems.append(f"parameter {name}: unknown sector; expected one of {', '.join(sectors)}")
        if not (np.isfinite([row.low, row.central, row.high]).all() and row.low <= row.central <= row.high):
            problems.append(
                f"parameter {name}: {row.low:g}, {row.central:g}, {row.high:g}; expected low <= central <= high"
            )
        elif row.low < key.at_least or row.high > key.at_most:
            problems.append(
                f"parameter {name}: {row.low:g} to {row.high:g} is outside {key.at_least:g} to {key.at_most:g}"
            )
    return problems


def complete_parameters(parameters: Parameters) -> Parameters:
    """The set with a row for every key: those it lacks come from the engine's starting values, graded as such."""
    present = {row.key for row in parameters if not row.sector}
    added = tuple(
        Parameter(key, "", value.low, value.central, value.high, value.unit, value.source, value.grade)
        for key, value in KEYS.items()
        if key not in present
    )
    return Parameters(parameters.rows + added)


DEFAULTS = complete_parameters(Parameters(()))


def lookup(parameters: Parameters, key: str, *, economy: str = "", sector: str = "") -> Parameter:
    """The most specific row: for the economy entered, else for the sector, else for all; KeyError where there is none."""
    candidates = [f"{key}:{economy}", key] if economy else [key]
    for candidate in candidates:
        row = parameters.find(candidate, sector)
        if row is not None:
            return row
    raise KeyError(f"parameter {key!r}; call complete_parameters first")
