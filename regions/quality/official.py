"""Imported official files of a year: which months are there, and whether the tables agree with each other."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum

from regions.importing.batches import Status
from regions.importing.transborder import WHOLE_YEAR
from regions.models import BorderEntryCount, ImportBatch, TransBorderFlow
from regions.quality.findings import COMPLETENESS, CONSISTENCY, Finding, at_least, at_most

TRANSBORDER, ENTRY = "transborder", "border_entry"
AGREEMENT = (1e-9, 1e-4, 1e-2)
Sums = dict[tuple[Any, ...], int]


def official_findings(year: int) -> list[Finding]:
    """Findings about the loaded files of a year; nothing where there are none."""
    flows = TransBorderFlow.objects.filter(batch__status=Status.LOADED, year=year)
    months = {
        dataset: set(flows.filter(dataset=dataset).order_by().values_list("month", flat=True).distinct())
        for dataset in ("dot1", "dot2", "dot3")
    }
    findings = [
        Finding(
            TRANSBORDER, COMPLETENESS, "months_of_table", months_grade(found), float(len(found - {WHOLE_YEAR})),
            {"table": dataset, "missing": missing_months(found), "annual": WHOLE_YEAR in found},
        )
        for dataset, found in months.items()
        if found
    ]  # fmt: skip
    if WHOLE_YEAR in months["dot1"] and len(months["dot1"]) == 13:
        keys: tuple[str, ...] = ("trade_type", "us_state", "port", "mode", "country")
        annual = sums(flows.filter(dataset="dot1", month=WHOLE_YEAR), keys)
        findings.append(agreement("months = year", annual, sums(flows.filter(dataset="dot1", month__gt=0), keys)))
    for other, keys in (
        ("dot2", ("month", "trade_type", "us_state", "mode")),
        ("dot3", ("month", "trade_type", "port", "mode")),
    ):
        shared = sorted((months["dot1"] & months[other]) - {WHOLE_YEAR})
        if shared:
            one, two = (sums(flows.filter(dataset=name, month__in=shared), keys) for name in ("dot1", other))
            findings.append(agreement(f"dot1 = {other}", one, two))
    entries = BorderEntryCount.objects.filter(batch__status=Status.LOADED, year=year)
    found = set(entries.order_by().values_list("month", flat=True).distinct())
    if found:
        facts = {"table": "entries", "missing": missing_months(found), "annual": False}
        findings.append(Finding(ENTRY, COMPLETENESS, "months_of_table", months_grade(found), float(len(found)), facts))
    return findings


def months_grade(months: set[int]) -> str:
    """Twelve months or the annual file are complete."""
    return "A" if WHOLE_YEAR in months else at_least(len(months), (12, 10, 6))


def missing_months(months: set[int]) -> list[int]:
    return [] if WHOLE_YEAR in months else [month for month in range(1, 13) if month not in months]


def sums(rows: Any, keys: tuple[str, ...]) -> Sums:
    """Value by key."""
    return {row[:-1]: row[-1] for row in rows.order_by().values_list(*keys).annotate(total=Sum("value_usd"))}


def agreement(name: str, one: Sums, two: Sums) -> Finding:
    """The largest difference of any cell in the largest cell."""
    cells = one.keys() | two.keys()
    apart = max((abs(one.get(cell, 0) - two.get(cell, 0)) for cell in cells), default=0)
    largest = max((*one.values(), *two.values()), default=0)
    gap = apart / largest if largest else 0.0
    code = "tables_agree" if gap <= AGREEMENT[0] else "tables_differ"
    return Finding(
        TRANSBORDER, CONSISTENCY, code, at_most(gap, AGREEMENT), float(apart),
        {"check": name, "cells": len(cells), "detail": ""},
    )  # fmt: skip


def official_batches(year: int) -> list[ImportBatch]:
    """Loaded batches of official files whose coverage names the year."""
    kinds = (ImportBatch.Kind.TRANSBORDER, ImportBatch.Kind.BORDER_ENTRY)
    batches = ImportBatch.objects.filter(kind__in=kinds, status=Status.LOADED).order_by("label")
    return [batch for batch in batches if any(str(year) in str(period) for period in batch.coverage)]
