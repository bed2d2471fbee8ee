"""The figures of a run's analyses: waterfall, cost-effectiveness curve, frontier, tornado, waits."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from planner.reports import analysis_words as words
from planner.reports.figures import theme
from planner.reports.figures.bars_figure import Bar, bars_figure, waterfall
from planner.reports.figures.curve_figure import Point, curve_figure
from planner.reports.figures.waits_figure import DayCourse, Interval, WaitPair, courses_figure, waits_figure
from planner.reports.numbers import format_interval
from planner.reports.wait_section import MOST_COURSES, leading_rows, station_name

Context = Mapping[str, Any]
Drawing = Callable[[theme.Layout, str], str]
MOST_POINTS = 40


def analysis_drawings(context: Context) -> dict[str, list[Drawing]]:
    """{figure: [its drawing]}; figures without data are left out."""
    found = {
        "diagnosis": _waterfall(context),
        "cost_effectiveness": _cost_effectiveness(context),
        "frontier": _frontier(context),
        "tornado": _tornado(context),
        "waits": _waits(context),
        "wait_courses": _courses(context),
    }
    return {name: [draw] for name, draw in found.items() if draw is not None}


def _waterfall(context: Context) -> Drawing | None:
    document = words.found(context, "diagnosis")
    if not document:
        return None
    headline = document["headline"]
    parts = {str(words.DRIVERS[driver]): value for driver, value in headline["parts"].items()}
    parts[_("remainder")] = headline["remainder"]
    bars = waterfall(list(parts), list(parts.values()), _("Imbalance index"), "ratio_signed")
    heading = _("Drivers of the imbalance index")
    return lambda layout, identifier: bars_figure(bars, "ratio", layout, identifier, heading)


def _cost_effectiveness(context: Context) -> Drawing | None:
    """Effects per million, best first, cumulated over measures that narrow the gap (or raise welfare) and have a cost."""
    welfare = context["run"]["criterion"] == "welfare"
    chosen = []
    for measure in context["interventions"]:
        cost = (measure.get("costs") or {}).get("total_musd")
        if measure["status"] != "done" or measure["kind"] == "restrictive" or not cost or cost <= 0:
            continue
        full = measure["full"]
        gain = full["ev_musd"]["mean"] if welfare else -full["index_change"]["mean"]
        if gain > 0:
            chosen.append((gain / cost, measure["name"], cost, gain))
    chosen.sort(key=lambda row: (-row[0], row[1]))
    if len(chosen) < 2 or not words.found(context, "appraisal"):
        return None
    points: list[Point] = []
    money = value = 0.0
    for _rate, name, cost, gain in chosen[:MOST_POINTS]:
        money, value = money + cost, value + gain
        points.append(Point(money, value, name if len(points) < 6 else ""))
    # What the dearest buy is seen in the table: on the axis they would press all others together.
    shown = [point for point in points if point.value < 0.995 * value] or points
    shown = points[: len(shown) + 1]
    axes = (_("cost so far, million"), _effect_words(welfare))
    heading = _("Cost-effectiveness curve")
    kind = "musd" if welfare else "index_change_plain"
    return lambda layout, identifier: curve_figure(shown, kind, axes, layout, identifier, heading)


def _effect_words(welfare: bool) -> str:
    return _("welfare, million a year") if welfare else _("fall of the index, millionths")


def _frontier(context: Context) -> Drawing | None:
    document = words.found(context, "portfolio")
    if not document or len(document["frontier"]) < 2:
        return None
    welfare = document["objective"] == "welfare"
    points = [Point(row["budget"], row["value"], str(len(row["members"]))) for row in document["frontier"]]
    chosen = next(
        (place for place, row in enumerate(document["frontier"]) if row["budget"] == document["portfolio"]["budget"]),
        None,
    )
    axes = (_("budget, million; numbers: measures in the set"), _effect_words(welfare))
    heading = _("Frontier of the best sets")
    kind = "musd" if welfare else "index_change_plain"
    return lambda layout, identifier: curve_figure(points, kind, axes, layout, identifier, heading, chosen)


def _tornado(context: Context) -> Drawing | None:
    document = words.found(context, "variance")
    leader = next((row["intervention"] for row in context["ranking"]["rows"] if row.get("among_proposed")), None)
    outcome = context["run"]["criterion"]
    row = next(
        (
            row
            for row in (document or {}).get("rows", ())
            if row["intervention"] == leader and row["outcome"] == outcome
        ),
        None,
    )
    if not row or not row["inputs"]:
        return None
    kind = "musd_change" if outcome == "welfare" else "index_change"
    bars = []
    for one in sorted(row["inputs"], key=lambda one: -abs(one["high"] - one["low"])):
        name = words.input_name("channels" if one["name"].startswith(f"{leader}:") else one["name"], context)
        low, high = sorted((one["low"], one["high"]))
        bars.append(Bar(name, one["low"], one["high"], format_interval(low, high, kind)))
    heading = _("What the result of %(name)s hangs on") % {"name": words.measure_name(context, leader)}
    return lambda layout, identifier: bars_figure(bars, kind, layout, identifier, heading, line_at=row["mean"])


def _waits(context: Context) -> Drawing | None:
    pairs = [
        WaitPair(
            words.measure_name(context, row["intervention"]),
            station_name(context, station),
            *(Interval(one["mean"], one["q05"], one["q95"]) for one in (station["before"], station["after"])),
        )
        for row, station in leading_rows(context)
    ]
    if not pairs:
        return None
    heading = _("Mean truck waits today and with each measure, minutes")
    return lambda layout, identifier: waits_figure(pairs, layout, identifier, heading)


def _courses(context: Context) -> Drawing | None:
    document = words.found(context, "waits") or {"stations": ()}
    today = {(row["crossing"], row["direction"]): row["by_hour"] for row in document["stations"]}
    # One picture for each measure: where it changes most truck hours.
    first: dict[str, DayCourse] = {}
    for row, station in leading_rows(context):
        if station["by_hour_after"] is None:
            continue
        first.setdefault(
            row["intervention"],
            DayCourse(
                words.measure_name(context, row["intervention"]),
                station_name(context, station),
                today[station["crossing"], station["direction"]],
                station["by_hour_after"],
                station["p95_before"],
                station["p95_after"],
            ),
        )
    courses = list(first.values())[:MOST_COURSES]
    if not courses:
        return None
    heading = _("Truck waits by hour of arrival")
    return lambda layout, identifier: courses_figure(courses, layout, identifier, heading)
