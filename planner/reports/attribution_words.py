"""How much each difference between two runs moves places, in words and a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planner.reports import words
from planner.reports.blocks import Block, Cell, drawing, heading, paragraph, table
from planner.reports.numbers import MINUS, MISSING, format_number

Document = Mapping[str, Any]
LETTERS = "ABCD"
OTHERS = "others"
CAUSES = {
    "own_inputs": gettext_lazy("its own inputs"),
    "parameters": gettext_lazy("parameters"),
    "facts": gettext_lazy("facts of the case"),
    "closure": gettext_lazy("closure"),
    "variant": gettext_lazy("baseline ratios"),
    "stress": gettext_lazy("stress"),
    "engine_version": gettext_lazy("version of the engine"),
    "draws": gettext_lazy("other draws only"),
    "criterion": gettext_lazy("another criterion"),
    "standing": gettext_lazy("another choice of whose welfare counts"),
    "others": gettext_lazy("others moved past it"),
    "unexplained": gettext_lazy("nothing that is recorded"),
}


def step_name(step: Mapping[str, Any]) -> str:
    """What differs, for a heading."""
    if step["cause"] == "parameters":
        return _("other parameters") if step["detail"] == OTHERS else step["detail"].replace("_", " ")
    if step["cause"] == "own_inputs":
        return _("inputs of measures")
    return str(CAUSES[step["cause"]])


def attribution_sentence(attribution: Mapping[str, Any]) -> list[str]:
    """Which difference moves most by itself; that the rest is left, where so."""
    steps = [step for step in attribution["steps"] if step["places"]]
    if len(attribution["steps"]) < 2 or not steps:
        return []
    most = max(steps, key=lambda step: step["places"])
    text = _(
        "Put in alone, %(cause)s moves most: %(places)s places over %(moved)d measures; all together %(all)s places."
    )
    together = attribution["together"]["places"]
    return [
        text
        % {
            "cause": step_name(most),
            "places": format_number(most["places"], "count"),
            "moved": most["moved"],
            "all": MISSING if together is None else format_number(together, "count"),
        }
    ]


def attribution_blocks(document: Document, number: int, shown: Sequence[str]) -> list[Block]:
    """The order again with one difference at a time: a figure of all, a table of the measures that moved most."""
    attribution = document["attributions"][number - 1]
    if not attribution:
        return []
    title = _("How much each difference moves, from A to %(letter)s") % {"letter": LETTERS[number]}
    names = {row["intervention"]: row["name"] for row in document["outcomes"]}
    rows = {row["intervention"]: row for row in attribution["rows"]}
    blocks = [
        heading(title, 2),
        paragraph(" ".join([_how(attribution), *_not_parted(attribution), *_failed(attribution)])),
        drawing(
            f"causes_{number}",
            _("Bars: places moved by each difference alone and by all together"),
            _("Places that change when one difference is put in alone, added up over the measures."),
        ),
    ]
    central = attribution["how"] == "central"
    several = len(attribution["steps"]) > 1
    columns: list[tuple[str, str, float]] = [(_("Measure"), "left", 3), (_("Places gained"), "right", 0.9)]
    columns += [(step_name(step), "right", 1.1) for step in attribution["steps"]]
    columns += [(_("only together"), "right", 0.9)] if several else []
    columns += [(_("rest"), "right", 0.8)] if central else []
    cells: list[list[Cell]] = []
    for name in shown:
        row = rows[name]
        cells.append(
            [
                names[name],
                _places(row["places"]),
                *(_places(one) for one in row["steps"]),
                *([_places(row["interaction"])] if several else []),
                *([_places(row["rest"])] if central else []),
            ]
        )
    caption = (
        _(
            "Places gained (+) or lost from the first run. Columns add up: each difference alone, what comes about only where several meet, and the rest, which central values do not show."
        )
        if central
        else _(
            "Places gained (+) or lost from the first run. Columns add up: each difference alone, and what comes about only where several meet."
        )
    )
    return [*blocks, table(columns, cells, caption, small=len(columns) > 6)] if cells else blocks


def _places(count: int | None) -> str:
    if count is None:
        return MISSING
    return f"{'+' if count > 0 else MINUS if count < 0 else ''}{abs(count)}"


def _how(attribution: Mapping[str, Any]) -> str:
    if attribution["how"] == "stored":
        return _("Found from the draws of both runs, exactly.")
    return _(
        "The order was computed again with one difference at a time, at central values. Differences do not simply add up: what only several together move stands apart."
    )


def _not_parted(attribution: Mapping[str, Any]) -> list[str]:
    if not attribution["not_parted"]:
        return []
    named = words.listed([str(PARTLESS[name]) for name in attribution["not_parted"]])
    return [_("Not put in alone: %(names)s; what they move is in the rest.") % {"names": named}]


PARTLESS = {
    "draws": gettext_lazy("other draws"),
    "engine_version": gettext_lazy("the other version of the engine, which is not here any more"),
}


def _failed(attribution: Mapping[str, Any]) -> list[str]:
    return [
        _("Without a result for %(cause)s alone: %(reason)s.")
        % {"cause": step_name(step), "reason": step["reason"].rstrip(".")}
        for step in attribution["steps"]
        if step["status"] == "failed"
    ]
