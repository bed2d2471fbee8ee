"""The summary's table: the members of the best set that do most, with what each costs, does and is worth."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from planner.reports.blocks import Block, Cell, table
from planner.reports.cells import number, spread
from planner.reports.stored_analyses import found

Context = Mapping[str, Any]
MOST_MEMBERS = 5


def fund_table(context: Context) -> Block | None:
    """None where the run has no best set."""
    document = found(context, "portfolio")
    members = {row["id"]: row for row in document["portfolio"]["members"]} if document else {}
    if not members:
        return None
    measures = {measure["id"]: measure for measure in context["interventions"]}
    worth = {row["intervention"]: row for row in (found(context, "appraisal") or {}).get("rows", ())}
    leading = [row["intervention"] for row in context["ranking"]["rows"] if row["intervention"] in members]
    rows: list[Sequence[Cell]] = []
    for name in leading[:MOST_MEMBERS]:
        full, appraisal = measures[name]["full"], worth.get(name, {})
        rows.append(
            [
                measures[name]["name"],
                number(members[name]["cost_musd"], "musd"),
                spread(full["index_change"], "index_change"),
                spread(full["ev_musd"], "musd_change"),
                number(appraisal.get("p_npv_positive"), "probability"),
                measures[name]["grade"] or "\u2013",
            ]
        )
    columns = (
        (_("Measure"), "left", 3.4),
        (_("Cost, M"), "right", 0.7),
        (_("Change of index, millionths"), "right", 1.7),
        (_("Welfare, million %(currency)s a year") % {"currency": context["case"]["currency"]}, "right", 1.7),
        (_("Worth more than it costs"), "right", 0.9),
        (_("Evidence"), "center", 0.7),
    )
    caption = _(
        "Members of the best set in the order of rank, at most %(count)d; each alone, mean and 90 %% interval"
    ) % {"count": MOST_MEMBERS}
    return table(columns, rows, caption, small=True) | {"anchor": "table-fund"}


def in_one_line(block: Block) -> Block:
    """The same table with intervals in brackets behind the means: lines are dear on a page that has to hold the summary."""
    rows = [
        [{**cell, "main": f"{cell['main']} ({cell['sub']})", "sub": ""} if cell["sub"] else cell for cell in row]
        for row in block["rows"]
    ]
    return {**block, "rows": rows}
