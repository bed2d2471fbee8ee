"""A portfolio as lines of text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.reports.numbers import format_interval, format_number

Document = Mapping[str, Any]
LONGEST_NAME = 70
SHOWN_PAIRS = 5
EXACT_GAP = 1e-6


def portfolio_lines(document: Document) -> list[str]:
    """What was asked, the set, how it was verified, frontier, plan, who was not considered."""
    lines = [*cover_lines(document), "", *member_lines(document, document["portfolio"]), "", *verified_lines(document)]
    if document["frontier"]:
        lines += ["", *frontier_lines(document)]
    if document["plan"]:
        lines += ["", *plan_lines(document)]
    if document["not_considered"]:
        lines += ["", "Not considered:"]
        lines += [f"  {row['name']}: {row['reason']}" for row in document["not_considered"]]
    return lines


def effect(document: Document, value: float | None) -> str:
    """A value of the objective as text."""
    return format_number(value, "index_change_plain" if document["objective"] == "imbalance" else "musd_change")


def unit(document: Document) -> str:
    """The objective's unit, short."""
    if document["objective"] == "imbalance":
        return "narrows the index by, millionths"
    return f"welfare, M {document['case']['currency']} a year"


def cover_lines(document: Document) -> list[str]:
    """What was asked."""
    case, run, rules = document["case"], document["run"], document["rules"]
    counted = "capital and operating costs" if document["costs_counted"] == "all" else "capital costs"
    lines = [
        f"{case['title']}: best set for {document['objective']} among {len(document['candidates'])} interventions",
        (
            f"Budget {format_number(rules['budget'], 'plain')} {document['money']}: {counted} of all years listed, "
            "not discounted"
        ),
        f"Closure {run['closure']}, central parameter values, each at full effect; welfare is that of {run['standing']}",
    ]
    if rules["yearly"]:
        left = "; what a year leaves is carried over" if rules["carry_over"] else ""
        lines.append(f"Budgets by year: {yearly_words(rules['yearly'])}{left}")
    lines += [f"At most one of {', '.join(ids)}" for ids in rules["exclusions"]]
    lines += [f"{one} only with {other}" for one, other in rules["prerequisites"]]
    if rules["required"]:
        lines.append(f"Required: {', '.join(rules['required'])}")
    if rules["free"]:
        lines.append(f"Taken as free: {', '.join(rules['free'])}")
    return lines


def yearly_words(yearly: Mapping[str, float]) -> str:
    """Budgets of single years; one amount for all of them is said once."""
    if len(yearly) > 1 and len(set(yearly.values())) == 1:
        return f"{format_number(next(iter(yearly.values())), 'plain')} in each year from {min(yearly)} to {max(yearly)}"
    return ", ".join(f"{year}: {format_number(value, 'plain')}" for year, value in yearly.items())


def member_lines(document: Document, found: Document) -> list[str]:
    """The members with cost, effect alone and what the set would lose without each."""
    if not found["members"]:
        return ["The best set is empty: nothing that the budget can buy helps."]
    phased = any(row["start_year"] for row in found["members"])
    heads = [
        "intervention",
        *(["start"] if phased else []),
        f"cost, M {document['case']['currency']}",
        "alone",
        "in the set",
    ]
    rows = [
        [
            row["name"][:LONGEST_NAME],
            *([str(row["start_year"])] if phased else []),
            format_number(row["cost_musd"], "musd"),
            effect(document, row["alone"]),
            effect(document, row["marginal"]),
        ]
        for row in found["members"]
    ]
    return [*aligned(heads, rows), f"alone, in the set (what it would lose without): {unit(document)}"]


def verified_lines(document: Document) -> list[str]:
    """The joint effect, how it differs from sums, and the worth of more money."""
    found, money = document["portfolio"], f"M {document['case']['currency']}"
    lines = [
        (
            f"Together, solved jointly: {effect(document, found['value'])} ({unit(document)}) for "
            f"{format_number(found['cost_musd'], 'plain')} {money}"
        ),
        (
            f"  narrows the index by {format_number(found['narrowing'], 'index_change_plain')} millionths, "
            f"welfare {format_number(found['welfare_musd'], 'musd_change')} {money} a year"
        ),
        (
            f"  sum of each alone {effect(document, found['sum_alone'])}, interaction "
            f"{effect(document, found['interaction'])}; by pairs {effect(document, found['predicted_by_pairs'])}"
        ),
    ]
    if found["over_draws"]:
        gap, welfare = found["over_draws"]["narrowing"], found["over_draws"]["welfare_musd"]
        lines.append(
            f"  over {document['run']['draws']} draws (5 to 95 %): "
            f"{format_interval(gap['q05'], gap['q95'], 'index_change_plain')} millionths, "
            f"{format_interval(welfare['q05'], welfare['q95'], 'musd_change')} {money} a year"
        )
    proof = "proven best by main and pairwise effects" if (found["gap"] or 0) <= EXACT_GAP else (
        f"not proven best: within {format_number(found['gap'], 'share')} of the bound"
    )  # fmt: skip
    lines.append(f"  {proof}; exchanges by joint solves: {found['exchanges']}")
    if found["shadow_price"] is not None:
        lines.append(f"One million more would add about {effect(document, found['shadow_price'])} (parts allowed)")
    pairs = found["interactions_inside"][:SHOWN_PAIRS]
    if pairs:
        lines.append("Largest interactions in the set (- substitutes, + complements):")
        lines += [f"  {row['first']} and {row['second']}: {effect(document, row['interaction'])}" for row in pairs]
    return lines


def frontier_lines(document: Document) -> list[str]:
    """One line for each budget."""
    heads = ["budget", "cost", unit(document), "gain per million", "interventions"]
    rows = [
        [
            format_number(row["budget"], "plain"),
            format_number(row["cost_musd"], "plain"),
            effect(document, row["value"]),
            effect(document, row["gain_per_million"]),
            str(len(row["members"])),
        ]
        for row in document["frontier"]
    ]
    return [f"Frontier, M {document['case']['currency']}:", *aligned(heads, rows)]


def plan_lines(document: Document) -> list[str]:
    """Start years, and what is in place year by year."""
    plan = document["plan"]
    lines = [
        (
            f"Plan {plan['first_year']} to {plan['last_year']}, starts put off by up to {plan['most_delay']} years, "
            f"discounted at {format_number(plan['discount_rate'], 'share')} a year:"
        ),
        *member_lines(document, plan),
        "",
    ]
    rows = [
        [
            str(row["year"]),
            format_number(plan["cost_by_year"].get(str(row["year"]), 0.0), "musd"),
            format_number(row["narrowing"], "index_change_plain"),
            format_number(row["welfare_musd"], "musd_change"),
        ]
        for row in plan["by_year"]
    ]
    money = f"M {document['case']['currency']}"
    return lines + aligned(["year", f"cost, {money}", "narrows by, millionths", f"welfare, {money}"], rows)


def aligned(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns of equal width; the first to the left, the others to the right."""
    table = [list(heads), *rows]
    widths = [max(len(row[at]) for row in table) for at in range(len(heads))]
    lines = []
    for row in table:
        sized = list(zip(row, widths, strict=True))
        cells = [cell.rjust(size) if at else cell.ljust(size) for at, (cell, size) in enumerate(sized)]
        lines.append("  ".join(cells).rstrip())
    return [lines[0], "  ".join("-" * size for size in widths), *lines[1:]]
