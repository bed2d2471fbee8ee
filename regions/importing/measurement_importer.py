"""Waits that were measured and summed up by somebody else: one statistic of one period in each row."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter

from regions.importing.case_import import CaseImporter, StoredTable, Work
from regions.importing.tables import DELAYS
from regions.models import Delay, ImportBatch

MEASUREMENTS = replace(DELAYS, file="wait_measurements")
KEY = ("crossing_id", "direction_id", "vehicle_class", "period_start", "period_end", "statistic", "method")
FIELDS = ("minutes", "minutes_low", "minutes_high", "sample_size", "quality", "source")
SHARED = ("vehicle_class", "period_start", "period_end", "statistic", "method", *FIELDS)


def plan(work: Work) -> None:
    """Measurements at crossings of the case, entering an economy that the crossing joins."""
    wanted = []
    for row in work.read.rows:
        crossing = work.resolve(row, "crossing", work.codes.crossings, "a crossing")
        direction = work.resolve(row, "direction", work.codes.economies, "an economy")
        if crossing is None or direction is None:
            continue
        ends = {crossing.region_a.economy.code, crossing.region_b.economy.code}
        if direction.code not in ends:
            words = f"expected one of the economies that the crossing joins ({', '.join(sorted(ends))})"
            work.read.problem(row, "direction", words, "wrong_direction")
        if row["period_end"] < row["period_start"]:
            work.read.problem(row, "period_end", "expected a period that does not end before it starts", "bad_period")
        low, high = row["minutes_low"], row["minutes_high"]
        if (low is None) != (high is None) or (low is not None and not low <= row["minutes"] <= high):
            words = "expected an interval around the minutes, both ends or none"
            work.read.problem(row, "minutes_low", words, "bad_interval")
        wanted.append(Delay(crossing=crossing, direction=direction, **{name: row[name] for name in SHARED}))
    work.quality["measurements"] = len(wanted)
    stored = Delay.objects.filter(crossing__case=work.codes.case)
    work.store.append(StoredTable(stored, attrgetter(*KEY), wanted, FIELDS, bool(work.option("only_these"))))


IMPORTER = CaseImporter("wait_measurements", ImportBatch.Kind.WAIT_MEASUREMENTS, MEASUREMENTS, (Delay,), plan)
