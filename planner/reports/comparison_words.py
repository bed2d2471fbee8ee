"""The comparison of runs in words and tables, as blocks that the PDF and the HTML page are made of."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from planner.reports import words
from planner.reports.attribution_words import CAUSES, LETTERS, attribution_blocks, attribution_sentence
from planner.reports.blocks import Block, Cell, drawing, heading, items, paragraph, table
from planner.reports.cells import spread
from planner.reports.numbers import format_interval, format_number, format_range

Document = Mapping[str, Any]
MOST_MOVES = 12
SETTINGS = {
    "closure": gettext_lazy("Closure"),
    "criterion": gettext_lazy("Ranked by"),
    "standing": gettext_lazy("Whose welfare counts"),
    "variant": gettext_lazy("Baseline ratios"),
    "draws": gettext_lazy("Draws"),
    "seed": gettext_lazy("Seed"),
    "stress": gettext_lazy("Stress"),
    "engine_version": gettext_lazy("Engine"),
}
FACTS = {
    "index": (gettext_lazy("Imbalance index"), "index"),
    "index_with_travel": (gettext_lazy("Imbalance index with travel"), "index"),
    "total_trade_musd": (gettext_lazy("Cross-border trade, billion"), "busd"),
    "imputed_share": (gettext_lazy("Share imputed"), "share"),
    "exports_musd": (gettext_lazy("Exports, billion"), "busd"),
    "imports_musd": (gettext_lazy("Imports, billion"), "busd"),
}


def comparison_blocks(document: Document) -> list[Block]:
    """Differences of inputs first, then outcomes, then why."""
    return [
        *_summary(document),
        *_inputs(document),
        *_outcomes(document),
        *_moves(document),
    ]


def run_names(document: Document) -> list[str]:
    """A, B, ... with the number of the run and its scenario."""
    named = _("%(letter)s: run %(run)d")
    return [
        named % {"letter": letter, "run": run["run"]} + (f", {run['scenario']}" if run["scenario"] else "")
        for letter, run in zip(LETTERS, document["runs"], strict=False)
    ]


def _summary(document: Document) -> list[Block]:
    names = {row["intervention"]: row["name"] for row in document["outcomes"]}
    lines = []
    for name, run in zip(run_names(document), document["runs"], strict=True):
        first = words.listed([names[one] for one in run["first"]], 4) or "–"
        text = _("%(run)s: %(count)d measures ranked; in the first tie group: %(first)s.")
        lines.append(text % {"run": name, "count": run["ranked"], "first": first})
    return [
        heading(_("In short")),
        items([*lines, *difference_sentences(document), *move_sentences(document)]),
    ]


def difference_sentences(document: Document) -> list[str]:
    """What of the inputs differs, each kind in a sentence; that nothing does, where so."""
    inputs, sentences = document["inputs"], []
    if inputs["settings"]:
        named = words.listed([str(SETTINGS[row["setting"]]) for row in inputs["settings"]])
        sentences.append(_("The settings differ: %(names)s.") % {"names": named})
    if inputs["parameters"]:
        count = len(inputs["parameters"])
        text = ngettext("%(count)d parameter differs.", "%(count)d parameters differ.", count)
        sentences.append(text % {"count": count})
    if len(set(inputs["facts_digests"])) > 1:
        sentences.append(_("The facts of the case differ."))
    changed, partly = len(inputs["interventions"]["changed"]), len(inputs["interventions"]["not_in_all"])
    if changed:
        text = ngettext("%(count)d measure has other inputs.", "%(count)d measures have other inputs.", changed)
        sentences.append(text % {"count": changed})
    if partly:
        text = ngettext("%(count)d measure is not in all runs.", "%(count)d measures are not in all runs.", partly)
        sentences.append(text % {"count": partly})
    return sentences or [_("No input differs.")]


def move_sentences(document: Document) -> list[str]:
    """How far the orders agree with the first, and how many moves are more than the intervals of ranks."""
    sentences = []
    for number in range(1, len(document["runs"])):
        moves = [row["moves"][number - 1] for row in document["outcomes"] if row["moves"][number - 1]]
        moved = [one for one in moves if one["places"]]
        beyond = sum(one["beyond_intervals"] for one in moves)
        tau = next(row["tau"] for row in document["agreement"] if (row["first"], row["second"]) == (0, number))
        text = _(
            "From A to %(letter)s %(moved)d of %(all)d measures ranked in both changed place; for %(beyond)d the intervals of rank are apart. Kendall's tau %(tau)s."
        )
        values = {"letter": LETTERS[number], "moved": len(moved), "all": len(moves), "beyond": beyond}
        sentences.append(text % {**values, "tau": format_number(tau, "tau")})
        attribution = document["attributions"][number - 1]
        sentences += attribution_sentence(attribution) if attribution and moved else []
    return sentences


def _inputs(document: Document) -> list[Block]:
    inputs, names = document["inputs"], run_names(document)
    blocks = [heading(_("What differs in the inputs"))]
    columns = [(name, "right", 1.5) for name in names]
    settings = [[str(SETTINGS[row["setting"]]), *(str(one) for one in row["values"])] for row in inputs["settings"]]
    if settings:
        blocks += [heading(_("Settings"), 2), table([(_("Setting"), "left", 2), *columns], settings)]
    parameters: list[list[Cell]] = [
        [{"main": row["parameter"], "sub": row["sector"]}, *(_range(one) for one in row["values"])]
        for row in inputs["parameters"]
    ]
    if parameters:
        caption = _("Central value, with low and high below it")
        blocks += [heading(_("Parameters"), 2), table([(_("Parameter"), "left", 2), *columns], parameters, caption)]
    facts: list[list[Cell]] = [
        [
            {"main": str(FACTS[row["fact"]][0]), "sub": row["place"]},
            *(format_number(one, FACTS[row["fact"]][1]) for one in row["values"]),
        ]
        for row in inputs["facts"]
    ]
    if facts:
        blocks += [heading(_("Baseline"), 2), table([(_("Quantity"), "left", 2), *columns], facts, small=True)]
    blocks += _intervention_inputs(document, columns)
    return blocks if len(blocks) > 1 else [*blocks, paragraph(_("No input differs."))]


def _intervention_inputs(document: Document, columns: Sequence[tuple[str, str, float]]) -> list[Block]:
    inputs = document["inputs"]["interventions"]
    names = {row["intervention"]: row["name"] for row in document["outcomes"]}
    blocks: list[Block] = []
    changed: list[list[Cell]] = [
        [{"main": names[row["intervention"]], "sub": one["input"]}, *(_range(value) for value in one["values"])]
        for row in inputs["changed"]
        for one in row["inputs"]
    ]
    if changed:
        blocks += [heading(_("Measures with other inputs"), 2), table([(_("Measure"), "left", 3), *columns], changed)]
    partly = [
        [names[row["intervention"]], *(_("yes") if one else _("no") for one in row["present"])]
        for row in inputs["not_in_all"]
    ]
    if partly:
        blocks += [
            heading(_("Measures that are not in all runs"), 2),
            table([(_("Measure"), "left", 3), *columns], partly),
        ]
    return blocks


def _range(values: Sequence[float | None] | None) -> Cell:
    """Central value above low to high; one number as it is."""
    if values is None:
        return "–"
    if len(values) < 3:
        return format_number(values[0], "musd")
    return {"main": format_number(values[1]), "sub": format_interval(values[0], values[2])}


def _outcomes(document: Document) -> list[Block]:
    names = run_names(document)
    columns: list[tuple[str, str, float]] = [(_("Measure"), "left", 3)]
    for letter in LETTERS[: len(names)]:
        columns += [
            (_("Rank %(letter)s") % {"letter": letter}, "right", 0.8),
            (_("Index %(letter)s") % {"letter": letter}, "right", 1.5),
            (_("Welfare %(letter)s") % {"letter": letter}, "right", 1.6),
        ]
    rows = []
    for row in document["outcomes"]:
        cells: list[Cell] = [row["name"]]
        for one in row["runs"]:
            cells += _outcome_cells(one)
        rows.append(cells)
    caption = _(
        "Rank with its interval; change of the index in millionths and welfare in million %(currency)s a year, mean with 90 %% interval"
    ) % {"currency": document["case"]["currency"]}
    ranks = drawing(
        "ranks",
        _("Ranks of the measures in each run, with their intervals; the table below has the numbers"),
        _("Rank of each measure in each run with its 90 % interval. In bold: the intervals of two runs do not meet."),
    )
    return [heading(_("What comes out")), ranks, table(columns, rows, caption, small=True)]


def _outcome_cells(one: Document | None) -> list[Cell]:
    if one is None:
        return ["–", "–", "–"]
    if one["rank"] is None:
        return [str(words.STATUS.get(one["status"], one["status"])), "–", "–"]
    rank: Cell = {"main": str(one["rank"]), "sub": format_range(one["rank_low"], one["rank_high"])}
    return [rank, spread(one["index_change"], "index_change"), spread(one["ev_musd"], "musd_change")]


def _moves(document: Document) -> list[Block]:
    """The largest moves from the first run to each other one, with what can have moved them."""
    blocks = [
        heading(_("What moved, and why")),
        paragraph(
            _(
                "Places are counted among the measures that all runs rank. A move inside the intervals of rank is no finding."
            )
        ),
    ]
    for number in range(1, len(document["runs"])):
        rows = [(row, row["moves"][number - 1]) for row in document["outcomes"] if row["moves"][number - 1]]
        moved = sorted(
            (pair for pair in rows if pair[1]["places"]),
            key=lambda pair: (not pair[1]["beyond_intervals"], -abs(pair[1]["places"]), pair[0]["intervention"]),
        )
        blocks.append(heading(_("From A to %(letter)s") % {"letter": LETTERS[number]}, 2))
        if not moved:
            blocks.append(paragraph(_("No measure changed place.")))
            continue
        cells = [
            [
                row["name"],
                f"{row['runs'][0]['place']} → {row['runs'][number]['place']}",
                _("yes") if move["beyond_intervals"] else _("no"),
                _("the same") if move["effect_same"] else _("another"),
                words.listed([str(CAUSES[cause]) for cause in move["causes"]]),
            ]
            for row, move in moved[:MOST_MOVES]
        ]
        columns = (
            (_("Measure"), "left", 3),
            (_("Place"), "right", 0.9),
            (_("Beyond the intervals"), "center", 1),
            (_("Its effect"), "left", 0.9),
            (_("What differs"), "left", 2.5),
        )
        blocks.append(table(columns, cells))
        if len(moved) > MOST_MOVES:
            blocks.append(paragraph(_("and %(count)d smaller moves") % {"count": len(moved) - MOST_MOVES}, quiet=True))
        blocks += attribution_blocks(document, number, [row["intervention"] for row, _move in moved[:MOST_MOVES]])
    return blocks
