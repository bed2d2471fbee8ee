"""The official TransBorder files of 2021 as published: months sum to the year, and the three tables agree."""

import pytest
from django.db.models import Sum

from regions.importing.transborder_loader import import_transborder
from regions.models import TransBorderFlow

pytestmark = [pytest.mark.django_db, pytest.mark.published]

CELL = ("trade_type", "us_state", "port", "mode", "mexican_state", "canadian_province", "country")


@pytest.fixture
def folder(reference_data):
    return reference_data / "transborder-2021"


def cells(*fields, **filters):
    rows = TransBorderFlow.objects.filter(**filters).values_list(*fields).annotate(total=Sum("value_usd"))
    return {row[:-1]: row[-1] for row in rows}


def test_twelve_months_sum_to_the_annual_file_in_every_cell(folder):
    months = import_transborder([folder / f"dot1_{month:02d}21.csv.gz" for month in range(1, 13)])
    (annual,) = import_transborder([folder / "dot1_2021.csv.gz"])
    assert sum(result.rows for result in months) == TransBorderFlow.objects.filter(month__gt=0).count()
    assert all(not result.quality["exact_copies_left_out"] for result in (*months, annual))
    by_year = cells(*CELL, month=0)
    assert len(by_year) == 44_162
    assert cells(*CELL, month__gt=0) == by_year


def test_the_tables_by_port_and_by_commodity_agree_in_january(folder):
    results = import_transborder([folder / f"dot{table}_0121.csv.gz" for table in (1, 2, 3)])
    assert [result.rows for result in results] == [25_968, 72_051, 16_597]
    assert {result.quality["value_usd"] for result in results} == {94_283_500_328}
    shared = ("trade_type", "mode", "country")
    assert cells(*shared, dataset="dot1") == cells(*shared, dataset="dot2") == cells(*shared, dataset="dot3")
    assert cells("us_state", dataset="dot1") == cells("us_state", dataset="dot2")
    assert cells("port", dataset="dot1") == cells("port", dataset="dot3")
    assert cells("commodity", dataset="dot2") == cells("commodity", dataset="dot3")
