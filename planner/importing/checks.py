"""Checks of the plans' tables, one function each; a check's docstring is what it asks for."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from planner import snapshot
from planner.importing.schema import CHANNELS, INTERVENTIONS
from planner.models.channel_rules import TARGET_FIELDS, ChannelVehicle, channel_faults
from planner.models.vocabulary import Closure, split_list
from regions.importing.case_tables import CaseContext
from regions.importing.problems import Problem
from regions.importing.schema import Row


@dataclass(frozen=True)
class Plans:
    """The typed rows of the plans' tables; `parameters` is None where the folder has no parameters.csv."""

    interventions: list[Row]
    channels: list[Row]
    costs: list[Row]
    parameters: list[Row] | None
    # Files with cells or rows that could not be read: what is missing from them must not be blamed on others.
    faulty: frozenset[str] = frozenset()

    @property
    def ids(self) -> dict[str, Row]:
        """The row of each intervention by its id."""
        return {row["id"]: row for row in self.interventions}


def problem(row: Row, column: str, expectation: str, kind: str) -> Problem:
    """A fault of one cell."""
    return Problem(row.file, row.line, column, row.text(column) if column else "", expectation, kind)


def closures_known(plans: Plans, context: CaseContext) -> Iterator[Problem]:
    """Closures must be names of closures separated by ';', or blank for all."""
    for row in plans.interventions:
        if set(split_list(row["closures"])) - set(Closure.values):
            expected = f"expected one or more of {', '.join(Closure.values)} separated by ';', or nothing for all"
            yield problem(row, "closures", expected, "unknown_closure")


def intervention_known(plans: Plans, context: CaseContext) -> Iterator[Problem]:
    """Channels and costs must belong to an intervention of interventions.csv."""
    if INTERVENTIONS.file in plans.faulty:
        return
    for row in (*plans.channels, *plans.costs):
        if row["intervention"] not in plans.ids:
            yield problem(row, "intervention", "expected the id of a row in interventions.csv", "unknown_intervention")


def channels_present(plans: Plans, context: CaseContext) -> Iterator[Problem]:
    """Each intervention needs a channel: without one it changes no input of the model."""
    if CHANNELS.file in plans.faulty:
        return
    named = {row["intervention"] for row in plans.channels}
    for row in plans.interventions:
        if row["id"] not in named:
            expected = "expected at least one row in channels.csv; without a channel it changes no input of the model"
            yield problem(row, "id", expected, "no_channel")


def triangle_ordered(plans: Plans, context: CaseContext) -> Iterator[Problem]:
    """Values must keep low <= central <= high."""
    for row in (*plans.channels, *(plans.parameters or ())):
        if not row["low"] <= row["central"] <= row["high"]:
            column = "low" if row["low"] > row["central"] else "high"
            values = f"{row['low']:g}, {row['central']:g}, {row['high']:g}"
            yield problem(row, column, f"expected low <= central <= high, found {values}", "not_ordered")


def units_and_targets_fit(plans: Plans, context: CaseContext) -> Iterator[Problem]:
    """A channel's unit and targets must be those of its type, and the targets ids of the case."""
    if not context.complete:
        return  # Which ids the case has is not known; that is reported once, for the table that defines them.
    places = frozenset(context.places) | context.economies
    known: Mapping[str, Collection[str]] = {
        "crossing": frozenset(context.crossings),
        "direction": context.economies,
        "origin": places,
        "destination": places,
        "sector": context.sectors,
        "place": places,
        "vehicle": ChannelVehicle.values,
    }
    for row in plans.channels:
        aims = {field: row[field] for field in TARGET_FIELDS}
        for field, expectation, kind in channel_faults(row["channel"], row["unit"], aims, known):
            yield problem(row, field, expectation, kind)


def costs_in_one_currency(plans: Plans, context: CaseContext) -> Iterator[Problem]:
    """Amounts must be in the currency and price year of the case."""
    for row in plans.costs:
        if row["currency"] != context.currency:
            expected = f"expected {context.currency}, the currency of the case; convert it and say how in note"
            yield problem(row, "currency", expected, "mixed_currency")
        if row["price_year"] != context.price_year:
            expected = f"expected {context.price_year}, the price year of the case; convert it and say how in note"
            yield problem(row, "price_year", expected, "mixed_price_year")


def values_not_copied(plans: Plans, context: CaseContext) -> Iterator[Problem]:
    """No two interventions may have the same channels with the same values: one of them would be a copy."""
    channels: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    for row in plans.channels:
        targets = tuple(tuple(sorted(split_list(row[field]))) for field in TARGET_FIELDS)
        channels[row["intervention"]].append((row["channel"], targets, row["low"], row["central"], row["high"]))
    first: dict[tuple[tuple[object, ...], ...], str] = {}
    for row in plans.interventions:
        content = tuple(sorted(channels.get(row["id"], []), key=repr))
        if content and first.setdefault(content, row["id"]) != row["id"]:
            expected = f"expected channels of its own; all its channels and values are those of {first[content]}"
            yield problem(row, "id", expected, "copied_values")


def parameters_admissible(plans: Plans, context: CaseContext) -> Iterator[Problem]:
    """Parameters must be ones that the model reads, for a sector of the case, within their admissible range."""
    for row in plans.parameters or ():
        if context.complete and row["sector"] and row["sector"] not in context.sectors:
            expected = f"expected a sector ({', '.join(sorted(context.sectors))}) or nothing for all"
            yield problem(row, "sector", expected, "unknown_sector")
        limits = snapshot.parameter_limits(row["key"])
        if limits is None:
            expected = f"expected one of {', '.join(snapshot.parameter_keys())}"
            yield problem(row, "key", expected, "unknown_parameter")
            continue
        _, separator, economy = row["key"].partition(":")
        if context.complete and separator and economy not in context.economies:
            expected = f"expected an economy after the colon ({', '.join(sorted(context.economies))})"
            yield problem(row, "key", expected, "unknown_economy")
        for column in ("low", "central", "high"):
            if not limits[0] <= row[column] <= limits[1]:
                expected = f"expected {limits[0]:g} to {limits[1]:g} for {row['key']}"
                yield problem(row, column, expected, "out_of_range")


Check = Callable[[Plans, CaseContext], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    closures_known,
    intervention_known,
    channels_present,
    triangle_ordered,
    units_and_targets_fit,
    costs_in_one_currency,
    values_not_copied,
    parameters_admissible,
)


def run_checks(plans: Plans, context: CaseContext) -> list[Problem]:
    """The problems of every check, by file and row."""
    found = [fault for check in CHECKS for fault in check(plans, context)]
    return sorted(found, key=lambda fault: (fault.file, fault.row))
