"""Sentences about the appraisal: who is worth most, how many are worth their cost, and what travellers gain."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from planner.reports.numbers import format_interval, format_number
from planner.reports.stored_analyses import found, measure_name

Context = Mapping[str, Any]


def appraisal_sentences(context: Context) -> list[str]:
    """Who is worth most, and how many are worth their cost."""
    document = found(context, "appraisal")
    if not document:
        return []
    rows = {row["intervention"]: row for row in document["rows"]}
    known = [rows[name] for name in document["order"]]
    if not known:
        return [_("No measure that may be proposed has a known cost, so that none has a net present value.")]
    best = known[0]
    sure = sum(row["npv_musd"]["q05"] > 0 for row in known)
    time = [row for row in document["rows"] if row.get("travellers") and not row["restrictive"]]
    loss = sum(row["npv_musd"]["q95"] < 0 for row in known)
    return [
        _(
            "Best by net present value: %(name)s, %(npv)s million %(currency)s (90 %% interval %(interval)s; discounted to %(base)s at %(rate)s, until %(last)s)."
        )
        % {
            "name": measure_name(context, best["intervention"]),
            "npv": format_number(best["npv_musd"]["mean"], "musd_change"),
            "currency": document["currency"],
            "interval": format_interval(best["npv_musd"]["q05"], best["npv_musd"]["q95"], "musd_change"),
            "base": document["base_year"],
            "rate": format_interval(document["discount_rate"]["q05"], document["discount_rate"]["q95"], "share"),
            "last": document["last_year"],
        },
        _(
            "Of %(count)d measures with a known cost, at 90 %% %(sure)d are worth more than they cost to those whose welfare counts, and %(loss)d less."
        )
        % {"count": len(known), "sure": sure, "loss": loss},
        *_traveller_sentences(context, time),
    ]


def _traveller_sentences(context: Context, rows: list[Any]) -> list[str]:
    """What travellers gain where most, and whether their waits are known."""
    counted = [row for row in rows if row["travellers"]["people"]]
    if not counted:
        return [_("No measure moves the waits of travellers in cars, in buses or on foot.")]
    most = max(counted, key=lambda row: row["present_benefits_musd"]["travellers_time"]["mean"])
    saving = most["travellers"]
    text = _(
        "Travellers' time is counted for %(count)d measures, most for %(name)s: %(minutes)s minutes for each of %(people)s million people a year, a present value of %(value)s million %(currency)s."
    ) % {
        "count": len(counted),
        "name": measure_name(context, most["intervention"]),
        "minutes": format_number(saving["minutes_saved"]["mean"], "minutes"),
        "people": format_number(saving["people"] / 1e6, "musd"),
        "value": format_number(most["present_benefits_musd"]["travellers_time"]["mean"], "musd_change"),
        "currency": context["case"]["currency"],
    }
    if not any(row["travellers"]["waits_measured"] for row in counted):
        text += " " + _("No wait of cars is measured in this case: their queues rest on an assumed wait.")
    return [text]
