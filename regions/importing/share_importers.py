"""Tariffs and input-output tables in long form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from operator import attrgetter
from statistics import median

from django.db.models import Sum

from regions.importing.case_import import CaseImporter, StoredTable, Work
from regions.importing.checks import SHARES_TOLERANCE
from regions.importing.problems import Problem
from regions.importing.schema import Column, Row, Table
from regions.models import ImportBatch, InputOutputShare, Tariff, ValueAddedShare

RATE_UNITS = {"share of value": 1.0, "per cent": 0.01}
# Rates beyond 300 % exist for a few goods; a table whose typical rate is above 50 % is one in per cent.
MOST_RATE, MOST_TYPICAL_RATE = 3.0, 0.5
VALUE_ADDED = "value_added"

TARIFFS = Table(
    "tariffs",
    (
        Column("origin", "code", max_length=40, synonyms=("exporter", "from"), description="code of a place"),
        Column("destination", "code", max_length=40, synonyms=("importer", "to"), description="code of a place"),
        Column("sector", "code", max_length=60, synonyms=("product",), description="code of a sector"),
        Column(
            "rate", "number", unit="share of value, or as the option says", minimum=0, maximum=10_000,
            synonyms=("tariff", "ad_valorem"),
        ),
        Column("source", required=False, blank=True, default="", max_length=2000),
    ),
    key=("origin", "destination", "sector"),
    description="Ad-valorem tariffs that the destination charges; a pair without a row has none.",
)  # fmt: skip

INPUT_OUTPUT = Table(
    "input_output",
    (
        Column("place", "code", max_length=40, synonyms=("region",), description="code of a place"),
        Column(
            "input", "code", max_length=60, synonyms=("row",),
            description=f"code of the sector that is used, or {VALUE_ADDED} for the part that is none",
        ),
        Column("sector", "code", max_length=60, synonyms=("column", "output"), description="sector that uses it"),
        Column("share", "number", unit="share of cost", required=False, blank=True, minimum=0, maximum=1),
        Column(
            "value", "number", unit="money, any unit", required=False, blank=True, minimum=0, synonyms=("amount",),
            description=f"instead of shares: amounts, with the row {VALUE_ADDED} of each sector",
        ),
    ),
    key=("place", "input", "sector"),
    description="Who uses what: inputs of each sector at each place, in shares of its cost or in money.",
)  # fmt: skip


def plan_tariffs(work: Work) -> None:
    """Tariffs by pair and sector."""
    factor = RATE_UNITS.get(str(work.option("rate_unit") or "share of value"))
    if factor is None:
        work.read.problem(None, "rate_unit", f"expected one of {', '.join(RATE_UNITS)}", "unknown_option")
        return
    wanted = []
    for row in work.read.rows:
        origin = work.resolve(row, "origin", work.codes.places, "a place")
        destination = work.resolve(row, "destination", work.codes.places, "a place")
        sector = work.resolve(row, "sector", work.codes.sectors, "a sector")
        rate = row["rate"] * factor
        if rate > MOST_RATE:
            work.implausible(row, "rate", f"expected a share of value: {rate:g} is {rate:.0%}")
        if origin is not None and destination is not None and sector is not None:
            wanted.append(
                Tariff(origin=origin, destination=destination, sector=sector, rate=rate, source=row["source"])
            )
    rates = [one.rate for one in wanted if one.rate]
    if rates and median(rates) > MOST_TYPICAL_RATE:
        words = f"expected typical rates below {MOST_TYPICAL_RATE:.0%}: are they in per cent?"
        work.implausible(None, "rate", words, f"median {median(rates):g}")
    work.quality["highest_rate"] = max(rates, default=0.0)
    stored = Tariff.objects.filter(origin__case=work.codes.case)
    key = attrgetter("origin_id", "destination_id", "sector_id")
    work.store.append(StoredTable(stored, key, wanted, ("rate", "source"), bool(work.option("only_these"))))


def plan_shares(work: Work) -> None:
    """Input shares, and the shares of value added where the file has them."""
    totals = column_totals(work)
    if work.read.problems.error_count:
        return
    inputs: list[InputOutputShare] = []
    added: list[ValueAddedShare] = []
    for row in work.read.rows:
        place = work.resolve(row, "place", work.codes.places, "a place")
        sector = work.resolve(row, "sector", work.codes.sectors, "a sector")
        is_added = row["input"] == VALUE_ADDED and VALUE_ADDED not in work.codes.sectors
        used = None if is_added else work.resolve(row, "input", work.codes.sectors, f"a sector, or {VALUE_ADDED},")
        if place is None or sector is None or (used is None and not is_added):
            continue
        share = row["value"] / totals[row["place"], row["sector"]] if totals else row["share"]
        if not is_added:
            inputs.append(InputOutputShare(place=place, input=used, sector=sector, share=share))
        elif share > 0:
            added.append(ValueAddedShare(place=place, sector=sector, share=share))
        else:
            work.read.problem(row, "share", "expected some value added in each sector", "out_of_range")
    case, only = work.codes.case, bool(work.option("only_these"))
    stored = InputOutputShare.objects.filter(place__case=case)
    key = attrgetter("place_id", "input_id", "sector_id")
    work.store.append(StoredTable(stored, key, inputs, ("share",), only))
    if added:
        stored_added = ValueAddedShare.objects.filter(place__case=case)
        both = attrgetter("place_id", "sector_id")
        work.store.append(StoredTable(stored_added, both, added, ("share",), only))
    work.quality.update(inputs=len(inputs), value_added=len(added), in_money=bool(totals))


def column_totals(work: Work) -> dict[tuple[str, str], float]:
    """Cost of each sector at each place where the table is in money; nothing where it is in shares."""
    in_money = "value" in work.read.given
    if in_money == ("share" in work.read.given):
        work.read.problem(None, "share", "expected the column share, or the column value, not both", "missing_column")
        return {}
    column = "value" if in_money else "share"
    first: dict[tuple[str, str], Row] = {}
    totals: dict[tuple[str, str], float] = defaultdict(float)
    with_added = set()
    for row in work.read.rows:
        key = (row["place"], row["sector"])
        if row[column] is None:
            work.read.problem(row, column, work.read.table.column(column).expectation, "missing_value")
            continue
        totals[key] += row[column]
        first.setdefault(key, row)
        if row["input"] == VALUE_ADDED:
            with_added.add(key)
    if not in_money:
        return {}
    for key, row in first.items():
        if key not in with_added:
            words = f"expected a row {VALUE_ADDED} for the sector, without which amounts give no shares of cost"
            work.read.problem(row, "input", words, "missing_value")
        elif totals[key] <= 0:
            work.read.problem(row, "value", "expected some cost in the sector", "out_of_range")
    return dict(totals)


def verify_shares(work: Work) -> Iterator[Problem]:
    """Inputs and value added of a sector at a place must add up to 1; without value added, inputs to less than 1."""
    case = work.codes.case
    totals: dict[tuple[str, str], float] = defaultdict(float)
    inputs = InputOutputShare.objects.filter(place__case=case).order_by()
    added = ValueAddedShare.objects.filter(place__case=case).order_by()
    for rows in (inputs, added):
        for place, sector, share in rows.values_list("place__code", "sector__code").annotate(Sum("share")):
            totals[place, sector] += share
    any_added = added.exists()
    for (place, sector), total in sorted(totals.items()):
        over = total > 1 + SHARES_TOLERANCE or (not any_added and total >= 1)
        if over or (any_added and total < 1 - SHARES_TOLERANCE):
            words = "1 with value added" if any_added else "less than 1"
            expectation = f"expected shares of a sector at a place that add up to {words}, found {total:.9g}"
            yield Problem(work.read.file, 0, "share", f"{place}, {sector}", expectation, "cost_shares_add_up")


TARIFF_IMPORTER = CaseImporter("tariffs", ImportBatch.Kind.TARIFFS, TARIFFS, (Tariff,), plan_tariffs)
SHARE_IMPORTER = CaseImporter(
    "input_output",
    ImportBatch.Kind.INPUT_OUTPUT,
    INPUT_OUTPUT,
    (InputOutputShare, ValueAddedShare),
    plan_shares,
    verify_shares,
    one_of=("share", "value"),
)
