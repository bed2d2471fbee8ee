"""Waits before and after as tidy tables: stations, hours of the day, changes by measure."""

from collections.abc import Iterable, Mapping
from typing import Any

from planner.reports.columns import Column, flag_column, number_column, text_column, whole_column
from planner.reports.table_rows import Row

Found = Mapping[str, Any]
QUANTITIES = (
    ("mean", "mean over draws"),
    ("sd", "standard deviation over draws"),
    ("q05", "5 % quantile over draws"),
    ("q50", "median over draws"),
    ("q95", "95 % quantile over draws"),
    ("p_negative", "share of draws below zero"),
)
STATION = (text_column("crossing", "code of the crossing"), text_column("direction", "economy entered"))
SPREAD = tuple(number_column(name, "see unit", text) for name, text in QUANTITIES)
MEASURE = text_column("intervention", "id of the measure")


def station_rows(found: Found) -> Iterable[Row]:
    """Today's wait of each station and how its queue was identified."""
    for row in found["stations"]:
        yield {**row, **{f"minutes_{name}": value for name, value in row["minutes"].items()}}


def hour_rows(found: Found) -> Iterable[Row]:
    """Weekday means by hour of arrival, today (no measure) and with each measure."""
    for row in found["stations"]:
        yield from _hours("", row, row["by_hour"])
    for measure in found["rows"]:
        for row in measure["stations"]:
            yield from _hours(measure["intervention"], row, row["by_hour_after"] or ())


def _hours(intervention: str, row: Found, minutes: Iterable[float | None]) -> Iterable[Row]:
    for hour, value in enumerate(minutes):
        if value is not None:
            station = {name: row[name] for name in ("crossing", "direction")}
            yield {"intervention": intervention, **station, "hour": hour, "minutes": value}


def change_rows(found: Found) -> Iterable[Row]:
    """One row for each measure and figure; without a crossing: all of them."""
    for measure in found["rows"]:
        whole: Row = {"intervention": measure["intervention"], "crossing": "", "direction": ""}
        yield {
            **whole,
            "figure": "truck_hours_change",
            "unit": "thousand hours a year",
            **measure["truck_hours_change"],
        }
        yield {**whole, "figure": "moved", "unit": "stations", "mean": measure["moved"]}
        for row in measure["stations"]:
            station: Row = {
                "intervention": measure["intervention"],
                "crossing": row["crossing"],
                "direction": row["direction"],
            }
            for figure in ("before", "after", "change"):
                yield {**station, "figure": figure, "unit": "minutes", **row[figure]}
            yield {**station, "figure": "p_shorter", "unit": "share of draws", "mean": row["p_shorter"]}
            for figure in ("median_before", "median_after", "p95_before", "p95_after"):
                yield {**station, "figure": figure, "unit": "minutes over a week's trucks", "mean": row[figure]}


def car_change_rows(found: Found) -> Iterable[Row]:
    """Waits of cars before and after, at the stations that each measure moves most."""
    for row in found["rows"]:
        for station in (row["travellers"] or {}).get("stations", ()):
            start: Row = {
                "intervention": row["intervention"],
                **{name: station[name] for name in ("crossing", "direction", "people", "shared_lanes")},
            }
            for figure in ("before", "after", "change"):
                yield {**start, "figure": figure, **station[figure]}


def car_station_rows(found: Found) -> Iterable[Row]:
    """Today's wait of cars at each station and how its queue was identified."""
    for row in found["car_stations"]:
        yield {**row, **{f"minutes_{name}": value for name, value in row["minutes"].items()}}


def arrival_rows(found: Found) -> Iterable[Row]:
    """When vehicles come: by hour of a weekday, and how much weaker or stronger a weekend day is."""
    for row in found["arrivals"]:
        yield {"vehicle": row["vehicle"], "figure": "weekend_level", "hour": None, "value": row["weekend_level"]}
        for hour, share in enumerate(row["weekday_shares"]):
            yield {"vehicle": row["vehicle"], "figure": "weekday_share", "hour": hour, "value": share}


def limit_rows(found: Found) -> Iterable[Row]:
    """What was left out."""
    for name, unit in (("least_minutes", "minutes"), ("most_stations", "stations")):
        yield {"rule": name, "value": found[name], "unit": unit}


_TODAY: tuple[Column, ...] = (
    *STATION,
    text_column("name", "name of the crossing"),
    *(number_column(f"minutes_{name}", "share of draws" if name == "p_negative" else "minutes", text) for name, text in QUANTITIES),
    number_column("low_minutes", "minutes", "lowest of the triangle of today's mean wait"),
    number_column("central_minutes", "minutes", "central value"),
    number_column("high_minutes", "minutes", "highest"),
    text_column("basis", "interval: of the measurement; grade: by its grade and age; default: not measured, a parameter"),
    text_column("grade", "evidence grade"),
    text_column("source", "source"),
    text_column("statistic", "statistic that was taken"),
    text_column("period_start", "first day measured"),
    text_column("period_end", "last day measured"),
    number_column("sample_size", "records", "size of the sample"),
    text_column("method", "method of the measurement"),
)  # fmt: skip
_IN_QUEUE: tuple[Column, ...] = (
    number_column("booths", "booths", "taken to be open"),
    number_column("booths_counted", "booths", "counted on site: not more are taken to be open"),
    number_column("service_minutes", "minutes", "of a vehicle at the booth, fitted to the wait"),
    number_column("not_queue_share", "share of the wait", "that is no queue and does not answer to vehicles"),
)
STATION_COLUMNS: tuple[Column, ...] = (
    *_TODAY,
    number_column("trucks_per_week", "trucks a week", "arrivals"),
    flag_column("trucks_counted", "counted; else from the value of trade"),
    *_IN_QUEUE,
    number_column("median_minutes", "minutes", "median over a week's trucks by hour of arrival"),
    number_column("p95_minutes", "minutes", "95 % quantile over a week's trucks by hour of arrival"),
    number_column("measured_p95_minutes", "minutes", "95th percentile measured; not used by the model"),
)
CAR_COLUMNS: tuple[Column, ...] = (
    *_TODAY,
    number_column("people", "people a year", "in cars and buses, in this direction"),
    number_column("cars_per_week", "cars a week", "arrivals"),
    flag_column("cars_counted", "counted; else from the people"),
    *_IN_QUEUE,
)

WAIT_TABLES = (
    ("waits", "wait_stations", "Truck waits today: how each was got, and its queue", STATION_COLUMNS, ("crossing", "direction"),
     station_rows),
    ("waits", "wait_changes", "Truck waits before and after each measure; over draws, and over a week's trucks at central values",
     (MEASURE, *STATION, text_column("figure", "what"), text_column("unit", "its unit"), *SPREAD),
     ("intervention", "crossing", "direction", "figure"), change_rows),
    ("waits", "wait_hours", "Mean truck wait of weekdays by hour of arrival; without a measure: today; central values",
     (MEASURE, *STATION, whole_column("hour", "hour of the day", "0 to 23"), number_column("minutes", "minutes", "mean wait")),
     ("intervention", "crossing", "direction", "hour"), hour_rows),
    ("waits", "car_stations", "Waits of cars today: how each was got, and its queue", CAR_COLUMNS, ("crossing", "direction"),
     car_station_rows),
    ("appraisal", "car_wait_changes", "Waits of cars before and after each measure, over draws",
     (MEASURE, *STATION, number_column("people", "people a year", "in cars and buses; everybody where lanes are shared"),
      flag_column("shared_lanes", "cars share the lanes of trucks"), text_column("figure", "before, after or change, minutes"), *SPREAD),
     ("intervention", "crossing", "direction", "figure"), car_change_rows),
    ("waits", "wait_arrivals", "When vehicles come to a crossing that is open all day",
     (text_column("vehicle", "truck or car"),
      text_column("figure", "weekday_share: of a weekday's vehicles in the hour; weekend_level: a weekend day over a weekday"),
      whole_column("hour", "hour of the day", "0 to 23"), number_column("value", "share or ratio", "its value")),
     ("vehicle", "figure", "hour"), arrival_rows),
    ("waits", "wait_rules", "What the tables of waits leave out",
     (text_column("rule", "which"), number_column("value", "see unit", "limit"), text_column("unit", "its unit")), ("rule",),
     limit_rows),
)  # fmt: skip
