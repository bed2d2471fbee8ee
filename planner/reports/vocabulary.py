"""Words for what a channel acts on and for the steps of a chain, in the names of the case."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planner.engine.baseline import Baseline

MOST_NAMED = 4

CHANNELS = {
    "wait_minutes": gettext_lazy("Wait, change in minutes"),
    "wait_share": gettext_lazy("Wait, change as a share"),
    "booths": gettext_lazy("Booths or lanes, change in number"),
    "booths_share": gettext_lazy("Booths or lanes, change as a share"),
    "service_time": gettext_lazy("Time of a vehicle at the booth, change as a share"),
    "service_spread": gettext_lazy("Irregularity of the time at the booth, change as a share"),
    "trusted_share": gettext_lazy("Share of trusted traders or travellers, points added"),
    "preclearance_share": gettext_lazy("Share of trucks cleared before the border, points added"),
    "open_hours": gettext_lazy("Opening hours per day, change in hours"),
    "booking": gettext_lazy("Share of arrivals booked evenly over the day"),
    "traveller_share": gettext_lazy("Time of travellers: their share of the minutes that trucks save"),
    "retaliation": gettext_lazy("Answer of the other side to the tariff, as a share of it"),
    "handling_hours": gettext_lazy("Documents and handling, change in hours"),
    "handling_share": gettext_lazy("Documents and handling, change as a share"),
    "fee_usd": gettext_lazy("Fee or toll, change per truck"),
    "road_hours": gettext_lazy("Road time through the crossing, change in hours"),
    "rail_hours": gettext_lazy("Rail time through the crossing, change in hours"),
    "closure": gettext_lazy("Crossing closed"),
    "trade_cost": gettext_lazy("Cost of trade across the border, change as a share"),
    "log_trade": gettext_lazy("Trade itself: direct effect of an agreement or standard"),
    "productivity": gettext_lazy("Productivity, change as a share"),
    "tariff": gettext_lazy("Tariff added"),
    "export_tax": gettext_lazy("Export tax (+) or subsidy (\u2212)"),
    "visitors": gettext_lazy("Visitors, change as a share"),
    "online_share": gettext_lazy("Share sold online, points added"),
    "certificates": gettext_lazy("Import certificates"),
    "flow_cap": gettext_lazy("Share of the deficit that may be financed"),
    "revaluation": gettext_lazy("Value of the currency, change as a share"),
    "spending": gettext_lazy("Public spending, share of absorption"),
}
STEPS = {
    "input": gettext_lazy("What it changes"),
    "wait_at_once": gettext_lazy("At the crossing, before trucks answer"),
    "wait": gettext_lazy("At the crossing"),
    "trade_cost": gettext_lazy("Cost of trade"),
    "crossing_trade": gettext_lazy("Trade by crossing"),
    "trade": gettext_lazy("Trade"),
    "index": gettext_lazy("Imbalance"),
    "balance": gettext_lazy("Balance"),
    "welfare": gettext_lazy("Welfare"),
    "rank": gettext_lazy("Rank"),
}
UNITS = {
    "share of trucks' minutes": gettext_lazy("share of trucks' minutes"),
    "hours": gettext_lazy("hours"),
    "minutes": gettext_lazy("minutes"),
    "share": gettext_lazy("share"),
    "share of value": gettext_lazy("share of value"),
    "share of GDP": gettext_lazy("share of GDP"),
    "share per day": gettext_lazy("share per day"),
    # Alone, "million" has another form in Spanish than before the name of a currency.
    "million": gettext_lazy("million a year"),
    "booths": gettext_lazy("booths"),
    "share points": gettext_lazy("share points"),
    "hours per day": gettext_lazy("hours per day"),
    "share of arrivals": gettext_lazy("share of arrivals"),
    "ratio": gettext_lazy("ratio"),
    "index": gettext_lazy("index"),
    "elasticity": gettext_lazy("elasticity"),
    "USD per truck": gettext_lazy("USD per truck"),
    "USD per hour": gettext_lazy("USD per hour"),
}
GROUPS = {"border regions": gettext_lazy("border regions"), "all places": gettext_lazy("all places")}
PAIRS = re.compile(r"^(\d+) pairs of places$")
VEHICLES = {
    "truck": gettext_lazy("lanes of trucks"),
    "car": gettext_lazy("lanes of cars"),
    "rail": gettext_lazy("by train"),
}
TARGETS = ("crossing", "direction", "origin", "destination", "sector", "place", "vehicle")


def unit_words(unit: str) -> str:
    """A unit in the active language; units that people wrote themselves as they are."""
    if unit.startswith("of ") and unit[3:].isdigit():
        return _("of %(count)s") % {"count": unit[3:]}
    return str(UNITS.get(unit, unit))


class CaseWords:
    """Names of places, economies, sectors and crossings of one case, and sentences about them in the active language."""

    def __init__(self, names: Mapping[str, str], crossings: Mapping[str, str]) -> None:
        self.names, self.crossings = dict(names), dict(crossings)

    @classmethod
    def of_baseline(cls, baseline: Baseline) -> "CaseWords":
        """From the facts."""
        facts = baseline.facts
        names = {
            str(identifier): str(name)
            for table in (facts.places, facts.economies, facts.sectors)
            for identifier, name in zip(table["id"], table["name"], strict=True)
        }
        return cls(names, dict(zip(baseline.network.crossings, baseline.network.names, strict=True)))

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "CaseWords":
        """From a report document: the same names."""
        rows = [*document["baseline"]["regions"], *document["case"]["economies"], *document["case"]["sectors"]]
        crossings = {row["code"]: row["name"] for row in document["baseline"]["crossings"]}
        return cls({row["id"]: row["name"] for row in rows}, crossings)

    def targets(self, acts_on: Mapping[str, Sequence[str]]) -> str:
        """What a channel acts on: `at Detroit, entering United States`; `everywhere` where nothing is narrowed down."""
        phrases = {
            "crossing": (_("at %(names)s"), _("%(count)d crossings")),
            "direction": (_("entering %(names)s"), _("%(count)d economies")),
            "origin": (_("from %(names)s"), _("%(count)d places")),
            "destination": (_("to %(names)s"), _("%(count)d places")),
            "sector": (_("for %(names)s"), _("%(count)d sectors")),
            "place": (_("in %(names)s"), _("%(count)d places")),
            "vehicle": ("%(names)s", ""),
        }
        parts = []
        for field in TARGETS:
            if chosen := acts_on.get(field):
                phrase, counted = phrases[field]
                listed = ", ".join(self._target(field, name) for name in chosen)
                parts.append(
                    phrase % {"names": counted % {"count": len(chosen)} if len(chosen) > MOST_NAMED else listed}
                )
        return ", ".join(parts) or _("everywhere")

    def _target(self, field: str, name: str) -> str:
        if field == "vehicle":
            return str(VEHICLES.get(name, name))
        return (self.crossings if field == "crossing" else self.names).get(name, name)

    def chain_text(self, kind: str, item: str) -> str:
        """One step of the engine's chain in words."""
        if kind in ("wait", "wait_at_once"):
            crossing, _into, economy = item.partition(" into ")
            names = {"crossing": self.crossings.get(crossing, crossing), "economy": self.names.get(economy, economy)}
            if kind == "wait_at_once":
                return _("Mean truck wait at %(crossing)s, entering %(economy)s, before trucks answer") % names
            return _("Mean truck wait at %(crossing)s, entering %(economy)s") % names
        if kind == "trade_cost":
            pairs = PAIRS.match(item)
            over = _("%(count)s pairs of places") % {"count": pairs.group(1)} if pairs else item
            return _("Delivered cost of the goods touched, mean over %(pairs)s") % {"pairs": over}
        known = {
            "input": str(CHANNELS.get(item, item)),
            "crossing_trade": _("Goods through %(name)s") % {"name": self.crossings.get(item, item)},
            "trade": _("Goods traded across the border"),
            "index": _("Imbalance index of all border regions"),
            "balance": _("Balance of %(name)s across the border") % {"name": self.names.get(item, item)},
            "welfare": _("Welfare of %(name)s, per year") % {"name": GROUPS.get(item, item)},
            "rank": _("Rank by mean over draws"),
        }
        return known.get(kind, self.names.get(item, item))


# Parameters in few words; others keep their key, which the register explains.
INPUTS = {
    "theta": gettext_lazy("Trade elasticity"),
    "theta_factor": gettext_lazy("Trade elasticity"),
    "goods_time_value_per_day": gettext_lazy("Worth of a day for goods"),
    "truck_cost_per_hour": gettext_lazy("Cost of a truck's hour"),
    "truck_value_usd": gettext_lazy("Value of a truck load"),
    "logit_response_per_hour": gettext_lazy("How readily trucks change crossings"),
    "mode_elasticity": gettext_lazy("How readily goods change modes"),
    "road_speed_kmh": gettext_lazy("Speed on the road"),
    "road_detour_factor": gettext_lazy("Detours of the road"),
    "wait_default_minutes": gettext_lazy("Wait where none is measured"),
    "handling_hours_default": gettext_lazy("Hours of documents and handling"),
    "rail_hours_default": gettext_lazy("Hours by rail"),
    "truck_fee_default_usd": gettext_lazy("Fee where none is known"),
    "truck_service_minutes": gettext_lazy("Time of a truck at the booth"),
    "service_cv": gettext_lazy("Irregularity of the time at the booth"),
    "weekend_truck_level": gettext_lazy("Trucks at the weekend"),
    "daytime_truck_share": gettext_lazy("Trucks by day"),
    "car_service_minutes": gettext_lazy("Time of a car at the booth"),
    "weekend_car_level": gettext_lazy("Cars at the weekend"),
    "daytime_car_share": gettext_lazy("Cars by day"),
    "people_per_car": gettext_lazy("Travellers in a car"),
    "trusted_traveller_share": gettext_lazy("Share of trusted travellers"),
    "trusted_traveller_service_ratio": gettext_lazy("Time of trusted travellers at the booth"),
    "traveller_response_per_hour": gettext_lazy("How readily travellers stay away from a wait"),
    "loaded_truck_share": gettext_lazy("Share of loaded trucks"),
    "trusted_trader_share": gettext_lazy("Share of trusted traders"),
    "trusted_service_ratio": gettext_lazy("Time of trusted traders at the booth"),
    "preclearance_share": gettext_lazy("Share of pre-cleared trucks"),
    "preclearance_service_ratio": gettext_lazy("Time of pre-cleared trucks at the booth"),
    "visitor_share": gettext_lazy("Share of visitors among travellers"),
    "spending_per_visit_usd": gettext_lazy("Spending of a visitor"),
    "travel_own_share": gettext_lazy("Spending on travel at home"),
    "online_share_baseline": gettext_lazy("Share of trade sold online"),
    "online_distance_reduction": gettext_lazy("Distance for online sales"),
    "distance_elasticity": gettext_lazy("Distance elasticity of trade"),
    "pass_through": gettext_lazy("Exchange-rate pass-through"),
    "absorption_propensity": gettext_lazy("Propensity to spend value added"),
    "short_run_propensity": gettext_lazy("Propensity to spend in the short run"),
    "discount_rate": gettext_lazy("Discount rate"),
    "optimism_bias": gettext_lazy("Uplift on capital costs"),
}
INPUT_KEY = re.compile(r"^(\w+?)(?:\s*[\[(:]\s*(.+?)[\])]?)?$")


def input_parts(key: str) -> tuple[str, str]:
    """Words for an uncertain number and the id of what it is about; no words for what is not a parameter known here."""
    found = INPUT_KEY.match(key)
    if found is None or found.group(1) not in INPUTS:
        return "", ""
    return str(INPUTS[found.group(1)]), found.group(2) or ""
