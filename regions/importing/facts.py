"""The fact tables of one case, stored in the order in which they refer to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, cast

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point
from django.db import models

from regions.importing import tables
from regions.importing.case_reader import CaseRows
from regions.importing.checks import attribute_number
from regions.importing.problems import Problem
from regions.importing.schema import Row
from regions.importing.sync import Synced, delete_stale, delete_stale_in_bulk, sync
from regions.models import (
    Case,
    Crossing,
    CrossingAttribute,
    CrossingFlow,
    CrossingMode,
    Delay,
    Economy,
    ImportBatch,
    InputOutputShare,
    MirrorFlow,
    Region,
    Sector,
    SectorFlow,
    Tariff,
    ValueAddedShare,
)

# Nothing points at these, so that rows which vanished from the files can go in bulk.
BULK_MODELS: tuple[type[models.Model], ...] = (
    CrossingFlow,
    SectorFlow,
    MirrorFlow,
    Tariff,
    InputOutputShare,
    ValueAddedShare,
    CrossingMode,
)
# In this order: users before what they use.
SINGLE_MODELS: tuple[tuple[type[models.Model], str, str], ...] = (
    (Delay, tables.DELAYS.file, "crossing_id"),
    (CrossingAttribute, tables.CROSSING_ATTRIBUTES.file, "attribute"),
    (Crossing, tables.CROSSINGS.file, "code"),
    (Sector, tables.SECTORS.file, "code"),
    (Region, tables.REGIONS.file, "code"),
    (Economy, tables.ECONOMIES.file, "code"),
)


class FactsLoader:
    """Stores the rows of a case folder; what vanished from the files is deleted last, by `delete_stale`."""

    def __init__(
        self, rows: CaseRows, case: Case, batch: ImportBatch, progress: Callable[[int, int, str], None] | None = None
    ) -> None:
        self.rows = rows
        self.case = case
        self.batch = batch
        self.progress = progress
        self.synced: dict[type[models.Model], Synced] = {}

    def store(self) -> None:
        """Creates and updates every row."""
        steps = (
            self.store_economies,
            self.store_places,
            self.store_sectors,
            self.store_crossings,
            self.store_attributes,
            self.store_modes,
            self.store_sector_flows,
            self.store_mirror_flows,
            self.store_crossing_flows,
            self.store_delays,
            self.store_shares,
            self.store_tariffs,
        )
        for done, step in enumerate(steps):
            if self.progress:
                self.progress(done, len(steps), step.__name__.removeprefix("store_").replace("_", " "))
            step()
        if self.progress:
            self.progress(len(steps), len(steps), "stored")

    def sync(
        self, stored: models.QuerySet, key: Callable[[Any], Any], wanted: Iterable[Any], fields: tuple[str, ...]
    ) -> dict[Any, Any]:
        """Syncs one table and keeps what was done."""
        self.synced[stored.model] = sync(stored, key, wanted, fields, self.batch)
        return self.synced[stored.model].objects

    def store_economies(self) -> None:
        """Economies by code."""
        wanted = [
            Economy(case=self.case, code=row["id"], name=row["name"], currency=row["currency"])
            for row in self.rows.economies
        ]
        stored = Economy.objects.filter(case=self.case)
        self.economies = self.sync(stored, attrgetter("code"), wanted, ("name", "currency"))

    def store_places(self) -> None:
        """Places with their outlines, by code."""
        wanted = [
            Region(
                case=self.case,
                code=row["id"],
                name=row["name"],
                economy=self.economies[row["country"]],
                kind=row["kind"],
                gdp_musd=row["gdp_musd"],
                population=row["population"],
                jobs=row["jobs"],
                point=Point(row["longitude"], row["latitude"], srid=4326),
                outline=self.outline(row["id"]),
            )
            for row in self.rows.rows(tables.REGIONS)
        ]
        fields = ("name", "economy", "kind", "gdp_musd", "population", "jobs", "point", "outline")
        stored = Region.objects.filter(case=self.case).select_related("economy")
        self.places = self.sync(stored, attrgetter("code"), wanted, fields)

    def outline(self, place: str) -> MultiPolygon | None:
        """The outline of a place as a database value."""
        found = self.rows.outlines.get(place)
        return None if found is None else cast(MultiPolygon, GEOSGeometry(memoryview(found.wkb), srid=4326))

    def store_sectors(self) -> None:
        """Sectors by code."""
        wanted = [
            Sector(
                case=self.case,
                code=row["id"],
                name=row["name"],
                kind=row["kind"],
                description=row["description"],
                theta=row["theta"],
            )
            for row in self.rows.sectors
        ]
        stored = Sector.objects.filter(case=self.case)
        self.sectors = self.sync(stored, attrgetter("code"), wanted, ("name", "kind", "description", "theta"))

    def store_crossings(self) -> None:
        """Crossings by code; booths and hours come from the attributes."""
        attributes = {
            (row["crossing"], row["attribute"]): attribute_number(row["attribute"], row["value"])
            for row in self.rows.rows(tables.CROSSING_ATTRIBUTES)
        }
        wanted = [self.crossing(row, attributes) for row in self.rows.rows(tables.CROSSINGS)]
        fields = (
            *("name", "point", "region_a", "region_b", "opens_hour", "closes_hour", "truck_booths"),
            *tables.COUNTS,
            "months_reported",
        )
        stored = Crossing.objects.filter(case=self.case).select_related("region_a", "region_b")
        self.crossings = self.sync(stored, attrgetter("code"), wanted, fields)

    def crossing(self, row: Row, attributes: dict[tuple[str, str], float | None]) -> Crossing:
        """One crossing, unsaved."""
        code = row["code"]
        booths = attributes.get((code, "truck_booths"))
        return Crossing(
            case=self.case,
            code=code,
            name=row["name"],
            point=Point(row["longitude"], row["latitude"], srid=4326),
            region_a=self.places[row["region_a"]],
            region_b=self.places[row["region_b"]],
            opens_hour=attributes.get((code, "opens")),
            closes_hour=attributes.get((code, "closes")),
            truck_booths=None if booths is None else int(booths),
            months_reported=row["months_reported"],
            **{count: row[count] for count in tables.COUNTS},
        )

    def store_attributes(self) -> None:
        """Attributes by crossing and name."""
        wanted = [
            CrossingAttribute(
                crossing=self.crossings[row["crossing"]],
                attribute=row["attribute"],
                value=row["value"],
                number=attribute_number(row["attribute"], row["value"]),
                unit=row["unit"],
                source=row["source"],
                grade=row["grade"],
                as_of=row["as_of"],
            )
            for row in self.rows.rows(tables.CROSSING_ATTRIBUTES)
        ]
        stored = CrossingAttribute.objects.filter(crossing__case=self.case)
        fields = ("value", "number", "unit", "source", "grade", "as_of")
        self.sync(stored, attrgetter("crossing_id", "attribute"), wanted, fields)

    def store_modes(self) -> None:
        """The modes that each crossing serves: those with counted traffic or with trade."""
        found = {(row["crossing"], row["mode"]) for row in self.rows.rows(tables.CROSSING_FLOWS)}
        for row in self.rows.rows(tables.CROSSINGS):
            if row["trucks_inbound"]:
                found.add((row["code"], "truck"))
            if row["trains_inbound"]:
                found.add((row["code"], "rail"))
        wanted = [
            CrossingMode(crossing=self.crossings[code], mode=mode)
            for code, mode in sorted(found)
            if code in self.crossings
        ]
        stored = CrossingMode.objects.filter(crossing__case=self.case)
        self.sync(stored, attrgetter("crossing_id", "mode"), wanted, ("mode",))

    def store_sector_flows(self) -> None:
        """Flows by origin, destination and sector."""
        wanted = [
            SectorFlow(
                case=self.case,
                origin=self.places[row["origin"]],
                destination=self.places[row["destination"]],
                sector=self.sectors[row["sector"]],
                value_usd=row["value_usd"],
                how=row["how"],
            )
            for row in self.rows.rows(tables.SECTOR_FLOWS)
        ]
        key = attrgetter("origin_id", "destination_id", "sector_id")
        self.sync(SectorFlow.objects.filter(case=self.case), key, wanted, ("value_usd", "how"))

    def store_mirror_flows(self) -> None:
        """What each side recorded, by origin, destination, sector and reporter."""
        wanted = [
            MirrorFlow(
                case=self.case,
                origin=self.places[row["origin"]],
                destination=self.places[row["destination"]],
                sector=self.sectors[row["sector"]],
                reporter=self.economies[row["reporter"]],
                **{name: row[name] for name in ("valuation", "value_usd", "cif_factor", "source", "grade")},
            )
            for row in self.rows.rows(tables.MIRROR_FLOWS)
        ]
        key = attrgetter("origin_id", "destination_id", "sector_id", "reporter_id")
        fields = ("valuation", "value_usd", "cif_factor", "source", "grade")
        self.sync(MirrorFlow.objects.filter(case=self.case), key, wanted, fields)

    def store_crossing_flows(self) -> None:
        """Flows by origin, destination, crossing and mode."""
        wanted = [
            CrossingFlow(
                case=self.case,
                origin=self.places[row["origin"]],
                destination=self.places[row["destination"]],
                crossing=self.crossings.get(row["crossing"]),
                mode=row["mode"],
                value_usd=row["value_usd"],
            )
            for row in self.rows.rows(tables.CROSSING_FLOWS)
        ]
        key = attrgetter("origin_id", "destination_id", "crossing_id", "mode")
        self.sync(CrossingFlow.objects.filter(case=self.case), key, wanted, ("value_usd",))

    def store_delays(self) -> None:
        """Waits by crossing, direction, vehicle class, period, statistic and method."""
        wanted = [
            Delay(
                crossing=self.crossings[row["crossing"]],
                direction=self.economies[row["direction"]],
                **{
                    name: row[name]
                    for name in (
                        *("vehicle_class", "period_start", "period_end", "statistic", "minutes"),
                        *("minutes_low", "minutes_high", "method", "sample_size", "quality", "source"),
                    )
                },
            )
            for row in self.rows.rows(tables.DELAYS)
        ]
        key = attrgetter(
            *("crossing_id", "direction_id", "vehicle_class", "period_start", "period_end", "statistic", "method")
        )
        stored = Delay.objects.filter(crossing__case=self.case)
        fields = ("minutes", "minutes_low", "minutes_high", "sample_size", "quality", "source")
        self.sync(stored, key, wanted, fields)

    def store_shares(self) -> None:
        """Input-output and value-added shares."""
        inputs = [
            InputOutputShare(
                place=self.places[row["place"]],
                input=self.sectors[row["input"]],
                sector=self.sectors[row["sector"]],
                share=row["share"],
            )
            for row in self.rows.rows(tables.INPUT_OUTPUT)
        ]
        stored = InputOutputShare.objects.filter(place__case=self.case)
        self.sync(stored, attrgetter("place_id", "input_id", "sector_id"), inputs, ("share",))
        value_added = [
            ValueAddedShare(place=self.places[row["place"]], sector=self.sectors[row["sector"]], share=row["share"])
            for row in self.rows.rows(tables.VALUE_ADDED)
        ]
        stored_shares = ValueAddedShare.objects.filter(place__case=self.case)
        self.sync(stored_shares, attrgetter("place_id", "sector_id"), value_added, ("share",))

    def store_tariffs(self) -> None:
        """Tariffs by origin, destination and sector."""
        wanted = [
            Tariff(
                origin=self.places[row["origin"]],
                destination=self.places[row["destination"]],
                sector=self.sectors[row["sector"]],
                rate=row["rate"],
                source=row["source"],
            )
            for row in self.rows.rows(tables.TARIFFS)
        ]
        stored = Tariff.objects.filter(origin__case=self.case)
        self.sync(stored, attrgetter("origin_id", "destination_id", "sector_id"), wanted, ("rate", "source"))

    def delete_stale(self) -> list[Problem]:
        """Deletes what the files no longer have, users before what they use; problems for what is still needed."""
        for model in BULK_MODELS:
            delete_stale_in_bulk(model, self.synced[model].stale)
        problems = []
        for model, file, column in SINGLE_MODELS:
            problems += delete_stale(self.synced[model].stale, file, column)
        return problems

    def row_counts(self) -> dict[str, int]:
        """Rows read from each file."""
        counts = {file: len(content.rows) for file, content in self.rows.contents.items() if content.rows}
        if self.rows.outlines:
            counts[tables.OUTLINES_FILE] = len(self.rows.outlines)
        return counts

    def changes(self) -> dict[str, dict[str, int]]:
        """What was done, by table."""
        return {
            str(model._meta.model_name): synced.counts
            for model, synced in self.synced.items()
            if any(synced.counts.values())
        }
