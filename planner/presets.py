"""Presets: a first channel for each kind of intervention, with its range, source and evidence grade, to be adapted."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from planner.models.channel_rules import CHANNEL_TARGETS, CHANNEL_UNITS, ChannelType

ASSUMED = "Assumption of the preset: replace it by what is known of the measure"
RTA = "Yotov, Piermartini, Monteiro & Larch 2016, chapter 1: agreements raise trade by 0.19 (no pair effects) to 0.56 log points"
ONLINE = "Lendle, Olarreaga, Schropp & Vezina 2016, Economic Journal, for what distance means online; the change itself is assumed"
TOURISM = "Assumption: studies with instruments often find nothing (Santana-Gallego et al. 2016 find a positive sign), so zero counts"


@dataclass(frozen=True)
class Preset:
    """One way in which a kind of intervention usually enters the model; values in the unit of the channel's type."""

    key: str
    kind: str
    name: Promise
    type: ChannelType
    low: float
    central: float
    high: float
    source: str
    grade: str
    vehicle: str = ""

    @property
    def unit(self) -> str:
        """The unit of the type."""
        return CHANNEL_UNITS[self.type][0]

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns that aim the type; the user fills them in."""
        return CHANNEL_TARGETS[self.type]

    def values(self) -> dict[str, Any]:
        """What a new channel takes over from the preset."""
        names = ("low", "central", "high", "unit", "source", "grade", "vehicle")
        return {"type": self.type.value, **{name: getattr(self, name) for name in names}}


_T = ChannelType
PRESETS: tuple[Preset, ...] = (
    Preset("one-more-booth", "facilitation", _("One or two more truck booths"), _T.BOOTHS, 0.5, 1, 2, ASSUMED, "D"),
    Preset("car-booths", "facilitation", _("One or two more booths for cars"), _T.BOOTHS, 0.5, 1, 2, ASSUMED, "D", "car"),
    Preset("trusted-travellers", "tourism", _("More cars of trusted travellers"), _T.TRUSTED_SHARE, 0.005, 0.02, 0.05, ASSUMED, "D",
           "car"),
    Preset("larger-plaza", "facilitation", _("A plaza built for a third more traffic"), _T.BOOTHS_SHARE, 0.1, 0.3, 0.4,
           ASSUMED, "D"),
    Preset("scanners", "facilitation", _("Faster primary inspection: scanners, pre-filled entries"), _T.SERVICE_TIME,
           -0.25, -0.1, -0.02, ASSUMED, "D"),
    Preset("even-service", "facilitation", _("More even inspection: secondary checks moved aside"), _T.SERVICE_SPREAD,
           -0.5, -0.25, 0, ASSUMED, "D"),
    Preset("trusted-traders", "facilitation", _("More trucks of trusted traders"), _T.TRUSTED_SHARE, 0.01, 0.05, 0.12,
           ASSUMED, "D"),
    Preset("preclearance", "facilitation", _("Inspection before the border"), _T.PRECLEARANCE_SHARE, 0.05, 0.2, 0.4,
           ASSUMED, "D"),
    Preset("open-longer", "facilitation", _("Open longer"), _T.OPEN_HOURS, 1, 4, 8, ASSUMED, "D"),
    Preset("appointments", "facilitation", _("Appointments for trucks"), _T.BOOKING, 0.1, 0.3, 0.6, ASSUMED, "D"),
    Preset("shared-plaza", "facilitation", _("Travellers gain too, where lanes or plaza are shared with trucks"),
           _T.TRAVELLER_SHARE, 0.1, 0.4, 0.8, ASSUMED, "D"),
    Preset("access-road", "facilitation", _("A better approach road"), _T.ROAD_HOURS, -0.25, -0.1, -0.03, ASSUMED, "D"),
    Preset("paperless-release", "facilitation", _("Release without paper"), _T.HANDLING_SHARE, -0.15, -0.05, -0.01,
           "Assumption; reforms of formalities alone are put at 2.8 to 4.2 per cent of trade costs (OECD 2015)", "D"),
    Preset("officer-at-peak", "facilitation", _("One more officer at peak hours"), _T.BOOTHS, 0.1, 0.2, 0.35,
           "Own calculation: some five officers keep a booth open around the clock; size of the gain to be checked against "
           "Avetisyan, Heatwole, Rose & Roberts 2015, Transportation Research Part A 78", "D"),
    Preset("small-exporters", "diversification", _("Help for small exporters"), _T.TRADE_COST, -0.001, -0.0004, 0, ASSUMED,
           "D"),
    Preset("processing", "diversification", _("More processing at home"), _T.PRODUCTIVITY, 0.0005, 0.002, 0.005, ASSUMED,
           "D"),
    Preset("agreement", "cooperation", _("A trade agreement"), _T.LOG_TRADE, 0.191, 0.475, 0.557, RTA, "B"),
    Preset("recognition", "cooperation", _("Recognition of the other side's standards"), _T.LOG_TRADE, 0, 0.014, 0.035,
           "Assumption: far below an average agreement (Yotov et al. 2016)", "D"),
    Preset("green-plants", "sustainability", _("Grants for cleaner plants"), _T.PRODUCTIVITY, 0.0002, 0.001, 0.003,
           ASSUMED, "D"),
    Preset("rail-shift", "sustainability", _("Faster trains through the border"), _T.RAIL_HOURS, -3, -1, -0.3, ASSUMED, "D"),
    Preset("training", "capacity", _("Training of workers"), _T.PRODUCTIVITY, 0.0003, 0.001, 0.003, ASSUMED, "D"),
    Preset("customs-courses", "capacity", _("Customs courses for small shippers"), _T.HANDLING_HOURS, -0.14, -0.06, -0.01,
           ASSUMED, "D"),
    Preset("single-window", "digital", _("Single window for declarations"), _T.HANDLING_HOURS, -0.4, -0.15, 0.05, ASSUMED,
           "D"),
    Preset("online-sales", "digital", _("More sold online"), _T.ONLINE_SHARE, 0.001, 0.004, 0.01, ONLINE, "C"),
    Preset("promotion", "tourism", _("Promotion of visits"), _T.VISITORS, 0, 0.005, 0.012, TOURISM, "D"),
    Preset("tariff", "restrictive", _("A tariff"), _T.TARIFF, 0.1, 0.1, 0.1, "The rate that is proposed", "C"),
    Preset("answered-tariff", "restrictive", _("The other side answers a tariff in kind"), _T.RETALIATION, 0, 1, 1,
           "Assumption: not at all to in full; 1 is the same rate on the same goods", "D"),
    Preset("shut", "restrictive", _("A crossing closed"), _T.CLOSURE, 1, 1, 1, "A closed crossing is closed", "C"),
)  # fmt: skip


def channel_presets(kind: str = "") -> tuple[Preset, ...]:
    """The presets of a kind of intervention, or all of them."""
    return tuple(preset for preset in PRESETS if not kind or preset.kind == kind)
