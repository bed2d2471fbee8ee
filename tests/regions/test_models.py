"""Constraints hold in the database itself, whatever the form or the importer does."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import ProtectedError

from regions.models import Crossing, CrossingFlow, Delay, ImportBatch, Region, SectorFlow
from tests.factories import regions as make

pytestmark = pytest.mark.django_db


def refused(build, **values):
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        build(**values)


@pytest.mark.parametrize(
    ("factory", "values"),
    [
        (make.CaseFactory, {"year": 23}),
        (make.CaseFactory, {"name": ""}),
        (make.EconomyFactory, {"code": ""}),
        (make.RegionFactory, {"kind": "inland"}),
        (make.RegionFactory, {"gdp_musd": 0}),
        (make.RegionFactory, {"gdp_musd": -5}),
        (make.RegionFactory, {"gdp_musd": float("nan")}),
        (make.RegionFactory, {"gdp_musd": float("inf")}),
        (make.RegionFactory, {"population": 0}),
        (make.RegionFactory, {"point": None}),
        (make.SectorFactory, {"kind": "wares"}),
        (make.SectorFactory, {"theta": -5}),
        (make.CrossingFactory, {"code": "OTHER"}),
        (make.CrossingFactory, {"months_reported": 13}),
        (make.CrossingFactory, {"opens_hour": 25}),
        (make.CrossingFactory, {"closes_hour": -1}),
        (make.CrossingFactory, {"trucks_inbound": -1}),
        (make.CrossingAttributeFactory, {"grade": "E"}),
        (make.SectorFlowFactory, {"value_usd": -1}),
        (make.SectorFlowFactory, {"value_usd": float("nan")}),
        (make.CrossingFlowFactory, {"value_usd": -1}),
        (make.CrossingFlowFactory, {"mode": "sledge"}),
        (make.DelayFactory, {"minutes": -1}),
        (make.DelayFactory, {"minutes": float("nan")}),
        (make.DelayFactory, {"statistic": "mode"}),
        (make.DelayFactory, {"vehicle_class": "horse"}),
        (make.DelayFactory, {"quality": "E"}),
        (make.DelayFactory, {"period_end": datetime.date(2022, 12, 31)}),
        (make.TariffFactory, {"rate": -0.1}),
        (make.ImportBatchFactory, {"status": "lost"}),
    ],
)
def test_values_out_of_range_are_refused(factory, values):
    refused(factory, **values)


def test_codes_are_unique_within_a_case_only():
    region = make.RegionFactory(code="US-MI")
    refused(make.RegionFactory, case=region.case, economy=region.economy, code="US-MI")
    make.RegionFactory(code="US-MI")
    assert Region.objects.filter(code="US-MI").count() == 2
    crossing = make.CrossingFactory(code="0901")
    refused(make.CrossingFactory, case=crossing.case, code="0901")
    sector = make.SectorFactory(code="food")
    refused(make.SectorFactory, case=sector.case, code="food")
    refused(make.CaseFactory, name=region.case.name)


def test_two_crossings_may_have_the_same_name():
    crossing = make.CrossingFactory(code="0103", name="Eastport")
    make.CrossingFactory(case=crossing.case, code="3302", name="Eastport")
    assert Crossing.objects.filter(name="Eastport").count() == 2


def test_crossing_joins_two_different_regions():
    region = make.RegionFactory()
    refused(make.CrossingFactory, case=region.case, region_a=region, region_b=region)


def test_flows_are_unique_also_where_the_crossing_is_unknown():
    flow = make.CrossingFlowFactory()
    same = {"case": flow.case, "origin": flow.origin, "destination": flow.destination}
    refused(make.CrossingFlowFactory, **same, mode="truck")
    make.CrossingFlowFactory(**same, mode="rail")
    crossing = make.CrossingFactory(case=flow.case)
    make.CrossingFlowFactory(**same, mode="truck", crossing=crossing)
    refused(make.CrossingFlowFactory, **same, mode="truck", crossing=crossing)
    assert CrossingFlow.objects.known_crossing().count() == 1
    by_sector = make.SectorFlowFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        SectorFlow.objects.create(
            case=by_sector.case,
            origin=by_sector.origin,
            destination=by_sector.destination,
            sector=by_sector.sector,
            value_usd=5,
        )


def test_one_measurement_is_stored_once():
    delay = make.DelayFactory(method="GPS")
    refused(make.DelayFactory, crossing=delay.crossing, method="GPS")
    make.DelayFactory(crossing=delay.crossing, method="GPS", statistic="median")


@pytest.mark.parametrize("name", ["economy", "case", "batch"])
def test_what_is_used_cannot_be_deleted(name):
    batch = make.ImportBatchFactory()
    region = make.RegionFactory(case=batch.case, batch=batch)
    with pytest.raises(ProtectedError):
        getattr(region, name).delete()


def test_places_sectors_and_crossings_with_data_cannot_be_deleted():
    by_sector, wait = make.SectorFlowFactory(), make.DelayFactory()
    for needed in (by_sector.origin, by_sector.destination, by_sector.sector, wait.crossing, wait.crossing.region_a):
        with pytest.raises(ProtectedError):
            needed.delete()


def test_validation_refuses_what_belongs_to_another_case():
    other = make.EconomyFactory()
    with pytest.raises(ValidationError, match="economy of the same case"):
        make.RegionFactory.build(case=make.CaseFactory(), economy=other).clean()
    crossing = make.CrossingFactory()
    crossing.region_b.economy = crossing.region_a.economy
    with pytest.raises(ValidationError, match="another economy"):
        crossing.clean()
    wait = make.DelayFactory()
    wait.direction = make.EconomyFactory(case=wait.crossing.case)
    with pytest.raises(ValidationError, match="two economies that the crossing joins"):
        wait.clean()
    flow = make.SectorFlowFactory()
    flow.origin = make.RegionFactory()
    with pytest.raises(ValidationError, match="place of the same case"):
        flow.clean()


def test_edits_are_kept_in_the_history():
    region = make.RegionFactory(name="Old")
    region.name = "New"
    region.save()
    assert list(region.history.values_list("name", "history_type")) == [("New", "~"), ("Old", "+")]


def test_filters():
    crossing = make.CrossingFactory(trucks_inbound=5)
    make.CrossingFactory(case=crossing.case)
    assert Crossing.objects.with_trucks().get() == crossing
    assert Crossing.objects.joining(crossing.region_b).get() == crossing
    make.RegionFactory(kind="hinterland")
    assert Region.objects.hinterlands().count() == 1
    assert Region.objects.border().count() == 4
    assert Region.objects.with_outline().count() == 0
    make.DelayFactory(statistic="p95")
    make.DelayFactory(vehicle_class="car")
    wanted = make.DelayFactory(statistic="median")
    assert Delay.objects.levels("truck").get() == wanted


def test_texts():
    crossing = make.CrossingFactory(code="0901", name="Old Bridge")
    assert str(crossing) == "0901 Old Bridge"
    assert str(make.SectorFactory(code="food", name="Food")) == "food Food"
    assert str(make.EconomyFactory(code="CA", name="Canada")) == "CA Canada"
    assert str(make.EconomyFactory(code="MX", name="MX")) == "MX"
    assert str(make.ImportBatchFactory(label="x")) == f"x #{ImportBatch.objects.get().pk}"
    assert "OTHER" in str(make.CrossingFlowFactory())
