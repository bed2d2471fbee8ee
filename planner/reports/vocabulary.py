"""Words for what a channel acts on and for the steps of a chain, in the names of the case."""

from collections.abc import Mapping, Sequence
from typing import Any

from planner.engine.baseline import Baseline

MOST_NAMED = 4

CHANNELS = {
    "wait_minutes": "Truck wait, change in minutes",
    "wait_share": "Truck wait, change as a share",
    "handling_hours": "Documents and handling, change in hours",
    "handling_share": "Documents and handling, change as a share",
    "fee_usd": "Fee or toll, change per truck",
    "road_hours": "Road time through the crossing, change in hours",
    "rail_hours": "Rail time through the crossing, change in hours",
    "closure": "Crossing closed",
    "trade_cost": "Cost of trade across the border, change as a share",
    "log_trade": "Trade itself: direct effect of an agreement or standard",
    "productivity": "Productivity, change as a share",
    "tariff": "Tariff added",
    "export_tax": "Export tax (+) or subsidy (\u2212)",
    "visitors": "Visitors, change as a share",
    "online_share": "Share sold online, points added",
    "certificates": "Import certificates",
    "flow_cap": "Share of the deficit that may be financed",
    "revaluation": "Value of the currency, change as a share",
    "spending": "Public spending, share of absorption",
}
STEPS = {
    "input": "What it changes",
    "wait": "At the crossing",
    "trade_cost": "Cost of trade",
    "crossing_trade": "Trade by crossing",
    "trade": "Trade",
    "index": "Imbalance",
    "balance": "Balance",
    "welfare": "Welfare",
    "rank": "Rank",
}
# field of a channel -> how its targets read
_FIELDS = {
    "crossing": ("at", "crossings"),
    "direction": ("entering", "economies"),
    "origin": ("from", "places"),
    "destination": ("to", "places"),
    "sector": ("for", "sectors"),
    "place": ("in", "places"),
}


class CaseWords:
    """Names of places, economies, sectors and crossings of one baseline."""

    def __init__(self, baseline: Baseline) -> None:
        facts = baseline.facts
        self.names = {
            str(identifier): str(name)
            for table in (facts.places, facts.economies, facts.sectors)
            for identifier, name in zip(table["id"], table["name"], strict=True)
        }
        self.crossings = dict(zip(baseline.network.crossings, baseline.network.names, strict=True))

    def targets(self, channel: Mapping[str, Any]) -> str:
        """What a channel acts on: `at Detroit, entering United States`; `everywhere` where nothing is narrowed down."""
        parts = []
        for field, (preposition, plural) in _FIELDS.items():
            chosen = [str(name) for name in channel.get(field) or () if name != "*"]
            if chosen:
                parts.append(f"{preposition} {self._listed(chosen, field, plural)}")
        return ", ".join(parts) or "everywhere"

    def chain_text(self, step: Mapping[str, Any]) -> str:
        """One step of the engine's chain in words."""
        kind, item = str(step["step"]), str(step["item"])
        if kind == "input":
            return CHANNELS.get(item, item)
        if kind == "wait":
            crossing, _, economy = item.partition(" into ")
            return f"Mean truck wait at {self.crossings.get(crossing, crossing)}, entering {self.names.get(economy, economy)}"
        if kind == "trade_cost":
            return f"Delivered cost of the goods touched, mean over {item}"
        if kind == "crossing_trade":
            return f"Goods through {self.crossings.get(item, item)}"
        if kind == "trade":
            return "Goods traded across the border"
        if kind == "index":
            return "Imbalance index of all border regions"
        if kind == "balance":
            return f"Balance of {self.names.get(item, item)} across the border"
        if kind == "welfare":
            return f"Welfare of {item}, per year"
        return self.names.get(item, item)

    def _listed(self, chosen: Sequence[str], field: str, plural: str) -> str:
        if len(chosen) > MOST_NAMED:
            return f"{len(chosen)} {plural}"
        names = self.crossings if field == "crossing" else self.names
        return ", ".join(names.get(name, name) for name in chosen)
