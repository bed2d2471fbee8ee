"""A case in which everything that has a name has one that would harm a careless page, with a row of most models."""

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from planner.models import ImportJob, Intervention, ParameterSet, Recipient, Run, Scenario, Schedule
from planner.models.import_job import ImportPhase, ImportState
from planner.services import import_run
from planner.services.alerts import raise_alert
from planner.services.import_jobs import import_ask, import_upload
from planner.services.occurrences import occurrence_make
from planner.services.schedules import schedule_fire
from regions.models import Case, Crossing, Economy, Region, Sector
from tests.admin.browsing import PASSWORD
from tests.factories.plans import import_plans
from tests.factories.runs import finished_run

HOSTILE = "=cmd|'<b data-owned>x</b><script>document.title='owned'</script>\u202egnorw "
DUTIES = "origin,destination,sector,rate,source\nCA-ON,US-MI,food,{},Customs\n"


def hostile(model: type, field: str = "name", extra: str = "") -> None:
    """A name of every row that would harm a careless page: markup, a formula, a turn of the text, the full length."""
    length = model._meta.get_field(field).max_length
    for row in model.objects.all():
        # Without a space to break the line at.
        text = f"{HOSTILE}{row.pk}{extra}"
        model.objects.filter(pk=row.pk).update(**{field: (text + "W" * length)[:length]})


def hostile_run(folder, **choice) -> Run:
    """A finished run of such a case, asked for by the superuser root."""
    case = import_plans(folder / "small-2023")
    root = User.objects.create_superuser("root", "root@example.org", PASSWORD)
    hostile(Case, "title")
    for model in (Economy, Region, Crossing, Sector, Intervention, ParameterSet):
        hostile(model)
    # The history knows the names too.
    Intervention.objects.first().save()
    ParameterSet.objects.first().save()
    Scenario.objects.create(case=case, name=HOSTILE[:80], parameter_set=ParameterSet.objects.first())
    run = finished_run(case, requested_by=root, **choice)
    scheduled(run, root)
    for rate in ("0.02", "much"):
        imported(case, root, rate)
    import_upload([SimpleUploadedFile("=cmd <b data-owned>.csv", DUTIES.format(1).encode())], case, root)
    return run


def scheduled(run: Run, user: User) -> None:
    """A schedule that has made a report, with an alert."""
    schedule = Schedule.objects.create(
        case=run.case, name=HOSTILE[:80], run_as=user, cron="0 7 * * mon", time_zone="UTC", formats=["csv"],
        languages=["en"],
    )  # fmt: skip
    Recipient.objects.create(schedule=schedule, kind="folder", address="weekly")
    occurrence = schedule_fire(schedule, user)
    occurrence_make(occurrence.pk, timezone.now())
    raise_alert(occurrence, "undelivered", HOSTILE)


def imported(case: Case, user: User, rate: str) -> None:
    """An import after its dry run, good or refused."""
    job = import_upload([SimpleUploadedFile("duties.csv", DUTIES.format(rate).encode())], case, user)
    import_ask(job, ImportPhase.CHECK, mapping={}, options={}, format_id="tariffs")
    assert import_run(job.pk)


def import_pages(case: Case) -> dict[str, str]:
    """Each step of the wizard."""
    jobs = case_jobs(case)
    assert set(jobs) == {ImportState.UPLOADED, ImportState.CHECKED, ImportState.REFUSED}
    return {f"import-{state}": reverse("admin:planner_importjob_change", args=[pk]) for state, pk in jobs.items()}


def case_jobs(case: Case) -> dict[str, int]:
    return dict(ImportJob.objects.filter(case=case).values_list("state", "pk"))
