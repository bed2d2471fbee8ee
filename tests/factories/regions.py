"""Factories of the facts: a small valid object of each kind."""

import datetime

import factory
from django.contrib.gis.geos import Point
from factory.django import DjangoModelFactory

from regions import models


class CaseFactory(DjangoModelFactory):
    class Meta:
        model = models.Case

    name = factory.Sequence(lambda number: f"case-{number}")
    title = factory.LazyAttribute(lambda case: case.name.capitalize())
    year = 2023
    currency = "USD"
    price_year = 2023


class EconomyFactory(DjangoModelFactory):
    class Meta:
        model = models.Economy

    case = factory.SubFactory(CaseFactory)
    code = factory.Sequence(lambda number: f"E{number}")
    name = factory.LazyAttribute(lambda economy: f"Economy {economy.code}")


class RegionFactory(DjangoModelFactory):
    class Meta:
        model = models.Region

    case = factory.SubFactory(CaseFactory)
    economy = factory.SubFactory(EconomyFactory, case=factory.SelfAttribute("..case"))
    code = factory.Sequence(lambda number: f"R{number}")
    name = factory.LazyAttribute(lambda region: f"Region {region.code}")
    kind = "border"
    gdp_musd = 1000.0
    population = 50_000
    point = factory.LazyFunction(lambda: Point(-83.0, 42.0, srid=4326))


class SectorFactory(DjangoModelFactory):
    class Meta:
        model = models.Sector

    case = factory.SubFactory(CaseFactory)
    code = factory.Sequence(lambda number: f"sector_{number}")
    name = factory.LazyAttribute(lambda sector: f"Sector {sector.code}")
    kind = "goods"


class CrossingFactory(DjangoModelFactory):
    class Meta:
        model = models.Crossing

    case = factory.SubFactory(CaseFactory)
    code = factory.Sequence(lambda number: f"{number:04d}")
    name = factory.LazyAttribute(lambda crossing: f"Crossing {crossing.code}")
    point = factory.LazyFunction(lambda: Point(-83.05, 42.3, srid=4326))
    region_a = factory.SubFactory(RegionFactory, case=factory.SelfAttribute("..case"))
    region_b = factory.SubFactory(RegionFactory, case=factory.SelfAttribute("..case"))


class CrossingAttributeFactory(DjangoModelFactory):
    class Meta:
        model = models.CrossingAttribute

    crossing = factory.SubFactory(CrossingFactory)
    attribute = "truck_booths"
    value = "5"
    number = 5.0
    unit = "booths"
    source = "test"
    grade = "D"


class DelayFactory(DjangoModelFactory):
    class Meta:
        model = models.Delay

    crossing = factory.SubFactory(CrossingFactory)
    direction = factory.SelfAttribute("crossing.region_a.economy")
    vehicle_class = "truck"
    period_start = datetime.date(2023, 1, 1)
    period_end = datetime.date(2023, 12, 31)
    statistic = "mean"
    minutes = 12.0
    method = factory.Sequence(lambda number: f"method {number}")
    quality = "B"
    source = "test"


class WaitCellFactory(DjangoModelFactory):
    class Meta:
        model = models.WaitCell

    crossing = factory.SubFactory(CrossingFactory)
    direction = factory.SelfAttribute("crossing.region_a.economy")
    vehicle_class = "truck"
    method = "records"
    weekday = 0
    hour = factory.Sequence(lambda number: number % 24)
    sample_size = 10
    mean_minutes = 12.0
    median_minutes = 10.0
    p95_minutes = 30.0
    period_start = datetime.date(2023, 1, 1)
    period_end = datetime.date(2023, 12, 31)


class SectorFlowFactory(DjangoModelFactory):
    class Meta:
        model = models.SectorFlow

    case = factory.SubFactory(CaseFactory)
    origin = factory.SubFactory(RegionFactory, case=factory.SelfAttribute("..case"))
    destination = factory.SubFactory(RegionFactory, case=factory.SelfAttribute("..case"))
    sector = factory.SubFactory(SectorFactory, case=factory.SelfAttribute("..case"))
    value_usd = 1e6


class CrossingFlowFactory(DjangoModelFactory):
    class Meta:
        model = models.CrossingFlow

    case = factory.SubFactory(CaseFactory)
    origin = factory.SubFactory(RegionFactory, case=factory.SelfAttribute("..case"))
    destination = factory.SubFactory(RegionFactory, case=factory.SelfAttribute("..case"))
    crossing = None
    mode = "truck"
    value_usd = 1e6


class TariffFactory(DjangoModelFactory):
    class Meta:
        model = models.Tariff

    origin = factory.SubFactory(RegionFactory)
    destination = factory.SubFactory(RegionFactory)
    sector = factory.SubFactory(SectorFactory)
    rate = 0.1


class ImportBatchFactory(DjangoModelFactory):
    class Meta:
        model = models.ImportBatch

    case = factory.SubFactory(CaseFactory)
    label = "files"
    digest = "0" * 64
