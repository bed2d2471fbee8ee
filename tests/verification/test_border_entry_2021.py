"""The official Border Crossing/Entry rows of 2021 as published, against sums made with nothing but the csv module."""

import csv
import gzip
from collections import Counter

import pytest

from regions.importing.border_entry_loader import import_border_entry
from regions.models import BorderEntryCount

pytestmark = [pytest.mark.django_db, pytest.mark.published]


def test_every_count_by_port_month_and_measure(reference_data):
    path = reference_data / "transborder-2021" / "border_crossing_entry_2021.csv.gz"
    (result,) = import_border_entry([path])
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    expected = Counter()
    for row in rows:
        month = months.index(row["Date"][:3]) + 1
        expected[row["Port Code"].zfill(4), month, row["Border"], row["Measure"], int(row["Value"])] += 1
    stored = BorderEntryCount.objects.filter(year=2021)
    assert Counter(stored.values_list("port", "month", "border", "measure", "value")) == expected
    assert result.rows == len(rows) == 8_430
    # Two rows of the official file contradict each other: 0 and 2,175 bus passengers.
    assert result.quality["several_counts"] == ["2606 2021-02 Bus Passengers"]
    assert "Eastport" in result.quality["names_of_several_ports"]
    assert len(result.batch.coverage) == 24
