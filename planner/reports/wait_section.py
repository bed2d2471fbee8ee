"""The report's section on waits: how today's were got, what the measures make of them, and what was checked."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planner.reports.blocks import Block, Cell, paragraph, table
from planner.reports.cells import interval, number, spread
from planner.reports.numbers import format_date, format_interval, format_number
from planner.reports.stored_analyses import crossing_name, economy_name, found, measure_name

Context = Mapping[str, Any]
MOST_MEASURES, PER_MEASURE, MOST_COURSES, MOST_STATIONS = 6, 2, 6, 24
MOST_CAR_MEASURES = 12
LEAST_SHOWN = 0.5  # minutes of the mean
STATISTICS = {"mean": gettext_lazy("mean"), "median": gettext_lazy("median")}


def wait_sentences(context: Context) -> list[str]:
    """How many waits are measured, how the model does where it was not fitted, and who changes them most."""
    document = found(context, "waits")
    if not document or not document["stations"]:
        return []
    stations = document["stations"]
    measured = [row for row in stations if row["basis"] != "default"]
    trucks = sum(row["trucks_per_week"] for row in stations)
    sentences = [
        _(
            "Of %(count)d crossings and directions at which trucks trade, %(measured)d have a measured wait (%(share)s of the trucks); the others take the default of the parameters. How far off a wait may be enters every draw."
        )
        % {
            "count": len(stations),
            "measured": len(measured),
            "share": format_number(
                sum(row["trucks_per_week"] for row in measured) / trucks if trucks else 0.0, "share"
            ),
        }
    ]
    checked = [row for row in measured if row["measured_p95_minutes"]]
    if checked:
        off = [abs(row["p95_minutes"] / row["measured_p95_minutes"] - 1) for row in checked]
        sentences.append(
            _(
                "The queues are fitted to the means alone; the 95th percentiles measured at %(count)d of them are met within %(off)s at the median and %(most)s at worst. This checks the shape of the waits, not their level, where a mean was derived from the percentile."
            )
            % {
                "count": len(checked),
                "off": format_number(median(off), "share"),
                "most": format_number(max(off), "share"),
            }
        )
    plain = [row for row in document["rows"] if not row["restrictive"]]
    best = min(plain, key=lambda row: (row["truck_hours_change"]["mean"], row["intervention"]), default=None)
    if best and best["truck_hours_change"]["mean"] < 0:
        hours = best["truck_hours_change"]
        sentences.append(
            _("%(name)s shortens waits most: %(hours)s thousand hours of trucks a year (90 %% interval %(interval)s).")
            % {
                "name": measure_name(context, best["intervention"]),
                "hours": format_number(hours["mean"], "musd_change"),
                "interval": format_interval(hours["q05"], hours["q95"], "musd_change"),
            }
        )
    return sentences


def leading_rows(context: Context) -> list[tuple[Context, Context]]:
    """(measure, station) of the first ranked measures that may be proposed and move a wait, in the order of the ranking."""
    document = found(context, "waits")
    if not document:
        return []
    by_id = {row["intervention"]: row for row in document["rows"]}
    chosen: list[tuple[Context, Context]] = []
    taken = 0
    for ranked in context["ranking"]["rows"]:
        row = by_id.get(ranked["intervention"])
        if row is None or row["restrictive"] or taken == MOST_MEASURES:
            continue
        moved = [one for one in row["stations"] if abs(one["change"]["mean"]) >= LEAST_SHOWN][:PER_MEASURE]
        chosen += [(row, one) for one in moved]
        taken += bool(moved)
    return chosen


def station_name(context: Context, row: Context) -> str:
    """A crossing and the economy entered."""
    return f"{crossing_name(context, row['crossing'])} \u2192 {economy_name(context, row['direction'])}"


def wait_blocks(context: Context, document: Context) -> list[Block]:
    """Figures and tables."""
    rows: list[Sequence[Cell]] = [
        [
            measure_name(context, row["intervention"]),
            station_name(context, station),
            spread(station["before"], "minutes"),
            spread(station["after"], "minutes"),
            number(station["p_shorter"], "probability"),
            number(station["p95_before"], "minutes"),
            number(station["p95_after"], "minutes"),
        ]
        for row, station in leading_rows(context)
    ]
    heads = (
        ((_("Measure"), "left", 2.4), (_("Crossing"), "left", 2.0), (_("Today, minutes"), "right", 1.1)),
        ((_("With it, minutes"), "right", 1.1), (_("Shorter"), "right", 0.8)),
        ((_("95 % of trucks, today"), "right", 0.9), (_("with it"), "right", 0.9)),
    )
    caption = _(
        "Mean waits of trucks with 90 %% intervals over %(draws)s draws, for the first ranked measures that move a wait, at the stations where they change most truck hours; queues have answered to diverted and new trucks. 95 %% of trucks: over a week's hours of arrival at central values, chance within half an hour averaged."
    ) % {"draws": format_number(document["draws"], "count")}
    blocks: list[Block] = []
    if rows:
        blocks += [
            _drawing(
                "waits",
                _("Waits before and after the first ranked measures"),
                _("Mean truck waits today and with each of the first ranked measures that move one, minutes."),
            ),
            table([head for group in heads for head in group], rows, caption, small=True),
            _drawing(
                "wait_courses",
                _("Waits by hour of arrival, before and after"),
                _(
                    "The same queues over the day: mean wait of trucks that arrive at each hour of a weekday, central values. Each picture is one measure at one crossing."
                ),
            ),
        ]
    return [*blocks, *_provenance(context, document), *_cars(context, document)]


def _cars(context: Context, document: Context) -> list[Block]:
    """Waits of cars with and without the measures that move most hours of travellers, and how today's were got."""
    stations = document["car_stations"]
    if not stations:
        return []
    measured = [row for row in stations if row["basis"] != "default"]
    text = _(
        "Cars queue apart from trucks, at %(count)d crossings and directions, of which %(measured)d have a measured wait; the others take the default of the parameters, an assumption of grade D. Booths are the fewest that explain the wait, as for trucks."
    ) % {"count": len(stations), "measured": len(measured)}
    rows: list[Sequence[Cell]] = [
        [
            measure_name(context, measure["intervention"]),
            station_name(context, station),
            number(station["people"] / 1e6, "musd"),
            spread(station["before"], "minutes"),
            spread(station["after"], "minutes"),
            number(measure["travellers"]["change"]["mean"], "change_share"),
        ]
        for measure, station in car_rows(context)
    ]
    heads = [
        (_("Measure"), "left", 2.4), (_("Crossing"), "left", 2.0), (_("People a year, million"), "right", 0.9),
        (_("Today, minutes"), "right", 1.1), (_("With it, minutes"), "right", 1.1), (_("More travellers"), "right", 0.9),
    ]  # fmt: skip
    caption = _(
        "Mean waits of cars with 90 % intervals, for the measures that move most hours of travellers, at the crossing and direction where each moves most. More visitors lengthen the waits of all; fewer come where waits are longer (parameter traveller_response_per_hour). More travellers: over all crossings of the measure."
    )
    return [paragraph(text, quiet=True), *([table(heads, rows, caption, small=True)] if rows else [])]


def car_rows(context: Context) -> list[tuple[Context, Context]]:
    """(measure, station) where cars' waits move most, by hours of travellers; one station for each measure."""
    appraised = found(context, "appraisal")
    moved = [
        row
        for row in (appraised["rows"] if appraised else ())
        if row["travellers"] and row["travellers"]["people"] and not row["restrictive"]
    ]
    moved.sort(key=lambda row: (-abs(row["travellers"]["hours_saved"]["mean"]), row["intervention"]))
    return [(row, row["travellers"]["stations"][0]) for row in moved[:MOST_CAR_MEASURES]]


def _provenance(context: Context, document: Context) -> list[Block]:
    """Where each wait comes from, busiest first."""
    measured = [row for row in document["stations"] if row["basis"] != "default"][:MOST_STATIONS]
    rows: list[Sequence[Cell]] = [
        [
            station_name(context, row),
            number(row["central_minutes"], "minutes"),
            interval(row["minutes"], "minutes"),
            measurement_words(row),
            row["grade"],
            number(row["p95_minutes"], "minutes"),
            number(row["measured_p95_minutes"], "minutes"),
            _booths(row),
        ]
        for row in measured
    ]
    heads = [
        (_("Crossing"), "left", 2.2), (_("Mean, minutes"), "right", 0.8), (_("90 % of draws"), "right", 1.1),
        (_("Measurement"), "left", 2.4), (_("Grade"), "right", 0.6), (_("95 %, model"), "right", 0.8),
        (_("95 %, measured"), "right", 0.8), (_("Booths"), "left", 1.2),
    ]  # fmt: skip
    caption = _(
        "How each measured wait was got. A wait without an interval of its own is drawn between a fraction and a multiple of it that grade and age set (parameters wait range). Booths: counted on site, or the fewest that explain the wait (assumed, grade D: a count at the crossing would raise it)."
    )
    others = len(document["stations"]) - sum(row["basis"] != "default" for row in document["stations"])
    blocks: list[Block] = [table(heads, rows, caption, small=True)] if rows else []
    if others:
        blocks.append(
            paragraph(
                _(
                    "%(count)d other crossings and directions have no measured wait: they take the default of the economy entered, an assumption of grade D drawn for all of them together. A measurement of a few weeks at the busiest of them would raise it."
                )
                % {"count": others},
                quiet=True,
            )
        )
    return blocks


def measurement_words(row: Context) -> str:
    """Statistic, period and size of the sample."""
    parts = [str(STATISTICS.get(row["statistic"], row["statistic"] or ""))]
    if row["period_start"]:
        parts.append(f"{format_date(row['period_start'])} \u2013 {format_date(row['period_end'])}")
    if row["sample_size"]:
        parts.append(_("%(count)s records") % {"count": format_number(row["sample_size"], "count")})
    return ", ".join(part for part in parts if part)


def _booths(row: Context) -> str:
    open_ = format_number(row["booths"], "count")
    if row["booths_counted"] is None:
        return _("%(open)s (assumed)") % {"open": open_}
    return _("%(open)s of %(counted)s counted") % {
        "open": open_,
        "counted": format_number(row["booths_counted"], "count"),
    }


def _drawing(name: str, alternative: str, caption: str) -> Block:
    return {"kind": "drawing", "name": name, "alt": alternative, "caption": caption}
