"""What each type of channel means: its unit, the columns that aim it, and what a row of it must keep."""

from collections.abc import Collection, Iterator, Mapping

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from planner.models.vocabulary import split_list


class ChannelVehicle(models.TextChoices):
    """Whose lanes a channel at a crossing changes, blank for trucks; how more visitors come, blank for as today."""

    TRUCK = "truck", _lazy("trucks")
    CAR = "car", _lazy("cars")
    BOTH = "*", _lazy("trucks and cars")
    RAIL = "rail", _lazy("trains")


class ChannelType(models.TextChoices):
    """Which input of the model a channel changes; the units and targets of each are below."""

    WAIT_MINUTES = "wait_minutes", _lazy("Wait, change in minutes")
    WAIT_SHARE = "wait_share", _lazy("Wait, change as a share")
    BOOTHS = "booths", _lazy("Booths or lanes, change in number")
    BOOTHS_SHARE = "booths_share", _lazy("Booths or lanes, change as a share")
    SERVICE_TIME = "service_time", _lazy("Time of a vehicle at the booth, change as a share")
    SERVICE_SPREAD = "service_spread", _lazy("Irregularity of the time at the booth, change as a share")
    TRUSTED_SHARE = "trusted_share", _lazy("Share of trusted traders or travellers, points added")
    PRECLEARANCE_SHARE = "preclearance_share", _lazy("Share of trucks cleared before the border, points added")
    OPEN_HOURS = "open_hours", _lazy("Opening hours per day, change in hours")
    BOOKING = "booking", _lazy("Share of arrivals booked evenly over the day")
    TRAVELLER_SHARE = "traveller_share", _lazy("Time of travellers: their share of the minutes that trucks save")
    HANDLING_HOURS = "handling_hours", _lazy("Documents and handling, change in hours")
    HANDLING_SHARE = "handling_share", _lazy("Documents and handling, change as a share")
    FEE_USD = "fee_usd", _lazy("Fee or toll per truck, change in USD")
    ROAD_HOURS = "road_hours", _lazy("Road time through a crossing, change in hours")
    RAIL_HOURS = "rail_hours", _lazy("Rail time through a crossing, change in hours")
    CLOSURE = "closure", _lazy("Crossing closed")
    TRADE_COST = "trade_cost", _lazy("Cost of cross-border trade, change as a share")
    LOG_TRADE = "log_trade", _lazy("Direct effect on log trade")
    PRODUCTIVITY = "productivity", _lazy("Productivity of a place, change as a share")
    TARIFF = "tariff", _lazy("Tariff, points added")
    RETALIATION = "retaliation", _lazy("Answer of the other side to the tariff, as a share of it")
    EXPORT_TAX = "export_tax", _lazy("Export tax (+) or subsidy (-)")
    VISITORS = "visitors", _lazy("Visitors, change as a share")
    ONLINE_SHARE = "online_share", _lazy("Share sold online, points added")
    CERTIFICATES = "certificates", _lazy("Import certificates of an economy")
    FLOW_CAP = "flow_cap", _lazy("Limit on financial flows: share of the deficit kept")
    REVALUATION = "revaluation", _lazy("Value of the currency, change as a share")
    SPENDING = "spending", _lazy("Public spending, change as a share of absorption")


# The units in which a type's value may be written (the same number in each): minutes are never read as hours.
CHANNEL_UNITS: dict[str, tuple[str, ...]] = {
    ChannelType.WAIT_MINUTES: ("minutes",),
    ChannelType.WAIT_SHARE: ("share",),
    ChannelType.BOOTHS: ("booths",),
    ChannelType.BOOTHS_SHARE: ("share",),
    ChannelType.SERVICE_TIME: ("share",),
    ChannelType.SERVICE_SPREAD: ("share",),
    ChannelType.TRUSTED_SHARE: ("share points",),
    ChannelType.PRECLEARANCE_SHARE: ("share points",),
    ChannelType.OPEN_HOURS: ("hours per day",),
    ChannelType.BOOKING: ("share of arrivals",),
    ChannelType.TRAVELLER_SHARE: ("share of trucks' minutes",),
    ChannelType.HANDLING_HOURS: ("hours",),
    ChannelType.HANDLING_SHARE: ("share",),
    ChannelType.FEE_USD: ("USD per truck",),
    ChannelType.ROAD_HOURS: ("hours",),
    ChannelType.RAIL_HOURS: ("hours",),
    ChannelType.CLOSURE: ("share", "1"),
    ChannelType.TRADE_COST: ("share",),
    ChannelType.LOG_TRADE: ("log points",),
    ChannelType.PRODUCTIVITY: ("share",),
    ChannelType.TARIFF: ("share of value",),
    ChannelType.RETALIATION: ("share of the tariff",),
    ChannelType.EXPORT_TAX: ("share of value",),
    ChannelType.VISITORS: ("share",),
    ChannelType.ONLINE_SHARE: ("share points",),
    ChannelType.CERTIFICATES: ("1", "share"),
    ChannelType.FLOW_CAP: ("share of deficit kept",),
    ChannelType.REVALUATION: ("share",),
    ChannelType.SPENDING: ("share of absorption",),
}

TARGET_FIELDS = ("crossing", "direction", "origin", "destination", "sector", "place", "vehicle")

_AT_CROSSINGS = ("crossing", "direction")
_ON_QUEUES = (*_AT_CROSSINGS, "vehicle")
_ON_FLOWS = ("origin", "destination", "sector")

# The columns that aim a type.
CHANNEL_TARGETS: dict[str, tuple[str, ...]] = {
    ChannelType.WAIT_MINUTES: _ON_QUEUES,
    ChannelType.WAIT_SHARE: _ON_QUEUES,
    ChannelType.BOOTHS: _ON_QUEUES,
    ChannelType.BOOTHS_SHARE: _ON_QUEUES,
    ChannelType.SERVICE_TIME: _ON_QUEUES,
    ChannelType.SERVICE_SPREAD: _ON_QUEUES,
    ChannelType.TRUSTED_SHARE: _ON_QUEUES,
    ChannelType.PRECLEARANCE_SHARE: _AT_CROSSINGS,
    ChannelType.OPEN_HOURS: _ON_QUEUES,
    ChannelType.BOOKING: _ON_QUEUES,
    ChannelType.TRAVELLER_SHARE: _AT_CROSSINGS,
    ChannelType.HANDLING_HOURS: (*_AT_CROSSINGS, "sector"),
    ChannelType.HANDLING_SHARE: (*_AT_CROSSINGS, "sector"),
    ChannelType.FEE_USD: _AT_CROSSINGS,
    ChannelType.ROAD_HOURS: (*_AT_CROSSINGS, "origin", "destination"),
    ChannelType.RAIL_HOURS: _AT_CROSSINGS,
    ChannelType.CLOSURE: _AT_CROSSINGS,
    ChannelType.TRADE_COST: _ON_FLOWS,
    ChannelType.LOG_TRADE: _ON_FLOWS,
    ChannelType.PRODUCTIVITY: ("place", "sector"),
    ChannelType.TARIFF: _ON_FLOWS,
    ChannelType.RETALIATION: (),
    ChannelType.EXPORT_TAX: _ON_FLOWS,
    ChannelType.VISITORS: ("origin", "destination", "vehicle"),
    ChannelType.ONLINE_SHARE: _ON_FLOWS,
    ChannelType.CERTIFICATES: ("place",),
    ChannelType.FLOW_CAP: ("place",),
    ChannelType.REVALUATION: ("place",),
    ChannelType.SPENDING: ("place",),
}

# What each type may say of vehicles.
LANES = (ChannelVehicle.TRUCK, ChannelVehicle.CAR, ChannelVehicle.BOTH)
VEHICLES_OF: dict[str, tuple[ChannelVehicle, ...]] = {ChannelType.VISITORS: (ChannelVehicle.CAR, ChannelVehicle.RAIL)}

# Of those, the one that may not be left blank: a blank crossing or place is more often a slip than "all".
NEEDED_TARGETS: dict[str, tuple[str, ...]] = {
    name: tuple(field for field in fields if field in ("crossing", "place")) for name, fields in CHANNEL_TARGETS.items()
}

# A fault of a channel: the column, what is expected there, and a short name of the fault.
Fault = tuple[str, str, str]


def channel_faults(
    channel_type: str, unit: str, aims: Mapping[str, str], known: Mapping[str, Collection[str]]
) -> Iterator[Fault]:
    """Faults of unit and targets; `aims` are the target columns as written, `known` the ids of the case by column."""
    units = CHANNEL_UNITS[channel_type]
    if unit not in units:
        words = _("expected %(units)s for %(type)s")
        yield "unit", words % {"units": " / ".join(units), "type": channel_type}, "wrong_unit"
    allowed = CHANNEL_TARGETS[channel_type]
    for field in TARGET_FIELDS:
        if aims[field] and field not in allowed:
            words = _("expected nothing: %(type)s is aimed by %(fields)s")
            yield (
                field,
                words % {"type": channel_type, "fields": ", ".join(allowed) or _("the tariffs it answers")},
                "wrong_target",
            )
        if not aims[field] and field in NEEDED_TARGETS[channel_type]:
            yield field, _("expected ids for %(type)s, or * for all") % {"type": channel_type}, "missing_target"
        names = split_list(aims[field])
        if (
            field == "vehicle"
            and aims[field]
            and field in allowed
            and aims[field] not in VEHICLES_OF.get(channel_type, LANES)
        ):
            words = _("expected %(names)s or nothing for %(type)s")
            choices = " / ".join(VEHICLES_OF.get(channel_type, LANES))
            yield field, words % {"names": " / ".join(choices), "type": channel_type}, "unknown_vehicle"
            continue
        if "*" in names and len(names) > 1:
            yield field, _("expected either * or a list of ids, not both"), f"unknown_{field}"
        if unknown := [name for name in names if name != "*" and name not in known[field]]:
            words = _("unknown: %(names)s; expected %(kind)s, or * for all")
            yield field, words % {"names": ", ".join(unknown), "kind": TARGET_WORDS[field]}, f"unknown_{field}"


TARGET_WORDS = {
    "crossing": _lazy("codes of crossings"),
    "direction": _lazy("the economy entered"),
    "origin": _lazy("places or economies"),
    "destination": _lazy("places or economies"),
    "sector": _lazy("sectors"),
    "place": _lazy("places or economies"),
    "vehicle": _lazy("a class of vehicles"),
}
