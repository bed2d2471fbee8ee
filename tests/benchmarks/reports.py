"""Time to write a report of 200 measures in each format, in one process: `make bench ARGS="--only reports"`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

MEASURES = 200


def bench_reports(rate: float) -> None:
    """Seconds, and in units of the machine's matrix products; the context is made up, see tests/reports/synthetic.py."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "planner.config.settings.test")
    import django

    django.setup()
    from planner.reports.csv_writer import ranking_csv
    from planner.reports.html_writer import report_html
    from planner.reports.json_writer import report_json
    from planner.reports.parquet_writer import report_parquet
    from planner.reports.pdf_writer import report_pdf
    from planner.reports.xlsx_writer import report_xlsx
    from tests.reports.synthetic import synthetic_context, synthetic_outlines

    context, outlines = synthetic_context(MEASURES), synthetic_outlines()
    writers: dict[str, Callable[[], bytes]] = {
        "HTML": lambda: report_html(context, outlines),
        "PDF": lambda: report_pdf(context, outlines),
        "XLSX": lambda: report_xlsx(context),
        "CSV": lambda: ranking_csv(context),
        "JSON": lambda: report_json(context),
        "Parquet": lambda: report_parquet(context),
    }
    report_pdf(synthetic_context(5), outlines)  # fonts and templates are read
    print(f"\nReport of {MEASURES} measures")
    print("  format    seconds   billion operations in matrix products   MiB")
    total = 0.0
    for name, write in writers.items():
        started = time.perf_counter()
        content = write()
        seconds = time.perf_counter() - started
        total += seconds
        print(f"  {name:8s}  {seconds:7.2f}   {seconds * rate / 1e9:37.0f}   {len(content) / 2**20:.1f}")
    print(f"  all       {total:7.2f}")
