"""Border Crossing/Entry files into the database, and what there is to say about their quality."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regions.importing.batches import FileResult
from regions.importing.border_entry import (
    BORDER,
    DATE,
    LATITUDE,
    LONGITUDE,
    MEASURE,
    PORT,
    PORT_NAME,
    STATE,
    VALUE,
    BorderEntryFile,
)
from regions.importing.columnar import Chunk
from regions.importing.official_loader import Format, import_official
from regions.importing.problems import Problem
from regions.models import BorderEntryCount, ImportBatch


@dataclass
class BorderEntryQuality:
    """Counts over the rows of one file."""

    file: BorderEntryFile
    rows: int = 0
    by_measure: Counter[str] = field(default_factory=Counter)
    # Months reported by port; a port that reports anything in a month has reported.
    months: dict[str, set[int]] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)

    def add(self, chunk: Chunk) -> None:
        """Counts the rows of a chunk."""
        file = self.file
        self.rows += chunk.size
        ports, names = file.values(PORT, chunk), file.values(PORT_NAME, chunk)
        periods, measures = file.values(DATE, chunk), file.values(MEASURE, chunk)
        for port, period in set(zip(ports.tolist(), periods.tolist(), strict=True)):
            self.months.setdefault(port, set()).add(period)
        for name, port in set(zip(names.tolist(), ports.tolist(), strict=True)):
            self.names.setdefault(name, set()).add(port)
        for measure, value in zip(measures.tolist(), chunk.numbers[VALUE.name].tolist(), strict=True):
            self.by_measure[measure] += value

    @property
    def periods(self) -> list[int]:
        """Months with any row, as year * 100 + month."""
        return sorted(set().union(*self.months.values())) if self.months else []

    def coverage(self) -> list[str]:
        """Every month and border for which the file has rows."""
        borders = sorted(map(str, self.file.file.vocabularies[BORDER.name].values))
        return [f"{border} {name_of(period)}" for period in self.periods for border in borders]

    def missing(self) -> dict[str, list[str]]:
        """Months of the file in which a port reported nothing at all, by port: missing, not zero."""
        periods = set(self.periods)
        return {port: [name_of(one) for one in sorted(periods - found)] for port, found in sorted(self.months.items())}

    def as_json(self) -> dict[str, Any]:
        """For the batch."""
        noted = self.file.file.findings.noted
        return {
            "rows": self.rows,
            "encoding": self.file.source.encoding,
            "ports": len(self.months),
            "periods": [name_of(period) for period in self.periods],
            "by_measure": dict(sorted(self.by_measure.items())),
            "months_without_report": {port: months for port, months in self.missing().items() if months},
            "names_of_several_ports": {
                name: sorted(ports) for name, ports in sorted(self.names.items()) if len(ports) > 1
            },
            "several_counts": [
                f"{port} {name_of(period)} {measure}" for port, _, period, measure in self.file.contradictions()
            ],
            "exact_copies_left_out": self.file.repeats.copies,
            "not_in_list": {column: count for (column, note), count in sorted(noted.items()) if note == "not_in_list"},
            "leading_zeros_restored": noted[(PORT.name, "zero_restored")],
            "rows_without_position": noted[(LATITUDE.name, "no_position")],
        }

    def problems(self) -> list[Problem]:
        """What a planner should know before trusting the file."""
        found = self.as_json()
        words = []
        for name, ports in found["names_of_several_ports"].items():
            words.append(
                ("same_name", f"{len(ports)} ports are called {name} ({', '.join(ports)}); codes tell them apart")
            )
        silent = found["months_without_report"]
        if silent:
            months = sum(map(len, silent.values()))
            first = ", ".join(list(silent)[:6])
            words.append(
                (
                    "missing_month",
                    f"{len(silent)} ports did not report in {months} port months ({first}...): missing, not zero",
                )
            )
        if found["several_counts"]:
            first = ", ".join(found["several_counts"][:6])
            count = len(found["several_counts"])
            words.append(
                ("several_counts", f"{count} times several counts for one port, month and measure, all kept: {first}")
            )
        if found["exact_copies_left_out"]:
            words.append(("duplicate_rows", f"{found['exact_copies_left_out']} exact copies of earlier rows left out"))
        for column, count in found["not_in_list"].items():
            words.append(("not_in_list", f"{column}: {count} rows with a text that is not in the list, kept as it is"))
        if found["leading_zeros_restored"]:
            words.append(
                ("zero_restored", f"leading zero of the port lost in {found['leading_zeros_restored']} rows, put back")
            )
        return [Problem(self.file.source.name, 0, "", "", text, kind, "warning") for kind, text in words]


def name_of(period: int) -> str:
    return f"{period // 100}-{period % 100:02d}"


def database_columns(file: BorderEntryFile, chunk: Chunk, batch: ImportBatch) -> dict[str, Any]:
    """A chunk as columns of the table."""
    periods = file.values(DATE, chunk).astype(int)
    return {
        "batch": batch.pk,
        "port": file.values(PORT, chunk),
        "port_name": file.values(PORT_NAME, chunk),
        "state": file.values(STATE, chunk),
        "border": file.values(BORDER, chunk),
        "year": periods // 100,
        "month": periods % 100,
        "measure": file.values(MEASURE, chunk),
        "value": chunk.numbers[VALUE.name],
        "latitude": file.values(LATITUDE, chunk).astype(float),
        "longitude": file.values(LONGITUDE, chunk).astype(float),
    }


FORMAT = Format(ImportBatch.Kind.BORDER_ENTRY, BorderEntryCount, BorderEntryFile, BorderEntryQuality, database_columns)


def import_border_entry(paths: Iterable[Path | str], **options: Any) -> list[FileResult]:
    """Imports Border Crossing/Entry files, one batch for each, with the options of `import_official`."""
    return import_official(FORMAT, paths, **options)
