"""Words of the desk's own pages: drivers of a balance, names of uncertain numbers."""

from __future__ import annotations

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


def input_name(key: str) -> str:
    """An uncertain number readable: `theta_factor[cars]` becomes `theta factor (cars)`."""
    return key.replace("_", " ").replace("[", " (").replace("]", ")")
