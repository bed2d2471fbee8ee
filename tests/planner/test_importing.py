"""Plans come in with a case folder: every fault at once with its place, and nothing stored by half."""

import datetime

import pytest

from planner.models import Channel, Cost, Intervention, ParameterSet
from planner.services import run_start
from regions.importing.case_tables import registered_case_tables
from regions.importing.journal import FACT_MODELS, image
from regions.importing.loader import import_case, read_folder
from regions.importing.problems import ImportRefused
from regions.importing.undo import UndoRefused, undo_import
from regions.models import Case
from tests.factories.plans import (
    CHANNELS,
    COSTS,
    INTERVENTIONS,
    PARAMETERS,
    import_plans,
    with_vehicles,
    write_plans,
)
from tests.factories.runs import FEW

pytestmark = pytest.mark.django_db


def faults(folder, **changes):
    with pytest.raises(ImportRefused) as refusal:
        read_folder(write_plans(folder, **changes))
    return {(fault.file, fault.row, fault.column, fault.kind) for fault in refusal.value.problems.errors}


def edited(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in the file"
    return text.replace(old, new)


def test_rows_are_stored(case):
    booths = Intervention.objects.get(case=case, slug="more-booths")
    channel = booths.channels.get()
    assert (channel.type, channel.crossing, channel.direction) == ("wait_minutes", "0901", "US")
    assert (channel.low, channel.central, channel.high, channel.grade) == (-8, -5, -2, "D")
    assert sum(cost.amount_musd for cost in booths.costs.all()) == 41.5
    assert {(cost.currency, cost.price_year) for cost in booths.costs.all()} == {("USD", 2023)}
    assert booths.batch.case == case
    chosen = ParameterSet.objects.get(case=case, is_default=True)
    assert (chosen.name, chosen.as_of) == ("imported", datetime.date(2014, 1, 1))
    assert chosen.parameters.get(key="theta").central == 5


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"channels": edited(CHANNELS, "more-booths,wait", "no-booths,wait")}, ("channels.csv", 2, "intervention", "unknown_intervention")),
        ({"channels": edited(CHANNELS, ",0901,US", ",9999,US")}, ("channels.csv", 2, "crossing", "unknown_crossing")),
        ({"channels": edited(CHANNELS, ",0901,US", ",0901;*,US")}, ("channels.csv", 2, "crossing", "unknown_crossing")),
        ({"channels": edited(CHANNELS, ",0901,US", ",,US")}, ("channels.csv", 2, "crossing", "missing_target")),
        ({"channels": edited(CHANNELS, ",0901,US", ",0901,MX")}, ("channels.csv", 2, "direction", "unknown_direction")),
        ({"channels": edited(CHANNELS, "cars,US-MI", "boats,US-MI")}, ("channels.csv", 3, "sector", "unknown_sector")),
        ({"channels": edited(CHANNELS, "cars,US-MI", "cars,US-OH")}, ("channels.csv", 3, "place", "unknown_place")),
        ({"channels": edited(CHANNELS, "cars,US-MI", "cars,")}, ("channels.csv", 3, "place", "missing_target")),
        ({"channels": edited(CHANNELS, "CA,US-MI", "MX,US-MI")}, ("channels.csv", 4, "origin", "unknown_origin")),
        ({"channels": edited(CHANNELS, ",US-MI,,,0.01", ",US-MI,,CA,0.01")}, ("channels.csv", 4, "place", "wrong_target")),
        ({"channels": edited(CHANNELS, "minutes,Assumption", "hours,Assumption")}, ("channels.csv", 2, "unit", "wrong_unit")),
        ({"channels": edited(CHANNELS, "wait_minutes", "wait_years")}, ("channels.csv", 2, "channel", "unknown_choice")),
        ({"channels": edited(CHANNELS, "-8,-5,-2", "-4,-5,-2")}, ("channels.csv", 2, "low", "not_ordered")),
        ({"channels": edited(CHANNELS, "-8,-5,-2", "-8,-5,-6")}, ("channels.csv", 2, "high", "not_ordered")),
        ({"channels": edited(CHANNELS, "-8,-5,-2", "-8,nan,-2")}, ("channels.csv", 2, "central", "not_finite")),
        ({"channels": edited(CHANNELS, "minutes,Assumption", "minutes,")}, ("channels.csv", 2, "source", "missing_value")),
        ({"channels": edited(CHANNELS, "Statute,B", "Statute,E")}, ("channels.csv", 5, "grade", "unknown_choice")),
        ({"channels": "\n".join(line for line in CHANNELS.splitlines() if "tariff," not in line)}, ("interventions.csv", 5, "id", "no_channel")),
        ({"channels": with_vehicles(CHANNELS, more_booths="bus")}, ("channels.csv", 2, "vehicle", "unknown_choice")),
        ({"channels": with_vehicles(CHANNELS, more_booths="rail")}, ("channels.csv", 2, "vehicle", "unknown_vehicle")),
        ({"channels": with_vehicles(CHANNELS, tariff="car")}, ("channels.csv", 5, "vehicle", "wrong_target")),
        ({"costs": edited(COSTS, "40,USD", "40,CAD")}, ("costs.csv", 2, "currency", "mixed_currency")),
        ({"costs": edited(COSTS, "1.5,USD,2023", "1.5,USD,2020")}, ("costs.csv", 3, "price_year", "mixed_price_year")),
        ({"costs": edited(COSTS, "exporters,2026", "importers,2026")}, ("costs.csv", 4, "intervention", "unknown_intervention")),
        ({"interventions": edited(INTERVENTIONS, ",restrictive,Ten", ",punitive,Ten")}, ("interventions.csv", 5, "kind", "unknown_choice")),
        ({"interventions": edited(INTERVENTIONS, "Congress,,,", "Congress,,long_run,")}, ("interventions.csv", 5, "closures", "unknown_closure")),
        ({"parameters": edited(PARAMETERS, "theta,,", "zeta,,")}, ("parameters.csv", 2, "key", "unknown_parameter")),
        ({"parameters": edited(PARAMETERS, "4,5,6", "-4,5,6")}, ("parameters.csv", 2, "low", "out_of_range")),
        ({"parameters": edited(PARAMETERS, "theta,,", "theta,boats,")}, ("parameters.csv", 2, "sector", "unknown_sector")),
    ],
)  # fmt: skip
def test_a_fault_names_its_place(tmp_path, changes, place):
    assert place in faults(tmp_path / "small-2023", **changes)


def test_all_faults_come_at_once_and_nothing_is_stored(tmp_path):
    found = faults(
        tmp_path / "small-2023",
        channels=edited(CHANNELS, ",0901,US", ",9999,US"),
        costs=edited(COSTS, "40,USD", "40,CAD"),
        parameters=edited(PARAMETERS, "4,5,6", "7,5,6"),
    )
    assert {file for file, *_ in found} == {"channels.csv", "costs.csv", "parameters.csv"}
    assert not Case.objects.exists()
    assert not Intervention.objects.exists()


def test_one_fault_is_not_blamed_on_other_rows(tmp_path):
    """The tariff's row cannot be read; its channel and the costs are right and stay unmentioned."""
    found = faults(tmp_path / "small-2023", interventions=edited(INTERVENTIONS, ",restrictive,Ten", ",punitive,Ten"))
    assert found == {("interventions.csv", 5, "kind", "unknown_choice")}


def test_a_row_twice_is_refused(tmp_path):
    line = CHANNELS.splitlines()[1]
    assert (
        "channels.csv",
        7,
        "intervention+channel+crossing+direction+origin+destination+sector+place+vehicle",
        "duplicate_key",
    ) in faults(tmp_path / "small-2023", channels=f"{CHANNELS}{line}\n")


def test_copied_values_are_refused(tmp_path):
    copy = "copied,Other name,facilitation,The same again.,idea,,,,2026,Plan,,\n"
    found = faults(
        tmp_path / "small-2023",
        interventions=INTERVENTIONS + copy,
        channels=CHANNELS + CHANNELS.splitlines()[1].replace("more-booths", "copied") + "\n",
    )
    assert ("interventions.csv", 7, "id", "copied_values") in found


def test_without_parameters_the_documented_defaults_are_used(tmp_path):
    result = import_case(write_plans(tmp_path / "small-2023", parameters=None))
    assert any(fault.kind == "defaults_used" for fault in result.problems.warnings)
    chosen = ParameterSet.objects.get(is_default=True)
    assert chosen.name == "engine defaults"
    assert chosen.parameters.get(key="theta", sector="").central == 5


def test_a_second_import_updates_by_id(case, tmp_path):
    before = {row.slug: row.pk for row in Intervention.objects.filter(case=case)}
    Intervention.objects.create(case=case, slug="by-hand", name="By hand", kind="capacity")
    changed = "\n".join(line for line in INTERVENTIONS.splitlines() if not line.startswith("visitors,")) + "\n"
    folder = write_plans(
        tmp_path / "again" / "small-2023",
        interventions=changed.replace("More booths at", "Three booths at"),
        channels="\n".join(line for line in CHANNELS.splitlines() if not line.startswith("visitors,")) + "\n",
    )
    import_case(folder, replace=True)
    after = {row.slug: row.pk for row in Intervention.objects.filter(case=case)}
    assert set(after) == set(before) - {"visitors"} | {"by-hand"}
    assert after["more-booths"] == before["more-booths"]
    booths = Intervention.objects.get(pk=after["more-booths"])
    assert booths.name.startswith("Three booths")
    assert (booths.history.count(), booths.version) == (2, 2)
    untouched = Intervention.objects.get(pk=after["tariff"])
    assert (untouched.history.count(), untouched.version, untouched.batch) == (1, 1, booths.batch)
    assert Channel.objects.filter(intervention=booths).count() == 1
    assert Cost.objects.filter(intervention=booths).count() == 2


def test_a_set_chosen_as_default_stays_so(case, tmp_path):
    ParameterSet.objects.filter(case=case).update(is_default=False)
    mine = ParameterSet.objects.create(
        case=case, name="mine", as_of=datetime.date(2026, 1, 1), source="estimated here", is_default=True
    )
    import_case(
        write_plans(tmp_path / "again" / "small-2023", parameters=PARAMETERS.replace("4,5,6", "3,5,6")), replace=True
    )
    assert ParameterSet.objects.get(case=case, is_default=True) == mine
    assert ParameterSet.objects.get(case=case, name="imported").parameters.get(key="theta").low == 3


def test_import_helper_reads_what_it_writes(tmp_path):
    assert import_plans(tmp_path / "small-2023").interventions.count() == 5


def test_undoing_an_import_puts_plans_back_too(case, tmp_path):
    further = [model for loader in registered_case_tables() for model in loader.models]

    def pictures():
        return {model.__name__: image(model, case) for model in (*FACT_MODELS, *further)}

    before = pictures()
    changed = write_plans(
        tmp_path / "changed",
        channels=edited(CHANNELS, "-8,-5,-2", "-9,-6,-3"),
        costs=edited(COSTS, "40,USD", "55,USD"),
        parameters=edited(PARAMETERS, "4,5,6", "5,6,7"),
    )
    batch = import_case(changed, name=case.name, replace=True).batch
    assert Channel.objects.filter(central=-6).exists()
    assert pictures() != before
    undo_import(batch.pk)
    assert pictures() == before


def test_what_a_run_used_is_not_taken_back(case):
    batch = case.batches.get()
    run_start(case, settings=FEW)
    with pytest.raises(UndoRefused, match="use what it brought"):
        undo_import(batch.pk)
    assert Case.objects.filter(pk=case.pk).exists()
