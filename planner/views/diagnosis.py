"""Diagnosis: what the headline index and the balance of a place are made of, as steps that add up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from planner.models.vocabulary import AnalysisKind
from planner.reports.reasons import reason_words
from planner.views.charts import Chart, Column
from planner.views.stored import MOST_BARS, Document, Found, chosen, place_names
from planner.views.words import DRIVERS, driver_name


def diagnosis(request: HttpRequest, found: Found, document: Document) -> dict[str, Any]:
    """The drivers of the headline index and of one place's balance, as steps that add up."""
    kind = AnalysisKind.DIAGNOSIS
    diagnosed = found.document(kind)
    if diagnosed is None:
        return {"missing": found.missing(kind)}
    names = place_names(document)
    places = [(row["place"], names.get(row["place"], row["place"])) for row in diagnosed["regions"]]
    place = chosen(request, "place", places)
    row = next((one for one in diagnosed["regions"] if one["place"] == place), None)
    pairs = [one for one in diagnosed["pairs"] if one["region"] == place or one["partner"] == place]
    currency = document["case"]["currency"]
    charts = [
        waterfall(
            "diagnosis-headline",
            _("What the headline index is made of"),
            diagnosed["headline"]["parts"],
            diagnosed["headline"]["remainder"],
            diagnosed["headline"]["index"],
            _("Index points"),
            "index",
        )
    ]
    if row is not None:
        charts.append(
            waterfall(
                f"diagnosis-{place}",
                _("What the balance of %(place)s is made of") % {"place": names.get(place, place)},
                row["parts_musd"],
                row["remainder_musd"],
                row["balance_musd"],
                _("Million %(currency)s a year") % {"currency": currency},
                "musd_change",
            )
        )
    return {
        "lead": _(
            "Every balance across the border, split into its drivers: the model is solved with each driver made neutral, alone and "
            "together. The parts add up exactly. Trade inside economies is imputed, so this carries grade D."
        ),
        "help_anchor": "diagnosis",
        "charts": charts,
        "selects": [{"name": "place", "label": pgettext("region", "Place"), "options": places, "value": place}],
        "notes": [f"{driver_name(name)}: {reason_words(reason)}" for name, reason in diagnosed["missing"].items()],
        "table": {
            "title": _("By partner"),
            "head": [
                _("Region and partner"),
                _("Balance"),
                *(driver_name(name) for name in diagnosed["drivers"]),
                _("Remainder"),
            ],
            "rows": [
                (
                    f"{names.get(one['region'], one['region'])} – {names.get(one['partner'], one['partner'])}",
                    [
                        (one["balance_musd"], "musd_change"),
                        *((one["parts_musd"].get(name), "musd_change") for name in diagnosed["drivers"]),
                        (one["remainder_musd"], "musd_change"),
                    ],
                )
                for one in pairs[:MOST_BARS]
            ],
        },
        "terms": [(driver_name(name), DRIVERS[name][1]) for name in diagnosed["drivers"] if name in DRIVERS],
    }


def waterfall(
    key: str, title: str, parts: Mapping[str, float], remainder: float, total: float, unit: str, kind: str
) -> Chart:
    """Drivers as steps from zero to the whole."""
    rows = [{"name": driver_name(name), "value": value} for name, value in parts.items()]
    rows.append({"name": _("Remainder"), "value": remainder})
    rows.append({"name": _("In all"), "value": total, "total": True})
    return Chart(
        key=key,
        kind="waterfall",
        title=title,
        rows=rows,
        columns=(Column("name", _("Driver")), Column("value", unit, kind)),
        options={"y_name": unit},
        note=_(
            "Each step begins where the last one ended. Blue adds to exports above imports or to the index, brown takes from it."
        ),
    )
