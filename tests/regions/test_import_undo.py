"""Undoing an import puts back exactly what was there before, or says why it cannot."""

import json

import pytest
from django.apps import apps

from regions.access import case_path
from regions.importing import restore
from regions.importing.case_tables import registered_case_tables
from regions.importing.journal import FACT_MODELS, image
from regions.importing.loader import import_case
from regions.importing.undo import UndoRefused, undo_import
from regions.models import Case, Delay, ImportBatch, ImportChange, Region, Tariff
from tests.factories import regions as make
from tests.regions.case_files import edited, write_case

pytestmark = pytest.mark.django_db


def pictures(case):
    """Every row of a case in every table that imports write."""
    further = [model for loader in registered_case_tables() for model in loader.models]
    return {model.__name__: image(model, case) for model in (*FACT_MODELS, *further)}


def everything():
    """The number of rows of every table, but for the record of imports and the history of objects."""
    left_out = ("ImportBatch", "ImportChange")
    return {
        model.__name__: model._default_manager.count()
        for model in (*apps.get_app_config("regions").get_models(), *apps.get_app_config("planner").get_models())
        if model.__name__ not in left_out and not model.__name__.startswith("Historical")
    }


@pytest.fixture
def folder(tmp_path):
    return write_case(tmp_path / "small-2023")


def test_every_table_that_comes_with_imports_is_kept():
    """A new table of facts must be added to the journal, or undoing would leave its rows behind."""
    of_cases = {
        model
        for model in apps.get_app_config("regions").get_models()
        if any(one.name == "batch" for one in model._meta.fields) and case_path(model) is not None
    }
    assert {one for one in of_cases if not hasattr(one, "history_type")} <= set(FACT_MODELS)
    further = {model for loader in registered_case_tables() for model in loader.models}
    of_plans = {
        model
        for model in apps.get_app_config("planner").get_models()
        if any(one.name == "batch" for one in model._meta.fields) and not hasattr(model, "history_type")
    }
    assert of_plans <= further


def test_a_new_case_goes_whole(folder):
    before = everything()
    batch = import_case(folder).batch
    assert everything() != before
    undone = undo_import(batch.pk)
    assert everything() == before
    assert undone.rows == sum(change.count for change in ImportChange.objects.all())
    batch.refresh_from_db()
    assert (batch.status, batch.case) == ("undone", None)
    assert import_case(folder).outcome == "loaded"


def test_a_replaced_case_is_as_it_was(folder, tmp_path):
    first = import_case(folder).batch
    case = first.case
    wait = Delay.objects.get(statistic="mean")
    before = pictures(case)
    changes = {
        **edited("regions", "Ontario,CA,829476.9", "Ontario (new),CA,900000"),
        **edited("delays", "0901,US,truck,2023-01-01,2023-12-31,mean,12.1,GPS,2000,B,Survey\n", ""),
        **edited("economies", "CA,Canada,CAD\n", "CA,Canada,CAD\nMX,Mexico,MXN\n"),
        **edited("outlines", "[-83, 47]", "[-83, 46]"),
    }
    second = import_case(write_case(tmp_path / "other", **changes), name="small-2023", replace=True).batch
    assert pictures(case) != before
    undone = undo_import(second.pk)
    assert pictures(case) == before
    assert [batch.pk for batch in undone.restored] == [first.pk]
    first.refresh_from_db()
    assert first.status == ImportBatch.Status.LOADED
    # The object is the same one, and its history tells what happened.
    assert Delay.objects.get(statistic="mean").pk == wait.pk
    assert [record.history_type for record in Delay.history.filter(id=wait.pk).order_by("history_id")] == [
        "+",
        "-",
        "+",
    ]
    ontario = Region.objects.get(code="CA-ON")
    assert ontario.version == 3
    assert "import undone" in ontario.history.first().history_change_reason
    assert import_case(folder).outcome == "unchanged"


def test_a_row_changed_by_hand_stays(folder):
    batch = import_case(folder).batch
    tariff = Tariff.objects.get()
    Tariff.objects.update(rate=0.5)
    before = pictures(batch.case)
    with pytest.raises(UndoRefused, match=r"tariffs, .* changed by hand since"):
        undo_import(batch.pk)
    assert pictures(batch.case) == before
    Tariff.objects.update(rate=tariff.rate)
    undo_import(batch.pk)
    assert not Case.objects.exists()


def test_what_others_use_stays(folder):
    batch = import_case(folder).batch
    make.DelayFactory(crossing=batch.case.crossings.get(code="3802"), direction=batch.case.economies.get(code="US"))
    with pytest.raises(UndoRefused, match="waits use what it brought"):
        undo_import(batch.pk)
    assert Case.objects.filter(pk=batch.case_id).exists()


def test_later_imports_are_undone_first(folder, tmp_path):
    first = import_case(folder).batch
    second = import_case(
        write_case(tmp_path / "other", **edited("tariffs", "0.05", "0.07")), name="small-2023", replace=True
    ).batch
    with pytest.raises(UndoRefused, match=f"replaced by batch {second.pk}"):
        undo_import(first.pk)
    undo_import(second.pk)
    assert Tariff.objects.get().rate == 0.05
    undo_import(first.pk)
    assert not Case.objects.exists()


def test_imports_from_before_changes_were_kept(folder):
    batch = import_case(folder).batch
    ImportChange.objects.all().delete()
    with pytest.raises(UndoRefused, match="before changes were kept"):
        undo_import(batch.pk)


def test_a_failure_while_undoing_changes_nothing(folder, monkeypatch):
    batch = import_case(folder).batch
    before = pictures(batch.case)

    def fail(*arguments):
        raise OSError("the disk is full")

    monkeypatch.setattr(restore, "refuse_users", fail)
    with pytest.raises(OSError, match="full"):
        undo_import(batch.pk)
    assert json.dumps(pictures(batch.case), default=str) == json.dumps(before, default=str)
    batch.refresh_from_db()
    assert batch.status == ImportBatch.Status.LOADED
