"""The small case with its plans, in the database."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from planner.models import Alert, Delivery, Occurrence, ReportFile, Run, Scenario, Schedule
from regions.models import Case
from tests.factories.plans import import_plans
from tests.factories.regions import WaitCellFactory
from tests.factories.runs import finished_run


@pytest.fixture
def case(db, tmp_path) -> Case:
    """Three places, two crossings, five interventions; one of them without meaning under flexible wages."""
    return import_plans(tmp_path / "small-2023")


@pytest.fixture
def cases(case, tmp_path) -> dict[str, Case]:
    """Two equal cases with a finished run each; the second is the foreign one."""
    from regions.importing.loader import import_case

    import_case(tmp_path / "small-2023", name="foreign")
    both = {"own": case, "foreign": Case.objects.get(name="foreign")}
    for one in both.values():
        WaitCellFactory(crossing=one.crossings.first())
        Scenario.objects.create(case=one, name="usual", parameter_set=one.parameter_sets.get())
        run = finished_run(one, slugs=["exporters", "tariff"], analyses=["diagnosis", "minute_values", "portfolio"])
        reported(one, run)
    return both


def reported(case: Case, run: Run) -> None:
    """A schedule that made a report of the run, with a file, a delivery that was given up, and an alert."""
    root, _ = User.objects.get_or_create(username="owner", is_superuser=True)
    schedule = Schedule.objects.create(case=case, name="weekly", run_as=root, cron="0 7 * * mon", formats=["csv"])
    now = timezone.now()
    occurrence = Occurrence.objects.create(schedule=schedule, due_at=now, state="made", run=run, finished_at=now)
    text = case.name.encode()
    ReportFile.objects.create(
        occurrence=occurrence, name="x.csv", format="csv", language="en", size=len(text), content=text, expires_at=now
    )
    Delivery.objects.create(occurrence=occurrence, kind="folder", address="x", state="dead")
    Alert.objects.create(schedule=schedule, occurrence=occurrence, kind="undelivered", message="x")
