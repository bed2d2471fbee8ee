"""Records of waits into a case: typed measurements with intervals and grades, and the waits by hour of the week."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from regions.importing.case_import import CaseImporter, StoredTable, Work
from regions.importing.mapped import MappedRows
from regions.importing.problems import ImportRefused
from regions.importing.requests import Request
from regions.importing.schema import Row, Table
from regions.importing.wait_counts import GroupCounts
from regions.importing.wait_records import WaitFile, temporary_folder, text_source
from regions.importing.wait_statistics import Group, Summary, cells, summarise, together
from regions.models import Crossing, Delay, Economy, ImportBatch, WaitCell

# Half of the records longer than this: the numbers are no minutes.
LONGEST_MEDIAN_MINUTES = 600.0
DECIMALS = 4
SHOWN_OUTLIERS = 20
PORT_NUMBER_DIGITS, PORT_DIGITS = 6, 4
DELAY_KEY = ("crossing_id", "direction_id", "vehicle_class", "period_start", "period_end", "statistic", "method")
DELAY_FIELDS = ("minutes", "minutes_low", "minutes_high", "sample_size", "quality", "source")
CELL_KEY = ("crossing_id", "direction_id", "vehicle_class", "method", "weekday", "hour")
CELL_FIELDS = ("sample_size", "mean_minutes", "median_minutes", "p95_minutes", "period_start", "period_end")

TABLE = Table("wait_records", (), key=())
GroupKey = tuple[str, str, str, str]


@dataclass
class WaitRows(MappedRows):
    """What a file of records says: its groups by crossing, direction, vehicle class and method as written."""

    groups: dict[GroupKey, Group] = field(default_factory=dict)
    records: int = 0

    @property
    def count(self) -> int:
        """Rows that were taken from the file."""
        return self.records


def read(request: Request) -> WaitRows:
    """Both passes over the file; the database is not needed, so others can write meanwhile."""
    result = WaitRows(TABLE, request.path.name)
    with temporary_folder() as folder:
        source = text_source(request.path, request.options, Path(folder))
        file = WaitFile(source, request.path.name, request.mapping, request.options)
        counts = GroupCounts()
        problems = file.check(counts, request.progress)
        if problems.error_count:
            raise ImportRefused(problems)
        result.problems.merge(problems)
        counts.look()
        file.count(counts, request.progress)
        tell(result, file, counts)
    result.groups = {file.group_key(group): found for group, found in counts.groups().items()}
    result.records = file.file.records
    return result


def tell(result: WaitRows, file: WaitFile, counts: GroupCounts) -> None:
    """What is odd about the records, as warnings."""
    seen = file.seen

    def warn(column: str, words: str, kind: str, value: str = "") -> None:
        result.problem(None, column, words, kind, "warning", value)

    if seen.negative:
        shown = ", ".join(f"{value:g} ({count} times)" for value, count in seen.negative.most_common(6))
        warn("minutes", "negative waits are no measurements; left out", "sentinel", shown)
    for value in counts.found_sentinels:
        warn("minutes", "stands for no measurement; left out", "sentinel", f"{value:g}")
    if seen.not_measured:
        warn("minutes", f"{seen.not_measured} records without a measurement; left out, not zero", "not_measured")
    if file.repeats.copies:
        warn("", f"{file.repeats.copies} exact copies of earlier records left out", "duplicate_rows")
    if file.repeats.same_key:
        words = f"{file.repeats.same_key} records of the same moment with another wait, all kept"
        warn("start", words, "same_moment")
    if seen.skipped:
        words = f"{seen.skipped} records in an hour that the clocks skipped; left out"
        warn("start", words, "time_that_never_was")
    if seen.twice:
        words = f"{seen.twice} records in an hour that came twice; taken for the first time"
        warn("start", words, "ambiguous_time")
    if counts.doubtful:
        words = (
            f"many zeros and no short waits in {len(counts.doubtful)} groups: zero may mean that nothing was measured"
        )
        warn("minutes", words, "doubtful_zeros")
    if counts.outliers:
        lines, _ = file.file.lines({record for record, _ in counts.first_outliers})
        first = counts.first_outliers[:SHOWN_OUTLIERS]
        shown = ", ".join(f"{minutes:g} in row {lines.get(record, 0)}" for record, minutes in first)
        words = f"{sum(counts.outliers.values())} outliers flagged and kept: {shown}"
        warn("minutes", words, "outliers")


def plan(work: Work) -> None:
    """Measurements and hours of the week for each group at a crossing of the case."""
    rows: Any = work.read
    delays: list[Delay] = []
    surface: list[WaitCell] = []
    told: list[dict[str, Any]] = []
    for key, (ends, parts) in sorted(groups_of_the_case(work, rows.groups).items()):
        group = together(parts)
        best = str(work.option("best_grade") or "A")
        summary = summarise(group, work.codes.case.year, best)
        if summary.statistics["median"].minutes > LONGEST_MEDIAN_MINUTES:
            words = f"expected a median wait of at most {LONGEST_MEDIAN_MINUTES:g} minutes: is the unit right?"
            work.implausible(None, "minutes", words, f"{key[0]}: {summary.statistics['median'].minutes:g}")
        delays += measurements(work, ends, key, group, summary)
        surface += hours_of_week(ends, key, group)
        told.append(told_of(ends, key, group, summary))
    if not rows.groups:
        work.read.problem(None, "minutes", "expected at least one measurement", "no_rows")
    work.quality["groups"] = told
    case = work.codes.case
    stored = Delay.objects.filter(crossing__case=case)
    work.store.append(StoredTable(stored, attrgetter(*DELAY_KEY), delays, DELAY_FIELDS))
    ours = {(one.crossing.pk, one.direction.pk, one.vehicle_class, one.method) for one in surface}

    def replaced(row: Any) -> bool:
        """Hours of the same group of which the new file says nothing."""
        return (row.crossing_id, row.direction_id, row.vehicle_class, row.method) in ours

    stored_cells = WaitCell.objects.filter(crossing__case=case)
    work.store.append(StoredTable(stored_cells, attrgetter(*CELL_KEY), surface, CELL_FIELDS, replaced))


def groups_of_the_case(
    work: Work, groups: dict[GroupKey, Group]
) -> dict[GroupKey, tuple[tuple[Crossing, Economy], list[Group]]]:
    """Groups by the codes of the case: several names and lanes of the file may be one crossing."""
    found: dict[GroupKey, tuple[tuple[Crossing, Economy], list[Group]]] = {}
    for written, group in sorted(groups.items()):
        ends = group_ends(work, written, group)
        if ends is not None:
            key = (ends[0].code, ends[1].code, written[2], written[3])
            found.setdefault(key, (ends, []))[1].append(group)
    return found


def group_ends(work: Work, key: GroupKey, group: Group) -> tuple[Crossing, Economy] | None:
    """The crossing and the economy entered; None, with a problem, where the case does not have them."""
    row = Row(work.read.file, 0, {"crossing": key[0], "direction": key[1]})
    code = port_of(key[0], work.codes.crossings)
    if code not in work.codes.crossings and work.option("ignore_unknown"):
        skipped = work.quality.setdefault("records_at_other_crossings", {})
        skipped[key[0]] = skipped.get(key[0], 0) + group.size
        return None
    row = Row(work.read.file, 0, {**row.values, "crossing": code})
    crossing = work.resolve(row, "crossing", work.codes.crossings, "a crossing")
    direction = work.resolve(row, "direction", work.codes.economies, "an economy")
    if crossing is None or direction is None:
        return None
    joined = {crossing.region_a.economy_id: crossing.region_a, crossing.region_b.economy_id: crossing.region_b}
    if direction.pk not in joined:
        names = ", ".join(sorted(region.economy.code for region in joined.values()))
        work.read.problem(row, "direction", f"expected one of the economies that it joins ({names})", "wrong_direction")
        return None
    return crossing, direction


def port_of(written: str, crossings: dict[str, Crossing]) -> str:
    """The code of a crossing by its code, its name where only one has it, or its port number with lanes."""
    if written in crossings:
        return written
    named = [code for code, one in crossings.items() if one.name.casefold() == written.casefold()]
    if len(named) == 1:
        return named[0]
    if written.isdigit() and len(written) in (PORT_NUMBER_DIGITS - 1, PORT_NUMBER_DIGITS):
        short = written.zfill(PORT_NUMBER_DIGITS)[:PORT_DIGITS]
        return short if short in crossings else written
    return written


def measurements(
    work: Work, ends: tuple[Crossing, Economy], key: GroupKey, group: Group, summary: Summary
) -> list[Delay]:
    """Four statistics of a group."""
    source = str(work.option("source") or work.read.file)[:2000]
    if summary.reasons:
        source = f"{source} ({'; '.join(summary.reasons)})"
    return [
        Delay(
            crossing=ends[0],
            direction=ends[1],
            vehicle_class=key[2],
            period_start=group.first_day,
            period_end=group.last_day,
            statistic=name,
            minutes=round(found.minutes, DECIMALS),
            minutes_low=round(min(found.low, found.minutes), DECIMALS),
            minutes_high=round(found.high, DECIMALS),
            method=key[3],
            sample_size=group.size,
            quality=summary.grade,
            source=source[:2000],
        )
        for name, found in summary.statistics.items()
    ]


def hours_of_week(ends: tuple[Crossing, Economy], key: GroupKey, group: Group) -> list[WaitCell]:
    """The surface of a group."""
    return [
        WaitCell(
            crossing=ends[0],
            direction=ends[1],
            vehicle_class=key[2],
            method=key[3],
            weekday=weekday,
            hour=hour,
            sample_size=size,
            mean_minutes=round(mean, DECIMALS),
            median_minutes=round(median, DECIMALS),
            p95_minutes=round(p95, DECIMALS),
            period_start=group.first_day,
            period_end=group.last_day,
        )
        for weekday, hour, size, mean, median, p95 in cells(group)
    ]


def told_of(ends: tuple[Crossing, Economy], key: GroupKey, group: Group, summary: Summary) -> dict[str, Any]:
    """A group for the quality report."""
    return {
        "crossing": ends[0].code,
        "direction": ends[1].code,
        "vehicle_class": key[2],
        "method": key[3],
        "period": [group.first_day.isoformat(), group.last_day.isoformat()],
        "records": group.size,
        "days": len(group.day_counts),
        "outliers": group.outliers,
        "without_measurement": group.left_out,
        "grade": summary.grade,
        "reasons": list(summary.reasons),
        "minutes": {
            name: [float(np.round(value, 2)) for value in (found.low, found.minutes, found.high)]
            for name, found in summary.statistics.items()
        },
        "by_hour": summary.by_hour,
        "by_weekday": summary.by_weekday,
    }


IMPORTER = CaseImporter("wait_records", ImportBatch.Kind.WAIT_RECORDS, TABLE, (Delay, WaitCell), plan, read=read)
