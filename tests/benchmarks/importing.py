"""Rows per second and memory of imports, in a process of its own: `python -m tests.benchmarks.importing ROWS FORMAT`.

On the embedded database in a temporary folder, or on the one that DATABASE_URL names, which must be empty.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from regions.importing.transborder import US_STATES

ROWS = 5_000_000
ROWS_AT_A_TIME = 200_000
HEADER = "TRDTYPE,USASTATE,DEPE,DISAGMOT,MEXSTATE,CANPROV,COUNTRY,VALUE,SHIPWT,FREIGHT_CHARGES,DF,CONTCODE,MONTH,YEAR\n"
STATES = tuple(sorted(US_STATES))
PROVINCES = ("XO", "XQ", "XC", "XA", "XM")
PORTS = tuple(f"{number:04d}" for number in range(101, 4000))


def bench_importing(rate: float) -> None:
    """A fifth and all of the rows, each in a fresh process, so that memory tells whether it grows."""
    place = "the database of DATABASE_URL" if os.environ.get("DATABASE_URL") else "the embedded database"
    print(f"\nImports into {place}")
    print(
        "  format          rows  MiB of file   read rows/s   store rows/s   whole rows/s   peak MiB   matrix-second rows"
    )
    for format_id in ("transborder", "wait_records"):
        for rows in (ROWS // 5, ROWS):
            command = [sys.executable, "-m", "tests.benchmarks.importing", str(rows), format_id]
            found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
            mib, peak, *rates = map(float, found[-8:])
            words = "  ".join(
                f"{clock:10,.0f} ({own:8,.0f})" for clock, own in zip(rates[::2], rates[1::2], strict=True)
            )
            print(f"  {format_id:12s} {rows:9,d}  {mib:11.0f}  {words}  {peak:9.0f}")


def write_transborder(path: Path, rows: int) -> None:
    """Rows with every code by chance, few keys more than once."""
    rng = np.random.default_rng(11)
    with path.open("w", encoding="ascii") as file:
        file.write(HEADER)
        for start in range(0, rows, ROWS_AT_A_TIME):
            size = min(ROWS_AT_A_TIME, rows - start)
            columns = [
                rng.integers(1, 3, size), rng.choice(STATES, size), rng.choice(PORTS, size), rng.integers(5, 8, size),
                np.full(size, ""), rng.choice(PROVINCES, size), np.full(size, "1220"), rng.integers(100, 10**7, size),
                rng.integers(0, 10**5, size), rng.integers(0, 10**4, size), rng.integers(1, 3, size),
                rng.choice(("X", "0"), size), rng.integers(1, 13, size), np.full(size, 2022),
            ]  # fmt: skip
            write_rows(file, columns)


def write_waits(path: Path, rows: int) -> None:
    """Records every five minutes at twenty crossings."""
    rng = np.random.default_rng(12)
    start = np.datetime64("2019-01-01T00:00", "m")
    with path.open("w", encoding="ascii") as file:
        file.write("crossing,direction,vehicle_class,start,minutes\n")
        for first in range(0, rows, ROWS_AT_A_TIME):
            numbers = np.arange(first, min(first + ROWS_AT_A_TIME, rows))
            times = start + (numbers // 20) * np.timedelta64(5, "m")
            crossings = np.char.add("B", (numbers % 20).astype(str))
            minutes = np.round(rng.gamma(2, 6, len(numbers)), 1)
            write_rows(file, [crossings, np.full(len(numbers), "US"), np.full(len(numbers), "truck"), times, minutes])


def write_rows(file, columns) -> None:
    """Columns as lines."""
    cells = [column.astype(str).tolist() for column in columns]
    file.write("\n".join(map(",".join, zip(*cells, strict=True))) + "\n")


def waiting_case(name: str):
    """Twenty crossings between two regions."""
    from tests.factories import regions as make

    case = make.CaseFactory(name=name, year=2023)
    ends = [make.RegionFactory(case=case, economy=make.EconomyFactory(case=case, code=code)) for code in ("US", "CA")]
    for number in range(20):
        make.CrossingFactory(case=case, code=f"B{number}", region_a=ends[0], region_b=ends[1])
    return case


def clocks() -> tuple[float, float]:
    """Seconds of the clock, and of processor time of this process and of a database server on this machine."""
    from django.db import connection

    server = 0.0
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
        if stat.exists():
            user, system = map(int, stat.read_text().rpartition(")")[2].split()[11:13])
            server = (user + system) / os.sysconf("SC_CLK_TCK")
    return time.perf_counter(), time.process_time() + server


def measure(rows: int, format_id: str, folder: Path) -> None:
    """Generates the file, reads it, stores it; prints MiB, peak memory and rates by both clocks."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "planner.config.settings.dev")
    os.environ["DATA_DIR"] = str(folder)
    django.setup()
    from django.core.management import call_command

    from regions.importing import registry
    from regions.management.base import ProgressBar

    call_command("migrate", verbosity=0)
    path = folder / "rows.csv"
    (write_transborder if format_id == "transborder" else write_waits)(path, rows)
    case = waiting_case(f"waits-{rows}") if format_id == "wait_records" else None
    bar, seen = ProgressBar(), {}

    def progress(done: int, total: int, what: str) -> None:
        """Draws the bar and keeps when each step began."""
        seen.setdefault(what.split()[0], clocks())
        bar(done, total, what)

    begin = clocks()
    report = registry.load(format_id, path, case, progress=progress)
    end = clocks()
    bar.clear()
    if report.outcome != "loaded" or next(iter(report.rows.values())) > rows:
        raise SystemExit(f"not loaded: {report.outcome} {report.rows}")
    stored = seen.get("counting", seen["storing"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rates = [
        rows / (last - first)
        for start, stop in ((begin, stored), (stored, end), (begin, end))
        for first, last in zip(start, stop, strict=True)
    ]
    print(path.stat().st_size / 2**20, peak, *rates)
    if os.environ.get("DATABASE_URL"):
        for batch in report.batches:
            registry.undo(batch.pk)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        measure(int(sys.argv[1]), sys.argv[2], Path(name))
