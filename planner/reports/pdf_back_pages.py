"""The back pages of the PDF: register of parameters, where the data come from, crossings, method and glossary."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from planner.reports.blocks import Block, heading, items, notes, paragraph, table, terms
from planner.reports.numbers import format_date, format_number

View = Mapping[str, Any]


def parameters_blocks(view: View) -> list[Block]:
    rows = []
    for one in view["parameters"]:
        name = {"main": one["key"], "sub": one["sector"]}
        numbers = (format_number(one[field], "plain") for field in ("low", "central", "high"))
        rows.append([name, *numbers, one["unit"], one["grade"], format_date(one["as_of"]), one["source"]])
    columns = (
        (_("Parameter"), "left", 2.3),
        (_("Low"), "right", 0.8),
        (_("Central"), "right", 0.8),
        (_("High"), "right", 0.8),
        (_("Unit"), "left", 1.3),
        (_("Grade"), "center", 0.6),
        (_("As of"), "left", 1),
        (_("Source"), "left", 4),
    )
    text = _(
        "Low, central and high are the corners of a triangular distribution; equal numbers mean that it was not varied. Grade D is an assumption."
    )
    return [heading(_("Parameter register")), paragraph(text), table(columns, rows, small=True)]


def provenance_blocks(view: View) -> list[Block]:
    baseline = view["baseline"]
    lead = _(
        "The share of the baseline's value that was got in each way. Cross-border flows are kept as observed; what the model needs inside each economy is filled in by rule."
    )
    shares = [[row["name"], format_number(row["share"], "share"), row["meaning"]] for row in view["provenance"]]
    columns = ((_("How it was got"), "left", 1), (_("Share"), "right", 0.7), (_("Meaning"), "left", 4))
    blocks = [heading(_("Where the data come from")), paragraph(lead), table(columns, shares)]
    if view["raised"]:
        text = _(
            "Observed trade was larger than the rule for output or spending allows; the smaller side was raised, never the larger cut."
        )
        raised = [
            [row["place"], row["sector"], row["what"], format_number(row["factor"], "ratio")] for row in view["raised"]
        ]
        raised_columns = (
            (_("Place"), "left", 2),
            (_("Sector"), "left", 2),
            (_("What"), "left", 1),
            (_("Times"), "right", 1),
        )
        blocks += [
            heading(_("Places and sectors that were raised"), 2),
            paragraph(text),
            table(raised_columns, raised, small=True),
        ]
    if baseline["warnings"]:
        blocks += [heading(_("Notes on the baseline"), 2), items(baseline["warnings"])]
    if baseline["crossings"]:
        blocks += [heading(_("Crossings: trade and waits"), 2), *_crossings(view)]
    blocks.append(heading(_("Sources of the case"), 2))
    sources = [_source(source) for source in view["case"]["sources"]]
    return [*blocks, items(sources) if sources else paragraph(_("The case names no sources."))]


def _source(source: Mapping[str, Any]) -> str:
    parts = [
        f"{source.get('what', '')}: {source.get('who', '')}",
        source.get("title"),
        source.get("note"),
        source.get("url"),
    ]
    return ". ".join(str(part).rstrip(". ") for part in parts if part)


def _crossings(view: View) -> list[Block]:
    """Two crossings side by side; the sources of waits, many of which are shared, follow once each."""
    economies = view["case"]["economies"]
    sources: dict[str, int] = {}
    cells = []
    for crossing in view["baseline"]["crossings"]:
        number = sources.setdefault(crossing["wait_source"], len(sources) + 1)
        waits = [format_number(crossing["wait_minutes"].get(economy["id"]), "minutes") for economy in economies]
        name = f"{crossing['name']} ({crossing['code']})"
        cells.append([name, format_number(crossing["trade_musd"], "busd"), *waits, crossing["wait_grade"], str(number)])
    half = (len(cells) + 1) // 2
    blank = [""] * len(cells[0])
    rows = [[*cells[place], *(cells[place + half] if place + half < len(cells) else blank)] for place in range(half)]
    columns = [(_("Crossing"), "left", 3.1), (_("Trade"), "right", 1)]
    columns += [(_("Into %(economy)s") % {"economy": economy["id"]}, "right", 0.9) for economy in economies]
    columns += [(_("Grade"), "center", 0.9), (_("Source"), "right", 0.95)]
    caption = _(
        "Trade in billion %(currency)s; mean truck wait in minutes by economy entered; source by number, below"
    ) % {"currency": view["case"]["currency"]}
    # What is said of each economy's side stands on a line of its own.
    sides = "|".join(re.escape(economy["id"]) for economy in economies)
    listed = [(str(number), re.sub(rf"; (?=(?:{sides}): )", "\n", source)) for source, number in sources.items()]
    return [table([*columns, *columns], rows, caption, small=True), notes(listed)]


def method_blocks(view: View) -> list[Block]:
    text = _(
        "Everything is solved in changes from the baseline, so that only baseline shares and elasticities are needed. A hat is a ratio of after to before, a prime the level after."
    )
    return [
        heading(_("Method in short")),
        paragraph(text),
        terms(view["method"]),
        heading(_("References"), 2),
        items(view["references"]),
        heading(_("Glossary")),
        terms(view["terms"]),
    ]
