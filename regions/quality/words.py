"""Findings in words, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

DATASETS = {
    "crossing_flows": gettext_lazy("Flows by crossing"),
    "sector_flows": gettext_lazy("Flows by sector"),
    "counts": gettext_lazy("Counts at crossings"),
    "waits": gettext_lazy("Truck waits"),
    "accounts": gettext_lazy("Accounts of places"),
    "tariffs": gettext_lazy("Tariffs"),
    "input_output": gettext_lazy("Input-output table"),
    "mirror_flows": gettext_lazy("Mirror records"),
    "transborder": gettext_lazy("TransBorder files of the year"),
    "border_entry": gettext_lazy("Border Crossing/Entry files of the year"),
    "baseline": gettext_lazy("Completed baseline"),
    "parameters": gettext_lazy("Parameters"),
    "interventions": gettext_lazy("Interventions"),
}
DIMENSIONS = {
    "completeness": gettext_lazy("completeness"),
    "timeliness": gettext_lazy("timeliness"),
    "consistency": gettext_lazy("consistency"),
    "plausibility": gettext_lazy("plausibility"),
    "evidence": gettext_lazy("evidence"),
}


def percent(value: float) -> str:
    return f"{number(100 * value, 1)} %"


def number(value: float, digits: int = 0) -> str:
    """Rounded, not cut, in the reader's way of writing numbers."""
    return str(number_format(round(value, digits), digits, use_l10n=True, force_grouping=True))


def listed(items: list[Any]) -> str:
    return ", ".join(map(str, items))


def reason(finding: Mapping[str, Any]) -> str:
    """One finding as a sentence."""
    value, facts = finding["value"], finding["facts"]
    maker = SENTENCES.get(finding["code"])
    return maker(0.0 if value is None else float(value), facts) if maker else str(finding["code"])


def _places(facts: Mapping[str, Any]) -> str:
    return f" ({listed(facts['places'])})" if facts.get("places") else ""


def _months(value: float, facts: Mapping[str, Any]) -> str:
    if facts["annual"]:
        return _("%(table)s: the annual file is there") % facts
    if not facts["missing"]:
        return _("%(table)s: every month is there") % facts
    return _("%(table)s: no rows for months %(months)s: missing, not zero") % {
        "table": facts["table"], "months": listed(facts["missing"]),
    }  # fmt: skip


SENTENCES: dict[str, Any] = {
    "left_out_unknown": lambda value, facts: _("what the source tables left out is not recorded with the case"),
    "left_out": lambda value, facts: (
        _("%(share)s of the value has no known place and is left out") % {"share": percent(value)}
    ),
    "no_crossing": lambda value, facts: (
        _("%(share)s of the value passed no port with entry data") % {"share": percent(value)}
    ),
    "age": lambda value, facts: _("the flows are %(years)s years old") % {"years": number(value)},
    "age_at_prices": lambda value, facts: (
        _("the flows are %(years)s years older than the prices") % {"years": number(value)}
    ),
    "pair_totals": lambda value, facts: (
        _("flows by crossing and by sector differ by at most %(share)s in any of %(pairs)s pairs")
        % {"share": percent(value), "pairs": facts["pairs"]}
    ),
    "tables_agree": lambda value, facts: _("%(check)s holds in %(cells)s cells") % facts,
    "tables_differ": lambda value, facts: (
        _("%(check)s does not hold: cells differ by up to %(usd)s USD")
        % {"check": facts["check"], "usd": number(value)}
    ),
    "trade_over_gdp": lambda value, facts: (
        _("the largest trade of a place is %(ratio)s of its GDP%(places)s")
        % {"ratio": number(value, 2), "places": _places(facts)}
    ),
    "all_trade_over_gdp": lambda value, facts: (
        _("all trade is %(share)s of all GDP") % {"share": f"{number(100 * value, 3)} %"}
    ),
    "value_per_truck": lambda value, facts: (
        _("goods by truck are worth %(usd)s USD for each truck counted") % {"usd": number(value)}
    ),
    "no_trucks": lambda value, facts: _("no trucks are counted where goods enter by truck"),
    "how": lambda value, facts: (
        _("%(observed)s of the value is observed, %(mirrored)s mirrored, %(scaled)s scaled, %(imputed)s imputed")
        % {"observed": percent(value), **{name: percent(facts[name]) for name in ("mirrored", "scaled", "imputed")}}
    ),
    "trucks_counted": lambda value, facts: (
        _("%(share)s of the goods by truck pass crossings where trucks are counted") % {"share": percent(value)}
    ),
    "months_short": lambda value, facts: (
        _("%(count)s crossings did not report in every month (%(crossings)s)")
        % {"count": facts["count"], "crossings": listed(facts["crossings"])}
        if facts["count"]
        else _("every crossing reported in every month")
    ),
    "measured": lambda value, facts: (
        _("a wait is measured for %(share)s of the goods by truck; the rest is assumed") % {"share": percent(value)}
    ),
    "well_founded": lambda value, facts: (
        _("waits of grade C or better stand behind %(share)s of the goods by truck") % {"share": percent(value)}
    ),
    "longest_wait": lambda value, facts: (
        _("the longest wait is %(hours)s hours, at %(crossing)s")
        % {"hours": number(value, 1), "crossing": facts["crossing"]}
    ),
    "gdp_per_head": lambda value, facts: (
        _("GDP per head runs from %(lowest)s to %(highest)s%(places)s")
        % {"lowest": number(facts["lowest"]), "highest": number(facts["highest"]), "places": _places(facts)}
    ),
    "outlines": lambda value, facts: _("%(share)s of the places have an outline") % {"share": percent(value)},
    "table_there": lambda value, facts: _("the table has %(rows)s rows") % {"rows": number(value)},
    "table_missing": lambda value, facts: _("the case has no such table"),
    "mirror_gap": lambda value, facts: (
        _("both sides' records of %(flows)s flows differ by %(share)s on the average")
        % {"flows": facts["flows"], "share": percent(value)}
    ),
    "months_of_table": _months,
    "imputed": lambda value, facts: (
        _(
            "%(imputed)s of the baseline's value is imputed by rule, %(observed)s observed: trade inside an economy is not observed"
        )
        % {"imputed": percent(value), "observed": percent(facts["observed"])}
    ),
    "no_baseline": lambda value, facts: _("no baseline can be built: %(reason)s") % facts,
    "raised": lambda value, facts: (
        _("output or absorption was raised in %(count)s places and sectors") % {"count": number(value)}
    ),
    "parameters_founded": lambda value, facts: (
        _("%(share)s of %(count)s parameters have a source better than an assumption")
        % {"share": percent(value), "count": facts["count"]}
    ),
    "channels_founded": lambda value, facts: (
        _("%(share)s of %(count)s channels have a source better than an assumption")
        % {"share": percent(value), "count": facts["count"]}
    ),
    "costs_founded": lambda value, facts: (
        _("%(share)s of %(count)s interventions have a cost with a source")
        % {"share": percent(value), "count": facts["count"]}
    ),
    "channels": lambda value, facts: _("its weakest channel has grade %(grade)s: %(channel)s") % facts,
    "waits_touched": lambda value, facts: _("the waits it changes have grade %(grade)s at worst") % facts,
    "baseline_imputed": lambda value, facts: (
        _("%(share)s of the baseline it is computed on is imputed") % {"share": percent(value)}
    ),
    "sign": lambda value, facts: (
        _("the sign of its effect is settled at 90 %%") % {}
        if facts["settled"]
        else _("the sign of its effect is not settled at 90 %%") % {}
    ),
    "rank": lambda value, facts: _("its rank lies between %(low)s and %(high)s of %(count)s at 90 %%") % facts,
}
