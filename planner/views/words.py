"""Words of the desk's own pages: drivers of a balance, names of uncertain numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

# Name, and what is made neutral.
DRIVERS = {
    "aggregate": (_("Overall balances"), _("No place has an overall deficit or surplus.")),
    "structure": (
        _("What places make and buy"),
        _("Each place makes goods as well as its own average and buys the world's basket."),
    ),
    "policy": (_("Tariffs"), _("Both directions of a pair have the same tariff.")),
    "logistics": (
        _("Time and fees at the border"),
        _("Both directions of a pair take the same time and pay the same fees."),
    ),
    "wedge": (
        _("Other costs of one direction"),
        _("What else makes one direction dearer than the other is shared by both."),
    ),
    "currency": (_("Value of the currency"), _("The stated over- or undervaluation is undone.")),
}


def driver_name(key: str) -> str:
    """The driver in words; its key where there are none."""
    return str(DRIVERS[key][0]) if key in DRIVERS else key


# Parameters in few words; others keep their key, which the register explains.
INPUTS = {
    "theta": _("Trade elasticity"),
    "theta_factor": _("Trade elasticity"),
    "goods_time_value_per_day": _("Worth of a day for goods"),
    "truck_cost_per_hour": _("Cost of a truck's hour"),
    "truck_value_usd": _("Value of a truck load"),
    "logit_response_per_hour": _("How readily trucks change crossings"),
    "mode_elasticity": _("How readily goods change modes"),
    "road_speed_kmh": _("Speed on the road"),
    "road_detour_factor": _("Detours of the road"),
    "wait_default_minutes": _("Wait where none is measured"),
    "handling_hours_default": _("Hours of documents and handling"),
    "rail_hours_default": _("Hours by rail"),
    "truck_fee_default_usd": _("Fee where none is known"),
    "truck_service_minutes": _("Time of a truck at the booth"),
    "service_cv": _("Irregularity of the time at the booth"),
    "weekend_truck_level": _("Trucks at the weekend"),
    "daytime_truck_share": _("Trucks by day"),
    "loaded_truck_share": _("Share of loaded trucks"),
    "trusted_trader_share": _("Share of trusted traders"),
    "trusted_service_ratio": _("Time of trusted traders at the booth"),
    "preclearance_share": _("Share of pre-cleared trucks"),
    "preclearance_service_ratio": _("Time of pre-cleared trucks at the booth"),
    "visitor_share": _("Share of visitors among travellers"),
    "spending_per_visit_usd": _("Spending of a visitor"),
    "travel_own_share": _("Spending on travel at home"),
    "online_share_baseline": _("Share of trade sold online"),
    "online_distance_reduction": _("Distance for online sales"),
    "distance_elasticity": _("Distance elasticity of trade"),
    "pass_through": _("Exchange-rate pass-through"),
    "absorption_propensity": _("Propensity to spend value added"),
    "short_run_propensity": _("Propensity to spend in the short run"),
    "discount_rate": _("Discount rate"),
    "optimism_bias": _("Uplift on capital costs"),
}
KEY = re.compile(r"^(\w+?)(?:\s*[\[(:]\s*(.+?)[\])]?)?$")


def input_name(key: str, names: Mapping[str, str] | None = None) -> str:
    """An uncertain number readable: `theta_factor[cars]` becomes `Trade elasticity: Cars`."""
    found = KEY.match(key)
    if found is None or found.group(1) not in INPUTS:
        return key.replace("_", " ").replace("[", " (").replace("]", ")")
    where = found.group(2)
    return f"{INPUTS[found.group(1)]}: {(names or {}).get(where, where)}" if where else str(INPUTS[found.group(1)])


# Characters that turn the direction of the text after them, and the pair that keeps such a turn inside a name.
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"


def isolated(name: str) -> str:
    """A name that cannot turn the sentence around it; most names come back as they are."""
    return f"{ISOLATE}{TURNING.sub('', name)}{END_OF_ISOLATE}" if TURNING.search(name) else name


def isolated_measures(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The interventions of a run document by id, with names that are safe inside a sentence."""
    return {one["id"]: {**one, "name": isolated(one["name"])} for one in document["interventions"]}
