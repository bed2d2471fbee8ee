"""Legal points that a channel raises: a reminder to check, by its type and sign, and no advice."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from planner.models import Channel, ChannelType

# (types, sign of the largest change that raises the point, the point). Treaty articles: GATT 1994, SCM Agreement, GATS.
POINTS: tuple[tuple[tuple[str, ...], int, Any], ...] = (
    (
        (ChannelType.TARIFF,),
        +1,
        _(
            "Bound rates: a tariff above the bound rate needs a waiver, a renegotiation or an exception (GATT Articles II, "
            "XXVIII); a countervailing or anti-dumping duty needs a finding of injury (GATT Article VI)."
        ),
    ),
    (
        (ChannelType.TARIFF,),
        -1,
        _("Most-favoured-nation rule: a lower tariff for one partner needs a trade agreement (GATT Articles I, XXIV)."),
    ),
    (
        (ChannelType.EXPORT_TAX,),
        +1,
        _("Export taxes: some trade agreements and accession protocols forbid them; look up the case's agreement."),
    ),
    (
        (ChannelType.EXPORT_TAX,),
        -1,
        _("Export subsidies are prohibited (SCM Agreement Article 3; Agreement on Agriculture for farm goods)."),
    ),
    (
        (ChannelType.PRODUCTIVITY, ChannelType.SPENDING),
        +1,
        _("State aid: support for single firms or regions can be an actionable subsidy (SCM Agreement Articles 2 and 5)."),
    ),
    (
        (ChannelType.FEE_USD,),
        +1,
        _("Fees at the border may not exceed the cost of the service (GATT Article VIII)."),
    ),
    (
        (ChannelType.CERTIFICATES,),
        +1,
        _("Quantity limits on imports are forbidden apart from balance-of-payments exceptions (GATT Articles XI, XII)."),
    ),
    (
        (ChannelType.FLOW_CAP,),
        +1,
        _("Limits on capital movements: GATS Articles XI and XII, and the capital clauses of trade and investment treaties."),
    ),
    (
        (ChannelType.REVALUATION,),
        0,
        _("Exchange arrangements are subject to surveillance (IMF Articles of Agreement, Article IV)."),
    ),
    (
        (ChannelType.LOG_TRADE,),
        +1,
        _("Recognition agreements have to be open to comparable partners (TBT Agreement Articles 2.7 and 6; SPS Article 4)."),
    ),
)  # fmt: skip


def legal_points(channels: Iterable[Channel]) -> list[Any]:
    """The points that these channels raise, each once, in a fixed order."""
    rows = list(channels)
    return [
        point
        for types, sign, point in POINTS
        if any(row.type in types and (sign == 0 or row.central * sign > 0) for row in rows)
    ]
