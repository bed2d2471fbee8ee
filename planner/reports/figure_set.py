"""The figures of a report, each in a wide and a narrow drawing."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from planner.reports.analysis_figures import analysis_drawings
from planner.reports.figures import theme
from planner.reports.figures.balances_figure import BalanceBar, balances_figure
from planner.reports.figures.heatmap_figure import RankChances, rank_heatmap
from planner.reports.figures.map_figure import map_figure
from planner.reports.figures.map_types import MapCrossing, MapFlow, MapRegion, Rings
from planner.reports.figures.quadrant_figure import QuadrantMark, quadrant_figure
from planner.reports.figures.ranking_figure import RankedMark, ranking_figure
from planner.reports.words import score_kind

# What a page holds below a heading and its text and above a caption.
MOST_ROWS_ON_PAPER = 47

Drawing = Callable[[theme.Layout, str], str]


def report_figures(context: Mapping[str, Any], outlines: Mapping[str, Rings]) -> dict[str, dict[str, SafeString]]:
    """{figure: {layout: svg}} for pages on screens; figures without data are left out."""
    drawings = _drawings(context, outlines, most_rows=None)
    return {
        name: {layout.name: drawn(parts[0], layout, name) for layout in theme.LAYOUTS}
        for name, parts in drawings.items()
    }


def paper_figures(context: Mapping[str, Any], outlines: Mapping[str, Rings]) -> dict[str, list[str]]:
    """{figure: its parts} for paper: figures with a row for each measure are cut into parts that fit a page."""
    drawings = _drawings(context, outlines, most_rows=MOST_ROWS_ON_PAPER)
    return {
        name: [str(drawn(draw, theme.PAPER, f"{name}-{number}")) for number, draw in enumerate(parts)]
        for name, parts in drawings.items()
    }


def _drawings(
    context: Mapping[str, Any], outlines: Mapping[str, Rings], most_rows: int | None
) -> dict[str, list[Drawing]]:
    measures = {measure["id"]: measure for measure in context["interventions"]}
    drawings: dict[str, list[Drawing]] = {}
    if context["baseline"]["crossings"]:
        drawings["map"] = [_map(context["baseline"], outlines)]
    if context["baseline"]["regions"]:
        drawings["balances"] = [_balances(context["baseline"]["regions"])]
    rows = context["ranking"]["rows"]
    if rows:
        drawings["ranking"] = _ranking(context["ranking"], measures, most_rows)
        drawings["quadrant"] = [_quadrant(rows, measures)]
    if rows and all(row.get("p_rank") for row in rows):
        drawings["rank_chances"] = _rank_chances(rows, measures, most_rows)
    return drawings | analysis_drawings(context)


def even_parts(rows: Sequence[Any], most: int | None) -> list[Sequence[Any]]:
    """The rows in as few parts as hold at most `most` each, of nearly equal length."""
    count = max(math.ceil(len(rows) / most), 1) if most else 1
    return [rows[len(rows) * part // count : len(rows) * (part + 1) // count] for part in range(count)]


def drawn(draw: Drawing, layout: theme.Layout, name: str) -> SafeString:
    """One drawing as markup: it is built by our own writer, which escapes every text and attribute."""
    return mark_safe(draw(layout, f"figure-{name.replace('_', '-')}-{layout.name}"))  # noqa: S308


def _map(baseline: Mapping[str, Any], outlines: Mapping[str, Rings]) -> Drawing:
    regions = [
        MapRegion(
            region["id"],
            region["name"],
            region["longitude"],
            region["latitude"],
            region["normalised_balance"] if region.get("kind", "border") == "border" else None,
        )
        for region in baseline["regions"]
    ]
    crossings = [
        MapCrossing(
            crossing["name"],
            crossing["longitude"],
            crossing["latitude"],
            crossing["trade_musd"],
            max((minutes for minutes in crossing["wait_minutes"].values() if minutes is not None), default=None),
            crossing["wait_grade"] == "D",
        )
        for crossing in baseline["crossings"]
    ]
    known = {region.identifier for region in regions}
    border = {region["id"] for region in baseline["regions"] if region.get("kind", "border") == "border"}
    both_ways: dict[tuple[str, str], float] = {}
    for pair in baseline["pairs"]:
        if {pair["origin"], pair["destination"]} <= known & border:
            first, second = sorted((pair["origin"], pair["destination"]))
            both_ways[first, second] = both_ways.get((first, second), 0.0) + pair["value_musd"]
    flows = [MapFlow(first, second, value) for (first, second), value in both_ways.items()]
    heading = _("Map of the border at the baseline")
    return lambda layout, identifier: map_figure(regions, crossings, flows, outlines, layout, identifier, heading)


def _balances(regions: list[Mapping[str, Any]]) -> Drawing:
    bars = [
        BalanceBar(region["name"], region["exports_musd"], region["imports_musd"])
        for region in regions
        if region.get("kind", "border") == "border"
    ]
    bars.sort(key=lambda bar: (bar.balance_musd, bar.name))
    heading = _("Balance of each border region at the baseline, billion USD")
    return lambda layout, identifier: balances_figure(bars, layout, identifier, heading)


def _ranking(ranking: Mapping[str, Any], measures: Mapping[str, Any], most_rows: int | None) -> list[Drawing]:
    marks = []
    for row in ranking["rows"]:
        measure = measures[row["intervention"]]
        marks.append(
            RankedMark(
                row["rank"],
                measure["name"],
                row["score_mean"],
                row["q05"],
                row["q95"],
                row["tie_group"],
                measure["kind"] == "restrictive",
                measure["narrows_and_lowers_welfare"],
            )
        )
    welfare = ranking["criterion"] == "welfare"
    axis = (
        _("Welfare, million USD a year (left: lower)")
        if welfare
        else _("Change of the index, millionths (left: the gap narrows)")
    )
    heading = _("Ranked measures with 90 % intervals")
    kind = score_kind(ranking["criterion"])

    def drawing(part: Sequence[RankedMark]) -> Drawing:
        return lambda layout, identifier: ranking_figure(part, kind, axis, layout, identifier, heading, marks)

    return [drawing(part) for part in even_parts(marks, most_rows)]


def _quadrant(rows: list[Mapping[str, Any]], measures: Mapping[str, Any]) -> Drawing:
    marks = []
    for row in rows:
        measure = measures[row["intervention"]]
        full = measure["full"]
        marks.append(
            QuadrantMark(
                row["rank"],
                measure["name"],
                full["index_change"]["mean"],
                full["ev_musd"]["mean"],
                measure["kind"] == "restrictive",
            )
        )
    heading = _("Imbalance against welfare")
    return lambda layout, identifier: quadrant_figure(marks, layout, identifier, heading)


def _rank_chances(rows: list[Mapping[str, Any]], measures: Mapping[str, Any], most_rows: int | None) -> list[Drawing]:
    chances = [RankChances(row["rank"], measures[row["intervention"]]["name"], row["p_rank"]) for row in rows]
    heading = _("Probability of every rank")

    def drawing(part: Sequence[RankChances]) -> Drawing:
        return lambda layout, identifier: rank_heatmap(part, layout, identifier, heading)

    return [drawing(part) for part in even_parts(chances, most_rows)]
