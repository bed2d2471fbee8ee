"""A channel: one way in which an intervention changes an input of the model, as a sourced distribution."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from planner.models.intervention import Intervention
from planner.models.vocabulary import choice_constraint, triangular_constraint
from regions.models.choices import EvidenceGrade


class ChannelType(models.TextChoices):
    """Which input of the model a channel changes; the units and targets of each are below."""

    WAIT_MINUTES = "wait_minutes", _("Truck wait, change in minutes")
    WAIT_SHARE = "wait_share", _("Truck wait, change as a share")
    HANDLING_HOURS = "handling_hours", _("Documents and handling, change in hours")
    HANDLING_SHARE = "handling_share", _("Documents and handling, change as a share")
    FEE_USD = "fee_usd", _("Fee or toll per truck, change in USD")
    ROAD_HOURS = "road_hours", _("Road time through a crossing, change in hours")
    RAIL_HOURS = "rail_hours", _("Rail time through a crossing, change in hours")
    CLOSURE = "closure", _("Crossing closed")
    TRADE_COST = "trade_cost", _("Cost of cross-border trade, change as a share")
    LOG_TRADE = "log_trade", _("Direct effect on log trade")
    PRODUCTIVITY = "productivity", _("Productivity of a place, change as a share")
    TARIFF = "tariff", _("Tariff, points added")
    EXPORT_TAX = "export_tax", _("Export tax (+) or subsidy (-)")
    VISITORS = "visitors", _("Visitors, change as a share")
    ONLINE_SHARE = "online_share", _("Share sold online, points added")
    CERTIFICATES = "certificates", _("Import certificates of an economy")
    FLOW_CAP = "flow_cap", _("Limit on financial flows: share of the deficit kept")
    REVALUATION = "revaluation", _("Value of the currency, change as a share")
    SPENDING = "spending", _("Public spending, change as a share of absorption")


# The units in which a type's value may be written (the same number in each): minutes are never read as hours.
CHANNEL_UNITS: dict[str, tuple[str, ...]] = {
    ChannelType.WAIT_MINUTES: ("minutes",),
    ChannelType.WAIT_SHARE: ("share",),
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
    ChannelType.EXPORT_TAX: ("share of value",),
    ChannelType.VISITORS: ("share",),
    ChannelType.ONLINE_SHARE: ("share points",),
    ChannelType.CERTIFICATES: ("1", "share"),
    ChannelType.FLOW_CAP: ("share of deficit kept",),
    ChannelType.REVALUATION: ("share",),
    ChannelType.SPENDING: ("share of absorption",),
}

TARGET_FIELDS = ("crossing", "direction", "origin", "destination", "sector", "place")

_AT_CROSSINGS = ("crossing", "direction")
_ON_FLOWS = ("origin", "destination", "sector")

# The columns that aim a type.
CHANNEL_TARGETS: dict[str, tuple[str, ...]] = {
    ChannelType.WAIT_MINUTES: _AT_CROSSINGS,
    ChannelType.WAIT_SHARE: _AT_CROSSINGS,
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
    ChannelType.EXPORT_TAX: _ON_FLOWS,
    ChannelType.VISITORS: ("origin", "destination"),
    ChannelType.ONLINE_SHARE: _ON_FLOWS,
    ChannelType.CERTIFICATES: ("place",),
    ChannelType.FLOW_CAP: ("place",),
    ChannelType.REVALUATION: ("place",),
    ChannelType.SPENDING: ("place",),
}

# Of those, the one that may not be left blank: a blank crossing or place is more often a slip than "all".
NEEDED_TARGETS: dict[str, tuple[str, ...]] = {
    name: tuple(field for field in fields if field in ("crossing", "place")) for name, fields in CHANNEL_TARGETS.items()
}


class Channel(models.Model):
    """A triangular distribution (low, central, high) of one change, aimed at crossings, flows or places."""

    intervention = models.ForeignKey(
        Intervention, on_delete=models.CASCADE, related_name="channels", verbose_name=_("intervention")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Order within the intervention."))
    type = models.CharField(_("type"), max_length=20, choices=ChannelType.choices)
    crossing = models.TextField(_("crossings"), blank=True, help_text=_("Crossing codes separated by ';', * for all."))
    direction = models.CharField(_("direction"), max_length=20, blank=True, help_text=_("Economy entered, * for both."))
    origin = models.TextField(_("origins"), blank=True, help_text=_("Places or economies separated by ';', * for all."))
    destination = models.TextField(
        _("destinations"), blank=True, help_text=_("Places or economies separated by ';', * for all.")
    )
    sector = models.TextField(_("sectors"), blank=True, help_text=_("Sectors separated by ';', * for all."))
    place = models.TextField(_("places"), blank=True, help_text=_("Places or economies separated by ';'."))
    low = models.FloatField(_("low"))
    central = models.FloatField(_("central"))
    high = models.FloatField(_("high"))
    unit = models.CharField(_("unit"), max_length=40)
    source = models.TextField(_("source"))
    grade = models.CharField(_("evidence grade"), max_length=1, choices=EvidenceGrade.choices)
    start_year = models.PositiveSmallIntegerField(_("start year"), null=True, blank=True)
    ramp_years = models.FloatField(_("ramp-up, years"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["intervention", "position", "id"]
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [
            triangular_constraint("channel"),
            choice_constraint("channel", "type", ChannelType),
            choice_constraint("channel", "grade", EvidenceGrade),
            models.CheckConstraint(condition=~Q(source=""), name="planner_channel_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.central:g} {self.unit}"

    def targets(self) -> dict[str, str]:
        """The target columns that are filled in."""
        return {field: getattr(self, field) for field in TARGET_FIELDS if getattr(self, field)}
