"""Words of the desk's own pages: drivers of a balance, names of uncertain numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from planner.reports.vocabulary import input_parts

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


def input_name(key: str, names: Mapping[str, str] | None = None) -> str:
    """An uncertain number readable: `theta_factor[cars]` becomes `Trade elasticity: Cars`."""
    label, where = input_parts(key)
    if not label:
        return key.replace("_", " ").replace("[", " (").replace("]", ")")
    return f"{label}: {(names or {}).get(where, where)}" if where else label


# Characters that turn the direction of the text after them, and the pair that keeps such a turn inside a name.
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"


def isolated(name: str) -> str:
    """A name that cannot turn the sentence around it; most names come back as they are."""
    return f"{ISOLATE}{TURNING.sub('', name)}{END_OF_ISOLATE}" if TURNING.search(name) else name


def isolated_measures(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The interventions of a run document by id, with names that are safe inside a sentence."""
    return {one["id"]: {**one, "name": isolated(one["name"])} for one in document["interventions"]}
