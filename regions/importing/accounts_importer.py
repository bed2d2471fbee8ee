"""Regional accounts: GDP, population and jobs of the places of a case."""

from __future__ import annotations

from operator import attrgetter

from regions.importing.case_import import CaseImporter, StoredTable, Work
from regions.importing.plausible import (
    LEAST_GDP_PER_HEAD_USD,
    MOST_GDP_PER_HEAD_USD,
    far_apart,
    in_words,
    thousand_that_fits,
)
from regions.importing.schema import Column, Row, Table
from regions.models import ImportBatch, Region

GDP_UNITS = {"million USD": 1.0, "USD": 1e-6, "thousand USD": 1e-3, "billion USD": 1e3}
USD_PER_MUSD = 1e6
FEWEST_JOBS_PER_HEAD = 0.05

ACCOUNTS = Table(
    "accounts",
    (
        Column("place", "code", max_length=40, synonyms=("region", "code", "id", "geo"), description="code of a place"),
        Column(
            "year", "integer", required=False, blank=True, minimum=1900, maximum=2200, synonyms=("time", "period"),
            description="rows of other years than the case's are left out",
        ),
        Column(
            "gdp", "number", unit="million USD, or as the option says", required=False, blank=True, above=0,
            synonyms=("gdp_musd", "gross_domestic_product"),
        ),
        Column(
            "population", "integer", unit="people", required=False, blank=True, minimum=1, synonyms=("pop", "people")
        ),
        Column("jobs", "integer", unit="jobs", required=False, blank=True, minimum=0, synonyms=("employment",)),
    ),
    key=("place", "year"),
    description="GDP, population and jobs of places that the case has; empty cells leave what is stored.",
)  # fmt: skip
FIELDS = ("gdp_musd", "population", "jobs")


def plan(work: Work) -> None:
    """New values of the places that the file names."""
    factor = GDP_UNITS.get(str(work.option("gdp_unit") or "million USD"))
    if factor is None:
        work.read.problem(None, "gdp_unit", f"expected one of {', '.join(GDP_UNITS)}", "unknown_option")
        return
    rows = rows_of_the_year(work)
    wanted = []
    for row in rows:
        place = work.resolve(row, "place", work.codes.places, "a place")
        if place is None:
            continue
        before = (place.gdp_musd, place.population, place.jobs)
        new = Region(
            code=place.code,
            gdp_musd=place.gdp_musd if row["gdp"] is None else row["gdp"] * factor,
            population=place.population if row["population"] is None else row["population"],
            jobs=place.jobs if row["jobs"] is None else row["jobs"],
        )
        check(work, row, new, before)
        wanted.append(new)
    work.quality["places_without_a_row"] = sorted(set(work.codes.places) - {row.code for row in wanted})
    stored = Region.objects.filter(case=work.codes.case)
    work.store.append(StoredTable(stored, attrgetter("code"), wanted, FIELDS))


def rows_of_the_year(work: Work) -> list[Row]:
    """Rows of the case's year, or without one; the others are reported."""
    year = work.codes.case.year
    rows = [row for row in work.read.rows if row["year"] in (None, year)]
    others = sorted({row["year"] for row in work.read.rows} - {None, year})
    if others:
        words = f"rows of {', '.join(map(str, others[:8]))} left out: the case is of {year}"
        work.read.problem(None, "year", words, "other_year", "warning" if rows else "error")
    return rows


def check(work: Work, row: Row, new: Region, before: tuple[float, int, int | None]) -> None:
    """What a slip of units, or of columns, shows."""
    per_head = new.gdp_musd * USD_PER_MUSD / new.population
    if not LEAST_GDP_PER_HEAD_USD <= per_head <= MOST_GDP_PER_HEAD_USD:
        hint = in_words(thousand_that_fits(per_head, LEAST_GDP_PER_HEAD_USD, MOST_GDP_PER_HEAD_USD))
        expectation = (
            f"expected GDP per head between {LEAST_GDP_PER_HEAD_USD:,.0f} and {MOST_GDP_PER_HEAD_USD:,.0f} USD, found "
            f"{per_head:,.0f}{hint}"
        )
        work.implausible(row, "gdp" if row["gdp"] is not None else "population", expectation)
    elif row["gdp"] is not None and far_apart(before[0], new.gdp_musd):
        expectation = f"expected about the {before[0]:,.0f} million USD that the place has so far"
        work.implausible(row, "gdp", expectation)
    if new.jobs is not None and row["jobs"] is not None and new.jobs > new.population:
        work.read.problem(row, "jobs", f"expected at most one job per head ({new.population} people)", "too_many_jobs")
    elif row["jobs"] is not None and row["jobs"] < FEWEST_JOBS_PER_HEAD * new.population:
        work.implausible(row, "jobs", f"expected more than {FEWEST_JOBS_PER_HEAD:.0%} of {new.population} people")


IMPORTER = CaseImporter(
    "accounts",
    ImportBatch.Kind.ACCOUNTS,
    ACCOUNTS,
    (Region,),
    plan,
    one_of=("gdp", "population", "jobs"),
)
