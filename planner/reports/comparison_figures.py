"""The figures of a comparison: ranks in every run, and how many places each difference moves."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planner.reports.attribution_words import Document, step_name
from planner.reports.comparison_words import run_names
from planner.reports.figure_set import Drawing, drawn, even_parts
from planner.reports.figures import theme
from planner.reports.figures.bars_figure import Bar, bars_figure
from planner.reports.figures.places_figure import PlacedMeasure, RunRank, places_figure, rows_on_paper


def comparison_figures(document: Document) -> dict[str, dict[str, SafeString]]:
    """{figure: {layout: svg}} for pages on screens."""
    return {
        name: {layout.name: drawn(parts[0], layout, name) for layout in theme.LAYOUTS}
        for name, parts in _drawings(document, None).items()
    }


def comparison_paper_figures(document: Document) -> dict[str, list[str]]:
    """{figure: its parts} for paper."""
    return {
        name: [str(drawn(draw, theme.PAPER, f"{name}-{number}")) for number, draw in enumerate(parts)]
        for name, parts in _drawings(document, rows_on_paper(len(document["runs"]))).items()
    }


def _drawings(document: Document, most_rows: int | None) -> dict[str, list[Drawing]]:
    drawings = {}
    rows = _placed(document["outcomes"])
    if rows:
        drawings["ranks"] = [_ranks(part, rows, run_names(document)) for part in even_parts(rows, most_rows)]
    for number, attribution in enumerate(document["attributions"], start=1):
        bars = _bars(attribution) if attribution else []
        if bars:
            drawings[f"causes_{number}"] = [_causes(bars)]
    return drawings


def _placed(outcomes: Sequence[Mapping[str, Any]]) -> list[PlacedMeasure]:
    """Measures that some run ranks, in the order of the first run."""
    rows = []
    for row in outcomes:
        ranks = [
            RunRank(one["rank"], one["rank_low"], one["rank_high"]) if one and one["rank"] is not None else None
            for one in row["runs"]
        ]
        if any(ranks):
            apart = any(move and move["beyond_intervals"] for move in row["moves"])
            rows.append(PlacedMeasure(row["name"], ranks, apart))
    return rows


def _ranks(part: Sequence[PlacedMeasure], rows: Sequence[PlacedMeasure], names: Sequence[str]) -> Drawing:
    heading = _("Rank of each measure in each run")
    return lambda layout, identifier: places_figure(part, names, layout, identifier, heading, rows)


def _bars(attribution: Mapping[str, Any]) -> list[Bar]:
    """One bar a difference that could be put in alone, then all together."""
    steps = [(step_name(step), step) for step in attribution["steps"]]
    if len(steps) > 1:
        steps.append((_("all together"), attribution["together"]))
    bars = []
    for name, step in steps:
        if step["places"] is not None:
            text = ngettext("%(count)d place", "%(count)d places", step["places"]) % {"count": step["places"]}
            bars.append(Bar(name, 0.0, float(step["places"]), text, total=step is attribution["together"]))
    return bars if any(bar.end for bar in bars) else []


def _causes(bars: list[Bar]) -> Drawing:
    heading = _("Places that each difference moves by itself")
    return lambda layout, identifier: bars_figure(bars, "count", layout, identifier, heading)
