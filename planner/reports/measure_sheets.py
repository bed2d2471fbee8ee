"""One measure on paper: what it is, what it changes, what follows and what it costs, in a few lines."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from planner.reports import words
from planner.reports.blocks import Block
from planner.reports.numbers import format_interval, format_number, format_step
from planner.reports.vocabulary import CHANNELS

# Inputs repeat the channels, and the rank stands in the title.
STEPS_LEFT_OUT = ("input", "rank")


def measure_sheet(entry: Mapping[str, Any], case: Mapping[str, Any]) -> Block:
    """Title, results and labelled lines; lines without content are left out."""
    measure, row = entry["measure"], entry["row"]
    lines = [
        (_("What it is"), " \u00b7 ".join(_facts(measure))),
        (_("Changes"), "; ".join(_channel(channel) for channel in measure["channels"])),
        (_("Costs"), _costs(entry, case)),
        (_("Sources"), _sources(measure)),
    ]
    verdict = entry["verdict"] if row else f"{entry['status']}: {entry['reason']}"
    return {
        "kind": "measure",
        "number": str(row["rank"]) if row else "\u2013",
        "name": measure["name"],
        "result": _result(measure) if row else "",
        "verdict": str(verdict),
        "steps-label": _("Step by step at central values, before \u2192 after (change)"),
        "steps": [_step(step) for step in measure["chain"] if step["step"] not in STEPS_LEFT_OUT],
        "lines": [[labelled(str(label), ""), text] for label, text in lines if text],
    }


def labelled(label: str, text: str) -> str:
    """`label: text`, with the space before the colon that French has."""
    return _("%(label)s: %(text)s") % {"label": label, "text": text}


def _result(measure: Mapping[str, Any]) -> str:
    change, welfare = measure["full"]["index_change"], measure["full"]["ev_musd"]
    return _(
        "index %(index)s millionths (%(index_interval)s), welfare %(welfare)s million USD a year (%(interval)s)"
    ) % {
        "index": format_number(change["mean"], "index_change"),
        "index_interval": format_interval(change["q05"], change["q95"], "index_change"),
        "welfare": format_number(welfare["mean"], "musd_change"),
        "interval": format_interval(welfare["q05"], welfare["q95"], "musd_change"),
    }


def _facts(measure: Mapping[str, Any]) -> list[str]:
    facts = [
        str(words.KINDS.get(measure["kind"], measure["kind"])),
        str(words.MATURITY.get(measure["maturity"], measure["maturity"] or "")),
        measure["description"] or "",
        _("Competence: %(who)s") % {"who": measure["competence"]} if measure["competence"] else "",
        _("Legal test: %(which)s") % {"which": measure["legal_test"]} if measure["legal_test"] else "",
    ]
    return [fact for fact in facts if fact]


def _channel(channel: Mapping[str, Any]) -> str:
    value = format_number(channel["central"], "plain")
    if channel["low"] != channel["high"]:
        value = f"{value} ({format_interval(channel['low'], channel['high'], 'plain')})"
    return f"{CHANNELS.get(channel['type'], channel['type'])}, {channel['targets']}: {value} {channel['unit']} [{channel['grade']}]"


def _step(step: Mapping[str, Any]) -> str:
    change = f" ({format_number(step['change'], 'chain_change')})" if step["change"] is not None else ""
    if step["step"] == "welfare" and step["change"] is not None:
        return labelled(step["text"], f"{format_number(step['change'], 'chain_change')} {step['unit']}")
    before, after = (format_step(step[name], step["before"], step["after"]) for name in ("before", "after"))
    lead = f"{before} \u2192 " if step["before"] is not None else ""
    return labelled(step["text"], f"{lead}{after}{change} {step['unit']}")


def _costs(entry: Mapping[str, Any], case: Mapping[str, Any]) -> str:
    costs = entry["measure"]["costs"]
    if costs["total_musd"] is None:
        return ""
    periods = [
        f"{period['years']} {period['category']} {format_number(period['amount_musd'], 'musd')} [{period['grade']}]"
        for period in entry["costs"]
    ]
    shown = (
        periods if len(periods) <= 6 else [*periods[:5], _("and %(count)d more entries") % {"count": len(periods) - 5}]
    )
    return _("%(total)s million %(currency)s of %(year)s in all; a year: %(periods)s") % {
        "total": format_number(costs["total_musd"], "musd"),
        "currency": case["currency"],
        "year": case["price_year"],
        "periods": ", ".join(shown),
    }


def _sources(measure: Mapping[str, Any]) -> str:
    """Every source of the measure once, in the order of its evidence."""
    cited = [measure.get("source"), *(channel["source"] for channel in measure["channels"])]
    cited += [cost["source"] for cost in measure["costs"]["by_year"]]
    address = measure.get("source_url")
    return "; ".join(dict.fromkeys(str(source) for source in [*cited, address] if source))
